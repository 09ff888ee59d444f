"""The test panel: both directions with their seconds, and what it says when one fails."""

from __future__ import annotations

from bridge_helpers.panels.verify import ProveBridge

from ..waiting import until
from . import driver
from .conftest import World


def opened(world: World, timeout: float = 10.0) -> ProveBridge:
    connection = world.connection()
    world.bridge(connection)
    panel = ProveBridge(connection, sync_timeout=timeout)
    driver.settle(panel)
    return panel


def test_a_service_without_a_bridge_cannot_be_tested_and_says_why(world: World) -> None:
    """The button names the step that comes first; creating the bridge and looking again helps."""
    connection = world.connection()
    panel = ProveBridge(connection)
    driver.settle(panel)
    assert driver.state(panel) == "needs attention"
    assert "open 02" in driver.find(panel, "Send a test message").reason
    world.bridge(connection)
    driver.press(panel, "Look again")
    assert driver.state(panel) == "ready"
    assert not driver.find(panel, "Send a test message").disabled


def test_a_message_crosses_and_everything_is_cleaned_up(world: World) -> None:
    """The verdict in one sentence, the lanes with seconds, and what was removed again."""
    panel = opened(world)
    driver.press(panel, "Send a test message", wait=40)
    words = driver.text(panel)
    assert panel.verified is not None
    assert panel.verified.verified, words
    assert driver.state(panel) in ("done", "needs attention")
    assert "Messages cross" in words
    for lane in panel.verified.lanes:
        assert lane.name in words
    assert "Removed classic conversation" in words


def test_while_it_runs_each_lane_says_what_it_is_doing(world: World) -> None:
    """During the test the lanes are told apart, in words, as messages leave and arrive."""
    panel = opened(world)
    told: list[str] = []
    panel.story.observe(lambda change: told.append(driver.plain(change["new"])), names="value")
    driver.press(panel, "Send a test message", wait=40)
    assert panel.verified is not None
    first, last = " ".join(told[0].split()), " ".join(told[-1].split())
    assert "classic → Orchestrator sending" in first
    assert first.count("not yet") == 2
    for lane in panel.verified.lanes:
        assert f"{lane.name} seen after" in last
    assert "read" not in last


def test_several_probes_give_median_percentile_and_a_picture(world: World) -> None:
    """Five rounds show a strip chart with a sentence for those who do not see it."""
    panel = opened(world)
    driver.pick(panel, "How often", "5 times")
    driver.press(panel, "Send a test message", wait=60)
    assert panel.verified is not None
    assert panel.verified.lanes[0].sent == 5
    markup = panel.result.children[0].value
    assert "<svg" in markup
    assert 'aria-label="Seconds from sent to seen.' in markup


def test_a_lost_message_is_a_failed_lane_with_what_to_look_at(world: World) -> None:
    """A message that does not cross is a failed lane, no error; the order to look is there."""
    panel = opened(world, timeout=1.5)
    world.fault("sync-lost", times=None)
    driver.press(panel, "Send a test message", wait=40)
    words = driver.text(panel)
    assert driver.state(panel) == "failed"
    assert "was not seen within" in words
    assert "Look, in this order" in words
    assert "Troubleshooting at Twilio" in words


def test_the_test_can_be_stopped_and_tidies_up(world: World) -> None:
    """Stopping needs attention, and the test conversation is removed all the same."""
    panel = opened(world, timeout=20)
    world.fault("sync-lost", times=None)
    driver.find(panel, "Send a test message").click()
    until(lambda: any("/Messages" in one for one in world.writes()), what="the test message")
    driver.find(panel, "Stop the test").click()
    driver.settle(panel)
    assert driver.state(panel) == "needs attention"
    deleted = [one for one in world.writes() if one.startswith("DELETE /v1/Services/")]
    assert len(deleted) == 1


def test_an_error_of_the_service_is_shown(world: World) -> None:
    """A refusal to make the test conversation is shown with its request id."""
    panel = opened(world)
    world.fault("status", method="POST", path="/Conversations$", status=403, times=None)
    driver.press(panel, "Send a test message", wait=40)
    assert driver.state(panel) == "failed"
    assert "Request id" in driver.text(panel)
