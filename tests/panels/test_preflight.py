"""The preflight panel: picking, checking, and what it says when something is missing."""

from __future__ import annotations

from dataclasses import replace

from bridge_helpers.onboarding.findings import Finding
from bridge_helpers.panels.creating.panel import CreateBridge
from bridge_helpers.panels.preflight import CheckPrerequisites, findings_list
from bridge_helpers.panels.toolkit import values

from ..waiting import until
from . import driver
from .conftest import World


def opened(world: World, **injected: str) -> CheckPrerequisites:
    panel = CheckPrerequisites(world.connection(), **injected)
    driver.settle(panel)
    return panel


def test_the_only_service_and_store_are_picked_and_pass(world: World) -> None:
    """With one of each there is nothing to pick, and everything is well."""
    panel = opened(world)
    assert driver.state(panel) == "ready"
    service = driver.find(panel, "Classic service")
    assert service.value == world.own.service_sid
    assert service.source == "the only one there is"
    assert "12 conversations" in service.options[0]["detail"]
    driver.press(panel, "Check")
    assert panel.found is not None
    assert driver.state(panel) in ("done", "needs attention")
    assert panel.found.summary in driver.text(panel)
    assert "credentials" in driver.text(panel)
    assert world.writes() == []


def test_among_hundreds_of_services_one_is_found_by_name(world: World) -> None:
    """All pages are read; the picker holds them all and none is chosen for somebody."""
    world.seed(services=229)
    panel = opened(world)
    picker = driver.find(panel, "Classic service")
    assert len(picker.options) == 230
    assert picker.value == ""
    assert driver.find(panel, "Check").reason == "pick a classic service"
    picker.value = picker.options[117]["value"]
    assert not driver.find(panel, "Check").disabled
    driver.press(panel, "Check")
    assert panel.found is not None
    assert panel.found.service is not None
    assert panel.found.service.sid == picker.value


def test_a_bridged_service_says_by_what(world: World) -> None:
    """Services that are bridged already are marked in the picker."""
    from bridge_helpers.onboarding.create import create
    from bridge_helpers.onboarding.plan import Plan

    connection = world.connection()
    assert connection.session is not None
    create(
        connection.session,
        Plan(
            service_sid=world.own.service_sid,
            memory_store_id=world.own.memory_store_id,
            display_name="made by others",
        ),
    )
    panel = opened(world)
    assert driver.find(panel, "Classic service").options[0]["mark"] == (
        "already bridged by made by others"
    )


def test_a_pick_is_known_to_the_next_kernel(world: World) -> None:
    """Picking writes the journal, so that 02 knows it; the panel says where it is from."""
    world.use(world.account(services=3))
    panel = opened(world)
    picker = driver.find(panel, "Classic service")
    picker.value = picker.options[1]["value"]
    values.forget_typed()
    again = driver.find(opened(world), "Classic service")
    assert again.value == picker.value
    assert again.source == "from the journal"


def test_what_nobody_chose_is_not_remembered(world: World) -> None:
    """Opening a panel keeps nothing: an injected value is gone with the next run."""
    world.seed(services=1)
    opened(world, service_sid=world.own.service_sid)
    picker = driver.find(opened(world), "Classic service")
    assert (picker.value, picker.source) == ("", "")


def test_an_injected_service_wins_and_one_that_is_not_there_is_said_so(world: World) -> None:
    """Parameters come first; a sid of another account is named and not picked."""
    panel = opened(world, service_sid=world.own.service_sid)
    assert driver.find(panel, "Classic service").source == "from the notebook's parameters"
    stranger = opened(world, service_sid="IS" + "0" * 32)
    picker = driver.find(stranger, "Classic service")
    assert picker.value == ""
    assert "is not in this account" in picker.error


def test_a_bridge_with_a_description_of_ones_own_is_as_planned(world: World) -> None:
    """What 02 sent is what 01 compares with: name, grouping and description."""
    make = CreateBridge(world.connection())
    driver.settle(make)
    driver.enter(make, "Display name", "support-desk")
    driver.press(make, "More settings")
    driver.enter(make, "Description", "Bridge of the support desk")
    driver.press(make, "Create")
    values.forget_typed()
    panel = opened(world)
    driver.press(panel, "Check")
    assert panel.found is not None
    assert [one for one in panel.found.findings if one.level == "error"] == []


