"""The resources of classic (v1) and of the phone numbers as the sandbox keeps them.

How they look on the wire (urls, links, date formats) is in `classic_views` and `numbers`.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from .stable_list import Shelf


class Participant(Struct, kw_only=True):
    """``binding`` is ``{"type", "address", "proxy_address"}`` of an SMS or WhatsApp participant."""

    sid: str
    conversation_sid: str
    identity: str | None = None
    binding: dict[str, str] | None = None
    attributes: str = "{}"
    role_sid: str
    created: float
    updated: float
    last_read_index: int | None = None
    last_read_at: str | None = None

    @property
    def author(self) -> str:
        """The author that a message of this participant carries."""
        if self.identity is not None:
            return self.identity
        return (self.binding or {}).get("address", "")


class Message(Struct, kw_only=True):
    sid: str
    conversation_sid: str
    index: int
    author: str
    body: str | None
    attributes: str = "{}"
    participant_sid: str | None = None
    content_sid: str | None = None
    media_sid: str | None = None
    created: float
    updated: float


class Conversation(Struct, kw_only=True):
    sid: str
    service_sid: str
    friendly_name: str | None = None
    unique_name: str | None = None
    attributes: str = "{}"
    messaging_service_sid: str | None = None
    state: str = "active"
    inactive_timer: str | None = None
    closed_timer: str | None = None
    created: float
    updated: float
    active_at: float
    participants: Shelf[Participant]
    messages: Shelf[Message]
    next_index: int = 0


class Service(Struct, kw_only=True):
    sid: str
    friendly_name: str
    created: float
    updated: float
    roles: dict[str, str]
    reachability_enabled: bool = False
    conversations: Shelf[Conversation]
    unique_names: dict[str, str]


class AddressConfiguration(Struct, kw_only=True):
    sid: str
    type: str
    address: str
    friendly_name: str
    address_country: str | None = None
    auto_creation: dict[str, Any]
    created: float
    updated: float


class PhoneNumber(Struct, kw_only=True):
    sid: str
    phone_number: str
    friendly_name: str
    capabilities: dict[str, bool]
    created: float
    updated: float
    settings: dict[str, Any]
