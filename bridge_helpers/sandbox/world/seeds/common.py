"""
Seeded conversations: worked out from their numbers when somebody reads them.

A service or an account may be given a million conversations at once. What nobody has changed is
made anew for each reader, always the same; what is fetched singly is kept, because it may change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Generic, TypeVar

from ..ids import NumberedIds
from ..stable_list import StableList, Tag

T = TypeVar("T")

CUSTOMERS = (
    "ana.silva", "ben.okafor", "chiara.rossi", "dmitri.ivanov", "elif.yilmaz", "farid.haddad",
    "grace.kim", "hugo.martin", "ines.costa", "jonas.weber", "kavya.nair", "liam.byrne",
)  # fmt: skip

#: What a customer writes and an agent answers, in turn.
DIALOGUES = (
    ("Hello, where is my order?", "Let me look it up.", "It leaves the depot today."),
    ("I was charged twice.", "I see both charges and will refund one.", "Thank you!"),
    ("Can I change my delivery address?", "Of course, what is the new one?", "12 Rua Augusta."),
    ("The app keeps logging me out.", "Which version do you have?", "4.2, from this morning."),
    ("Is the blue one back in stock?", "From Thursday on.", "Great, please reserve one."),
    ("How do I return these shoes?", "I am sending you the label.", "Got it, thanks."),
)
AGENT = "agent.rita"

_IDENTITY = re.compile(r"customer\.(\d{6,})@example\.com")


def customer(number: int) -> tuple[str, str]:
    """Identity and conversation title of a seeded customer."""
    if number < len(CUSTOMERS):
        name = CUSTOMERS[number]
        return f"{name}@example.com", name.replace(".", " ").title()
    return f"customer.{number + 1:06d}@example.com", f"Customer {number + 1}"


def number_of(identity: str) -> int | None:
    """The number of the seeded customer with this identity."""
    match = _IDENTITY.fullmatch(identity)
    number = int(match[1]) - 1 if match else None
    if match is None and identity.removesuffix("@example.com") in CUSTOMERS:
        number = CUSTOMERS.index(identity.removesuffix("@example.com"))
    return number if number is not None and customer(number)[0] == identity else None


def writes_sms(number: int) -> bool:
    """Every sixth seeded customer writes SMS, the others chat."""
    return number % 6 == 5


def chatting_below(number: int) -> int:
    """How many of the customers below this number chat."""
    return number - number // 6


def chatting_customer(rank: int) -> int:
    """The number of the customer before whom so many others chat."""
    return rank + rank // 5


class Prepared(Generic[T]):
    """A few things that belong to a seeded one, made together when one of them is read."""

    def __init__(self, count: int, make_all: Callable[[], list[tuple[str, T]]]) -> None:
        self._count = count
        self._make_all = make_all

    @cached_property
    def _things(self) -> list[tuple[str, T]]:
        return self._make_all()

    def __len__(self) -> int:
        return self._count

    def make(self, number: int) -> T:
        return self._things[number][1]

    def number_of(self, key: str) -> int | None:
        return next((n for n, (known, _) in enumerate(self._things) if known == key), None)

    def tagged(self, tag: Tag) -> Sequence[int]:
        return ()

    def adopt(self, thing: T) -> None:
        pass


def prepared(count: int, make_all: Callable[[], list[tuple[str, T]]]) -> StableList[T]:
    """A list of such things."""
    things: StableList[T] = StableList()
    things.extend(Prepared(count, make_all))
    return things


def customer_at(address: str, base: int) -> int | None:
    """The number behind a seeded phone number that counts from a base."""
    digits = address.removeprefix("+1555")
    if len(digits) != 7 or not digits.isdecimal() or address == digits:
        return None
    number = int(digits) - base
    return number if number >= 0 else None


def more_digits(digits: str, number: int) -> str:
    """32 more hexadecimal digits, others for each number."""
    return NumberedIds(digits).digits(number)[:32]
