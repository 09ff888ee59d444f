"""The explore panel's files: named, in the folder, and saved by the browser."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest

from bridge_helpers.panels.exploring import rows as conversation_rows
from bridge_helpers.panels.toolkit import inputs

from . import driver
from .conftest import World
from .test_explore import bridged, keys, opened, shown


@pytest.mark.parametrize("ending", ["CSV", "Excel", "Parquet", "JSON lines"])
def test_what_is_shown_is_saved_by_the_browser_and_in_the_folder(world: World, ending: str) -> None:
    """The rows that pass, in a file named after customer and day, readable for the user alone."""
    bridged(world, 2)
    panel = opened(world)
    driver.pick(panel, "Format", ending)
    saved = driver.download(panel, "Download")
    written = list((world.home / "exports").iterdir())
    assert len(written) == 1
    assert saved == (written[0].name, written[0].read_bytes())
    day = f"{datetime.now().astimezone():%Y-%m-%d}"
    assert written[0].stem == f"conversations-{world.own.account_sid}-{day}"
    assert str(written[0].parent) in driver.text(panel)
    assert written[0].stat().st_mode & 0o077 == 0
    if ending == "Parquet":
        assert len(pd.read_parquet(written[0])) == 2
    again = driver.download(panel, "Download")
    assert again is not None
    assert again[0] == f"{written[0].stem}-2{written[0].suffix}"


def test_a_large_file_travels_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole in the end, whatever the limit of one message."""
    monkeypatch.setattr(inputs, "PART", 700)
    bridged(world, 9)
    panel = opened(world)
    saved = driver.download(panel, "Download")
    assert saved is not None
    assert saved[1] == (world.home / "exports" / saved[0]).read_bytes()
    assert len(saved[1]) > 3 * 700


def test_a_file_that_is_gone_before_it_is_saved_is_an_error(world: World) -> None:
    """The browser saves nothing that is not whole."""
    bridged(world, 1)
    panel = opened(world)

    def remove() -> None:
        for file in (world.home / "exports").iterdir():
            file.unlink()

    panel.download.on_click(lambda: panel.worker.submit(remove))
    sent: list[dict[str, str]] = []
    panel.download.send = lambda message, buffers=None: sent.append(message)
    panel.download._handle_custom_msg({"event": "click", "for": "tab"}, [])
    driver.settle(panel)
    panel.download._handle_custom_msg({"event": "more", "for": "tab"}, [])
    assert [one["event"] for one in sent] == ["begin"]
    assert driver.state(panel) == "failed"


def test_a_file_is_named_after_the_service(world: World) -> None:
    """Where one service is shown; what no file can be called is left out."""
    bridged(world, 1)
    panel = opened(world, service_sid=world.own.service_sid)
    assert driver.find(panel, "Conversations of").options[0]["title"] == "Support chat"
    saved = driver.download(panel, "Download")
    assert saved is not None
    assert saved[0].startswith("conversations-Support-chat-20")
    for name in ("../../etc/x", "a/b\\c", "\0", ".", "ACME (Köln)"):
        made = conversation_rows.file_name(name, date(2026, 11, 24), "csv")
        assert made.startswith("conversations-")
        assert not set("/\\\0") & set(made)
        assert ".." not in made
    assert conversation_rows.file_name("ACME (Köln)", date(2026, 11, 24), "csv") == (
        "conversations-ACME-Köln-2026-11-24.csv"
    )


def test_what_a_file_has_not_is_said_beside_the_button(world: World) -> None:
    """What is read for the rows in view only is in no file of all rows."""
    bridged(world, 1)
    panel = opened(world)
    words = driver.text(panel)
    assert "Not in the file: Messages, Last message and Last activity" in words
    saved = driver.download(panel, "Download")
    assert saved is not None
    heading = saved[1].decode("utf-8-sig").splitlines()[0]
    assert not {"messages", "last_message", "last_activity"} & set(heading.split(","))


def test_a_saved_file_is_told_until_the_rows_change(world: World) -> None:
    """After a filter or another reading it is not what the table shows."""
    bridged(world, 3)
    panel = opened(world)
    driver.download(panel, "Download")
    assert "3 rows in" in driver.text(panel)
    assert "The file is written." in panel.status.value
    driver.enter(panel, "Search", "conv")
    assert "3 rows in" not in driver.text(panel)
    assert "3 conversations read at" in panel.status.value
    driver.download(panel, "Download")
    assert "3 rows in" in driver.text(panel)
    world.fault("status", path="/v2/Conversations", status=403, times=1)
    driver.press(panel, "Read again")
    assert "3 rows in" not in driver.text(panel)


def test_no_rows_are_not_saved(world: World) -> None:
    """The button says why it cannot be pressed, and no file is written."""
    bridged(world, 1)
    panel = opened(world)
    driver.enter(panel, "Search", "nobody")
    assert driver.find(panel, "Download").reason == "no conversation passes the filters"
    panel.save()
    driver.settle(panel)
    assert not (world.home / "exports").exists()
    driver.enter(panel, "Search", "")
    assert not driver.find(panel, "Download").disabled


@pytest.mark.parametrize(
    ("since", "last"), [("2026-11-22", "2026-11-21"), ("", "22.11.2026"), ("22.11.2026", "")]
)
def test_no_rows_are_kept_beside_a_wrong_day(world: World, since: str, last: str) -> None:
    """Not in the table, nor for a file that is named after another scope; all can be cleared."""
    bridged(world, 3)
    panel = opened(world, service_sid=world.own.service_sid)
    assert len(keys(panel)) == 3
    driver.enter(panel, "Created from", since)
    driver.enter(panel, "Created until", last)
    for scope in ("the whole account", "Support chat"):
        driver.pick(panel, "Conversations of", scope)
        assert "0 of 3 conversations" in driver.text(panel)
        assert (keys(panel), len(shown(panel))) == ([], 0)
        assert driver.find(panel, "Download").reason == "no conversation passes the filters"
        assert panel.since.error or panel.until.error
    driver.press(panel, "Clear the filters")
    assert len(keys(panel)) == len(shown(panel)) == 3
    assert panel.since.error == panel.until.error == ""
    assert not driver.find(panel, "Download").disabled


def test_a_file_is_named_after_the_scope_of_its_rows(world: World) -> None:
    """Where another scope could not be read, the rows in view are still those of the last one."""
    bridged(world, 1)
    panel = opened(world, service_sid=world.own.service_sid)
    for scope, owner in (("account", "Support-chat"), ("Support chat", world.own.account_sid)):
        world.fault("status", path="/v2/Conversations", status=403, times=1)
        driver.pick(panel, "Conversations of", scope)
        assert driver.state(panel) == "failed"
        saved = driver.download(panel, "Download")
        assert saved is not None
        assert saved[0].startswith(f"conversations-{owner}-20")
        driver.pick(panel, "Conversations of", "Support chat")
        driver.pick(panel, "Conversations of", "account")
        assert driver.state(panel) == "done"
