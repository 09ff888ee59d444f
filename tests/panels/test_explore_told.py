"""What the explore panel tells of its rows: from when they are, which they are, what passes."""

from __future__ import annotations

from . import driver
from .conftest import World
from .test_explore import bridged, keys, opened, shown


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


def test_filters_that_nothing_passes_can_be_cleared(world: World) -> None:
    """All at once, and what was wrong in them is forgotten; offered only where nothing passes."""
    bridged(world)
    panel = opened(world)
    assert "Clear the filters" not in driver.labels(panel)
    driver.pick(panel, "Status", "CLOSED")
    driver.enter(panel, "Search", "nobody")
    driver.enter(panel, "Created until", "tomorrow")
    driver.press(panel, "Clear the filters")
    assert "3 of 3 conversations" in driver.text(panel)
    assert {driver.find(panel, one).value for one in ("Status", "Search", "Created until")} == {""}
    assert driver.find(panel, "Created until").error == ""
    assert "Clear the filters" not in driver.labels(panel)
