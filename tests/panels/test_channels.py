"""The panel that combines channels: one click for the guide's example, conflicts before costs."""

from __future__ import annotations

import pytest

from bridge_helpers.panels.combining.panel import CombineChannels
from bridge_helpers.panels.toolkit.connection import Connection

from . import driver
from .conftest import World


def opened(world: World, connection: Connection | None = None, **injected: str) -> CombineChannels:
    panel = CombineChannels(connection or world.connection(), **injected)
    driver.settle(panel)
    return panel


@pytest.fixture
def panel(world: World) -> CombineChannels:
    connection = world.connection()
    world.bridge(connection)
    world.sandbox.forget("requests")
    return opened(world, connection)


def test_before_there_is_a_bridge_it_says_so(world: World) -> None:
    """Nothing can be added, and the way to 02 is what can be pressed."""
    panel = opened(world)
    assert driver.state(panel) == "needs attention"
    assert "02_create_bridge" in panel.onward.value
    assert driver.find(panel, "Capture inbound calls").reason == "no service is bridged"
    assert world.writes() == []


def test_a_parameter_that_is_no_bridged_service_is_said_so(world: World) -> None:
    """Also where there is one bridged service only; that one can be picked instead."""
    connection = world.connection()
    world.bridge(connection)
    panel = opened(world, connection, service_sid="IS" + "0" * 32)
    assert "is not in this account" in driver.find(panel, "Classic service").error
    [only] = driver.find(panel, "Classic service").options
    driver.pick(panel, "Classic service", only["title"])
    assert driver.state(panel) == "ready"


def test_the_guides_example_is_one_click(panel: CombineChannels, world: World) -> None:
    """The owned number with voice is there already; the rule is shown in words, nothing sent."""
    number = world.own.phone_number
    assert driver.find(panel, "Number or sender").value == number
    assert "beside the bridge of Support chat" in panel.title.value
    driver.press(panel, "Capture inbound calls")
    assert f"Phone calls from anybody to {number}" in driver.text(panel)
    assert driver.state(panel) == "ready"
    assert world.writes() == []
    driver.press(panel, "Apply")
    assert driver.state(panel) == "done"
    assert world.writes()[-1].startswith("PATCH /v2/ControlPlane/Configurations/")
    assert panel.found is not None
    there = panel.found.proposal.there
    assert there is not None
    assert there.members["channelSettings"] == {
        "VOICE": {"captureRules": [{"from": "*", "to": number, "metadata": {"callType": "PSTN"}}]}
    }
    driver.press(panel, f"Release voice:{number}")
    driver.press(panel, "Apply")
    assert "Nothing is captured by rule." in driver.text(panel)


def test_a_rule_for_messages_that_the_bridge_carries_cannot_be_applied(
    panel: CombineChannels, world: World
) -> None:
    """The finding says why, the map marks it, and leaving it out makes all well."""
    driver.pick(panel, "Also capture", "SMS")
    driver.press(panel, "Capture SMS")
    shown = driver.text(panel)
    assert "comes over the bridge" in shown
    assert "Comes into Orchestrator twice" in shown
    assert driver.find(panel, "Apply").reason == "1 error below"
    assert driver.state(panel) == "needs attention"
    driver.press(panel, f"Leave out sms:{world.own.phone_number}")
    assert driver.find(panel, "Apply").reason == "nothing would change"
    assert "Comes into Orchestrator twice" not in driver.text(panel)
    assert world.writes() == []


def test_what_is_typed_wrong_is_said_at_the_field(panel: CombineChannels) -> None:
    """And nothing is asked."""
    before = panel.found
    driver.enter(panel, "Number or sender", "555")
    driver.press(panel, "Capture inbound calls")
    assert "E.164" in driver.find(panel, "Number or sender").error
    driver.enter(panel, "Number or sender", "+15551234567")
    driver.enter(panel, "Timeouts in minutes", "60/10")
    driver.press(panel, "Capture inbound calls")
    assert "INACTIVE" in driver.find(panel, "Timeouts in minutes").error
    assert panel.found is before


def test_timeouts_come_with_the_rule_and_starting_over_forgets_both(
    panel: CombineChannels,
) -> None:
    """A number that is not owned is an error beside it."""
    driver.enter(panel, "Number or sender", "+15551234567")
    driver.enter(panel, "Timeouts in minutes", "10/60")
    driver.press(panel, "Capture inbound calls")
    shown = driver.text(panel)
    assert "INACTIVE after 10 minutes, CLOSED after 60 minutes" in shown
    assert "+15551234567 is not owned" in shown
    driver.press(panel, "Start over")
    assert "Nothing is captured by rule." in driver.text(panel)


def test_on_twilio_a_second_button_has_to_be_pressed(world: World) -> None:
    """It names configuration and account; a double click agrees to nothing."""
    connection = world.connection("twilio")
    world.bridge(connection)
    world.sandbox.forget("requests")
    panel = opened(world, connection)
    driver.press(panel, "Capture inbound calls")
    driver.press(panel, "Apply")
    assert world.own.account_sid in driver.text(panel)
    assert driver.find(panel, "Apply").disabled
    assert world.writes() == []
    driver.press(panel, "No, go back")
    driver.press(panel, "Apply")
    driver.press(panel, "Change the channels")
    assert driver.state(panel) == "done"


def test_a_look_that_fails_is_shown_and_can_be_made_again(
    panel: CombineChannels, world: World
) -> None:
    """What was asked for is kept."""
    world.fault("status", status=403, code=20403, path="Configurations", times=None)
    driver.press(panel, "Capture inbound calls")
    assert driver.state(panel) == "failed"
    world.sandbox.forget("faults")
    driver.press(panel, "Capture inbound calls")
    assert driver.state(panel) == "ready"
    assert "Phone calls from anybody" in driver.text(panel)
