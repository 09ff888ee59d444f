"""
Records to pandas.

Frames are tidy: snake_case columns, timestamps in UTC, categoricals where
values repeat, and the same columns and types when there are no rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

    from ..api.models import Communication, Configuration, Conversation, Participant

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


def frame(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    """
    A frame with exactly these columns and types, whether there are rows or not.

    Args:
        rows: One mapping a row; what is missing is NA.
        columns: Name to one of TEXT, CATEGORY, TIME (strings in; UTC timestamps out), NUMBER.
    """
    import pandas as pd

    listed = list(rows)
    made: dict[str, Any] = {}
    for name, kind in columns.items():
        values = [row.get(name) for row in listed]
        if kind == TIME:
            made[name] = pd.Series(_times(values), dtype="datetime64[us, UTC]")
        elif kind == NUMBER:
            made[name] = pd.Series(values, dtype="Int64")
        else:
            text = pd.Series(values, dtype="string")
            made[name] = text.astype("category") if kind == CATEGORY else text
    return pd.DataFrame(made, columns=list(columns))


def conversations(
    records: Iterable[Conversation], configurations: Iterable[Configuration] = ()
) -> pd.DataFrame:
    """
    One row a conversation; columns as in `CONVERSATIONS`.

    Args:
        configurations: Tell the bridged service of list items that do not carry it.
    """
    services = {one.id: one.service_sid for one in configurations}
    return frame((_conversation(one, services) for one in records), CONVERSATIONS)


def participants(records: Iterable[Participant]) -> pd.DataFrame:
    """One row a participant; columns as in `PARTICIPANTS`."""
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
    """One row a communication, oldest first; columns as in `COMMUNICATIONS`."""
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


def _conversation(one: Conversation, services: Mapping[str, str | None]) -> dict[str, Any]:
    addresses = [
        address for participant in one.participants or () for address in participant.addresses or ()
    ]
    service = one.configuration.service_sid if one.configuration else None
    return {
        "conversation_id": one.id,
        "status": one.status,
        "name": one.name,
        "channels": _joined(sorted({address.channel for address in addresses})),
        "participants": None if one.participants is None else len(one.participants),
        "addresses": _joined(address.address for address in addresses),
        "channel_ids": _joined(one.channel_ids),
        "service_sid": service or services.get(one.configuration_id or ""),
        "configuration_id": one.configuration_id,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def _joined(values: Iterable[str]) -> str | None:
    return ", ".join(dict.fromkeys(value for value in values if value)) or None


def _times(values: list[Any]) -> Any:
    """UTC timestamps; what cannot be read becomes NaT rather than the end of the table."""
    import pandas as pd

    return pd.to_datetime(
        pd.Series(values, dtype="string"), utc=True, format="ISO8601", errors="coerce"
    ).astype("datetime64[us, UTC]")
