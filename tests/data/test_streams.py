"""Files that are written while the list is read are those of the whole table."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bridge_helpers.data import export
from bridge_helpers.errors import Cancelled, Forbidden, InvalidInput
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.explore import explore, export_conversations
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.target import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge_helpers.api.session import Session
    from bridge_helpers.progress import Progress

    from ..sandbox_process import Account, SandboxProcess

COUNT = 2300
"""Three pages."""
BRIDGED = 3
LOADED = """
import sys
from bridge_helpers.cli.main import main
try:
    main()
finally:
    print("pandas" in sys.modules)
"""


@pytest.fixture(scope="module")
def crowd(sandbox: SandboxProcess) -> Account:
    """An account with a bridge, and more conversations than fit on two pages."""
    account = sandbox.account(name="crowd")
    sid = account.account_sid
    wanted = Plan(service_sid=account.service_sid, memory_store_id=account.memory_store_id)
    with connect("twilio", env=sandbox.environment(account)) as opened:
        create(opened, wanted)
        for number in range(BRIDGED):
            sandbox.control("customer-writes", account_sid=sid, body="Hello", identity=f"c{number}")
        sandbox.advance(30)
        listed = explore(opened).count
    sandbox.control("seed", account_sid=sid, orchestrator_conversations=COUNT - listed)
    return account


@pytest.fixture
def session(sandbox: SandboxProcess, crowd: Account) -> Iterator[Session]:
    with connect("twilio", env=sandbox.environment(crowd)) as opened:
        yield opened
    sandbox.forget("faults")


def refuse(sandbox: SandboxProcess, crowd: Account, after: int) -> None:
    """Refuse the conversations from one page on."""
    sandbox.fault(
        "status",
        account_sid=crowd.account_sid,
        path="/v2/Conversations",
        status=403,
        after=after,
        times=None,
    )


@pytest.mark.parametrize("ending", export.FORMATS)
def test_a_streamed_file_is_the_file_of_the_table(
    session: Session, tmp_path: Path, ending: str
) -> None:
    """Byte by byte where the format allows; else every value and type."""
    whole = explore(session)
    assert (whole.count, len(whole.table)) == (COUNT, COUNT)
    written = export_conversations(session, tmp_path / f"streamed{ending}")
    assert (written.rows, written.complete, written.error) == (COUNT, True, None)
    from_table = export.write(whole.table, tmp_path / f"whole{ending}")
    if ending in (".csv", ".jsonl"):
        assert written.path.read_bytes() == from_table.read_bytes()
        return
    read = pd.read_excel if ending == ".xlsx" else pd.read_parquet
    pd.testing.assert_frame_equal(read(written.path), read(from_table))


def test_a_parquet_file_is_the_table(session: Session, tmp_path: Path) -> None:
    """Values and types: what is read from the file is what `explore` gives."""
    written = export_conversations(session, tmp_path / "all.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet(written.path), explore(session).table, check_categorical=False
    )


@pytest.mark.parametrize("ending", export.FORMATS)
def test_a_page_that_fails_leaves_a_whole_file_of_what_was_read(
    session: Session, sandbox: SandboxProcess, crowd: Account, tmp_path: Path, ending: str
) -> None:
    """The pages before it are in the file, and the reason why there are no more is told."""
    refuse(sandbox, crowd, after=2)
    written = export_conversations(session, tmp_path / f"out{ending}")
    assert (written.rows, written.complete) == (2000, False)
    assert isinstance(written.error, Forbidden)
    assert len(table_in(written.path)) == 2000


@pytest.mark.parametrize("ending", export.FORMATS)
def test_nothing_read_leaves_the_earlier_file(
    session: Session, sandbox: SandboxProcess, crowd: Account, tmp_path: Path, ending: str
) -> None:
    """An empty file would say that there is nothing."""
    path = tmp_path / "files" / f"out{ending}"
    path.parent.mkdir()
    path.write_text("earlier")
    refuse(sandbox, crowd, after=0)
    with pytest.raises(Forbidden):
        export_conversations(session, path)
    assert path.read_text() == "earlier"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_reading_that_is_stopped_keeps_what_was_read(session: Session, tmp_path: Path) -> None:
    """As when a page fails."""
    cancel = threading.Event()

    def stop(shown: Progress) -> None:
        if shown.done == 1000:
            cancel.set()

    written = export_conversations(session, tmp_path / "out.csv", on_progress=stop, cancel=cancel)
    assert isinstance(written.error, Cancelled)
    assert len(table_in(written.path)) == written.rows
    assert 1000 <= written.rows < COUNT


def test_only_a_services_conversations_are_written(
    session: Session, crowd: Account, tmp_path: Path
) -> None:
    """The filter works while reading, on all pages."""
    written = export_conversations(session, tmp_path / "out.csv", service_sid=crowd.service_sid)
    whole = explore(session).table
    ours = whole[whole["service_sid"] == crowd.service_sid]
    assert written.complete
    assert written.rows == len(ours) >= BRIDGED
    read = table_in(written.path)
    assert list(read["conversation_id"]) == list(ours["conversation_id"])
    assert read["channel_ids"].str.startswith("CH").all()


def test_what_cannot_be_is_refused_before_anything_is_read(
    session: Session, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    """An ending, a status and a service that are none."""
    sandbox.forget("requests")
    for wrong in ({"path": "out.txt"}, {"status": ["OPEN"]}, {"service_sid": "CH1"}):
        given: dict[str, Any] = {"path": tmp_path / "out.csv", **wrong}
        with pytest.raises(InvalidInput):
            export_conversations(session, given.pop("path"), **given)
    assert sandbox.asked() == []
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("ending", export.FORMATS)
def test_the_command_writes_without_pandas(
    sandbox: SandboxProcess, crowd: Account, tmp_path: Path, ending: str
) -> None:
    """Importing it would take longer than reading and writing thousands of rows."""
    path = tmp_path / f"out{ending}"
    done = subprocess.run(
        [sys.executable, "-c", LOADED, "conversations", "--target", "twilio", "--output", path],
        env={"PATH": "", "BRIDGE_HOME": str(tmp_path), **sandbox.environment(crowd)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"{COUNT:,} conversations in {path}" in done.stderr
    assert done.stdout.split() == ["False"]
    assert len(table_in(path)) == COUNT


def test_the_first_rows_are_had_without_a_frame(session: Session) -> None:
    """`head` gives the rows of the table, also across pages."""
    found = explore(session)
    head = found.head(1100)
    assert [one["conversation_id"] for one in head] == list(found.table["conversation_id"][:1100])
    assert head[0]["created_at"] == found.table["created_at"][0]
    assert head[0]["participants"] == found.table["participants"][0]
    assert len(found.head(COUNT + 1)) == COUNT
    assert found.table is found.table


def table_in(path: Path) -> pd.DataFrame:
    """The table in a file, by pandas' own reader."""
    if path.suffix == ".jsonl":
        return pd.read_json(path, lines=True)
    if path.suffix == ".csv":
        return pd.read_csv(path)
    return pd.read_excel(path) if path.suffix == ".xlsx" else pd.read_parquet(path)