def test_an_account_without_services_or_stores_says_what_to_do(world: World) -> None:
    """Nothing to pick is not an empty list without a word."""
    world.use(world.account(services=0))
    panel = opened(world)
    assert "nothing to bridge" in driver.find(panel, "Classic service").empty
    assert driver.state(panel) == "needs attention"


def test_a_store_that_is_not_ready_is_an_error_with_risk_and_action(world: World) -> None:
    """Findings that are not well show risk and action."""
    panel = opened(world)
    world.fault("status", path="Services", status=403, times=None)
    driver.press(panel, "Check")
    assert driver.state(panel) == "failed"
    assert "error" in driver.text(panel)
    assert "Do" in driver.text(panel)


def test_lists_that_cannot_be_read_show_the_error_and_are_read_again(world: World) -> None:
    """A failing list is an error in the panel; reading again mends it."""
    connection = world.connection()
    world.fault("status", path="/v1/ControlPlane/Stores", status=403, times=1)
    panel = CheckPrerequisites(connection)
    driver.settle(panel)
    assert driver.state(panel) == "failed"
    assert "403" in driver.text(panel)
    driver.press(panel, "Read the lists again")
    assert driver.state(panel) == "ready"
    assert panel.trouble.value == ""


def test_names_from_the_account_are_text(world: World) -> None:
    """A finding that quotes a hostile name quotes it as text."""
    panel = opened(world, display_name="<b>x</b>")
    driver.press(panel, "Check")
    assert "<b>x</b>" not in "".join(one.value for one in panel.result.children)


def test_without_a_connection_it_says_so(world: World) -> None:
    """A step's panel without a session explains itself."""
    world.no_credentials()
    panel = CheckPrerequisites(world.connection("twilio"))
    driver.settle(panel)
    assert driver.state(panel) == "not started"
    assert driver.find(panel, "Check").reason == "connect first"


def test_waiting_for_a_rate_limit_is_seen_and_can_be_stopped(world: World) -> None:
    """No wait is invisible: the bar says what is tried again and why, and a button stops it."""
    connection = world.connection()
    world.fault("status", path="/v1/ControlPlane/Stores", status=429, retry_after="30", times=None)
    panel = CheckPrerequisites(connection)
    until(lambda: panel.bar.shown, what="the wait")
    assert "is tried again" in panel.bar.text
    assert panel.bar.wait > 20
    driver.find(panel, "Stop waiting").click()
    driver.settle(panel)
    assert driver.state(panel) == "needs attention"
    assert not panel.bar.shown
    assert "Stop waiting" not in driver.labels(panel)
    world.sandbox.forget("faults")
    driver.press(panel, "Read the lists again")
    assert driver.state(panel) == "ready"


def test_the_number_that_was_picked_is_checked(world: World) -> None:
    """One without voice is told with a number that has it; nothing is said of any other."""
    panel = opened(world)
    good, silent = (option["value"] for option in panel.number.options)
    panel.number.value = silent
    driver.settle(panel)
    driver.press(panel, "Check")
    assert driver.state(panel) == "needs attention"
    told = driver.text(panel)
    assert f"{silent} is owned, but it has no voice." in told
    assert f"Pick one that has both, such as {good}" in told
    panel.number.value = good
    driver.settle(panel)
    driver.press(panel, "Check")
    assert f"{good}: voice and SMS." in driver.text(panel)


def test_a_number_stays_where_the_list_of_numbers_is_refused(world: World) -> None:
    """That it cannot be read does not say that it is not there: it is kept, checked and told."""
    number = driver.find(opened(world), "Phone number").options[0]["value"]
    panel = opened(world)
    panel.number.value = number
    driver.settle(panel)
    values.forget_typed()
    world.fault("status", path="IncomingPhoneNumbers", status=403, times=None)
    panel = opened(world)
    assert (panel.number.value, panel.number.source) == (number, "from the journal")
    assert panel.number.error == "The list could not be read: HTTP status 403."
    driver.press(panel, "Check")
    assert panel.found is not None
    told = next(one for one in panel.found.findings if one.check == "phone number")
    assert told.level == "warning"
    world.sandbox.forget("faults")
    values.forget_typed()
    again = opened(world)
    assert (again.number.value, again.number.source) == (number, "from the journal")
    assert again.number.error == ""


def test_a_list_of_numbers_that_is_refused_is_not_an_empty_one(world: World) -> None:
    """Without a number chosen before there is none to offer, and the reason is said."""
    world.fault("status", path="IncomingPhoneNumbers", status=403, times=None)
    panel = opened(world)
    assert panel.number.options == []
    assert panel.number.error == "The list could not be read: HTTP status 403."
    assert panel.number.empty == "Chat is bridged without one."


