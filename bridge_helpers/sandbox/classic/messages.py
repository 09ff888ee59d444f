"""
Messages of a classic conversation.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, empty, not_found, ok
from ..http.bodies import form_body
from ..http.pages import choice, classic_page
from ..http.request import Call
from ..world import bridge, classic_writes
from ..world import classic_records as classic
from ..world.clock import iso_seconds
from . import conversations
from .conversations import instant

Body = Annotated[str, Meta(max_length=1600)]
Attributes = Annotated[str, Meta(max_length=4_096)]
MediaSid = Annotated[str, Meta(pattern=r"^ME[0-9a-fA-F]{32}\Z")]
ContentSid = Annotated[str, Meta(pattern=r"^HX[0-9a-fA-F]{32}\Z")]


class Write(Struct, kw_only=True, rename="pascal"):
    """The form of a create and of an update."""

    author: str | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    date_created: datetime | UnsetType = UNSET
    date_updated: datetime | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    subject: str | UnsetType = UNSET


class Create(Write, kw_only=True, rename="pascal"):
    media_sid: MediaSid | UnsetType = UNSET
    content_sid: ContentSid | UnsetType = UNSET
    content_variables: str | UnsetType = UNSET


def list_all(call: Call) -> Answer:
    """GET …/Messages, oldest first unless Order=desc."""
    conversation = conversations.find(call)
    order = choice(call, "Order", ("asc", "desc"))
    return classic_page(
        call,
        conversation.messages,
        "messages",
        largest=100,
        view=lambda m: view(call, conversation, m),
        newest_first=order[-1:] == ["desc"],
    )


def create(call: Call) -> Answer:
    """POST …/Messages: written at once, over the bridge after the lag."""
    conversation = conversations.find_open(call)
    request = form_body(call, Create)
    message = classic_writes.write_message(
        call.world,
        call.account,
        conversation,
        call.now,
        author=request.author or "system",
        body=request.body if request.body is not UNSET else None,
        attributes=request.attributes if request.attributes is not UNSET else "{}",
        content_sid=request.content_sid or None,
        media_sid=request.media_sid or None,
        created=instant(request.date_created),
    )
    bridge.message_written(call.world, call.account, conversation, message, call.now)
    return ok(view(call, conversation, message), 201)


def fetch(call: Call) -> Answer:
    """GET …/Messages/{Sid}."""
    conversation = conversations.find(call)
    return ok(view(call, conversation, _find(call, conversation)))


def update(call: Call) -> Answer:
    """POST …/Messages/{Sid}: the bridge does not carry edits."""
    conversation = conversations.find(call)
    message = _find(call, conversation)
    request = form_body(call, Write)
    for member in ("author", "body", "attributes"):
        value = getattr(request, member)
        if value is not UNSET:
            setattr(message, member, value)
    message.created = instant(request.date_created) or message.created
    message.updated = instant(request.date_updated) or call.now
    return ok(view(call, conversation, message))


def delete(call: Call) -> Answer:
    """DELETE …/Messages/{Sid}: the bridge does not carry deletions."""
    conversation = conversations.find(call)
    conversation.messages.remove(_find(call, conversation).sid)
    return empty()


def _find(call: Call, conversation: classic.Conversation) -> classic.Message:
    message = conversation.messages.get(call.names["Sid"])
    if message is None:
        raise not_found(call.path)
    return message


def view(
    call: Call, conversation: classic.Conversation, message: classic.Message
) -> dict[str, Any]:
    base = f"{call.base}/v1/Services/{conversation.service_sid}/Conversations/{conversation.sid}"
    url = f"{base}/Messages/{message.sid}"
    outside = sum(1 for p in conversation.participants if p.binding)
    return {
        "sid": message.sid,
        "account_sid": call.account.sid,
        "chat_service_sid": conversation.service_sid,
        "conversation_sid": conversation.sid,
        "index": message.index,
        "author": message.author,
        "body": message.body,
        "media": [{"sid": message.media_sid, "content_type": "application/octet-stream"}]
        if message.media_sid
        else None,
        "attributes": message.attributes,
        "participant_sid": message.participant_sid,
        "date_created": iso_seconds(message.created),
        "date_updated": iso_seconds(message.updated),
        "delivery": _delivery(outside) if outside else None,
        "content_sid": message.content_sid,
        "url": url,
        "links": {
            "delivery_receipts": f"{url}/Receipts",
            "channel_metadata": f"{url}/ChannelMetadata",
        },
    }


def _delivery(receivers: int) -> dict[str, Any]:
    """The delivery summary of a message to participants outside the chat."""
    return {
        "total": receivers,
        "sent": "all",
        "delivered": "all",
        "read": "none",
        "failed": "none",
        "undelivered": "none",
    }
