"""
Tables to files, a batch of rows at a time.

Parquet and JSON lines are exact; CSV and XLSX are safe for spreadsheets: a number like
`+15551234567` survives, a text that starts with `=` does not become a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from ..errors import InvalidInput
from ..files import checked_path, whole_file
from .columns import exactly, strings
from .csv_file import CsvFile
from .workbook import WorkbookFile

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

FORMATS: Final = (".csv", ".xlsx", ".parquet", ".jsonl")


def check_output(path: str | Path) -> Path:
    """
    A path that `write` and `table_file` can write to.

    Raises:
        InvalidInput: Another ending than those of `FORMATS`, or no path at all.
    """
    checked = checked_path("output", path)
    if checked.suffix.lower() not in FORMATS:
        raise InvalidInput("output", str(path), f"a table is written as {', '.join(FORMATS)}")
    return checked


class TableFile(Protocol):
    """A file that is being written."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows, with the columns that the file was opened with."""

    def close(self) -> None:
        """Write what is still held back, and the end of the file."""


@contextmanager
def table_file(path: str | Path, schema: pa.Schema) -> Iterator[TableFile]:
    """
    A file that takes record batches; memory does not grow with their number.

    It is for the user alone, whole or not at all: it takes its name when the block ends well,
    and what stood there before stays when the block ends with an error.

    `.parquet` and `.jsonl` are exact: times to the microsecond. `.csv` and `.xlsx` are for
    spreadsheets: times to the second, in UTC; a CSV has them exactly too, in columns of their own
    at the end. In a CSV, text that a spreadsheet would take for a formula, a number or a date, and
    change, gets an apostrophe in front, which stays visible; every line break is a line feed. In a
    workbook, text loses the characters that a workbook cannot hold, and what goes beyond the
    32,767 of a cell; what is more than the 1,048,576 rows of a sheet goes on in another.

    Args:
        path: Its ending says the format.
        schema: The columns of the batches.

    Raises:
        InvalidInput: An ending that is not known.
        BridgeError: The file cannot be written.
    """
    checked = check_output(path)
    with whole_file(checked) as unfinished:
        file = _FILES[checked.suffix.lower()](unfinished, schema)
        try:
            yield file
        except BaseException:
            # What is thrown away need not come to a good end, but it has to let go of the file.
            with suppress(OSError, ValueError):
                file.close()
            raise
        file.close()


def write(table: pd.DataFrame, path: str | Path) -> Path:
    """
    Write a frame to a file, as `table_file` does.

    Raises:
        InvalidInput: An ending that is not known.
        BridgeError: The file cannot be written.
    """
    import pyarrow as pa

    checked = check_output(path)
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    with table_file(checked, arrow.schema) as file:
        for batch in arrow.to_batches(max_chunksize=_BATCH):
            file.write(batch)
    return checked


_BATCH: Final = 10_000
_ROW_GROUP: Final = 50_000
"""Rows that are held back for a row group: large enough to compress well, small in memory."""


class _ParquetFile:
    """Batches as row groups."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        from pyarrow.parquet import ParquetWriter

        self._schema = schema
        self._writer = ParquetWriter(path, schema)
        self._held: list[pa.RecordBatch] = []
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._rows += batch.num_rows
        if self._rows >= _ROW_GROUP:
            self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        # One dictionary for the group, or Parquet would write the values out again and again.
        group = pa.Table.from_batches(self._held, self._schema).unify_dictionaries()
        self._writer.write_table(group.combine_chunks(), row_group_size=group.num_rows)
        self._held, self._rows = [], 0


class _JsonLinesFile:
    """An object a line; what is missing is null."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = path.open("wb")
        self._names = schema.names
        self._encoder = msgspec.json.Encoder()

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [_exact(column) for column in batch.columns]
        rows = zip(*columns, strict=True)
        records = [dict(zip(self._names, row, strict=True)) for row in rows]
        self._file.write(self._encoder.encode_lines(records))

    def close(self) -> None:
        self._file.close()


def _exact(column: pa.Array) -> list[Any]:
    """Values for JSON."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        return exactly(column)
    if pa.types.is_dictionary(kind):
        return strings(column)
    values: list[Any] = column.to_pylist()
    return values


_FILES: Final[dict[str, Callable[[Path, pa.Schema], TableFile]]] = {
    ".csv": CsvFile,
    ".xlsx": WorkbookFile,
    ".parquet": _ParquetFile,
    ".jsonl": _JsonLinesFile,
}
