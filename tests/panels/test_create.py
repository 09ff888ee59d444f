"""The create panel: live request, exactly one bridge, waiting, resuming, and differences."""

from __future__ import annotations

import pytest

from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.panels.creating.panel import CreateBridge
from bridge_helpers.panels.toolkit import values
from bridge_helpers.progress import step_context
from bridge_helpers.settings import Account

from ..waiting import until
from . import driver
from .conftest import World


def opened(world: World, target: str = "sandbox", **injected: str) -> CreateBridge:
    panel = CreateBridge(world.connection(target), **injected)
    driver.settle(panel)
    return panel


def posts(world: World) -> int:
    return world.writes().count("POST /v2/ControlPlane/Configurations")


def polls(world: World) -> int:
    """How often operations have been looked at."""
    counts = world.sandbox.read("requests")["counts"]
    return sum(count for what, count in counts.items() if "/Operations/" in what)


def test_the_request_is_there_before_anything_is_sent(world: World) -> None:
    """JSON and curl are a press away, follow every keystroke, and hold no secret."""
    panel = opened(world)
    assert driver.state(panel) == "ready"
    assert "displayName" not in driver.text(panel)
    driver.press(panel, "Request as JSON")
    driver.enter(panel, "Display name", "acme support")
    words = driver.text(panel)
    assert '"displayName": "acme support"' in words
    assert world.own.service_sid in words
    assert "$TWILIO_API_SECRET" not in words
    driver.press(panel, "Request as curl")
    words = driver.text(panel)
    assert "$TWILIO_API_SECRET" in words
    assert '-H "Idempotency-Key: $(uuidgen)"' in words
    assert world.own.api_secret not in words
    driver.press(panel, "Request as curl")
    assert "Idempotency-Key" not in driver.text(panel)
    assert world.writes() == []


