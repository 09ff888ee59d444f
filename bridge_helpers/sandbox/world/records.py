"""
The resources of v2 and memory exactly as they go over the wire, operations and numbers.

msgspec structs whose members are Twilio's; ``UNSET`` leaves a member out. Frozen ones are values:
an update makes a new one, so what a conversation pinned at birth never changes. How operations
and numbers look on the wire is worked out when they are read.
Source: Twilio's OpenAPI descriptions of conversations v2 and memory v1.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

Grouping = Literal[
    "GROUP_BY_PROFILE",
    "GROUP_BY_PARTICIPANT_ADDRESSES",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE",
]
Status = Literal["ACTIVE", "INACTIVE", "CLOSED"]
STATUSES: tuple[Status, ...] = ("ACTIVE", "INACTIVE", "CLOSED")
Channel = Literal["VOICE", "SMS", "RCS", "WHATSAPP", "CHAT", "VIDEO"]
ParticipantType = Literal["HUMAN_AGENT", "CUSTOMER", "AI_AGENT", "AGENT", "UNKNOWN"]


Url = Annotated[str, Meta(pattern=r"^https?://[^\s/]+\S*\Z")]


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


StoreStatus = Literal["QUEUED", "PROVISIONING", "ACTIVE", "FAILED"]


class Store(Struct, kw_only=True, rename="camel"):
    display_name: str
    description: str | UnsetType = UNSET
    id: str
    status: StoreStatus
    intelligence_service_id: str | None = None
    version: int = 1


class Profile(Struct, kw_only=True, rename="camel"):
    id: str
    created_at: str
    traits: dict[str, dict[str, Any]]


class _Rule(
    Struct,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="ruleType",
):
    """What values of a trait have to be like; the tag says of which type."""


class StringRule(_Rule, tag="STRING"):
    pattern: Annotated[str, Meta(max_length=1000)] | UnsetType = UNSET
    min_length: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    max_length: Annotated[int, Meta(ge=1)] | UnsetType = UNSET


class NumberRule(_Rule, tag="NUMBER"):
    min: float | UnsetType = UNSET
    max: float | UnsetType = UNSET


class BooleanRule(_Rule, tag="BOOLEAN"):
    pass


class ArrayRule(_Rule, tag="ARRAY"):
    min_items: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    max_items: Annotated[int, Meta(ge=0)] | UnsetType = UNSET


class Trait(
    Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """A trait that profiles may have; ``""`` as its type takes it out of its group."""

    data_type: Literal["STRING", "NUMBER", "BOOLEAN", "ARRAY", ""]
    description: Annotated[str, Meta(max_length=1024)] | UnsetType = UNSET
    validation_rule: StringRule | NumberRule | BooleanRule | ArrayRule | UnsetType = UNSET
    id_type_promotion: Annotated[str, Meta(max_length=30)] | UnsetType = UNSET


class TraitGroup(Struct, kw_only=True, rename="camel"):
    display_name: str
    description: str | UnsetType = UNSET
    traits: dict[str, Trait]
    version: int = 1


class Observation(Struct, kw_only=True, rename="camel"):
    content: str
    occurred_at: str
    source: str
    conversation_ids: list[str] | UnsetType = UNSET
    id: str
    created_at: str
    updated_at: str


class Summary(Struct, kw_only=True, rename="camel"):
    source: str | UnsetType = UNSET
    content: str
    occurred_at: str
    conversation_id: str
    id: str
    created_at: str
    updated_at: str


IdType = Annotated[str, Meta(min_length=2, max_length=30)]


class IdentifierConfig(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One kind of identifier of a memory store."""

    id_type: IdType
    matching_algo: Literal["exact", "fuzzy"] = "exact"
    matching_threshold: Annotated[int, Meta(ge=50, le=99)] = 75
    limit: Annotated[int, Meta(ge=1, le=100)] = 100
    limit_policy: Literal["fifo", "lifo"] = "fifo"
    enforce_unique: bool = True
    normalization: Literal["phone", "email", "trim", "none"] = "trim"


class Operation(Struct, kw_only=True):
    """Work that was accepted with 202; ``kind`` is as "configuration.create"."""

    id: str
    kind: str
    status: str = "PENDING"
    created: float
    ended: float | None = None
    related: dict[str, str] | None = None
    result_id: str | None = None
    error: dict[str, Any] | None = None
    status_url: str
    #: What a fault has it report instead of its status, and whether at its end as well.
    reported_status: str | None = None
    misreports_end: bool = False


class PhoneNumber(Struct, kw_only=True):
    """A number of the account; ``settings`` are the members that can be written."""

    sid: str
    phone_number: str
    friendly_name: str
    capabilities: dict[str, bool]
    created: float
    updated: float
    settings: dict[str, Any]


class Alert(Struct, frozen=True, kw_only=True):
    """What went wrong, and when; how it looks on the wire is worked out when it is read."""

    sid: str
    created: float
    error_code: str
    log_level: str
    alert_text: str
    resource_sid: str | None
