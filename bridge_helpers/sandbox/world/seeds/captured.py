"""v2 conversations of captured SMS; see `common`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from msgspec import UNSET

from .. import lifecycle
from .. import orchestrator_writes as writes
from ..clock import rfc3339
from ..records import (
    Address,
    Communication,
    Configuration,
    Conversation,
    Participant,
    ParticipantType,
    Status,
)
from ..stable_list import Tag
from ..state import Account, ConversationState, World
from .common import DIALOGUES, customer_at, more_digits, prepared


class CapturedConversations:
    """v2 conversations of captured SMS: a customer who wrote to a number of the account."""

    def __init__(
        self,
        world: World,
        account: Account,
        configuration: Configuration,
        *,
        first: int,
        count: int,
        messages: int,
        number: str,
        at: float,
    ) -> None:
        self._ids = account.ids.numbered("conv_conversation")
        self._world = world
        self._account = account
        self._configuration = configuration
        self._view = writes.pinned_view(configuration)
        self._first = first
        self._count = count
        self._messages = messages
        self._number = number
        self._agent = Address("SMS", number)
        self._at = at
        self._stamp = self._updated = rfc3339(at)
        self._status: Status = "ACTIVE"
        self._example = self.make(0)
        self._schedule()

    def __len__(self) -> int:
        return self._count

    def id(self, number: int) -> str:
        return self._ids.typed("conv_conversation", self._ids.digits(number), number)

    def make(self, number: int) -> ConversationState:
        digits = self._ids.digits(number)
        record = Conversation(
            id=self._ids.typed("conv_conversation", digits, number),
            account_id=self._account.sid,
            configuration_id=self._configuration.id,
            status=self._status,
            name=None,
            created_at=self._stamp,
            updated_at=self._updated,
            configuration=self._view,
            participants=[],
        )
        own = Address("SMS", f"+1555{3_000_000 + self._first + number:07d}")
        record.participants = [
            self._participant(record.id, digits[24:], own, "UNKNOWN"),
            self._participant(record.id, digits[50:], self._agent, "AGENT"),
        ]
        return ConversationState(
            record=record,
            configuration=self._configuration,
            created=self._at,
            active_at=self._at,
            communications=prepared(self._messages, partial(self._kept, record, digits, number)),
            by_resource={},
            actions={},
        )

    def number_of(self, key: str) -> int | None:
        number = self._ids.number(key) if key.startswith("conv_conversation_") else None
        known = number is not None and 0 <= number < self._count and self.id(number) == key
        return number if known else None

    def tagged(self, tag: Tag) -> Sequence[int]:
        kind, value = tag
        if kind == "address":
            if value == self._number:
                return range(self._count)
            number = customer_at(value, 3_000_000 + self._first)
            return (number,) if number is not None and number < self._count else ()
        number = self._ids.number(value) if kind == "channel" and value[:2] == "SM" else None
        if number is None or not 0 <= number < self._count:
            return ()
        digits = self._ids.digits(number)
        sent = any(self._sms(digits, number, turn) == value for turn in range(self._messages))
        return (number,) if sent else ()

    def adopt(self, conversation: ConversationState) -> None:
        record = conversation.record
        number = self._ids.number(record.id) or 0
        for communication in self._said(record, self._ids.digits(number), number):
            if communication.resource_id is not UNSET:
                conversation.by_resource[communication.resource_id] = communication.id
        if record.status != "CLOSED":
            lifecycle.schedule_transition(self._world, self._account, conversation)

    def _participant(
        self, conversation_id: str, digits: str, own: Address, kind: ParticipantType
    ) -> Participant:
        return Participant(
            id=f"conv_participant_{int(digits[0], 16) & 7}{digits[1:26]}",
            conversation_id=conversation_id,
            account_id=self._account.sid,
            name=own.address,
            type=kind,
            addresses=[own],
            created_at=self._stamp,
            updated_at=self._stamp,
        )

    def _kept(
        self, record: Conversation, digits: str, number: int
    ) -> list[tuple[str, Communication]]:
        return [(one.id, one) for one in self._said(record, digits, number)]

    def _said(self, record: Conversation, digits: str, number: int) -> Iterator[Communication]:
        dialogue = DIALOGUES[(self._first + number) % len(DIALOGUES)]
        parties = [writes.party(p, "SMS") for p in record.participants[:2]]
        for turn in range(self._messages):
            sid = self._sms(digits, number, turn)
            tail = more_digits(digits, turn + self._messages)
            yield Communication(
                id=f"conv_communication_{int(tail[0], 16) & 7}{tail[1:26]}",
                conversation_id=record.id,
                account_id=self._account.sid,
                author=parties[turn % 2],
                content={"type": "TEXT", "text": dialogue[turn % len(dialogue)]},
                channel_id=sid,
                resource_id=sid,
                recipients=[parties[1 - turn % 2]],
                created_at=self._stamp,
                updated_at=self._stamp,
                occurred_at=self._stamp,
            )

    def _sms(self, digits: str, number: int, turn: int) -> str:
        return self._ids.sid("SM", more_digits(digits, turn), number)

    def _schedule(self) -> None:
        """Let what nobody has touched age together, as its example does."""
        due = lifecycle.next_transition(self._example)
        self._world.schedule(due, self._age)

    def _age(self, at: float) -> None:
        status = lifecycle.status_at(self._example, at)
        self._status = self._example.record.status = status
        self._updated = rfc3339(at)
        self._account.conversations.regroup_untouched(self, status)
        if status != "CLOSED":
            self._schedule()
