"""A sweep finds what killed tests left, shows it, removes it when asked, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.sweep import Leftover, State, Swept, sweep

from .carrying import STAMP, Carrying, carried, stranger
from .children import account
from .conftest import QUICK
from .server import Server, drops_before, refuses
from .world import SERVICE_SID

LATER = datetime.fromisoformat(STAMP) + timedelta(hours=1)


def swept(server: Server, at: datetime = LATER, **options: Any) -> Swept:
    with Session(account(server.url), QUICK) as session:
        return sweep(session, SERVICE_SID, now=lambda: at, **options)


def killed(server: Server, world: Carrying) -> None:
    """A test whose process died: nothing that it made was removed."""
    before = len(server.faults)
    server.spoil(refuses(403, "dead"), "^DELETE ", None)
    carried(server, timeout=0.2)
    del server.faults[before:]
    assert len(world.open) > 0


@pytest.mark.parametrize("heeds_filter", [True, False])
@pytest.mark.parametrize("partial", [True, False])
@pytest.mark.parametrize("born", ["message", "participant"])
def test_everything_of_killed_tests_is_found_and_removed(
    born: str, partial: bool, heeds_filter: bool
) -> None:
    """Listed first and untouched; then removed; then nothing is left. Others' things stay."""
    world = Carrying(born=born, partial=partial, heeds_filter=heeds_filter)
    world.others = [stranger(number) for number in range(3)]
    world.users.append({"sid": "US" + "a" * 32, "identity": "ana", "date_created": STAMP})
    with Server(world) as server:
        killed(server, world)
        killed(server, world)
        writes = server.counted("^(POST|DELETE)")
        dry = swept(server)
        assert server.counted("^(POST|DELETE)") == writes
        kinds = [one.kind for one in dry.leftovers]
        assert [kinds.count(kind) for kind in sorted(set(kinds))] == [2, 4, 2]
        assert dry.counted("found") == 8
        done = swept(server, apply=True)
        again = swept(server)
    assert done.ok
    assert done.counted("removed") == 8
    assert world.left == (0, 0, 1, 0)
    assert len(world.others) == 3
    assert again.leftovers == ()
    assert "Nothing is left" in again.summary


@pytest.mark.parametrize("gone", ["open", "twins", "users"])
def test_what_is_left_of_half_a_clean_up_is_found(gone: str) -> None:
    """A test that was killed while it cleaned up: the rest is recognised without the others."""
    world = Carrying()
    with Server(world) as server:
        killed(server, world)
        getattr(world, gone).clear()
        done = swept(server, apply=True)
    assert done.ok
    assert world.left == (0, 0, 0, 0)


def test_what_a_running_test_uses_is_left_alone() -> None:
    """Minutes after its last sign of life nothing of a test is touched; asked for, it is."""
    world = Carrying()
    soon = datetime.fromisoformat(STAMP) + timedelta(minutes=5)
    with Server(world) as server:
        killed(server, world)
        young = swept(server, soon, apply=True)
        assert {one.state for one in young.leftovers} == {"young"}
        assert "so young" in young.summary
        assert world.left == (1, 1, 2, 0)
        assert swept(server, soon, older_than=0, apply=True).ok
    assert world.left == (0, 0, 0, 0)


def test_a_new_message_is_a_sign_of_life() -> None:
    """A test of many rounds is old and still running: its newest message tells."""
    world = Carrying()
    with Server(world) as server:
        killed(server, world)
        sid = next(iter(world.open))
        spoken = LATER - timedelta(minutes=1)
        world.open[sid]["messages"][-1]["date_created"] = spoken.strftime("%Y-%m-%dT%H:%M:%SZ")
        world.open[sid]["messages"].reverse()
        done = swept(server, apply=True)
    assert {one.state for one in done.leftovers} == {"young"}
    assert world.left == (1, 1, 2, 0)


def test_what_has_no_age_is_left_alone() -> None:
    """A time that cannot be read is no reason to remove something."""
    world = Carrying()
    with Server(world) as server:
        killed(server, world)
        for user in world.users:
            user["date_created"] = "yesterday"
        done = swept(server, apply=True)
    assert {one.state for one in done.leftovers} == {"young"}
    assert world.left == (1, 1, 2, 0)


def test_a_conversation_with_somebody_else_in_it_is_left_alone() -> None:
    """Its name is a test's, but a customer is in it."""
    world = Carrying()
    with Server(world) as server:
        killed(server, world)
        sid = next(iter(world.open))
        world.open[sid]["participants"].append({"sid": "MB" + "9" * 32, "identity": "ana"})
        done = swept(server, apply=True)
    assert {one.state for one in done.leftovers} == {"not ours alone"}
    assert world.left == (1, 1, 2, 0)


