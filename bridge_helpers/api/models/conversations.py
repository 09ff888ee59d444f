"""Conversations of Orchestrator and what is in them. Source: Twilio's OpenAPI for v2."""

from __future__ import annotations

from typing import Any, Final

from .configurations import ConfigurationSettings
from .records import Record

CONVERSATION_STATUSES: Final = ("ACTIVE", "INACTIVE", "CLOSED")


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
