"""
Traffic from outside: an SMS, WhatsApp or RCS message or a call comes in.

Source: Twilio docs, conversations/orchestrator (capture rules, grouping types, profiles). A
number whose classic address configuration creates conversations feeds its classic service; every
configuration with a matching capture rule takes the same traffic as well. Doing both for one
number is the "same traffic twice" that the bridge's guide warns of, and the sandbox shows it.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct

from . import bridge, classic_writes
from . import classic_records as classic
from . import orchestrator_writes as writes
from .memory.profiles import look_up, plain
from .records import Address, Configuration, Participant, ParticipantType
from .state import Account, ConversationState, World

CaptureChannel = Literal["SMS", "WHATSAPP", "RCS", "VOICE"]

_PREFIX = {"WHATSAPP": "whatsapp:", "RCS": "rcs:"}


class Inbound(Struct, frozen=True, kw_only=True):
    """One message or call; addresses as the channel writes them (``whatsapp:+1…``)."""

    channel: CaptureChannel
    from_: str
    to: str
    text: str = ""
    call_type: str = "PSTN"


def receive(world: World, account: Account, inbound: Inbound, at: float) -> dict[str, Any]:
    """Take inbound traffic in; says which configurations and classic service took it."""
    sid = account.ids.sid("CA" if inbound.channel == "VOICE" else "SM")
    captured = []
    for configuration in list(account.configurations):
        rule = _matching_rule(configuration, inbound)
        if rule is not None:
            conversation = _group(world, account, configuration, inbound, sid, at)
            captured.append((configuration.id, conversation.record.id, rule))
    fed = None if inbound.channel == "VOICE" else _feed_classic(world, account, inbound, at)
    return {
        "captured": bool(captured),
        "conversation_ids": [conversation for _, conversation, _ in captured],
        "configuration_ids": [configuration for configuration, _, _ in captured],
        "rules": [rule for _, _, rule in captured],
        "classic": fed,
        "resource_sid": sid,
    }


def _matching_rule(configuration: Configuration, inbound: Inbound) -> dict[str, Any] | None:
    setting = configuration.channel_settings.get(inbound.channel, {})
    rules: list[dict[str, Any]] = setting.get("captureRules", [])
    for rule in rules:
        ends = ((rule["from"], inbound.from_), (rule["to"], inbound.to))
        if all(wanted == "*" or plain(wanted) == plain(given) for wanted, given in ends):
            metadata = rule.get("metadata", {})
            call_type = metadata.get("callType", "PSTN")
            if inbound.channel != "VOICE" or call_type == inbound.call_type:
                return rule
    return None


def _group(
    world: World,
    account: Account,
    configuration: Configuration,
    inbound: Inbound,
    sid: str,
    at: float,
) -> ConversationState:
    """Put the traffic into the conversation that the grouping type says, or into a new one."""
    author = Address(inbound.channel, _written(inbound, inbound.from_))
    receiver = Address(inbound.channel, _written(inbound, inbound.to))
    owned = {n.phone_number for n in account.numbers}
    from_agent = plain(author.address) in owned and plain(receiver.address) not in owned
    customer, agent = (receiver, author) if from_agent else (author, receiver)
    found = _find(account, configuration, customer, agent, owned)
    conversation = found or writes.create(account, configuration, at, name=None)
    known_agent = plain(agent.address) in owned
    there = _take_part(
        account, conversation, at, customer, "CUSTOMER" if known_agent else "UNKNOWN"
    )
    here = _take_part(account, conversation, at, agent, "AGENT" if known_agent else "UNKNOWN")
    writer, reader = (here, there) if from_agent else (there, here)
    content: dict[str, Any] = {"type": "TEXT", "text": inbound.text}
    if inbound.channel == "VOICE":
        transcription = {"channel": 1 if from_agent else 0, "confidence": 0.95, "engine": "google"}
        content = {"type": "TRANSCRIPTION", "text": inbound.text, "transcription": transcription}
    writes.add_communication(
        world,
        account,
        conversation,
        at,
        author=writes.party(writer, inbound.channel),
        content=content,
        recipients=[writes.party(reader, inbound.channel, delivery="DELIVERED")],
        channel_id=sid,
        resource_id=sid,
    )
    return conversation


def _find(
    account: Account,
    configuration: Configuration,
    customer: Address,
    agent: Address,
    owned: set[str],
) -> ConversationState | None:
    """The open conversation of this configuration that the traffic belongs to."""
    grouping = configuration.conversation_grouping_type
    candidates = [
        conversation
        for conversation in account.tagged("address", plain(customer.address))
        if _open_in(account, conversation, configuration)
    ]
    if grouping == "GROUP_BY_PROFILE":
        profile = look_up(account, configuration.memory_store_id, [customer])
        if profile:
            for conversation in account.tagged("profile", profile):
                if _open_in(account, conversation, configuration):
                    return conversation
        return next((t for t in candidates if t.classic is None), None)
    same_channel = grouping.endswith("CHANNEL_TYPE")
    for conversation in candidates:
        if conversation.classic is not None:
            continue
        for own in (a for p in conversation.record.participants for a in p.addresses):
            alike = plain(own.address) == plain(customer.address)
            if alike and (not same_channel or own.channel == customer.channel):
                return conversation
    return None


def _open_in(
    account: Account, conversation: ConversationState, configuration: Configuration
) -> bool:
    record = conversation.record
    return (
        record.configuration_id == configuration.id
        and record.status != "CLOSED"
        and record.id in account.conversations
    )


def _take_part(
    account: Account,
    conversation: ConversationState,
    at: float,
    address: Address,
    kind: ParticipantType,
) -> Participant:
    """The participant with this address; a known profile gains the address."""
    present = writes.find_participant(conversation, address.channel, address.address)
    if present is not None:
        return present
    profile = None
    if kind == "CUSTOMER":
        profile = look_up(account, conversation.configuration.memory_store_id, [address])
    for participant in conversation.record.participants:
        same = {plain(a.address) for a in participant.addresses} & {plain(address.address)}
        if same or (profile and participant.profile_id == profile):
            participant.addresses = [*participant.addresses, address]
            writes.remember(account, conversation, participant)
            return participant
    return writes.add_participant(
        account,
        conversation,
        at,
        [address],
        kind=kind,
        profile_id=profile or UNSET,
    )


def _written(inbound: Inbound, address: str) -> str:
    """An address with the channel's prefix."""
    prefix = _PREFIX.get(inbound.channel, "")
    return address if address.startswith(prefix) else prefix + address


