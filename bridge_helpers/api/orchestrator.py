"""
Conversation Orchestrator (API v2): configurations, operations, conversations.

Source: Twilio's OpenAPI for conversations v2. A 404 on every list of this
product means that the account does not have it, and is told so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import msgspec

from ..errors import NotEnabled, NotFound
from .answer import Answer
from .documents import ConfigurationDocument
from .http import Http, Query
from .models import (
    Accepted,
    Action,
    Communication,
    Configuration,
    Conversation,
    Operation,
    Participant,
)
from .operations import Operations, accepted
from .paging import Listing, TokenListing

T = TypeVar("T")

_CONFIGURATIONS: Final = ("v2", "ControlPlane", "Configurations")
_OPERATIONS: Final = ("v2", "ControlPlane", "Operations")
_CONVERSATIONS: Final = ("v2", "Conversations")


class Orchestrator:
    """The v2 endpoints of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._operations = Operations(http, "conversations", _OPERATIONS)

    # configurations

    def configurations(self, memory_store_id: str = "") -> Listing[Configuration]:
        """All configurations, lazily; the service offers no filter by bridged service."""
        query = [("memoryStoreId", memory_store_id)] if memory_store_id else []
        return self._list(_CONFIGURATIONS, "configurations", Configuration, query)

    def configuration_documents(self) -> Iterator[ConfigurationDocument]:
        """All configurations as they were sent, lazily; each is decoded when it is looked into."""
        subject = f"GET /{'/'.join(_CONFIGURATIONS)}"
        for item in self.configurations().into(msgspec.Raw):
            yield ConfigurationDocument(bytes(item), subject)

    def configuration_document(self, configuration_id: str) -> ConfigurationDocument:
        """
        One configuration as it was sent.

        Raises:
            NotFound: It is gone.
            BadAnswer: What was sent is no configuration.
        """
        answer = self._get((*_CONFIGURATIONS, configuration_id))
        document = ConfigurationDocument(answer.body, answer.subject)
        # What cannot be read is told here, not when somebody looks into it much later.
        _ = document.record
        return document

    def create_configuration(self, body: dict[str, Any], key: str) -> Accepted:
        """POST a configuration; an operation follows. Repeating it with the same key is safe."""
        return accepted(self._write("POST", _CONFIGURATIONS, body, key))

    def update_configuration(
        self, configuration_id: str, changes: dict[str, Any], key: str
    ) -> Accepted:
        """PATCH: members present change, `channelSettings` merges per channel, None removes."""
        return accepted(self._write("PATCH", (*_CONFIGURATIONS, configuration_id), changes, key))

    def delete_configuration(self, configuration_id: str, key: str) -> Accepted:
        """DELETE a configuration; an operation follows."""
        return accepted(
            self._http.send(
                "DELETE", "conversations", (*_CONFIGURATIONS, configuration_id), key=key
            )
        )

    # operations

    def operation(self, operation_id: str) -> tuple[Operation, float | None]:
        """An operation and the seconds that the service asks to wait before the next look."""
        return self._operations.look(operation_id)

    def follow(
        self, operation_id: str, *, first_look: float | None = None, deadline: float = 120.0
    ) -> Operation:
        """Poll an operation to its end; see `operations.follow`."""
        return self._operations.follow(operation_id, first_look=first_look, deadline=deadline)

    # conversations

    def conversations(
        self, status: Sequence[str] = (), channel_id: str = "", size: int = 1000
    ) -> Listing[Conversation]:
        """
        Conversations, lazily, in an order that the service does not promise.

        Args:
            status: ACTIVE, INACTIVE, CLOSED; several are sent as a repeated parameter.
            channel_id: Of a bridged conversation this is the classic `CH…` sid.
            size: Page size, 1..1000.
        """
        query: Query = [("status", one) for one in status]
        if channel_id:
            query = [*query, ("channelId", channel_id)]
        return self._list(
            _CONVERSATIONS, "conversations", Conversation, query, size, known=bool(channel_id)
        )

    def conversation(self, conversation_id: str) -> Conversation:
        """One conversation, whole."""
        return self._get((*_CONVERSATIONS, conversation_id)).read(Conversation)

    def close_conversation(self, conversation_id: str) -> Conversation:
        """
        PATCH a conversation to CLOSED: it cannot be changed any more, only deleted.

        There is no key for it: where the answer was lost, `conversation` tells whether it is
        closed.
        """
        return self._http.send(
            "PATCH",
            "conversations",
            (*_CONVERSATIONS, conversation_id),
            json={"status": "CLOSED"},
        ).read(Conversation)

    def delete_conversation(self, conversation_id: str, key: str) -> Accepted:
        """DELETE a conversation and all that belongs to it; an operation follows."""
        return accepted(
            self._http.send("DELETE", "conversations", (*_CONVERSATIONS, conversation_id), key=key)
        )

    def participants(self, conversation_id: str) -> Listing[Participant]:
        """All participants of a conversation."""
        return self._under(conversation_id, "Participants", Participant)

    def participant(self, conversation_id: str, participant_id: str) -> Participant:
        """One participant, whole."""
        return self._get((*_CONVERSATIONS, conversation_id, "Participants", participant_id)).read(
            Participant
        )

    def replace_participant(
        self, conversation_id: str, participant_id: str, body: dict[str, Any]
    ) -> Participant:
        """
        PUT a participant: what is left out is removed.

        Args:
            body: `name`, `type`, `profileId` and `addresses` as Twilio's OpenAPI has them.
        """
        return self._http.send(
            "PUT",
            "conversations",
            (*_CONVERSATIONS, conversation_id, "Participants", participant_id),
            json=body,
        ).read(Participant)

    def communications(self, conversation_id: str, channel_id: str = "") -> Listing[Communication]:
        """A conversation's communications: all, or those with this channel id."""
        query = [("channelId", channel_id)] if channel_id else []
        return self._under(conversation_id, "Communications", Communication, query)

    def communication(self, conversation_id: str, communication_id: str) -> Communication:
        """One communication, whole."""
        return self._get(
            (*_CONVERSATIONS, conversation_id, "Communications", communication_id)
        ).read(Communication)

    def send_message(self, conversation_id: str, payload: dict[str, Any]) -> Action:
        """
        POST a SEND_MESSAGE action: Orchestrator sends a message into a channel.

        Args:
            payload: `from`, `to`, `content` and `channelSettings` as Twilio's OpenAPI has them.
        """
        return self._http.send(
            "POST",
            "conversations",
            (*_CONVERSATIONS, conversation_id, "Actions"),
            json={"type": "SEND_MESSAGE", "payload": payload},
        ).read(Action)

    def action(self, conversation_id: str, action_id: str) -> Action:
        """An action that was asked for, with its state."""
        return self._get((*_CONVERSATIONS, conversation_id, "Actions", action_id)).read(Action)

    def _under(
        self, conversation_id: str, what: str, item: type[T], query: Query = ()
    ) -> Listing[T]:
        segments = (*_CONVERSATIONS, conversation_id, what)
        return self._list(segments, what.lower(), item, query, known=True)

    def _list(
        self,
        segments: Sequence[str],
        key: str,
        item: type[T],
        query: Query,
        size: int = 1000,
        known: bool = False,
    ) -> Listing[T]:
        """A whole list; `known`: something is asked for that may be what is not found."""
        return TokenListing(
            http=self._http,
            service="conversations",
            segments=segments,
            key=key,
            item=item,
            query=query,
            size=size,
            # Once a page was read the product is there, and another thing is missing.
            first=partial(_or_not_enabled, self._http, when=not known),
        )

    def _get(self, segments: Sequence[str]) -> Answer:
        return self._http.send("GET", "conversations", segments)

    def _write(
        self, method: str, segments: Sequence[str], body: dict[str, Any], key: str
    ) -> Answer:
        with _or_not_enabled(self._http, when=method == "POST"):
            return self._http.send(method, "conversations", segments, json=body, key=key)


class _or_not_enabled:  # noqa: N801 - reads as a phrase in a with statement
    """A list or a create that is "not found" has no missing thing: the product is missing."""

    def __init__(self, http: Http, when: bool = True) -> None:
        self._http = http
        self._when = when

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not self._when or type(error) is not NotFound:
            return
        missing = NotEnabled(
            f"Conversation Orchestrator is not enabled for account {self._http.account.sid}.",
            f"Its lists answer 404. {error.why}".strip(),
            "The product is there for accounts that were moved to the new Console: open "
            "https://1console.twilio.com with this account. If Conversation Orchestrator is "
            "missing, ask Twilio to enable it; if it is shown, check the region.",
            status=error.status,
            code=error.code,
            request_id=error.request_id,
        )
        missing.request = error.request
        missing.uncertain = error.uncertain
        raise missing from None
