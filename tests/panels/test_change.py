"""The panel of 07: each change is seen before it is sent, and every one has a way back."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from bridge_helpers.onboarding.change import propose_change
from bridge_helpers.onboarding.change.writing import write_change
from bridge_helpers.onboarding.journal import Journal, Scope
from bridge_helpers.panels.changing.panel import ChangeOrRollBack
from bridge_helpers.panels.toolkit.connection import Connection

from . import driver
from .conftest import World


def opened(world: World, connection: Connection | None = None) -> ChangeOrRollBack:
    panel = ChangeOrRollBack(connection or world.connection())
    driver.settle(panel)
    return panel


@pytest.fixture
def panel(world: World) -> ChangeOrRollBack:
    """The panel on the account's first service, bridged as the guide says."""
    connection = world.connection()
    world.bridge(connection)
    world.sandbox.forget("requests")
    return opened(world, connection)


def configurations(panel: ChangeOrRollBack) -> list[dict[str, Any]]:
    assert panel.session is not None
    return [one.members for one in panel.session.orchestrator.configuration_documents()]


def rename(panel: ChangeOrRollBack, name: str) -> None:
    driver.enter(panel, "Display name", name)
    driver.press(panel, "Look at the difference")
    driver.press(panel, "Apply")


def test_without_a_bridge_there_is_nothing_to_press(world: World) -> None:
    """The way to 02 is what can be pressed."""
    panel = opened(world)
    assert driver.state(panel) == "needs attention"
    assert "02_create_bridge" in panel.onward.value
    assert "No configuration bridges this service" in driver.text(panel)
    assert "Apply" not in driver.labels(panel)
    assert world.writes() == []


def test_what_exists_is_said_in_words_and_nothing_is_written(
    panel: ChangeOrRollBack, world: World
) -> None:
    """Also why the grouping cannot be changed; looking at all four actions sends nothing."""
    shown = driver.text(panel)
    assert driver.state(panel) == "ready"
    for words in ("classic-bridge-config", "By participant addresses, fixed", "ACTIVE"):
        assert words in shown
    assert "disconnect this configuration and create a bridge" in shown
    assert driver.find(panel, "Look at the difference").reason == "change something first"
    for action in ("Go back", "Disconnect", "Delete", "Change settings"):
        driver.pick(panel, "What to do", action)
    assert world.writes() == []


def test_a_change_is_seen_looked_at_and_applied(panel: ChangeOrRollBack, world: World) -> None:
    """The difference is live; the PATCH names what differs alone; the way back is told."""
    driver.enter(panel, "Display name", "acme support")
    assert "What you have changed" in driver.text(panel)
    assert "acme support" in panel.difference.value
    assert driver.find(panel, "Apply").reason == "look at it first"
    world.customer_writes("I am still here")
    world.sandbox.advance(5)
    driver.press(panel, "Look at the difference")
    assert "will keep the configuration" in driver.text(panel)
    assert "curl" in panel.difference.value
    assert world.writes() == []
    driver.press(panel, "Apply")
    assert driver.state(panel) == "done"
    [write] = world.writes()
    assert write.startswith("PATCH /v2/ControlPlane/Configurations/")
    assert panel.applied is not None
    assert panel.applied.proposal.body == {"displayName": "acme support"}
    [there] = configurations(panel)
    assert there["displayName"] == "acme support"
    assert "acme support is changed." in driver.text(panel)
    assert "bridge-workbook restore --service-sid" in driver.text(panel)
    assert driver.find(panel, "Look at the difference").reason == "change something first"


def test_editing_after_the_look_has_to_be_looked_at_again(
    panel: ChangeOrRollBack, world: World
) -> None:
    """What is applied is what was shown."""
    driver.enter(panel, "Display name", "one")
    driver.press(panel, "Look at the difference")
    driver.enter(panel, "Display name", "two")
    assert driver.find(panel, "Apply").reason == "look at it first"
    driver.enter(panel, "Display name", "classic-bridge-config")
    assert driver.find(panel, "Look at the difference").reason == "change something first"
    assert world.writes() == []


def test_what_is_typed_wrong_is_said_at_its_field(panel: ChangeOrRollBack, world: World) -> None:
    """And what is right beside it can be corrected."""
    driver.press(panel, "Memory, timeouts, intelligence, callbacks")
    driver.enter(panel, "CHAT timeouts", "60/15")
    assert "INACTIVE has to come before CLOSED" in driver.find(panel, "CHAT timeouts").error
    driver.enter(panel, "Display name", "a/b")
    reason = driver.find(panel, "Look at the difference").reason
    assert reason == "correct: Display name, CHAT timeouts"
    assert world.writes() == []


