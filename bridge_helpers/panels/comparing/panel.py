"""Step 06: every classic conversation against its twin, why one is not there, and a watch."""

from __future__ import annotations

from typing import Final

from ...errors import Cancelled, InvalidInput
from ...files import write_private
from ...onboarding.journal import Journal, Scope
from ...onboarding.reconcile import Explained, Gap, Reconciled, Round, explain, reconcile, watch
from ...onboarding.reconcile.files import gaps_as_csv
from ...settings import home
from ...words import counted
from ..toolkit.connection import Connection
from ..toolkit.inputs import DownloadButton, Select
from ..toolkit.service import ServicePanel
from ..toolkit.table import TableView
from ..toolkit.widgets import Field, HtmlView, column, row, show
from . import views

DEPTHS: Final = (
    ("full", "Every message"),
    ("last", "Newest message of each"),
    ("presence", "Who is there at all"),
)


class Compare(ServicePanel):
    """
    Compare, look into a gap, watch.

    Attributes:
        found: What was found; None before the first comparison.
        told: Why the gap that is open is one.
        rounds: The rounds of the watch that runs or ran last.
    """

    name = "Is everything there?"
    command = "bridge-workbook reconcile --service-sid IS…"
    lead = "Every classic conversation against its twin in Orchestrator. Nothing is written."

    def __init__(self, connection: Connection, service_sid: str = "", depth: str = "full") -> None:
        super().__init__(service_sid)
        self.found: Reconciled | None = None
        self.told: Explained | None = None
        self.rounds: tuple[Round, ...] = ()
        self._gaps: list[Gap] = []
        self._order = ("state", False)
        options = [{"value": value, "title": title} for value, title in DEPTHS]
        self.depth = Select("How deep", options=options, value=depth)
        self.every = Field("Watch every (seconds)", value="30")
        self.minutes = Field("for (minutes)", value="10")
        for field in (self.every, self.minutes):
            field.add_class("bw-roomy")
        self.go = self.button("Compare", self.press, "primary")
        self.anew = self.button("Begin anew", self.begin_anew)
        self.watching = self.button("Watch", self.watch)
        self.sentence = HtmlView(live=True)
        self.pictures = HtmlView()
        self.table = TableView("Gaps", views.COLUMNS, sorted=self._sorted)
        self.table.listen(self.turned, self.sort, self.open)
        self.download = DownloadButton("Download the gaps (CSV)")
        self.download.on_click(self.guarded(self.save))
        self.download.on_failure(self.fail)
        self.controls.children = [
            row(
                column(self.service, style="bw-short"),
                column(self.depth, row(self.every, self.minutes, style="bw-filters")),
            )
        ]
        self.actions.children = [self.onward, self.go, self.anew, self.watching, self.stop]
        self._parts = column(self.sentence, self.pictures, self.table, self.download)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def press(self) -> None:
        """Compare, or go on with a comparison that was broken off."""
        self._compare(fresh=False)

    def begin_anew(self) -> None:
        """Compare from the beginning."""
        self._compare(fresh=True)

    def watch(self) -> None:
        """Compare every so many seconds, and show what changes."""
        session, service_sid = self.session, self.service.value
        if session is None or self.watching.disabled:
            return
        every = _number("Watch every (seconds)", self.every.value)
        duration = 60 * _number("for (minutes)", self.minutes.value)
        self._forget()
        self.start(
            lambda: watch(
                session,
                service_sid,
                every=every,
                duration=duration,
                depth=self.depth.value,
                on_round=self._round,
                on_progress=self.progress,
                cancel=self.cancel,
            ),
            self._watched,
            "Comparing again and again.",
            cancellable="Stop watching",
        )

    def turned(self) -> None:
        """Another page of gaps is wanted."""
        first = self.table.first
        page = self._gaps[first : first + self.table.size]
        self.table.fill([views.line(one) for one in page], first, len(self._gaps))

    def sort(self, name: str) -> None:
        """A heading was pressed: sort by it, or the other way round."""
        same = self._order[0] == name
        self._order = (name, not self._order[1] if same else False)
        self.table.sorted = self._sorted
        self._gaps = views.in_order(self._gaps, *self._order)
        self.table.turn(0)

    def open(self, key: str) -> None:
        """A gap was opened: read why it is one."""
        session, service_sid = self.session, self.service.value
        gap = next((one for one in self._gaps if views.key_of(one) == key), None)
        if gap is None or session is None:
            self.table.close_row()
            return
        self.start(
            lambda: explain(
                session,
                service_sid,
                gap.conversation_sid,
                on_progress=self.progress,
                cancel=self.cancel,
            ),
            lambda told: self._explained(key, told),
            f"Reading {gap.conversation_sid} on both sides.",
            cancellable="Stop reading",
        )

    def save(self) -> None:
        """Write the gaps to a file under BRIDGE_HOME, and hand it to the browser."""
        if self.found is None:
            return
        path = home() / "exports" / f"reconcile-{self.found.service_sid}.csv"
        self.download.offer(write_private(path, gaps_as_csv(self.found).encode()))

    def refresh(self) -> None:
        """Enable what can be used now."""
        reason = self._unbridged()
        found = self.found
        partly = found is not None and not (found.complete or found.refused)
        self.go.label = "Continue" if partly else "Compare again" if self.found else "Compare"
        self.go.allow(reason)
        self.anew.allow(reason)
        show(self.anew, partly)
        self.watching.allow(reason)
        for control in (self.service, self.depth, self.every, self.minutes):
            control.disabled = self.busy
        show(self.table, bool(self._gaps))
        show(self.download, bool(self._gaps))

    # ------------------------------------------------------------------ the worker

    def _show_service(self) -> None:
        if not self.service.value:
            self.enter("not started", "Pick a classic service.")
        elif self.contents.bridge(self.service.value) is None:
            self._say_unbridged()
        else:
            self.enter("ready", "Press Compare. It only reads.")

    def _forget(self) -> None:
        """What was shown of another service or account, or of an earlier comparison."""
        self.found = self.told = None
        self.rounds = ()
        self._gaps = []
        self.sentence.value = self.pictures.value = ""
        self.offer()
        self.table.clear()
        self.result.children = []

    def _compare(self, *, fresh: bool) -> None:
        session, service_sid = self.session, self.service.value
        if session is None or self.go.disabled:
            return
        self.rounds, self.pictures.value = (), ""
        self.start(
            lambda: reconcile(
                session,
                service_sid,
                depth=self.depth.value,
                fresh=fresh,
                on_progress=self.progress,
                cancel=self.cancel,
            ),
            self._compared,
            "Comparing.",
            cancellable="Cancel",
        )

    def _compared(self, result: Reconciled) -> None:
        self._show(result)
        if result.complete:
            self._record(result)
            # The figures stand below, in large type.
            gaps = bool(result.gaps)
            self.enter(
                "attention" if gaps else "done",
                views.COMPARED_WITH_GAPS if gaps else views.COMPARED,
            )
        elif isinstance(result.error, Cancelled):
            read = counted(result.classic, "conversation")
            self.enter("attention", f"Stopped after {read}. Press Continue to go on from there.")
        elif result.error is not None:
            self.fail(result.error)

    def _show(self, result: Reconciled) -> None:
        self.found = result
        self.sentence.value = views.summary(result)
        self._gaps = views.in_order(result.gaps, *self._order)
        self.table.close_row()
        self.table.first = 0
        self.turned()
        self.result.children = [self._parts]

    def _record(self, result: Reconciled) -> None:
        """Tell the map of 00."""
        if self.session is not None:
            state = "attention" if result.gaps else "done"
            scope = Scope.of(self.session, result.service_sid)
            Journal().record(scope, "reconcile", state, result.verdict)

    def _round(self, one: Round) -> None:
        self.rounds = (*self.rounds, one)
        self.pictures.value = views.rounds(self.rounds)
        if one.result is not None:
            self._show(one.result)
            self.refresh()
        self.say(one.line)

    def _watched(self, rounds: tuple[Round, ...]) -> None:
        self.rounds = rounds
        self.pictures.value = views.rounds(rounds)
        last = rounds[-1].result if rounds else None
        if last is None:
            self.enter("attention", "No round came to its end.")
            return
        self._show(last)
        if last.complete:
            self._record(last)
        stuck = rounds[-1].stuck
        words = f"Watched for {counted(len(rounds), 'round')}. The newest one is below."
        self.enter("attention" if stuck or last.gaps or not last.complete else "done", words)

    def _explained(self, key: str, told: Explained) -> None:
        self.told = told
        self.table.open_row(key, views.reason(told))
        self.enter("attention", f"{told.conversation_sid}: why is below its row.")

    @property
    def _sorted(self) -> dict[str, object]:
        return {"name": self._order[0], "descending": self._order[1]}


def _number(field: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InvalidInput(field, value, "it has to be a number") from None
