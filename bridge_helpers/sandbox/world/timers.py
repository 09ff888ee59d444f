"""Classic's timers: ISO 8601 durations, and states that follow from silence.

Source: Twilio docs, conversations (classic), states and timers: inactive at least one minute,
closed at least ten, both since the last message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..http.answers import bad_request
from .clock import MINUTE, iso_seconds

if TYPE_CHECKING:
    from . import classic_records as classic

_DURATION = re.compile(
    r"P(?:(?P<W>\d+)W)?(?:(?P<D>\d+)D)?(?:T(?:(?P<H>\d+)H)?(?:(?P<M>\d+)M)?(?:(?P<S>\d+)S)?)?"
)
_SECONDS = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60, "S": 1}


def duration(text: str, member: str, least: float) -> str:
    """A duration of at least so many seconds, as it was written.

    Raises:
        Refusal: 400/20001 for anything else.
    """
    seconds = _seconds(text)
    if seconds is None or seconds < least:
        raise bad_request(
            f"{member}: must be an ISO 8601 duration of at least {int(least // MINUTE)} minutes"
        )
    return text


def _seconds(text: str) -> float | None:
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()):
        return None
    return sum(int(n) * _SECONDS[unit] for unit, n in match.groupdict().items() if n)


def bring_up_to_date(conversation: classic.Conversation, now: float) -> None:
    """Let the state follow from the timers; classic states are worked out when they are read."""
    if conversation.state not in ("active", "inactive"):
        return
    closed = _end(conversation, conversation.closed_timer)
    if closed is not None and now >= closed:
        conversation.state, conversation.updated = "closed", closed
        return
    inactive = _end(conversation, conversation.inactive_timer)
    if conversation.state == "active" and inactive is not None and now >= inactive:
        conversation.state, conversation.updated = "inactive", inactive


def view(conversation: classic.Conversation) -> dict[str, str]:
    """The ``timers`` of a conversation: when it turns inactive and closed."""
    dates = {}
    inactive = _end(conversation, conversation.inactive_timer)
    if inactive is not None and conversation.state == "active":
        dates["date_inactive"] = iso_seconds(inactive)
    closed = _end(conversation, conversation.closed_timer)
    if closed is not None and conversation.state in ("active", "inactive"):
        dates["date_closed"] = iso_seconds(closed)
    return dates


def _end(conversation: classic.Conversation, timer: str | None) -> float | None:
    seconds = _seconds(timer) if timer else None
    return None if seconds is None else conversation.active_at + seconds
