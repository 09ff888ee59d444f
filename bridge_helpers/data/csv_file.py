"""
CSV that spreadsheets open without changing or running anything.

A spreadsheet guesses types when it opens a CSV. `+15551234567` becomes a number and loses its
plus, `007` its zeros, a 20-digit id its last five digits, and a text that starts with `=`
becomes a formula. Nothing in a CSV says "text" to all of them: quotes do not, `="…"` is a formula
itself, and a tab in front is invisible but part of the value. An apostrophe keeps every character
and is seen, in Excel, LibreOffice and Google Sheets alike, so that whoever reads the file with a
program knows what to take off. Workbooks (`workbook`) need none of this.

Source: OWASP's "CSV Injection" for what starts a formula.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .columns import to_the_second

if TYPE_CHECKING:
    import pyarrow as pa


def safe_for_spreadsheets(value: Any) -> Any:
    """A text that a spreadsheet would run or change gets an apostrophe; the rest stays."""
    if not isinstance(value, str) or not _ARMED.match(value):
        return value
    return value if _SMALL_NUMBER.fullmatch(value) else f"'{value}"


# What starts a formula; and numbers in forms that come out different: leading zeros, more than
# the fifteen digits that a spreadsheet keeps, an exponent (an identity like `12E5`).
_ARMED: Final = re.compile(
    r"[=+\-@\t\r\n＝＋－＠]|0[0-9]|[0-9]{16}|[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+\Z"
)
_SMALL_NUMBER: Final = re.compile(r"-(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?")


class CsvFile:
    """A CSV with a header; times are `YYYY-MM-DD HH:MM:SS` in UTC, which spreadsheets know."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        # With a byte order mark, or Excel reads UTF-8 as something else.
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(schema.names)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        self._writer.writerows(zip(*map(_cells, batch.columns), strict=True))

    def close(self) -> None:
        """The end of the file."""
        self._file.close()


def _cells(column: pa.Array) -> list[Any]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        safe = [_text(value) for value in column.dictionary.to_pylist()]
        return [None if index is None else safe[index] for index in column.indices.to_pylist()]
    if pa.types.is_timestamp(kind):
        return to_the_second(column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return [_text(value) for value in column.to_pylist()]
    values: list[Any] = column.to_pylist()
    return values


def _text(value: Any) -> Any:
    # A lone carriage return ends a record for readers, and not every csv module quotes it.
    if isinstance(value, str) and "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return safe_for_spreadsheets(value)
