"""
What follows from a conversation by itself, a while later: profiles, memories, operator results.

Each is a stage with a name. It comes one lag after its cause, unless the faults ``memory-lost``
and ``memory-lag`` say otherwise; they see the path of the conversation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..faults import Stage
    from ..state import Account, ConversationState, World


def later(
    world: World,
    account: Account,
    conversation: ConversationState,
    at: float,
    stage: Stage,
    work: Callable[[float], None],
) -> None:
    """Do the work of a stage when it falls due, if the conversation is still there then."""
    conversation_id = conversation.record.id
    path = f"/v2/Conversations/{conversation_id}"
    if world.faults.take("memory-lost", "POST", path, account.sid, stage=stage):
        return
    slow = world.faults.take("memory-lag", "POST", path, account.sid, stage=stage)

    def due(then: float) -> None:
        if conversation_id in account.conversations:
            work(then)

    world.schedule(at + world.settings.lag + (slow.seconds if slow else 0.0), due)
