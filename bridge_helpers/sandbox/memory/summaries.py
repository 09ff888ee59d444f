"""
Summaries of a profile's conversations, by whoever writes them.

Source: Twilio's OpenAPI of memory v1.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, not_found, ok
from ..http.bodies import json_body, seconds
from ..http.pages import token_page
from ..world.clock import rfc3339
from ..world.records import Summary
from .finding import accepted, canonical, find
from .observations import MOST, Amended, Content, ConversationId, conversation_asked_for

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.records import Profile
    from ..world.state import Memories

SummarySource = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9 _.-]+\Z", max_length=100)]


class New(Struct, kw_only=True, rename="camel"):
    content: Content
    occurred_at: Annotated[datetime, Meta(tz=True)]
    conversation_id: ConversationId
    source: SummarySource | UnsetType = UNSET


class Create(Struct, kw_only=True, forbid_unknown_fields=True):
    summaries: Annotated[list[New], Meta(min_length=1, max_length=10)]


class Patch(Amended, kw_only=True, rename="camel"):
    conversation_id: ConversationId | UnsetType = UNSET
    source: SummarySource | UnsetType = UNSET


def list_all(call: Call) -> Answer:
    """GET …/Profiles/{profileId}/ConversationSummaries, by conversation; newest first."""
    store, profile = find(call)
    conversation_id = conversation_asked_for(call)
    answer = token_page(
        call,
        store.memories[profile.id].summaries,
        "summaries",
        most=MOST,
        keep=lambda one: conversation_id in (None, one.conversation_id),
        newest_first=True,
    )
    answer.headers.update(canonical(profile))
    return answer


def create(call: Call) -> Answer:
    """POST …/ConversationSummaries: one to ten."""
    store, profile = find(call)
    request = json_body(call, Create)
    stamp = rfc3339(call.now)
    new = [
        Summary(
            source=one.source,
            content=one.content,
            occurred_at=rfc3339(seconds(one.occurred_at)),
            conversation_id=one.conversation_id,
            id=call.account.ids.typed("mem_summary"),
            created_at=stamp,
            updated_at=stamp,
        )
        for one in request.summaries
    ]
    for summary in new:
        store.memories[profile.id].summaries.put(summary.id, summary)
    return accepted()


def fetch(call: Call) -> Answer:
    """GET …/ConversationSummaries/{summaryId}."""
    profile, _, summary = _find(call)
    return ok(summary, headers=canonical(profile))


def patch(call: Call) -> Answer:
    """PATCH …/ConversationSummaries/{summaryId}: members that are given change."""
    _, _, summary = _find(call)
    json_body(call, Patch).apply(summary, call.now)
    return accepted()


def delete(call: Call) -> Answer:
    """DELETE …/ConversationSummaries/{summaryId}."""
    _, memories, summary = _find(call)
    memories.summaries.remove(summary.id)
    return accepted()


def _find(call: Call) -> tuple[Profile, Memories, Summary]:
    store, profile = find(call)
    memories = store.memories[profile.id]
    summary = memories.summaries.get(call.names["summaryId"])
    if summary is None:
        raise not_found(call.path)
    return profile, memories, summary
