"""
CSV that spreadsheets open without changing or running anything.

A spreadsheet guesses types when it opens a CSV. `+15551234567` becomes a number and loses its
plus, `007` its zeros, a 20-digit id its last five digits; `1/2` and `Mar 3` become dates, `12:30` a
time, `5%` a twentieth; and a text that starts with `=` becomes a formula. Nothing in a CSV says
"text" to all of them: quotes do not, `="…"` is a formula itself, and a tab in front is invisible
but part of the value. An apostrophe keeps every character and is seen, in Excel, LibreOffice and
Google Sheets alike, so that whoever reads the file with a program knows what to take off. Months
are known by their English names. Workbooks (`workbook`) need none of this.

A time is written twice: to the second in its column, in the form that spreadsheets take for a
time, and exactly, in ISO 8601, in a column at the end whose name ends in `_exact`.

Source: OWASP's "CSV Injection" for what starts a formula.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .columns import exactly, to_the_second

if TYPE_CHECKING:
    import pyarrow as pa


def safe_for_spreadsheets(value: Any) -> Any:
    """A text that a spreadsheet would run or change gets an apostrophe; the rest stays."""
    if not isinstance(value, str) or not _GUESSED.match(value):
        return value
    return value if _THE_SAME.fullmatch(value) else f"'{value}"


_GUESSED: Final = re.compile(
    # What starts a formula, leading zeros, and more than the fifteen digits that are kept.
    r"[=+\-@\t\r\n＝＋－＠]|0[0-9]|[0-9]{16}"
    # An exponent: an identity like `12E5`.
    r"|[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+\Z"
    # Digits and what stands between them: dates, times, fractions, shares, amounts.
    r"|(?=[^0-9]*[0-9])[0-9 .,:/%()$€£¥'’\u00a0\u202f+\-]{1,40}\Z"
    r"|[0-9]{1,2}(:[0-9]{2}){0,2} ?[ap]\.?(m\.?)?\Z"
    r"|(?=[^0-9]*[0-9])([0-9]{1,4}[ .,/-]*)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"[a-z]{0,6}[ .,/-]*[0-9]{0,4}[ .,/-]*[0-9]{0,4}\Z"
    r"|(true|false)\Z",
    re.IGNORECASE,
)
# Numbers that come out as they are, whichever of point and comma a spreadsheet's language has:
# `12.5` may be the twelfth of May.
_THE_SAME: Final = re.compile(r"0|-?[1-9][0-9]{0,14}|-?0\.[0-9]{0,2}[1-9]|-[0-9]+\.[0-9]{0,2}[1-9]")


class CsvFile:
    """A CSV with a header; for its times see above."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow as pa

        # With a byte order mark, or Excel reads UTF-8 as something else.
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._times = [field.name for field in schema if pa.types.is_timestamp(field.type)]
        self._writer.writerow([*schema.names, *(f"{name}_exact" for name in self._times)])

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        cells = [*map(_cells, batch.columns), *(exactly(batch[name]) for name in self._times)]
        self._writer.writerows(zip(*cells, strict=True))

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
