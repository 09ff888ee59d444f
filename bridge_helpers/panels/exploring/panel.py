"""Step 05: conversations as a table that is filtered, searched, sorted, opened and exported."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ...api.fan_out import Outcome
from ...api.session import Session
from ...data import export
from ...errors import Cancelled, InvalidInput
from ...onboarding.activity import Activity, activities
from ...onboarding.explore import Explored, drill, explore, filter_rows, searched_texts
from ...onboarding.journal.service_names import service_name
from ...settings import home
from ...words import counted
from ..toolkit import text
from ..toolkit.connection import Connection
from ..toolkit.inputs import DateField, DownloadButton, Select
from ..toolkit.step import StepPanel
from ..toolkit.table import TableView
from ..toolkit.values import Choices
from ..toolkit.widgets import Button, Field, HtmlView, column, row, show
from . import rows, views
from .conversation import charts, timeline

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

RESTED: Final = 0.4
"""Seconds without a keystroke until pictures are drawn and the rows in view are read."""
REFILLED: Final = 0.2
"""Seconds between two updates of the table while the rows in view are read."""


class Explore(StepPanel):
    """
    Filters in one line, the table below; a row opens its conversation below itself.

    Attributes:
        explored: What was read, once it has been.
        shown: The rows that pass the filters, in the order of the table, the newest first.
    """

    name = "Explore conversations"
    command = "bridge-workbook conversations"

    def __init__(self, connection: Connection, service_sid: str = "") -> None:
        super().__init__()
        self.explored: Explored | None = None
        self.shown: pd.DataFrame | None = None
        self._injected = service_sid
        if service_sid:
            self.command += f" --service-sid {service_sid}"
        self._service = self._service_name = ""
        self._scope = self._owner = ""
        self._read_at = datetime.now(UTC)
        self._drilled = ""
        self._order = rows.NEWEST_FIRST
        self._ordered: pd.DataFrame | None = None
        self._texts: pd.Series | None = None
        self._known: dict[str, Activity | None] = {}
        self._left = threading.Event()
        self._drawn = True
        self._refilter = self.guarded(self._filter)
        self._refill = self.guarded(self._fill)
        self._resort = self.guarded(self._sort)
        self.which = Select("Conversations of", options=rows.scopes("", ""), value="service")
        self.status_choice = Select("Status", options=rows.options(rows.STATUSES))
        self.channel = Select("Channel", options=rows.options(("",)))
        self.words = Field("Search", placeholder="Name, address or id")
        self.words.add_class("bw-search")
        self.since = DateField("Created from")
        self.until = DateField("Created until")
        self.read = self.button("Read again", self.press)
        self.format = Select("Format", options=rows.FORMATS, value="csv")
        self.download = DownloadButton("Download")
        self.download.on_click(self.guarded(self.save))
        self.download.on_failure(self.fail)
        filters = (
            self.which, self.status_choice, self.channel, self.words, self.since, self.until
        )  # fmt: skip
        self._filters = filters[1:]
        self.clear = Button("Clear the filters")
        self.clear.on_click(self.guarded(self.clear_filters))
        self.controls.children = [row(*filters, style="bw-filters")]
        self.actions.children = [self.read, self.stop]
        self.summary = HtmlView(live=True)
        self.table = TableView("Conversations", rows.COLUMNS, sorted=self._order.shown)
        self.table.listen(self.turned, self.sort, self.open)
        self.saved = HtmlView(live=True)
        self.charts = HtmlView()
        self.below = column(
            self.summary,
            self.table,
            self.clear,
            row(self.format, self.download, style="bw-save"),
            HtmlView(value=views.not_in_files()),
            self.saved,
            self.charts,
        )
        self.result.children = [self.below]
        for control in self._filters:
            self.on_change(control, self.filter)
        self.on_change(self.which, self.press)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read for the service that was chosen, or for the whole account."""
        self.session = session
        self._service = Choices(session).value("service_sid", self._injected).text
        self._name_service(session, "")
        if not self._service:
            with self.filling():
                self.which.value = "account"
        self.press()

    def lost(self) -> None:
        """Remove what was read."""
        self._left.set()
        self.explored = self.shown = self._ordered = self._texts = None
        self._service = self._service_name = self._drilled = ""
        self._known = {}
        show(self.below, False)
        show(self.which, False)
        for markup in (self.summary, self.charts, self.saved):
            markup.value = ""
        with self.filling():
            self.table.clear()
            self.which.options = rows.scopes("", "")
            self.channel.options, self.channel.value = rows.options(("",)), ""
        super().lost()

    def press(self) -> None:
        """Read all pages."""
        session = self.session
        if session is None or self.busy:
            return
        self._left.set()
        self.saved.value = ""
        self._scope = self.which.value
        service = self._service if self._scope == "service" else ""

        def read() -> Explored:
            if self._service and not self._service_name:
                self._name_service(session, service_name(session, self._service))
            return explore(
                session, service_sid=service, on_progress=self.progress, cancel=self.cancel
            )

        self.start(
            read,
            lambda explored: self._read(explored, service),
            "Reading conversations, page by page.",
            failed=lambda _: self._follow_scope(),
            cancellable="Stop reading",
        )

    def filter(self) -> None:
        """Show the rows that pass: of several keystrokes, only the newest counts."""
        self._again(self._refilter)

    def clear_filters(self) -> None:
        """Show all rows again."""
        with self.filling():
            for control in self._filters:
                control.value = ""
        self.filter()

    def sort(self, name: str) -> None:
        """Sort by a column, or the other way round where it is sorted by it already."""
        self._order = self._order.by(name)
        self.table.sorted = self._order.shown
        self._again(self._resort)

    def turned(self) -> None:
        """Show another page of the table."""
        self._again(self._refill)

    def open(self, conversation_id: str) -> None:
        """Open the row of a conversation, or close the one that is open."""
        self._left.set()
        if conversation_id:
            self.table.open_row(conversation_id, text.html("Reading the conversation."))
            self.drill()
        else:
            self.table.close_row()
            self._tell_read_again()
            self._rest()

    def drill(self) -> None:
        """Read the conversation whose row is open."""
        session, chosen = self.session, self.table.opened
        if session is None or not chosen or self.busy:
            return
        self._drilled = chosen
        self.start(
            lambda: drill(session, chosen),
            lambda found: self._opened(chosen, *found),
            "Reading participants and communications.",
            failed=self._not_opened,
        )

    def save(self) -> None:
        """Write the rows that pass to a file under BRIDGE_HOME, and hand it to the browser."""
        if self.shown is None or self.shown.empty or self.busy:
            return
        self._left.set()
        table = self.shown
        name = rows.file_name(self._owner, datetime.now().astimezone().date(), self.format.value)
        self.start(
            lambda: export.write(table, rows.free_path(home() / "exports" / name)),
            lambda path: self._written(path, len(table)),
            "Writing the file.",
            failed=lambda _: self._go_on(),
        )

    def enter(self, state: str, words: str = "") -> None:
        """Whatever is told next takes the place of a row that could not be opened."""
        self._unopened = False
        super().enter(state, words)

    def refresh(self) -> None:
        """Enable what can be used while there is a connection and nothing runs."""
        reason = "connect first" if not self.session else "working" if self.busy else ""
        self.read.allow(reason)
        nothing = self.shown is not None and self.shown.empty
        self.download.allow(reason or ("no conversation passes the filters" if nothing else ""))

    # ------------------------------------------------------------------ the worker

    def _again(self, job: Callable[[], None]) -> None:
        """Do something with what was read, before the rows in view are read on."""
        if self.explored is not None:
            self._left.set()
            self.worker.submit(job, once=True)

    def _name_service(self, session: Session, name: str) -> None:
        if session is self.session:
            self._service_name = name
            self.which.options = rows.scopes(self._service, name)
            show(self.which, bool(self._service))

    def _read(self, explored: Explored, service: str) -> None:
        self.explored = explored
        # What is picked later may fail to be read, and then these rows stay.
        account = "" if self.session is None else self.session.account.sid
        self._owner = (self._service_name or service) if service else account
        self._read_at = datetime.now(UTC)
        self._known = {}
        self._texts = None
        joined = explored.table["channels"].cat.categories
        channels = sorted({one for several in joined for one in several.split(", ")})
        with self.filling():
            self.channel.options = rows.options(("", *channels))
            if self.channel.value not in channels:
                self.channel.value = ""
        self.table.close_row()
        self._sort()
        show(self.below, bool(explored.count))
        # After the table, which can be looked at meanwhile.
        self._texts = searched_texts(explored.table)
        self._tell_read(explored)
        self._follow_scope()

    def _tell_read(self, explored: Explored) -> None:
        read = f"{counted(explored.count, 'conversation')} read at {self._read_at:%H:%M} UTC."
        if explored.error is not None:
            self.trouble.value = text.error_box(explored.error)
            self.enter("attention", f"Not all: {read}")
        elif explored.count:
            self.enter("done", f"{read} A click on a row opens its conversation.")
        else:
            self.enter("attention", views.NONE_YET)

    def _tell_read_again(self) -> None:
        """In place of what was opened, or not, or saved; other failures and work that runs stay."""
        if self.explored is not None and (self.state == "done" or self._unopened):
            self.trouble.value = ""
            self._tell_read(self.explored)

    def _follow_scope(self) -> None:
        """Read again when the scope was changed during a read; once stopped, put it back."""
        if self.which.value == self._scope:
            return
        if self.cancel.is_set():
            with self.filling():
                self.which.value = self._scope
        else:
            self.press()

    def _sort(self) -> None:
        if self.explored is not None:
            self._ordered = self._order.applied(self.explored.table)
            self._filter()

    def _filter(self) -> None:
        if self._ordered is None:
            return
        self.shown = self._passing(self._ordered)
        passing, of = len(self.shown), len(self._ordered)
        self.summary.value = views.summary(passing, of, self._order.words, self._read_at)
        self.saved.value = ""
        self.table.first = 0
        self.table.empty = "No conversation passes the filters." if of else ""
        show(self.clear, bool(of and not passing))
        self.refresh()
        self._drawn = False
        self._fill()

    def _passing(self, ordered: pd.DataFrame) -> pd.DataFrame:
        """None where a day is wrong: rows of before it would pass for those that were asked for."""
        since, until = self.since.day(), self.until.day()
        if self.since.error or self.until.error:
            return ordered.iloc[:0]
        try:
            return filter_rows(
                ordered,
                status=self.status_choice.value,
                channel=self.channel.value,
                words=self.words.value,
                since=since,
                until=until,
                texts=self._texts,
            )
        except InvalidInput as error:
            self.until.error = error.rule
            return ordered.iloc[:0]

    def _fill(self) -> None:
        if self.shown is None:
            return
        self._show_page(self._page(self.shown))
        self._tell_read_again()
        self._rest()

    def _rest(self) -> None:
        """Read on in a while, unless somebody turns to something else before."""
        self._left = left = threading.Event()
        self.worker.rest(RESTED, self.guarded(lambda: self._rested(left)))

    def _rested(self, left: threading.Event) -> None:
        """Nobody has typed for a while: pictures, and what was said in the rows in view."""
        shown, session = self.shown, self.session
        if shown is None or session is None or left.is_set():
            return
        if not self._drawn:
            self._drawn = True
            self.charts.value = charts(shown)
        page = self._page(shown)
        missing = [one for one in page["conversation_id"] if one not in self._known]
        if not missing:
            return
        filled = time.monotonic()

        def known(outcome: Outcome[str, Activity]) -> None:
            nonlocal filled
            self._known[outcome.item] = None if outcome.error else outcome.result
            if time.monotonic() - filled > REFILLED:
                filled = time.monotonic()
                self._show_page(page)

        with suppress(Cancelled):
            activities(session, missing, on_each=known, cancel=left)
            self._show_page(page)

    def _page(self, shown: pd.DataFrame) -> pd.DataFrame:
        return shown.iloc[self.table.first : self.table.first + self.table.size]

    def _show_page(self, page: pd.DataFrame) -> None:
        total = 0 if self.shown is None else len(self.shown)
        self.table.fill(rows.lines(page, self._known), self.table.first, total)

    def _opened(
        self, conversation_id: str, participants: pd.DataFrame, communications: pd.DataFrame
    ) -> None:
        if self.table.opened == conversation_id:
            details = timeline(conversation_id, participants, communications)
            self.table.open_row(conversation_id, details)
            self.enter("done", f"Opened: {counted(len(communications), 'communication')}.")
        elif self.explored is not None:
            self._tell_read(self.explored)
        self._go_on()

    def _not_opened(self, _: Exception) -> None:
        if self.table.opened == self._drilled:
            self.table.close_row()
        self._unopened = not self.busy
        self._go_on()

    def _go_on(self) -> None:
        """Open what was clicked while something else went on; else read the rows in view."""
        opened = self.table.opened
        if opened and opened != self._drilled and not self.cancel.is_set():
            self.drill()
        else:
            self._rest()

    def _written(self, path: Path, count: int) -> None:
        self.download.offer(path)
        self.saved.value = views.written(path, count)
        self.enter("done", "The file is written.")
        self._go_on()