def test_problems_come_first_and_what_passed_is_folded(world: World) -> None:
    """What is not well stands on top with risk and action; the rest is one line to open."""
    panel = opened(world)
    world.fault("status", path="IncomingPhoneNumbers", status=403, times=None)
    driver.press(panel, "Check")
    assert panel.found is not None
    passed = [one for one in panel.found.findings if one.level == "ok"]
    wrong = [one for one in panel.found.findings if one.level not in ("ok", "info")]
    assert passed
    assert wrong
    markup = panel.result.children[0].value
    seen, _, folded = markup.partition("<details>")
    assert all(one.check in seen for one in wrong)
    told = len(panel.found.findings) - len(passed) - len(wrong)
    information = f", {told} for information" if told else ""
    assert f"<summary>{len(passed)} checks passed{information}</summary>" in markup
    assert all(one.check in folded for one in passed)


def test_after_a_good_check_02_is_the_thing_to_press(world: World) -> None:
    """The way on is a button; it is not there while something stands in the way."""
    panel = opened(world)
    assert panel.onward.value == ""
    driver.press(panel, "Check")
    assert "02_create_bridge.ipynb" in panel.onward.value
    world.fault("status", path="Services", status=403, times=None)
    driver.press(panel, "Check")
    assert panel.onward.value == ""


def test_a_service_that_is_bridged_as_planned_leads_to_03(world: World) -> None:
    """There is nothing to create: it says what bridges it, and leads to the test."""
    world.bridge(world.connection())
    panel = opened(world)
    driver.press(panel, "Check")
    told = driver.text(panel)
    assert "The service is bridged already by classic-bridge-config, as planned." in told
    assert "create the bridge" not in told
    assert "03_test_bridge.ipynb" in panel.onward.value
    assert "02_create_bridge.ipynb" not in panel.onward.value


def test_a_bridge_with_other_settings_leads_to_where_these_are_taken(world: World) -> None:
    """02 adopts what exists and 07 changes it; with further errors these come first."""
    connection = world.connection()
    world.bridge(connection, "made by others")
    panel = opened(world)
    driver.press(panel, "Check")
    assert driver.state(panel) == "failed"
    told = driver.text(panel)
    assert "bridged already by made by others, with other settings" in told
    assert "or change them in 07" in told
    assert "02_create_bridge.ipynb" in panel.onward.value
    assert "create the bridge" not in panel.onward.value
    world.fault("status", path="Stores/", status=403, times=None)
    driver.press(panel, "Check")
    assert "Correct the errors below" in driver.text(panel)
    assert panel.onward.value == ""


def test_a_bridge_with_other_settings_shows_the_difference_as_02_does(world: World) -> None:
    """The same table: setting, now, planned."""
    connection = world.connection()
    world.bridge(connection, "made by others")
    panel = opened(world)
    driver.press(panel, "Check")
    words = " ".join(driver.text(panel).split())
    assert "Differs from what exists (made by others)" in words
    assert "Display name made by others classic-bridge-config" in words


def test_a_store_is_kept_for_its_service(world: World) -> None:
    """What was picked for one service is not what another one starts with."""
    world.use(world.account(services=2))
    with world.sandbox.client(world.own) as http:
        made = http.post("/v1/ControlPlane/Stores", json={"displayName": "second"})
        assert made.is_success, made.text
    world.sandbox.advance(5)
    panel = opened(world)
    one, two = (option["value"] for option in panel.service.options)
    first, second = (option["value"] for option in panel.store.options)
    for service, store in ((one, first), (two, second)):
        panel.service.value = service
        driver.settle(panel)
        panel.store.value = store
        driver.settle(panel)
    panel.service.value = one
    driver.settle(panel)
    assert panel.store.value == first


def test_what_is_for_information_is_not_counted_as_passed(world: World) -> None:
    """It is said beside what passed, in the sentence and on the line that opens both."""
    panel = opened(world)
    driver.press(panel, "Check")
    assert panel.found is not None
    ok = next(one for one in panel.found.findings if one.level == "ok")
    found = replace(panel.found, findings=(ok, Finding("number", "info", "None was given.")))
    assert found.summary == "1 ok, 0 warnings, 0 errors, 1 for information"
    assert "<summary>1 check passed, 1 for information</summary>" in findings_list(found)
    assert replace(found, findings=(ok,)).summary == "1 ok, 0 warnings, 0 errors"
