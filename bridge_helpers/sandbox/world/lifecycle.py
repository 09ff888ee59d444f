"""ACTIVE, INACTIVE, CLOSED: the life of a v2 conversation on the sandbox's clock.

Both timers count minutes from the last communication; where a conversation uses several
channels the longest-living one wins; without timeouts it lives until it is closed or for three
years (Twilio docs: conversations/orchestrator, lifecycle). The timeouts are those of the
configuration that the conversation pinned at birth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clock import MAXIMUM_LIFE, MINUTE, rfc3339

if TYPE_CHECKING:
    from .records import Status
    from .state import Account, Thread, World


def limits(thread: Thread) -> tuple[float | None, float | None]:
    """Seconds of silence after which it turns INACTIVE and CLOSED; None for never."""
    settings = thread.configuration.channel_settings
    channels = {a.channel for p in thread.record.participants for a in p.addresses}
    timeouts = [settings.get(c, {}).get("statusTimeouts", {}) for c in sorted(channels)]
    found = []
    for timer in ("inactive", "closed"):
        minutes = [t.get(timer) for t in timeouts]
        known = [m for m in minutes if m is not None]
        found.append(max(known) * MINUTE if known and len(known) == len(minutes) else None)
    return found[0], found[1]


def touch(world: World, account: Account, thread: Thread, at: float) -> None:
    """A communication has come: the conversation is active and its timers start again."""
    thread.active_at = at
    if thread.record.status == "INACTIVE":
        set_status(account, thread, "ACTIVE", at)
    watch(world, account, thread)


def watch(world: World, account: Account, thread: Thread) -> None:
    """See to it that the next transition happens in time; one watcher per conversation."""
    due = _next(thread)
    if thread.watched is None or due < thread.watched:
        thread.watched = due
        world.at(due, lambda at: _look(world, account, thread, at))


def _look(world: World, account: Account, thread: Thread, at: float) -> None:
    """Make the transitions that are due at this instant, and watch for the next one."""
    if thread.watched is None or at < thread.watched or thread.record.id not in account.threads:
        return
    thread.watched = None
    if thread.record.status == "CLOSED":
        return
    if _next(thread) <= at:
        _, closed = limits(thread)
        over = closed is not None and at >= thread.active_at + closed
        ends = over or at >= thread.born + MAXIMUM_LIFE
        set_status(account, thread, "CLOSED" if ends else "INACTIVE", at)
        if ends:
            return
    watch(world, account, thread)


def _next(thread: Thread) -> float:
    """When the next transition falls due if nothing more is said."""
    inactive, closed = limits(thread)
    ends = [thread.born + MAXIMUM_LIFE]
    if closed is not None:
        ends.append(thread.active_at + closed)
    if inactive is not None and thread.record.status == "ACTIVE":
        ends.append(thread.active_at + inactive)
    return round(min(ends), 3)


def set_status(account: Account, thread: Thread, status: Status, at: float) -> None:
    """Change the status; a closed conversation no longer mirrors a classic one."""
    record = thread.record
    record.status = status
    record.updated_at = rfc3339(at)
    if status == "CLOSED" and thread.classic is not None:
        mirrored = account.twins.get(thread.classic.sid)
        if mirrored is thread:
            del account.twins[thread.classic.sid]
