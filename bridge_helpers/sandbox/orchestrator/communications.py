"""
Communications of a v2 conversation: list, create, fetch. There is no update or delete.

Source: Twilio docs, api/conversations/v2/communications, and Twilio's OpenAPI.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, bad_request, not_found, ok
from ..http.bodies import json_body, seconds
from ..http.pages import token_page
from ..world import lifecycle
from ..world import orchestrator_writes as writes
from ..world.clock import rfc3339
from ..world.records import Address, Channel, Party
from . import conversations

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.state import ConversationState

#: The longest text, as Agent Connect knows it.
Text = Annotated[str, Meta(max_length=8_388_608)]
Moment = Annotated[datetime, Meta(tz=True)]


class TextContent(Struct, tag_field="type", tag="TEXT"):
    text: Text


class Word(Struct, rename="camel"):
    text: str
    start_time: Moment | UnsetType = UNSET
    end_time: Moment | UnsetType = UNSET


class Transcription(Struct, rename="camel"):
    channel: int | UnsetType = UNSET
    confidence: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    engine: str | UnsetType = UNSET
    words: list[Word] | UnsetType = UNSET


class TranscriptionContent(Struct, tag_field="type", tag="TRANSCRIPTION"):
    text: Text
    transcription: Transcription | UnsetType = UNSET


class PartyRequest(Struct, rename="camel"):
    address: str
    channel: Channel
    participant_id: str | UnsetType = UNSET


class Create(Struct, kw_only=True, rename="camel"):
    author: PartyRequest
    content: TextContent | TranscriptionContent
    recipients: Annotated[list[PartyRequest], Meta(min_length=1)]
    channel_id: str | UnsetType = UNSET
    resource_id: Annotated[str, Meta(min_length=1)] | UnsetType = UNSET
    occurred_at: Moment | UnsetType = UNSET


def list_all(call: Call) -> Answer:
    """GET /v2/Conversations/{ConversationId}/Communications, by channelId."""
    channel_id = call.query.get("channelId")
    return token_page(
        call,
        conversations.find(call).communications,
        "communications",
        keep=(lambda c: c.channel_id == channel_id) if channel_id is not None else None,
    )


def create(call: Call) -> Answer:
    """POST …/Communications; a resourceId that is already there updates its communication."""
    request = json_body(call, Create)
    occurred = None if request.occurred_at is UNSET else seconds(request.occurred_at)
    conversation = conversations.find_open(call)
    _refuse_strangers(conversation, request.author, *request.recipients)
    author = _party(call, conversation, request.author)
    recipients = [_party(call, conversation, r, delivery="DELIVERED") for r in request.recipients]
    content: dict[str, Any] = msgspec.to_builtins(request.content)
    known = conversation.by_resource.get(request.resource_id) if request.resource_id else None
    communication = conversation.communications.get(known) if known else None
    if communication is not None:
        communication.author = author
        communication.content = content
        communication.recipients = recipients
        communication.updated_at = rfc3339(call.now)
        lifecycle.touch(call.world, call.account, conversation, call.now)
        return ok(communication, 201)
    communication = writes.add_communication(
        call.world,
        call.account,
        conversation,
        call.now,
        author=author,
        content=content,
        recipients=recipients,
        channel_id=request.channel_id or None,
        resource_id=request.resource_id or None,
        occurred=occurred,
    )
    return ok(communication, 201)


def fetch(call: Call) -> Answer:
    """GET …/Communications/{id}."""
    communication = conversations.find(call).communications.get(call.names["id"])
    if communication is None:
        raise not_found(call.path)
    return ok(communication)


def _refuse_strangers(conversation: ConversationState, *parties: PartyRequest) -> None:
    """Refuse a participantId that is not in the conversation, before anything is done."""
    present = {p.id for p in conversation.record.participants}
    for one in parties:
        if one.participant_id and one.participant_id not in present:
            raise bad_request(f"participantId: {one.participant_id} is not in this conversation")


def _party(
    call: Call, conversation: ConversationState, asked: PartyRequest, delivery: str | None = None
) -> Party:
    """The participant behind an address; an address that nobody has becomes a participant."""
    participant_id = asked.participant_id
    if not participant_id:
        participant = writes.find_participant(conversation, asked.channel, asked.address)
        if participant is None:
            address = Address(asked.channel, asked.address)
            participant = writes.add_participant(call.account, conversation, call.now, [address])
        participant_id = participant.id
    return Party(
        address=asked.address,
        channel=asked.channel,
        participant_id=participant_id,
        delivery_status=delivery or UNSET,
    )