def test_a_host_that_is_not_twilios_is_named_before_and_while_writing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the request, and again when a write goes there."""
    warning = "Credentials and requests go to proxy.example.com: not Twilio."
    monkeypatch.setattr(Account, "warning", warning)
    panel = opened(world)
    assert warning in driver.text(panel)
    shown: list[str] = []
    session = panel.session
    assert session is not None
    with step_context(lambda progress: shown.append(progress.message)):
        session.classic.service(world.own.service_sid)
        assert warning not in shown
        session.classic.create_conversation(world.own.service_sid, "x")
    assert warning in shown


@pytest.mark.parametrize(
    ("label", "wrong", "rule"),
    [
        ("Display name", "", "1 to 32 letters"),
        ("Display name", "x" * 33, "1 to 32 letters"),
        ("Display name", "acme/support", "1 to 32 letters"),
        ("Description", "", "1 to 512 characters"),
        ("Description", "x" * 513, "1 to 512 characters"),
    ],
)
def test_a_wrong_value_is_said_at_once_beside_its_field(
    world: World, label: str, wrong: str, rule: str
) -> None:
    """Live validation names the rule, the button names the field, and nothing can be sent."""
    panel = opened(world)
    driver.press(panel, "More settings")
    driver.enter(panel, label, wrong)
    assert rule in driver.find(panel, label).error
    assert label in driver.find(panel, "Create").reason
    driver.press(panel, "Request as JSON")
    assert "appears here when the form is complete" in driver.text(panel)


def test_grouping_is_explained_by_example(world: World) -> None:
    """Each type has a short sentence; examples and what it does not do are a press away."""
    panel = opened(world)
    options = driver.find(panel, "Grouping").options
    assert len(options) == 3
    assert all(0 < len(one["detail"]) < 50 for one in options)
    driver.press(panel, "More settings")
    assert driver.text(panel).count("Example: ") == 3
    assert "every classic conversation" in driver.text(panel)
    driver.pick(panel, "Grouping", "By customer profile")
    driver.press(panel, "Request as JSON")
    assert '"conversationGroupingType": "GROUP_BY_PROFILE"' in driver.text(panel)


def test_create_makes_one_bridge_and_a_second_press_none(world: World) -> None:
    """The good path: what comes next is 03; what is bridged is not offered again."""
    panel = opened(world)
    driver.press(panel, "Create")
    assert driver.state(panel) == "done", driver.text(panel)
    created = panel.created
    assert created is not None
    assert created.outcome == "created"
    assert created.configuration.id in driver.text(panel)
    assert f'data-copy="{created.configuration.id}"' in panel.result.children[0].value
    shown = driver.text(panel)
    assert "How to undo this" in shown
    assert "bridge-workbook disconnect --service-sid" in shown
    assert "curl -X DELETE" in shown
    assert "07_change_or_roll_back.ipynb" in panel.result.children[0].value
    assert "Open 03: test the bridge" in driver.text(panel)
    assert "03_test_bridge.ipynb" in panel.onward.value
    assert not {"Create", "Adopt"} & set(driver.labels(panel))
    panel.press()
    driver.settle(panel)
    adopted = panel.created
    assert adopted is not None
    assert adopted.outcome == "adopted"
    assert posts(world) == 1


def test_what_was_typed_is_known_after_a_restart(world: World) -> None:
    """Name and grouping come back from the journal once they were used."""
    panel = opened(world)
    driver.enter(panel, "Display name", "acme support")
    driver.pick(panel, "Grouping", "By customer profile")
    driver.press(panel, "Create")
    values.forget_typed()
    again = opened(world)
    assert driver.find(again, "Display name").value == "acme support"
    assert driver.find(again, "Display name").source == "from the journal"
    assert driver.state(again) == "done"
    assert "exactly as planned" in driver.text(again)


def test_what_was_typed_is_known_when_the_cell_is_run_again(world: World) -> None:
    """In the same kernel nothing typed is lost, used or not; the panel says where it is from."""
    driver.enter(opened(world), "Display name", "half done")
    again = driver.find(opened(world), "Display name")
    assert (again.value, again.source) == ("half done", "as you chose it before")
    values.forget_typed()
    assert driver.find(opened(world), "Display name").value == "classic-bridge-config"


def test_a_bridge_with_other_settings_is_shown_as_a_difference_and_adopted(world: World) -> None:
    """What differs is a table; taking over the settings that exist adopts without a write."""
    connection = world.connection()
    assert connection.session is not None
    create(
        connection.session,
        Plan(
            service_sid=world.own.service_sid,
            memory_store_id=world.own.memory_store_id,
            display_name="theirs",
            grouping="GROUP_BY_PROFILE",
        ),
        journal=Journal(world.home / "somebody-else.sqlite3"),
    )
    before = posts(world)
    panel = opened(world)
    assert driver.state(panel) == "needs attention"
    words = driver.text(panel)
    assert "Differs from what exists" in words
    assert "theirs" in words
    assert driver.find(panel, "Create").disabled
    driver.press(panel, "Use the settings that exist")
    assert driver.find(panel, "Display name").value == "theirs"
    driver.press(panel, "Adopt")
    assert driver.state(panel) == "done"
    assert panel.created is not None
    assert panel.created.outcome == "adopted"
    assert posts(world) == before


def test_somebody_bridges_it_while_we_look(world: World) -> None:
    """A bridge that appears between look and write is shown as a difference, not overwritten."""
    panel = opened(world)
    session = panel.session
    assert session is not None
    create(
        session,
        Plan(
            service_sid=world.own.service_sid,
            memory_store_id=world.own.memory_store_id,
            display_name="faster",
        ),
    )
    driver.press(panel, "Create")
    assert driver.state(panel) == "failed"
    assert "Differs from what exists" in driver.text(panel)
    assert posts(world) == 1


def test_on_twilio_it_asks_before_it_writes(world: World) -> None:
    """Create names account, configuration and service; only another button writes."""
    panel = opened(world, "twilio")
    driver.press(panel, "Create")
    driver.find(panel, "Create").click()
    assert posts(world) == 0
    words = " ".join(driver.text(panel).split())
    short = f"AC…{world.own.account_sid[-4:]}"
    for part in (f"Twilio account {short}", "classic-bridge-config", "Support chat"):
        assert part in words
    driver.press(panel, f"Yes, create it in {short}")
    assert driver.state(panel) == "done"
    assert posts(world) == 1


def test_what_was_asked_about_one_form_holds_for_no_other(world: World) -> None:
    """Whoever changes a field, or goes back, is asked again."""
    panel = opened(world, "twilio")
    driver.press(panel, "Create")
    driver.enter(panel, "Display name", "another")
    assert not [one for one in driver.labels(panel) if one.startswith("Yes")]
    driver.press(panel, "Create")
    driver.press(panel, "No, go back")
    assert not driver.find(panel, "Create").disabled
    assert posts(world) == 0


def test_settings_of_one_service_do_not_leak_into_another(world: World) -> None:
    """Settings taken over from a bridge stay with its service: another one has the defaults."""
    world.seed(services=1)
    connection = world.connection()
    session = connection.session
    assert session is not None
    create(
        session,
        Plan(
            service_sid=world.own.service_sid,
            memory_store_id=world.own.memory_store_id,
            display_name="theirs",
            grouping="GROUP_BY_PROFILE",
        ),
    )
    panel = opened(world, service_sid=world.own.service_sid)
    driver.press(panel, "Use the settings that exist")
    other = next(o for o in panel.service.options if o["value"] != world.own.service_sid)
    panel.service.value = other["value"]
    driver.settle(panel)
    assert panel.title_field.value == "classic-bridge-config"
    assert panel.grouping.value == "GROUP_BY_PARTICIPANT_ADDRESSES"
    assert panel.title_field.source == ""
    driver.enter(panel, "Display name", "theirs")
    assert "Another configuration has this name already: that of" in driver.text(panel)
    panel.service.value = world.own.service_sid
    driver.settle(panel)
    assert (panel.title_field.value, panel.grouping.value) == ("theirs", "GROUP_BY_PROFILE")
    panel.service.value = other["value"]
    driver.settle(panel)
    assert panel.title_field.value == "theirs", "typed for this service, so kept for it"


def test_the_picker_says_whether_a_service_is_free(world: World) -> None:
    """The verdict is below the picker that caused it, and follows it."""
    panel = opened(world)
    assert "Free: no configuration names it" in driver.plain(panel.verdict.value)
    driver.press(panel, "Create")
    assert "exactly as planned" in driver.plain(panel.verdict.value)
    driver.enter(panel, "Display name", "another")
    assert "with other settings" in driver.plain(panel.verdict.value)


def test_waiting_is_cancelled_and_resumed_without_a_second_write(world: World) -> None:
    """Cancelling stops the waiting only; Resume follows the same operation to its end."""
    world.sandbox.control("settings", operation_seconds=1.5)
    panel = opened(world)
    driver.find(panel, "Create").click()
    until(lambda: polls(world) and panel.bar.shown, what="the first look at the operation")
    driver.find(panel, "Cancel waiting").click()
    driver.settle(panel)
    assert driver.state(panel) == "needs attention"
    assert "goes on there" in driver.text(panel)
    driver.press(panel, "Resume")
    assert driver.state(panel) == "done", driver.text(panel)
    assert panel.created is not None
    assert panel.created.outcome == "resumed"
    assert posts(world) == 1


def test_a_new_kernel_finds_what_was_begun(world: World) -> None:
    """After a restart in mid-poll the panel says so and offers to resume."""
    world.sandbox.control("settings", operation_seconds=2)
    panel = opened(world)
    driver.find(panel, "Create").click()
    until(lambda: polls(world), what="the first look at the operation")
    driver.find(panel, "Cancel waiting").click()
    driver.settle(panel)
    values.forget_typed()
    again = opened(world)
    assert driver.state(again) == "needs attention"
    assert "is not over. Press Resume" in driver.text(again)
    driver.press(again, "Resume")
    assert driver.state(again) == "done"
    assert posts(world) == 1


def test_a_failed_operation_shows_title_and_detail_and_is_mended_by_pressing_again(
    world: World,
) -> None:
    """FAILED is rendered with what the service says; the next press makes the bridge."""
    world.fault("operation-fails", times=1)
    panel = opened(world)
    driver.press(panel, "Create")
    assert driver.state(panel) == "failed"
    assert "Copy for support" in driver.text(panel)
    driver.press(panel, "Create")
    assert driver.state(panel) == "done", driver.text(panel)


def test_a_lost_answer_is_settled_by_looking(world: World) -> None:
    """The connection breaks after the write was done: one bridge, and the panel finds it."""
    world.fault("drop-after", method="POST", path="/v2/ControlPlane/Configurations")
    panel = opened(world)
    driver.press(panel, "Create", wait=40)
    assert driver.state(panel) == "done", driver.text(panel)
    assert panel.session is not None
    assert len(list(panel.session.orchestrator.configurations())) == 1


def test_a_refusal_shows_the_request_id(world: World) -> None:
    """A 400 from the service is shown whole, and can be tried again."""
    world.fault(
        "status", method="POST", path="Configurations", status=400, message="no <such> thing"
    )
    panel = opened(world)
    driver.press(panel, "Create")
    words = driver.text(panel)
    assert driver.state(panel) == "failed"
    assert "no <such> thing" in words
    assert "no <such> thing" not in panel.trouble.value
    assert "Request id" in words
    driver.press(panel, "Create")
    assert driver.state(panel) == "done"


def test_injected_values_fill_the_form(world: World) -> None:
    """Parameters of the notebook come first, and the fields say so."""
    panel = opened(world, display_name="from outside", grouping="GROUP_BY_PROFILE")
    field = driver.find(panel, "Display name")
    assert (field.value, field.source) == ("from outside", "from the notebook's parameters")
    assert driver.find(panel, "Grouping").value == "GROUP_BY_PROFILE"


def test_what_is_off_is_told_and_can_be_switched_on(world: World) -> None:
    """The guide's request unless somebody asks for more; what is chosen is sent."""
    panel = CreateBridge(world.connection())
    driver.settle(panel)
    words = driver.text(panel)
    assert "Off: Memory extraction, CHAT timeouts, Intelligence, Status callbacks." in words
    assert panel.planned() is not None
    driver.press(panel, "Memory, timeouts, intelligence, callbacks")
    driver.pick(panel, "Memory extraction", "On")
    driver.enter(panel, "CHAT timeouts", "60/15")
    assert panel.planned() is None
    assert "correct: CHAT timeouts" in driver.find(panel, "Create").reason
    driver.enter(panel, "CHAT timeouts", "15/60")
    planned = panel.planned()
    assert planned is not None
    assert planned.body()["memoryExtractionEnabled"] is True
    assert "Off: Intelligence, Status callbacks." in driver.text(panel)
    driver.press(panel, "Create", wait=40)
    assert panel.created is not None
    assert panel.created.configuration.memory_extraction_enabled is True
    timeouts = (panel.created.configuration.channel_settings or {})["CHAT"]
    assert timeouts is not None
    assert timeouts.status_timeouts is not None
    assert timeouts.status_timeouts.closed == 60
