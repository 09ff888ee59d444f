"""The explore panel: filters, drill-down, exports, and what was read when a page fails."""

from __future__ import annotations

import threading
import time
from typing import Any

import pandas as pd
import pytest

from bridge_helpers.onboarding.explore import filter_rows
from bridge_helpers.panels.exploring import panel as conversations
from bridge_helpers.panels.exploring import rows as conversation_rows
from bridge_helpers.panels.exploring.panel import Explore

from ..waiting import until
from . import driver
from .conftest import World

HOSTILE = "<script>alert(1)</script>"


def bridged(world: World, messages: int = 3) -> None:
    """A bridge, and customers who write through it."""
    world.bridge(world.connection())
    for number in range(messages):
        world.customer_writes(f"Question {number} {HOSTILE}")
    world.sandbox.advance(1)


def table(panel: Explore) -> pd.DataFrame:
    """Everything that was read."""
    assert panel.explored is not None
    return panel.explored.table


def shown(panel: Explore) -> pd.DataFrame:
    """The rows that the filters leave."""
    assert panel.shown is not None
    return panel.shown


def opened(world: World, **injected: str) -> Explore:
    panel = Explore(world.connection(), **injected)
    driver.settle(panel)
    return panel


def test_an_account_without_conversations_explains_why(world: World) -> None:
    """Nothing there yet is explained, not shown as an empty table without a word."""
    panel = opened(world)
    assert driver.state(panel) == "needs attention"
    assert "only what is written after it was made" in driver.text(panel)
    assert "The test of 03 leaves none" in driver.text(panel)
    # Nothing to count, and nothing to download.
    assert "0 of 0" not in driver.text(panel)
    assert "Download" not in driver.labels(panel)


def test_conversations_are_read_without_a_click_and_nothing_is_written(world: World) -> None:
    """The table is there after running the cell."""
    bridged(world)
    before = world.writes()
    panel = opened(world)
    assert driver.state(panel) == "done"
    assert panel.shown is not None
    assert len(panel.shown) == 3
    assert "3 of 3 conversations" in driver.text(panel)
    assert world.writes() == before


def keys(panel: Explore) -> list[str]:
    """The conversations on the page that the browser has."""
    return [one["key"] for one in panel.table.rows]


def test_a_row_opens_participants_and_timeline(world: World) -> None:
    """A row opens below itself and closes when pressed again; text from outside is escaped."""
    bridged(world)
    panel = opened(world)
    first, second, _ = keys(panel)
    panel.table.press(first)
    driver.settle(panel)
    words = driver.text(panel)
    assert "participant" in words
    assert HOSTILE in words
    assert HOSTILE not in panel.table.details
    assert panel.table.opened == first
    assert first in panel.table.details
    panel.table.press(second)
    driver.settle(panel)
    assert panel.table.opened == second
    assert second in panel.table.details
    panel.table.press("")
    driver.settle(panel)
    assert panel.table.opened == panel.table.details == ""


def test_a_row_clicked_while_another_is_read_is_opened_after_it(world: World) -> None:
    """Row and details are of one conversation, however quickly rows are clicked."""
    bridged(world)
    panel = opened(world)
    first, second, _ = keys(panel)
    wrong: list[str] = []

    def look(change: dict[str, Any]) -> None:
        other = first if panel.table.opened == second else second
        if other in change["new"]:
            wrong.append(other)

    panel.table.observe(look, names="details")
    world.fault("slow", seconds=0.8, path="/Participants", times=1)
    panel.table.press(first)
    panel.table.press(second)
    driver.settle(panel)
    assert panel.table.opened == second
    assert second in panel.table.details
    assert wrong == []


def test_a_row_that_cannot_be_opened_is_closed_again(world: World) -> None:
    """The error is in the panel, and no row says for ever that it is being read."""
    bridged(world)
    panel = opened(world)
    world.fault("status", path="/Participants", status=403, times=1)
    panel.table.press(keys(panel)[0])
    driver.settle(panel)
    assert driver.state(panel) == "failed"
    assert panel.table.opened == ""


def cells(panel: Explore, name: str) -> list[str]:
    """The texts of a column on the page that the browser has."""
    place = [one.name for one in conversation_rows.COLUMNS].index(name)
    return [one["cells"][place] for one in panel.table.rows]


def asked_for_messages(world: World) -> int:
    log = world.sandbox.read("requests")["log"]
    return sum("/Communications" in one["path"] for one in log)


def test_messages_are_read_for_the_rows_in_view(world: World) -> None:
    """Their number, the last one and its time; each conversation is asked for once."""
    world.seed(orchestrator_conversations=25)
    bridged(world, 2)
    panel = opened(world)
    assert cells(panel, "messages")[:2] == ["1", "1"]
    assert cells(panel, "last_message")[0] == f"Question 1 {HOSTILE}"
    assert cells(panel, "last_activity")[0].startswith("20")
    assert "…" not in cells(panel, "messages")
    assert asked_for_messages(world) == 10
    panel.table.turn(10)
    driver.settle(panel)
    assert asked_for_messages(world) == 20
    panel.table.turn(0)
    driver.settle(panel)
    assert asked_for_messages(world) == 20
    driver.press(panel, "Read again")
    assert asked_for_messages(world) == 30


