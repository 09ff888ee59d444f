"""Journals of other versions: an older one is carried over, a newer one is refused in words."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge_helpers.api.session import Session
from bridge_helpers.cli.main import main
from bridge_helpers.errors import BridgeError
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal, Scope, database
from bridge_helpers.onboarding.journal.database import VERSION

from .children import account, plan
from .conftest import QUICK, Client
from .server import Server
from .world import SERVICE_SID

# Version 1, as it was first given to people; later ones are made from it.
FIRST = """
PRAGMA journal_mode = WAL;
CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    account_sid TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL,
    service_sid TEXT NOT NULL,
    key TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, begun_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    operation_id TEXT, configuration_id TEXT, outcome TEXT, note TEXT
);
CREATE INDEX attempt_by_scope ON attempt (account_sid, region, origin, service_sid);
CREATE TABLE turn (
    attempt_id INTEGER NOT NULL REFERENCES attempt (id),
    at TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX turn_by_attempt ON turn (attempt_id);
CREATE TABLE step (
    id INTEGER PRIMARY KEY,
    account_sid TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL,
    service_sid TEXT NOT NULL,
    at TEXT NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX step_by_scope ON step (account_sid, region, origin, service_sid);
CREATE TABLE choice (
    account_sid TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL,
    name TEXT NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (account_sid, region, origin, name)
);
PRAGMA user_version = 1;
"""
SCOPE = Scope("AC" + "0" * 32, "us1", "https://conversations.twilio.com", SERVICE_SID)
KEY = "6b9f0c1e-0000-4000-8000-000000000001"


def old_journal(
    path: Path, scope: Scope, state: str = "posting", operation_id: str | None = None
) -> None:
    """A file of version 1 with a failed attempt, one that is not over, a step and a choice."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    where = (scope.account_sid, scope.region, scope.origin, scope.service_sid)
    body = json.dumps(plan().body())
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as db:
        db.executescript(FIRST)
        insert = "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        failed = ("key-1", body, "failed", now, now, "proc_job_1", None, None, "quota")
        db.execute(insert, (1, *where, *failed))
        db.execute(insert, (2, *where, KEY, body, state, now, now, operation_id, None, None, None))
        db.execute("INSERT INTO turn VALUES (2, ?, 'posting', 'key')", (now,))
        db.execute(
            "INSERT INTO step VALUES (1, ?, ?, ?, ?, ?, 'preflight', 'done', 'all well')",
            (*where, now),
        )
        db.execute(
            "INSERT INTO choice VALUES (?, ?, ?, 'service_sid', 'IS1', ?)", (*where[:3], now)
        )
    db.close()


def test_nothing_is_lost(tmp_path: Path) -> None:
    """Attempts (all are creates), their states, steps and choices; and it can be written to."""
    path = tmp_path / "old" / "journal.sqlite3"
    old_journal(path, SCOPE)
    journal = Journal(path)
    newest, oldest = journal.history()
    assert (oldest.kind, oldest.state, oldest.note) == ("create", "failed", "quota")
    assert (newest.kind, newest.state, newest.key) == ("create", "posting", KEY)
    assert newest.body == plan().body()
    assert [turn.state for turn in journal.turns(newest)] == ["posting"]
    assert [step.detail for step in journal.steps(SCOPE)] == ["all well"]
    assert journal.recall(SCOPE) == {"service_sid": "IS1"}
    assert journal.snapshots(SCOPE) == []
    assert journal.change(newest, "accepted", operation_id="proc_job_2").operation_id
    assert journal.latest(SCOPE, "create") == journal.latest(SCOPE)
    assert journal.latest(SCOPE, "delete") is None


def test_a_file_from_before_versions_is_read_too(tmp_path: Path) -> None:
    """It has the tables of the first version, perhaps not all, and no number."""
    path = tmp_path / "journal.sqlite3"
    old_journal(path, SCOPE)
    with sqlite3.connect(path) as db:
        db.executescript("DROP TABLE turn; DROP TABLE choice; PRAGMA user_version = 0")
    db.close()
    journal = Journal(path)
    one = journal.history()[0]
    assert journal.turns(one) == []
    assert [turn.detail for turn in journal.turns(journal.change(one, "failed", note="x"))] == ["x"]


@pytest.mark.parametrize("state", ["posting", "accepted"])
def test_what_was_not_over_is_resumed(client: Client, tmp_path: Path, state: str) -> None:
    """The old entry's key is repeated, or its operation followed: one bridge, under that key."""
    client.world.operation_seconds = 5.0
    begun = client.session.orchestrator.create_configuration(plan().body(), KEY)
    path = tmp_path / "old" / "journal.sqlite3"
    operation_id = begun.operation_id if state == "accepted" else None
    old_journal(path, Scope.of(client.session, SERVICE_SID), state, operation_id)
    client.journal = Journal(path)
    made = client.create()
    assert made.outcome == "resumed"
    assert client.world.bridging() == [made.configuration.id]
    sent = [one for one in client.server.calls if one.method == "POST"]
    assert {one.headers["idempotency-key"] for one in sent} == {KEY}


def test_a_newer_journal_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What, why, what to do; nothing is sent, nothing in it is touched, and it is no traceback."""
    path = tmp_path / "journal.sqlite3"
    Journal(path)
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE attempt ADD COLUMN later TEXT")
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = path.read_bytes()
    with Server() as server, Session(account(server.url), QUICK) as session:
        with pytest.raises(BridgeError, match="newer version") as newer:
            create(session, plan(), journal=Journal(path))
        assert server.calls == []
    assert f"version {VERSION + 1}" in newer.value.why
    assert "Update" in newer.value.action
    assert path.read_bytes() == before
    monkeypatch.setenv("BRIDGE_HOME", str(tmp_path))
    told = CliRunner().invoke(main, ["history"])
    assert told.exit_code == 1
    assert not told.exception or isinstance(told.exception, SystemExit)


def opened(path: Path) -> int:
    return len(Journal(path).history())


def test_many_processes_at_once_carry_it_over_once(tmp_path: Path) -> None:
    """Whoever comes second waits, and finds it done."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        for number in range(4):
            path = tmp_path / f"{number}.sqlite3"
            old_journal(path, SCOPE)
            assert pool.map(opened, [path] * 6, chunksize=1) == [2] * 6
            with sqlite3.connect(path) as db:
                assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
                assert db.execute("SELECT count(*) FROM attempt").fetchone() == (2,)
            db.close()
        pool.close()
        pool.join()


@pytest.mark.parametrize("broken", range(VERSION))
def test_a_step_that_breaks_leaves_the_version_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: int
) -> None:
    """All of a version or nothing of it: the next time it is done from there."""
    path = tmp_path / "journal.sqlite3"
    old_journal(path, SCOPE)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 0")
    db.close()
    whole = database._MIGRATIONS
    spoiled = [*whole]
    spoiled[broken] += "INSERT INTO no_such_table VALUES (1);"
    monkeypatch.setattr(database, "_MIGRATIONS", tuple(spoiled))
    with pytest.raises(BridgeError, match="cannot be used"):
        Journal(path)
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (broken,)
    db.close()
    monkeypatch.setattr(database, "_MIGRATIONS", whole)
    assert opened(path) == 2
