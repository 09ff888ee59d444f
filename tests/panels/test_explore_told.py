"""What the explore panel tells of its rows: from when they are, which they are, what passes."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge_helpers.panels.exploring.panel import Explore

from . import driver
from .conftest import World
from .test_explore import bridged, keys, opened, shown


def test_rows_that_could_not_be_read_again_say_from_when_they_are(world: World) -> None:
    """The old ones stay below the error, with the time of their reading."""
    bridged(world)
    panel = opened(world)
    assert f"as of {datetime.now(UTC):%Y-%m-%d}" in driver.text(panel)
    panel._read_at = datetime(2026, 11, 24, 2, 23, tzinfo=UTC)
    driver.enter(panel, "Search", "conv")
    world.fault("status", path="/v2/Conversations", status=403, times=1)
    driver.press(panel, "Read again")
    assert driver.state(panel) == "failed"
    assert len(keys(panel)) == 3
    assert "as of 2026-11-24 02:23" in driver.text(panel)
    driver.enter(panel, "Search", "")
    assert driver.state(panel) == "failed"
    driver.press(panel, "Read again")
    assert "as of 2026-11-24 02:23" not in driver.text(panel)


def open_first(panel: Explore) -> None:
    panel.table.press(keys(panel)[0])
    driver.settle(panel)
    assert "Opened: 1 communication." in driver.text(panel)
    assert "3 conversations read at" not in driver.text(panel)


def test_what_was_read_is_told_again_after_a_row(world: World) -> None:
    """Once it is closed, by hand or by a filter, the line is about the table again."""
    bridged(world)
    panel = opened(world)
    open_first(panel)
    panel.table.press("")
    driver.settle(panel)
    assert "3 conversations read at" in panel.status.value
    open_first(panel)
    driver.enter(panel, "Search", "nobody")
    assert "3 conversations read at" in panel.status.value


def fail_to_open(world: World, panel: Explore) -> None:
    world.fault("status", path="/Participants", status=403, times=1)
    panel.table.press(keys(panel)[0])
    driver.settle(panel)
    assert driver.state(panel) == "failed"
    assert panel.trouble.value


def test_what_was_read_is_told_again_after_a_row_that_could_not_be_opened(world: World) -> None:
    """The error is seen until something else is done; that of a later reading is not lost."""
    bridged(world)
    panel = opened(world)
    for words in ("", "conv"):
        fail_to_open(world, panel)
        if words:
            driver.enter(panel, "Search", words)
        else:
            panel.table.press("")
            driver.settle(panel)
        assert driver.state(panel) == "done"
        assert panel.trouble.value == ""
        assert "3 conversations read at" in panel.status.value
    fail_to_open(world, panel)
    world.fault("status", path="/v2/Conversations", status=403, times=1)
    driver.press(panel, "Read again")
    driver.enter(panel, "Search", "")
    assert driver.state(panel) == "failed"
    assert panel.trouble.value


def test_a_part_that_was_read_is_told_again_after_a_row(world: World) -> None:
    """With the reason why there is no more."""
    world.seed(orchestrator_conversations=1200)
    connection = world.connection()
    world.fault("status", path="/v2/Conversations", status=403, after=1, times=None)
    panel = Explore(connection)
    driver.settle(panel, 40)
    why = panel.trouble.value
    world.sandbox.forget("faults")
    panel.table.press(keys(panel)[0])
    driver.settle(panel)
    assert panel.trouble.value == ""
    panel.table.press("")
    driver.settle(panel)
    assert driver.state(panel) == "needs attention"
    assert "Not all: " in panel.status.value
    assert panel.trouble.value == why


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
