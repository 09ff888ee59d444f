"""The explore panel: filters, drill-down, exports, and what was read when a page fails."""

from __future__ import annotations

import json
import threading
from datetime import date
from typing import Any

import pandas as pd
import pytest

from bridge_helpers.data import columns, frames
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.explore import filter_rows, searched_texts
from bridge_helpers.panels import conversations
from bridge_helpers.panels.conversations import Explore

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
    assert "appears with its next message" in driver.text(panel)


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


def test_a_row_opens_participants_and_timeline(world: World) -> None:
    """Picking by keyboard and clicking a row open the same; text from outside is escaped."""
    bridged(world)
    panel = opened(world)
    picker = driver.find(panel, "Open a conversation")
    picker.value = picker.options[0]["value"]
    driver.settle(panel)
    words = driver.text(panel)
    assert "participant" in words
    assert HOSTILE in words
    assert HOSTILE not in panel.opened.value
    panel.table.selected_rows = [1]
    driver.settle(panel)
    assert picker.value == shown(panel)["conversation_id"].iloc[1]
    assert picker.value in panel.opened.value


def heading(panel: Explore) -> str:
    """The name above the conversation that is open."""
    return driver.plain(panel.opened.value.split("</h3>")[0]).strip()


def test_a_row_clicked_while_another_is_read_is_opened_after_it(world: World) -> None:
    """Choice, heading and contents are of one conversation, however quickly rows are clicked."""
    bridged(world)
    panel = opened(world)
    first, second = panel.open.options[:2]
    row = list(shown(panel)["conversation_id"]).index(second["value"])
    headings: list[str] = []
    panel.opened.observe(
        lambda change: headings.append(heading(panel)) if change["new"] else None, names="value"
    )
    world.fault("slow", seconds=0.8, path="/Participants", times=1)
    panel.open.value = first["value"]
    panel.table.selected_rows = [row]
    driver.settle(panel)
    assert panel.open.value == second["value"]
    assert headings == [first["title"], second["title"]]
    assert second["value"] in panel.opened.value
    assert first["value"] not in panel.opened.value


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
    asked = len(world.sandbox.read("requests")["log"])
    driver.pick(panel, "Status", "CLOSED")
    assert "0 of 3 conversations" in driver.text(panel)
    assert driver.find(panel, "Open a conversation").options == []
    driver.pick(panel, "Status", "any")
    one = table(panel)["conversation_id"].iloc[2]
    driver.enter(panel, "Search", one)
    assert "1 of 3 conversations" in driver.text(panel)
    driver.enter(panel, "Search", "")
    driver.enter(panel, "Created from", "2099-01-01")
    assert "0 of 3 conversations" in driver.text(panel)
    assert len(world.sandbox.read("requests")["log"]) == asked


def rows_in_browser(panel: Explore) -> list[list[str]]:
    """The rows that the table's widget was given."""
    rows: list[list[str]] = json.loads(panel.table._dt_args["data_json"])
    return rows


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


def test_the_newest_rows_are_held_and_all_are_searched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser has a part of a large table; search and exports have all of it."""
    monkeypatch.setattr(conversations, "SHOWN", 2)
    bridged(world)
    world.sandbox.advance(60)
    world.customer_writes("The newest")
    world.sandbox.advance(5)
    panel = opened(world)
    assert panel.explored is not None
    assert panel.shown is not None
    table = panel.explored.table.sort_values("created_at", ascending=False)
    newest, *_, oldest = table["conversation_id"]
    assert len(panel.shown) == 4
    assert panel.shown["conversation_id"][0] == newest
    assert len(rows_in_browser(panel)) == len(panel.open.options) == 2
    assert panel.open.options[0]["value"] == newest
    assert "The table holds the newest 2." in driver.text(panel)
    driver.enter(panel, "Search", oldest)
    assert [one["value"] for one in panel.open.options] == [oldest]
    assert len(rows_in_browser(panel)) == 1


def test_no_row_is_left_out_of_an_updated_table(world: World) -> None:
    """The widget has a limit of 64 KB that it would go back to at each update."""
    world.seed(orchestrator_conversations=1200)
    panel = opened(world)
    assert len(rows_in_browser(panel)) == conversations.SHOWN == 1000
    driver.enter(panel, "Created from", "2000-01-01")
    assert len(panel.table._dt_args["data_json"]) > 64 * 1024
    assert len(rows_in_browser(panel)) == 1000


def test_there_is_one_search_also_after_an_update(world: World) -> None:
    """The table's own search, which would look at its rows only, stays away after a filter."""
    world.seed(orchestrator_conversations=1200)
    panel = opened(world)
    before = panel.table._dt_args
    driver.enter(panel, "Created from", "2000-01-01")
    after = panel.table._dt_args
    assert before["layout"]["topEnd"] is after["layout"]["topEnd"] is None
    assert before["order"] == after["order"] == []
    assert "1,200 of 1,200 conversations" in driver.text(panel)


