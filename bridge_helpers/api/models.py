"""
What the services send, as typed records.

Decoding is tolerant where sources disagree or services grow: unknown members
are ignored, unknown enum values are kept as they are, and nearly everything
may be absent. Timestamps stay the strings that were sent (RFC 3339 in v2 and
memory, ISO 8601 in classic, RFC 2822 in the 2010 API); `tables` makes real
timestamps of them.

Sources: Twilio's OpenAPI for conversations v2, conversations v1, memory v1 and
api v2010; nullable and newer members after twilio-python 9.13.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

GROUPING_TYPES: Final = (
    "GROUP_BY_PROFILE",
    "GROUP_BY_PARTICIPANT_ADDRESSES",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE",
)
CHANNELS: Final = ("VOICE", "SMS", "RCS", "WHATSAPP", "CHAT")
CONVERSATION_STATUSES: Final = ("ACTIVE", "INACTIVE", "CLOSED")


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A v2 or memory record: lower camel case on the wire."""


class Classic(msgspec.Struct, frozen=True, kw_only=True):
    """A v1 or 2010 record: snake case on the wire."""


# ---------------------------------------------------------------- Orchestrator


class CaptureRule(Record, frozen=True, kw_only=True):
    """Which traffic is captured; `*` is a wildcard on one side."""

    from_: str = msgspec.field(name="from", default="")
    to: str = ""
    metadata: dict[str, str] | None = None


class StatusTimeouts(Record, frozen=True, kw_only=True):
    """Minutes of silence until a conversation is INACTIVE and CLOSED."""

    inactive: int | None = None
    closed: int | None = None


class ChannelSetting(Record, frozen=True, kw_only=True):
    status_timeouts: StatusTimeouts | None = None
    capture_rules: tuple[CaptureRule, ...] | None = None


class StatusCallback(Record, frozen=True, kw_only=True):
    url: str = ""
    method: str = "POST"


class ClassicBridge(Record, frozen=True, kw_only=True):
    """The bridge itself: the classic service that a configuration is connected to."""

    service_id: str = ""


class ConfigurationSettings(Record, frozen=True, kw_only=True):
    """What a configuration says, and what a conversation keeps of it from its birth."""

    display_name: str | None = None
    description: str | None = None
    conversation_grouping_type: str | None = None
    memory_store_id: str | None = None
    channel_settings: dict[str, ChannelSetting | None] | None = None
    status_callbacks: tuple[StatusCallback, ...] | None = None
    intelligence_configuration_ids: tuple[str, ...] | None = None
    memory_extraction_enabled: bool | None = None
    conversations_v1_bridge: ClassicBridge | None = None

    @property
    def service_sid(self) -> str | None:
        """The bridged classic service, or None."""
        bridge = self.conversations_v1_bridge
        return bridge.service_id or None if bridge else None


class Configuration(ConfigurationSettings, frozen=True, kw_only=True):
    id: str
    created_at: str | None = None
    updated_at: str | None = None
    version: int | None = None


class Problem(Record, frozen=True, kw_only=True):
    """
    `error` of an operation, in any of the three error bodies, not always complete.

    RFC 9457 (`title`, `detail`), `{code, message, more_info, status}`, or `{code,
    httpStatusCode, message, userError, params}`; a code may come as text.
    """

    type: str | None = None
    title: str | None = None
    status: int | str | None = None
    code: int | str | None = None
    detail: str | None = None
    instance: str | None = None
    message: str | None = None
    more_info: str | None = msgspec.field(name="more_info", default=None)
    http_status_code: int | str | None = None
    params: dict[str, Any] | None = None


class Result(Record, frozen=True, kw_only=True):
    """`result` of a memory operation; v2 operations have none."""

    type: str | None = None
    id: str | None = None


class Operation(Record, frozen=True, kw_only=True):
    operation_id: str | None = None
    status: str | None = None
    created_at: str | None = None
    completed_at: str | None = None
    status_url: str | None = None
    error: Problem | str | None = None
    related: dict[str, str | None] | None = None
    result: Result | None = None


class Accepted(Record, frozen=True, kw_only=True):
    """
    A 202: the body's members, and what only headers tell.

    Attributes:
        operation_id: From `Operation-Id`, else from the path of `statusUrl` or `Location`.
        retry_after: Seconds until the first look, when the service said so.
    """

    status_url: str | None = None
    related: dict[str, str | None] | None = None
    message: str | None = None
    operation_id: str | None = None
    retry_after: float | None = None


class Address(Record, frozen=True, kw_only=True):
    channel: str = ""
    address: str = ""
    channel_id: str | None = None


class Participant(Record, frozen=True, kw_only=True):
    id: str
    conversation_id: str | None = None
    account_id: str | None = None
    name: str | None = None
    type: str | None = None
    profile_id: str | None = None
    addresses: tuple[Address, ...] | None = None
    created_at: str | None = None
    updated_at: str | None = None


class Party(Record, frozen=True, kw_only=True):
    """Author or recipient of a communication."""

    address: str | None = None
    channel: str | None = None
    participant_id: str | None = None
    delivery_status: str | None = None


class Content(Record, frozen=True, kw_only=True):
    type: str | None = None
    text: str | None = None


