"""The journal: private, keyed, true, and one run at a time."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge_helpers.api.session import Session
from bridge_helpers.cli import main
from bridge_helpers.errors import BadRequest, BridgeError, RunInProgress, UnknownOutcome
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal, Scope
from bridge_helpers.progress import step_context

from .children import Children, account, plan
from .conftest import QUICK, Client, Clock
from .matrix import POST
from .server import Server, Work, drops_after, drops_before, refuses, says
from .world import SERVICE_SID, Call, Reply, World

SCOPE = Scope("AC" + "0" * 32, "us1", "https://x", SERVICE_SID)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "home" / "journal.sqlite3")


def age(journal: Journal, hours: float) -> None:
    """As if the last attempt had been begun so many hours earlier."""
    earlier = datetime.now(UTC) - timedelta(hours=hours)
    with sqlite3.connect(journal.path) as db:
        db.execute("UPDATE attempt SET begun_at = ?", (earlier.isoformat(),))
    db.close()


def test_its_files_are_private(journal: Journal) -> None:
    """0600 for every file of it, 0700 for folders, also while it is open and written to."""
    seen: set[str] = set()
    holding = sqlite3.connect(journal.path)
    holding.execute("SELECT * FROM attempt").fetchall()
    journal.begin(SCOPE, "k", {"a": 1})
    with journal.alone(SCOPE, 1.0):
        for path in journal.path.parent.rglob("*"):
            seen.add(path.name)
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), (path, oct(mode))
    holding.close()
    assert {"journal.sqlite3", "journal.sqlite3-wal", "locks"} <= seen
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


def test_it_is_keyed_by_account_region_origin_and_service(journal: Journal) -> None:
    """An entry is found by its four keys together, and by no other four."""
    journal.begin(SCOPE, "k", {})
    assert journal.latest(SCOPE) is not None
    for name, other in (
        ("account_sid", "AC" + "1" * 32),
        ("region", "ie1"),
        ("origin", "https://y"),
        ("service_sid", "IS" + "1" * 32),
    ):
        values = {one: getattr(SCOPE, one) for one in Scope.__slots__}
        assert journal.latest(Scope(**{**values, name: other})) is None


def test_the_key_is_on_disk_before_the_post_and_the_operation_before_the_poll(
    client: Client,
) -> None:
    """What a second process reads while the service is at work says how far it has come."""
    seen: list[tuple[str, str | None, str | None]] = []

    def look(call: Call, work: Work) -> Reply:
        one = Journal(client.journal.path).history()[0]
        seen.append((one.state, one.key, one.operation_id))
        return work()

    client.world.operation_seconds = 3.0
    client.server.spoil(look, POST, times=None).spoil(look, "Operations", times=None)
    made = client.create()
    sent = next(call for call in client.server.calls if call.method == "POST")
    assert seen[0] == ("posting", sent.headers["idempotency-key"], None)
    assert seen[1][0] == "accepted"
    assert seen[1][2] == made.operation_id
    last = client.journal.history()[0]
    assert (last.state, last.configuration_id) == ("completed", made.configuration.id)
    turns = client.journal.turns(last)
    assert [turn.state for turn in turns] == ["posting", "accepted", "completed"]
    assert turns[0].at <= turns[1].at <= turns[2].at


def test_two_runs_at_once_make_one_bridge(tmp_path: Path) -> None:
    """Eight threads with eight sessions: one creates, the others wait and adopt."""
    world = World(0.3)
    world.retry_after = "0"
    with Server(world, latency=lambda call: 0.01) as server:

        def run(_: int) -> str:
            with Session(account(server.url)) as session:
                return create(session, plan(), journal=Journal(tmp_path / "j.sqlite3")).outcome

        with ThreadPoolExecutor(8) as pool:
            outcomes = sorted(pool.map(run, range(8)))
    assert outcomes == ["adopted"] * 7 + ["created"]
    assert len(world.bridging()) == 1
    assert server.counted("POST") == 1


def test_two_processes_at_once_make_one_bridge(tmp_path: Path) -> None:
    """The same across processes, which share the file and nothing else."""
    world = World(0.3)
    with (
        Server(world, latency=lambda call: 0.02) as server,
        Children() as one,
        Children() as two,
        ThreadPoolExecutor(2) as pool,
    ):
        told = list(pool.map(lambda who: who.trial(server.url, tmp_path, []), (one, two)))
    assert sorted(one["ended"].get("outcome", "") for one in told) == ["adopted", "created"], told
    assert len(world.bridging()) == 1


def test_the_second_run_refuses_when_it_may_not_wait(client: Client) -> None:
    """It says who is at work and that nothing was written; it sends nothing."""
    scope = Scope.of(client.session, SERVICE_SID)
    with client.journal.alone(scope, 1.0), pytest.raises(RunInProgress) as busy:
        client.create(deadline=2.0)
    assert SERVICE_SID in busy.value.what
    assert "Nothing was written" in busy.value.why
    assert client.server.calls == []
    assert any("Another run" in one.message for one in client.shown)


def test_a_dead_run_holds_nothing(journal: Journal) -> None:
    """What a run held is let go by whatever ends it, and at once."""
    for ending in (KeyboardInterrupt, SystemExit, ValueError):
        with pytest.raises(ending), journal.alone(SCOPE, 0.0):
            raise ending
    with (
        journal.alone(SCOPE, 0.0),
        step_context(clock=Clock()),
        pytest.raises(RunInProgress),
        journal.alone(SCOPE, 0.0),
    ):
        raise AssertionError("held twice")


@pytest.mark.parametrize(("hours", "keys"), [(1, 1), (23.5, 1), (23.9, 2), (25, 2), (200, 2)])
def test_a_key_older_than_a_day_is_not_trusted(client: Client, hours: float, keys: int) -> None:
    """A young key is repeated; an old one is let go, with a note, after looking."""
    client.server.spoil(drops_before, POST, times=None)
    with pytest.raises(UnknownOutcome):
        client.create()
    client.server.faults.clear()
    age(client.journal, hours)
    looked = client.server.counted("GET")
    made = client.create()
    sent = [
        call.headers["idempotency-key"] for call in client.server.calls if call.method == "POST"
    ]
    assert len(set(sent)) == keys
    assert client.server.counted("GET") > looked
    assert bool(made.notes) == (keys == 2)
    assert made.outcome == ("resumed" if keys == 1 else "created")


def test_what_failed_unseen_is_made_anew_when_its_key_counts_no_more(client: Client) -> None:
    """An operation that is named nowhere and fails: never a second request that is not the same."""
    unseen = {"fate": "FAILED", "headers": False, "body": False, "related": None}
    client.world.next_operation = [lambda one: one.update(unseen)]
    for _ in range(2):
        with pytest.raises(UnknownOutcome) as unknown:
            client.create()
        until = client.journal.history()[0].key_counts_until
        assert f"{until:%Y-%m-%d %H:%M} UTC" in unknown.value.action
        assert "naming an operation" in unknown.value.why
        assert SERVICE_SID in unknown.value.why
    client.clock.now += 25 * 3600
    client.world.clock = client.clock
    age(client.journal, 25)
    made = client.create()
    sent = [
        call.headers["idempotency-key"] for call in client.server.calls if call.method == "POST"
    ]
    assert len(sent) == 3
    assert sent[0] == sent[1] != sent[2]
    assert made.outcome == "created"
    assert "too old" in made.notes[0]


def test_an_old_key_with_a_bridge_is_resumed_by_looking(client: Client) -> None:
    """The answer was lost, a day later the bridge is seen: no second POST."""
    client.world.operation_seconds = 60.0
    client.server.spoil(drops_after, POST, times=None)
    with pytest.raises(UnknownOutcome):
        client.create()
    posts = client.server.counted("POST")
    client.clock.now += 30 * 3600
    age(client.journal, 30)
    assert client.create().outcome == "resumed"
    assert client.server.counted("POST") == posts
    assert len(client.world.bridging()) == 1


def test_another_plan_waits_for_the_first_to_show(client: Client) -> None:
    """A lost POST of one plan and a run of another: it looks for a while before it writes."""
    client.world.operation_seconds = 10.0
    client.server.spoil(drops_after, POST, times=None)
    client.server.spoil(refuses(503), "GET .*Configurations", None, 1)
    with pytest.raises(UnknownOutcome):
        client.create()
    client.server.faults.clear()
    client.world.clock = client.clock
    for one in client.world.operations.values():
        one["begun"] = client.clock.now
    with pytest.raises(BridgeError) as differs:
        client.create(plan(description="Another"))
    assert differs.value.kind == "BridgeDiffers"
    assert len(client.world.bridging()) == 1


def test_a_plan_that_is_refused_does_not_bind_the_next(client: Client) -> None:
    """After a definite no, a corrected plan gets a key of its own and succeeds."""
    client.server.spoil(refuses(400, "displayName"), POST)
    with pytest.raises(BadRequest):
        client.create(plan(display_name="Wrong"))
    assert client.create(plan(display_name="Right")).outcome == "created"
    sent = {
        call.headers["idempotency-key"] for call in client.server.calls if call.method == "POST"
    }
    assert len(sent) == 2
    assert [one.state for one in client.journal.history()] == ["completed", "failed"]


def test_a_bridge_by_hand_is_recorded_as_adopted(client: Client) -> None:
    """Nothing is sent, the journal names the configuration, and no operation is claimed."""
    there = client.world.add_configuration(**plan().body())
    made = client.create()
    assert (made.outcome, made.operation_id) == ("adopted", None)
    one = client.journal.history()[0]
    assert (one.state, one.outcome, one.configuration_id) == ("completed", "adopted", there["id"])
    assert [turn.state for turn in client.journal.turns(one)] == ["completed"]
    assert client.server.counted("POST") == 0


def test_a_list_that_lags_behind_makes_no_second_bridge(client: Client) -> None:
    """What the journal says was made is looked at by its id before it is taken for deleted."""
    unlisted = says(200, b'{"configurations": [], "meta": {"key": "configurations"}}')
    client.server.spoil(unlisted, "^GET /v2/ControlPlane/Configurations$", None)
    first, second = client.create(), client.create()
    assert (first.outcome, second.outcome) == ("created", "adopted")
    assert second.configuration.id == first.configuration.id
    assert second.notes == ()
    assert client.server.counted("POST") == 1
    assert [one.state for one in client.journal.history()] == ["completed"]


def test_an_unusable_journal_stops_everything(tmp_path: Path) -> None:
    """A broken file or a folder in its place is an error that says that nothing was sent."""
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"this is no database" * 100)
    (tmp_path / "folder.sqlite3").mkdir()
    for path in (broken, tmp_path / "folder.sqlite3"):
        with Server() as server, Session(account(server.url), QUICK) as session:
            with pytest.raises(BridgeError, match="cannot be used") as unusable:
                create(session, plan(), journal=Journal(path))
            assert "Nothing is sent without it" in unusable.value.action
            assert server.calls == []


def test_many_open_a_new_journal_at_once(tmp_path: Path) -> None:
    """Sixteen threads make, open and write the same new file: all succeed, nothing is lost."""
    barrier = threading.Barrier(16)

    def write(path: Path, number: int) -> None:
        barrier.wait()
        Journal(path).begin(SCOPE, f"key-{number}", {"n": number})

    with ThreadPoolExecutor(16) as pool:
        for name in "abcdef":
            path = tmp_path / f"{name}.sqlite3"
            list(pool.map(partial(write, path), range(16)))
            assert len(Journal(path).history()) == 16


def test_history_lists_attempts_and_inspects_one_service(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`history` has a line for an attempt; with a service, also every step with its time."""
    monkeypatch.setenv("BRIDGE_HOME", str(client.journal.path.parent))
    made = client.create()
    ask = CliRunner().invoke
    heading, *short = ask(main, ["history"]).stdout.splitlines()
    assert heading.split()[2:6] == ["TARGET", "KIND", "STATE", "OUTCOME"]
    assert len(short) == 1
    assert short[0].split()[2:6] == ["sandbox", "create", "completed", "created"]
    for told in (SERVICE_SID, client.session.account.sid, made.configuration.id):
        assert told in short[0]
    long = ask(main, ["history", "--service-sid", SERVICE_SID]).stdout.splitlines()
    assert long[:2] == [heading, *short]
    assert [line.split()[2] for line in long[4:]] == ["posting", "accepted", "completed"]
    told = json.loads(ask(main, ["history", "--json"]).stdout)
    assert (told["kind"], told["body"]) == ("create", plan().body())
    assert [turn[1] for turn in told["turns"]] == ["posting", "accepted", "completed"]
    for option in ("--service-sid", "--account-sid"):
        assert ask(main, ["history", option, "AC1"]).exit_code == 2
    account_sid = client.session.account.sid
    assert account_sid in ask(main, ["history", "--account-sid", account_sid]).stdout


@pytest.mark.parametrize("kept", ["AC" + "ab" * 16, "AC" + "AB" * 16])
def test_history_finds_an_account_in_any_case(
    kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sid is kept as the environment had it, and may be asked for in the other case."""
    monkeypatch.setenv("BRIDGE_HOME", str(tmp_path))
    for sid in (kept, "AC" + "cd" * 16):
        Journal().begin(replace(SCOPE, account_sid=sid), f"key of {sid}", {})
    for digits in ("ab", "AB", "aB"):
        told = CliRunner().invoke(main, ["history", "--json", "--account-sid", "AC" + digits * 16])
        assert [json.loads(line)["account_sid"] for line in told.stdout.splitlines()] == [kept]
