"""
Accounts as they are at the start, and as many customers as somebody asks for.

Seeded classic conversations existed before any bridge: they lie in the past of the sandbox's
clock and never cross it by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from msgspec import UNSET, UnsetType

from .. import bridge, classic_writes, messaging, numbers
from .. import classic_records as classic
from ..clock import DAY, rfc3339
from ..intelligence import evaluation as intelligence
from ..memory import profiles, stores
from ..records import Bridge, Configuration
from ..state import Account, World
from . import common, planted
from .captured import CapturedConversations
from .classic import ClassicConversations, Users

#: Seeded conversations lie within this many days before now.
_PAST = 30 * DAY

#: Users that a store is made to know at most.
_MOST_KNOWN = 10_000


def start(world: World) -> Account:
    """The account that a sandbox starts with."""
    return add_account(world, "")


def add_account(world: World, name: str, *, services: int = 1, conversations: int = 12) -> Account:
    """An account as it is at the start: a classic service, an ACTIVE store, two numbers."""
    account = world.add_account(name)
    now = world.clock.now()
    intelligence.furnish(account, now)
    store = stores.add(account, "customer-memory", "Profiles of our customers", "ACTIVE")
    numbers.add(account, now, voice=True)
    numbers.add(account, now, voice=False)
    messaging.add(
        account,
        now,
        "Default Messaging Service for Conversations",
        account.default_messaging_service_sid,
    )
    for number in range(services):
        title = "Support chat" if number == 0 else f"Support chat {number + 1}"
        service = classic_writes.add_service(account, title, now - _PAST)
        classic_history(world, account, service, conversations)
        if number == 0:
            _know_customers(account, store.id, conversations, now)
    return account


def _know_customers(account: Account, store_id: str, count: int, at: float) -> None:
    """Let the store know every second of the customers who chat."""
    store = account.stores.get(store_id)
    if store is None:
        return
    chatting = [number for number in range(count) if not common.writes_sms(number)]
    for number in chatting[::2]:
        identity, _ = common.customer(number)
        traits: dict[str, dict[str, Any]] = {"Contact": {"email": identity}}
        profile_id = profiles.create(account, store, at, traits)
        profiles.identify(store, profile_id, "chat", identity)
        profiles.identify(store, profile_id, "email", identity)


def know_users(account: Account, store_id: str, every: int, at: float) -> None:
    """
    Let the store know every so-manieth of the classic Users, at most 10,000, and nobody else.

    Args:
        every: 1 for all of them, 2 for half; 0 for none.
    """
    store = account.stores.get(store_id)
    if store is None:
        return
    for profile in list(store.profiles):
        profiles.forget(store, profile.id)
    everybody = (user.identity for service in account.services for user in service.users)
    customers = dict.fromkeys(identity for identity in everybody if identity != common.AGENT)
    for identity in islice(customers, 0, _MOST_KNOWN if every else 0, every or 1):
        profile_id = profiles.create(account, store, at, {"Contact": {"chat": identity}})
        for id_type in ("chat", "email") if "@" in identity else ("chat",):
            if id_type in profiles.configs(store):
                profiles.identify(store, profile_id, id_type, identity)


def more_services(account: Account, count: int, at: float) -> list[str]:
    """So many more classic services; returns their sids."""
    first = len(account.services) + 1
    titles = (f"Support chat {number}" for number in range(first, first + count))
    return [classic_writes.add_service(account, title, at).sid for title in titles]


def more_stores(account: Account, count: int) -> list[str]:
    """So many more ACTIVE memory stores; returns their ids."""
    first = len(account.stores) + 1
    names = (f"memory-{number}" for number in range(first, first + count))
    return [stores.add(account, name, UNSET, "ACTIVE").id for name in names]


def more_numbers(account: Account, count: int, at: float) -> list[str]:
    """So many more numbers with voice, SMS and MMS; returns their sids."""
    return [numbers.add(account, at, voice=True).sid for _ in range(count)]


def classic_history(
    world: World, account: Account, service: classic.Service, count: int, messages: int = 3
) -> dict[str, str | None]:
    """Conversations of the past with customers and messages; returns the first and last sid."""
    if not count:
        return {"first": None, "last": None}
    now = float(int(world.clock.now()))
    step = max(1, int(min(3600.0, _PAST / count)))
    first = service.conversations.positions
    history = ClassicConversations(
        account,
        service,
        first=first,
        count=count,
        messages=messages,
        began=now - count * step,
        step=step,
        number=next((n.phone_number for n in account.numbers), "+15005550006"),
    )
    service.conversations.extend(history)
    if classic_writes.find_user(service, common.AGENT) is None:
        classic_writes.add_user(account, service, now - count * step, common.AGENT)
    users = Users(account, service, first=first, count=count, at=now - count * step)
    service.users.extend(users)
    return {"first": history.sid(0), "last": history.sid(count - 1)}


def orchestrator_history(
    world: World, account: Account, count: int, messages: int = 2
) -> dict[str, str | None]:
    """
    v2 conversations of captured SMS; returns the first and last id.

    They belong to the account's first configuration, or to one that is made for them.
    """
    now = world.clock.now()
    configuration = next(iter(account.configurations), None)
    captured = CapturedConversations(
        world,
        account,
        configuration or _configuration(account, now),
        first=account.conversations.positions,
        count=count,
        messages=messages,
        number=next((n.phone_number for n in account.numbers), "+15005550006"),
        at=now,
    )
    account.conversations.extend(captured)
    return {"first": captured.id(0), "last": captured.id(count - 1)}


def plant(
    world: World,
    account: Account,
    service: classic.Service,
    *,
    count: int,
    messages: int,
    seed: int,
    kinds: Mapping[planted.Kind, int],
) -> dict[str, Any]:
    """An hour passes in which a bridged service has traffic, with these gaps in it."""
    now = world.clock.now()
    configuration = account.bridging(service.sid)
    if configuration is None:
        configuration = _configuration(account, now, "planted-bridge", service.sid)
        account.service_holders[service.sid] = configuration.id
    found = planted.plant(
        account,
        service,
        configuration,
        planted.draw(seed, count, kinds),
        count=count,
        messages=messages,
        captured=kinds.get("captured", 0),
        at=now,
    )
    world.clock.advance(planted.SPAN)
    world.run_due()
    return {"configuration_id": configuration.id, "conversations": count, "planted": found}


def _configuration(
    account: Account, at: float, name: str = "captured-sms", service_sid: str = ""
) -> Configuration:
    """A configuration with a bridge or without one, in force at once."""
    store = next(iter(account.stores), None)
    bridge: Bridge | UnsetType = Bridge(service_sid) if service_sid else UNSET
    configuration = Configuration(
        id=account.ids.typed("conv_configuration"),
        display_name=name,
        description="Bridges a classic service" if service_sid else "Captures SMS, no bridge",
        conversation_grouping_type="GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE",
        memory_store_id=store.record.id if store else "",
        channel_settings={},
        status_callbacks=[],
        intelligence_configuration_ids=[],
        memory_extraction_enabled=False,
        conversations_v1_bridge=bridge,
        created_at=rfc3339(at),
        updated_at=rfc3339(at),
        version=1,
    )
    account.configurations.put(configuration.id, configuration)
    return configuration


def customer_writes(
    world: World,
    account: Account,
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
        who, title = common.customer(service.conversations.positions)
        conversation = classic_writes.add_conversation(
            world, account, service, at, identity or title
        )
        classic_writes.add_participant(account, service, conversation, at, identity=identity or who)
    elif identity and not any(p.identity == identity for p in conversation.participants):
        classic_writes.add_participant(account, service, conversation, at, identity=identity)
        bridge.participant_joined(world, account, conversation, at)
    author = identity or next((p.author for p in conversation.participants), "system")
    sids = []
    for number in range(times):
        text = body if times == 1 else f"{body} ({number + 1})"
        message = classic_writes.write_message(
            world, account, conversation, at, author=author, body=text
        )
        bridge.message_written(world, account, conversation, message, at)
        sids.append(message.sid)
    return {"conversation_sid": conversation.sid, "message_sids": sids}


def start_traffic(world: World, account: Account, service_sid: str, at: float) -> None:
    """A bridge is up: the seeded customers that ``--traffic`` asks for write soon after."""
    service = account.services.get(service_sid)
    if service is None:
        return
    chosen = list(islice(service.conversations, world.settings.traffic))
    for number, conversation in enumerate(chosen):
        follow_up = common.DIALOGUES[(number + 1) % len(common.DIALOGUES)][0]

        def write(
            due: float, to: classic.Conversation = conversation, say: str = follow_up
        ) -> None:
            if to.sid in service.conversations:
                customer_writes(world, account, service, due, conversation=to, body=say)

        world.schedule(at + 0.5 * (number + 1), write)
