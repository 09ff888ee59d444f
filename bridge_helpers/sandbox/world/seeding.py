"""Accounts as they are at the start, and as many customers as somebody asks for.

Seeded classic conversations existed before any bridge: they lie in the past of the sandbox's
clock and never cross it by themselves.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from ..account import numbers
from ..classic import conversations as classic_conversations
from ..classic import messages as classic_messages
from ..classic import participants as classic_participants
from ..classic import services as classic_services
from ..memory import stores as memory
from . import bridge, lifecycle, profiles
from . import conversations as threads
from .clock import DAY, rfc3339
from .records import (
    Address,
    Communication,
    Configuration,
    Participant,
    ParticipantType,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from . import classic_records as classic
    from .state import Account, World

_CUSTOMERS = (
    "ana.silva", "ben.okafor", "chiara.rossi", "dmitri.ivanov", "elif.yilmaz", "farid.haddad",
    "grace.kim", "hugo.martin", "ines.costa", "jonas.weber", "kavya.nair", "liam.byrne",
)  # fmt: skip

#: What a customer writes and an agent answers, in turn.
_DIALOGUES = (
    ("Hello, where is my order?", "Let me look it up.", "It leaves the depot today."),
    ("I was charged twice.", "I see both charges and will refund one.", "Thank you!"),
    ("Can I change my delivery address?", "Of course, what is the new one?", "12 Rua Augusta."),
    ("The app keeps logging me out.", "Which version do you have?", "4.2, from this morning."),
    ("Is the blue one back in stock?", "From Thursday on.", "Great, please reserve one."),
    ("How do I return these shoes?", "I am sending you the label.", "Got it, thanks."),
)
_AGENT = "agent.rita"

#: Seeded conversations lie within this many days before now.
_PAST = 30 * DAY


def start(world: World) -> Account:
    """The account that a sandbox starts with."""
    return account(world, "")


def account(world: World, name: str, *, services: int = 1, conversations: int = 12) -> Account:
    """An account as it is at the start: a classic service, an ACTIVE store, two numbers."""
    made = world.add_account(name)
    now = world.clock.now()
    store = memory.add(made, "customer-memory", "Profiles of our customers", "ACTIVE")
    numbers.add(made, now, voice=True)
    numbers.add(made, now, voice=False)
    for number in range(services):
        title = "Support chat" if number == 0 else f"Support chat {number + 1}"
        service = classic_services.add(made, title, now - _PAST)
        classic_history(world, made, service, conversations)
        if number == 0:
            _know_customers(made, store.id, service, now)
    return made


def _know_customers(made: Account, store_id: str, service: classic.Service, at: float) -> None:
    """Let the store know every second of the customers who chat."""
    store = made.stores.get(store_id)
    chatting = [
        participant
        for conversation in service.conversations
        for participant in conversation.participants
        if participant.identity and participant.identity != _AGENT
    ]
    for participant in chatting[::2]:
        identity = participant.identity or ""
        traits: dict[str, dict[str, Any]] = {"Contact": {"email": identity}}
        if store is not None:
            profile_id = profiles.create(made, store, at, traits)
            profiles.identify(store, profile_id, "chat", identity)
            profiles.identify(store, profile_id, "email", identity)


def more_services(made: Account, count: int, at: float) -> list[str]:
    """So many more classic services; returns their sids."""
    first = len(made.services) + 1
    titles = (f"Support chat {number}" for number in range(first, first + count))
    return [classic_services.add(made, title, at).sid for title in titles]


def more_stores(made: Account, count: int) -> list[str]:
    """So many more ACTIVE memory stores; returns their ids."""
    first = len(made.stores) + 1
    names = (f"memory-{number}" for number in range(first, first + count))
    return [memory.add(made, name, UNSET, "ACTIVE").id for name in names]


def more_numbers(made: Account, count: int, at: float) -> list[str]:
    """So many more numbers with voice, SMS and MMS; returns their sids."""
    return [numbers.add(made, at, voice=True).sid for _ in range(count)]


@contextmanager
def _in_bulk() -> Iterator[None]:
    """Keep the collector out of the way of many lasting objects, then out of them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect(0)
        gc.freeze()


def classic_history(
    world: World, made: Account, service: classic.Service, count: int, messages: int = 3
) -> dict[str, str | None]:
    """Conversations of the past with customers and messages; returns the first and last sid."""
    now = float(int(world.clock.now()))
    step = max(1, int(min(3600.0, _PAST / max(count, 1))))
    voice = next((n.phone_number for n in made.numbers), "+15005550006")
    before = len(service.conversations)
    first = last = None
    with _in_bulk():
        for number in range(count):
            at = now - (count - number) * step
            who, title = _customer(before + number)
            conversation = classic_conversations.add(made, service, at, title)
            customer = _join(made, service, conversation, at, who, before + number, voice)
            classic_participants.add(made, service, conversation, at, identity=_AGENT)
            dialogue = _DIALOGUES[(before + number) % len(_DIALOGUES)]
            for turn in range(messages):
                author = customer.author if turn % 2 == 0 else _AGENT
                body = dialogue[turn % len(dialogue)]
                classic_messages.write(made, conversation, at, author=author, body=body)
            first, last = first or conversation.sid, conversation.sid
    return {"first": first, "last": last}


