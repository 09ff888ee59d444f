"""
A cohort on one page and in one table: `summary.html` and `summary.csv`.

Both are written again and again while runs are going on, whole or not at all.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ...data.csv_file import safe_for_spreadsheets
from ...errors import BridgeError
from ...files import write_private
from ...words import counted
from ..pages import templates
from ..static_html import active_parts
from .rows import NOT_RUN, Row

COLUMNS: Final = (
    *("name", "status", "would", "outcome", "configuration_id"),
    *("to_orchestrator_seconds", "to_classic_seconds", "off", "error", "seconds"),
    *("account_sid", "region", "service_sid", "memory_store_id"),
)
ORDER: Final = ("verified", "planned", "unverified", "failed", NOT_RUN)


def write(folder: Path, listed: Sequence[Row], apply: bool, stopped: str, seconds: float) -> None:
    """
    Write both files.

    Raises:
        BridgeError: They cannot be written, or something in the page is not static.
    """
    write_private(folder / "summary.csv", table(listed))
    page = render(listed, apply, stopped, seconds, _reports(folder, listed))
    write_private(folder / "summary.html", page.encode())


def table(listed: Sequence[Row]) -> bytes:
    """A row for each customer; texts of others cannot become formulas."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in listed:
        # A name cannot be a formula, and programs look for it as it is in the file.
        others = [safe_for_spreadsheets(getattr(row, name)) for name in COLUMNS[1:]]
        writer.writerow([row.name, *others])
    return made.getvalue().encode()


def render(
    listed: Sequence[Row], apply: bool, stopped: str, seconds: float, reports: dict[str, str]
) -> str:
    """
    The page: totals, and a row for each customer with a link to its report.

    Raises:
        BridgeError: Something in it runs or is fetched.
    """
    page = (
        templates()
        .get_template("cohort.html.j2")
        .render(
            rows=listed,
            apply=apply,
            stopped=stopped,
            totals=totals(listed),
            took=_duration(seconds),
            reports=reports,
        )
    )
    active = active_parts(page, links=reports.values())
    if active:
        raise BridgeError(
            "The summary is not written: something in it is not static.",
            f"Found {', '.join(dict.fromkeys(active))}.",
            "Use summary.csv instead, and report this as a defect of the workbook.",
        )
    return page


def totals(listed: Sequence[Row]) -> list[tuple[str, int]]:
    """Each status with its number, those that there are."""
    counts = Counter(row.status for row in listed)
    return [(status, counts[status]) for status in ORDER if counts[status]]


def in_words(listed: Sequence[Row]) -> str:
    """`48 verified, 2 failed of 50 customers`."""
    told = ", ".join(f"{count} {status}" for status, count in totals(listed))
    return f"{told} of {counted(len(listed), 'customer')}"


def _reports(folder: Path, listed: Sequence[Row]) -> dict[str, str]:
    """Name to the address of its report from the summary, of those that have one."""
    names = [row.name for row in listed if (folder / row.name / "report.html").is_file()]
    return {name: f"{quote(name)}/report.html" for name in names}


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
