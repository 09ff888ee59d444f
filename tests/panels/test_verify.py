"""The test panel: both directions with their seconds, and what it says when one fails."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from bridge_helpers.onboarding.sweep import sweep
from bridge_helpers.onboarding.verify import (
    LANES,
    REPLY,
    TO_CLASSIC,
    TO_ORCHESTRATOR,
    Lane,
    Verified,
)
from bridge_helpers.panels.proving.panel import ProveBridge

from ..waiting import until
from . import driver
from .conftest import World


def opened(world: World, timeout: float = 10.0) -> ProveBridge:
    connection = world.connection()
    world.bridge(connection)
    panel = ProveBridge(connection, sync_timeout=timeout)
    driver.settle(panel)
    return panel


def keep_what_fails(panel: ProveBridge) -> None:
    driver.press(panel, "More settings")
    driver.pick(panel, "After a test that fails", "Keep")


def delete_bridge(world: World, panel: ProveBridge) -> None:
    """Somebody takes the bridge away."""
    assert panel.session is not None
    orchestrator = panel.session.orchestrator
    bridge = panel.contents.bridge(world.own.service_sid)
    assert bridge is not None
    key = "11111111-1111-4111-8111-111111111111"
    accepted = orchestrator.delete_configuration(bridge.id, key)
    assert accepted.operation_id is not None
    orchestrator.follow(accepted.operation_id, first_look=0.1)


def test_a_service_without_a_bridge_cannot_be_tested_and_says_why(world: World) -> None:
    """The button names the step that comes first; creating the bridge and looking again helps."""
    connection = world.connection()
    panel = ProveBridge(connection)
    driver.settle(panel)
    assert driver.state(panel) == "needs attention"
    assert "open 02" in driver.find(panel, "Send a test message").reason
    assert "02_create_bridge.ipynb" in panel.onward.value
    world.bridge(connection)
    driver.press(panel, "Look again")
    assert driver.state(panel) == "ready"
    assert panel.onward.value == ""
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


def test_several_rounds_give_median_percentile_and_a_picture(world: World) -> None:
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
    assert len([one for one in deleted if "/Conversations/" in one]) == 1
    assert len([one for one in deleted if "/Users/" in one]) == 2


def test_an_error_of_the_service_is_shown(world: World) -> None:
    """A refusal to make the test conversation is shown with its request id."""
    panel = opened(world)
    world.fault("status", method="POST", path="/Conversations$", status=403, times=None)
    driver.press(panel, "Send a test message", wait=40)
    assert driver.state(panel) == "failed"
    assert "Request id" in driver.text(panel)


def test_what_reacts_is_shown_before_anything_is_sent(world: World) -> None:
    """As soon as a bridged service is picked, without a press and without a write."""
    panel = opened(world)
    before = world.writes()
    assert panel.named is not None
    assert {one.check for one in panel.named} >= {"account webhooks", "status callbacks"}
    assert "What reacts to a test message" in driver.text(panel)
    assert world.writes() == before


def test_a_proof_with_a_warning_does_not_send_people_on(world: World) -> None:
    """The messages crossed and a User could not be removed: the status line says to look below."""
    panel = opened(world)
    world.fault("status", status=403, method="DELETE", path="/Users/", times=None)
    driver.press(panel, "Send a test message", wait=40)
    assert driver.state(panel) == "needs attention"
    assert "The bridge works, but" in driver.text(panel)
    assert "Next: open 05" not in driver.text(panel)


def test_on_the_customers_account_the_first_press_only_asks(world: World) -> None:
    """It names that messages will be sent; the second press sends them."""
    connection = world.connection("twilio")
    world.bridge(connection)
    panel = ProveBridge(connection, sync_timeout=10.0)
    driver.settle(panel)
    before = world.writes()
    driver.press(panel, "Send a test message")
    driver.find(panel, "Send a test message").click()
    assert "Nothing was sent yet" in driver.text(panel)
    assert world.writes() == before
    driver.press(panel, "Yes, send the test message", wait=40)
    assert panel.verified is not None
    assert panel.verified.verified
    assert driver.find(panel, "Send a test message")


def test_another_service_has_to_be_asked_for_again(world: World) -> None:
    """What was agreed to for one service holds for no other."""
    world.seed(services=1)
    connection = world.connection("twilio")
    world.bridge(connection)
    panel = ProveBridge(connection, service_sid=world.own.service_sid)
    driver.settle(panel)
    driver.press(panel, "Send a test message")
    other = next(o for o in panel.service.options if o["value"] != world.own.service_sid)
    panel.service.value = other["value"]
    driver.settle(panel)
    panel.service.value = world.own.service_sid
    driver.settle(panel)
    assert driver.find(panel, "Send a test message")


def test_a_failed_test_says_that_nothing_is_kept(world: World) -> None:
    """Nobody is told to give support an id that is gone."""
    panel = opened(world, timeout=1.0)
    world.fault("sync-lost", times=None)
    driver.press(panel, "Send a test message", wait=40)
    words = driver.text(panel)
    assert "conversations are gone" in words
    assert "Remove the test conversation" not in driver.labels(panel)
    assert "not tested: A message of the customer has to cross before it." in words


def test_a_failed_test_can_be_kept_and_removed(world: World) -> None:
    """Kept for support when asked for; a button removes it, and then it is gone."""
    panel = opened(world, timeout=1.0)
    world.fault("sync-lost", times=None)
    keep_what_fails(panel)
    driver.press(panel, "Send a test message", wait=40)
    assert panel.verified is not None
    assert panel.verified.conversation_sid in panel.verified.where_to_look
    assert "DELETE" not in " ".join(world.writes())
    driver.press(panel, "Remove the test conversation", wait=40)
    assert panel.verified.kept == ""
    assert "Removed classic conversation" in driver.text(panel)
    assert "Remove the test conversation" not in driver.labels(panel)


def test_leftovers_are_looked_for_and_removed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first button lists and writes nothing; what is too young is left alone."""
    panel = opened(world, timeout=1.0)
    driver.press(panel, "Leftovers")
    driver.press(panel, "Look for leftovers of earlier tests")
    assert "Nothing is left of earlier tests" in driver.text(panel)
    assert "Remove the leftovers" not in driver.labels(panel)
    world.fault("sync-lost", times=None)
    keep_what_fails(panel)
    driver.press(panel, "Send a test message", wait=40)
    before = world.writes()
    driver.press(panel, "Leftovers")
    driver.press(panel, "Look for leftovers of earlier tests")
    assert driver.text(panel).count("may still be at work") == 1
    assert driver.state(panel) == "needs attention", "young ones are left, so it is not done"
    assert "Remove the leftovers" not in driver.labels(panel)
    assert world.writes() == before
    whatever_its_age = partial(sweep, older_than=0)
    monkeypatch.setattr("bridge_helpers.panels.proving.panel.sweep", whatever_its_age)
    driver.press(panel, "Look for leftovers of earlier tests")
    assert world.writes() == before
    driver.press(panel, "Remove the leftovers")
    assert driver.state(panel) == "done"
    driver.press(panel, "Look for leftovers of earlier tests")
    assert "Nothing is left of earlier tests" in driver.text(panel)


