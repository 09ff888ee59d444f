"""Step 05: conversations as a table that is filtered, searched, opened and exported."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from ..api.session import Session
from ..data import export
from ..errors import InvalidInput
from ..onboarding.explore import Explored, drill, explore, filter_rows, searched_texts
from ..settings import home
from ..words import GLYPHS, counted
from . import text
from .connection import Connection
from .conversation import timeline
from .step import StepPanel
from .text import Html
from .values import Choices
from .widgets import Choice, Field, HtmlView, Picker, column, row, show

if TYPE_CHECKING:
    import pandas as pd

SHOWN: Final = 1000
"""Rows that the browser gets, the newest; filters, search and exports work on all of them."""
RESTED: Final = 0.4
"""Seconds without a keystroke until the pictures are drawn anew."""
COLUMNS: Final = {
    "name": "Name",
    "status": "Status",
    "channels": "Channels",
    "participants": "Participants",
    "addresses": "Addresses",
    "created_at": "Created (UTC)",
}
KEPT: Final[dict[str, Any]] = {
    **dict.fromkeys(("maxBytes", "maxRows", "maxColumns"), 0),
    # The table's own search would look at these rows only.
    "layout": {"topStart": "pageLength", "topEnd": None},
    "order": [],
}
"""
What itables has to be told on each update anew, or it goes back to its defaults: all rows, and
no search of its own.
"""
STATUSES: Final = ("", "ACTIVE", "INACTIVE", "CLOSED")
FORMATS: Final = [
    {"value": "csv", "title": "CSV", "detail": "Safe for spreadsheets."},
    {"value": "xlsx", "title": "Excel", "detail": "Safe for spreadsheets."},
    {"value": "parquet", "title": "Parquet", "detail": "Exact, with types."},
    {"value": "jsonl", "title": "JSON lines", "detail": "Exact, as text."},
]


class Explore(StepPanel):
    """
    Filters above, the table below, and under it the conversation that was opened.

    Attributes:
        explored: What was read, once it has been.
        shown: The rows that pass the filters, the newest first.
    """

    name = "Explore conversations"
    command = "bridge-workbook conversations"
    lead = (
        "Reads only. Search and filters look at all that were read; a row opens its conversation."
    )

    def __init__(self, connection: Connection, service_sid: str = "") -> None:
        super().__init__()
        self.explored: Explored | None = None
        self.shown: pd.DataFrame | None = None
        self._injected = service_sid
        self._service = ""
        self._scope = ""
        self._drilled = ""
        self._by_age: pd.DataFrame | None = None
        self._texts: pd.Series | None = None
        self._refilter = self.guarded(self._filter)
        self.which = Choice(
            "Conversations of", options=_scopes(""), value="service", arrangement="row"
        )
        self.status_choice = Choice("Status", options=_options(STATUSES), arrangement="row")
        self.channel = Choice("Channel", options=_options(("",)), arrangement="row")
        self.words = Field("Search", help="In names, addresses and ids of all that were read.")
        self.since = Field("Created from", placeholder="YYYY-MM-DD", help="A day, in UTC.")
        self.until = Field("Created until", placeholder="YYYY-MM-DD", help="That day included.")
        self.read = self.button("Read conversations", self.press, "primary")
        self.controls.children = [
            self.which,
            self.status_choice,
            self.channel,
            row(self.words, self.since, self.until),
        ]
        self.actions.children = [self.read, self.stop]
        self.summary = HtmlView(live=True)
        self.charts = HtmlView()
        self.place = column()
        self.open = Picker("Open a conversation", help="Or click a row of the table.")
        self.opened = HtmlView(live=True)
        self.format = Choice("Export as", options=FORMATS, value="csv", arrangement="row")
        self.export = self.button("Export what is shown", self.save)
        self.saved = HtmlView(live=True)
        self.below = column(
            self.summary, self.charts, self.place, self.open, self.opened, self.format,
            self.export, self.saved,
        )  # fmt: skip
        self.result.children = [self.below]
        self.table: Any = None
        for control in (self.status_choice, self.channel, self.words, self.since, self.until):
            self.on_change(control, self.filter)
        self.on_change(self.which, self.press)
        self.on_change(self.open, self.drill)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read for the service that was chosen, or for the whole account."""
        self.session = session
        value = Choices(session).value("service_sid", self._injected)
        self._service = value.text
        self.which.options = _scopes(self._service)
        self.which.source = value.shown if self._service else ""
        if not self._service:
            with self.filling():
                self.which.value = "account"
        self.press()

    def lost(self) -> None:
        """Remove what was read."""
        self.explored = self.shown = self._by_age = self._texts = None
        self._service = self._drilled = ""
        show(self.below, False)
        for markup in (self.summary, self.charts, self.opened, self.saved):
            markup.value = ""
        with self.filling():
            self.open.clear()
            self.which.options, self.which.source = _scopes(""), ""
            self.channel.options, self.channel.value = _options(("",)), ""
        if self.table is not None:
            # Closed, because a saved notebook holds the rows of every widget that is there.
            self.place.children = []
            self.table.close()
            self.table = None
        super().lost()

    def press(self) -> None:
        """Read all pages."""
        session = self.session
        if session is None or self.busy:
            return
        self._scope = self.which.value
        service = self._service if self._scope == "service" else ""
        self.start(
            lambda: explore(
                session, service_sid=service, on_progress=self.progress, cancel=self.cancel
            ),
            self._read,
            "Reading conversations, page by page.",
            failed=lambda _: self._follow_scope(),
            cancellable="Stop reading",
        )

    def filter(self) -> None:
        """Show the rows that pass: of several keystrokes, only the newest counts."""
        if self.explored is not None:
            self.worker.submit(self._refilter, once=True)

    def drill(self) -> None:
        """Open the conversation that was picked or clicked."""
        session, chosen = self.session, self.open.value
        if session is None or not chosen or self.busy:
            return
        name = (self.open.chosen or {}).get("title", chosen)
        self._drilled = chosen
        self.opened.value = ""
        self.start(
            lambda: drill(session, chosen),
            lambda found: self._opened(chosen, name, *found),
            "Reading participants and communications.",
            failed=lambda _: self._follow_choice(),
        )

    def save(self) -> None:
        """Write the shown rows to a file under BRIDGE_HOME."""
        if self.shown is None or self.busy:
            return
        table, ending = self.shown, self.format.value
        path = home() / "exports" / f"conversations-{datetime.now(UTC):%Y%m%d-%H%M%S}.{ending}"
        self.start(
            lambda: export.write(table, path),
            lambda written: self._written(str(written), len(table)),
            "Writing the file.",
            failed=lambda _: self._follow_choice(),
        )

    def refresh(self) -> None:
        """Enable what can be used while there is a connection and nothing runs."""
        self.read.allow("connect first" if not self.session else "working" if self.busy else "")
        self.export.allow("connect first" if not self.session else "working" if self.busy else "")
        self.open.disabled = self.busy

    # ------------------------------------------------------------------ the worker

    def _read(self, explored: Explored) -> None:
        self.explored = explored
        self._by_age = explored.table.sort_values(
            "created_at", ascending=False, kind="stable", ignore_index=True
        )
        joined = explored.table["channels"].cat.categories
        channels = sorted({one for several in joined for one in several.split(", ")})
        with self.filling():
            self.channel.options = _options(("", *channels))
            if self.channel.value not in channels:
                self.channel.value = ""
            self.opened.value = ""
            self.open.value = self._drilled = ""
        self._texts = None
        self._filter()
        show(self.below)
        # After the table, which can be looked at meanwhile.
        self._texts = searched_texts(self._by_age)
        if explored.error is not None:
            self.trouble.value = text.error_box(explored.error)
            self.enter("attention", f"Not all: {counted(explored.count, 'conversation')} read.")
        elif explored.count:
            self.enter("done", f"{counted(explored.count, 'conversation')} read.")
        else:
            self.enter(
                "attention",
                "There are none yet. A bridged conversation appears with its next message; "
                "older ones are not filled in.",
            )
        self._follow_scope()

    def _follow_scope(self) -> None:
        """Read again when the scope was changed during a read; once stopped, put it back."""
        if self.which.value == self._scope:
            return
        if self.cancel.is_set():
            with self.filling():
                self.which.value = self._scope
        else:
            self.press()

    def _filter(self) -> None:
        if self._by_age is None:
            return
        try:
            self.shown = filter_rows(
                self._by_age,
                status=self.status_choice.value,
                channel=self.channel.value,
                words=self.words.value,
                since=self._day(self.since),
                until=self._day(self.until),
                texts=self._texts,
            )
        except InvalidInput as error:
            self.until.error = error.rule
            return
        self._show(self.shown, len(self._by_age))

    def _show(self, table: pd.DataFrame, of: int) -> None:
        self.summary.value = text.html(
            "<h3>{} of {} conversations</h3>", f"{len(table):,}", f"{of:,}"
        )
        head = table.head(SHOWN)
        if len(table) > SHOWN:
            self.summary.value += text.html(
                "<p>The table holds the newest {}. Search and filters look at all of them, and "
                "exports hold all that pass.</p>",
                f"{SHOWN:,}",
            )
        self.worker.rest(RESTED, self.guarded(self._draw))
        shown = head[list(COLUMNS)].copy()
        shown["name"] = shown["name"].fillna(head["conversation_id"])
        shown["created_at"] = shown["created_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
        shown = shown.rename(columns=COLUMNS)
        if self.table is None:
            self.table = _sortable(shown)
            self.table.observe(self._clicked, names="selected_rows")
            self.place.add_class("bw-itable-place")
            self.place.children = [self.table]
        else:
            self.table.selected_rows = []
            self.table.update(shown, selected_rows=[], **KEPT)
        self.open.options = [
            {
                "value": one.conversation_id,
                "title": _or(one.name, one.conversation_id),
                "detail": f"{_or(one.addresses, 'no address')} · {_or(one.status, 'no status')}",
            }
            for one in _rows(head)
        ]
        self.open.empty = "No conversation passes the filters."

    def _draw(self) -> None:
        if self.shown is not None:
            self.charts.value = _charts(self.shown)

    def _clicked(self, change: dict[str, Any]) -> None:
        def pick() -> None:
            if change["new"] and self.shown is not None:
                self.open.value = self.shown["conversation_id"].iloc[change["new"][-1]]

        self.guarded(pick)()

    def _opened(
        self,
        conversation_id: str,
        name: str,
        participants: pd.DataFrame,
        communications: pd.DataFrame,
    ) -> None:
        self.opened.value = timeline(name, conversation_id, participants, communications)
        self.enter("done", f"Opened {name}: {counted(len(communications), 'communication')}.")
        self._follow_choice()

    def _follow_choice(self) -> None:
        """Open what was clicked in the table while something else went on."""
        if self.open.value != self._drilled and not self.cancel.is_set():
            self.drill()

    def _written(self, path: str, count: int) -> None:
        self.saved.value = text.box(
            "ok",
            text.html(
                "{} {} written to {} ", GLYPHS["done"], counted(count, "row"), text.code(path)
            ),
            text.copyable(path, "Copy the path"),
        )
        self.enter("done", "Exported.")
        self._follow_choice()

    def _day(self, field: Field) -> date | None:
        """A typed day; None while it is empty or wrong, and then the field says so."""
        field.error = ""
        if not field.value.strip():
            return None
        try:
            return date.fromisoformat(field.value.strip())
        except ValueError:
            field.error = "a day is written like 2026-11-22"
            return None


def _sortable(table: pd.DataFrame) -> Any:
    """A widget of itables that sorts and pages in the browser, without the internet."""
    from itables.widget import ITable

    return ITable(
        table,
        caption="Conversations",
        select="single",
        selected_rows=[],
        showIndex=False,
        lengthMenu=[10, 25, 100],
        classes="display compact bw-itable",
        style="width:100%",
        **KEPT,
    )


def _charts(table: pd.DataFrame) -> Html:
    """How many conversations there are by status and by channels."""
    if table.empty:
        return Html("")
    from ..data.charts import counts_chart, counts_sentence

    pictures = (
        text.picture(
            counts_chart(table, name, f"conversations by {words}"),
            f"Conversations by {words}: {counts_sentence(table, name)}.",
        )
        for name, words in (("status", "status"), ("channels", "channels"))
    )
    return text.html('<div class="bw-charts">{}</div>', text.joined(pictures))


def _options(values: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"value": one, "title": one or "any"} for one in values]


def _scopes(service_sid: str) -> list[dict[str, str]]:
    one = {"value": "service", "title": "The chosen service", "detail": service_sid}
    return [
        *([one] if service_sid else []),
        {"value": "account", "title": "The whole account", "detail": "All configurations."},
    ]


def _rows(table: pd.DataFrame) -> Iterator[Any]:
    """Rows as named tuples whose cells may be anything."""
    return iter(table.itertuples())


def _or(value: Any, other: str) -> str:
    """A cell's text, or another word where it is missing."""
    return value if isinstance(value, str) and value else other
