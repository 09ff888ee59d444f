"""
What changes in v2 conversations, whoever asks: the API, the bridge or captured traffic.

Conversations, participants and communications are made here, so that what finds them (tags) and
their lifecycle are kept in one place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from . import lifecycle
from .clock import rfc3339
from .intelligence import evaluation as intelligence
from .memory.profiles import look_up, plain, profile_of
from .records import (
    Address,
    Channel,
    Communication,
    Configuration,
    Conversation,
    Participant,
    ParticipantType,
    Party,
)
from .stable_list import StableList
from .state import ConversationState

if TYPE_CHECKING:
    from .state import Account, World

#: Members of a configuration that a conversation does not show (Twilio's OpenAPI).
_NOT_PINNED = {"id", "createdAt", "updatedAt", "version"}


def pinned_view(configuration: Configuration) -> Raw:
    """A configuration as the conversations born with it show it."""
    members: dict[str, Any] = msgspec.to_builtins(configuration)
    return Raw(msgspec.json.encode({k: v for k, v in members.items() if k not in _NOT_PINNED}))


def create(
    account: Account,
    configuration: Configuration,
    at: float,
    *,
    name: str | None,
    view: Raw | None = None,
    metadata: dict[str, str] | UnsetType = UNSET,
) -> ConversationState:
    """A new, empty, ACTIVE conversation that pins this configuration."""
    stamp = rfc3339(at)
    record = Conversation(
        id=account.ids.typed("conv_conversation"),
        account_id=account.sid,
        configuration_id=configuration.id,
        status="ACTIVE",
        name=name,
        created_at=stamp,
        updated_at=stamp,
        configuration=view or pinned_view(configuration),
        participants=[],
        metadata=metadata,
    )
    conversation = ConversationState(
        record=record,
        configuration=configuration,
        created=at,
        active_at=at,
        communications=StableList(),
        by_resource={},
        actions={},
    )
    account.conversations.put(record.id, conversation)
    if configuration.intelligence_configuration_ids:
        account.tag(conversation, "intelligence", "")
    return conversation


def add_participant(
    account: Account,
    conversation: ConversationState,
    at: float,
    addresses: list[Address],
    *,
    name: str = "",
    kind: ParticipantType = "UNKNOWN",
    profile_id: str | UnsetType = UNSET,
) -> Participant:
    """
    A new participant; a CUSTOMER gets the profile that its addresses resolve to.

    Without a name it is called by its first address: Agent Connect's models want a string.
    """
    if kind == "CUSTOMER" and profile_id is UNSET:
        profile_id = profile_of(account, conversation.configuration.memory_store_id, addresses, at)
    stamp = rfc3339(at)
    participant = Participant(
        id=account.ids.typed("conv_participant"),
        conversation_id=conversation.record.id,
        account_id=account.sid,
        name=name or (addresses[0].address if addresses else ""),
        type=kind,
        profile_id=profile_id,
        addresses=addresses,
        created_at=stamp,
        updated_at=stamp,
    )
    conversation.record.participants.append(participant)
    conversation.record.updated_at = stamp
    remember(account, conversation, participant)
    return participant


def remember(account: Account, conversation: ConversationState, participant: Participant) -> None:
    """Let lists by channelId and the grouping of captured traffic find this conversation."""
    if participant.profile_id is not UNSET:
        account.tag(conversation, "profile", participant.profile_id)
    for address in participant.addresses:
        account.tag(conversation, "address", plain(address.address))
        if address.channel_id:
            account.tag(conversation, "channel", address.channel_id)


def recognise(
    account: Account, conversation: ConversationState, participant: Participant, at: float
) -> None:
    """Make an UNKNOWN participant a CUSTOMER if the store knows its address by now."""
    if participant.type != "UNKNOWN" or conversation.record.status == "CLOSED":
        return
    store_id = conversation.configuration.memory_store_id
    profile_id = look_up(account, store_id, participant.addresses)
    if profile_id is not None:
        participant.type = "CUSTOMER"
        participant.profile_id = profile_id
        participant.updated_at = rfc3339(at)
        remember(account, conversation, participant)


def find_participant(
    conversation: ConversationState, channel: Channel, address: str
) -> Participant | None:
    """The participant who has this address on this channel."""
    for participant in conversation.record.participants:
        for own in participant.addresses:
            if own.channel == channel and own.address == address:
                return participant
    return None


def party(participant: Participant, channel: Channel, *, delivery: str | None = None) -> Party:
    """A participant as author or recipient on a channel."""
    own = [a for a in participant.addresses if a.channel == channel] or participant.addresses
    return Party(
        address=own[0].address if own else participant.name,
        channel=own[0].channel if own else channel,
        participant_id=participant.id,
        delivery_status=delivery or UNSET,
    )


def add_communication(
    world: World,
    account: Account,
    conversation: ConversationState,
    at: float,
    *,
    author: Party,
    content: dict[str, Any],
    recipients: list[Party],
    channel_id: str | None = None,
    resource_id: str | None = None,
    occurred: float | None = None,
) -> Communication:
    """A new communication; it wakes the conversation and restarts its timers."""
    stamp = rfc3339(at)
    communication = Communication(
        id=account.ids.typed("conv_communication"),
        conversation_id=conversation.record.id,
        account_id=account.sid,
        author=author,
        content=content,
        channel_id=channel_id or UNSET,
        resource_id=resource_id or UNSET,
        recipients=recipients,
        created_at=stamp,
        updated_at=stamp,
        occurred_at=rfc3339(occurred if occurred is not None else at),
    )
    conversation.communications.put(communication.id, communication)
    if resource_id:
        conversation.by_resource.setdefault(resource_id, communication.id)
    if channel_id:
        account.tag(conversation, "channel", channel_id)
    conversation.record.updated_at = stamp
    lifecycle.touch(world, account, conversation, at)
    intelligence.communicated(world, account, conversation, at)
    return communication