def test_a_look_for_leftovers_leaves_the_result_in_view(world: World) -> None:
    """Verdict, lanes and ids stay; what was found stands below its button, until another test."""
    panel = opened(world, timeout=1.0)
    world.fault("sync-lost", times=None)
    keep_what_fails(panel)
    driver.press(panel, "Send a test message", wait=40)
    assert panel.verified is not None
    driver.press(panel, "Leftovers")
    driver.press(panel, "Look for leftovers of earlier tests")
    words = driver.text(panel)
    assert panel.verified.verdict in words
    assert f"Classic conversation {panel.verified.conversation_sid}" in " ".join(words.split())
    assert words.index("Last sign of life") < words.index(panel.verified.verdict)
    driver.press(panel, "Send a test message", wait=40)
    assert "Last sign of life" not in driver.text(panel)


def test_leftovers_that_were_found_go_with_the_test_conversation(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are the same things: removed by the one button, they are not offered by the other."""
    whatever_its_age = partial(sweep, older_than=0)
    monkeypatch.setattr("bridge_helpers.panels.proving.panel.sweep", whatever_its_age)
    panel = opened(world, timeout=1.0)
    world.fault("sync-lost", times=None)
    keep_what_fails(panel)
    driver.press(panel, "Send a test message", wait=40)
    driver.press(panel, "Leftovers")
    driver.press(panel, "Look for leftovers of earlier tests")
    assert "Last sign of life" in driver.text(panel)
    assert "Remove the leftovers" in driver.labels(panel)
    panel.question.ask("As listed below.", "Yes, remove 1 leftover", panel.remove_leftovers)
    driver.press(panel, "Remove the test conversation", wait=40)
    assert "Last sign of life" not in driver.text(panel)
    assert "Remove the leftovers" not in driver.labels(panel)
    assert not panel.question.asked
    driver.press(panel, "Look for leftovers of earlier tests")
    assert "Nothing is left of earlier tests" in driver.text(panel)


def test_a_bridge_that_is_gone_is_noticed_before_anything_is_sent(world: World) -> None:
    """Deleted after the panel was opened: said at once, and nothing is sent."""
    panel = opened(world)
    delete_bridge(world, panel)
    before = world.writes()
    driver.press(panel, "Send a test message")
    assert driver.state(panel) == "failed"
    assert "is not bridged" in driver.text(panel)
    assert world.writes() == before
    assert driver.text(panel).count("not tested: the test ended before") == 3
    assert "open 02" in driver.find(panel, "Send a test message").reason


def test_a_bridge_that_goes_while_a_message_is_waited_for_ends_the_test(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for the whole time for what cannot come; what was made is removed."""
    monkeypatch.setattr("bridge_helpers.onboarding.proof.round_trip.LOOK_AFTER", 0.5)
    panel = opened(world, timeout=60)
    world.fault("sync-lost", times=None)
    driver.find(panel, "Send a test message").click()
    until(lambda: any("/Messages" in one for one in world.writes()), what="the test message")
    delete_bridge(world, panel)
    driver.settle(panel, 40)
    assert "is not bridged any more" in driver.text(panel)
    assert any("DELETE /v1/Services" in one for one in world.writes())


def test_every_lane_is_told_also_when_the_test_was_stopped(world: World) -> None:
    """A lane that nothing was sent in is "not tested"; none vanishes."""
    panel = opened(world, timeout=20)
    world.fault("sync-lost", times=None)
    driver.find(panel, "Send a test message").click()
    until(lambda: any("/Messages" in one for one in world.writes()), what="the test message")
    until(lambda: "not seen yet" in panel.story.value, what="the wait")
    driver.find(panel, "Stop the test").click()
    driver.settle(panel)
    words = driver.text(panel)
    for lane in LANES:
        assert lane in words
    assert words.count("not tested: the test ended before") == 2


def test_stopping_keeps_the_rounds_that_are_done(world: World) -> None:
    """Stopped in round two or later of twenty: lanes and figures so far, told as not complete."""
    panel = opened(world)
    driver.pick(panel, "How often", "20 times")
    driver.find(panel, "Send a test message").click()
    until(lambda: "round 3 of 20" in panel.bar.text, what="round 3", seconds=40)
    assert "s left" in panel.bar.text
    driver.find(panel, "Stop the test").click()
    driver.settle(panel, 30)
    verified = panel.verified
    assert verified is not None
    assert verified.rounds >= 2
    assert not verified.complete
    assert all(lane.seconds for lane in verified.lanes)
    assert f"ended early, after {verified.rounds} of 20 rounds" in driver.text(panel)


@pytest.mark.parametrize("wrong", ["", "soon", "0", "-1", "3601", "nan"])
def test_the_wait_has_a_field_that_is_checked_at_once(world: World, wrong: str) -> None:
    """The notebook's parameter fills it; what is no number of seconds is said beside it."""
    panel = opened(world, timeout=12)
    driver.press(panel, "More settings")
    field = driver.find(panel, "Wait at most (seconds)")
    assert field.value == "12"
    driver.enter(panel, "Wait at most (seconds)", wrong)
    assert "above 0 and at most 3600" in field.error
    assert driver.find(panel, "Send a test message").disabled
    driver.enter(panel, "Wait at most (seconds)", "1.5")
    assert not driver.find(panel, "Send a test message").disabled


def test_being_bridged_is_good_here(world: World) -> None:
    """A step that needs a bridge marks those with one as good, and puts them first."""
    world.seed(services=2)
    panel = opened(world)
    first, *others = panel.service.options
    assert first["mark"].startswith("bridged by")
    assert first["good"]
    assert panel.service.value == first["value"]
    assert all(one["mark"] == "not bridged" and not one["good"] for one in others)


@pytest.mark.parametrize(
    ("failed", "seconds", "words"),
    [
        (TO_ORCHESTRATOR, (), "does the configuration still name this service"),
        (REPLY, (), "The customer's message crossed"),
        (TO_CLASSIC, (), "Both messages of classic crossed"),
        (TO_CLASSIC, (1.0,), "Some messages crossed and some did not"),
    ],
)
def test_advice_is_about_the_lane_that_failed(
    failed: str, seconds: tuple[float, ...], words: str
) -> None:
    """What crossed rules things out: nobody looks for a bridge that two lanes have proven."""
    lanes = tuple(
        Lane(name, seconds, len(seconds) + 1, "lost.") if name == failed else Lane(name, (1.0,), 1)
        for name in LANES
    )
    verified = Verified(
        verified=False,
        service_sid="IS" + "0" * 32,
        test_name="bridge-test-x",
        conversation_sid="CH" + "0" * 32,
        conversation_id=None,
        lanes=lanes,
        rounds=1,
        asked=1,
        complete=True,
        reactions=(),
        cleaned=(),
        kept="",
        findings=(),
        started_at=datetime.now(UTC),
    )
    assert words in verified.where_to_look
    assert ("still name this service" in verified.where_to_look) == (failed == TO_ORCHESTRATOR)