def test_a_view_that_is_left_is_not_read_on(world: World) -> None:
    """Whoever types or turns the page does not wait for the rows that were in view."""
    world.seed(orchestrator_conversations=60)
    connection = world.connection()
    world.fault("status", path="/Communications", status=429, retry_after="30", times=None)
    panel = Explore(connection)
    until(lambda: asked_for_messages(world) > 0, seconds=10, what="the reading of messages")
    begun = time.monotonic()
    panel.table.turn(10)
    assert panel.explored is not None
    panel.words.value = panel.explored.table["conversation_id"][5]
    until(lambda: len(shown(panel)) == 1, seconds=5, what="the filter")
    assert time.monotonic() - begun < 2
    world.sandbox.forget("faults")
    panel.table.turn(0)
    driver.settle(panel)
    assert cells(panel, "messages") != ["…"]


def test_messages_that_cannot_be_read_are_said_so(world: World) -> None:
    """In the row itself; the others and the rest of the panel are as they are."""
    bridged(world, 2)
    connection = world.connection()
    world.fault("status", path="/Communications", status=403, times=1)
    panel = Explore(connection)
    driver.settle(panel)
    assert sorted(cells(panel, "messages")) == ["1", "not read"]
    assert driver.state(panel) == "done"


def two_services(world: World) -> Explore:
    """A panel on a service without conversations, in an account that has some."""
    bridged(world)
    world.seed(services=1)
    connection = world.connection()
    assert connection.session is not None
    sids = [one.sid for one in connection.session.classic.services()]
    panel = opened(world, service_sid=next(sid for sid in sids if sid != world.own.service_sid))
    assert panel.which.value == "service"
    assert len(table(panel)) == 0
    return panel


@pytest.mark.parametrize("status", [200, 403])
def test_a_scope_changed_during_a_read_is_read_after_it(world: World, status: int) -> None:
    """Radio and table agree in the end, whether the first read came to a good end or not."""
    panel = two_services(world)
    world.fault("slow", seconds=0.8, path="/v2/Conversations", times=1)
    if status != 200:
        world.fault("status", path="/v2/Conversations", status=status, times=1)
    panel.press()
    panel.which.value = "account"
    driver.settle(panel)
    assert panel.which.value == "account"
    assert driver.state(panel) == "done"
    assert len(table(panel)) == 3


def test_a_scope_changed_during_a_read_that_is_stopped_is_put_back(world: World) -> None:
    """Stopping reads nothing more, so the radio says again what the table holds."""
    panel = two_services(world)
    world.fault("status", path="/v2/Conversations", status=429, retry_after="30", times=None)
    panel.press()
    panel.which.value = "account"
    panel.stop.click()
    driver.settle(panel)
    assert panel.which.value == "service"
    assert len(table(panel)) == 0


def test_filters_work_on_what_was_read(world: World) -> None:
    """Filters narrow table and picker at once, without asking the service again."""
    bridged(world)
    panel = opened(world)
    asked = world.sandbox.read("requests")["counts"]
    driver.pick(panel, "Status", "CLOSED")
    assert "0 of 3 conversations" in driver.text(panel)
    assert panel.table.rows == []
    assert "No conversation passes" in driver.text(panel)
    driver.pick(panel, "Status", "any")
    one = table(panel)["conversation_id"].iloc[2]
    driver.enter(panel, "Search", one)
    assert "1 of 3 conversations" in driver.text(panel)
    driver.enter(panel, "Search", "")
    driver.enter(panel, "Created from", "2099-01-01")
    assert "0 of 3 conversations" in driver.text(panel)
    assert world.sandbox.read("requests")["counts"] == asked


