"""
The resources of classic (v1) as the sandbox keeps them.

How they look on the wire (urls, links, date formats) is up to the handlers that answer with them.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from .stable_list import StableList

State = Literal["initializing", "active", "inactive", "closed"]
STATES: tuple[State, ...] = ("active", "inactive", "closed", "initializing")


class User(Struct, kw_only=True):
    """Who takes part in chats of a service by an identity; outlives the conversations."""

    sid: str
    identity: str
    friendly_name: str | None = None
    attributes: str = "{}"
    role_sid: str
    created: float
    updated: float


class Webhooks(Struct, kw_only=True):
    """Who is told of events in an account or in a service."""

    pre_url: str = ""
    post_url: str = ""
    method: str = "POST"
    filters: list[str] = []
    target: str = "webhook"


class ConversationWebhook(Struct, kw_only=True):
    """Who is told of events in one conversation: a URL, a Studio flow or a trigger."""

    sid: str
    target: str
    configuration: dict[str, Any]
    created: float
    updated: float


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
    state: State = "active"
    inactive_timer: str | None = None
    closed_timer: str | None = None
    created: float
    updated: float
    active_at: float
    participants: StableList[Participant]
    messages: StableList[Message]
    webhooks: StableList[ConversationWebhook]
    next_index: int = 0
    #: When the timers will be looked at next.
    timer_due: float | None = None


class Service(Struct, kw_only=True):
    sid: str
    friendly_name: str
    created: float
    updated: float
    roles: dict[str, str]
    reachability_enabled: bool = False
    #: Tags: ("identity", identity) and ("binding", address, proxy address).
    conversations: StableList[Conversation]
    unique_names: dict[str, str]
    #: Tags: ("identity", identity).
    users: StableList[User]
    webhooks: Webhooks


class AddressConfiguration(Struct, kw_only=True):
    sid: str
    type: str
    address: str
    friendly_name: str
    address_country: str | None = None
    auto_creation: dict[str, Any]
    created: float
    updated: float
