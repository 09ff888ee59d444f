"""The connect panel: both targets, and everything that can be wrong with getting in."""

from __future__ import annotations

import json

import pytest

from bridge_helpers.panels.preflight import CheckPrerequisites
from bridge_helpers.panels.toolkit import values
from bridge_helpers.panels.toolkit.connection import Connection

from ..sandbox_process import SandboxProcess
from . import driver
from .conftest import World


def test_the_sandbox_connects_by_itself_with_a_banner(world: World) -> None:
    """Without a click there is a session, and a banner that says nothing reaches Twilio."""
    panel = world.connection()
    assert panel.session is not None
    assert driver.state(panel) == "done"
    assert "Sandbox: nothing here reaches Twilio" in driver.text(panel)
    assert f"AC…{world.own.account_sid[-4:]}" in driver.text(panel)
    assert driver.labels(panel) == ["change"]
    assert world.writes() == []


def test_twilio_has_another_banner_that_cannot_be_missed(world: World) -> None:
    """The banner of the real target names account and region, and warns in words."""
    panel = world.connection("twilio")
    words = driver.text(panel)
    assert driver.state(panel) == "done"
    assert f"Twilio account AC…{world.own.account_sid[-4:]}" in words
    assert "region us1" in words
    assert "what you apply here is real" in words
    assert "bw-on-twilio" in panel.line._dom_classes


def test_credentials_are_found_in_the_environment_and_said_so(world: World) -> None:
    """The fields of target twilio say where the credentials come from."""
    panel = world.connection("twilio")
    driver.reopen(panel)
    shown = f"AC…{world.own.account_sid[-4:]} from the environment"
    assert driver.find(panel, "Account SID").source == shown
    assert driver.find(panel, "API secret").source == "from the environment"


def test_without_credentials_they_are_asked_for(world: World) -> None:
    """No credentials: no error, but fields and a sentence that says what to do."""
    world.no_credentials()
    panel = world.connection("twilio")
    assert driver.state(panel) == "needs attention"
    assert "Type the account's credentials" in driver.text(panel)
    assert {"Account SID", "API key SID", "API secret"} <= set(driver.labels(panel))


