"""
An ordered collection whose positions never move, so that a page token stays true.

Things keep the position they were given; removing one leaves a gap. A token that says "go on at
position 300" therefore neither repeats nor skips anything, whatever is created or deleted between
two pages.

Three things keep large lists cheap. A byte for each position says whether a thing is there and in
which group it is (its status), so gaps and other groups are skipped without looking at a thing.
Tags find the things that an address, an identity or a channel belongs to. And a `Source` works
things out when they are read, so that a million seeded conversations take no memory.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

T = TypeVar("T")

#: What things are found by besides their key: a kind and values, as ``("address", "+1555…")``.
Tag: TypeAlias = tuple[str, ...]

_GONE = 0
_BLOCK = 4096


class Source(Protocol[T]):
    """Things that are made when somebody asks for them, each from its number."""

    def __len__(self) -> int: ...

    def make(self, number: int) -> T:
        """The thing as nobody has changed it yet, with as much as a reader needs."""

    def number_of(self, key: str) -> int | None:
        """The number of the thing with this key."""

    def tagged(self, tag: Tag) -> Sequence[int]:
        """The numbers, rising, of the things that may have this tag."""

    def adopt(self, thing: T) -> None:
        """Complete a thing that is kept from now on, because it may change."""


class Page(NamedTuple, Generic[T]):
    """Things to be read, not changed, and the positions where the pages beside it start."""

    things: list[T]
    start: int
    following: int | None
    before: int | None


class StableList(Generic[T]):
    """
    Things by key, in the order in which they came.

    Args:
        groups: the groups that things can be in; without them there is one, ``""``.
    """

    __slots__ = ("_groups", "_marks", "_places", "_sources", "_tags", "_where")

    def __init__(self, groups: tuple[str, ...] = ("",)) -> None:
        self._groups = groups
        self._marks = bytearray()
        self._places: list[T | None] = []
        self._where: dict[str, int] = {}
        self._tags: dict[Tag, list[int]] = {}
        self._sources: list[tuple[int, Source[T]]] = []

    def __len__(self) -> int:
        return len(self._marks) - self._marks.count(_GONE)

    def __contains__(self, key: str) -> bool:
        return self._place(key) is not None

    def __iter__(self) -> Iterator[T]:
        return (self._thing(place) for place in self._positions(0, 1, self._all))

    def get(self, key: str) -> T | None:
        """The thing with this key, to be read or changed."""
        place = self._place(key)
        return None if place is None else self._thing(place)

    def look(self, key: str) -> T | None:
        """The thing with this key, to be read only: a thing of a source is not kept for it."""
        place = self._place(key)
        return None if place is None else self._reading(place)

    def at(self, position: int) -> T | None:
        """The thing at a position, to be read or changed; None where it is gone."""
        return self._thing(position) if self._marks[position] else None

    @property
    def positions(self) -> int:
        """How many positions there are, those of removed things included."""
        return len(self._places)

    def position(self, key: str) -> int:
        """
        The position of the thing with this key.

        Raises:
            KeyError: if there is none.
        """
        place = self._place(key)
        if place is None:
            raise KeyError(key)
        return place

    def put(self, key: str, thing: T, group: str | None = None) -> int:
        """Add a thing at the end, or replace it where it stands; returns its position."""
        place = self._place(key)
        if place is None:
            place = len(self._places)
            self._where[key] = place
            self._places.append(thing)
            self._marks.append(self._mark(group or self._groups[0]))
        else:
            self._places[place] = thing
            if group is not None:
                self._marks[place] = self._mark(group)
        return place

    def extend(self, source: Source[T], group: str | None = None) -> int:
        """Add the things of a source at the end, and return the position of the first."""
        first = len(self._places)
        self._sources.append((first, source))
        self._places.extend([None] * len(source))
        self._marks.extend(bytes([self._mark(group or self._groups[0])]) * len(source))
        return first

    def remove(self, key: str) -> T | None:
        place = self._place(key)
        if place is None:
            return None
        thing = self._thing(place)
        self._where.pop(key, None)
        self._marks[place] = _GONE
        self._places[place] = None
        return thing

    def regroup(self, key: str, group: str) -> None:
        """Note that a thing is in another group now."""
        place = self._place(key)
        if place is not None:
            self._marks[place] = self._mark(group)

    def regroup_untouched(self, source: Source[T], group: str) -> None:
        """Note that whatever a source still makes anew is in another group now."""
        mark = self._mark(group)
        first = next(start for start, known in self._sources if known is source)
        for place in range(first, first + len(source)):
            if self._marks[place] and self._places[place] is None:
                self._marks[place] = mark

    def tag(self, tag: Tag, position: int) -> None:
        """Let `tagged` find the thing at this position."""
        known = self._tags.setdefault(tag, [])
        at = bisect_left(known, position)
        if at == len(known) or known[at] != position:
            known.insert(at, position)

    def tagged(self, tag: Tag) -> Sequence[int]:
        """The positions, rising, of the things that have, or once had, this tag."""
        found: list[Sequence[int]] = [self._tags.get(tag, [])]
        for first, source in self._sources:
            numbers = source.tagged(tag)
            if numbers:
                moved = _moved(numbers, first)
                found.append(moved)
        found = [positions for positions in found if positions]
        if len(found) > 1:
            return sorted({position for positions in found for position in positions})
        return found[0] if found else ()

    def first(self, newest_first: bool) -> int:
        """The position where the first page starts."""
        return max(len(self._places) - 1, 0) if newest_first else 0

    def page(
        self,
        start: int | None,
        size: int,
        keep: Callable[[T], bool] | None = None,
        *,
        groups: Iterable[str] | None = None,
        newest_first: bool = False,
        among: Sequence[int] | None = None,
        skip: int = 0,
    ) -> Page[T]:
        """
        One page; it is empty where it would start after the last thing.

        Reading it costs as much as what is read; things that ``keep`` refuses are read too.

        Args:
            start: a position, or None for the end that comes first.
            groups: only things of these groups.
            among: only these positions, rising (what `tagged` found).
            skip: how many things to leave out first.
        """
        forward = -1 if newest_first else 1
        marks = self._all if groups is None else bytes(sorted(map(self._mark, groups)))
        if start is None:
            start = self.first(newest_first)
        if skip:
            later = self._after(start, forward, skip, marks, keep, among)
            if later is None:
                return Page([], start, None, None)
            start = later
        places = self._scan(start, forward, size + 1, marks, keep, among)
        following = places.pop() if len(places) > size else None
        earlier = self._scan(start - forward, -forward, size, marks, keep, among)
        things = [self._reading(place) for place in places]
        return Page(things, start, following, earlier[-1] if earlier else None)

    @property
    def _all(self) -> bytes:
        return bytes(range(1, len(self._groups) + 1))

    def _mark(self, group: str) -> int:
        return self._groups.index(group) + 1

    def _place(self, key: str) -> int | None:
        place = self._where.get(key)
        if place is None:
            for first, source in self._sources:
                number = source.number_of(key)
                if number is not None and self._marks[first + number]:
                    return first + number
        return place

    def _thing(self, place: int) -> T:
        """The thing at a place, kept from now on."""
        thing = self._places[place]
        if thing is None:
            first, source = self._source(place)
            thing = self._places[place] = source.make(place - first)
            source.adopt(thing)
        return thing

    def _reading(self, place: int) -> T:
        """The thing at a place, to be read only."""
        thing = self._places[place]
        if thing is None:
            first, source = self._source(place)
            thing = source.make(place - first)
        return thing

    def _source(self, place: int) -> tuple[int, Source[T]]:
        return self._sources[bisect_right(self._sources, place, key=lambda s: s[0]) - 1]

    def _after(
        self,
        start: int,
        step: int,
        count: int,
        marks: bytes,
        keep: Callable[[T], bool] | None,
        among: Sequence[int] | None,
    ) -> int | None:
        """The position of the thing that comes after so many others, in one direction."""
        if keep is not None or among is not None:
            places = self._scan(start, step, count + 1, marks, keep, among)
            return places[-1] if len(places) > count else None
        left = count
        while 0 <= start < len(self._marks):
            block = self._block(start, step)
            here = sum(block.count(mark) for mark in marks)
            if here > left:
                for number, match in enumerate(_pattern(marks).finditer(block)):
                    if number == left:
                        return start + step * match.start()
            left -= here
            start += step * _BLOCK
        return None

    def _scan(
        self,
        start: int,
        step: int,
        most: int,
        marks: bytes,
        keep: Callable[[T], bool] | None,
        among: Sequence[int] | None,
    ) -> list[int]:
        """Where the first things that are wanted stand, from a position on, in one direction."""
        places: Iterable[int]
        if among is None:
            places = self._positions(start, step, marks)
        elif step > 0:
            spots = (among[at] for at in range(bisect_left(among, start), len(among)))
            places = (spot for spot in spots if self._marks[spot] in marks)
        else:
            spots = (among[at] for at in range(bisect_right(among, start) - 1, -1, -1))
            places = (spot for spot in spots if self._marks[spot] in marks)
        if keep is not None:
            places = (place for place in places if keep(self._reading(place)))
        return list(islice(places, most))

    def _positions(self, start: int, step: int, marks: bytes) -> Iterator[int]:
        """Positions whose mark is one of these, from one on, in one direction."""
        pattern = _pattern(marks)
        start = max(start, 0) if step > 0 else min(start, len(self._marks) - 1)
        while 0 <= start < len(self._marks):
            for match in pattern.finditer(self._block(start, step)):
                yield start + step * match.start()
            start += step * _BLOCK

    def _block(self, start: int, step: int) -> bytes:
        """A copy of some marks in the order of reading; the list may grow meanwhile."""
        if step > 0:
            return bytes(self._marks[start : start + _BLOCK])
        return bytes(self._marks[max(start - _BLOCK + 1, 0) : start + 1][::-1])


@lru_cache(maxsize=64)
def _pattern(marks: bytes) -> re.Pattern[bytes]:
    return re.compile(b"[" + re.escape(marks) + b"]") if marks else re.compile(rb"(?!)")


def _moved(numbers: Sequence[int], by: int) -> Sequence[int]:
    if isinstance(numbers, range):
        return range(numbers.start + by, numbers.stop + by, numbers.step)
    return [number + by for number in numbers]
