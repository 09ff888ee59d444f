"""Classic conversations and who takes part in which.

Source: Twilio docs, conversations (classic) API, and Twilio's OpenAPI.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..http.answers import Answer, Refusal, bad_request, empty, not_found, ok
from ..http.bodies import form_body, seconds
from ..http.pages import choice, classic_page
from ..world import classic_records as classic
from ..world import timers
from ..world.clock import DAY, MINUTE, iso_seconds
from ..world.stable_list import Shelf
from . import services as classic_services
from .services import FriendlyName, MessagingServiceSid

if TYPE_CHECKING:
    from ..http.requests import Call
    from ..world.state import Account

State = Literal["initializing", "active", "inactive", "closed"]
Attributes = Annotated[str, Meta(max_length=16_384)]


class Write(Struct, kw_only=True, rename="pascal"):
    """The form of a create and of an update."""

    friendly_name: FriendlyName | UnsetType = UNSET
    unique_name: str | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET
    messaging_service_sid: MessagingServiceSid | UnsetType = UNSET
    date_created: datetime | UnsetType = UNSET
    date_updated: datetime | UnsetType = UNSET
    state: State | UnsetType = UNSET
    timers_inactive: str | UnsetType = field(default=UNSET, name="Timers.Inactive")
    timers_closed: str | UnsetType = field(default=UNSET, name="Timers.Closed")
    email_address: str | UnsetType = field(default=UNSET, name="Bindings.Email.Address")
    email_name: str | UnsetType = field(default=UNSET, name="Bindings.Email.Name")


def add(
    account: Account, service: classic.Service, at: float, friendly_name: str | None = None
) -> classic.Conversation:
    """A new, empty, active conversation with the account's default timers."""
    conversation = classic.Conversation(
        sid=account.mint.sid("CH"),
        service_sid=service.sid,
        friendly_name=friendly_name,
        inactive_timer=account.default_timers["inactive"],
        closed_timer=account.default_timers["closed"],
        created=at,
        updated=at,
        active_at=at,
        participants=Shelf(),
        messages=Shelf(),
    )
    service.conversations.put(conversation.sid, conversation)
    return conversation


def find(call: Call) -> classic.Conversation:
    """The conversation that the path names, by sid or unique name."""
    service = classic_services.find(call)
    key = call.names.get("ConversationSid") or call.names["Sid"]
    found = service.conversations.get(service.unique_names.get(key, key))
    if found is None:
        raise not_found(call.path)
    timers.bring_up_to_date(found, call.now)
    return found


def find_open(call: Call) -> classic.Conversation:
    """The conversation that the path names, if it still takes messages and participants."""
    conversation = find(call)
    if conversation.state == "closed":
        raise Refusal(400, 50399, f"Conversation {conversation.sid} is closed")
    return conversation


def list_all(call: Call) -> Answer:
    """GET …/Conversations, by StartDate, EndDate and State."""
    service = classic_services.find(call)
    states = choice(call, "State", ("initializing", "active", "inactive", "closed"))
    since = _day(call, "StartDate", 0.0)
    until = _day(call, "EndDate", float("inf"), end=True)

    def keep(conversation: classic.Conversation) -> bool:
        timers.bring_up_to_date(conversation, call.now)
        wanted = not states or conversation.state in states
        return wanted and since <= conversation.created < until

    return classic_page(
        call,
        service.conversations,
        "conversations",
        largest=100,
        view=lambda c: view(call, c),
        keep=keep,
    )


def create(call: Call) -> Answer:
    """POST …/Conversations."""
    service = classic_services.find(call)
    request = form_body(call, Write)
    _check(service, request)
    conversation = add(call.account, service, instant(request.date_created) or call.now)
    conversation.active_at = call.now
    _write(service, conversation, request, call.now)
    return ok(view(call, conversation), 201)


def fetch(call: Call) -> Answer:
    """GET …/Conversations/{Sid}."""
    return ok(view(call, find(call)))


def update(call: Call) -> Answer:
    """POST …/Conversations/{Sid}."""
    conversation = find(call)
    service = classic_services.find(call)
    request = form_body(call, Write)
    _check(service, request, conversation)
    created = instant(request.date_created)
    if created is not None:
        conversation.created = created
    _write(service, conversation, request, call.now)
    return ok(view(call, conversation))


def delete(call: Call) -> Answer:
    """DELETE …/Conversations/{Sid}: the v2 twin stays, and takes what is on its way."""
    conversation = find(call)
    service = classic_services.find(call)
    service.conversations.remove(conversation.sid)
    if conversation.unique_name:
        service.unique_names.pop(conversation.unique_name, None)
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
        timers.duration(request.timers_inactive, "Timers.Inactive", MINUTE)
    if request.timers_closed:
        timers.duration(request.timers_closed, "Timers.Closed", 10 * MINUTE)


def _write(
    service: classic.Service, conversation: classic.Conversation, request: Write, now: float
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
        conversation.state = request.state
        conversation.active_at = now
    conversation.updated = instant(request.date_updated) or now


def instant(moment: datetime | UnsetType) -> float | None:
    """A date from a form; classic drops its milliseconds."""
    return None if moment is UNSET else float(int(seconds(moment)))


def _day(call: Call, name: str, default: float, *, end: bool = False) -> float:
    """A date of the query (``YYYY-MM-DD`` or with a time); as an end, the day is included."""
    text = call.query.get(name)
    if text is None:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"{name}: must be a date like 2026-01-31") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp() + (DAY if end and len(text) == 10 else 0.0)


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


def list_by_participant(call: Call) -> Answer:
    """GET …/ParticipantConversations by Identity or by Address, one of the two."""
    service = classic_services.find(call)
    identity, address = call.query.get("Identity"), call.query.get("Address")
    if (identity is None) == (address is None):
        raise bad_request("Identity, Address: give one of the two")
    shelf: Shelf[tuple[classic.Conversation, classic.Participant]] = Shelf()
    for conversation in service.conversations:
        for participant in conversation.participants:
            own = (participant.binding or {}).get("address")
            if (participant.identity if identity is not None else own) == (identity or address):
                shelf.put(participant.sid, (conversation, participant))
    return classic_page(
        call, shelf, "conversations", largest=50, view=lambda pair: _membership(call, *pair)
    )


def _membership(
    call: Call, conversation: classic.Conversation, participant: classic.Participant
) -> dict[str, Any]:
    timers.bring_up_to_date(conversation, call.now)
    whole = view(call, conversation)
    url = whole["url"]
    return {
        "account_sid": call.account.sid,
        "chat_service_sid": conversation.service_sid,
        "participant_sid": participant.sid,
        "participant_user_sid": None,
        "participant_identity": participant.identity,
        "participant_messaging_binding": participant.binding,
        "conversation_sid": conversation.sid,
        "conversation_unique_name": conversation.unique_name,
        "conversation_friendly_name": conversation.friendly_name,
        "conversation_attributes": conversation.attributes,
        "conversation_date_created": whole["date_created"],
        "conversation_date_updated": whole["date_updated"],
        "conversation_created_by": "system",
        "conversation_state": conversation.state,
        "conversation_timers": whole["timers"],
        "links": {"participant": f"{url}/Participants/{participant.sid}", "conversation": url},
    }