class Communication(Record, frozen=True, kw_only=True):
    id: str
    conversation_id: str | None = None
    account_id: str | None = None
    author: Party | None = None
    content: Content | None = None
    recipients: tuple[Party, ...] | None = None
    channel_id: str | None = None
    resource_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    occurred_at: str | None = None


class Action(Record, frozen=True, kw_only=True):
    """What Orchestrator was asked to do in a conversation; PENDING, COMPLETED or FAILED."""

    id: str | None = None
    type: str | None = None
    status: str | None = None
    related: dict[str, str | None] | None = None
    failure_reason: str | None = None


class Conversation(Record, frozen=True, kw_only=True):
    """A v2 conversation; list items may be partial."""

    id: str
    account_id: str | None = None
    configuration_id: str | None = None
    status: str | None = None
    name: str | None = None
    configuration: ConfigurationSettings | None = None
    participants: tuple[Participant, ...] | None = None
    metadata: dict[str, Any] | None = None
    created_at: str | None = None
    updated_at: str | None = None

    @property
    def channel_ids(self) -> tuple[str, ...]:
        """Every channel id of its participants' addresses: `CH…` where it is bridged."""
        found = (
            address.channel_id
            for participant in self.participants or ()
            for address in participant.addresses or ()
        )
        return tuple(dict.fromkeys(channel_id for channel_id in found if channel_id))


# --------------------------------------------------------------------- classic


class Service(Classic, frozen=True, kw_only=True):
    sid: str
    account_sid: str | None = None
    friendly_name: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class ClassicConversation(Classic, frozen=True, kw_only=True):
    sid: str
    account_sid: str | None = None
    chat_service_sid: str | None = None
    friendly_name: str | None = None
    unique_name: str | None = None
    attributes: str | None = None
    state: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class MessagingBinding(Classic, frozen=True, kw_only=True):
    type: str | None = None
    address: str | None = None
    proxy_address: str | None = None
    projected_address: str | None = None


class ClassicParticipant(Classic, frozen=True, kw_only=True):
    sid: str
    conversation_sid: str | None = None
    identity: str | None = None
    messaging_binding: MessagingBinding | None = None
    date_created: str | None = None


class ClassicMessage(Classic, frozen=True, kw_only=True):
    """
    A message of a classic conversation.

    Attributes:
        request_id: Twilio's id of the request that wrote it; only the answer to that request
            has one, in a header.
    """

    sid: str
    conversation_sid: str | None = None
    index: int | None = None
    author: str | None = None
    body: str | None = None
    participant_sid: str | None = None
    date_created: str | None = None
    request_id: str | None = None


class User(Classic, frozen=True, kw_only=True):
    """Somebody with a chat identity; a chat participant's identity makes one."""

    sid: str
    identity: str | None = None
    friendly_name: str | None = None
    date_created: str | None = None
    date_updated: str | None = None


class Webhooks(Classic, frozen=True, kw_only=True):
    """
    Where an account or a service sends its events.

    Attributes:
        filters: The events, such as `onMessageAdded`; others are not sent.
        target: `webhook` or `flex`; a service's webhooks have none.
    """

    pre_webhook_url: str | None = None
    post_webhook_url: str | None = None
    filters: tuple[str, ...] | None = None
    method: str | None = None
    target: str | None = None


class ConversationWebhook(Classic, frozen=True, kw_only=True):
    """A webhook of one conversation; `target` is `webhook`, `trigger` or `studio`."""

    sid: str
    target: str | None = None
    configuration: dict[str, Any] | None = None


class AutoCreation(Classic, frozen=True, kw_only=True):
    enabled: bool | None = None
    type: str | None = None
    conversation_service_sid: str | None = None


class ClassicConfiguration(Classic, frozen=True, kw_only=True):
    """`/v1/Configuration`: what holds for the whole account."""

    default_chat_service_sid: str | None = None


class AddressConfiguration(Classic, frozen=True, kw_only=True):
    """`/v1/Configuration/Addresses`: which service an inbound message lands in."""

    sid: str
    type: str | None = None
    address: str | None = None
    auto_creation: AutoCreation | None = None


# ---------------------------------------------------------- memory and numbers


class Store(Record, frozen=True, kw_only=True):
    """A memory store; usable only while `status` is ACTIVE."""

    id: str
    display_name: str | None = None
    description: str | None = None
    status: str | None = None
    version: int | None = None


class IdentifierSet(Record, frozen=True, kw_only=True):
    """The values by which a profile is found, of one kind."""

    id_type: str = ""
    values: tuple[str, ...] | None = None


class Identifiers(Record, frozen=True, kw_only=True):
    identifiers: tuple[IdentifierSet, ...] | None = None


class Capabilities(Classic, frozen=True, kw_only=True):
    voice: bool | None = None
    sms: bool | None = None
    mms: bool | None = None
    fax: bool | None = None


class PhoneNumber(Classic, frozen=True, kw_only=True):
    sid: str
    number: str | None = msgspec.field(default=None, name="phone_number")
    friendly_name: str | None = None
    capabilities: Capabilities | None = None
    status: str | None = None

    @property
    def phone_number(self) -> str:
        """E.164, or empty: the specification lets the service send none."""
        return self.number or ""

    @property
    def voice(self) -> bool:
        """Whether it takes calls."""
        return bool(self.capabilities and self.capabilities.voice)

    @property
    def sms(self) -> bool:
        """Whether it takes text messages."""
        return bool(self.capabilities and self.capabilities.sms)
