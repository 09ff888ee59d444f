"""Credentials that are typed once: the other notebooks of the workbook connect by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import bridge_helpers
from bridge_helpers.kept import kept
from bridge_helpers.panels.toolkit import values
from bridge_helpers.panels.toolkit.connection import Connection
from bridge_helpers.runs.keeper import Keeper

from . import driver
from .conftest import World


@pytest.fixture
def workbook(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """A workbook beside, and no credentials in the environment."""
    world.no_credentials()
    keeper = Keeper()
    for name, value in keeper.start().items():
        monkeypatch.setenv(name, value)
    yield keeper
    keeper.stop()


def sign_in(world: World, secret: str = "", region: str = "") -> Connection:
    panel = world.connection("twilio")
    driver.enter(panel, "Account SID", world.own.account_sid)
    driver.enter(panel, "API key SID", world.own.api_key)
    driver.enter(panel, "API secret", secret or world.own.api_secret)
    if region:
        driver.enter(panel, "Region", region)
    driver.press(panel, "Connect")
    return panel


def test_the_next_notebook_does_not_ask_again(world: World, workbook: Keeper) -> None:
    """Typed in one notebook, with the region; the next one, and one after a restart, has them."""
    sign_in(world, region="ie1")
    values.forget_typed()
    panel = world.connection("twilio")
    assert driver.state(panel) == "done", driver.text(panel)
    assert driver.labels(panel) == ["change"]
    assert panel.session is not None
    assert panel.session.account.sid == world.own.account_sid
    assert panel.session.account.region == "ie1"
    with bridge_helpers.connect("twilio") as session:
        assert session.account.sid == world.own.account_sid


def test_change_forgets_them(world: World, workbook: Keeper) -> None:
    """Nobody who sits down afterwards gets in, in this notebook or in another one."""
    panel = sign_in(world)
    driver.reopen(panel)
    assert kept() is None
    assert not panel.secret.secret
    assert driver.state(world.connection("twilio")) == "needs attention"


def test_what_was_refused_is_not_kept(world: World, workbook: Keeper) -> None:
    """A wrong secret is not handed on."""
    panel = sign_in(world, secret="x" * 32)
    assert driver.state(panel) == "failed"
    assert kept() is None


def test_the_sandbox_never_gets_them(world: World, workbook: Keeper) -> None:
    """With credentials of Twilio kept, the target sandbox uses the sandbox's own, or asks."""
    sign_in(world)
    panel = world.connection("sandbox")
    assert panel.session is None
    assert "No credentials for the sandbox" in driver.text(panel)


def test_nothing_typed_and_nothing_found_is_asked_for(world: World) -> None:
    """Connect with empty fields says which to fill; it does not send people to variables."""
    world.no_credentials()
    panel = world.connection("twilio")
    driver.press(panel, "Connect")
    assert driver.state(panel) == "failed"
    for label in ("Account SID", "API key SID", "API secret"):
        assert driver.find(panel, label).error == "needed"
    words = driver.text(panel)
    assert "Type account SID, API key SID and API secret" in words
    assert "environment" not in words
    assert ".env" not in words
