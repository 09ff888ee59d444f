"""
The bridge: classic messages become communications, and SEND_MESSAGE becomes a classic message.

Source: Twilio docs, conversations/orchestrator/guides/classic-bridge. Each classic conversation
maps to one open v2 conversation, its twin; its sid is the ``channelId``, the message's sid the
``resourceId``. Only messages written while the bridge is up cross it.
"""

from __future__ import annotations

from collections.abc import Callable

from . import classic_records as classic
from . import orchestrator_writes as writes
from .faults import FaultName
from .memory.profiles import look_up
from .memory.stages import later
from .records import Address, Channel, Configuration, Participant, Party
from .state import Account, ConversationState, DeliveryQueue, World

_CHANNELS: dict[str, Channel] = {"sms": "SMS", "whatsapp": "WHATSAPP", "rcs": "RCS"}

#: How long a message that a fault holds back waits for another to overtake it.
_HELD_BACK = 60.0


def message_written(
    world: World,
    account: Account,
    conversation: classic.Conversation,
    message: classic.Message,
    at: float,
) -> None:
    """A classic message was written: if its service is bridged, it starts crossing."""
    configuration = account.bridging(conversation.service_sid)
    if configuration is None:
        return

    def arrive(due: float) -> None:
        _deliver(world, account, configuration, conversation, message, due)

    send_across(world, account, conversation, at, "to_orchestrator", arrive)


def send_across(
    world: World,
    account: Account,
    conversation: classic.Conversation,
    at: float,
    direction: str,
    arrive: Callable[[float], None],
) -> None:
    """
    Let a message arrive after the lag, behind those that are already on their way.

    The ``sync-*`` faults apply here; they see a POST to the conversation's Messages.
    """
    path = f"/v1/Services/{conversation.service_sid}/Conversations/{conversation.sid}/Messages"

    def fault(name: FaultName) -> float | None:
        found = world.faults.take(name, "POST", path, account.sid, direction=direction)
        return found.seconds if found else None

    if fault("sync-lost") is not None:
        return
    lag = world.settings.lag + account.random.uniform(0, world.settings.jitter)
    lag += fault("sync-lag") or 0.0
    queue = account.delivery_queues.setdefault((conversation.sid, direction), DeliveryQueue())
    due = max(at + lag, queue.last_due)
    queue.last_due = due
    held_back, queue.held_back = queue.held_back, None
    if fault("sync-reorder") is not None:
        queue.held_back = _only_once(arrive)
        world.schedule(due + _HELD_BACK, queue.held_back)
        return
    world.schedule(due, arrive)
    if fault("sync-double") is not None:
        world.schedule(due, arrive)
    if held_back is not None:
        late = held_back
        # A moment later, so that what overtook it is the older of the two by its time as well.
        world.schedule(due, lambda at: late(round(at + 0.001, 3)))


def _only_once(work: Callable[[float], None]) -> Callable[[float], None]:
    done = False

    def run(at: float) -> None:
        nonlocal done
        if not done:
            done = True
            work(at)

    return run


def _deliver(
    world: World,
    account: Account,
    configuration: Configuration,
    conversation: classic.Conversation,
    message: classic.Message,
    at: float,
) -> None:
    """A classic message arrives in Orchestrator."""
    twin = account.twin_of(conversation)
    first = twin is None
    if twin is None:
        name = conversation.friendly_name or conversation.sid
        twin = writes.create(account, configuration, at, name=name)
        twin.classic = conversation
        account.twins[conversation.sid] = twin
    author = _author(world, account, twin, message, at)
    own = author.addresses[0]
    writes.add_communication(
        world,
        account,
        twin,
        at,
        author=writes.party(author, own.channel),
        content={"type": "TEXT", "text": message.body or ""},
        recipients=_others(twin, author),
        channel_id=conversation.sid,
        resource_id=message.sid,
        occurred=message.created,
    )

    def recognise(due: float) -> None:
        writes.recognise(account, twin, author, due)

    later(world, account, twin, at, "resolution", recognise)
    if first:
        world.schedule(
            at + world.settings.lag, lambda due: _join_all(world, account, conversation, due)
        )


def _others(twin: ConversationState, author: Participant) -> list[Party]:
    """Everybody in the conversation but the author, as recipients."""
    return [
        writes.party(p, p.addresses[0].channel, delivery="DELIVERED")
        for p in twin.record.participants
        if p is not author and p.addresses
    ]


def participant_joined(
    world: World, account: Account, conversation: classic.Conversation, at: float
) -> None:
    """Somebody joined a classic conversation: its twin learns of it after the lag."""
    if account.bridging(conversation.service_sid) and account.twin_of(conversation):
        due = at + world.settings.lag
        world.schedule(due, lambda then: _join_all(world, account, conversation, then))


def _join_all(
    world: World, account: Account, conversation: classic.Conversation, at: float
) -> None:
    """Bring over the participants whom the twin does not have yet, unless they have to write."""
    twin = account.twins.get(conversation.sid)
    if twin is None or world.settings.bridged_participants == "agent-omitted":
        return
    for participant in conversation.participants:
        _join(world, account, twin, _address(conversation, participant), at)
        proxy = (participant.binding or {}).get("proxy_address")
        if proxy and participant.binding:
            channel = _CHANNELS.get(participant.binding["type"], "SMS")
            number = Address(channel, proxy, conversation.sid)
            _join(world, account, twin, number, at, agent=True)


def _author(
    world: World, account: Account, twin: ConversationState, message: classic.Message, at: float
) -> Participant:
    """The participant who wrote a message; an author who never joined is one by that name."""
    conversation = twin.classic
    sid = message.conversation_sid
    wrote = conversation.participants.get(message.participant_sid or "") if conversation else None
    if conversation is not None and wrote is not None:
        address = _address(conversation, wrote)
    else:
        address = Address("CHAT", message.author, sid)
    return _join(world, account, twin, address, at)


def _join(
    world: World,
    account: Account,
    twin: ConversationState,
    address: Address,
    at: float,
    *,
    agent: bool = False,
) -> Participant:
    """The participant with this address; a new one has the type that the settings say."""
    present = writes.find_participant(twin, address.channel, address.address)
    if present is not None:
        return present
    if world.settings.bridged_participants != "typed":
        return writes.add_participant(account, twin, at, [address])
    if agent:
        return writes.add_participant(account, twin, at, [address], kind="AGENT")
    profile_id = look_up(account, twin.configuration.memory_store_id, [address])
    if profile_id is None:
        return writes.add_participant(account, twin, at, [address])
    return writes.add_participant(
        account, twin, at, [address], kind="CUSTOMER", profile_id=profile_id
    )


def _address(conversation: classic.Conversation, participant: classic.Participant) -> Address:
    """A classic participant's v2 address; the classic conversation is its channelId."""
    if participant.binding and participant.identity is None:
        channel = _CHANNELS.get(participant.binding["type"], "SMS")
        return Address(channel, participant.binding["address"], conversation.sid)
    return Address("CHAT", participant.author, conversation.sid)
