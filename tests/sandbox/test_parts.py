"""The parts that everything else stands on: stable lists, identifiers, clock."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers.sandbox.classic.durations import duration
from bridge_helpers.sandbox.world.clock import FROZEN_START, Clock, iso_seconds, rfc2822, rfc3339
from bridge_helpers.sandbox.world.ids import IdGenerator
from bridge_helpers.sandbox.world.stable_list import StableList

CHANGES = st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=60)


def build(changes: list[tuple[bool, int]]) -> tuple[StableList[int], dict[int, int]]:
    items: StableList[int] = StableList()
    model: dict[int, int] = {}
    for add, number in changes:
        if add:
            items.put(str(number), number)
            model[number] = number
        else:
            items.remove(str(number))
            model.pop(number, None)
    return items, model


@given(CHANGES, st.integers(1, 7), st.booleans(), st.booleans())
def test_pages_hold_everything_once_and_lead_back(
    changes: list[tuple[bool, int]], size: int, newest_first: bool, only_even: bool
) -> None:
    """Forward pages give what is kept, in order, once; the previous page is the one before."""
    items, model = build(changes)
    wanted = [n for n in model if not only_even or n % 2 == 0]
    keep = (lambda n: n % 2 == 0) if only_even else None
    pages: list[list[int]] = []
    starts: list[int | None] = [None]
    while True:
        page = items.page(starts[-1], size, keep, newest_first=newest_first)
        pages.append(page.things)
        counted = items.page(
            None, size, keep, newest_first=newest_first, skip=size * (len(pages) - 1)
        )
        assert counted.things == page.things
        if len(pages) > 1:
            back = items.page(page.before, size, keep, newest_first=newest_first)
            assert back.things == pages[-2]
        else:
            assert page.before is None
        if page.following is None:
            break
        starts.append(page.following)
    expected = wanted[::-1] if newest_first else wanted
    assert [n for page in pages for n in page] == expected
    assert all(len(page) == size for page in pages[:-1])


@given(CHANGES, st.integers(1, 5), st.sets(st.integers(0, 30)))
def test_a_page_is_not_disturbed_by_deletions(
    changes: list[tuple[bool, int]], size: int, gone: set[int]
) -> None:
    """What is deleted between two pages changes nothing for the others."""
    items, model = build(changes)
    first, _, following, _ = items.page(None, size)
    for number in gone:
        items.remove(str(number))
    rest = items.page(following, 100).things if following is not None else []
    assert rest == [n for n in list(model)[len(first) :] if n not in gone]


def test_an_index_narrows_a_page() -> None:
    """Only the given positions are looked at, in either direction."""
    items, _ = build([(True, n) for n in range(10)])
    among = [items.position(str(n)) for n in (2, 5, 7)]
    assert items.page(None, 2, among=among) == ([2, 5], 0, 7, None)
    assert items.page(7, 2, among=among) == ([7], 7, None, 2)
    assert items.page(None, 2, newest_first=True, among=among).things == [7, 5]


@given(st.integers(), st.text(max_size=8))
def test_identifiers_have_twilios_shapes(seed: int, scope: str) -> None:
    """Sids, typed ids and secrets match the patterns of the OpenAPI, and never repeat."""
    ids = IdGenerator(seed, scope)
    made = [ids.sid("IS") for _ in range(20)] + [ids.typed("mem_store") for _ in range(20)]
    assert len(set(made)) == 40
    assert all(re.fullmatch(r"IS[0-9a-f]{32}", sid) for sid in made[:20])
    assert all(re.fullmatch(r"mem_store_[0-7][0-9a-z]{25}", one) for one in made[20:])
    again = IdGenerator(seed, scope)
    assert [again.sid("IS") for _ in range(20)] == made[:20]


def test_kinds_do_not_disturb_each_other() -> None:
    """What one kind of identifier is depends on no other kind."""
    one, two = IdGenerator(7, "a"), IdGenerator(7, "a")
    one.sid("CH")
    assert one.sid("IM") == two.sid("IM")
    assert IdGenerator(7, "b").sid("IM") != IdGenerator(7, "a").sid("IM")


def test_the_clock_keeps_its_promises() -> None:
    """Frozen it stands still until advanced; released it goes on from there."""
    clock = Clock(frozen=True)
    assert clock.now() == clock.now() == FROZEN_START
    clock.advance(0.25)
    assert clock.now() == FROZEN_START + 0.25
    clock.release()
    assert FROZEN_START < clock.now() < FROZEN_START + 60
    clock.set(0)
    assert 0 <= clock.now() < 60
    clock.freeze()
    assert clock.now() == clock.now()


def test_three_ways_to_write_an_instant() -> None:
    """RFC 3339 with milliseconds where there are any, ISO seconds, RFC 2822."""
    assert rfc3339(FROZEN_START) == iso_seconds(FROZEN_START + 0.9) == "2026-01-05T09:00:00Z"
    assert rfc3339(FROZEN_START + 0.25) == "2026-01-05T09:00:00.250Z"
    assert rfc2822(FROZEN_START) == "Mon, 05 Jan 2026 09:00:00 +0000"


@pytest.mark.parametrize("text", ["PT1M", "PT60S", "P1D", "P1W", "P1DT2H", "PT1H1M1S"])
def test_durations_are_taken(text: str) -> None:
    """ISO 8601 durations of a minute and more."""
    assert duration(text, "Timers.Inactive", 60) == text


@pytest.mark.parametrize("text", ["", "P", "PT", "PT59S", "1M", "P1Y", "-PT1M", "PT1.5M"])
def test_other_durations_are_refused(text: str) -> None:
    """Too short, or none at all."""
    with pytest.raises(Exception, match=r"Timers\.Inactive"):
        duration(text, "Timers.Inactive", 60)
