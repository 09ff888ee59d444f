"""
Frames to files.

Parquet and JSON lines are exact; CSV and XLSX are safe for spreadsheets: a number like
`+15551234567` survives, a text that starts with `=` does not become a formula.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidInput
from ..files import checked_path, whole_file

if TYPE_CHECKING:
    import pandas as pd

FORMATS: Final = (".csv", ".xlsx", ".parquet", ".jsonl")


def check_output(path: str | Path) -> Path:
    """
    A path that `write` can write to.

    Raises:
        InvalidInput: Another ending than those of `FORMATS`, or no path at all.
    """
    checked = checked_path("output", path)
    if checked.suffix.lower() not in FORMATS:
        raise InvalidInput("output", str(path), f"a table is written as {', '.join(FORMATS)}")
    return checked


def write(table: pd.DataFrame, path: str | Path) -> Path:
    """
    Write a frame, for the user alone, whole or not at all.

    `.parquet` and `.jsonl` are exact; `.csv` and `.xlsx` are for spreadsheets. In a CSV, text
    that would be taken for a formula gets an apostrophe in front, and every line break is a
    line feed. In a workbook, text loses the characters that a workbook cannot hold, and what
    goes beyond the 32,767 of a cell.

    Raises:
        InvalidInput: An ending that is not known.
        BridgeError: The file cannot be written.
    """
    checked = check_output(path)
    with whole_file(checked) as unfinished:
        _WRITERS[checked.suffix.lower()](table, unfinished)
    return checked


def safe_for_spreadsheets(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula, disarmed; anything else as it is."""
    if not isinstance(value, str) or not value:
        return value
    if _NUMBER.fullmatch(value):
        return value
    return f"'{value}" if value[0] in _FORMULA_STARTS else value


_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"\+[0-9]{6,15}|-?[0-9]+(\.[0-9]+)?")


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    # With a byte order mark, or Excel reads UTF-8 as something else.
    _disarmed(table).to_csv(path, index=False, encoding="utf-8-sig")


def _write_xlsx(table: pd.DataFrame, path: Path) -> None:
    import pandas as pd

    plain = table.copy()
    for name in plain.select_dtypes("datetimetz"):
        plain[name] = plain[name].dt.tz_localize(None)
    for name in plain.select_dtypes(["string", "category", "object"]):
        # Characters that a workbook cannot hold would fail the whole export.
        text = plain[name].astype("string").str.replace(_UNPRINTABLE, "", regex=True)
        plain[name] = text.map(_cut, na_action="ignore")
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        plain.to_excel(book, index=False, sheet_name="data")
        for row in book.sheets["data"].iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, str):
                    # As text: neither a formula nor a number that loses its plus sign.
                    cell.data_type = "s"
                    cell.number_format = "@"


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    table.to_parquet(path, index=False)


def _write_jsonl(table: pd.DataFrame, path: Path) -> None:
    if table.empty:
        # Pandas would write an empty line, which is no record.
        path.write_bytes(b"")
        return
    table.to_json(
        path,
        orient="records",
        lines=True,
        date_format="iso",
        date_unit="us",
        force_ascii=False,
        mode="w",
    )


_UNPRINTABLE: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
_CELL_BYTES: Final = 2 * 32_767
"""A cell's limit in UTF-16, which is how spreadsheets count."""
_WRITERS: Final = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".parquet": _write_parquet,
    ".jsonl": _write_jsonl,
}


def _disarmed(table: pd.DataFrame) -> pd.DataFrame:
    made = table.copy()
    for name in made.select_dtypes(["string", "category", "object"]):
        # A lone carriage return ends a record for readers, and not every csv module quotes it.
        text = made[name].astype("object").replace("\r\n?", "\n", regex=True)
        made[name] = text.map(safe_for_spreadsheets)
    return made


def _cut(text: str) -> str:
    """As much of a text as a cell holds: pandas would warn, and count otherwise."""
    return text.encode("utf-16-le")[:_CELL_BYTES].decode("utf-16-le", "ignore")
