"""
Which columns a table has, and columns of values as Arrow.

Arrow is what tables are made of here: a page becomes a record batch, batches become a pandas
frame (`frames`) or a file (`export`), and both have the columns and types that are named here.
Pandas is not imported for it: a file is written without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate, repeat
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

TEXT: Final = "text"
CATEGORY: Final = "category"
TIME: Final = "time"
NUMBER: Final = "number"

CONVERSATIONS: Final = {
    "conversation_id": TEXT,
    "status": CATEGORY,
    "name": TEXT,
    "channels": CATEGORY,
    "participants": NUMBER,
    "addresses": TEXT,
    "channel_ids": TEXT,
    "service_sid": CATEGORY,
    "configuration_id": CATEGORY,
    "created_at": TIME,
    "updated_at": TIME,
}
PARTICIPANTS: Final = {
    "participant_id": TEXT,
    "conversation_id": CATEGORY,
    "name": TEXT,
    "type": CATEGORY,
    "channels": CATEGORY,
    "addresses": TEXT,
    "profile_id": TEXT,
    "created_at": TIME,
}
COMMUNICATIONS: Final = {
    "communication_id": TEXT,
    "conversation_id": CATEGORY,
    "occurred_at": TIME,
    "author": TEXT,
    "channel": CATEGORY,
    "text": TEXT,
    "recipients": TEXT,
    "resource_id": TEXT,
    "channel_id": CATEGORY,
}

_DTYPES: Final = {
    TEXT: "string",
    CATEGORY: "category",
    TIME: "datetime64[us, UTC]",
    NUMBER: "Int64",
}


def schema(columns: Mapping[str, str]) -> pa.Schema:
    """
    The Arrow types of these columns: string, dictionary of strings, UTC microseconds, int64.

    What pandas needs to read a Parquet file back with the types of `frames` goes along, in the
    form that pandas itself writes.
    """
    return _schema(tuple(columns.items()))


@cache
def _schema(columns: tuple[tuple[str, str], ...]) -> pa.Schema:
    """Made once for all the pages of a list."""
    import pyarrow as pa

    kinds = {
        TEXT: pa.string(),
        CATEGORY: pa.dictionary(pa.int32(), pa.string()),
        TIME: pa.timestamp("us", "UTC"),
        NUMBER: pa.int64(),
    }
    described = [
        {
            "name": name,
            "field_name": name,
            "pandas_type": "int64" if kind == NUMBER else "unicode",
            "numpy_type": _DTYPES[kind],
            "metadata": None,
        }
        for name, kind in columns
        # The Arrow schema in the file tells the other two.
        if kind in (TEXT, NUMBER)
    ]
    for_pandas = {"index_columns": [], "column_indexes": [], "columns": described}
    return pa.schema(
        [(name, kinds[kind]) for name, kind in columns],
        metadata={"pandas": json.dumps(for_pandas)},
    )


def batch(values: Mapping[str, Sequence[Any]], columns: Mapping[str, str]) -> pa.RecordBatch:
    """
    Columns of Python values as a record batch.

    Args:
        values: As many values for each of the columns: text or None, whole numbers or None; of
            a time the text that was sent (`times`).
        columns: Name to one of TEXT, CATEGORY, TIME, NUMBER.
    """
    import pyarrow as pa

    made = [_MAKERS[kind](values[name]) for name, kind in columns.items()]
    return pa.RecordBatch.from_arrays(made, schema=schema(columns))


def texts(values: Sequence[str | None]) -> pa.Array:
    """
    Text as an Arrow array.

    Made from buffers, because `pyarrow.array` imports pandas, which costs a second.
    """
    import numpy as np
    import pyarrow as pa

    validity = None
    try:
        joined = "".join(values)  # type: ignore[arg-type]
    except TypeError:
        validity = _validity(values)
        values = [value or "" for value in values]
        joined = "".join(values)  # type: ignore[arg-type]
    data = joined.encode()
    lengths = map(len, values if len(data) == len(joined) else map(str.encode, values))  # type: ignore[arg-type]
    # Not numpy's sum: it gives Python's lock away, and the thread that reads the next page keeps
    # it for longer than this takes. The same goes for Arrow's dictionary encoding below.
    offsets = np.fromiter(accumulate(lengths, initial=0), np.int32, len(values) + 1)
    buffers = [validity, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def numbers(values: Sequence[int | None]) -> pa.Array:
    """Whole numbers as an Arrow array of int64."""
    import numpy as np
    import pyarrow as pa

    validity = _validity(values) if None in values else None
    data = np.fromiter((value or 0 for value in values) if validity else values, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(values), [validity, pa.py_buffer(data)])


def times(values: Sequence[str | None]) -> pa.Array:
    """
    ISO 8601 timestamps as an Arrow array of UTC microseconds.

    Finer fractions are cut off; a time without an offset is taken as UTC; what cannot be read
    becomes null rather than the end of the table.
    """
    import pyarrow as pa

    kind = pa.timestamp("us", "UTC")
    try:
        return texts(values).cast(kind)
    except pa.ArrowInvalid:
        # One that Arrow cannot read (a date alone, nanoseconds, no time at all) refuses them all.
        microseconds = [None if value is None else _microseconds(value) for value in values]
        return numbers(microseconds).cast(kind)


def strings(array: pa.Array) -> list[str | None]:
    """The values of a text column, whether it is dictionary-encoded or not."""
    import pyarrow as pa

    if not pa.types.is_dictionary(array.type):
        found: list[str | None] = array.to_pylist()
        return found
    known = array.dictionary.to_pylist()
    return [None if index is None else known[index] for index in array.indices.to_pylist()]


def to_the_second(array: pa.Array) -> list[str | None]:
    """Times as `YYYY-MM-DD HH:MM:SS`, in UTC: the form that spreadsheets take for a time."""
    import pyarrow as pa

    whole = array.cast(pa.timestamp("s", array.type.tz), safe=False)
    return strings(whole.cast(pa.timestamp("s")).cast(pa.string()))


def exactly(array: pa.Array) -> list[str | None]:
    """Times in ISO 8601, with a Z where they are in UTC, to the microsecond where they are so."""
    import pyarrow as pa

    read: list[str | None] = array.cast(pa.timestamp(array.type.unit)).cast(pa.string()).to_pylist()
    ending = "Z" if array.type.tz else ""
    return [value and value.replace(" ", "T") + ending for value in read]


def _categories(values: Sequence[str | None]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    known = dict.fromkeys(values)
    missing = None in known
    if missing:
        del known[None]
    if len(known) > 1:
        code: dict[str | None, int] = {value: index for index, value in enumerate(known)}
        codes = np.fromiter(map(code.get, values, repeat(0)), np.int32, len(values))
    else:
        codes = np.zeros(len(values), np.int32)
    buffers = [_validity(values) if missing else None, pa.py_buffer(codes)]
    indices = pa.Array.from_buffers(pa.int32(), len(values), buffers)
    return pa.DictionaryArray.from_arrays(indices, texts(list(known)), safe=False)


_MAKERS: Final[dict[str, Callable[[Any], pa.Array]]] = {
    TEXT: texts,
    CATEGORY: _categories,
    TIME: times,
    NUMBER: numbers,
}


def _validity(values: Sequence[object]) -> pa.Buffer:
    """Arrow's bitmap of which values are there."""
    import numpy as np
    import pyarrow as pa

    there = np.fromiter((value is not None for value in values), bool, len(values))
    return pa.py_buffer(np.packbits(there, bitorder="little"))


def moment(text: str | None) -> datetime | None:
    """An ISO 8601 timestamp; without an offset it is UTC. None where it cannot be read."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _microseconds(text: str) -> int | None:
    read = moment(text)
    try:
        since = read - _EPOCH if read else None
    except OverflowError:
        return None
    if since is None:
        return None
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