def test_a_key_of_another_account_does_not_connect(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be let in, and everything would be done in the account of the key."""
    other = world.account(name="other")
    monkeypatch.setenv("TWILIO_API_KEY", other.api_key)
    monkeypatch.setenv("TWILIO_API_SECRET", other.api_secret)
    panel = world.connection("twilio")
    assert driver.state(panel) == "failed"
    assert panel.session is None
    assert f"belong to account {other.account_sid}" in driver.text(panel)


def test_typed_credentials_connect_and_are_kept_nowhere(world: World) -> None:
    """Typed credentials open the session; no widget's state holds the secret, nor does a file."""
    own = world.own
    world.no_credentials()
    panel = world.connection("twilio")
    driver.enter(panel, "Account SID", own.account_sid)
    driver.enter(panel, "API key SID", own.api_key)
    driver.enter(panel, "API secret", own.api_secret)
    driver.press(panel, "Connect")
    assert driver.state(panel) == "done", driver.text(panel)
    states = [one.get_state() for one in driver.shown(panel.widget)]
    assert own.api_secret not in json.dumps(states, default=repr)
    for file in world.home.rglob("*"):
        if file.is_file():
            assert own.api_secret.encode() not in file.read_bytes()


def test_typed_credentials_take_their_own_region(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The field's region, not the environment's, which is named as unused in the banner."""
    own = world.own
    world.no_credentials()
    monkeypatch.setenv("TWILIO_REGION", "au1")
    panel = world.connection("twilio")
    driver.enter(panel, "Account SID", own.account_sid)
    driver.enter(panel, "API key SID", own.api_key)
    driver.enter(panel, "API secret", own.api_secret)
    driver.enter(panel, "Region", "ie1")
    driver.press(panel, "Connect")
    assert driver.state(panel) == "done", driver.text(panel)
    assert panel.session is not None
    assert panel.session.account.region == "ie1"
    assert "region ie1" in panel.banner.value
    assert "TWILIO_REGION of the environment is not used" in driver.text(panel)


def test_a_region_belongs_to_typed_credentials(world: World) -> None:
    """Alone it would be mixed with what comes from elsewhere: the rest is asked for."""
    panel = world.connection("twilio")
    driver.reopen(panel)
    driver.enter(panel, "Region", "ie1")
    driver.press(panel, "Connect again")
    assert driver.state(panel) == "failed"
    assert driver.find(panel, "Account SID").error == "needed as well"


def test_an_address_of_a_file_is_not_used_and_named_in_the_banner(
    world: World, sandbox: SandboxProcess
) -> None:
    """A `.env` in a parent folder; the environment's credentials stay where they belong."""
    (world.home / ".env").write_text("TWILIO_CONVERSATIONS_URL=http://127.0.0.1:9\n")
    panel = world.connection("twilio")
    assert driver.state(panel) == "done", driver.text(panel)
    assert panel.session is not None
    assert panel.session.account.origins.conversations == sandbox.url
    assert "TWILIO_CONVERSATIONS_URL of .env is not used" in driver.text(panel)


@pytest.mark.parametrize(
    ("label", "wrong", "words"),
    [
        ("Region", "ie2", "a region is one of us1, ie1 or au1"),
        ("Region", "IE1", "a region is one of us1, ie1 or au1"),
        ("Account SID", "AC12", "an account sid is AC and 32 hex digits"),
        ("API key SID", "SK12", "an API key is SK and 32 hex digits"),
        ("API secret", "", "needed as well"),
    ],
)
def test_a_malformed_credential_is_named_beside_its_field(
    world: World, label: str, wrong: str, words: str
) -> None:
    """What is wrong is said at the field, before anything is sent."""
    own = world.own
    world.no_credentials()
    panel = world.connection("twilio")
    right = {
        "Account SID": own.account_sid,
        "API key SID": own.api_key,
        "API secret": own.api_secret,
    }
    for name, value in {**right, label: wrong}.items():
        driver.enter(panel, name, value)
    driver.press(panel, "Connect")
    assert driver.state(panel) == "failed"
    assert words in driver.find(panel, label).error
    assert panel.session is None


def test_refused_credentials_name_the_reason_and_are_mended(world: World) -> None:
    """A wrong secret: 401 with its request id; typing the right one mends it."""
    own = world.own
    world.no_credentials()
    panel = world.connection("twilio")
    driver.enter(panel, "Account SID", own.account_sid)
    driver.enter(panel, "API key SID", own.api_key)
    driver.enter(panel, "API secret", "x" * 32)
    driver.press(panel, "Connect")
    words = driver.text(panel)
    assert driver.state(panel) == "failed"
    assert "401" in words
    assert "Request id" in words
    assert "x" * 32 not in words
    driver.enter(panel, "API secret", own.api_secret)
    driver.press(panel, "Connect")
    assert driver.state(panel) == "done"
    assert panel.trouble.value == ""


def test_terms_that_were_not_accepted_are_not_called_wrong_credentials(world: World) -> None:
    """A 401 for the terms of service says so."""
    world.sandbox.control(f"accounts/{world.own.account_sid}", terms_accepted=False)
    panel = world.connection()
    assert driver.state(panel) == "failed"
    assert "terms" in driver.text(panel).lower()


def test_an_account_without_orchestrator_is_told_so(world: World) -> None:
    """A product that is not enabled is named."""
    world.sandbox.control(f"accounts/{world.own.account_sid}", orchestrator_enabled=False)
    panel = world.connection()
    assert driver.state(panel) == "failed"
    assert "enabled" in driver.text(panel)


def test_an_address_where_nobody_listens_is_told_and_can_be_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline: the panel says that nothing answered; Connect tries again."""
    for service in ("CONVERSATIONS", "MEMORY", "API"):
        monkeypatch.setenv(f"TWILIO_{service}_URL", "http://127.0.0.1:9")
    panel = world.connection()
    assert driver.state(panel) == "failed"
    assert panel.session is None
    for service in ("CONVERSATIONS", "MEMORY", "API"):
        monkeypatch.setenv(f"TWILIO_{service}_URL", world.sandbox.url)
    driver.press(panel, "Connect")
    assert driver.state(panel) == "done"


@pytest.mark.parametrize("left", [(), ("ACCOUNT_SID",)])
def test_a_sandbox_at_an_address_without_credentials_is_not_sent_in_a_circle(
    world: World, monkeypatch: pytest.MonkeyPatch, left: tuple[str, ...]
) -> None:
    """Whoever chose the sandbox is told what is missing, and not to choose the sandbox."""
    world.no_credentials()
    for name in left:
        monkeypatch.setenv(f"TWILIO_{name}", world.own.account_sid)
    panel = world.connection("sandbox")
    words = driver.text(panel)
    assert driver.state(panel) == "failed"
    assert "TWILIO_API_KEY" in words
    assert "target sandbox" not in words


def test_changing_the_target_takes_the_old_banner_away_and_is_remembered(world: World) -> None:
    """The choice of target reaches the next notebook through the journal."""
    panel = world.connection()
    driver.reopen(panel)
    driver.pick(panel, "Target", "Twilio")
    driver.settle(panel)
    assert "Twilio account" in driver.text(panel)
    assert "nothing here reaches Twilio" not in panel.banner.value
    values.forget_typed()
    again = Connection()
    driver.settle(again)
    assert again.target.value == "twilio"
    assert again.target.source == "from the journal"
    again.close()


def test_an_injected_target_comes_before_what_was_chosen(world: World) -> None:
    """A notebook's parameter wins over the journal, and says that it did."""
    first = world.connection()
    driver.reopen(first)
    driver.pick(first, "Target", "Twilio")
    panel = world.connection("sandbox")
    assert panel.target.value == "sandbox"
    assert panel.target.source == "from the notebook's parameters"


def test_a_target_that_does_not_exist_is_refused(world: World) -> None:
    """A misspelt target is an error that lists the choices, and nothing is sent."""
    panel = world.connection("prod")
    assert driver.state(panel) == "failed"
    assert "sandbox or twilio" in driver.text(panel)
    assert panel.session is None


def test_panels_that_subscribe_get_every_new_session(world: World) -> None:
    """A step's panel hears of the session that is there, and of the next one."""
    panel = world.connection()
    heard: list[object] = []
    panel.subscribe(heard.append)
    assert heard == [panel.session]
    driver.reopen(panel)
    driver.press(panel, "Connect again")
    assert len(heard) == 2
    assert heard[1] is panel.session


def test_a_step_below_forgets_an_account_that_was_left(world: World) -> None:
    """After a change of target no panel shows or uses the account of the old one."""
    connection = world.connection()
    step = CheckPrerequisites(connection)
    driver.settle(step)
    assert world.own.service_sid in driver.text(step)
    world.no_credentials()
    driver.reopen(connection)
    driver.pick(connection, "Target", "Twilio")
    driver.settle(step)
    assert driver.state(step) == "not started"
    assert world.own.service_sid not in driver.text(step)
    assert driver.find(step, "Check").reason == "connect first"
    assert driver.labels(connection).count("Connect") == 1
