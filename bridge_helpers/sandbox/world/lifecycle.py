"""
ACTIVE, INACTIVE, CLOSED: the life of a v2 conversation on the sandbox's clock.

Both timers count minutes from the last communication; where a conversation uses several
channels the longest-living one wins; without timeouts it lives until it is closed or for three
years (Twilio docs: conversations/orchestrator, lifecycle). The timeouts are those of the
configuration that the conversation pinned at birth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clock import MAXIMUM_LIFE, MINUTE, rfc3339
from .intelligence import evaluation as intelligence
from .memory import extraction

if TYPE_CHECKING:
    from .records import Status
    from .state import Account, ConversationState, World


def limits(conversation: ConversationState) -> tuple[float | None, float | None]:
    """Seconds of silence after which it turns INACTIVE and CLOSED; None for never."""
    settings = conversation.configuration.channel_settings
    channels = {a.channel for p in conversation.record.participants for a in p.addresses}
    timeouts = [settings.get(c, {}).get("statusTimeouts", {}) for c in sorted(channels)]
    found = []
    for timer in ("inactive", "closed"):
        minutes = [t.get(timer) for t in timeouts]
        known = [m for m in minutes if m is not None]
        found.append(max(known) * MINUTE if known and len(known) == len(minutes) else None)
    return found[0], found[1]


def touch(world: World, account: Account, conversation: ConversationState, at: float) -> None:
    """A communication has come: the conversation is active and its timers start again."""
    conversation.active_at = at
    if conversation.record.status == "INACTIVE":
        set_status(world, account, conversation, "ACTIVE", at)
    schedule_transition(world, account, conversation)


def schedule_transition(world: World, account: Account, conversation: ConversationState) -> None:
    """See to it that the next transition happens in time."""
    due = next_transition(conversation)
    waiting = conversation.transition_due
    if waiting is None or due < waiting:
        conversation.transition_due = due
        world.schedule(due, lambda at: _transition(world, account, conversation, at))


def _transition(world: World, account: Account, conversation: ConversationState, at: float) -> None:
    """Make the transition that is due at this instant, and wait for the next one."""
    waiting = conversation.transition_due
    if waiting is None or at < waiting or conversation.record.id not in account.conversations:
        return
    conversation.transition_due = None
    status = status_at(conversation, at)
    if status != conversation.record.status:
        set_status(world, account, conversation, status, at)
    if status != "CLOSED":
        schedule_transition(world, account, conversation)


def status_at(conversation: ConversationState, at: float) -> Status:
    """The status that silence leads to by this instant."""
    if conversation.record.status == "CLOSED" or next_transition(conversation) > at:
        return conversation.record.status
    _, closed = limits(conversation)
    over = closed is not None and at >= conversation.active_at + closed
    return "CLOSED" if over or at >= conversation.created + MAXIMUM_LIFE else "INACTIVE"


def next_transition(conversation: ConversationState) -> float:
    """When the next transition falls due if nothing more is said."""
    inactive, closed = limits(conversation)
    ends = [conversation.created + MAXIMUM_LIFE]
    if closed is not None:
        ends.append(conversation.active_at + closed)
    if inactive is not None and conversation.record.status == "ACTIVE":
        ends.append(conversation.active_at + inactive)
    return round(min(ends), 3)


def set_status(
    world: World, account: Account, conversation: ConversationState, status: Status, at: float
) -> None:
    """Change the status, with what follows; a closed one no longer mirrors a classic one."""
    record = conversation.record
    record.status = status
    record.updated_at = rfc3339(at)
    account.conversations.regroup(record.id, status)
    mirrored = conversation.classic
    if status == "CLOSED" and mirrored and account.twins.get(mirrored.sid) is conversation:
        del account.twins[mirrored.sid]
    extraction.status_changed(world, account, conversation, at)
    intelligence.status_changed(world, account, conversation, at)
