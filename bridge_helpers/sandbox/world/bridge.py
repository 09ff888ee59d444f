"""The bridge: classic messages become communications, and SEND_MESSAGE becomes a classic message.

Source: Twilio docs, conversations/orchestrator/guides/classic-bridge. Each classic conversation
maps to one open v2 conversation; its sid is the ``channelId``, the message's sid the
``resourceId``. Only messages written while the bridge is up cross it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import conversations as threads
from .profiles import look_up
from .records import Address, Channel, Configuration, Participant, Party

if TYPE_CHECKING:
    from collections.abc import Callable

    from . import classic_records as classic
    from .faults import FaultName
    from .state import Account, Thread, World

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

    cross(world, account, conversation, at, "to_orchestrator", arrive)


def cross(
    world: World,
    account: Account,
    conversation: classic.Conversation,
    at: float,
    direction: str,
    arrive: Callable[[float], None],
) -> None:
    """Let a message arrive after the lag, behind those that are already on their way.

    The ``sync-*`` faults apply here; they see a POST to the conversation's Messages.
    """
    path = f"/v1/Services/{conversation.service_sid}/Conversations/{conversation.sid}/Messages"

    def meets(name: FaultName) -> float | None:
        fault = world.faults.take(name, "POST", path, account.sid, direction=direction)
        return fault.seconds if fault else None

    if meets("sync-lost") is not None:
        return
    lag = world.settings.lag + account.random.uniform(0, world.settings.jitter)
    lag += meets("sync-lag") or 0.0
    lane = account.lanes.setdefault((conversation.sid, direction), Lane())
    due = max(at + lag, lane.busy_until)
    lane.busy_until = due
    held, lane.held = lane.held, None
    if meets("sync-reorder") is not None:
        lane.held = _only_once(arrive)
        world.at(due + _HELD_BACK, lane.held)
        return
    world.at(due, arrive)
    if meets("sync-double") is not None:
        world.at(due, arrive)
    if held is not None:
        world.at(due, held)


class Lane:
    """One direction of one conversation: messages arrive in the order in which they left."""

    __slots__ = ("busy_until", "held")

    def __init__(self) -> None:
        self.busy_until = 0.0
        self.held: Callable[[float], None] | None = None


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
    thread = account.twins.get(conversation.sid)
    fresh = thread is None
    if thread is None:
        name = conversation.friendly_name or conversation.sid
        thread = threads.create(account, configuration, at, name=name)
        thread.classic = conversation
        account.twins[conversation.sid] = thread
    author = _author(account, thread, conversation, message, at)
    own = author.addresses[0]
    threads.add_communication(
        world,
        account,
        thread,
        at,
        author=threads.party(author, own.channel),
        content={"type": "TEXT", "text": message.body or ""},
        recipients=others(thread, author),
        channel_id=conversation.sid,
        resource_id=message.sid,
        occurred=message.created,
    )
    if fresh:
        world.at(at + world.settings.lag, lambda due: _join_all(account, conversation, due))


def others(thread: Thread, author: Participant) -> list[Party]:
    """Everybody in the conversation but the author, as recipients."""
    return [
        threads.party(p, p.addresses[0].channel, delivery="DELIVERED")
        for p in thread.record.participants
        if p is not author and p.addresses
    ]


def participant_joined(
    world: World, account: Account, conversation: classic.Conversation, at: float
) -> None:
    """Somebody joined a classic conversation: its v2 twin learns of it after the lag."""
    if account.bridging(conversation.service_sid) and conversation.sid in account.twins:
        world.at(at + world.settings.lag, lambda due: _join_all(account, conversation, due))


def _join_all(account: Account, conversation: classic.Conversation, at: float) -> None:
    """Bring over the participants whom the v2 twin does not have yet."""
    thread = account.twins.get(conversation.sid)
    if thread is None:
        return
    for participant in conversation.participants:
        _join(account, thread, _address(conversation, participant), at)
        proxy = (participant.binding or {}).get("proxy_address")
        if proxy and participant.binding:
            channel = _CHANNELS.get(participant.binding["type"], "SMS")
            _join(account, thread, Address(channel, proxy, conversation.sid), at, agent=True)


def _author(
    account: Account,
    thread: Thread,
    conversation: classic.Conversation,
    message: classic.Message,
    at: float,
) -> Participant:
    """The participant who wrote a message; an author who never joined is one by that name."""
    wrote = conversation.participants.get(message.participant_sid or "")
    address = (
        _address(conversation, wrote)
        if wrote is not None
        else Address("CHAT", message.author, conversation.sid)
    )
    return _join(account, thread, address, at)


def _join(
    account: Account, thread: Thread, address: Address, at: float, *, agent: bool = False
) -> Participant:
    """The participant with this address: CUSTOMER if a profile is known, otherwise UNKNOWN."""
    present = threads.find_participant(thread, address.channel, address.address)
    if present is not None:
        return present
    if agent:
        return threads.add_participant(account, thread, at, [address], kind="AGENT")
    profile_id = look_up(account, thread.configuration.memory_store_id, [address])
    if profile_id is None:
        return threads.add_participant(account, thread, at, [address])
    return threads.add_participant(
        account, thread, at, [address], kind="CUSTOMER", profile_id=profile_id
    )


def _address(conversation: classic.Conversation, participant: classic.Participant) -> Address:
    """A classic participant's v2 address; the classic conversation is its channelId."""
    if participant.binding and participant.identity is None:
        channel = _CHANNELS.get(participant.binding["type"], "SMS")
        return Address(channel, participant.binding["address"], conversation.sid)
    return Address("CHAT", participant.author, conversation.sid)
