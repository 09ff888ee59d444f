"""One kernel, two customers: nothing of the first is shown or usable beside the second's banner."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge_helpers.panels.creating.panel import CreateBridge
from bridge_helpers.panels.exploring.panel import Explore
from bridge_helpers.panels.preflight import CheckPrerequisites
from bridge_helpers.panels.proving.panel import ProveBridge
from bridge_helpers.panels.start import StartMap
from bridge_helpers.panels.toolkit.connection import Connection
from bridge_helpers.panels.toolkit.step import StepPanel

from ..sandbox_process import Account
from . import driver
from .conftest import World

FORMS: tuple[tuple[Callable[[Connection], StepPanel], str], ...] = (
    (CheckPrerequisites, "Check"),
    (CreateBridge, "Create"),
    (ProveBridge, "Send a test message"),
)
"""Panels, and the button of each."""


def sign_in(connection: Connection, account: Account) -> None:
    """Type an account's credentials and connect."""
    if connection.session is not None:
        connection.reopen()
    driver.enter(connection, "Account SID", account.account_sid)
    driver.enter(connection, "API key SID", account.api_key)
    driver.enter(connection, "API secret", account.api_secret)
    connection.open.click()
    driver.settle(connection)
    assert connection.session is not None
    assert connection.session.account.sid == account.account_sid


def next_customer(world: World, connection: Connection) -> Account:
    """Sign in to another account, whose lists cannot be read."""
    other = world.account()
    for path in ("Stores", "^/v2/Conversations$"):
        world.sandbox.fault(
            "status", status=403, path=path, account_sid=other.account_sid, times=None
        )
    sign_in(connection, other)
    return other


def everything(panel: StepPanel) -> str:
    """All that a panel holds, hidden or not."""
    found = []
    rest = [panel.widget]
    while rest:
        widget = rest.pop()
        rest.extend(getattr(widget, "children", ()))
        found.append(repr({k: v for k, v in widget.get_state().items() if k != "_esm"}))
    return "\n".join(found)


@pytest.mark.parametrize(("kind", "label"), FORMS)
def test_what_was_picked_for_one_customer_is_gone_with_the_next(
    world: World, kind: Callable[[Connection], StepPanel], label: str
) -> None:
    """The new account's lists fail: nothing of the old one is left to look at or to press."""
    connection = world.connection("twilio")
    panel = kind(connection)
    driver.settle(panel)
    assert world.own.service_sid in everything(panel)
    if isinstance(panel, CreateBridge):
        driver.enter(panel, "Display name", "first customer")
        driver.press(panel, "Create")
        assert panel.question.asked
    next_customer(world, connection)
    driver.settle(panel)
    assert driver.state(panel) == "failed"
    left = everything(panel)
    own = world.own
    for one in (own.account_sid, own.service_sid, own.memory_store_id):
        assert one not in left
    assert "first customer" not in left
    assert driver.find(panel, label).reason == "pick a classic service"


def test_the_map_of_one_customer_is_gone_with_the_next(world: World) -> None:
    """No state of the old account is on the map of a new one that cannot be read."""
    connection = world.connection("twilio")
    world.bridge(connection)
    panel = StartMap(connection)
    driver.settle(panel)
    assert "classic-bridge-config" in driver.text(panel)
    next_customer(world, connection)
    driver.settle(panel)
    assert {stop.state for stop in panel.stops} == {"not started"}


def test_conversations_of_one_customer_are_gone_with_the_next(world: World) -> None:
    """Table, opened conversation and export of the old account do not outlive its session."""
    connection = world.connection("twilio")
    world.bridge(connection)
    world.customer_writes("A question of the first customer")
    world.sandbox.advance(1)
    panel = Explore(connection)
    driver.settle(panel)
    assert panel.shown is not None
    conversation = panel.shown["conversation_id"].iloc[0]
    panel.table.press(conversation)
    driver.settle(panel)
    assert "of the first customer" in panel.table.details
    next_customer(world, connection)
    driver.settle(panel)
    assert driver.state(panel) == "failed"
    left = everything(panel)
    for words in (conversation, world.own.service_sid, "of the first customer"):
        assert words not in left
    assert panel.explored is None
    panel.save()
    driver.settle(panel)
    assert not (world.home / "exports").exists()
    world.sandbox.forget("faults")
    driver.press(panel, "Read again")
    assert driver.state(panel) == "needs attention"
    assert "There are none yet." in driver.text(panel)


def test_work_for_one_customer_that_is_begun_late_ends_before_the_next(world: World) -> None:
    """A button pressed while the session changes does not show the old account afterwards."""
    connection = world.connection("twilio")
    panel = CheckPrerequisites(connection)
    driver.settle(panel)
    other = world.account()

    def pressed() -> None:
        sign_in(connection, other)
        panel.press()

    panel.worker.submit(pressed)
    driver.settle(panel)
    assert driver.state(panel) == "ready"
    assert panel.service.value == other.service_sid
    assert world.own.service_sid not in everything(panel)


def test_connecting_again_to_the_same_account_keeps_what_was_chosen(world: World) -> None:
    """A new session of one account is no new customer: what was typed and picked is still there."""
    world.seed(services=2)
    connection = world.connection("twilio")
    panel = CreateBridge(connection)
    driver.settle(panel)
    panel.service.value = world.own.service_sid
    driver.enter(panel, "Display name", "half done")
    driver.reopen(connection)
    driver.press(connection, "Connect again")
    driver.settle(panel)
    assert panel.session is connection.session
    assert panel.service.value == world.own.service_sid
    assert panel.title_field.value == "half done"


def test_coming_back_to_an_account_finds_what_was_chosen_there(world: World) -> None:
    """Clearing a form for another account is no choice that somebody made for this one."""
    world.seed(services=2)
    connection = world.connection("twilio")
    panel = CreateBridge(connection)
    driver.settle(panel)
    panel.service.value = world.own.service_sid
    driver.enter(panel, "Display name", "half done")
    next_customer(world, connection)
    driver.settle(panel)
    sign_in(connection, world.own)
    driver.settle(panel)
    assert panel.service.value == world.own.service_sid
    assert panel.title_field.value == "half done"
