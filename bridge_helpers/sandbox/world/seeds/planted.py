"""
A bridged hour with known gaps: classic conversations and their twins, each from its number.

What is wrong with which conversation is drawn from a seed, so that it can be repeated. Nothing is
kept but that: a hundred thousand conversations with their messages take hardly any memory.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Literal, get_args

from msgspec import UNSET, Struct

from .. import classic_records as classic
from .. import orchestrator_writes as writes
from ..clock import rfc3339
from ..records import (
    Address,
    Channel,
    Communication,
    Configuration,
    Conversation,
    Participant,
    Status,
)
from ..stable_list import Tag
from ..state import Account, ConversationState
from .classic import ClassicConversations
from .common import DIALOGUES, more_digits, prepared

Kind = Literal[
    "missing",
    "lagging",
    "hole",
    "doubled",
    "two-twins",
    "disordered",
    "unexpected",
    "before-bridge",
    "captured",
    "deleted",
    "media",
    "in-flight",
    "empty",
    "reopened",
    "revived",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: Seconds of traffic that are planted: the clock goes on by so much.
SPAN = 3600.0
#: Seconds of them in which conversations begin, and the longest that one takes.
_BEGINNINGS, _LONGEST = 3000.0, 300.0
#: Seconds that a planted message takes over the bridge.
_LAG = 0.8
_NO_TWIN = ("missing", "before-bridge", "empty")


class Said(Struct):
    """A message of a planted conversation; ``arrives`` is when it came over the bridge."""

    sid: str
    index: int
    author: int
    text: str | None
    written: float
    arrives: tuple[float, ...]
    deleted: bool = False


class PlantedConversations(ClassicConversations):
    """The classic side; ``at`` is when the hour began."""

    def __init__(
        self,
        account: Account,
        service: classic.Service,
        bridged: float,
        kinds: Mapping[int, Kind],
        *,
        count: int,
        messages: int,
        at: float,
        number: str,
    ) -> None:
        super().__init__(
            account,
            service,
            first=service.conversations.positions,
            count=count,
            messages=messages,
            began=at + 60,
            step=_BEGINNINGS / max(1, count),
            number=number,
        )
        self.kinds = kinds
        self.pace = min(2.0, _LONGEST / max(1, messages))
        self._before = bridged - SPAN
        self._end = at + SPAN

    def created(self, number: int) -> float:
        if self.kinds.get(number) in ("before-bridge", "revived"):
            return round(self._before + number * self._step / 2, 3)
        return round(super().created(number), 3)

    def digits(self, number: int) -> str:
        return self._ids.digits(number)

    def said(self, number: int) -> list[Said]:
        """What was said in a conversation, and what of it crossed the bridge."""
        kind, digits, at = self.kinds.get(number), self.digits(number), self.created(number)
        if kind == "empty":
            return []
        dialogue = DIALOGUES[(self._first + number) % len(DIALOGUES)]
        said = []
        for turn in range(self._messages):
            written = round(at + turn * self.pace, 3)
            one = Said(
                sid=f"IM{more_digits(digits, turn)}",
                # As on Twilio, where the index grows but is no count.
                index=turn if number % 4 else 3 * turn,
                author=turn % 2,
                text=dialogue[turn % len(dialogue)],
                written=written,
                arrives=(round(written + _LAG, 3),),
            )
            said.append(one)
        return self._spoilt(kind, said)

    def _spoilt(self, kind: Kind | None, said: list[Said]) -> list[Said]:
        first, last = said[0], said[-1]
        if kind in ("missing", "before-bridge"):
            for one in said:
                one.arrives = ()
        elif kind == "lagging":
            last.arrives = ()
        elif kind == "hole":
            first.arrives = ()
        elif kind == "doubled":
            last.arrives = (last.arrives[0], last.arrives[0] + 0.1)
        elif kind == "disordered":
            last.arrives, said[-2].arrives = said[-2].arrives, last.arrives
        elif kind == "deleted":
            first.deleted = True
        elif kind == "media":
            first.text, first.arrives = None, ()
        elif kind == "in-flight":
            last.written, last.arrives = round(self._end - 1, 3), ()
        elif kind == "revived":
            for one in said[:-1]:
                one.arrives = ()
            last.written = round(self._end - 600, 3)
            last.arrives = (round(last.written + _LAG, 3),)
        return said

    def parties(self, number: int) -> list[classic.Participant]:
        """The customer and the agent of a conversation."""
        made = self.make(number)
        return list(made.participants)

    def _written(
        self, sid: str, digits: str, identity: str, number: int, at: float
    ) -> list[tuple[str, classic.Message]]:
        both = [who for _, who in self._participants(sid, digits, identity, number, at)]
        return [
            (
                one.sid,
                classic.Message(
                    sid=one.sid,
                    conversation_sid=sid,
                    index=one.index,
                    author=both[one.author].author,
                    body=one.text,
                    participant_sid=both[one.author].sid,
                    media_sid=None if one.text else f"ME{one.sid[2:]}",
                    created=one.written,
                    updated=one.written,
                ),
            )
            for one in self.said(number)
            if not one.deleted
        ]

    def make(self, number: int) -> classic.Conversation:
        made = super().make(number)
        said = self.said(number)
        kept = sum(not one.deleted for one in said)
        known = (made.sid, self.digits(number), self._identity(number), number, made.created)
        made.messages = prepared(kept, partial(self._written, *known))
        made.next_index = said[-1].index + 1 if said else 0
        return made


class PlantedTwins:
    """
    The Orchestrator side: v2 conversations that mirror planted ones.

    Args:
        numbers: Which planted conversation each of them mirrors; -1 - n is a captured call.
        second: Whether they are second twins of conversations that have one already.
    """

    def __init__(
        self,
        account: Account,
        configuration: Configuration,
        conversations: PlantedConversations,
        numbers: Sequence[int],
        *,
        second: bool = False,
    ) -> None:
        self._ids = account.ids.numbered("conv_conversation")
        self._account_sid = account.sid
        self._configuration = configuration
        self._view = writes.pinned_view(configuration)
        self._conversations = conversations
        self._numbers = numbers
        self._second = second
        self._places = {} if isinstance(numbers, range) else {n: i for i, n in enumerate(numbers)}

    def __len__(self) -> int:
        return len(self._numbers)

    def id(self, place: int) -> str:
        return self._ids.typed("conv_conversation", self._ids.digits(place), place)

    def status(self, place: int) -> Status:
        reopened = self._conversations.kinds.get(self._numbers[place]) == "reopened"
        return "CLOSED" if reopened and not self._second else "ACTIVE"

    def make(self, place: int) -> ConversationState:
        digits, number = self._ids.digits(place), self._numbers[place]
        began = self._conversations.created(max(number, 0))
        stamp = rfc3339(round(began + _LAG, 3))
        sid = "" if number < 0 else self._conversations.sid(number)
        record = Conversation(
            id=self.id(place),
            account_id=self._account_sid,
            configuration_id=self._configuration.id,
            status=self.status(place),
            name=None,
            created_at=stamp,
            updated_at=stamp,
            configuration=self._view,
            participants=[],
        )
        record.participants = self._participants(record.id, digits, number, sid, stamp)
        heard = self._heard(number)
        return ConversationState(
            record=record,
            configuration=self._configuration,
            created=began,
            active_at=heard[-1][0] if heard else began,
            communications=prepared(
                len(heard), partial(self._communications, record, digits, sid, heard)
            ),
            by_resource={},
            actions={},
            mirrors=sid,
        )

    def number_of(self, key: str) -> int | None:
        place = self._ids.number(key) if key.startswith("conv_conversation_") else None
        known = place is not None and 0 <= place < len(self._numbers) and self.id(place) == key
        return place if known else None

    def tagged(self, tag: Tag) -> Sequence[int]:
        number = self._conversations.number_of(tag[1]) if tag[0] == "channel" else None
        if number is None:
            return ()
        if isinstance(self._numbers, range):
            return (number,) if number in self._numbers else ()
        return (self._places[number],) if number in self._places else ()

    def adopt(self, conversation: ConversationState) -> None:
        for communication in conversation.communications:
            if communication.resource_id is not UNSET:
                conversation.by_resource.setdefault(communication.resource_id, communication.id)

    def _participants(
        self, conversation_id: str, digits: str, number: int, sid: str, stamp: str
    ) -> list[Participant]:
        if number < 0:
            call = Address("VOICE", f"+1555{4_000_000 - number:07d}", f"CA{more_digits(digits, 0)}")
            addresses = [call]
        else:
            addresses = [_address(who, sid) for who in self._conversations.parties(number)]
        return [
            Participant(
                id=f"conv_participant_{int(digits[24 + 26 * turn], 16) & 7}"
                f"{digits[25 + 26 * turn : 50 + 26 * turn]}",
                conversation_id=conversation_id,
                account_id=self._account_sid,
                name=address.address,
                type="UNKNOWN",
                addresses=[address],
                created_at=stamp,
                updated_at=stamp,
            )
            for turn, address in enumerate(addresses)
        ]

    def _heard(self, number: int) -> list[tuple[float, Said]]:
        """What arrived here, in the order of arrival."""
        said = [] if number < 0 else self._conversations.said(number)
        heard = sorted(((at, one) for one in said for at in one.arrives), key=lambda pair: pair[0])
        if self._conversations.kinds.get(number) in ("two-twins", "reopened"):
            return heard[-1:] if self._second else heard[:-1]
        return heard

    def _communications(
        self, record: Conversation, digits: str, sid: str, heard: list[tuple[float, Said]]
    ) -> list[tuple[str, Communication]]:
        parties = [writes.party(p, p.addresses[0].channel) for p in record.participants]
        made = []
        for place, (at, one) in enumerate(heard):
            tail = more_digits(digits, 1000 + place)
            communication = Communication(
                id=f"conv_communication_{int(tail[0], 16) & 7}{tail[1:26]}",
                conversation_id=record.id,
                account_id=self._account_sid,
                author=parties[one.author],
                content={"type": "TEXT", "text": one.text or ""},
                channel_id=sid,
                resource_id=one.sid,
                recipients=[parties[1 - one.author]],
                created_at=rfc3339(round(at, 3)),
                updated_at=rfc3339(round(at, 3)),
                occurred_at=rfc3339(one.written),
            )
            made.append((communication.id, communication))
        return made


def draw(seed: int, count: int, wanted: Mapping[Kind, int]) -> dict[int, Kind]:
    """Which conversations have which gap: the same for the same seed."""
    kinds = [kind for kind in KINDS for _ in range(wanted.get(kind, 0)) if kind != "captured"]
    chosen = random.Random(seed).sample(range(count), len(kinds))
    return dict(zip(chosen, kinds, strict=True))


def plant(
    account: Account,
    service: classic.Service,
    configuration: Configuration,
    kinds: Mapping[int, Kind],
    *,
    count: int,
    messages: int,
    captured: int,
    at: float,
) -> dict[Kind, list[str]]:
    """
    Add an hour of traffic to a bridged service, which begins now and is over at once.

    Returns:
        What was planted: classic sids by kind; of what is in v2 alone, conversation ids.
    """
    number = next((n.phone_number for n in account.numbers), "+15005550006")
    bridged = datetime.fromisoformat(configuration.created_at).timestamp()
    conversations = PlantedConversations(
        account,
        service,
        bridged,
        kinds,
        count=count,
        messages=messages,
        at=at,
        number=number,
    )
    service.conversations.extend(conversations)
    twins = PlantedTwins(account, configuration, conversations, range(count))
    account.conversations.extend(twins)
    again = [n for n, kind in sorted(kinds.items()) if kind in ("two-twins", "reopened")]
    calls = [-1 - n for n in range(captured)]
    beside = PlantedTwins(account, configuration, conversations, [*again, *calls], second=True)
    account.conversations.extend(beside)
    planted: dict[Kind, list[str]] = {}
    for place, kind in sorted(kinds.items()):
        sid, twin = conversations.sid(place), twins.id(place)
        planted.setdefault(kind, []).append(twin if kind == "unexpected" else sid)
        if kind in _NO_TWIN:
            account.conversations.remove(twin)
        elif kind == "unexpected":
            service.conversations.remove(sid)
        elif kind == "reopened":
            account.conversations.regroup(twin, "CLOSED")
    if captured:
        planted["captured"] = [beside.id(len(again) + n) for n in range(captured)]
    return planted


def _address(who: classic.Participant, sid: str) -> Address:
    if who.identity is None and who.binding:
        channel: Channel = "SMS"
        return Address(channel, who.binding["address"], sid)
    return Address("CHAT", who.author, sid)
