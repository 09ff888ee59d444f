"""An ordered collection whose positions never move, so that a page token stays true.

Things keep the position they were given; removing one leaves a gap. A token that says "go on at
position 300" therefore neither repeats nor skips anything, whatever is created or deleted between
two pages.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")


class Shelf(Generic[T]):
    """Things by id, in the order in which they came."""

    __slots__ = ("_places", "_where")

    def __init__(self) -> None:
        self._places: list[T | None] = []
        self._where: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._where)

    def __contains__(self, key: str) -> bool:
        return key in self._where

    def __iter__(self) -> Iterator[T]:
        return (thing for thing in self._places if thing is not None)

    def get(self, key: str) -> T | None:
        place = self._where.get(key)
        return None if place is None else self._places[place]

    def put(self, key: str, thing: T) -> None:
        """Add a thing at the end, or replace it where it stands."""
        place = self._where.get(key)
        if place is None:
            self._where[key] = len(self._places)
            self._places.append(thing)
        else:
            self._places[place] = thing

    def remove(self, key: str) -> T | None:
        place = self._where.pop(key, None)
        if place is None:
            return None
        thing, self._places[place] = self._places[place], None
        return thing

    def position(self, key: str) -> int:
        return self._where[key]

    def first(self, newest_first: bool) -> int:
        """The position where the first page starts."""
        return max(len(self._places) - 1, 0) if newest_first else 0

    def page(
        self,
        start: int | None,
        size: int,
        keep: Callable[[T], bool] | None = None,
        *,
        newest_first: bool = False,
        among: list[int] | None = None,
    ) -> tuple[list[T], int | None, int | None]:
        """One page: its things, the position where the next page starts, and the previous one's.

        ``start`` is a position, or None for the end that comes first. ``among`` limits the
        search to given positions, in rising order (an index that somebody keeps).
        """
        forward = -1 if newest_first else 1
        if start is None:
            start = self.first(newest_first)
        hits = self._scan(start, forward, size + 1, keep, among)
        following = hits.pop()[0] if len(hits) > size else None
        earlier = self._scan(start - forward, -forward, size, keep, among)
        return [thing for _, thing in hits], following, earlier[-1][0] if earlier else None

    def _scan(
        self,
        start: int,
        step: int,
        most: int,
        keep: Callable[[T], bool] | None,
        among: list[int] | None,
    ) -> list[tuple[int, T]]:
        """The first things that are kept, from a position on, in one direction."""
        places = self._places
        spots: Iterable[tuple[int, T | None]]
        if among is not None:
            chosen = [p for p in among if (p - start) * step >= 0]
            spots = [(p, places[p]) for p in (chosen if step > 0 else reversed(chosen))]
        elif step > 0:
            spots = enumerate(islice(places, max(start, 0), None), max(start, 0))
        else:
            spots = ((p, places[p]) for p in range(min(start, len(places) - 1), -1, -1))
        hits: list[tuple[int, T]] = []
        for place, thing in spots:
            if thing is not None and (keep is None or keep(thing)):
                hits.append((place, thing))
                if len(hits) == most:
                    break
        return hits
