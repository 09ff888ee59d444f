"""
Classic conversations.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..http.answers import Answer, Refusal, bad_request, empty, not_found, ok
from ..http.bodies import form_body, seconds
from ..http.pages import choice, classic_page
from ..http.request import Call
from ..world import classic_records as classic
from ..world import classic_writes, timers
from ..world.clock import DAY, MINUTE, iso_seconds
from . import services
from .durations import duration
from .services import FriendlyName, MessagingServiceSid

Attributes = Annotated[str, Meta(max_length=16_384)]


class Write(Struct, kw_only=True, rename="pascal"):
    """The form of a create and of an update."""

    friendly_name: FriendlyName | UnsetType = UNSET
    unique_name: str | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    messaging_service_sid: MessagingServiceSid | UnsetType = UNSET
    date_created: datetime | UnsetType = UNSET
    date_updated: datetime | UnsetType = UNSET
    state: classic.State | UnsetType = UNSET
    timers_inactive: str | UnsetType = field(default=UNSET, name="Timers.Inactive")
    timers_closed: str | UnsetType = field(default=UNSET, name="Timers.Closed")
    email_address: str | UnsetType = field(default=UNSET, name="Bindings.Email.Address")
    email_name: str | UnsetType = field(default=UNSET, name="Bindings.Email.Name")


def find(call: Call) -> classic.Conversation:
    """The conversation that the path names, by sid or unique name."""
    service = services.find(call)
    key = call.names.get("ConversationSid") or call.names["Sid"]
    sid = service.unique_names.get(key, key)
    reading = call.method == "GET"
    found = service.conversations.look(sid) if reading else service.conversations.get(sid)
    if found is None:
        raise not_found(call.path)
    return found


def find_open(call: Call) -> classic.Conversation:
    """The conversation that the path names, if it still takes messages and participants."""
    conversation = find(call)
    if conversation.state == "closed":
        raise Refusal(400, 50399, f"Conversation {conversation.sid} is closed")
    return conversation


def list_all(call: Call) -> Answer:
    """GET …/Conversations, by StartDate, EndDate and State."""
    service = services.find(call)
    states = choice(call, "State", classic.STATES)
    since = _day(call, "StartDate", 0.0)
    until = _day(call, "EndDate", float("inf"), end=True)
    dated = "StartDate" in call.query or "EndDate" in call.query
    return classic_page(
        call,
        service.conversations,
        "conversations",
        largest=100,
        view=lambda c: view(call, c),
        keep=(lambda c: since <= c.created < until) if dated else None,
        groups=set(states) or None,
    )


def create(call: Call) -> Answer:
    """POST …/Conversations."""
    service = services.find(call)
    request = form_body(call, Write)
    _check(service, request)
    conversation = classic_writes.add_conversation(
        call.world, call.account, service, call.now, created=instant(request.date_created)
    )
    _write(call, service, conversation, request)
    return ok(view(call, conversation), 201)


def fetch(call: Call) -> Answer:
    """GET …/Conversations/{Sid}."""
    return ok(view(call, find(call)))


def update(call: Call) -> Answer:
    """POST …/Conversations/{Sid}."""
    conversation = find(call)
    service = services.find(call)
    request = form_body(call, Write)
    _check(service, request, conversation)
    created = instant(request.date_created)
    if created is not None:
        conversation.created = created
    _write(call, service, conversation, request)
    return ok(view(call, conversation))


def delete(call: Call) -> Answer:
    """DELETE …/Conversations/{Sid}: users stay, and the v2 twin with what is on its way."""
    conversation = find(call)
    service = services.find(call)
    classic_writes.remove_conversation(service, conversation)
    return empty()


def _check(
    service: classic.Service, request: Write, conversation: classic.Conversation | None = None
) -> None:
    """Refuse before anything is changed."""
    if request.unique_name:
        holder = service.unique_names.get(request.unique_name)
        if holder and (conversation is None or holder != conversation.sid):
            raise Refusal(
                409, 50353, f"Conversation with unique name {request.unique_name} exists already"
            )
    if request.timers_inactive:
        duration(request.timers_inactive, "Timers.Inactive", MINUTE)
    if request.timers_closed:
        duration(request.timers_closed, "Timers.Closed", 10 * MINUTE)


def _write(
    call: Call, service: classic.Service, conversation: classic.Conversation, request: Write
) -> None:
    if request.friendly_name is not UNSET:
        conversation.friendly_name = request.friendly_name
    if request.unique_name is not UNSET:
        if conversation.unique_name:
            service.unique_names.pop(conversation.unique_name, None)
        conversation.unique_name = request.unique_name or None
        if request.unique_name:
            service.unique_names[request.unique_name] = conversation.sid
    if request.attributes is not UNSET:
        conversation.attributes = request.attributes
    if request.messaging_service_sid is not UNSET:
        conversation.messaging_service_sid = request.messaging_service_sid
    if request.timers_inactive is not UNSET:
        conversation.inactive_timer = request.timers_inactive or None
    if request.timers_closed is not UNSET:
        conversation.closed_timer = request.timers_closed or None
    if request.state is not UNSET and request.state != conversation.state:
        timers.set_state(service, conversation, request.state)
        conversation.active_at = call.now
    conversation.updated = instant(request.date_updated) or call.now
    timers.schedule(call.world, service, conversation)


def instant(moment: datetime | UnsetType) -> float | None:
    """A date from a form; classic drops its milliseconds."""
    return None if moment is UNSET else float(int(seconds(moment)))


def _day(call: Call, name: str, default: float, *, end: bool = False) -> float:
    """
    A day of the query; as an end, the day is included.

    Twilio's docs write it ``YYYY-MM-DDT00:00:00Z``; a date alone is taken as well, and an end
    with a time of day is that instant.
    """
    text = call.query.get(name)
    if text is None:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"{name}: must be a day like 2026-01-31T00:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    midnight = moment.time() == time.min
    return moment.timestamp() + (DAY if end and midnight else 0.0)


def view(call: Call, conversation: classic.Conversation) -> dict[str, Any]:
    url = f"{call.base}/v1/Services/{conversation.service_sid}/Conversations/{conversation.sid}"
    links = {
        "participants": "Participants",
        "messages": "Messages",
        "webhooks": "Webhooks",
        "export": "Export",
    }
    return {
        "sid": conversation.sid,
        "account_sid": call.account.sid,
        "chat_service_sid": conversation.service_sid,
        "messaging_service_sid": conversation.messaging_service_sid
        or call.account.default_messaging_service_sid,
        "friendly_name": conversation.friendly_name,
        "unique_name": conversation.unique_name,
        "attributes": conversation.attributes,
        "state": conversation.state,
        "date_created": iso_seconds(conversation.created),
        "date_updated": iso_seconds(conversation.updated),
        "timers": timers.view(conversation),
        "bindings": {},
        "url": url,
        "links": {name: f"{url}/{path}" for name, path in links.items()},
    }