def test_options_are_switched_on_and_off(panel: ChangeOrRollBack) -> None:
    """Extraction without timeouts is warned of; an empty field removes what was there."""
    driver.press(panel, "Memory, timeouts, intelligence, callbacks")
    driver.pick(panel, "Memory extraction", "On")
    driver.press(panel, "Look at the difference")
    assert "CHAT has no timeouts" in driver.text(panel)
    driver.enter(panel, "CHAT timeouts", "15/60")
    driver.press(panel, "Look at the difference")
    assert "CHAT has no timeouts" not in driver.text(panel)
    driver.press(panel, "Apply")
    [there] = configurations(panel)
    assert there["memoryExtractionEnabled"] is True
    assert there["channelSettings"]["CHAT"]["statusTimeouts"] == {"inactive": 15, "closed": 60}
    driver.press(panel, "Memory, timeouts, intelligence, callbacks")
    driver.enter(panel, "CHAT timeouts", "")
    driver.press(panel, "Look at the difference")
    driver.press(panel, "Apply")
    [there] = configurations(panel)
    assert not (there.get("channelSettings") or {}).get("CHAT")


def test_values_that_would_be_refused_here_do_not_stand_in_the_way(
    panel: ChangeOrRollBack, world: World
) -> None:
    """Somebody else set only one timeout: another member can be changed, and it stays."""
    assert panel.session is not None
    setting = {"CHAT": {"statusTimeouts": {"closed": 60}}}
    write_change(
        panel.session,
        configurations(panel)[0]["id"],
        {"channelSettings": setting},
        service_sid=world.own.service_sid,
    )
    again = opened(world)
    rename(again, "other")
    [there] = configurations(again)
    assert there["displayName"] == "other"
    assert there["channelSettings"]["CHAT"]["statusTimeouts"]["closed"] == 60


def test_going_back_shows_its_difference_first(panel: ChangeOrRollBack, world: World) -> None:
    """The newest snapshot is chosen; restoring it is a change, with a snapshot of its own."""
    [original] = configurations(panel)
    rename(panel, "other name")
    world.sandbox.forget("requests")
    driver.pick(panel, "What to do", "Go back")
    assert "before a change" in driver.find(panel, "Snapshot").chosen["title"]
    assert "classic-bridge-config" in panel.difference.value
    assert world.writes() == []
    driver.press(panel, "Restore")
    assert driver.state(panel) == "done"
    assert "is again what it was" in driver.text(panel)
    [there] = configurations(panel)
    owned = ("version", "updatedAt")
    assert {k: v for k, v in there.items() if k not in owned} == {
        k: v for k, v in original.items() if k not in owned
    }
    assert len(driver.find(panel, "Snapshot").options) == 2


@pytest.mark.parametrize("action", ["Disconnect", "Delete"])
def test_taking_away_says_to_whom_asks_the_name_and_can_be_undone(
    panel: ChangeOrRollBack, world: World, action: str
) -> None:
    """What happens is said before the name can be typed; afterwards what is left; then back."""
    world.customer_writes("Hello")
    driver.pick(panel, "What to do", action)
    shown = driver.text(panel)
    assert "no longer reach Orchestrator" in shown
    assert f"Messages of {panel.contents.service_name(world.own.service_sid)}" in shown
    assert "goes on as it is" in shown
    # Nothing by its id alone that has a name, and no JSON.
    [store] = panel.contents.stores
    assert store.id not in driver.plain(panel.consequences.value)
    service = panel.contents.service_name(world.own.service_sid)
    assert (
        f"{service} ({world.own.service_sid})".lower()
        in driver.plain(panel.difference.value.partition("curl")[0]).lower()
    )
    assert "settings change" not in panel.status.value
    assert action in panel.status.value
    # Side by side, so that the button below is in view.
    assert panel.confirm.widget in panel.agreeing.children
    assert "The name is  classic-bridge-config" in shown
    assert driver.find(panel, action).reason == "type the name to confirm"
    driver.enter(panel, "Type its name to confirm", "classic-bridge")
    assert driver.find(panel, action).disabled
    driver.enter(panel, "Type its name to confirm", "classic-bridge-config")
    assert world.writes() == []
    driver.press(panel, action)
    assert driver.state(panel) == "done"
    shown = driver.text(panel)
    assert "What is left" in shown
    assert "nothing bridges it" in shown
    assert [one.get("conversationsV1Bridge") for one in configurations(panel)] == (
        [None] if action == "Disconnect" else []
    )
    # Opened again, it offers to go back.
    again = opened(world)
    assert driver.find(again, "What to do").value == "restore"
    driver.press(again, "Restore")
    assert driver.state(again) == "done"
    [there] = configurations(again)
    assert there["conversationsV1Bridge"]["serviceId"].lower() == world.own.service_sid.lower()


