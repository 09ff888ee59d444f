"""After a test nothing is left: not when it held, failed, was stopped, or met an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import (
    Cancelled,
    Forbidden,
    NotProven,
    ServerError,
)
from bridge_helpers.onboarding.verify import remove_kept
from bridge_helpers.panels.toolkit import text

from .carrying import Carrying, after, carried
from .children import account
from .conftest import QUICK, Clock
from .server import Server, refuses
from .world import Call, Reply, refused

MAKING = "^POST /v1/Services/IS[^/]+/Conversations$"


def test_a_conversation_that_was_never_told_is_removed_too() -> None:
    """Made, the answer lost, and the account not readable for a while: it is found by its name."""
    world = Carrying()
    with Server(world) as server:
        server.spoil(after(refuses(504, "gateway")), MAKING)
        server.spoil(refuses(503, "busy"), "^GET /v1/Services/.*/Conversations/", QUICK.attempts)
        with pytest.raises(ServerError):
            carried(server)
    assert world.left == (0, 0, 0, 0)


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
    assert world.left == (0, 0, 0, 0)


@pytest.mark.parametrize("shows", [True, False])
def test_a_twin_that_comes_late_is_removed_or_told(shows: bool) -> None:
    """Not seen in time: it is waited for once more, and what may still appear is said."""
    world = Carrying(lag=60.0)

    def deleted(call: Call, work: Callable[[], Reply]) -> Reply:
        for twin in world.twins.values():
            twin["from"] -= 60.0 * shows
        return work()

    with Server(world) as server:
        server.spoil(deleted, "^DELETE /v1/.*/Conversations/")
        seen = carried(server, timeout=0.5)
    assert not seen.verified
    assert (len(world.open), len(world.users)) == (0, 0)
    assert bool(world.twins) == (not shows)
    assert [one.level for one in seen.findings] == ["info"] * (not shows)
    assert all(seen.conversation_sid in one.action for one in seen.findings)
    assert all("bridge-workbook sweep" in one.action for one in seen.findings)


def test_a_twin_that_carries_another_channel_is_left() -> None:
    """Grouped with a customer's call: removing it would remove the call as well."""
    world = Carrying(born="participant")

    def with_a_call(call: Call, work: Callable[[], Reply]) -> Reply:
        reply = work()
        told = reply.told()
        call_leg = {"channel": "VOICE", "address": "+15551230000", "channelId": "CA" + "1" * 32}
        told["participants"].append({"id": "caller", "addresses": [call_leg]})
        return Reply.of(told)

    with Server(world) as server:
        server.spoil(with_a_call, "^GET /v2/Conversations/[^/]+/Participants", None)
        seen = carried(server)
    assert seen.verified
    assert len(world.twins) == 1
    assert (len(world.open), len(world.users)) == (0, 0)
    assert ["+15551230000" in one.found for one in seen.findings] == [True]


@pytest.mark.parametrize("more", [(), ("ana@example.com",)])
def test_a_profile_of_the_test_goes_and_a_customers_stays(more: tuple[str, ...]) -> None:
    """A profile whose only identifier is the test's was made for it; any other is somebody's."""
    world = Carrying()

    def resolves(call: Call, work: Callable[[], Reply]) -> Reply:
        reply = work()
        identity = world.users[0]["identity"]
        profile = "mem_profile_0" + "2" * 25
        world.profiles[profile] = [identity, *more]
        world.profile_of[identity] = profile
        return reply

    with Server(world) as server:
        server.spoil(resolves, "^POST /v1/.*/Messages$")
        seen = carried(server)
    assert seen.verified
    assert world.left == (0, 0, 0, len(more))
    assert ["identifiers" in one.found for one in seen.findings] == [True] * len(more)


def test_what_cannot_be_removed_is_said() -> None:
    """A refused removal is a warning that names the thing; the rest is removed all the same."""
    world = Carrying()
    with Server(world) as server:
        server.spoil(refuses(403, "no"), "^DELETE /v1/.*/Users/", None)
        seen = carried(server)
    assert seen.verified
    assert world.left == (0, 0, 2, 0)
    assert [one.level for one in seen.findings] == ["warning", "warning"]
    assert all("User bridge-test-" in one.found for one in seen.findings)


def test_the_users_of_a_test_go_after_its_conversation_and_the_twin_between() -> None:
    """In this order nothing can be written, and no late message makes a twin anew."""
    with Server(Carrying()) as server:
        carried(server)
        gone = [one.path.split("/") for one in server.calls if one.method == "DELETE"]
    assert [parts[1] for parts in gone] == ["v1", "v2", "v1", "v1"]
    assert [parts[-2] for parts in gone] == ["Conversations", "Conversations", "Users", "Users"]


def test_the_clean_up_goes_by_the_given_clock() -> None:
    """Minutes of waiting pass at once, and all of them on that clock."""
    world, clock = Carrying(lag=1e6), Clock()
    begun = time.monotonic()
    with Server(world) as server:
        seen = carried(server, clock=clock, sleep=clock.sleep, timeout=100.0)
    assert not seen.verified
    assert sum(clock.waits) >= 109.9
    assert time.monotonic() - begun < 60.0


def test_a_failed_test_says_that_its_conversations_are_gone() -> None:
    """Support is given what still exists: account, time, message and request ids."""
    world = Carrying(lag=1e6)
    with Server(world) as server:
        seen = carried(server, timeout=0.3)
    assert seen.kept == ""
    with pytest.raises(NotProven) as failed:
        seen.require()
    assert "are gone" in failed.value.action
    assert "IM0" in failed.value.why
    assert "RQ7" in failed.value.why
    assert "UTC" in failed.value.why


def test_a_failed_test_can_be_kept_and_removed_later() -> None:
    """Kept for support, with the command that removes it; then nothing is left."""
    world = Carrying(lag=1e6)
    with Server(world) as server:
        seen = carried(server, timeout=0.3, keep=True)
        assert (len(world.open), len(world.users)) == (1, 2)
        assert seen.cleaned == ()
        assert "bridge-workbook sweep" in seen.where_to_look
        assert seen.conversation_sid in seen.where_to_look
        for twin in world.twins.values():
            twin["from"] = 0.0
        with Session(account(server.url), QUICK) as session:
            after_all = remove_kept(session, seen)
    assert after_all.kept == ""
    assert "are gone" in after_all.where_to_look
    assert world.left == (0, 0, 0, 0)


def test_a_test_that_held_keeps_nothing() -> None:
    """Keeping is for those that failed."""
    world = Carrying()
    with Server(world) as server:
        assert carried(server, keep=True).kept == ""
    assert world.left == (0, 0, 0, 0)


def test_an_error_says_what_could_not_be_removed() -> None:
    """The test could not be made, and its conversation stays: both are told."""
    with Server(Carrying()) as server:
        server.spoil(refuses(403, "no"), "^POST /v1/.*/Participants$", None)
        server.spoil(refuses(403, "never"), "^DELETE /v1/.*/Conversations/", None)
        with pytest.raises(Forbidden) as failed:
            carried(server)
    assert "could not be removed" in failed.value.why
    # A line for each thing, which a panel shows as a list.
    lines = failed.value.why.splitlines()
    [left] = [line for line in lines if line.startswith("- ")]
    assert left.startswith("- The classic conversation CH")
    assert lines[lines.index(left) - 1] == "What the test had made could not all be removed:"
    assert lines[-1].startswith("Look for leftovers of earlier tests later")
    assert "<ul><li>The classic conversation CH" in text.error_box(failed.value)
