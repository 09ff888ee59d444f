"""The twin is what carries the classic sid, whenever it was born."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .carrying import Carrying, carried, stranger
from .server import Server
from .world import Call, Reply


@pytest.mark.parametrize("heeds_filter", [True, False])
@pytest.mark.parametrize("partial", [True, False])
def test_a_twin_as_old_as_the_conversation_is_no_stranger(
    partial: bool, heeds_filter: bool
) -> None:
    """
    It is there when the customer joins, before any message: without lag none is measured.

    Time stamps are whole seconds and all the same, list items may tell nothing but an id, and
    the filter may be ignored, so that conversations of others are listed as well.
    """
    world = Carrying(born="participant", partial=partial, heeds_filter=heeds_filter)
    world.others = [stranger(number) for number in range(3)]
    with Server(world) as server:
        seen = carried(server)
    assert seen.verified
    assert all(max(lane.seconds) < 1.0 for lane in seen.lanes)
    assert world.left == (0, 0, 0, 0)
    assert len(world.others) == 3


def test_what_is_there_before_the_test_is_not_looked_into_again() -> None:
    """Partial items of a long list that ignores the filter cost nothing each time."""
    world = Carrying(born="participant", partial=True, heeds_filter=False)
    world.others = [stranger(number) for number in range(40)]
    with Server(world) as server:
        assert carried(server).verified
        assert server.counted(f"^GET /v2/Conversations/{world.others[0]['id']}") == 0


def test_a_conversation_that_appears_meanwhile_is_not_taken_for_the_twin() -> None:
    """Another customer's, listed although it was not asked for: looked into once, and left."""
    world = Carrying(partial=True, heeds_filter=False)
    world.others.append(stranger(100))

    def busy(call: Call, work: Callable[[], Reply]) -> Reply:
        world.others.append(stranger(len(world.others)))
        return work()

    with Server(world) as server:
        server.spoil(busy, "^POST /v1/.*/Messages$", None)
        seen = carried(server)
        looks = server.counted(f"^GET /v2/Conversations/{world.others[1]['id']}$")
    assert seen.verified
    assert seen.conversation_id not in [one["id"] for one in world.others]
    assert looks <= 1
    assert len(world.others) == 3
    assert world.left == (0, 0, 0, 0)