def _feed_classic(
    world: World, account: Account, inbound: Inbound, at: float
) -> dict[str, str] | None:
    """Let classic have the message: by an existing binding, or by the number's configuration."""
    customer, number = _written(inbound, inbound.from_), _written(inbound, inbound.to)
    binding = classic_writes.binding_of(customer, number)
    conversation = classic_writes.bound_conversation(account, binding)
    if conversation is None:
        service = _fed_service(account, inbound.to)
        if service is None:
            return None
        conversation = classic_writes.add_conversation(world, account, service, at, customer)
        classic_writes.add_participant(account, service, conversation, at, binding=binding)
    message = classic_writes.write_message(
        world, account, conversation, at, author=customer, body=inbound.text
    )
    bridge.message_written(world, account, conversation, message, at)
    return {
        "service_sid": conversation.service_sid,
        "conversation_sid": conversation.sid,
        "message_sid": message.sid,
    }


def _fed_service(account: Account, number: str) -> classic.Service | None:
    """The service that a number's address configuration creates conversations in."""
    for configuration in account.addresses:
        creation = configuration.auto_creation
        if plain(configuration.address) == plain(number) and creation["enabled"]:
            sid = creation.get("conversation_service_sid") or account.default_service_sid
            return account.services.get(sid or "")
    return None
