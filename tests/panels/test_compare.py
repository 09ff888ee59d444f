"""The panel of 06: compare, cancel, continue, open a gap, read why, watch; nothing is written."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge_helpers.panels.comparing.panel import Compare
from bridge_helpers.panels.start import StartMap
from bridge_helpers.panels.toolkit import values
from bridge_helpers.panels.toolkit.table import TableView

from ..sandbox_process import SandboxProcess
from ..waiting import until
from . import driver
from .conftest import World


@pytest.fixture(scope="module")
def hours() -> Iterator[SandboxProcess]:
    """A sandbox of this file's own: planting lets its clock go on."""
    with SandboxProcess("--operation-seconds", "0", "--lag", "0.2") as running:
        yield running


@pytest.fixture
def world(
    hours: SandboxProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[World]:
    values.forget_typed()
    hours.forget("faults")
    opened = World(hours, hours.account(conversations=3), monkeypatch, tmp_path)
    yield opened
    opened.close()


def planted(world: World, conversations: int = 40, **kinds: int) -> dict[str, list[str]]:
    told = world.sandbox.control(
        "plant",
        account_sid=world.own.account_sid,
        conversations=conversations,
        kinds=kinds,
    )
    world.sandbox.forget("requests")
    found: dict[str, list[str]] = told["planted"]
    return found


def panel_of(world: World) -> Compare:
    panel = Compare(world.connection())
    driver.settle(panel)
    return panel


def rows(panel: Compare) -> list[str]:
    """The first cell of each gap that is shown."""
    return [one["cells"][0] for one in driver.find(panel, "Gaps", TableView).rows]


def test_before_there_is_a_bridge(world: World) -> None:
    """It says where to begin, and nothing can be pressed."""
    panel = panel_of(world)
    assert "Open 02" in driver.text(panel)
    assert driver.find(panel, "Compare").disabled
    assert "02_create_bridge.ipynb" in panel.onward.value


def test_comparing_shows_percentage_states_and_gaps(world: World) -> None:
    """All with words beside them; the gaps can be downloaded; the map of 00 knows it."""
    gaps = planted(world, missing=2, lagging=1)
    panel = panel_of(world)
    assert driver.state(panel) == "ready"
    driver.press(panel, "Compare")
    words = re.sub(r"\s+", " ", driver.text(panel))
    assert "92.5 % in sync" in words
    assert "37 in sync" in words
    assert "2 missing" in words
    # The figures stand once, in large type; the status line says what can be done.
    assert panel.status.value == "Compared. Click a gap to read why it is one, and what to do."
    assert "3 before the bridge" in words
    assert sorted(rows(panel)) == sorted([*gaps["missing"], *gaps["lagging"]])
    assert driver.state(panel) == "needs attention"
    saved = driver.download(panel, "Download the gaps (CSV)")
    assert saved is not None
    assert len(list(csv.DictReader(saved[1].decode().splitlines()))) == 3
    assert world.writes() == []
    start = StartMap(world.connection())
    driver.settle(start)
    assert "92.5 % in sync" in driver.text(start)


def test_a_gap_is_opened_and_says_why(world: World) -> None:
    """The reason, what to do and the facts stand below its row."""
    gaps = planted(world, missing=1)
    panel = panel_of(world)
    driver.press(panel, "Compare")
    table = driver.find(panel, "Gaps", TableView)
    table.press(table.rows[0]["key"])
    driver.settle(panel)
    words = driver.text(panel)
    assert "Test the bridge" in words
    assert "who it would be" in words
    assert panel.told is not None
    assert panel.told.conversation_sid == gaps["missing"][0]


def test_cancelled_and_continued(world: World) -> None:
    """What was compared stays, and Continue goes on from there, to the same end."""
    planted(world, 150, missing=2)
    world.fault("slow", seconds=0.1, path="Messages", times=None)
    panel = panel_of(world)
    driver.find(panel, "Compare").click()
    until(lambda: "compared" in panel.bar.text)
    panel.stopped()
    driver.settle(panel)
    assert driver.state(panel) == "needs attention"
    assert "Press Continue" in driver.text(panel)
    assert "run it again" not in driver.text(panel)
    world.sandbox.forget("faults")
    driver.press(panel, "Continue")
    assert panel.found is not None
    assert panel.found.complete
    assert panel.found.continued is not None
    assert panel.found.matched == 148
    assert "went on with" in driver.text(panel)


def test_what_this_key_may_not_read_is_not_gone_on_with(world: World) -> None:
    """Everything else was compared: there is nothing to continue, only to compare again."""
    planted(world, 20)
    world.fault("status", status=403, path="Messages", times=1, after=3)
    panel = panel_of(world)
    driver.press(panel, "Compare")
    assert panel.found is not None
    assert panel.found.refused
    assert "1 could not be read" in driver.text(panel)
    assert panel.go.label == "Compare again"


def test_watching(world: World) -> None:
    """Each round is told; a gap that stays needs attention; what is no number is refused."""
    planted(world, 10, missing=1)
    panel = panel_of(world)
    driver.enter(panel, "Watch every (seconds)", "soon")
    driver.press(panel, "Watch")
    assert "has to be a number" in driver.text(panel)
    driver.enter(panel, "Watch every (seconds)", "0.2")
    driver.enter(panel, "for (minutes)", "0.01")
    driver.press(panel, "Watch")
    assert len(panel.rounds) >= 2
    words = driver.text(panel)
    assert "Round 1: 90 % in sync, 1 new" in words
    assert "1 stuck" in words
    assert f"Watched for {len(panel.rounds)} rounds." in panel.status.value
    assert "in sync" not in panel.status.value
    assert "<svg" in panel.pictures.value
    assert driver.state(panel) == "needs attention"


def test_gaps_are_sorted_and_paged(world: World) -> None:
    """A heading sorts, and again the other way round; a page holds so many."""
    planted(world, 40, missing=12, lagging=3)
    panel = panel_of(world)
    driver.press(panel, "Compare")
    table = driver.find(panel, "Gaps", TableView)
    assert (len(table.rows), table.total) == (10, 15)
    table.turn(10)
    assert len(table.rows) == 5
    table.sort("sid")
    first = rows(panel)
    assert first == sorted(first)
    table.sort("sid")
    assert rows(panel) == sorted(rows(panel), reverse=True)
