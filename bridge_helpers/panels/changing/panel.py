"""Step 07: what is configured now, and every way to change it, to go back, or to take it away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import MappingProxyType

from ...api.session import Session
from ...onboarding.change import Applied, Proposal, carry_out, propose_unfinished
from ...onboarding.change.actions import propose_action
from ...onboarding.change.differences import would_change
from ...onboarding.change.stand import Stand, stand_of, with_journal
from ...onboarding.journal import Journal, Scope
from ...words import counted, sentence
from ..creating.switches import SWITCHES
from ..toolkit import text
from ..toolkit.confirm import ConfirmName, Question
from ..toolkit.connection import Connection
from ..toolkit.fold import Folds
from ..toolkit.service import ServicePanel
from ..toolkit.widgets import Choice, HtmlView, Picker, column, row, show
from . import views
from .form import ChangeForm
from .open_list import OpenList
from .views import ACTIONS, BUTTONS, DESTRUCTIVE


class ChangeOrRollBack(ServicePanel):
    """
    What exists now; what is to be done; what that would change and for whom; the button.

    Attributes:
        stand: How the chosen service stands, as it was read last.
        proposal: What was looked at and is not written yet.
        applied: What was written last.
    """

    name = "Change or roll back"
    command = (
        "bridge-workbook change --service-sid IS… --display-name … --apply "
        "(and snapshots, restore, disconnect, delete)"
    )
    lead = (
        "What is configured now, and every way to change it or to go back. Looking writes nothing."
    )
    reads = MappingProxyType({"intelligence": True})

    def __init__(self, connection: Connection, service_sid: str = "") -> None:
        super().__init__(service_sid)
        self.stand = Stand()
        self.proposal: Proposal | None = None
        self.applied: Applied | None = None
        self.now = HtmlView()
        self.unfinished = HtmlView(live=True)
        self.resume = self.button("Resume", self.press_resume, "primary")
        self.action = Choice("What to do", options=ACTIONS, value="change", arrangement="row")
        self.form = ChangeForm(self, self._edited)
        self.snapshot = Picker("Snapshot", empty="Nothing was changed from here, so none was kept.")
        self.consequences = HtmlView(live=True)
        self.confirm = ConfirmName(self, submit=self.press)
        self.question = Question(self)
        self.look_button = self.button("Look at the difference", self.look)
        self.go = self.button("Apply", self.press, "primary")
        self.difference = HtmlView()
        self.open = OpenList(self)
        self.done = HtmlView()
        self.folds = Folds(
            self,
            {
                "Edit the description": self.form.description,
                SWITCHES: self.form.options.widget,
            },
        )
        self.reload = self.button("Read again", self.again, "link")
        # What is hidden takes no room only where all of it is.
        self.services = column(self.service, style="bw-short")
        self.snapshots = column(self.snapshot, style="bw-short")
        self.over = column(self.unfinished, self.resume)
        # Beside each other, so that the button below is in view.
        self.agreeing = row(column(self.consequences, style="bw-wide"), self.confirm.widget)
        self.controls.children = [
            row(self.services, self.now),
            self.over,
            self.action,
            self.form.widget,
            self.snapshots,
            self.agreeing,
        ]
        self.actions.children = [
            self.onward,
            self.go,
            self.look_button,
            self.stop,
            row(*self.folds.buttons, self.reload, style="bw-folds"),
        ]
        self.add_below_actions(self.question.widget, self.folds.below)
        self.on_change(self.action, self._chosen)
        self.on_change(self.snapshot, self._chosen)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def look(self) -> None:
        """Look at what would change, and at whom it concerns; reads only."""
        session, service_sid = self.session, self.service.value
        action = self.action.value
        wanted = self.form.wanted() if action == "change" else None
        if session is None or not service_sid or (action == "change" and wanted is None):
            self.refresh()
            return
        self._drop()
        self.done.value = ""
        snapshot_id = self.snapshot.value
        self.start(
            lambda: propose_action(
                session,
                service_sid,
                action,
                wanted=wanted,
                snapshot_id=snapshot_id,
                on_progress=self.progress,
                cancel=self.cancel,
            ),
            self._looked,
            "Looking at what would change.",
            cancellable="Stop looking",
        )

    def press(self) -> None:
        """Write what was looked at; on Twilio a change is asked for once more."""
        session, proposal = self.session, self.proposal
        if session is None or proposal is None or self.go.disabled:
            return
        write = partial(self._write, session, lambda: proposal, f"{self.go.label}: writing it.")
        if session.target != "twilio" or proposal.action in DESTRUCTIVE:
            write()
            return
        self.question.ask(
            text.html(
                "This writes to <strong>Twilio account {}</strong>: {} of <strong>{}</strong>.",
                text.short(session.account.sid),
                counted(len(proposal.differences), "setting"),
                proposal.display_name or proposal.configuration_id or "the configuration",
            ),
            f"Yes, {self.go.label.lower()} it",
            write,
        )

    def press_resume(self) -> None:
        """See through what an earlier run has begun; it was agreed to then."""
        session, attempt = self.session, self.stand.unfinished
        if session is None or attempt is None or self.resume.disabled:
            return
        self._drop()
        looked = partial(propose_unfinished, session, attempt)
        self._write(session, looked, f"Resuming the {attempt.kind}.")

    def refresh(self) -> None:
        """Show what belongs to the chosen action, and say why something cannot be used now."""
        action, busy = self.action.value, "working" if self.busy else ""
        here = self.stand.known
        editing = action == "change" and self.stand.bridged
        # One that was asked for and is not there has to be seen, and another one picked.
        show(self.services, len(self.service.options) != 1 or not self.service.value)
        show(self.action, here)
        show(self.form.widget, editing)
        for one in self.folds.buttons:
            show(one, editing)
        show(self.folds.below, editing and self.folds.any_open)
        show(self.snapshots, action == "restore" and here)
        show(self.go, here)
        show(self.look_button, here)
        show(self.agreeing, bool(self.confirm.name))
        unfinished = self.stand.unfinished
        show(self.over, unfinished is not None)
        show(self.resume, unfinished is not None and unfinished.kind != "create")
        self.go.label = BUTTONS[action]
        after = "primary" if self.proposal else "second"
        self.go.kind = "danger" if action in DESTRUCTIVE else after
        self.look_button.kind = "plain" if self.proposal or action in DESTRUCTIVE else "primary"
        self.look_button.label = "Look at the difference" if action == "change" else "Look again"
        self.go.allow(self._reason() or views.not_now(self.proposal) or self.confirm.reason)
        self.look_button.allow(self._reason() or self._nothing_to_look_at())
        self.resume.allow(busy)
        self.reload.allow(busy or ("" if self.session else "connect first"))
        self.open.save.allow(busy)
        for control in (self.service, self.action, self.snapshot, self.confirm.field):
            control.disabled = self.busy
        self.form.disable(self.busy)

    # ------------------------------------------------------------------ the worker

    def _chosen(self) -> None:
        """Another action or snapshot: what is taken away or restored is looked at right away."""
        self._drop()
        self.done.value = ""
        if self.stand.there is not None:
            self.now.value = views.now(self.stand.there, self.contents)
        if self.action.value == "change":
            self._edited()
        elif not self._reason() and not self._nothing_to_look_at():
            self.look()
        else:
            self._say_where_it_stands()
            self.refresh()

    def _edited(self) -> None:
        """The form was changed: what would be sent is shown, and has to be looked at anew."""
        self._drop()
        self.trouble.value = ""
        wanted, there = self.form.wanted(), self.stand.there
        if wanted is not None and there is not None:
            differ = would_change(wanted(there.members), there.members)
            self.difference.value = views.differences(
                differ, self.contents, "What you have changed"
            )
        if self.form.changed:
            self.done.value = ""
        if not self.busy:
            self._say_where_it_stands()
        self.refresh()

    def _show_service(self, then: str = "") -> None:
        """
        Read how the chosen service stands.

        Args:
            then: What was done just before; it stays in view, and nothing is looked at by itself.
        """
        session, service_sid = self.session, self.service.value
        if session is None or not service_sid:
            self._say_where_it_stands()
            self.refresh()
            return
        self.start(
            lambda: stand_of(session, service_sid),
            partial(self._stands, then),
            f"{then} Reading how it stands now." if then else "Reading how it stands.",
        )

    def _stands(self, then: str, stand: Stand) -> None:
        self.stand, there = stand, stand.there
        self.now.value = views.now(there, self.contents) if there else ""
        self.unfinished.value = views.unfinished(stand.unfinished)
        if there is not None:
            self.form.fill(there, self.contents)
        else:
            self.form.clear()
        with self.filling():
            chosen = self.snapshot.value
            self.snapshot.options = views.snapshot_options(stand.kept)
            known = [one["value"] for one in self.snapshot.options]
            newest = str(stand.newest.id) if stand.newest else ""
            self.snapshot.value = chosen if chosen in known and not then else newest
            if not stand.bridged and not then and self.action.value == "change" and known:
                self.action.value = "restore"
        self.result.children = [self.done, self.difference, self.open.widget]
        if not there and not stand.kept:
            self.offer("02_create_bridge", "Open 02 and create the bridge")
        else:
            self.offer()
        if then:
            self.enter("done", then)
        elif self.action.value != "change" and stand.known:
            self.worker.submit(self.guarded(self.look))
        else:
            self._say_where_it_stands()

    def _looked(self, proposal: Proposal) -> None:
        session = self.session
        if session is None:
            return
        self.proposal = proposal
        if proposal.there is not None:
            taking = proposal.action in DESTRUCTIVE
            self.now.value = views.now(proposal.there, self.contents, briefly=taking)
        self.difference.value = views.proposed(proposal, self.contents, session)
        self.open.show(proposal.open, proposal.service_sid)
        if proposal.action in DESTRUCTIVE and not proposal.nothing_to_do:
            self.consequences.value = views.consequences(proposal, self.contents)
            self.confirm.name = proposal.name_to_confirm
        self._say_where_it_stands()

    def _write(self, session: Session, proposal: Callable[[], Proposal], words: str) -> None:
        self.start(
            lambda: carry_out(session, proposal(), on_progress=self.progress, cancel=self.cancel),
            partial(self._done, session),
            words,
            failed=lambda _: self._look_at_journal(),
            cancellable="Cancel waiting",
        )

    def _done(self, session: Session, applied: Applied) -> None:
        words = views.done_in_words(applied)
        service_sid = applied.proposal.service_sid
        if applied.outcome != "unchanged":
            Journal().record(Scope.of(session, service_sid), "change", "done", words)
        self._drop()
        self.folds.open("")
        self.applied = applied
        self.done.value = views.result(applied, session)
        self.open.show(applied.open, service_sid)
        self._show_service(words)

    def _look_at_journal(self) -> None:
        """After a write that did not end: what was looked at counts no more."""
        session, service_sid = self.session, self.service.value
        self._drop()
        if session is not None and service_sid:
            self.stand = with_journal(session, service_sid, self.stand)
            self.unfinished.value = views.unfinished(self.stand.unfinished)

    def _drop(self) -> None:
        """What was looked at counts no more."""
        self.proposal = None
        self.question.withdraw()
        self.difference.value = self.consequences.value = ""
        self.open.show(None, "")
        self.confirm.name = ""

    def _forget(self) -> None:
        """Remove what was shown of a service."""
        self.stand, self.applied = Stand(), None
        self._drop()
        self.now.value = self.unfinished.value = self.done.value = ""
        self.form.clear()
        with self.filling():
            self.snapshot.options, self.snapshot.value = [], ""
            self.action.value = "change"
        self.result.children = []
        self.offer()

    def button_again(self, error: BaseException) -> str:
        """*Resume* where something was begun that is not over."""
        session, service_sid = self.session, self.service.value
        if session is not None and service_sid:
            last = Journal().latest(Scope.of(session, service_sid))
            if last is not None and last.unfinished and last.kind != "create":
                return "Resume"
        return "" if self._pressed in BUTTONS.values() else super().button_again(error)

    # ------------------------------------------------------------------- in words

    def _say_where_it_stands(self) -> None:
        if reason := self._reason():
            self.enter("attention" if self.session else "not started", sentence(reason))
        else:
            self.enter(*views.where_it_stands(self.action.value, self.stand, self.proposal))

    def _reason(self) -> str:
        if reason := self._unready():
            return reason
        if not self.stand.known:
            return "no configuration bridges this service; create one in 02"
        return "answer below" if self.question.asked else ""

    def _nothing_to_look_at(self) -> str:
        action, snapshot = self.action.value, self.snapshot.value
        return views.nothing_to_look_at(action, self.stand, snapshot, self.form)
