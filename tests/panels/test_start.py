"""The start map: what the journal and the account say, and where to go on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bridge_helpers.onboarding.change import carry_out, propose_disconnection
from bridge_helpers.onboarding.journal import Journal, Scope
from bridge_helpers.panels.creating.panel import CreateBridge
from bridge_helpers.panels.preflight import CheckPrerequisites
from bridge_helpers.panels.proving.panel import ProveBridge
from bridge_helpers.panels.start import STEPS, StartMap, Stop, next_stop
from bridge_helpers.panels.toolkit.follow import follow

from ..waiting import until
from . import driver
from .conftest import World


def opened(world: World) -> StartMap:
    panel = StartMap(world.connection())
    driver.settle(panel)
    return panel


def states(panel: StartMap) -> dict[str, str]:
    return {stop.notebook[:2]: stop.state for stop in panel.stops}


def test_before_anything_the_first_step_is_next(world: World) -> None:
    """A fresh account: 01 is ready, and nothing is done."""
    panel = opened(world)
    assert states(panel)["01"] == "ready"
    assert states(panel)["03"] == "not started"
    words = driver.text(panel)
    assert "go on with 01" in words
    assert "01_preflight.ipynb" in panel.onward.value
    for _, title, _ in STEPS:
        assert title in words


def test_states_follow_the_steps_from_panel_to_panel(world: World) -> None:
    """Checked, created, tested: the map knows each, and links to the next."""
    connection = world.connection()
    check = CheckPrerequisites(connection)
    driver.settle(check)
    driver.press(check, "Check")
    assert states(opened(world))["01"] in ("done", "attention")
    make = CreateBridge(connection)
    driver.settle(make)
    driver.press(make, "Create")
    panel = opened(world)
    assert states(panel)["02"] == "done"
    assert "created just now" in driver.text(panel)
    assert states(panel)["03"] == "ready"
    assert "Not tested yet" in driver.text(panel)
    prove = ProveBridge(connection, sync_timeout=10.0)
    driver.settle(prove)
    driver.press(prove, "Send a test message", wait=40)
    panel = opened(world)
    assert states(panel)["03"] in ("done", "attention")
    assert states(panel)["05"] == "ready"
    assert "03_test_bridge.ipynb" in panel.result.children[0].value


@pytest.mark.parametrize(
    ("found", "following"),
    [
        ("ready ready none none", "01"),
        ("failed ready none none", "01"),
        ("attention ready none none", "02"),
        ("done failed none none", "02"),
        ("ready done ready ready", "03"),
        ("attention done failed ready", "03"),
        ("done done attention ready", "05"),
        ("done done done ready", "05"),
        ("done attention none none", "02"),
    ],
)
def test_where_to_go_on(found: str, following: str) -> None:
    """The step after the last that is behind; a warning does not hold anybody up."""
    names = ("01_preflight", "02_create_bridge", "03_test_bridge", "05_explore_conversations")
    stops = [
        Stop(name, "", "", state, "") for name, state in zip(names, found.split(), strict=True)
    ]
    stops.insert(3, Stop("04_combine_channels", "", "", "ready", ""))
    assert next_stop(tuple(stops)).notebook.startswith(following)


def test_a_bridge_of_an_earlier_sandbox_is_said_to_be_gone_with_it(world: World) -> None:
    """Another sandbox was started meanwhile: the same account, and no bridge in it."""
    connection = world.connection()
    session = connection.session
    assert session is not None
    elsewhere = replace(Scope.of(session, world.own.service_sid), origin="http://127.0.0.1:1")
    journal = Journal()
    attempt = journal.begin(elsewhere, "a key", {})
    journal.change(attempt, "completed")
    panel = opened(world)
    assert states(panel)["02"] == "ready"
    assert "was in an earlier sandbox and is gone with it" in driver.text(panel)


def test_a_configuration_that_somebody_deleted_is_noticed(world: World) -> None:
    """The journal is a memory: what it names is looked up, and said to be gone."""
    connection = world.connection()
    made = world.bridge(connection)
    assert connection.session is not None
    orchestrator = connection.session.orchestrator
    accepted = orchestrator.delete_configuration(
        made.configuration.id, "11111111-1111-4111-8111-111111111111"
    )
    assert accepted.operation_id is not None
    orchestrator.follow(accepted.operation_id, first_look=0.1)
    panel = opened(world)
    assert states(panel)["02"] == "attention"
    assert "gone from the account" in driver.text(panel)


def test_a_bridge_that_was_taken_away_from_here_is_not_missed(world: World) -> None:
    """Disconnected on purpose: 02 can be opened again, and 07 says what was done."""
    connection = world.connection()
    world.bridge(connection)
    session, service_sid = connection.session, world.own.service_sid
    assert session is not None
    carry_out(session, propose_disconnection(session, service_sid))
    Journal().record(Scope.of(session, service_sid), "change", "done", "It is disconnected.")
    panel = opened(world)
    found = states(panel)
    assert (found["02"], found["07"]) == ("ready", "done")
    assert "07 can bring the bridge back" in driver.text(panel)


def test_an_account_without_services_says_so(world: World) -> None:
    """Nothing to bridge is said on the map already."""
    world.use(world.account(services=0))
    panel = opened(world)
    assert states(panel)["01"] == "attention"
    assert "no classic service" in driver.text(panel)


def test_a_failure_to_look_is_shown(world: World) -> None:
    """The map fails like every panel: with the reason, and a way to try again."""
    connection = world.connection()
    world.fault("status", path="Configurations", status=403, times=1)
    panel = StartMap(connection)
    driver.settle(panel)
    assert driver.state(panel) == "failed"
    driver.press(panel, "Look again")
    assert driver.state(panel) == "ready"


def test_the_notebooks_that_are_here_are_listed(world: World) -> None:
    """Read from the folder: a notebook that is not there is no step, one that is there is."""
    for name in ("00_start_here", "01_preflight", "04_combine_channels"):
        (world.home / f"{name}.ipynb").write_text("{}")
    assert set(states(opened(world))) == {"01", "04"}


def test_every_notebook_of_the_workbook_is_a_step() -> None:
    """None is forgotten on the map."""
    folder = Path(__file__).parents[2] / "notebooks"
    numbered = {path.stem for path in folder.glob("0*.ipynb")} - {"00_start_here"}
    assert numbered <= {step[0] for step in STEPS}


def test_the_map_follows_what_other_notebooks_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a press: a step that another kernel records is on the map soon after."""
    monkeypatch.setattr("bridge_helpers.panels.start.follow", partial(follow, every=0.1))
    panel = opened(world)
    assert states(panel)["02"] == "ready"
    world.bridge(world.connection())
    until(lambda: states(panel)["02"] == "done", what="the bridge on the map")
    session = panel.session
    assert session is not None
    Journal().record(Scope.of(session, world.own.service_sid), "reconcile", "done", "All there.")
    until(lambda: states(panel)["06"] == "done", what="the other step")
    assert "All there." in driver.text(panel)


def test_what_cannot_be_looked_up_is_not_ready(world: World) -> None:
    """The sandbox has stopped: no step is shown as if it could be opened and would work."""
    panel = opened(world)
    assert states(panel)["01"] == "ready"
    world.fault("status", status=403, path="Services", times=None)
    driver.press(panel, "Look again", wait=60)
    assert driver.state(panel) == "failed"
    assert set(states(panel).values()) == {"not started"}
    assert panel.onward.value == ""
