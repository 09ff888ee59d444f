"""What the table of conversations shows: columns, cells, order, and the names of its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...onboarding.activity import Activity
from ..toolkit import text
from ..toolkit.table import Column, Line

if TYPE_CHECKING:
    import pandas as pd

IN_VIEW: Final = "Read for the rows in view, so that it does not sort."
COLUMNS: Final = (
    Column("name", "Name", "13%"),
    Column("status", "Status", "8%"),
    Column("channels", "Channels", "9%"),
    Column("participants", "People", "6.5%"),
    Column("addresses", "Addresses", "14%"),
    Column("created_at", "Created", "13%"),
    Column("messages", "Messages", "9%", sort=False, help=IN_VIEW),
    Column("last_message", "Last message", "14.5%", sort=False, help=IN_VIEW),
    Column("last_activity", "Last activity", "13%", sort=False, help=IN_VIEW),
)
STATUSES: Final = ("", "ACTIVE", "INACTIVE", "CLOSED")
FORMATS: Final = [
    {"value": "csv", "title": "CSV (spreadsheets)"},
    {"value": "xlsx", "title": "Excel"},
    {"value": "parquet", "title": "Parquet (exact)"},
    {"value": "jsonl", "title": "JSON lines (exact)"},
]
_DESCENDING_FIRST: Final = ("created_at", "participants")


@dataclass(frozen=True, slots=True)
class Order:
    """The column that the rows are sorted by, and which way."""

    name: str
    descending: bool

    @property
    def shown(self) -> dict[str, Any]:
        """As `TableView.sorted` has it."""
        return {"name": self.name, "descending": self.descending}

    @property
    def words(self) -> str:
        """For beside the number of rows: `, newest first`; empty where the heading says enough."""
        return ", newest first" if self == NEWEST_FIRST else ""

    def by(self, name: str) -> Order:
        """The order after a click on a heading."""
        if name == self.name:
            return Order(name, not self.descending)
        return Order(name, name in _DESCENDING_FIRST)

    def applied(self, table: pd.DataFrame) -> pd.DataFrame:
        """The rows in this order, each with its index; those without a value come last."""
        key = (lambda one: one.str.lower()) if self.name in ("name", "addresses") else None
        return table.sort_values(
            self.name, ascending=not self.descending, kind="stable", key=key, na_position="last"
        )


NEWEST_FIRST: Final = Order("created_at", True)


def lines(page: pd.DataFrame, known: Mapping[str, Activity | None]) -> list[Line]:
    """
    The rows of a page, as text.

    Args:
        page: Rows of a conversations table.
        known: What was said last, by conversation id; None: it could not be read.
    """
    found = []
    for one in page.itertuples():
        given: Any = one
        conversation_id = given.conversation_id
        name = _or(given.name, "")
        cells = (
            # A column cuts a text at its end, and ids differ there alone.
            name or text.short(conversation_id),
            _or(given.status, "-"),
            _or(given.channels, "-"),
            _count(given.participants),
            _or(given.addresses, "-"),
            _minute(given.created_at),
            *_said(conversation_id, known),
        )
        found.append(Line(conversation_id, cells, "" if name else conversation_id))
    return found


def _said(conversation_id: str, known: Mapping[str, Activity | None]) -> tuple[str, str, str]:
    if conversation_id not in known:
        return "…", "…", "…"
    last = known[conversation_id]
    if last is None:
        return "not read", "not read", "not read"
    if not last.messages:
        return "0", "-", "-"
    more = "" if last.complete else "+"
    said = " ".join((last.text or "(no text)").split())
    return f"{last.messages:,}{more}", said[:200], _minute(last.at)


def _minute(at: datetime | None) -> str:
    # NaT, which a missing time of a frame is, does not equal itself.
    return "-" if at is None or at != at else f"{at:%Y-%m-%d %H:%M}"


def _count(value: Any) -> str:
    try:
        return f"{int(value):,}"
    except (TypeError, ValueError):
        # What is missing in a column of whole numbers is pandas' NA.
        return "-"


def _or(value: Any, other: str) -> str:
    """A cell's text, or another word where it is missing."""
    return value if isinstance(value, str) and value else other


def options(values: tuple[str, ...]) -> list[dict[str, str]]:
    """A list's options; the empty one is any."""
    return [{"value": one, "title": one or "any"} for one in values]


def scopes(service_sid: str, name: str) -> list[dict[str, str]]:
    """Whose conversations can be read: the chosen service's, if one is, or the whole account's."""
    one = {"value": "service", "title": name or service_sid}
    return [*([one] if service_sid else []), {"value": "account", "title": "the whole account"}]


def file_name(owner: str, day: date, ending: str) -> str:
    """
    The name of an export, after the customer and the day: `conversations-acme-2026-11-24.csv`.

    Args:
        owner: Name of the service, or a sid; what file systems do not take becomes a hyphen.
        ending: Without its dot.
    """
    safe = re.sub(r"[^\w.]+", "-", owner).strip("-._")[:60]
    return "-".join(part for part in ("conversations", safe, f"{day}") if part) + f".{ending}"


def free_path(path: Path) -> Path:
    """The path, or one beside it that no file has yet: `…-2.csv`."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free
