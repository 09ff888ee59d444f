"""
Recall: what memory gives an agent about a customer.

A memory's relevance is the share of the query's words that it holds (the assumption "recall").
Source: Twilio's OpenAPI of memory v1.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, bad_request, ok
from ..http.bodies import json_body, seconds
from .finding import canonical, find
from .observations import ConversationId

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.records import Communication, Observation, Party, Summary
    from ..world.state import ConversationState

Limit = Annotated[int, Meta(ge=0, le=100)]
_WORD = re.compile(r"\w{3,}")

#: So many of a conversation's last communications make a query where none is given.
_INFERRED_FROM = 10


class Request(Struct, kw_only=True, rename="camel"):
    conversation_id: ConversationId | UnsetType = UNSET
    query: Annotated[str, Meta(max_length=1024)] = ""
    begin_date: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    end_date: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    communications_limit: Limit = 0
    observations_limit: Limit = 20
    summaries_limit: Limit = 5
    relevance_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.0


def recall(call: Call) -> Answer:
    """POST …/Profiles/{profileId}/Recall: a read; without a query the newest come first."""
    store, profile = find(call)
    request = json_body(call, Request)
    conversation = None
    if request.conversation_id is not UNSET:
        conversation = call.account.conversations.get(request.conversation_id)
        if conversation is None:
            raise bad_request(f"conversationId: there is no {request.conversation_id}")
    query = _words(request.query or _inferred(conversation))
    memories = store.memories[profile.id]
    said = list(conversation.communications) if conversation else []
    said = said[len(said) - min(len(said), request.communications_limit) :]
    body = {
        "observations": _best(request, query, memories.observations)[: request.observations_limit],
        "summaries": _best(request, query, memories.summaries)[: request.summaries_limit],
        "communications": [_communication(conversation, one) for one in said],
        "meta": {"queryTime": 3},
    }
    return ok(body, headers=canonical(profile))


def _inferred(conversation: ConversationState | None) -> str:
    if conversation is None:
        return ""
    last = list(conversation.communications)[-_INFERRED_FROM:]
    return " ".join(str(one.content.get("text") or "") for one in last)


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


def _best(request: Request, query: set[str], known: Any) -> list[dict[str, Any]]:
    """Those of the time that is asked for, newest first, and the most relevant before others."""
    found: list[Observation | Summary] = [one for one in known if _in_time(request, one)][::-1]
    shown = [msgspec.to_builtins(one) for one in found]
    if not query:
        return shown
    for one in shown:
        one["score"] = round(len(query & _words(one["content"])) / len(query), 3)
    relevant = [one for one in shown if one["score"] >= request.relevance_threshold]
    return sorted(relevant, key=lambda one: -one["score"])


def _in_time(request: Request, one: Observation | Summary) -> bool:
    at = datetime.fromisoformat(one.occurred_at).timestamp()
    begin, end = request.begin_date, request.end_date
    return (begin is UNSET or at >= seconds(begin)) and (end is UNSET or at < seconds(end))


def _communication(conversation: ConversationState | None, one: Communication) -> dict[str, Any]:
    shown = {
        "id": one.id,
        "content": {"text": str(one.content.get("text") or "")},
        "createdAt": one.created_at,
        "updatedAt": one.updated_at,
        "author": _participant(conversation, one.author),
        "recipients": [_participant(conversation, party) for party in one.recipients],
    }
    return shown if one.channel_id is UNSET else {**shown, "channelId": one.channel_id}


def _participant(conversation: ConversationState | None, party: Party) -> dict[str, Any]:
    people = conversation.record.participants if conversation else []
    who = next((one for one in people if one.id == party.participant_id), None)
    shown: dict[str, Any] = {
        "id": party.participant_id,
        "name": who.name if who else party.address,
        "type": who.type if who else "UNKNOWN",
        "address": party.address,
        "channel": party.channel,
    }
    if who is not None and who.profile_id is not UNSET:
        shown["profileId"] = who.profile_id
    if party.delivery_status is not UNSET:
        shown["deliveryStatus"] = party.delivery_status
    return shown
