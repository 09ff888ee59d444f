"""Conversations classic. Source: Twilio's OpenAPI for conversations v1."""

from __future__ import annotations

from typing import Any

import msgspec

from .records import Classic


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


class ParticipantConversation(Classic, frozen=True, kw_only=True):
    """A conversation that somebody takes part in; `sid` is the participant's `MB…`."""

    sid: str = msgspec.field(name="participant_sid")
    conversation_sid: str | None = None
    conversation_state: str | None = None
    participant_messaging_binding: MessagingBinding | None = None


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
    """
    Somebody with a chat identity; a chat participant's identity makes one.

    Attributes:
        attributes: A text of JSON, `{}` where the application keeps nothing.
    """

    sid: str
    identity: str | None = None
    friendly_name: str | None = None
    attributes: str | None = None
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