def test_on_twilio_a_change_is_asked_for_once_more(world: World) -> None:
    """The question names the account; the name that is typed is enough where it is asked for."""
    connection = world.connection("twilio")
    world.bridge(connection)
    world.sandbox.forget("requests")
    panel = opened(world, connection)
    rename(panel, "acme")
    assert "Twilio account" in driver.text(panel)
    assert driver.find(panel, "Apply").disabled
    assert world.writes() == []
    driver.press(panel, "No, go back")
    driver.press(panel, "Apply")
    driver.press(panel, "Yes, apply it")
    assert driver.state(panel) == "done"
    assert len(world.writes()) == 1


def test_somebody_elses_edit_after_the_look_is_noticed(
    panel: ChangeOrRollBack, world: World
) -> None:
    """Nothing is written; looked at again it can be applied, and both changes stand."""
    driver.enter(panel, "Display name", "ours")
    driver.press(panel, "Look at the difference")
    with world.sandbox.client(world.own) as http:
        path = f"/v2/ControlPlane/Configurations/{configurations(panel)[0]['id']}"
        assert http.patch(path, json={"description": "theirs"}).is_success
    world.sandbox.advance(5)
    world.sandbox.forget("requests")
    driver.press(panel, "Apply")
    assert driver.state(panel) == "failed"
    assert "was changed since it was looked at" in driver.text(panel)
    assert world.writes() == []
    driver.press(panel, "Look at the difference")
    driver.press(panel, "Apply")
    [there] = configurations(panel)
    assert (there["displayName"], there["description"]) == ("ours", "theirs")


def test_an_operation_that_fails_is_shown_and_changes_nothing(
    panel: ChangeOrRollBack, world: World
) -> None:
    """It can be looked at and applied again."""
    world.fault("operation-fails", times=1)
    rename(panel, "acme")
    assert driver.state(panel) == "failed"
    assert configurations(panel)[0]["displayName"] == "classic-bridge-config"
    driver.press(panel, "Look at the difference")
    driver.press(panel, "Apply")
    assert driver.state(panel) == "done"


def test_what_was_begun_and_is_not_over_is_resumed(panel: ChangeOrRollBack, world: World) -> None:
    """A kernel that died in the middle: the panel says so, and one press sees it through."""
    assert panel.session is not None
    session, service_sid = panel.session, world.own.service_sid
    proposal = propose_change(session, service_sid, {"displayName": "begun"})
    Journal().begin(
        Scope.of(session, service_sid),
        str(uuid.uuid4()),
        proposal.body,
        kind="change",
        configuration_id=proposal.configuration_id,
        before=proposal.there,
    )
    again = opened(world)
    assert driver.state(again) == "needs attention"
    assert "is not over" in driver.text(again)
    assert world.writes() == []
    driver.press(again, "Resume")
    assert driver.state(again) == "done"
    assert configurations(again)[0]["displayName"] == "begun"
    assert len(world.writes()) == 1
    assert "Resume" not in driver.labels(again)


def test_the_list_of_open_conversations_is_a_file_too(
    panel: ChangeOrRollBack, world: World
) -> None:
    """The browser gets it, and the panel goes on where it was."""
    world.customer_writes("Hello")
    world.sandbox.advance(5)
    driver.enter(panel, "Display name", "acme")
    driver.press(panel, "Look at the difference")
    saved = driver.download(panel, "Save them as CSV")
    assert saved is not None
    assert saved[0].endswith(".csv")
    assert b"conv_conversation_" in saved[1]
    driver.press(panel, "Apply")
    assert driver.state(panel) == "done"


def test_a_failure_to_read_is_shown_and_can_be_tried_again(world: World) -> None:
    """Also where nothing could be read at all; and a bridge that came meanwhile is found."""
    connection = world.connection()
    world.fault("status", path="Configurations", status=403, times=None)
    panel = opened(world, connection)
    assert driver.state(panel) == "failed"
    world.sandbox.forget("faults")
    driver.press(panel, "Read again")
    assert "02_create_bridge" in panel.onward.value
    world.bridge(connection)
    driver.press(panel, "Read again")
    assert driver.state(panel) == "ready"
    assert "classic-bridge-config" in driver.text(panel)


def test_a_parameter_that_is_no_service_is_said_so(world: World) -> None:
    """It is not taken for another one."""
    panel = ChangeOrRollBack(world.connection(), "IS0123 nonsense")
    driver.settle(panel)
    assert "is not in this account" in driver.find(panel, "Classic service").error
    assert driver.state(panel) == "needs attention"
    assert world.writes() == []


def test_text_from_outside_is_escaped(world: World) -> None:
    """A name that is markup is shown as its text."""
    connection = world.connection()
    world.bridge(connection)
    panel = opened(world, connection)
    driver.press(panel, "Edit the description")
    driver.enter(panel, "Description", "<script>alert(1)</script>")
    driver.press(panel, "Look at the difference")
    assert "&lt;script&gt;" in panel.difference.value
    assert "<script>" not in panel.difference.value
