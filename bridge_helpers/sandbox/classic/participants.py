"""
Participants of a classic conversation: chat identities and messaging bindings.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..http.answers import Answer, Refusal, bad_request, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..http.request import Call
from ..world import bridge, classic_writes
from ..world import classic_records as classic
from ..world.clock import iso_seconds
from . import conversations, services
from .conversations import instant
from .services import RoleSid

#: Participants of a conversation, all and those outside the chat (Twilio docs: limits).
_MOST, _MOST_OUTSIDE = 1000, 50


class Update(Struct, kw_only=True, rename="pascal"):
    identity: str | UnsetType = UNSET
    attributes: Annotated[str, Meta(max_length=4_096)] | UnsetType = UNSET
    role_sid: RoleSid | UnsetType = UNSET
    date_created: datetime | UnsetType = UNSET
    date_updated: datetime | UnsetType = UNSET
    proxy_address: str | UnsetType = field(default=UNSET, name="MessagingBinding.ProxyAddress")
    projected_address: str | UnsetType = field(
        default=UNSET, name="MessagingBinding.ProjectedAddress"
    )
    last_read_message_index: int | UnsetType = UNSET
    last_read_timestamp: str | UnsetType = UNSET


class Create(Update, kw_only=True, rename="pascal"):
    address: str | UnsetType = field(default=UNSET, name="MessagingBinding.Address")


def list_all(call: Call) -> Answer:
    """GET …/Participants."""
    conversation = conversations.find(call)
    return classic_page(
        call,
        conversation.participants,
        "participants",
        largest=100,
        view=lambda p: view(call, conversation, p),
    )


def create(call: Call) -> Answer:
    """POST …/Participants: an Identity, or MessagingBinding.Address and .ProxyAddress."""
    service = services.find(call)
    conversation = conversations.find_open(call)
    request = form_body(call, Create)
    identity, binding = _who(request)
    _check(call, conversation, identity, binding)
    participant = classic_writes.add_participant(
        call.account, service, conversation, call.now, identity=identity, binding=binding
    )
    _write(participant, request, call.now)
    bridge.participant_joined(call.world, call.account, conversation, call.now)
    return ok(view(call, conversation, participant), 201)


def _who(request: Create) -> tuple[str | None, dict[str, str] | None]:
    identity = request.identity or None
    if request.address:
        if not request.proxy_address:
            raise bad_request("MessagingBinding.ProxyAddress: must not be null")
        return identity, classic_writes.binding_of(request.address, request.proxy_address)
    if request.projected_address:
        if identity is None:
            raise bad_request("Identity: must not be null with MessagingBinding.ProjectedAddress")
        return identity, {"type": "sms", "projected_address": request.projected_address}
    if identity is None:
        raise bad_request("Identity: give Identity, or MessagingBinding.Address and .ProxyAddress")
    return identity, None


def _check(
    call: Call,
    conversation: classic.Conversation,
    identity: str | None,
    binding: dict[str, str] | None,
) -> None:
    outside = [p for p in conversation.participants if p.binding]
    if len(conversation.participants) >= _MOST or (binding and len(outside) >= _MOST_OUTSIDE):
        raise Refusal(400, 50435, "Conversation has as many participants as it can take")
    if identity and any(p.identity == identity for p in conversation.participants):
        raise Refusal(409, 50433, f"Participant {identity} exists already")
    if binding and "address" in binding:
        _refuse_shared(call, binding)


def _refuse_shared(
    call: Call, binding: dict[str, str], besides: classic.Participant | None = None
) -> None:
    """Refuse an address and a number that an open conversation has already."""
    other = classic_writes.bound_conversation(call.account, binding, besides)
    if other is not None:
        raise Refusal(
            409,
            50416,
            "A binding for this participant and proxy address already exists in "
            f"Conversation {other.sid}",
        )


def fetch(call: Call) -> Answer:
    """GET …/Participants/{Sid}, by sid or identity."""
    conversation = conversations.find(call)
    return ok(view(call, conversation, _find(call, conversation)))


def update(call: Call) -> Answer:
    """POST …/Participants/{Sid}."""
    service = services.find(call)
    conversation = conversations.find(call)
    participant = _find(call, conversation)
    request = form_body(call, Update)
    binding = participant.binding
    if binding and request.proxy_address is not UNSET:
        binding = {**binding, "proxy_address": request.proxy_address}
        if "address" in binding:
            _refuse_shared(call, binding, besides=participant)
    participant.binding = binding
    if request.identity is not UNSET:
        participant.identity = request.identity
    classic_writes.remember(call.account, service, conversation, participant, call.now)
    _write(participant, request, call.now)
    return ok(view(call, conversation, participant))


def delete(call: Call) -> Answer:
    """DELETE …/Participants/{Sid}: the v2 twin keeps its participant."""
    conversation = conversations.find(call)
    conversation.participants.remove(_find(call, conversation).sid)
    return empty()


def _write(participant: classic.Participant, request: Update, now: float) -> None:
    for member in ("attributes", "role_sid"):
        value = getattr(request, member)
        if value is not UNSET:
            setattr(participant, member, value)
    if request.last_read_message_index is not UNSET:
        participant.last_read_index = request.last_read_message_index
    if request.last_read_timestamp is not UNSET:
        participant.last_read_at = request.last_read_timestamp
    participant.created = instant(request.date_created) or participant.created
    participant.updated = instant(request.date_updated) or now


def _find(call: Call, conversation: classic.Conversation) -> classic.Participant:
    key = call.names["Sid"]
    found = conversation.participants.get(key)
    if found is None:
        found = next((p for p in conversation.participants if p.identity == key), None)
    if found is None:
        raise not_found(call.path)
    return found


def view(
    call: Call, conversation: classic.Conversation, participant: classic.Participant
) -> dict[str, Any]:
    base = f"{call.base}/v1/Services/{conversation.service_sid}/Conversations/{conversation.sid}"
    return {
        "sid": participant.sid,
        "account_sid": call.account.sid,
        "chat_service_sid": conversation.service_sid,
        "conversation_sid": conversation.sid,
        "identity": participant.identity,
        "attributes": participant.attributes,
        "messaging_binding": participant.binding,
        "role_sid": participant.role_sid,
        "date_created": iso_seconds(participant.created),
        "date_updated": iso_seconds(participant.updated),
        "url": f"{base}/Participants/{participant.sid}",
        "last_read_message_index": participant.last_read_index,
        "last_read_timestamp": participant.last_read_at,
    }
