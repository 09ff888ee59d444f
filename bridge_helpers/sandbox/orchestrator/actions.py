"""
Actions of a v2 conversation: SEND_MESSAGE.

Source: Twilio docs, api/conversations/v2/actions, and Twilio's OpenAPI. An action is accepted
with 202 and has its own address to poll. In a bridged conversation, and on CHAT always, the
message becomes a classic message; elsewhere it goes out on its channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, bad_request, not_found, ok
from ..http.bodies import json_body
from ..world import bridge, classic_writes
from ..world import orchestrator_writes as writes
from ..world.clock import rfc3339
from ..world.records import Action, Address, Channel, Participant, ParticipantType, Url
from . import conversations

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world import classic_records as classic
    from ..world.state import ConversationState

_SENDING = ("SMS", "RCS", "WHATSAPP", "CHAT")


class Content(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    text: str | UnsetType = UNSET
    content_id: str | UnsetType = UNSET
    variables: dict[str, str] | UnsetType = UNSET
    media_urls: list[Url] | UnsetType = UNSET


class PartyRequest(Struct, kw_only=True, rename="camel"):
    participant_id: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    channel: Channel | UnsetType = UNSET


class Payload(Struct, kw_only=True, rename="camel"):
    from_: PartyRequest = msgspec.field(name="from")
    to: Annotated[list[PartyRequest], Meta(min_length=1)]
    content: Content
    channel_settings: dict[str, Any] = {}


class Create(Struct):
    type: str
    payload: Payload


def create(call: Call) -> Answer:
    """POST /v2/Conversations/{ConversationId}/Actions."""
    request = json_body(call, Create)
    if request.type != "SEND_MESSAGE":
        raise bad_request("type: must be SEND_MESSAGE")
    conversation = conversations.find_open(call)
    payload = request.payload
    text = _text(payload.content)
    channel = _channel(conversation, payload)
    mirrored = _classic_conversation(call, conversation, channel, payload.channel_settings)
    _refuse_strangers(conversation, payload)
    sender = _participant(call, conversation, payload.from_, channel, "AGENT")
    receivers = [_participant(call, conversation, one, channel, "UNKNOWN") for one in payload.to]
    stamp = rfc3339(call.now)
    action = Action(
        id=call.account.ids.typed("conv_action"),
        type=request.type,
        status="PENDING",
        conversation_id=conversation.record.id,
        related={},
        created_at=stamp,
        updated_at=stamp,
    )
    conversation.actions[action.id] = action

    def send(at: float) -> None:
        there = conversation.record.id in call.account.conversations
        if conversation.record.status == "CLOSED" or not there:
            _fail(action, "The conversation was closed or deleted before the message went out", at)
            return
        message_sid = _deliver(call, mirrored, sender, channel, text, payload.content, at)
        if message_sid is None:
            _fail(action, "The classic conversation does not take messages any more", at)
            return
        communication = writes.add_communication(
            call.world,
            call.account,
            conversation,
            at,
            author=writes.party(sender, channel),
            content={"type": "TEXT", "text": text},
            recipients=[writes.party(r, channel, delivery="DELIVERED") for r in receivers],
            channel_id=mirrored.sid if mirrored else message_sid,
            resource_id=message_sid,
        )
        action.related.update(messageSid=message_sid, communicationId=communication.id)
        action.status = "COMPLETED"
        action.completed_at = action.updated_at = rfc3339(at)

    if mirrored is not None:
        bridge.send_across(call.world, call.account, mirrored, call.now, "to_classic", send)
    else:
        call.world.schedule(call.now + call.world.settings.lag, send)
    return ok(action, 202)


def fetch(call: Call) -> Answer:
    """GET /v2/Conversations/{ConversationId}/Actions/{ActionId}."""
    action = conversations.find(call).actions.get(call.names["ActionId"])
    if action is None:
        raise not_found(call.path)
    return ok(action)


def _fail(action: Action, reason: str, at: float) -> None:
    action.status = "FAILED"
    action.failure_reason = reason
    action.completed_at = action.updated_at = rfc3339(at)


def _text(content: Content) -> str:
    """What the message says; a template or media without text is sent as an empty text."""
    if content.text is UNSET and content.content_id is UNSET and content.media_urls is UNSET:
        raise bad_request("payload.content: needs text, contentId or mediaUrls")
    return content.text or ""


def _channel(conversation: ConversationState, payload: Payload) -> Channel:
    """The channel that the message goes out on: said by either party, or the sender's own."""
    for one in (payload.from_, *payload.to):
        if one.channel is not UNSET:
            channel: Channel = one.channel
            break
    else:
        known = {p.id: p for p in conversation.record.participants}
        sender = known.get(payload.from_.participant_id or "")
        if sender is None or not sender.addresses:
            raise bad_request("payload.from.channel: must not be null")
        channel = sender.addresses[0].channel
    if channel not in _SENDING:
        raise bad_request(f"payload.from.channel: messages go out on {', '.join(_SENDING)}")
    return channel


def _classic_conversation(
    call: Call, conversation: ConversationState, channel: Channel, settings: dict[str, Any]
) -> classic.Conversation | None:
    """The classic conversation that the message belongs in, if there is one."""
    if channel != "CHAT":
        return conversation.classic
    sid = settings.get("channelId")
    if not isinstance(sid, str):
        raise bad_request(
            "payload.channelSettings.channelId: is required for the CHAT channel: "
            "the sid of the classic conversation"
        )
    for service in call.account.services:
        found = service.conversations.get(sid)
        if found is not None:
            return found
    raise bad_request(f"payload.channelSettings.channelId: no classic conversation {sid[:80]!r}")


def _refuse_strangers(conversation: ConversationState, payload: Payload) -> None:
    """Refuse participants that are not in the conversation, before anything is done."""
    present = {p.id for p in conversation.record.participants}
    for member, one in (("from", payload.from_), *(("to", receiver) for receiver in payload.to)):
        if one.participant_id:
            if one.participant_id not in present:
                raise bad_request(
                    f"payload.{member}: participant {one.participant_id} is not in here"
                )
        elif not one.address:
            raise bad_request(f"payload.{member}: needs participantId or address")


def _participant(
    call: Call,
    conversation: ConversationState,
    asked: PartyRequest,
    channel: Channel,
    kind: ParticipantType,
) -> Participant:
    """The participant who is meant; an address that nobody has becomes one."""
    for participant in conversation.record.participants:
        if participant.id == asked.participant_id:
            return participant
    address = asked.address or ""
    present = writes.find_participant(conversation, channel, address)
    if present is not None:
        return present
    channel_id = conversation.classic.sid if conversation.classic else UNSET
    own = Address(channel, address, channel_id)
    return writes.add_participant(call.account, conversation, call.now, [own], kind=kind)


def _deliver(
    call: Call,
    mirrored: classic.Conversation | None,
    sender: Participant,
    channel: Channel,
    text: str,
    content: Content,
    at: float,
) -> str | None:
    """Send; returns the message's sid, or None where the classic conversation is gone."""
    if mirrored is None:
        return call.account.ids.sid("SM")
    service = call.account.services.get(mirrored.service_sid)
    if service is None or mirrored.sid not in service.conversations or mirrored.state == "closed":
        return None
    message = classic_writes.write_message(
        call.world,
        call.account,
        mirrored,
        at,
        author=writes.party(sender, channel).address,
        body=text,
        content_sid=content.content_id or None,
    )
    return message.sid
