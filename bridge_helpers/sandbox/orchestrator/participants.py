"""
Participants of a v2 conversation: list, create, fetch, replace. There is no delete.

Source: Twilio docs, api/conversations/v2/participants, and Twilio's OpenAPI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType

from ..http.answers import Answer, conflict, not_found, ok
from ..http.bodies import json_body
from ..http.pages import token_page
from ..world import lifecycle
from ..world import orchestrator_writes as writes
from ..world.clock import rfc3339
from ..world.memory.profiles import profile_of
from ..world.records import Address, Participant, ParticipantType
from ..world.stable_list import StableList
from . import conversations

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.state import ConversationState


class Create(Struct, kw_only=True, rename="camel"):
    addresses: list[Address]
    name: str = ""
    type: ParticipantType = "UNKNOWN"
    profile_id: str | UnsetType = UNSET


class Replace(Create, kw_only=True, rename="camel"):
    addresses: list[Address] = []


def list_all(call: Call) -> Answer:
    """GET /v2/Conversations/{ConversationId}/Participants."""
    items: StableList[Participant] = StableList()
    for participant in conversations.find(call).record.participants:
        items.put(participant.id, participant)
    return token_page(call, items, "participants")


def create(call: Call) -> Answer:
    """POST …/Participants; 409 if somebody in the conversation already has the address."""
    request = json_body(call, Create)
    conversation = conversations.find_open(call)
    _unmapped(conversation, request.addresses)
    participant = writes.add_participant(
        call.account,
        conversation,
        call.now,
        request.addresses,
        name=request.name,
        kind=request.type,
        profile_id=request.profile_id,
    )
    lifecycle.schedule_transition(call.world, call.account, conversation)
    return ok(participant, 201)


def fetch(call: Call) -> Answer:
    """GET …/Participants/{id}."""
    return ok(_find(call, conversations.find(call)))


def replace(call: Call) -> Answer:
    """PUT …/Participants/{id}: what is left out is removed."""
    request = json_body(call, Replace)
    conversation = conversations.find_open(call)
    participant = _find(call, conversation)
    _unmapped(conversation, request.addresses, besides=participant)
    profile_id = request.profile_id
    if profile_id is UNSET and request.type == "CUSTOMER":
        store_id = conversation.configuration.memory_store_id
        profile_id = profile_of(call.account, store_id, request.addresses, call.now)
    participant.addresses = request.addresses
    participant.type = request.type
    participant.profile_id = profile_id
    fallback = request.addresses[0].address if request.addresses else ""
    participant.name = request.name or fallback
    participant.updated_at = rfc3339(call.now)
    writes.remember(call.account, conversation, participant)
    lifecycle.schedule_transition(call.world, call.account, conversation)
    return ok(participant)


def _find(call: Call, conversation: ConversationState) -> Participant:
    for participant in conversation.record.participants:
        if participant.id == call.names["id"]:
            return participant
    raise not_found(call.path)


def _unmapped(
    conversation: ConversationState, addresses: list[Address], besides: Participant | None = None
) -> None:
    """Refuse an address that is given twice, or that somebody in the conversation has."""
    conversations.distinct(addresses)
    for address in addresses:
        holder = writes.find_participant(conversation, address.channel, address.address)
        if holder is not None and holder is not besides:
            raise conflict(
                f"Address {address.address} on {address.channel} belongs to participant "
                f"{holder.id}",
                holder.id,
            )
