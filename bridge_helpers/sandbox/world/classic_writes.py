"""
What changes in classic, whoever asks: the API, a seed, the bridge or traffic from outside.

Services, conversations, participants, users and messages are made and removed here, so that
what finds them (names, tags, states) is kept in one place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import classic_records as classic
from . import timers
from .stable_list import StableList
from .state import Account, World

_CHANNEL = re.compile(r"(whatsapp|messenger|rcs):")


def add_service(account: Account, friendly_name: str, at: float) -> classic.Service:
    """A new, empty service; an account's first one is its default."""
    roles = ("conversation_creator", "conversation", "chat_service")
    service = classic.Service(
        sid=account.ids.sid("IS"),
        friendly_name=friendly_name,
        created=at,
        updated=at,
        roles={role: account.ids.sid("RL") for role in roles},
        conversations=StableList(classic.STATES),
        unique_names={},
        users=StableList(),
        webhooks=classic.Webhooks(),
    )
    account.services.put(service.sid, service)
    if account.default_service_sid is None:
        account.default_service_sid = service.sid
    return service


def add_conversation(
    world: World,
    account: Account,
    service: classic.Service,
    at: float,
    friendly_name: str | None = None,
    *,
    created: float | None = None,
) -> classic.Conversation:
    """A new, empty, active conversation with the account's default timers."""
    conversation = classic.Conversation(
        sid=account.ids.sid("CH"),
        service_sid=service.sid,
        friendly_name=friendly_name,
        inactive_timer=account.default_timers["inactive"],
        closed_timer=account.default_timers["closed"],
        created=at if created is None else created,
        updated=at,
        active_at=at,
        participants=StableList(),
        messages=StableList(),
        webhooks=StableList(),
    )
    service.conversations.put(conversation.sid, conversation)
    timers.schedule(world, service, conversation)
    return conversation


def remove_conversation(service: classic.Service, conversation: classic.Conversation) -> None:
    """Remove a conversation with all that is in it; its users stay."""
    service.conversations.remove(conversation.sid)
    if conversation.unique_name:
        service.unique_names.pop(conversation.unique_name, None)


def add_participant(
    account: Account,
    service: classic.Service,
    conversation: classic.Conversation,
    at: float,
    *,
    identity: str | None = None,
    binding: dict[str, str] | None = None,
) -> classic.Participant:
    """A new participant; an identity becomes a user of the service. The caller tells the bridge."""
    participant = classic.Participant(
        sid=account.ids.sid("MB"),
        conversation_sid=conversation.sid,
        identity=identity,
        binding=binding,
        role_sid=service.roles["conversation"],
        created=at,
        updated=at,
    )
    conversation.participants.put(participant.sid, participant)
    remember(account, service, conversation, participant, at)
    return participant


def remember(
    account: Account,
    service: classic.Service,
    conversation: classic.Conversation,
    participant: classic.Participant,
    at: float,
) -> None:
    """Let a participant be found by identity and by address, and have a user."""
    position = service.conversations.position(conversation.sid)
    if participant.identity is not None:
        service.conversations.tag(("identity", participant.identity), position)
        if find_user(service, participant.identity) is None:
            add_user(account, service, at, participant.identity)
    for tag in _tags(participant.binding):
        service.conversations.tag(tag, position)


def _tags(binding: dict[str, str] | None) -> Iterator[tuple[str, ...]]:
    if binding and "address" in binding:
        yield "address", binding["address"]
        yield "binding", binding["address"], binding["proxy_address"]


def binding_of(address: str, proxy: str) -> dict[str, str]:
    """The messaging binding of a customer's address and the number it writes to."""
    channel = _CHANNEL.match(address)
    kind = channel[1] if channel else "sms"
    return {"type": kind, "address": address, "proxy_address": proxy}


def bound_conversation(
    account: Account, binding: dict[str, str], besides: classic.Participant | None = None
) -> classic.Conversation | None:
    """The open conversation that this address and this number share, in any service."""
    tag = ("binding", binding["address"], binding["proxy_address"])
    for service in account.services:
        for position in service.conversations.tagged(tag):
            conversation = service.conversations.at(position)
            if conversation is None or conversation.state == "closed":
                continue
            if any(p.binding == binding for p in conversation.participants if p is not besides):
                return conversation
    return None


def find_user(service: classic.Service, key: str) -> classic.User | None:
    """The user with this sid or identity."""
    found = service.users.get(key)
    if found is not None:
        return found
    for position in service.users.tagged(("identity", key)):
        found = service.users.at(position)
        if found is not None:
            return found
    return None


def add_user(account: Account, service: classic.Service, at: float, identity: str) -> classic.User:
    """A new user of a service."""
    user = classic.User(
        sid=account.ids.sid("US"),
        identity=identity,
        role_sid=service.roles["chat_service"],
        created=at,
        updated=at,
    )
    service.users.tag(("identity", identity), service.users.put(user.sid, user))
    return user


def remove_user(service: classic.Service, user: classic.User) -> None:
    """Remove a user, and its participants from the conversations of the service."""
    service.users.remove(user.sid)
    for position in service.conversations.tagged(("identity", user.identity)):
        conversation = service.conversations.at(position)
        for participant in list(conversation.participants) if conversation else ():
            if conversation and participant.identity == user.identity:
                conversation.participants.remove(participant.sid)


def write_message(
    world: World,
    account: Account,
    conversation: classic.Conversation,
    at: float,
    *,
    author: str,
    body: str | None,
    attributes: str = "{}",
    content_sid: str | None = None,
    media_sid: str | None = None,
    created: float | None = None,
) -> classic.Message:
    """Add a message; it wakes the conversation. The caller sends it across the bridge."""
    wrote = next((p for p in conversation.participants if p.author == author), None)
    message = classic.Message(
        sid=account.ids.sid("IM"),
        conversation_sid=conversation.sid,
        index=conversation.next_index,
        author=author,
        body=body,
        attributes=attributes,
        participant_sid=wrote.sid if wrote else None,
        content_sid=content_sid,
        media_sid=media_sid,
        created=created if created is not None else at,
        updated=at,
    )
    conversation.next_index += 1
    conversation.messages.put(message.sid, message)
    conversation.active_at = at
    service = account.services.get(conversation.service_sid)
    if service is not None:
        if conversation.state == "inactive":
            timers.set_state(service, conversation, "active")
        timers.schedule(world, service, conversation)
    return message
