"""Conversations as a table: all pages, and what was read when a page fails."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ..api.models import CONVERSATION_STATUSES, Conversation
from ..api.session import Session
from ..data import frames
from ..errors import BridgeError, Cancelled, InvalidInput
from ..progress import OnProgress, step_context
from .plan import check_field

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Explored:
    """
    What was read.

    Attributes:
        table: One row a conversation (`columns.CONVERSATIONS`).
        complete: Whether all pages were read.
        error: Why not, when not.
    """

    table: pd.DataFrame
    complete: bool
    error: BridgeError | None = None


def explore(
    session: Session,
    *,
    status: Sequence[str] = (),
    service_sid: str = "",
    channel_id: str = "",
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Explored:
    """
    Read every page of the account's Orchestrator conversations.

    Args:
        status: ACTIVE, INACTIVE, CLOSED; none: all of them.
        service_sid: Only conversations bridged from this classic service. The service has no
            such filter, so all pages are read and the rest is left out.
        channel_id: Only those with this channel id, such as a classic `CH…` sid.

    Returns:
        The table. When a page fails or the wait is stopped after some pages were read, these
        are returned, `complete` is false and `error` says why.

    Raises:
        InvalidInput: An unknown status or a malformed sid.
        BridgeError: Nothing could be read.
    """
    wanted = [check_status(one) for one in status]
    service_sid = check_field("service_sid", service_sid)
    with step_context(on_progress, cancel):
        configurations = list(session.orchestrator.configurations())
        read: list[Conversation] = []
        error: BridgeError | None = None
        try:
            for one in session.orchestrator.conversations(wanted, channel_id):
                read.append(one)
        except (BridgeError, Cancelled) as failed:
            if not read:
                raise
            error = failed
    table = frames.conversations(read, configurations)
    if service_sid:
        ours = table["service_sid"].astype("string").str.lower() == service_sid.lower()
        table = table[ours.fillna(False)].reset_index(drop=True)
    return Explored(table, error is None, error)


def drill(session: Session, conversation_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A conversation's participants and communications, as frames."""
    return (
        frames.participants(session.orchestrator.participants(conversation_id)),
        frames.communications(session.orchestrator.communications(conversation_id)),
    )


def check_status(value: object) -> str:
    """A conversation status in capitals, or an error that lists them."""
    status = value.strip().upper() if isinstance(value, str) else ""
    if status not in CONVERSATION_STATUSES:
        raise InvalidInput(
            "status", value, f"it has to be one of {', '.join(CONVERSATION_STATUSES)}"
        )
    return status


def filter_rows(
    table: pd.DataFrame,
    *,
    status: str = "",
    channel: str = "",
    words: str = "",
    since: date | None = None,
    until: date | None = None,
) -> pd.DataFrame:
    """
    The rows of a conversations table that pass all filters; empty ones pass everything.

    Raises:
        InvalidInput: The last day is before the first.
    """
    import pandas as pd

    if since and until and until < since:
        raise InvalidInput("Created until", until.isoformat(), "it has to be after the first day")
    keep = pd.Series(True, index=table.index)
    if status:
        keep &= (table["status"] == status).fillna(False)
    if channel:
        channels = table["channels"].astype("string").str.split(", ")
        keep &= channels.map(lambda found: channel in found, na_action="ignore").eq(True)
    for word in words.lower().split():
        keep &= _any_contains(table, word)
    if since:
        keep &= table["created_at"] >= pd.Timestamp(since, tz="UTC")
    if until:
        keep &= table["created_at"] < pd.Timestamp(until, tz="UTC") + pd.Timedelta(days=1)
    return table[keep.astype(bool)].reset_index(drop=True)


def _any_contains(table: pd.DataFrame, word: str) -> Any:
    found = None
    for name in ("name", "addresses", "channel_ids", "conversation_id"):
        here = table[name].str.lower().str.contains(word, regex=False).fillna(False).astype(bool)
        found = here if found is None else found | here
    return found
