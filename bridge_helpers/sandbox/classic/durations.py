"""Durations of timers in forms."""

from __future__ import annotations

from ..http.answers import bad_request
from ..world.clock import MINUTE
from ..world.timers import seconds_of


def duration(text: str, member: str, least: float) -> str:
    """
    A duration of at least so many seconds, as it was written.

    Raises:
        Refusal: 400/20001 for anything else.
    """
    seconds = seconds_of(text)
    if seconds is None or seconds < least:
        raise bad_request(
            f"{member}: must be an ISO 8601 duration of at least {int(least // MINUTE)} minutes"
        )
    return text
