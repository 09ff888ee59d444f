"""Configurations of Orchestrator. Source: Twilio's OpenAPI for conversations v2."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from .records import Record

GROUPING_TYPES: Final = (
    "GROUP_BY_PROFILE",
    "GROUP_BY_PARTICIPANT_ADDRESSES",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE",
)
CHANNELS: Final = ("VOICE", "SMS", "RCS", "WHATSAPP", "CHAT")


class CaptureRule(Record, frozen=True, kw_only=True):
    """
    Which traffic is captured; `*` is a wildcard on one side.

    Attributes:
        metadata: Texts, of which this package knows `callType`; others are kept as they are.
    """

    from_: str = msgspec.field(name="from", default="")
    to: str = ""
    metadata: dict[str, Any] | None = None


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
