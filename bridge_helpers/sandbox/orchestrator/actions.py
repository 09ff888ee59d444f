"""Actions of a v2 conversation: SEND_MESSAGE.

Source: Twilio docs, api/conversations/v2/actions, and Twilio's OpenAPI. An action is accepted
with 202 and has its own address to poll. In a bridged conversation, and on CHAT always, the
message becomes a classic message; elsewhere it goes out on its channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..classic import messages as classic_messages
from ..http.answers import Answer, bad_request, not_found, ok
from ..http.bodies import Url, json_body
from ..world import bridge
from ..world import conversations as threads
from ..world.clock import rfc3339
from ..world.records import Action, Address, Channel, Participant, ParticipantType
from . import conversations

if TYPE_CHECKING:
    from ..http.requests import Call
    from ..world import classic_records as classic
    from ..world.state import Thread

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
    thread = conversations.find_open(call)
    payload = request.payload
    text = _text(payload.content)
    channel = _channel(thread, payload)
    mirrored = _classic_conversation(call, thread, channel, payload.channel_settings)
    _known(thread, payload)
    sender = _participant(call, thread, payload.from_, channel, "AGENT")
    receivers = [_participant(call, thread, one, channel, "UNKNOWN") for one in payload.to]
    stamp = rfc3339(call.now)
    action = Action(
        id=call.account.mint.typed("conv_action"),
        type=request.type,
        status="PENDING",
        conversation_id=thread.record.id,
        related={},
        created_at=stamp,
        updated_at=stamp,
    )
    thread.actions[action.id] = action

    def send(at: float) -> None:
        if thread.record.status == "CLOSED" or thread.record.id not in call.account.threads:
            _fail(action, "The conversation was closed or deleted before the message went out", at)
            return
        message_sid = _deliver(call, mirrored, sender, channel, text, payload.content, at)
        if message_sid is None:
            _fail(action, "The classic conversation does not take messages any more", at)
            return
        communication = threads.add_communication(
            call.world,
            call.account,
            thread,
            at,
            author=threads.party(sender, channel),
            content={"type": "TEXT", "text": text},
            recipients=[threads.party(r, channel, delivery="DELIVERED") for r in receivers],
            channel_id=mirrored.sid if mirrored else message_sid,
            resource_id=message_sid,
        )
        action.related.update(messageSid=message_sid, communicationId=communication.id)
        action.status = "COMPLETED"
        action.completed_at = action.updated_at = rfc3339(at)

    if mirrored is not None:
        bridge.cross(call.world, call.account, mirrored, call.now, "to_classic", send)
    else:
        call.world.at(call.now + call.world.settings.lag, send)
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


def _channel(thread: Thread, payload: Payload) -> Channel:
    """The channel that the message goes out on: said by either party, or the sender's own."""
    for one in (payload.from_, *payload.to):
        if one.channel is not UNSET:
            channel: Channel = one.channel
            break
    else:
        known = {p.id: p for p in thread.record.participants}
        sender = known.get(payload.from_.participant_id or "")
        if sender is None or not sender.addresses:
            raise bad_request("payload.from.channel: must not be null")
        channel = sender.addresses[0].channel
    if channel not in _SENDING:
        raise bad_request(f"payload.from.channel: messages go out on {', '.join(_SENDING)}")
    return channel


def _classic_conversation(
    call: Call, thread: Thread, channel: Channel, settings: dict[str, Any]
) -> classic.Conversation | None:
    """The classic conversation that the message belongs in, if there is one."""
    if channel != "CHAT":
        return thread.classic
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


def _known(thread: Thread, payload: Payload) -> None:
    """Refuse parties that are nobody, before anything is done."""
    present = {p.id for p in thread.record.participants}
    for member, one in (("from", payload.from_), *(("to", receiver) for receiver in payload.to)):
        if one.participant_id:
            if one.participant_id not in present:
                raise bad_request(
                    f"payload.{member}: participant {one.participant_id} is not in here"
                )
        elif not one.address:
            raise bad_request(f"payload.{member}: needs participantId or address")


def _participant(
    call: Call, thread: Thread, asked: PartyRequest, channel: Channel, kind: ParticipantType
) -> Participant:
    """The participant who is meant; an address that nobody has becomes one."""
    for participant in thread.record.participants:
        if participant.id == asked.participant_id:
            return participant
    address = asked.address or ""
    present = threads.find_participant(thread, channel, address)
    if present is not None:
        return present
    channel_id = thread.classic.sid if thread.classic else UNSET
    own = Address(channel, address, channel_id)
    return threads.add_participant(call.account, thread, call.now, [own], kind=kind)


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
        return call.account.mint.sid("SM")
    service = call.account.services.get(mirrored.service_sid)
    if service is None or mirrored.sid not in service.conversations or mirrored.state == "closed":
        return None
    message = classic_messages.write(
        call.account,
        mirrored,
        at,
        author=threads.party(sender, channel).address,
        body=text,
        content_sid=content.content_id or None,
    )
    return message.sid
