"""Step 08: classic Users as profiles, dry until a button is pressed."""

from __future__ import annotations

from ...errors import BridgeError
from ...onboarding.benefits.known_customers import KnownCustomers, known_customers
from ...onboarding.benefits.look import SAMPLE, benefits
from ...onboarding.benefits.mapping import parse
from ...onboarding.benefits.upgrade import Upgrade, make_customers
from ...words import counted, sentence
from ..toolkit.confirm import Question
from ..toolkit.connection import Connection
from ..toolkit.service import ServicePanel
from ..toolkit.widgets import Field, HtmlView, column, row, show
from . import views


class KnowCustomers(ServicePanel):
    """
    The mapping, the table, and two buttons that write.

    Attributes:
        table: The Users as they would become profiles, or did; None before it was read.
        upgraded: What became of unknown participants; None before it was looked at.
    """

    name = "Known customers"
    command = "bridge-workbook benefits --service-sid IS… --known-customers"
    lead = "The classic Users as they would become profiles. Nothing is written until you say so."

    def __init__(self, connection: Connection, service_sid: str = "") -> None:
        super().__init__(service_sid)
        self.table: KnownCustomers | None = None
        self.upgraded: tuple[Upgrade, ...] | None = None
        self.mapping = Field(
            "Mapping",
            lines=4,
            help="source -> Group.trait; sources are identity, friendly_name and attributes.NAME. "
            "The line not agent.* leaves out identities like agent.ann. Empty: three lines that "
            "fit the store.",
        )
        self.go = self.button("Show the table", self.press, "primary")
        self.create = self.button("Create profiles", self.ask_to_create)
        self.search = self.button("Look for participants to make CUSTOMER", self.look)
        self.make = self.button("Make them CUSTOMER", self.ask_to_make)
        self.question = Question(self)
        self.controls.children = [row(column(self.service, style="bw-short"), self.mapping)]
        self.actions.children = [self.go, self.create, self.search, self.make, self.stop]
        self.shown = HtmlView()
        self.on_change(self.mapping, self._edited)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def lost(self) -> None:
        """Remove contents, result and mapping."""
        with self.filling():
            self.mapping.value = self.mapping.error = ""
        super().lost()

    def press(self) -> None:
        """Read the Users and look everybody up."""
        self._run(apply=False, words="Reading the classic Users.")

    def ask_to_create(self) -> None:
        """Say how many profiles would be made, and wait for the second press."""
        table = self.table
        if table is None:
            return
        count = table.counted("new", "joins")
        self.question.ask(
            f"This writes {counted(count, 'profile')} into memory store {table.store_id}. From "
            "then on memory keeps what these customers say.",
            f"Yes, create {counted(count, 'profile')}",
            lambda: self._run(apply=True, words="Making profiles."),
        )

    def look(self) -> None:
        """Look for unknown participants who have a profile; nothing is written."""
        self._upgrade(apply=False)

    def ask_to_make(self) -> None:
        """Say what would be written, and wait for the second press."""
        count = self._could_be
        self.question.ask(
            f"This makes {counted(count, 'participant')} of open conversations CUSTOMER, each with "
            "the profile that is shown.",
            "Yes, make them CUSTOMER",
            lambda: self._upgrade(apply=True),
        )

    def refresh(self) -> None:
        """Enable what can be used now."""
        reason = self._unbridged()
        idle = reason or ("answer below first" if self.question.asked else "")
        self.go.allow(reason or ("correct the mapping" if self.mapping.error else ""))
        self.search.allow(idle)
        to_send = self.table.counted("new", "joins") if self.table else 0
        self.create.allow(idle or ("" if to_send else "show the table first"))
        show(self.create, self.table is not None)
        self.create.label = (
            f"Create {counted(to_send, 'profile')}" if to_send else "Create profiles"
        )
        self.make.allow(idle)
        show(self.make, bool(self._could_be))
        for control in (self.service, self.mapping):
            control.disabled = self.busy

    # ------------------------------------------------------------------ the worker

    def _edited(self) -> None:
        """The mapping was changed: what is shown is of another one."""
        self.mapping.error = ""
        if self.mapping.value.strip():
            try:
                parse(self.mapping.value)
            except BridgeError as error:
                self.mapping.error = getattr(error, "rule", error.what)
        self._forget()
        self.refresh()

    def _forget(self) -> None:
        self.table = self.upgraded = None
        self.question.withdraw()
        self.result.children = []

    def _show_service(self) -> None:
        reason = self._unbridged()
        if reason:
            self.enter("attention", sentence(reason))
        else:
            self.enter("ready", "Nothing was read yet.")

    def _run(self, *, apply: bool, words: str) -> None:
        session, service_sid = self.session, self.service.value
        mapping = self.mapping.value.strip()
        if session is None:
            return
        self.start(
            lambda: known_customers(
                session,
                service_sid,
                mapping=mapping,
                apply=apply,
                on_progress=self.progress,
                cancel=self.cancel,
            ),
            self._show,
            words,
            cancellable="Stop",
        )

    def _show(self, table: KnownCustomers) -> None:
        self.table = table
        with self.filling():
            self.mapping.value = table.mapping
        self.shown.value = views.users(table)
        self.result.children = [self.question.widget, self.shown]
        if table.applied:
            self.enter("attention" if table.pending else "done", table.summary)
        else:
            self.enter("ready", f"{table.summary} Nothing was written.")

    def _upgrade(self, *, apply: bool) -> None:
        session, service_sid = self.session, self.service.value
        if session is None:
            return

        def work() -> tuple[Upgrade, ...]:
            found = benefits(
                session,
                service_sid,
                sample=SAMPLE,
                on_progress=self.progress,
                cancel=self.cancel,
            )
            return make_customers(
                session, found.sample, apply=apply, on_progress=self.progress, cancel=self.cancel
            )

        self.start(
            work, self._show_upgrades, "Looking at recent conversations.", cancellable="Stop"
        )

    def _show_upgrades(self, done: tuple[Upgrade, ...]) -> None:
        self.upgraded = done
        self.shown.value = views.upgrades(done)
        self.result.children = [self.question.widget, self.shown]
        made = sum(one.state == "made" for one in done)
        if made:
            self.enter("done", f"{counted(made, 'participant')} made CUSTOMER.")
        elif self._could_be:
            self.enter("ready", f"{counted(self._could_be, 'participant')} could be CUSTOMER.")
        else:
            self.enter("done", "No unknown participant of an open conversation has a profile.")

    @property
    def _could_be(self) -> int:
        return sum(one.state == "could be" for one in self.upgraded or ())
