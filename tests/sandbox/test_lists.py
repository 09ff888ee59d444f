"""Long lists: what a page costs, and that seeded conversations are as real as any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.sandbox.world.stable_list import Page, StableList

if TYPE_CHECKING:
    from .box import Sandbox

MANY = 20_000
STATES = ("open", "closed")


class Counted(list[Any]):
    """The places of a list; counts how often one is looked at, in whatever way."""

    looks = 0

    def __getitem__(self, index: Any) -> Any:
        self.looks += len(range(*index.indices(len(self)))) if isinstance(index, slice) else 1
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        for thing in super().__iter__():
            self.looks += 1
            yield thing


def counted(every: int) -> tuple[StableList[int], Counted]:
    """Many things, every so many of them closed, with a count of the looks at them."""
    items: StableList[int] = StableList(STATES)
    for number in range(MANY):
        items.put(str(number), number, "open" if number % every else "closed")
    places = items._places = Counted(items._places)
    return items, places


def walk(items: StableList[int], size: int, **more: Any) -> list[int]:
    """Everything, page by page, by the positions that pages give."""
    found: list[int] = []
    start = None
    while True:
        page: Page[int] = items.page(start, size, **more)
        found += page.things
        start = page.following
        if start is None:
            return found


@pytest.mark.parametrize("newest_first", [False, True])
def test_walking_all_pages_looks_at_everything_once(newest_first: bool) -> None:
    """A deep page costs no more than the first one."""
    items, places = counted(7)
    assert len(walk(items, 100, newest_first=newest_first)) == MANY
    assert places.looks == MANY


@pytest.mark.parametrize("every", [7, 5_000])
def test_a_rare_state_is_found_without_looking_at_the_others(every: int) -> None:
    """Pages of one state look at the things of that state alone."""
    items, places = counted(every)
    found = walk(items, 10, groups=["closed"])
    assert found == list(range(0, MANY, every))
    assert places.looks == len(found)


def test_a_numbered_page_looks_at_its_own_things() -> None:
    """Counting pages from the first reads none of those that come before."""
    items, places = counted(7)
    for number in range(0, MANY, 4):
        items.remove(str(number))
    places.looks = 0
    pages = [items.page(None, 100, skip=number).things for number in range(0, MANY * 3 // 4, 100)]
    assert [n for page in pages for n in page] == [n for n in range(MANY) if n % 4]
    assert places.looks == MANY * 3 // 4
    assert items.page(None, 100, skip=MANY).things == []


def test_a_change_of_state_changes_the_list(box: Sandbox) -> None:
    """Each conversation is in the list of its present state and in no other, by timers too."""
    made = [box.converse() for _ in range(3)]
    for sid in made:
        box.http.post(
            f"{box.classic}/{sid}", data={"Timers.Inactive": "PT1M", "Timers.Closed": "PT10M"}
        )

    def states() -> dict[str, set[str]]:
        listed = {
            state: box.get(box.classic, State=state, PageSize=100)["conversations"]
            for state in ("active", "inactive", "closed")
        }
        assert all(c["state"] == state for state, found in listed.items() for c in found)
        return {state: {c["sid"] for c in found} & {*made} for state, found in listed.items()}

    assert states() == {"active": {*made}, "inactive": set(), "closed": set()}
    box.advance(61)
    assert states() == {"active": set(), "inactive": {*made}, "closed": set()}
    box.write(made[0], "still here")
    box.http.post(f"{box.classic}/{made[1]}", data={"State": "closed"})
    expected = {"active": {made[0]}, "inactive": {made[2]}, "closed": {made[1]}}
    assert states() == expected
    box.advance(600)
    assert states() == {"active": set(), "inactive": set(), "closed": {*made}}


def test_seeded_conversations_are_as_real_as_any(box: Sandbox) -> None:
    """Listed and fetched they are the same; they change, keep the change, and are deleted."""
    box.configure()
    seeded = box.control("seed", conversations=250, messages=2)["conversations"]
    listed = []
    following = f"{box.classic}?PageSize=100"
    while following:
        page = box.http.get(following).json()
        listed += page["conversations"]
        following = page["meta"]["next_page_url"]
    assert len({c["sid"] for c in listed}) == len(listed) == 262
    assert listed[-1]["sid"] == seeded["last"]
    path = f"{box.classic}/{seeded['first']}"
    assert box.get(path) == next(c for c in listed if c["sid"] == seeded["first"])

    messages = box.get(f"{path}/Messages")["messages"]
    members = box.get(f"{path}/Participants")["participants"]
    assert [m["participant_sid"] for m in messages] == [p["sid"] for p in members]
    assert box.get(f"{path}/Messages/{messages[0]['sid']}") == messages[0]
    box.http.post(path, data={"FriendlyName": "changed", "State": "closed"})
    closed = box.get(box.classic, State="closed")["conversations"]
    assert [(c["sid"], c["friendly_name"]) for c in closed] == [(seeded["first"], "changed")]
    box.write(seeded["last"], "new", author="agent.rita")
    box.advance(1)
    assert box.texts(seeded["last"]) == ["new"]
    assert box.http.delete(path).status_code == 204
    assert box.http.get(path).status_code == 404
    assert box.get(box.classic, State="closed")["conversations"] == []


def test_seeded_captured_conversations_age_and_change(box: Sandbox) -> None:
    """They are found by the SMS's sid, follow the timeouts, and keep what is done to them."""
    timeouts = {"SMS": {"statusTimeouts": {"inactive": 5, "closed": 60}}}
    box.configure(conversationsV1Bridge=None, channelSettings=timeouts)
    seeded = box.control("seed", orchestrator_conversations=120)["orchestrator_conversations"]
    first = f"/v2/Conversations/{seeded['first']}"
    said = box.communications(seeded["first"])
    assert len(said) == 3
    assert box.twins(said[1]["channelId"]) == [box.get(first)]

    def count(status: str) -> int:
        return len(box.get("/v2/Conversations", status=status, pageSize=1000)["conversations"])

    assert (count("ACTIVE"), count("INACTIVE")) == (120, 0)
    box.http.patch(f"/v2/Conversations/{seeded['last']}", json={"status": "CLOSED"})
    box.advance(5 * 60)
    assert (count("ACTIVE"), count("INACTIVE"), count("CLOSED")) == (0, 119, 1)
    assert box.get(first)["status"] == "INACTIVE"
    box.http.patch(first, json={"status": "ACTIVE"})
    box.advance(56 * 60)
    assert (count("ACTIVE"), count("INACTIVE"), count("CLOSED")) == (0, 1, 119)
    sender = said[0]["author"]["address"]
    box.control("inbound", channel="SMS", **{"from": sender}, to=box.number)
    assert count("CLOSED") == 119


def test_a_million_conversations_are_there_at_once(box: Sandbox) -> None:
    """The last page by number, a lookup of the last one and its customer: none waits for others."""
    seeded = box.control("seed", conversations=1_000_000)["conversations"]
    assert box.get(f"{box.classic}/{seeded['last']}")["sid"] == seeded["last"]
    page = box.get(box.classic, PageSize=100, Page=10_000)["conversations"]
    assert page[-1]["sid"] == seeded["last"]
    users = f"/v1/Services/{box.service_sid}/Users"
    (member,) = [
        p["identity"]
        for p in box.get(f"{box.classic}/{seeded['last']}/Participants")["participants"]
        if p["identity"] not in ("agent.rita", None)
    ]
    user = box.get(f"{users}/{member}")
    assert box.get(f"{users}/{user['sid']}") == user
    found = box.get(f"{users}/{member}/Conversations")["conversations"]
    assert [c["conversation_sid"] for c in found] == [seeded["last"]]
