"""The panels of 08: what is off is seen, switched on in place, and nothing is written unasked."""

from __future__ import annotations

import re
from typing import Any

from bridge_helpers.panels.benefits.customers import KnowCustomers
from bridge_helpers.panels.benefits.demonstration import ShowItWork
from bridge_helpers.panels.benefits.panel import WhatItGives
from bridge_helpers.panels.creating.switches import OptionsForm
from bridge_helpers.panels.toolkit.panel import Panel

from ..commands import parsed
from ..waiting import until
from . import driver
from .conftest import World


def bridged(world: World) -> WhatItGives:
    """The first panel on a service with the guide's bridge."""
    connection = world.connection()
    world.bridge(connection)
    panel = WhatItGives(connection)
    driver.settle(panel)
    return panel


def configuration(panel: WhatItGives) -> Any:
    assert panel.session is not None
    [one] = panel.session.orchestrator.configurations()
    return one


def test_without_a_bridge_it_says_where_to_begin(world: World) -> None:
    """Nothing can be looked at, nor demonstrated, before 02."""
    connection = world.connection()
    for panel in (WhatItGives(connection), KnowCustomers(connection), ShowItWork(connection)):
        driver.settle(panel)
        assert "02" in driver.text(panel)
        if isinstance(panel, WhatItGives):
            assert "02_create_bridge.ipynb" in panel.onward.value
    assert world.writes() == []


def test_a_fresh_bridge_shows_what_is_off(world: World) -> None:
    """The sentence on top, both columns, and a button beside what is off; nothing was written."""
    connection = world.connection()
    world.bridge(connection)
    world.sandbox.forget("requests")
    panel = WhatItGives(connection)
    driver.settle(panel)
    words = driver.text(panel)
    assert driver.state(panel) == "needs attention"
    assert "memory extraction is off" in words
    for part in ("Memory", "Intelligence", "nothing that customers say is remembered"):
        assert part in words
    assert {"Switch memory extraction on", "Set CHAT timeouts"} <= set(driver.labels(panel))
    # What has no button here says where it is switched on.
    assert "07_change_or_roll_back.ipynb" in panel.intelligence.value
    assert "Status callbacks are switched on in" in words
    assert [one for one in world.writes() if not one.endswith(("Lookup", "Recall"))] == []


def test_switching_on_shows_the_difference_first(world: World) -> None:
    """The first press sends nothing; the second changes that and nothing else."""
    panel = bridged(world)
    before = configuration(panel)
    driver.press(panel, "Switch memory extraction on")
    assert configuration(panel) == before
    assert "Memory extraction  off  on" in re.sub(
        r"\s{2,}", "  ", driver.plain(panel.difference.value)
    )
    driver.press(panel, "No, go back")
    assert configuration(panel) == before
    driver.press(panel, "Switch memory extraction on")
    driver.press(panel, "Yes, switch it on")
    assert configuration(panel).memory_extraction_enabled is True
    [back] = re.findall(r"bridge-workbook [^<]+", panel.difference.value)
    assert (parsed(back)["target"], parsed(back)["apply"]) == ("sandbox", True)
    assert parsed(back)["snapshot"].isdigit()
    assert "Switch memory extraction on" not in driver.labels(panel)
    driver.enter(panel, "Minutes to INACTIVE/CLOSED", "20/90")
    driver.press(panel, "Set CHAT timeouts")
    assert "INACTIVE after 20 minutes, CLOSED after 90 minutes" in panel.difference.value
    driver.press(panel, "Yes, switch it on")
    chat = configuration(panel).channel_settings["CHAT"].status_timeouts
    assert (chat.inactive, chat.closed) == (20, 90)
    assert "Set CHAT timeouts" not in driver.labels(panel)
    assert configuration(panel).display_name == before.display_name


def test_wrong_minutes_are_refused_in_the_panel(world: World) -> None:
    """With the rule; nothing is sent."""
    panel = bridged(world)
    world.sandbox.forget("requests")
    driver.enter(panel, "Minutes to INACTIVE/CLOSED", "60/15")
    driver.press(panel, "Set CHAT timeouts")
    assert "INACTIVE has to come before CLOSED" in driver.text(panel)
    assert world.writes() == []