def _customer(number: int) -> tuple[str, str]:
    """Identity and conversation title of a seeded customer."""
    if number < len(_CUSTOMERS):
        name = _CUSTOMERS[number]
        return f"{name}@example.com", name.replace(".", " ").title()
    return f"customer.{number + 1:06d}@example.com", f"Customer {number + 1}"


def _join(
    made: Account,
    service: classic.Service,
    conversation: classic.Conversation,
    at: float,
    identity: str,
    number: int,
    voice: str,
) -> classic.Participant:
    """The customer of a seeded conversation: every sixth writes SMS, the others chat."""
    if number % 6 == 5:
        binding = classic_participants.binding_of(f"+1555{2000000 + number:07d}", voice)
        return classic_participants.add(made, service, conversation, at, binding=binding)
    return classic_participants.add(made, service, conversation, at, identity=identity)


def orchestrator_history(
    world: World, made: Account, count: int, messages: int = 2
) -> dict[str, str | None]:
    """v2 conversations of captured SMS; returns the first and last id.

    They belong to the account's first configuration, or to one that is made for them.
    """
    now = world.clock.now()
    configuration = next(iter(made.configurations), None) or _plain_configuration(made, now)
    view = threads.pinned_view(configuration)
    number = next((n.phone_number for n in made.numbers), "+15005550006")
    agent_address = Address("SMS", number)
    stamp = rfc3339(now)
    already = len(made.threads)
    first = last = None
    with _in_bulk():
        for index in range(count):
            thread = threads.create(made, configuration, now, name=None, view=view)
            record = thread.record
            address = Address("SMS", f"+1555{3000000 + already + index:07d}")
            kinds: tuple[tuple[Address, ParticipantType], ...] = (
                (address, "UNKNOWN"),
                (agent_address, "AGENT"),
            )
            people = [
                Participant(
                    id=made.mint.typed("conv_participant"),
                    conversation_id=record.id,
                    account_id=made.sid,
                    name=own.address,
                    type=kind,
                    addresses=[own],
                    created_at=stamp,
                    updated_at=stamp,
                )
                for own, kind in kinds
            ]
            record.participants = people
            threads.remember_addresses(made, thread, [address, agent_address])
            dialogue = _DIALOGUES[index % len(_DIALOGUES)]
            parties = [threads.party(p, "SMS") for p in people]
            for turn in range(messages):
                sid = made.mint.sid("SM")
                communication = Communication(
                    id=made.mint.typed("conv_communication"),
                    conversation_id=record.id,
                    account_id=made.sid,
                    author=parties[turn % 2],
                    content={"type": "TEXT", "text": dialogue[turn % len(dialogue)]},
                    channel_id=sid,
                    resource_id=sid,
                    recipients=[parties[1 - turn % 2]],
                    created_at=stamp,
                    updated_at=stamp,
                    occurred_at=stamp,
                )
                thread.communications.put(communication.id, communication)
                made.remember_channel(sid, thread)
            lifecycle.watch(world, made, thread)
            first, last = first or record.id, record.id
    return {"first": first, "last": last}


def _plain_configuration(made: Account, at: float) -> Configuration:
    store = next(iter(made.stores), None)
    configuration = Configuration(
        id=made.mint.typed("conv_configuration"),
        display_name="captured-sms",
        description="Captures SMS, no bridge",
        conversation_grouping_type="GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE",
        memory_store_id=store.record.id if store else "",
        channel_settings={},
        status_callbacks=[],
        intelligence_configuration_ids=[],
        memory_extraction_enabled=False,
        created_at=rfc3339(at),
        updated_at=rfc3339(at),
        version=1,
    )
    made.configurations.put(configuration.id, configuration)
    return configuration


def customer_writes(
    world: World,
    made: Account,
    service: classic.Service,
    at: float,
    *,
    conversation: classic.Conversation | None = None,
    identity: str | None = None,
    body: str = "Hello, is anybody there?",
    times: int = 1,
) -> dict[str, Any]:
    """A customer writes into classic, as through the customer's own application."""
    if conversation is None:
        who, title = _customer(len(service.conversations))
        conversation = classic_conversations.add(made, service, at, identity or title)
        classic_participants.add(made, service, conversation, at, identity=identity or who)
    elif identity is not None:
        joined = any(p.identity == identity for p in conversation.participants)
        if not joined:
            classic_participants.add(made, service, conversation, at, identity=identity)
            bridge.participant_joined(world, made, conversation, at)
    author = identity or next((p.author for p in conversation.participants), "system")
    sids = []
    for number in range(times):
        text = body if times == 1 else f"{body} ({number + 1})"
        message = classic_messages.write(made, conversation, at, author=author, body=text)
        bridge.message_written(world, made, conversation, message, at)
        sids.append(message.sid)
    return {"conversation_sid": conversation.sid, "message_sids": sids}


def start_traffic(world: World, made: Account, service_sid: str, at: float) -> None:
    """A bridge is up: the seeded customers that ``--traffic`` asks for write soon after."""
    service = made.services.get(service_sid)
    if service is None:
        return
    chosen = list(service.conversations)[: world.settings.traffic]
    for number, conversation in enumerate(chosen):
        follow_up = _DIALOGUES[(number + 1) % len(_DIALOGUES)][0]

        def write(
            due: float, to: classic.Conversation = conversation, say: str = follow_up
        ) -> None:
            if to.sid in service.conversations:
                customer_writes(world, made, service, due, conversation=to, body=say)

        world.at(at + 0.5 * (number + 1), write)
