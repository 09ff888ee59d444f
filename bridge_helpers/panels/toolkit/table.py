"""A table of many rows: the browser has one page of it, and a row opens below itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import traitlets

from .text import Html
from .widgets import STATIC, _script, _Widget

SIZES: Final = (10, 25, 100)


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column of the table.

    Attributes:
        name: What `on_sort` is called with.
        title: Its heading.
        width: Its share of the table, as CSS has it (`12%`).
        sort: Whether its heading sorts.
        help: What the heading says when the mouse rests on it.
    """

    name: str
    title: str
    width: str
    sort: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """
    A row: its key, and the text of each cell; the first one opens it.

    Attributes:
        whole: What the first cell says when the mouse rests on it, where its text is a part.
    """

    key: str
    cells: tuple[str, ...]
    whole: str = ""


class TableView(_Widget):
    """
    One page of a table whose rows stay in the kernel.

    It shows what it is given, and calls back when another page, order or row is asked for; the
    owner fills in what is asked for with `fill` and `open`.

    Attributes:
        first: Index of the first row of the page.
        size: Rows of a page.
        total: How many rows there are.
        sorted: `name` of the column that the rows are sorted by, and whether `descending`.
        opened: Key of the row that is open; empty: none.
        details: HTML below the open row, escaped by the owner.
        empty: What is said in place of a table without rows.
    """

    _esm = _script("table.js")
    _css = (STATIC / "table.css").read_text()
    label = traitlets.Unicode("").tag(sync=True)
    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    first = traitlets.Int(0).tag(sync=True)
    size = traitlets.Int(SIZES[0]).tag(sync=True)
    sizes = traitlets.List(traitlets.Int(), default_value=list(SIZES)).tag(sync=True)
    total = traitlets.Int(0).tag(sync=True)
    sorted = traitlets.Dict().tag(sync=True)
    opened = traitlets.Unicode("").tag(sync=True)
    details = traitlets.Unicode("").tag(sync=True)
    empty = traitlets.Unicode("").tag(sync=True)

    def __init__(self, label: str, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(label=label, columns=[asdict(one) for one in columns], **kwargs)
        self._on_turn: Callable[[], None] = lambda: None
        self._on_sort: Callable[[str], None] = lambda _: None
        self._on_open: Callable[[str], None] = lambda _: None
        self.on_msg(self._hear)

    def listen(
        self,
        on_turn: Callable[[], None],
        on_sort: Callable[[str], None],
        on_open: Callable[[str], None],
    ) -> None:
        """
        Say who answers.

        Args:
            on_turn: Called after `first` or `size` have changed.
            on_sort: Called with the name of a column.
            on_open: Called with the key of a row, or with nothing when one was closed.
        """
        self._on_turn, self._on_sort, self._on_open = on_turn, on_sort, on_open

    def fill(self, lines: Sequence[Line], first: int, total: int) -> None:
        """Show a page; a row that was open and is not on it is closed."""
        with self.hold_sync():
            self.rows = [asdict(one) for one in lines]
            self.first, self.total = first, total
            if self.opened not in {one.key for one in lines}:
                self.close_row()

    def open_row(self, key: str, details: Html) -> None:
        """Show HTML below a row."""
        with self.hold_sync():
            self.opened, self.details = key, str(details)

    def close_row(self) -> None:
        """Close the row that is open."""
        with self.hold_sync():
            self.opened = self.details = ""

    def clear(self) -> None:
        """Remove all rows: a saved notebook may hold those of every widget that is there."""
        self.fill((), 0, 0)
        self.empty = ""

    def turn(self, first: int) -> None:
        """What *Next* and *Previous* do."""
        self.first = min(max(0, first), max(0, self.total - 1))
        self._on_turn()

    def resize(self, size: int) -> None:
        """What choosing the rows at once does; the first row stays on the page."""
        if size in self.sizes:
            self.size = size
            self.turn(self.first // size * size)

    def sort(self, name: str) -> None:
        """What a click on a heading does."""
        if any(one["name"] == name and one["sort"] for one in self.columns):
            self._on_sort(name)

    def press(self, key: str) -> None:
        """What a click on a row does; without a key, what closing it does."""
        if not key or any(one["key"] == key for one in self.rows):
            self._on_open(key)

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        event = content.get("event")
        if event == "turn":
            self.turn(int(content.get("first", 0)))
        elif event == "size":
            self.resize(int(content.get("size", 0)))
        elif event == "sort":
            self.sort(str(content.get("name", "")))
        elif event == "open":
            self.press(str(content.get("key", "")))
