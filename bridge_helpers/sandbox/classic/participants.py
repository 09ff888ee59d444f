"""Participants of a classic conversation: chat identities and messaging bindings.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..http.answers import Answer, Refusal, bad_request, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import classic_page
from ..world import bridge
from ..world import classic_records as classic
from ..world.clock import iso_seconds
from . import conversations as classic_conversations
from . import services as classic_services
from .conversations import instant
from .services import RoleSid

if TYPE_CHECKING:
    from ..http.requests import Call
    from ..world.state import Account

#: Participants of a conversation, all and those outside the chat (Twilio docs: limits).
_MOST, _MOST_OUTSIDE = 1000, 50

_CHANNEL = re.compile(r"(whatsapp|messenger|rcs):")


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


def add(
    account: Account,
    service: classic.Service,
    conversation: classic.Conversation,
    at: float,
    *,
    identity: str | None = None,
    binding: dict[str, str] | None = None,
) -> classic.Participant:
    """A new participant; telling the bridge is the caller's business."""
    participant = classic.Participant(
        sid=account.mint.sid("MB"),
        conversation_sid=conversation.sid,
        identity=identity,
        binding=binding,
        role_sid=service.roles["conversation"],
        created=at,
        updated=at,
    )
    conversation.participants.put(participant.sid, participant)
    return participant


def binding_of(address: str, proxy: str) -> dict[str, str]:
    """The messaging binding of a customer's address and the number it writes to."""
    channel = _CHANNEL.match(address)
    kind = channel[1] if channel else "sms"
    return {"type": kind, "address": address, "proxy_address": proxy}


def list_all(call: Call) -> Answer:
    """GET …/Participants."""
    conversation = classic_conversations.find(call)
    return classic_page(
        call,
        conversation.participants,
        "participants",
        largest=100,
        view=lambda p: view(call, conversation, p),
    )


def create(call: Call) -> Answer:
    """POST …/Participants: an Identity, or MessagingBinding.Address and .ProxyAddress."""
    service = classic_services.find(call)
    conversation = classic_conversations.find_open(call)
    request = form_body(call, Create)
    identity, binding = _who(request)
    _check(call, conversation, identity, binding)
    participant = add(
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
        return identity, binding_of(request.address, request.proxy_address)
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
    if not binding or "address" not in binding:
        return
    for service in call.account.services:
        for other in service.conversations if binding else ():
            if any(p.binding == binding for p in other.participants) and other.state != "closed":
                raise Refusal(
                    409,
                    50416,
                    "A binding for this participant and proxy address already exists in "
                    f"Conversation {other.sid}",
                )


def fetch(call: Call) -> Answer:
    """GET …/Participants/{Sid}, by sid or identity."""
    conversation = classic_conversations.find(call)
    return ok(view(call, conversation, _find(call, conversation)))


def update(call: Call) -> Answer:
    """POST …/Participants/{Sid}."""
    conversation = classic_conversations.find(call)
    participant = _find(call, conversation)
    request = form_body(call, Update)
    if request.identity is not UNSET:
        participant.identity = request.identity
    if participant.binding and request.proxy_address is not UNSET:
        participant.binding = {**participant.binding, "proxy_address": request.proxy_address}
    _write(participant, request, call.now)
    return ok(view(call, conversation, participant))


def delete(call: Call) -> Answer:
    """DELETE …/Participants/{Sid}: the v2 twin keeps its participant."""
    conversation = classic_conversations.find(call)
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
