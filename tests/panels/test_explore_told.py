"""What the explore panel tells of its rows: from when they are, which they are, what passes."""

from __future__ import annotations

from . import driver
from .conftest import World
from .test_explore import keys, opened, shown


def test_rows_without_a_name_can_be_told_apart(world: World) -> None:
    """By the end of their ids, as all begin alike; the whole id is there for mouse and search."""
    world.seed(orchestrator_conversations=3)
    panel = opened(world)
    assert shown(panel)["name"].isna().all()
    names = [one["cells"][0] for one in panel.table.rows]
    assert [one.partition("…")[2] for one in names] == [one[-4:] for one in keys(panel)]
    assert len(set(names)) == 3
    assert [one["whole"] for one in panel.table.rows] == keys(panel)
    wanted = keys(panel)[1]
    driver.enter(panel, "Search", wanted)
    assert keys(panel) == [wanted]
