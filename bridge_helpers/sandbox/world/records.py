"""The resources of v2 and memory exactly as they go over the wire.

msgspec structs whose members are Twilio's; ``UNSET`` leaves a member out. They are values: an
update makes a new one, so a snapshot that a conversation pinned at birth never moves.
Source: Twilio's OpenAPI descriptions of conversations v2 and memory v1.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Raw, Struct, UnsetType

Grouping = Literal[
    "GROUP_BY_PROFILE",
    "GROUP_BY_PARTICIPANT_ADDRESSES",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE",
]
Status = Literal["ACTIVE", "INACTIVE", "CLOSED"]
Channel = Literal["VOICE", "SMS", "RCS", "WHATSAPP", "CHAT", "VIDEO"]
ParticipantType = Literal["HUMAN_AGENT", "CUSTOMER", "AI_AGENT", "AGENT", "UNKNOWN"]


class Bridge(Struct, frozen=True, rename="camel"):
    service_id: str


class Configuration(Struct, frozen=True, kw_only=True, rename="camel"):
    id: str
    display_name: str
    description: str
    conversation_grouping_type: Grouping
    memory_store_id: str
    channel_settings: dict[str, Any]
    status_callbacks: list[Any]
    intelligence_configuration_ids: list[str]
    memory_extraction_enabled: bool
    conversations_v1_bridge: Bridge | UnsetType = UNSET
    created_at: str
    updated_at: str
    version: int


class Address(Struct, frozen=True, rename="camel", gc=False):
    channel: Channel
    address: str
    channel_id: str | UnsetType = UNSET


class Participant(Struct, kw_only=True, rename="camel"):
    id: str
    conversation_id: str
    account_id: str
    name: str
    type: ParticipantType
    profile_id: str | UnsetType = UNSET
    addresses: list[Address]
    created_at: str
    updated_at: str


class Conversation(Struct, kw_only=True, rename="camel"):
    id: str
    account_id: str
    configuration_id: str
    status: Status
    name: str | None
    created_at: str
    updated_at: str
    configuration: Raw
    participants: list[Participant]
    metadata: dict[str, str] | UnsetType = UNSET


class Party(Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """An author, or a recipient with its delivery status."""

    address: str
    channel: Channel
    participant_id: str
    delivery_status: str | UnsetType = UNSET


class Communication(Struct, kw_only=True, rename="camel"):
    id: str
    conversation_id: str
    account_id: str
    author: Party
    content: dict[str, Any]
    channel_id: str | UnsetType = UNSET
    resource_id: str | UnsetType = UNSET
    recipients: list[Party]
    created_at: str
    updated_at: str
    occurred_at: str


class Action(Struct, kw_only=True, rename="camel"):
    id: str
    type: str
    status: Literal["PENDING", "COMPLETED", "FAILED"]
    conversation_id: str
    related: dict[str, str]
    failure_reason: str | UnsetType = UNSET
    created_at: str
    updated_at: str
    completed_at: str | UnsetType = UNSET


class Store(Struct, kw_only=True, rename="camel"):
    display_name: str
    description: str | UnsetType = UNSET
    id: str
    status: Literal["QUEUED", "PROVISIONING", "ACTIVE", "FAILED"]
    intelligence_service_id: str | None = None
    version: int = 1


class Profile(Struct, kw_only=True, rename="camel"):
    id: str
    created_at: str
    traits: dict[str, dict[str, Any]]
