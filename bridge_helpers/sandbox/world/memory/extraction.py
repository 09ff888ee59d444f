"""
What memory learns from a conversation: observations of its customers, and a summary of it.

Extraction runs when a conversation turns INACTIVE or CLOSED, summaries are written on CLOSED
alone, and both only where the configuration that the conversation was born with has
``memoryExtractionEnabled`` (Twilio docs: conversations/orchestrator, lifecycle and memory). What
is taken for a fact is the sandbox's own choice (the assumption "extraction").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import UNSET

from ..clock import rfc3339
from ..records import Observation, Summary
from .stages import later

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..records import Communication, Participant
    from ..state import Account, ConversationState, Memories, World

SOURCE = "conversation"

_SENTENCE = re.compile(r"[.!?;\n]+\s*")
_FACTS = (
    (re.compile(r"\bmy name is (?P<what>.+)", re.I), "The customer's name is {what}."),
    (re.compile(r"\bI(?:'m| am) called (?P<what>.+)", re.I), "The customer's name is {what}."),
    (re.compile(r"\bI (?:really )?like (?P<what>.+)", re.I), "The customer likes {what}."),
    (re.compile(r"\bI love (?P<what>.+)", re.I), "The customer loves {what}."),
    (re.compile(r"\bI prefer (?P<what>.+)", re.I), "The customer prefers {what}."),
    (re.compile(r"\bI live in (?P<what>.+)", re.I), "The customer lives in {what}."),
    (re.compile(r"\bI work (?P<what>(?:at|for|as) .+)", re.I), "The customer works {what}."),
    (
        re.compile(r"\bI(?:'m| am) allergic to (?P<what>.+)", re.I),
        "The customer is allergic to {what}.",
    ),
    (
        re.compile(r"\bmy (?P<name>[^\W\d_][\w -]{0,40}?) is (?P<what>.+)", re.I),
        "The customer's {name} is {what}.",
    ),
)

#: Characters of the first and the last message that a summary quotes.
_QUOTED = 500


def status_changed(
    world: World, account: Account, conversation: ConversationState, at: float
) -> None:
    """A conversation has another status: where it fell silent, memory may learn from it."""
    status = conversation.record.status
    if status == "ACTIVE" or not conversation.configuration.memory_extraction_enabled:
        return

    def observe(then: float) -> None:
        _observe(account, conversation, then)

    def summarise(then: float) -> None:
        _summarise(account, conversation, then)

    later(world, account, conversation, at, "observations", observe)
    if status == "CLOSED":
        later(world, account, conversation, at, "summaries", summarise)


def facts_in(text: str) -> Iterator[str]:
    """The facts that a customer states, each as a sentence; one for a sentence of the text."""
    for sentence in _SENTENCE.split(text):
        for pattern, fact in _FACTS:
            match = pattern.search(sentence)
            if match:
                said = {name: value.strip() for name, value in match.groupdict().items()}
                yield fact.format(**said)[:4096]
                break


def _observe(account: Account, conversation: ConversationState, at: float) -> None:
    """Keep the facts of what was not looked through before."""
    news = list(conversation.communications)[conversation.looked_through :]
    conversation.looked_through += len(news)
    for participant, memories in _known(account, conversation):
        for communication in _written_by(participant, news):
            for fact in facts_in(_text(communication)):
                observation = Observation(
                    content=fact,
                    occurred_at=communication.occurred_at,
                    source=SOURCE,
                    conversation_ids=[conversation.record.id],
                    id=account.ids.typed("mem_observation"),
                    created_at=rfc3339(at),
                    updated_at=rfc3339(at),
                )
                memories.observations.put(observation.id, observation)


def _summarise(account: Account, conversation: ConversationState, at: float) -> None:
    everything = list(conversation.communications)
    if not everything:
        return
    first, last = _text(everything[0])[:_QUOTED], _text(everything[-1])[:_QUOTED]
    for participant, memories in _known(account, conversation):
        own = len(_written_by(participant, everything))
        summary = Summary(
            source=SOURCE,
            content=(
                f"{participant.name} wrote {own} of {len(everything)} messages. "
                f'The first: "{first}" The last: "{last}"'
            ),
            occurred_at=everything[-1].occurred_at,
            conversation_id=conversation.record.id,
            id=account.ids.typed("mem_summary"),
            created_at=rfc3339(at),
            updated_at=rfc3339(at),
        )
        memories.summaries.put(summary.id, summary)


def _known(
    account: Account, conversation: ConversationState
) -> Iterator[tuple[Participant, Memories]]:
    """Its customers whose profile is there, in a store that is ACTIVE."""
    store = account.stores.get(conversation.configuration.memory_store_id)
    if store is None or store.record.status != "ACTIVE":
        return
    for participant in conversation.record.participants:
        profile_id = participant.profile_id
        if participant.type == "CUSTOMER" and profile_id is not UNSET:
            memories = store.memories.get(store.merged.get(profile_id, profile_id))
            if memories is not None:
                yield participant, memories


def _written_by(
    participant: Participant, communications: list[Communication]
) -> list[Communication]:
    return [one for one in communications if one.author.participant_id == participant.id]


def _text(communication: Communication) -> str:
    return str(communication.content.get("text") or "")
