"""
Conversations classic (API v1): services, conversations, participants, messages, Users, webhooks.

Bodies are forms. Source: Twilio's OpenAPI for conversations v1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from ..errors import NotFound
from .answer import Answer
from .http import Http, Query
from .models import (
    AddressConfiguration,
    ClassicConfiguration,
    ClassicConversation,
    ClassicMessage,
    ClassicParticipant,
    ConversationWebhook,
    ParticipantConversation,
    Service,
    User,
    Webhooks,
)
from .paging import ClassicListing, Listing

T = TypeVar("T")


class ClassicApi:
    """The v1 endpoints of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def services(self) -> Listing[Service]:
        """All services of the account."""
        return self._all(("Services",), "services", Service)

    def service(self, service_sid: str) -> Service:
        """One service by its `IS…`."""
        return self._get(("Services", service_sid), Service)

    def addresses(self) -> Listing[AddressConfiguration]:
        """Which service the inbound messages of a number or sender land in."""
        return self._all(
            ("Configuration", "Addresses"), "address_configurations", AddressConfiguration, size=50
        )

    def default_service_sid(self) -> str | None:
        """The service that takes what names none, when the account has told one."""
        return self._get(("Configuration",), ClassicConfiguration).default_chat_service_sid

    def conversations(
        self, service_sid: str, *, state: str = "", start_date: str = "", end_date: str = ""
    ) -> Listing[ClassicConversation]:
        """
        Conversations of a service, lazily.

        Args:
            state: initializing, active, inactive or closed.
            start_date: `YYYY-MM-DD` or ISO 8601; `end_date` likewise.
        """
        filters = (("State", state), ("StartDate", start_date), ("EndDate", end_date))
        return self._all(
            ("Services", service_sid, "Conversations"),
            "conversations",
            ClassicConversation,
            query=[pair for pair in filters if pair[1]],
        )

    def conversation(self, service_sid: str, conversation_sid: str) -> ClassicConversation:
        """One conversation by its `CH…` or unique name."""
        return self._get(
            ("Services", service_sid, "Conversations", conversation_sid), ClassicConversation
        )

    def create_conversation(
        self, service_sid: str, friendly_name: str, unique_name: str = ""
    ) -> ClassicConversation:
        """
        Create a conversation.

        With a `unique_name` it can be found by that name when the answer is lost.
        """
        form = [("FriendlyName", friendly_name)]
        if unique_name:
            form.append(("UniqueName", unique_name))
        return self._create(("Services", service_sid, "Conversations"), form, ClassicConversation)

    def delete_conversation(self, service_sid: str, conversation_sid: str) -> bool:
        """Delete a conversation; False when it was gone already. The Users in it stay."""
        return self._delete(("Services", service_sid, "Conversations", conversation_sid))

    def participants(self, service_sid: str, conversation_sid: str) -> Listing[ClassicParticipant]:
        """All participants of a conversation."""
        return self._all(
            ("Services", service_sid, "Conversations", conversation_sid, "Participants"),
            "participants",
            ClassicParticipant,
        )

    def participant_conversations(
        self, service_sid: str, address: str
    ) -> Listing[ParticipantConversation]:
        """The conversations of a service that somebody takes part in with this address."""
        return self._all(
            ("Services", service_sid, "ParticipantConversations"),
            "conversations",
            ParticipantConversation,
            query=[("Address", address)],
            size=50,
        )

    def add_chat_participant(
        self, service_sid: str, conversation_sid: str, identity: str
    ) -> ClassicParticipant:
        """
        A participant with a chat identity: nothing is sent to anybody outside.

        A User with this identity is made in the service where there is none.
        """
        return self._create(
            ("Services", service_sid, "Conversations", conversation_sid, "Participants"),
            [("Identity", identity)],
            ClassicParticipant,
        )

    def messages(
        self, service_sid: str, conversation_sid: str, order: str = "asc"
    ) -> Listing[ClassicMessage]:
        """All messages of a conversation; `order` is `asc` (oldest first) or `desc`."""
        return self._all(
            ("Services", service_sid, "Conversations", conversation_sid, "Messages"),
            "messages",
            ClassicMessage,
            query=[("Order", order)],
        )

    def send_message(
        self, service_sid: str, conversation_sid: str, author: str, body: str
    ) -> ClassicMessage:
        """Write a message; it comes with Twilio's id of the request."""
        answer = self._post(
            ("Services", service_sid, "Conversations", conversation_sid, "Messages"),
            [("Author", author), ("Body", body)],
        )
        return msgspec.structs.replace(answer.read(ClassicMessage), request_id=answer.request_id)

    def users(self, service_sid: str) -> Listing[User]:
        """The Users of a service, lazily; the list has no filter."""
        return self._all(("Services", service_sid, "Users"), "users", User, size=50)

    def create_user(self, service_sid: str, identity: str) -> User:
        """Make a User; Conflict when there is one with this identity."""
        return self._create(("Services", service_sid, "Users"), [("Identity", identity)], User)

    def user(self, service_sid: str, identity: str) -> User:
        """One User, by identity (case-sensitive) or `US…` sid."""
        return self._get(("Services", service_sid, "Users", identity), User)

    def delete_user(self, service_sid: str, identity: str) -> bool:
        """
        Delete a User; False when it was gone already.

        Args:
            identity: The chat identity (case-sensitive) or the `US…` sid.
        """
        return self._delete(("Services", service_sid, "Users", identity))

    # webhooks

    def account_webhooks(self) -> Webhooks:
        """Where the account sends events of all its services."""
        return self._get(("Configuration", "Webhooks"), Webhooks)

    def service_webhooks(self, service_sid: str) -> Webhooks:
        """Where a service sends its events."""
        return self._get(("Services", service_sid, "Configuration", "Webhooks"), Webhooks)

    def conversation_webhooks(
        self, service_sid: str, conversation_sid: str
    ) -> Listing[ConversationWebhook]:
        """What one conversation calls: addresses, triggers and Studio flows."""
        return self._all(
            ("Services", service_sid, "Conversations", conversation_sid, "Webhooks"),
            "webhooks",
            ConversationWebhook,
            size=5,
        )

    # requests

    def _all(
        self,
        segments: Sequence[str],
        key: str,
        item: type[T],
        query: Query = (),
        size: int = 100,
    ) -> Listing[T]:
        return ClassicListing(
            http=self._http,
            service="conversations",
            segments=("v1", *segments),
            key=key,
            item=item,
            query=query,
            size=size,
        )

    def _get(self, segments: Sequence[str], shape: type[T]) -> T:
        return self._http.send("GET", "conversations", ("v1", *segments)).read(shape)

    def _create(
        self, segments: Sequence[str], form: Sequence[tuple[str, str]], shape: type[T]
    ) -> T:
        return self._post(segments, form).read(shape)

    def _post(self, segments: Sequence[str], form: Sequence[tuple[str, str]]) -> Answer:
        return self._http.send("POST", "conversations", ("v1", *segments), form=form)

    def _delete(self, segments: Sequence[str]) -> bool:
        try:
            self._http.send("DELETE", "conversations", ("v1", *segments))
        except NotFound:
            return False
        return True