def test_the_demonstration_is_refused_while_extraction_is_off(world: World) -> None:
    """The button says where to switch it on; switched on elsewhere, looking again allows it."""
    connection = world.connection()
    world.bridge(connection)
    panel, show = WhatItGives(connection), ShowItWork(world.connection())
    beside = ShowItWork(connection)
    for one in (panel, show, beside):
        driver.settle(one)
    assert "switch it on above" in driver.find(beside, "Show it work").reason
    assert beside.onward.value == ""
    # In 03 there is nothing above that switches it on.
    assert "off: open 08 and switch it on" in driver.find(show, "Show it work").reason
    assert "Memory extraction is off: open 08" in show.status.value
    assert "08_memory_and_intelligence.ipynb" in show.onward.value
    assert [(one["mark"], one["good"]) for one in show.service.options][:1] == [
        ("bridged by classic-bridge-config", True)
    ]
    driver.press(panel, "Switch memory extraction on")
    driver.press(panel, "Yes, switch it on")
    # The panel of the same notebook has looked by itself.
    driver.settle(beside)
    assert not driver.find(beside, "Show it work").disabled
    driver.press(show, "Look again")
    assert show.onward.value == ""
    assert not driver.find(show, "Show it work").disabled
    world.sandbox.forget("requests")
    driver.press(show, "Show it work")
    assert "cost" in driver.text(show)
    assert "Yes, show it" in driver.labels(show)
    assert world.writes() == []


def test_a_customer_of_the_sample_can_be_opened(world: World) -> None:
    """What memory has of the profile is read when it is picked."""
    connection = world.connection()
    world.bridge(connection)
    world.sandbox.control("settings", bridged_participants="typed")
    try:
        assert connection.session is not None
        memory, store = connection.session.memory, world.own.memory_store_id
        profile_id = memory.create_profile(store, {"Contact": {"email": "ana@example.com"}})
        memory.add_identifier(store, profile_id, "chat", "ana")
        before = {one.id for one in connection.session.orchestrator.conversations()}
        world.sandbox.control(
            "customer-writes", account_sid=world.own.account_sid, identity="ana", body="Hello"
        )
        session = connection.session
        until(lambda: {one.id for one in session.orchestrator.conversations()} - before)
        panel = WhatItGives(connection)
        driver.settle(panel)
        assert panel.found is not None
        assert panel.found.sample.counted("known") == 1
        assert panel.known is not None
        assert panel.known.profile_id == profile_id
        assert "ana@example.com" in driver.text(panel)
    finally:
        world.sandbox.control("settings", bridged_participants="unknown")


def test_the_options_form_says_what_is_on_and_what_is_wrong(world: World) -> None:
    """It is a part of other panels: what it gives are the fields of a plan."""
    panel = Panel()
    changed: list[str] = []
    form = OptionsForm(panel, changed.append)
    assert form.checked() == {
        "memory_extraction": False,
        "chat_timeouts": "",
        "intelligence": "",
        "status_callbacks": "",
    }
    form.extraction.value = "true"
    form.timeouts.value = "60/15"
    assert form.checked() is None
    assert form.wrong == ["CHAT timeouts"]
    assert "before CLOSED" in form.timeouts.error
    form.timeouts.value = "15/60"
    form.callbacks.value = "https://example.com/a, https://example.com/b"
    assert form.checked() == {
        "memory_extraction": True,
        "chat_timeouts": "15/60",
        "intelligence": "",
        "status_callbacks": "https://example.com/a,https://example.com/b",
    }
    form.draw()
    assert "INACTIVE after 15 min" in driver.plain(form.lines.value)
    assert set(changed) == {"memory_extraction", "chat_timeouts", "status_callbacks"}


def test_a_service_picked_in_one_panel_is_taken_over_by_the_others(world: World) -> None:
    """Unless one was picked there by hand; a panel whose cell ran again takes its place."""
    world.seed(services=3)
    connection = world.connection()
    old = KnowCustomers(connection)
    panels = WhatItGives(connection), KnowCustomers(connection), ShowItWork(connection)
    gives, customers, show = panels
    for one in (old, *panels):
        driver.settle(one)
        assert one.service.value == ""
    second, third, fourth = (one["value"] for one in gives.service.options[1:4])

    def chosen(panel: WhatItGives | KnowCustomers | ShowItWork, sid: str) -> list[str]:
        panel.service.value = sid
        for one in (old, *panels):
            driver.settle(one)
        return [one.service.value for one in panels]

    assert chosen(customers, second) == [second] * 3
    assert "in this notebook" in gives.service.source
    assert "not bridged" in driver.text(show)
    assert old.service.value == ""
    assert chosen(show, third) == [third, second, third]
    assert chosen(customers, fourth) == [fourth, fourth, third]