@pytest.mark.parametrize(
    "name", ["bridge-test-results", "bridge-test-2026 team chat", "bridge-test-12345678-eu"]
)
def test_what_a_customer_named_alike_is_left_alone(name: str) -> None:
    """The prefix is not enough to be removed: only the names that a test gives are."""
    world = Carrying()
    world.open["CH" + "8" * 32] = {
        "unique": name,
        "friendly": name,
        "participants": [],
        "messages": [{"sid": "IM1", "author": "ana", "body": "Hello", "date_created": STAMP}],
        "webhooks": [],
    }
    world.users.append({"sid": "US" + "8" * 32, "identity": name, "date_created": STAMP})
    world.others = [{**stranger(1), "name": name}]
    with Server(world) as server:
        done = swept(server, apply=True, older_than=0)
        assert server.counted("^DELETE") == 0
    assert done.leftovers == ()
    assert world.left == (1, 0, 1, 0)


def test_what_belongs_to_another_service_is_left_alone() -> None:
    """The account's Orchestrator lists tests of all its services; only this one's are taken."""
    world = Carrying()
    address = {
        "channel": "CHAT",
        "address": "bridge-test-customer-0a0a0a0a",
        "channelId": "CH" + "e" * 32,
    }
    elsewhere = {
        **stranger(1),
        "participants": [{"id": "p", "addresses": [address]}],
        "configuration": {"conversationsV1Bridge": {"serviceId": "IS" + "f" * 32}},
    }
    world.others = [elsewhere]
    with Server(world) as server:
        assert swept(server, apply=True).leftovers == ()


@pytest.mark.parametrize(
    "path", ["/Users$", "/Services/[^/]+/Conversations$", "^GET /v2/Conversations$"]
)
def test_what_cannot_be_read_is_said_and_the_rest_is_done(path: str) -> None:
    """A list that fails is a finding; the sweep is not said to be complete."""
    world = Carrying()
    with Server(world) as server:
        killed(server, world)
        server.spoil(refuses(403, "not for this key"), path, None)
        done = swept(server, apply=True)
    assert not done.ok
    assert any("not for this key" in one.found for one in done.findings)
    assert done.counted("removed") > 0


def test_what_cannot_be_removed_is_said() -> None:
    """A refused removal leaves its thing, which is told; nothing is said to be removed."""
    world = Carrying()
    with Server(world) as server:
        killed(server, world)
        server.spoil(refuses(403, "no"), "^DELETE .*/Users/", None)
        done = swept(server, apply=True)
    assert not done.ok
    assert (done.counted("removed"), done.counted("left")) == (2, 2)
    assert world.left == (0, 0, 2, 0)


def test_a_line_that_breaks_once_is_no_trouble() -> None:
    """Removing is repeated where that is safe."""
    world = Carrying()
    with Server(world) as server:
        killed(server, world)
        server.spoil(drops_before, "^DELETE .*/Users/")
        assert swept(server, apply=True).ok
    assert world.left == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [{"older_than": -1.0}, {"older_than": float("nan")}, {"older_than": True}, {"older_than": 1e9}],
)
def test_an_age_that_is_none_is_refused(wrong: dict[str, Any]) -> None:
    """Before anything is sent."""
    with Server(Carrying()) as server:
        with pytest.raises(InvalidInput, match="older_than"):
            swept(server, **wrong)
        assert server.calls == []


@pytest.mark.parametrize("sid", ["", "IS12"])
def test_no_service_is_refused(sid: str) -> None:
    """Before anything is sent; there is no sweeping of everything."""
    with Server(Carrying()) as server, Session(account(server.url), QUICK) as session:
        with pytest.raises(InvalidInput, match="service_sid"):
            sweep(session, sid)
        assert server.calls == []


def test_a_service_that_is_not_there_is_said_once() -> None:
    """A sid of another account: not that all is well, and not to look again later."""
    with Server(Carrying()) as server:
        server.spoil(refuses(404, "not found"), "^GET /v1/Services/[^/]+/Conversations", None)
        found = swept(server)
    assert not found.ok
    [one] = found.findings
    assert one.found.startswith(f"There is no classic service {SERVICE_SID} in account AC")
    assert one.action.startswith("Pick one")
    assert "Nothing is left" not in found.summary


def test_a_sweep_goes_by_the_time_of_now() -> None:
    """Without a time of its own it takes the real one: the tests of years ago are old."""
    world = Carrying()
    with Server(world) as server, Session(account(server.url), QUICK) as session:
        killed(server, world)
        found = sweep(session, SERVICE_SID)
    old = datetime.now(UTC) - datetime.fromisoformat(STAMP) > timedelta(hours=1)
    assert found.counted("found" if old else "young") == 4


@pytest.mark.parametrize(
    ("states", "applied", "words"),
    [
        (("found",), False, "1 of 1 leftover can be removed."),
        (("found", "young"), False, "1 of 2 leftovers can be removed. 1 is so young"),
        (("young", "young"), False, "0 of 2 leftovers can be removed. 2 are so young"),
        (("not ours alone",), True, "0 of 1 leftover removed. 1 is left alone"),
    ],
)
def test_one_is_not_several(states: tuple[State, ...], applied: bool, words: str) -> None:
    """Nouns and verbs agree with how many there are."""
    found = tuple(Leftover("User", "US1", "bridge-test-1", None, state) for state in states)
    assert words in Swept(SERVICE_SID, applied, found, ()).summary