def test_a_day_that_is_no_day_is_said_beside_the_field(world: World) -> None:
    """A mistyped date is an error at its field, and filters nothing."""
    bridged(world, 1)
    panel = opened(world)
    driver.enter(panel, "Created from", "22.11.2026")
    assert "like 2026-11-22" in driver.find(panel, "Created from").error
    assert "1 of 1 conversations" in driver.text(panel)
    driver.enter(panel, "Created from", "2026-11-22")
    driver.enter(panel, "Created until", "2026-11-21")
    assert "after the first day" in driver.text(panel)


@pytest.mark.parametrize("ending", ["CSV", "Excel", "Parquet", "JSON lines"])
def test_what_is_shown_is_exported(world: World, ending: str) -> None:
    """An export holds the shown rows, in a folder of the user's own."""
    bridged(world, 2)
    panel = opened(world)
    driver.pick(panel, "Export as", ending)
    driver.press(panel, "Export what is shown")
    written = list((world.home / "exports").iterdir())
    assert len(written) == 1
    assert str(written[0]) in driver.text(panel)
    assert written[0].stat().st_mode & 0o077 == 0
    if ending == "Parquet":
        assert len(pd.read_parquet(written[0])) == 2


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
    driver.press(panel, "Read conversations")
    assert driver.state(panel) == "done"


def frame() -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"conversation_id": "a", "status": "ACTIVE", "channels": "CHAT, SMS", "name": "Ana"},
        {"conversation_id": "b", "status": "CLOSED", "channels": "SMS", "addresses": "+15550001"},
        {"conversation_id": "c", "channels": None, "created_at": "2026-03-01T23:59:59Z"},
    ]
    return frames.frame(rows, columns.CONVERSATIONS)


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({}, "abc"),
        ({"status": "ACTIVE"}, "a"),
        ({"channel": "SMS"}, "ab"),
        ({"channel": "CHAT"}, "a"),
        ({"words": "ANA"}, "a"),
        ({"words": "+1555"}, "b"),
        ({"words": "ana 555"}, ""),
        ({"words": "aana"}, ""),
        ({"words": "555 b"}, "b"),
        ({"since": date(2026, 3, 1)}, "c"),
        ({"until": date(2026, 3, 1)}, "c"),
        ({"until": date(2026, 2, 28)}, ""),
    ],
)
def test_which_rows_pass(filters: dict[str, Any], kept: str) -> None:
    """Each filter on rows with missing values: a row without the value does not pass it."""
    found = filter_rows(frame(), **filters)
    again = filter_rows(frame(), **filters, texts=searched_texts(frame()))
    pd.testing.assert_frame_equal(found, again)
    assert list(found["conversation_id"]) == list(kept)
    assert list(found.columns) == list(columns.CONVERSATIONS)
    assert list(found.index) == list(range(len(kept)))


def test_the_last_day_is_not_before_the_first() -> None:
    """A range that ends before it begins is refused."""
    with pytest.raises(InvalidInput):
        filter_rows(frame(), since=date(2026, 3, 2), until=date(2026, 3, 1))
