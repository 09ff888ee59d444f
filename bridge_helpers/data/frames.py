"""
Records to pandas.

Frames are tidy: snake_case columns, timestamps in UTC, categoricals where
values repeat, and the same columns and types when there are no rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .columns import (
    CATEGORY,
    COMMUNICATIONS,
    CONVERSATIONS,
    NUMBER,
    PARTICIPANTS,
    TIME,
    batch,
    schema,
)
from .rows import conversation_batch

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ..api.models import Communication, Configuration, Conversation, Participant


def frame(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """
    A frame with exactly these columns and types, whether there are rows or not.

    Args:
        rows: One mapping a row; what is missing is NA.
        columns: Name to one of TEXT, CATEGORY, TIME (strings in; UTC timestamps out), NUMBER.
    """
    listed = list(rows)
    values = {name: [row.get(name) for row in listed] for name in columns}
    return from_batches([batch(values, columns)], columns)


def from_batches(batches: Sequence[pa.RecordBatch], columns: Mapping[str, str]) -> pd.DataFrame:
    """
    Record batches as one frame: string, category of strings, UTC microseconds, Int64.

    Args:
        batches: As `columns.batch` makes them; none are a frame without rows.
        columns: What the batches were made of.
    """
    import pandas as pd
    import pyarrow as pa

    table = pa.Table.from_batches(batches, schema(columns)).unify_dictionaries()
    made: dict[str, Any] = {}
    for name, kind in columns.items():
        column = table[name]
        if kind == TIME:
            naive = column.cast(pa.timestamp("us")).to_numpy()
            made[name] = pd.Series(naive).dt.tz_localize("UTC")
        elif kind == NUMBER:
            made[name] = _extension("Int64", column)
        elif kind == CATEGORY:
            made[name] = _categorical(column)
        else:
            made[name] = _extension("string", column)
    return pd.DataFrame(made, columns=list(columns), copy=False)


def conversations(
    records: Iterable[Conversation], configurations: Iterable[Configuration] = ()
) -> pd.DataFrame:
    """
    One row a conversation; columns as in `columns.CONVERSATIONS`.

    Args:
        records: Conversations as listed.
        configurations: Tell the bridged service of list items that do not carry it.
    """
    services = {one.id: one.service_sid for one in configurations}
    return from_batches([conversation_batch(records, services)], CONVERSATIONS)


def participants(records: Iterable[Participant]) -> pd.DataFrame:
    """One row a participant; columns as in `columns.PARTICIPANTS`."""
    return frame(
        (
            {
                "participant_id": one.id,
                "conversation_id": one.conversation_id,
                "name": one.name,
                "type": one.type,
                "channels": _joined(address.channel for address in one.addresses or ()),
                "addresses": _joined(address.address for address in one.addresses or ()),
                "profile_id": one.profile_id,
                "created_at": one.created_at,
            }
            for one in records
        ),
        PARTICIPANTS,
    )


def communications(records: Iterable[Communication]) -> pd.DataFrame:
    """One row a communication, oldest first; columns as in `columns.COMMUNICATIONS`."""
    made = frame(
        (
            {
                "communication_id": one.id,
                "conversation_id": one.conversation_id,
                "occurred_at": one.occurred_at or one.created_at,
                "author": one.author.address if one.author else None,
                "channel": one.author.channel if one.author else None,
                "text": one.content.text if one.content else None,
                "recipients": _joined(party.address or "" for party in one.recipients or ()),
                "resource_id": one.resource_id,
                "channel_id": one.channel_id,
            }
            for one in records
        ),
        COMMUNICATIONS,
    )
    return made.sort_values("occurred_at", kind="stable", ignore_index=True)


def _extension(dtype: str, column: pa.ChunkedArray) -> Any:
    """A column as an array of one of pandas' own types, without a detour over objects."""
    from pandas.api.types import pandas_dtype

    made: Any = pandas_dtype(dtype)
    return made.__from_arrow__(column)


def _categorical(column: pa.ChunkedArray) -> pd.Categorical:
    """A dictionary-encoded column, whose chunks share one dictionary, with sorted categories."""
    import numpy as np
    import pandas as pd

    whole = column.combine_chunks()
    known = whole.dictionary.to_pylist()
    order = sorted(range(len(known)), key=known.__getitem__)
    rank = np.empty(len(known) + 1, np.int32)
    rank[order] = np.arange(len(known))
    rank[-1] = -1
    codes = rank[whole.indices.fill_null(len(known)).to_numpy()]
    categories = pd.Index([known[index] for index in order], dtype="string")
    return pd.Categorical.from_codes(codes, categories)


def _joined(values: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(value for value in values if value)) or None
