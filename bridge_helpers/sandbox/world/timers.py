"""
Classic's timers: ISO 8601 durations, and states that follow from silence.

Source: Twilio docs, conversations (classic), states and timers: inactive at least one minute,
closed at least ten, both since the last message.
"""

from __future__ import annotations

import re

from . import classic_records as classic
from .clock import LAST, iso_seconds
from .state import World

_DURATION = re.compile(
    r"P(?:(?P<W>\d+)W)?(?:(?P<D>\d+)D)?(?:T(?:(?P<H>\d+)H)?(?:(?P<M>\d+)M)?(?:(?P<S>\d+)S)?)?"
)
_SECONDS = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60, "S": 1}


def seconds_of(text: str) -> float | None:
    """The seconds of an ISO 8601 duration of weeks to seconds; None for anything else."""
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()):
        return None
    return sum(int(n) * _SECONDS[unit] for unit, n in match.groupdict().items() if n)


def set_state(service: classic.Service, conversation: classic.Conversation, to: str) -> None:
    """Change the state, also where lists by state look for it."""
    conversation.state = to  # type: ignore[assignment]
    service.conversations.regroup(conversation.sid, to)


def schedule(world: World, service: classic.Service, conversation: classic.Conversation) -> None:
    """See to it that the next change of state happens in time."""
    due = _next(conversation)
    waiting = conversation.timer_due
    if due is not None and (waiting is None or due < waiting):
        conversation.timer_due = due
        world.schedule(due, lambda at: _apply(world, service, conversation, at))


def _apply(
    world: World, service: classic.Service, conversation: classic.Conversation, at: float
) -> None:
    """Make the change of state that is due at this instant, and wait for the next one."""
    if conversation.timer_due is None or at < conversation.timer_due:
        return
    conversation.timer_due = None
    due = _next(conversation)
    if due is not None and due <= at:
        closed = _end(conversation, conversation.closed_timer)
        over = closed is not None and at >= closed
        conversation.updated = at
        set_state(service, conversation, "closed" if over else "inactive")
    schedule(world, service, conversation)


def _next(conversation: classic.Conversation) -> float | None:
    """When the state changes next if nobody writes."""
    if conversation.state not in ("active", "inactive"):
        return None
    ends = [_end(conversation, conversation.closed_timer)]
    if conversation.state == "active":
        ends.append(_end(conversation, conversation.inactive_timer))
    known = [round(end, 3) for end in ends if end is not None]
    return min(known) if known else None


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
    seconds = seconds_of(timer) if timer else None
    return None if seconds is None else min(conversation.active_at + seconds, LAST)
