"""
Observations of a profile: what was learned about a customer, by whoever writes it.

Source: Twilio's OpenAPI of memory v1.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, not_found, ok
from ..http.bodies import json_body, moment, query_value, seconds
from ..http.pages import choice, token_page
from ..world.clock import rfc3339
from ..world.records import Observation, Summary
from .finding import accepted, canonical, find

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.records import Profile
    from ..world.state import Memories

#: Observations and summaries that a page holds at most (Twilio's OpenAPI).
MOST = 50

Content = Annotated[str, Meta(min_length=1, max_length=4096)]
ConversationId = Annotated[str, Meta(pattern=r"^conv_conversation_[0-7][0-9a-z]{25}\Z")]
Source = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9 _.-]+\Z", min_length=1, max_length=100)]
ConversationIds = Annotated[list[ConversationId], Meta(max_length=10)]


class New(Struct, kw_only=True, rename="camel"):
    content: Content
    occurred_at: Annotated[datetime, Meta(tz=True)]
    source: Source
    conversation_ids: ConversationIds | UnsetType = UNSET


class Create(Struct, kw_only=True, forbid_unknown_fields=True):
    observations: Annotated[list[New], Meta(min_length=1, max_length=10)]


class Amended(Struct, kw_only=True, rename="camel"):
    """What a PATCH of an observation and one of a summary may both hold."""

    content: Content | UnsetType = UNSET
    occurred_at: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET

    def apply(self, record: Observation | Summary, now: float) -> None:
        """Give the record what was sent, and the time of it."""
        if self.occurred_at is not UNSET:
            record.occurred_at = rfc3339(seconds(self.occurred_at))
        for member in self.__struct_fields__:
            value = getattr(self, member)
            if value is not UNSET and member != "occurred_at":
                setattr(record, member, value)
        record.updated_at = rfc3339(now)


class Patch(Amended, kw_only=True, rename="camel"):
    source: Source | UnsetType = UNSET
    conversation_ids: ConversationIds | UnsetType = UNSET


def list_all(call: Call) -> Answer:
    """GET …/Profiles/{profileId}/Observations, by source, conversation and time of creation."""
    store, profile = find(call)
    source = query_value(call, "source", Source)
    conversation_id = conversation_asked_for(call)
    after, before = moment(call, "createdAfter"), moment(call, "createdBefore")

    def wanted(one: Observation) -> bool:
        created = datetime.fromisoformat(one.created_at).timestamp()
        return (
            (source is None or one.source == source)
            and (conversation_id is None or conversation_id in (one.conversation_ids or ()))
            and (after is None or created >= after)
            and (before is None or created < before)
        )

    order = choice(call, "orderBy", ("ASC", "DESC"))
    answer = token_page(
        call,
        store.memories[profile.id].observations,
        "observations",
        most=MOST,
        keep=wanted,
        newest_first=order[-1:] != ["ASC"],
    )
    answer.headers.update(canonical(profile))
    return answer


def create(call: Call) -> Answer:
    """POST …/Observations: one to ten."""
    store, profile = find(call)
    request = json_body(call, Create)
    stamp = rfc3339(call.now)
    new = [
        Observation(
            content=one.content,
            occurred_at=rfc3339(seconds(one.occurred_at)),
            source=one.source,
            conversation_ids=one.conversation_ids,
            id=call.account.ids.typed("mem_observation"),
            created_at=stamp,
            updated_at=stamp,
        )
        for one in request.observations
    ]
    for observation in new:
        store.memories[profile.id].observations.put(observation.id, observation)
    return accepted()


def fetch(call: Call) -> Answer:
    """GET …/Observations/{observationId}."""
    profile, _, observation = _find(call)
    return ok(observation, headers=canonical(profile))


def patch(call: Call) -> Answer:
    """PATCH …/Observations/{observationId}: members that are given change."""
    _, _, observation = _find(call)
    json_body(call, Patch).apply(observation, call.now)
    return accepted()


def delete(call: Call) -> Answer:
    """DELETE …/Observations/{observationId}."""
    _, memories, observation = _find(call)
    memories.observations.remove(observation.id)
    return accepted()


def conversation_asked_for(call: Call) -> str | None:
    """The ``conversationId`` of the query."""
    return query_value(call, "conversationId", ConversationId)


def _find(call: Call) -> tuple[Profile, Memories, Observation]:
    store, profile = find(call)
    memories = store.memories[profile.id]
    observation = memories.observations.get(call.names["observationId"])
    if observation is None:
        raise not_found(call.path)
    return profile, memories, observation