def test_of_several_keystrokes_only_the_newest_counts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Filters that wait for the one that runs are one, and the pictures wait for the typing."""
    bridged(world)
    panel = opened(world)
    asked: list[str] = []
    drawn: list[str] = []

    def counting(table: pd.DataFrame, **filters: Any) -> pd.DataFrame:
        asked.append(filters["words"])
        return filter_rows(table, **filters)

    monkeypatch.setattr(conversations, "filter_rows", counting)
    panel.charts.observe(lambda change: drawn.append(change["new"]), names="value")
    gate = threading.Event()

    def hold() -> None:
        gate.wait(10)

    panel.worker.submit(hold)
    assert panel.explored is not None
    sid = panel.explored.table["conversation_id"][2]
    for end in range(1, len(sid) + 1):
        panel.words.value = sid[:end]
    gate.set()
    driver.settle(panel)
    assert asked == [sid]
    assert len(drawn) == 1
    assert "1 of 3 conversations" in driver.text(panel)
    panel.words.value = sid[:-1]
    panel.words.value = sid
    driver.settle(panel)
    assert len(drawn) <= 2
    assert asked[-1] == sid


def test_the_newest_come_first_and_all_are_searched(world: World) -> None:
    """The browser has a page of a large table; search and exports have all of it."""
    bridged(world, 12)
    world.sandbox.advance(60)
    world.customer_writes("The newest")
    world.sandbox.advance(5)
    panel = opened(world)
    by_age = table(panel).sort_values("created_at", ascending=False)["conversation_id"]
    newest, *_, oldest = by_age
    assert "13 of 13 conversations , newest first" in driver.text(panel)
    assert list(shown(panel)["conversation_id"]) == list(by_age)
    assert keys(panel) == list(by_age)[:10]
    assert keys(panel)[0] == newest
    assert oldest not in keys(panel)
    driver.enter(panel, "Search", oldest)
    assert keys(panel) == [oldest]


def test_no_row_is_lost_on_the_way_through_a_table(world: World) -> None:
    """Turning its pages shows every row once, also after a filter and a second read."""
    world.seed(orchestrator_conversations=1200)
    panel = opened(world)
    panel.table.resize(100)
    for _ in range(2):
        driver.enter(panel, "Created from", "2000-01-01")
        seen: list[str] = []
        for first in range(0, 1200, 100):
            panel.table.turn(first)
            driver.settle(panel)
            seen += keys(panel)
        assert sorted(seen) == sorted(table(panel)["conversation_id"])
        assert "1,200 of 1,200 conversations" in driver.text(panel)
        driver.press(panel, "Read again")


def test_a_heading_sorts_all_rows(world: World) -> None:
    """Not only those of the page: the first press one way, the second the other."""
    world.seed(orchestrator_conversations=40)
    panel = opened(world)
    addresses = table(panel)["addresses"]
    assert addresses.nunique() > 1
    panel.table.sort("addresses")
    driver.settle(panel)
    assert shown(panel)["addresses"].is_monotonic_increasing
    assert cells(panel, "addresses")[0] == addresses.min()
    panel.table.sort("addresses")
    driver.settle(panel)
    assert cells(panel, "addresses")[0] == addresses.max()
    assert panel.table.sorted == {"name": "addresses", "descending": True}
    assert "newest first" not in driver.text(panel)
    panel.table.sort("messages")
    assert panel.table.sorted["name"] == "addresses"


def test_a_row_stays_open_while_it_is_on_the_page(world: World) -> None:
    """A filter that leaves it there does not close it; one that takes it away does."""
    bridged(world)
    panel = opened(world)
    row = keys(panel)[1]
    panel.table.press(row)
    driver.settle(panel)
    driver.enter(panel, "Search", row)
    assert (panel.table.opened, keys(panel)) == (row, [row])
    driver.enter(panel, "Search", "nobody")
    assert panel.table.opened == panel.table.details == ""


def test_a_day_that_is_no_day_is_said_beside_the_field(world: World) -> None:
    """A mistyped date is an error at its field, and nothing passes until it is mended."""
    bridged(world, 1)
    panel = opened(world)
    for field in ("Created from", "Created until"):
        driver.enter(panel, field, "22.11.2026")
        assert "like 2026-11-22" in driver.find(panel, field).error
        assert "0 of 1 conversation" in driver.text(panel)
        driver.enter(panel, field, "")
        assert "1 of 1 conversation" in driver.text(panel)
    driver.enter(panel, "Created from", "2026-11-22")
    driver.enter(panel, "Created until", "2026-11-21")
    assert "after the first day" in driver.text(panel)


def test_whose_conversations_is_asked_where_there_is_a_choice(world: World) -> None:
    """Without a chosen service the whole account is read, and nothing is asked about it."""
    bridged(world, 1)
    assert "Conversations of" not in driver.labels(opened(world))
    assert "Conversations of" in driver.labels(opened(world, service_sid=world.own.service_sid))


def test_a_page_that_fails_leaves_what_was_read(world: World) -> None:
    """Pages before the failure are shown, with the reason why there are no more."""
    world.seed(orchestrator_conversations=1200)
    connection = world.connection()
    world.fault("status", path="/v2/Conversations", status=403, after=1, times=None)
    panel = Explore(connection)
    driver.settle(panel, 40)
    assert driver.state(panel) == "needs attention"
    assert "Not all: " in driver.text(panel)
    assert panel.shown is not None
    assert 0 < len(panel.shown) < 1200


def test_a_list_that_cannot_be_read_at_all_is_an_error(world: World) -> None:
    """Nothing read: the error is shown, and reading again mends it."""
    bridged(world, 1)
    connection = world.connection()
    world.fault("status", path="/v2/Conversations", status=403, times=1)
    panel = Explore(connection)
    driver.settle(panel)
    assert driver.state(panel) == "failed"
    driver.press(panel, "Read again")
    assert driver.state(panel) == "done"
