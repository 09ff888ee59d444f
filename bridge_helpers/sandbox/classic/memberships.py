"""
Who takes part in which classic conversation, by identity or by address.

Source: Twilio docs, conversations (classic) API: participant conversations and user
conversations, and Twilio's OpenAPI.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..http.answers import Answer, bad_request, empty, not_found, ok
from ..http.pages import classic_page
from ..http.request import Call
from ..world import classic_records as classic
from ..world import classic_writes
from ..world.clock import iso_seconds
from . import conversations, services, users

Membership = tuple[classic.Conversation, classic.Participant]


def list_by_participant(call: Call) -> Answer:
    """GET …/ParticipantConversations by Identity or by Address, one of the two."""
    service = services.find(call)
    identity, address = call.query.get("Identity"), call.query.get("Address")
    if (identity is None) == (address is None):
        raise bad_request("Identity, Address: give one of the two")
    if identity is not None:
        tag, belongs = ("identity", identity), _by_identity(identity)
    else:
        tag, belongs = ("address", address or ""), _by_address(address or "")
    return classic_page(
        call,
        service.conversations,
        "conversations",
        largest=50,
        view=lambda c: _participant_view(call, service, c, _member(c, belongs)),
        keep=lambda c: any(belongs(p) for p in c.participants),
        among=service.conversations.tagged(tag),
    )


def list_of_user(call: Call) -> Answer:
    """GET …/Users/{UserSid}/Conversations."""
    service, user = services.find(call), users.find(call)
    belongs = _by_identity(user.identity)
    return classic_page(
        call,
        service.conversations,
        "conversations",
        largest=50,
        view=lambda c: _user_view(call, user, c, _member(c, belongs)),
        keep=lambda c: any(belongs(p) for p in c.participants),
        among=service.conversations.tagged(("identity", user.identity)),
    )


def fetch(call: Call) -> Answer:
    """GET …/Users/{UserSid}/Conversations/{ConversationSid}."""
    user = users.find(call)
    conversation, participant = _find(call, user)
    return ok(_user_view(call, user, conversation, participant))


def leave(call: Call) -> Answer:
    """DELETE …/Users/{UserSid}/Conversations/{ConversationSid}: the user stays."""
    conversation, participant = _find(call, users.find(call))
    conversation.participants.remove(participant.sid)
    return empty()


def _find(call: Call, user: classic.User) -> Membership:
    conversation = conversations.find(call)
    for participant in conversation.participants:
        if participant.identity == user.identity:
            return conversation, participant
    raise not_found(call.path)


def _by_identity(identity: str) -> Callable[[classic.Participant], bool]:
    return lambda participant: participant.identity == identity


def _by_address(address: str) -> Callable[[classic.Participant], bool]:
    return lambda participant: (participant.binding or {}).get("address") == address


def _member(
    conversation: classic.Conversation, belongs: Callable[[classic.Participant], bool]
) -> classic.Participant:
    return next(filter(belongs, conversation.participants))


def _participant_view(
    call: Call,
    service: classic.Service,
    conversation: classic.Conversation,
    participant: classic.Participant,
) -> dict[str, Any]:
    whole = conversations.view(call, conversation)
    url = whole["url"]
    identity = participant.identity
    user = classic_writes.find_user(service, identity) if identity is not None else None
    return {
        "account_sid": call.account.sid,
        "chat_service_sid": conversation.service_sid,
        "participant_sid": participant.sid,
        "participant_user_sid": user.sid if user else None,
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


def _user_view(
    call: Call,
    user: classic.User,
    conversation: classic.Conversation,
    participant: classic.Participant,
) -> dict[str, Any]:
    whole = conversations.view(call, conversation)
    read = participant.last_read_index
    unread = None if read is None else sum(1 for m in conversation.messages if m.index > read)
    base = users.url(call, conversation.service_sid, user)
    return {
        "account_sid": call.account.sid,
        "chat_service_sid": conversation.service_sid,
        "conversation_sid": conversation.sid,
        "unread_messages_count": unread,
        "last_read_message_index": read,
        "participant_sid": participant.sid,
        "user_sid": user.sid,
        "friendly_name": conversation.friendly_name,
        "conversation_state": conversation.state,
        "timers": whole["timers"],
        "attributes": conversation.attributes,
        "date_created": iso_seconds(conversation.created),
        "date_updated": iso_seconds(conversation.updated),
        "created_by": "system",
        "notification_level": "default",
        "unique_name": conversation.unique_name,
        "url": f"{base}/Conversations/{conversation.sid}",
        "links": {
            "participant": f"{whole['url']}/Participants/{participant.sid}",
            "conversation": whole["url"],
        },
    }
