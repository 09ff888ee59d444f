"""A test of a bridge on a line that breaks: what was proven stays proven, and nothing is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import Cancelled, ServerError
from bridge_helpers.onboarding.round_trip import TO_CLASSIC
from bridge_helpers.onboarding.verify import Verified, verify

from .children import account, plan
from .conftest import QUICK
from .server import Server, Spoil, drops_after, drops_before, not_json, refuses
from .world import SERVICE_SID, Call, Reply, World, new_id, refused

MAKING = "^POST /v1/Services/IS[^/]+/Conversations$"


class Carrying(World):
    """A bridged service whose messages are in Orchestrator after a while, and back at once."""

    def __init__(self, lag: float = 0.0) -> None:
        super().__init__()
        self.lag = lag
        self.open: dict[str, dict[str, Any]] = {}
        self.twins: dict[str, dict[str, Any]] = {}

    def answer(self, call: Call) -> Reply:
        match [call.method, *call.path.strip("/").split("/")]:
            case ["POST", "v1", "Services", _, "Conversations"]:
                sid = f"CH{len(self.open) + 1:032x}"
                unique = parse_qs(call.body.decode())["UniqueName"][0]
                if any(one["unique"] == unique for one in self.open.values()):
                    return refused(409, "That unique name is taken", 50353)
                self.open[sid] = {"unique": unique, "participants": [], "messages": []}
                return Reply.of({"sid": sid}, 201)
            case [_, "v1", "Services", _, "Conversations", name, *more]:
                return self._inside(call, name, more)
            case ["GET", "v2", "Conversations"]:
                return Reply.of({"conversations": self._listed(call.asked("channelId"))})
            case [_, "v2", "Conversations", twin, *more] if twin in self.twins:
                return self._across(call, twin, more)
        return super().answer(call)

    def _inside(self, call: Call, name: str, more: list[str]) -> Reply:
        found = [sid for sid, one in self.open.items() if name in (sid, one["unique"])]
        if not found:
            return refused(404, "No such conversation", 20404)
        if call.method == "DELETE":
            del self.open[found[0]]
            return Reply(204)
        if not more:
            return Reply.of({"sid": found[0]})
        key = more[0].lower()
        items = self.open[found[0]][key]
        if call.method == "GET":
            return Reply.of({key: items, "meta": {"next_page_url": None}})
        form = {name.lower(): values[0] for name, values in parse_qs(call.body.decode()).items()}
        items.append({"sid": f"IM{len(items) + 1:032x}", **form})
        if key == "messages" and not any(one["sid"] == found[0] for one in self.twins.values()):
            self.twins[new_id("conv_conversation_")] = {
                "sid": found[0],
                "from": time.monotonic() + self.lag,
                "messages": items,
            }
        return Reply.of(items[-1], 201)

    def _listed(self, channel_id: str) -> list[dict[str, Any]]:
        return [
            {
                "id": twin,
                "participants": [{"id": "p", "addresses": [{"channelId": one["sid"]}]}],
            }
            for twin, one in self.twins.items()
            if one["sid"] == channel_id and one["from"] <= time.monotonic()
        ]

    def _across(self, call: Call, twin: str, more: list[str]) -> Reply:
        messages = self.twins[twin]["messages"]
        if call.method == "DELETE":
            del self.twins[twin]
            return Reply(202, b"{}")
        if more == ["Communications"]:
            told = [{"id": one["sid"], "content": {"text": one["body"]}} for one in messages]
            return Reply.of({"communications": told})
        if call.method == "POST":
            text = call.json()["payload"]["content"]["text"]
            messages.append({"sid": "IM" + "f" * 32, "body": text})
        return Reply.of({"id": "action", "status": "PENDING"})


def carried(server: Server, **more: Any) -> Verified:
    with Session(account(server.url), QUICK) as session:
        return verify(session, plan(), **{"timeout": 2.0, **more})


def after(spoil: Spoil) -> Spoil:
    """The work is done, and what is said of it is something else."""

    def done(call: Call, work: Callable[[], Reply]) -> Reply | None:
        work()
        return spoil(call, work)

    return done


def test_nothing_in_the_way() -> None:
    """The world above carries, and what the test made is gone afterwards."""
    world = Carrying()
    with Server(world) as server:
        seen = carried(server)
    assert seen.verified
    assert [lane.ok for lane in seen.lanes] == [True, True, True]
    assert (world.open, world.twins) == ({}, {})


@pytest.mark.parametrize("where", ["/Conversations$", "/Participants$", "/Messages$"])
@pytest.mark.parametrize(
    "spoil",
    [
        refuses(503, "busy"),
        drops_before,
        drops_after,
        not_json,
        after(refuses(504, "gateway")),
    ],
)
def test_a_write_that_is_disturbed_once_is_done_once(where: str, spoil: Spoil) -> None:
    """Not known whether it was done: looked for, and done again only if it was not."""
    world = Carrying()
    with Server(world) as server:
        server.spoil(spoil, f"^POST /v1/Services/{SERVICE_SID}.*{where}")
        seen = carried(server)
    assert seen.verified
    assert all(lane.ok for lane in seen.lanes)
    assert (world.open, world.twins) == ({}, {})


def test_a_conversation_that_was_never_told_is_removed_too() -> None:
    """Made, the answer lost, and the account not readable for a while: it is found by its name."""
    world = Carrying()
    with Server(world) as server:
        server.spoil(after(refuses(504, "gateway")), MAKING)
        server.spoil(refuses(503, "busy"), "^GET /v1/Services/.*/Conversations/", QUICK.attempts)
        with pytest.raises(ServerError):
            carried(server)
    assert world.open == {}


def test_a_test_that_is_stopped_while_it_makes_something_removes_it() -> None:
    """Cancelled while the service is silent about what it has just made."""
    world, stop = Carrying(), threading.Event()

    def silent(call: Call, work: Callable[[], Reply]) -> Reply:
        work()
        stop.set()
        return refused(504, "gateway")

    with Server(world) as server:
        server.spoil(silent, MAKING)
        with pytest.raises(Cancelled):
            carried(server, cancel=stop)
    assert world.open == {}


@pytest.mark.parametrize("spoil", [drops_before, refuses(500, "no")])
def test_an_action_without_an_answer_is_no_proof_against_the_bridge(spoil: Spoil) -> None:
    """What crossed stays proven; that Orchestrator could not be asked to send is a warning."""
    world = Carrying()
    with Server(world) as server:
        server.spoil(spoil, "^POST .*/Actions$", None)
        seen = carried(server, timeout=0.6)
    assert seen.verified
    assert seen.lane(TO_CLASSIC) is None
    assert [one.level for one in seen.findings] == ["warning"]
    assert (world.open, world.twins) == ({}, {})


def test_an_action_whose_answer_is_lost_is_found_by_its_message() -> None:
    """It was taken: the message arrives in classic."""
    with Server(Carrying()) as server:
        server.spoil(drops_after, "^POST .*/Actions$", None)
        seen = carried(server)
    assert all(lane.ok for lane in seen.lanes)
    assert len(seen.lanes) == 3
    assert seen.findings == ()


@pytest.mark.parametrize("shows", [True, False])
def test_a_twin_that_comes_late_is_removed_or_told(shows: bool) -> None:
    """Not seen in time: it is looked for once more, and what may still appear is said."""
    world = Carrying(lag=60.0)

    def deleted(call: Call, work: Callable[[], Reply]) -> Reply:
        for twin in world.twins.values():
            twin["from"] -= 60.0 * shows
        return work()

    with Server(world) as server:
        server.spoil(deleted, "^DELETE /v1/")
        seen = carried(server, timeout=0.5)
    assert not seen.verified
    assert world.open == {}
    assert bool(world.twins) == (not shows)
    assert [one.level for one in seen.findings] == ["info"] * (not shows)
    assert all(seen.conversation_sid in one.action for one in seen.findings)
