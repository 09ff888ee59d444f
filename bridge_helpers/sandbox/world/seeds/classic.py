"""Conversations and users of a classic service's past; see `common`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from .. import classic_records as classic
from ..classic_writes import binding_of
from ..stable_list import StableList, Tag
from ..state import Account
from .common import (
    AGENT,
    DIALOGUES,
    chatting_below,
    chatting_customer,
    customer,
    customer_at,
    more_digits,
    number_of,
    prepared,
    writes_sms,
)


class ClassicConversations:
    """
    Conversations of a classic service's past, each a customer with the agent.

    Args:
        first: the number of the first customer.
        count: how many conversations.
        messages: how many messages in each.
        began: when the first one was created.
        step: seconds from one to the next.
        number: the number that SMS customers write to.
    """

    def __init__(
        self,
        account: Account,
        service: classic.Service,
        *,
        first: int,
        count: int,
        messages: int,
        began: float,
        step: float,
        number: str,
    ) -> None:
        self._ids = account.ids.numbered("CH")
        self._service_sid = service.sid
        self._role_sid = service.roles["conversation"]
        self._first = first
        self._count = count
        self._messages = messages
        self._began = began
        self._step = step
        self._number = number

    def __len__(self) -> int:
        return self._count

    def sid(self, number: int) -> str:
        return self._ids.sid("CH", self._ids.digits(number), number)

    def created(self, number: int) -> float:
        """When a conversation was created."""
        return self._began + number * self._step

    def make(self, number: int) -> classic.Conversation:
        digits = self._ids.digits(number)
        sid = self._ids.sid("CH", digits, number)
        at = self.created(number)
        identity, title = customer(self._first + number)
        known = (sid, digits, identity, number, at)
        return classic.Conversation(
            sid=sid,
            service_sid=self._service_sid,
            friendly_name=title,
            created=at,
            updated=at,
            active_at=at,
            participants=prepared(2, partial(self._participants, *known)),
            messages=prepared(self._messages, partial(self._written, *known)),
            webhooks=StableList(),
            next_index=self._messages,
        )

    def _identity(self, number: int) -> str:
        return customer(self._first + number)[0]

    def number_of(self, key: str) -> int | None:
        number = self._ids.number(key) if key.startswith("CH") else None
        known = number is not None and 0 <= number < self._count and self.sid(number) == key
        return number if known else None

    def tagged(self, tag: Tag) -> Sequence[int]:
        if tag == ("identity", AGENT):
            return range(self._count)
        number = None
        if tag[0] == "identity":
            number = number_of(tag[1])
            if number is not None and writes_sms(number):
                number = None
        elif tag[0] == "address" or tag[2:] == (self._number,):
            number = customer_at(tag[1], 2_000_000)
            if number is not None and not writes_sms(number):
                number = None
        if number is None or not self._first <= number < self._first + self._count:
            return ()
        return (number - self._first,)

    def adopt(self, conversation: classic.Conversation) -> None:
        """Seeded conversations have no timers."""

    def _participants(
        self, sid: str, digits: str, identity: str, number: int, at: float
    ) -> list[tuple[str, classic.Participant]]:
        made = []
        absolute = self._first + number
        sms = writes_sms(absolute)
        binding = binding_of(f"+1555{2_000_000 + absolute:07d}", self._number) if sms else None
        for member, who, bound in (
            (f"MB{digits[24:56]}", None if sms else identity, binding),
            (f"MB{digits[56:88]}", AGENT, None),
        ):
            participant = classic.Participant(
                sid=member,
                conversation_sid=sid,
                identity=who,
                binding=bound,
                role_sid=self._role_sid,
                created=at,
                updated=at,
            )
            made.append((member, participant))
        return made

    def _written(
        self, sid: str, digits: str, identity: str, number: int, at: float
    ) -> list[tuple[str, classic.Message]]:
        both = [who for _, who in self._participants(sid, digits, identity, number, at)]
        dialogue = DIALOGUES[(self._first + number) % len(DIALOGUES)]
        made = []
        for turn in range(self._messages):
            wrote = both[turn % 2]
            message = classic.Message(
                sid=f"IM{more_digits(digits, turn)}",
                conversation_sid=sid,
                index=turn,
                author=wrote.author,
                body=dialogue[turn % len(dialogue)],
                participant_sid=wrote.sid,
                created=at,
                updated=at,
            )
            made.append((message.sid, message))
        return made


class Users:
    """The users of seeded classic conversations: one for each customer who chats."""

    def __init__(
        self, account: Account, service: classic.Service, *, first: int, count: int, at: float
    ) -> None:
        self._ids = account.ids.numbered("US")
        self._role_sid = service.roles["chat_service"]
        self._before = chatting_below(first)
        self._count = chatting_below(first + count) - self._before
        self._at = at

    def __len__(self) -> int:
        return self._count

    def make(self, number: int) -> classic.User:
        return classic.User(
            sid=self._ids.sid("US", self._ids.digits(number), number),
            identity=customer(chatting_customer(self._before + number))[0],
            role_sid=self._role_sid,
            created=self._at,
            updated=self._at,
        )

    def number_of(self, key: str) -> int | None:
        number = self._ids.number(key) if key.startswith("US") else None
        known = number is not None and 0 <= number < len(self) and self.make(number).sid == key
        return number if known else None

    def tagged(self, tag: Tag) -> Sequence[int]:
        wanted = number_of(tag[1])
        if wanted is None or writes_sms(wanted):
            return ()
        number = chatting_below(wanted) - self._before
        return (number,) if 0 <= number < self._count else ()

    def adopt(self, user: classic.User) -> None:
        pass
