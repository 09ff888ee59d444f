"""A test of a bridge on a line that breaks: what was proven stays proven, and nothing is left."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import (
    InvalidInput,
    NotBridged,
)
from bridge_helpers.onboarding.verify import TO_CLASSIC, verify
from bridge_helpers.progress import Progress

from .carrying import Carrying, after, carried
from .children import account
from .conftest import QUICK, Clock
from .server import Server, Spoil, drops_after, drops_before, not_json, refuses
from .world import SERVICE_SID, Call, Reply

MAKING = "^POST /v1/Services/IS[^/]+/Conversations$"


def test_nothing_in_the_way() -> None:
    """The world above carries, and what the test made is gone afterwards."""
    world = Carrying()
    with Server(world) as server:
        seen = carried(server)
    assert seen.verified
    assert [lane.ok for lane in seen.lanes] == [True, True, True]
    assert world.left == (0, 0, 0, 0)


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
    assert world.left == (0, 0, 0, 0)


@pytest.mark.parametrize("spoil", [drops_before, refuses(500, "no")])
def test_an_action_without_an_answer_is_no_proof_against_the_bridge(spoil: Spoil) -> None:
    """What crossed stays proven; that Orchestrator could not be asked to send is a warning."""
    world = Carrying()
    with Server(world) as server:
        server.spoil(spoil, "^POST .*/Actions$", None)
        seen = carried(server, timeout=0.6)
    assert seen.verified
    lane = seen.lane(TO_CLASSIC)
    assert (lane.state, lane.sent) == ("not tested", 0)
    assert "did not take" in lane.not_tested
    assert [one.level for one in seen.findings] == ["warning"]
    assert world.left == (0, 0, 0, 0)


def test_an_action_whose_answer_is_lost_is_found_by_its_message() -> None:
    """It was taken: the message arrives in classic."""
    with Server(Carrying()) as server:
        server.spoil(drops_after, "^POST .*/Actions$", None)
        seen = carried(server)
    assert all(lane.ok for lane in seen.lanes)
    assert len(seen.lanes) == 3
    assert seen.findings == ()


def test_a_service_that_is_not_bridged_is_told_before_anything_is_written() -> None:
    """No message is sent, and none is waited for."""
    world, clock = Carrying(bridged=False), Clock()
    with Server(world) as server:
        with pytest.raises(NotBridged, match="not bridged"):
            carried(server, clock=clock, sleep=clock.sleep, timeout=3600.0)
        assert server.counted("^(POST|DELETE)") == 0
    assert sum(clock.waits) <= 3.0


def test_a_list_that_lags_behind_a_new_bridge_is_read_again() -> None:
    """A bridge that was made a moment ago may not be listed at once."""
    world, clock = Carrying(bridged=False), Clock()

    def appears(call: Call, work: Callable[[], Reply]) -> Reply:
        reply = work()
        world.add_configuration(conversationsV1Bridge={"serviceId": SERVICE_SID})
        return reply

    with Server(world) as server:
        server.spoil(appears, "^GET /v2/ControlPlane/Configurations")
        assert carried(server, clock=clock, sleep=clock.sleep).verified


@pytest.mark.parametrize("sid", ["", "IS12", "CH" + "0" * 32, 5, None])
def test_what_is_no_service_sid_is_refused_before_anything_is_sent(sid: Any) -> None:
    """Also an empty one: a test has to know where it writes."""
    with Server(Carrying()) as server, Session(account(server.url), QUICK) as session:
        with pytest.raises(InvalidInput, match="service_sid"):
            verify(session, sid)
        assert server.calls == []


@pytest.mark.parametrize("rounds", [0, -1, 101, 1.5, True, "3"])
def test_rounds_are_a_whole_number(rounds: Any) -> None:
    """And not so many that a customer's account is flooded."""
    with Server(Carrying()) as server:
        with pytest.raises(InvalidInput, match="rounds"):
            carried(server, rounds=rounds)
        assert server.calls == []


def test_stopping_keeps_the_rounds_so_far() -> None:
    """The third of twenty is stopped: two are told, and nothing is left."""
    world, stop = Carrying(), threading.Event()

    def third(call: Call, work: Callable[[], Reply]) -> Reply:
        stop.set()
        return work()

    with Server(world) as server:
        server.spoil(third, "^POST /v1/.*/Messages$", after=4)
        seen = carried(server, cancel=stop, rounds=20)
    assert (seen.complete, seen.rounds) == (False, 2)
    assert [lane.sent for lane in seen.lanes] == [2, 2, 2]
    assert "ended early, after 2" in seen.verdict
    assert world.left == (0, 0, 0, 0)


def test_an_error_in_a_later_round_keeps_the_rounds_so_far() -> None:
    """What was seen is told, and so is what ended it."""
    world = Carrying()
    with Server(world) as server:
        server.spoil(refuses(403, "no more"), "^POST /v1/.*/Messages$", None, after=2)
        seen = carried(server, rounds=5)
    assert (seen.complete, seen.rounds) == (False, 1)
    assert seen.verified
    assert any("no more" in one.found for one in seen.findings)
    assert world.left == (0, 0, 0, 0)


def test_progress_says_which_round_and_how_long_still() -> None:
    """Every lane's line counts the rounds, and after the first one tells the time left."""
    shown: list[Progress] = []
    with Server(Carrying(lag=0.1)) as server:
        carried(server, rounds=2, on_progress=shown.append)
    lanes = [one for one in shown if "→" in one.message]
    assert "round 1 of 2" in lanes[0].message
    assert "s left" not in lanes[0].message
    assert any("round 2 of 2, about" in one.message and "s left" in one.message for one in lanes)
    counted = [(one.done, one.total) for one in lanes if one.total]
    assert counted[-1] == (6, 6)


def test_the_time_left_does_not_grow_within_a_round() -> None:
    """A round that goes on takes nothing back: what it has taken is taken off."""
    shown: list[Progress] = []
    with Server(Carrying(lag=0.5)) as server:
        carried(server, rounds=3, on_progress=shown.append)
    told = [re.search(r"round (\d) of 3, about (\d+) s left", one.message) for one in shown]
    left = [(int(one[1]), int(one[2])) for one in told if one]
    assert {number for number, _ in left} == {2, 3}
    for number in (2, 3):
        seconds = [each for of, each in left if of == number]
        assert seconds == sorted(seconds, reverse=True)


def test_an_action_that_is_refused_later_leaves_what_arrived() -> None:
    """The way back worked in the first round: it is told, and the refusal is a warning."""
    with Server(Carrying()) as server:
        server.spoil(refuses(403, "no"), "^POST .*/Actions$", None, after=1)
        seen = carried(server, rounds=3)
    lane = seen.lane(TO_CLASSIC)
    assert (lane.state, lane.sent) == ("crossed", 1)
    assert seen.rounds == 3
    assert ["Round 2 of 3" in one.found for one in seen.findings] == [True]
