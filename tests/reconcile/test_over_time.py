"""Runs that were broken off, and what the next one says has healed or broken since."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge_helpers.errors import Cancelled, InvalidInput, RunInProgress
from bridge_helpers.onboarding.journal import Scope
from bridge_helpers.onboarding.reconcile import Reconciled, explain, watch
from bridge_helpers.onboarding.reconcile.ledger import comparing
from bridge_helpers.progress import Progress

from ..waiting import until
from .conftest import EVERYTHING, Planted, found

Plant = Callable[..., Planted]


def facts(result: Reconciled) -> dict[str, object]:
    """What has to be the same, however often a run was broken off."""
    told = result.as_dict()
    return {
        name: sorted(value) if isinstance(value, list) else value
        for name, value in told.items()
        if name not in ("requests", "seconds", "since_last")
    }


def test_a_cancelled_run_goes_on(plant: Plant) -> None:
    """The same result, with fewer requests, and it says since when it has been going."""
    planted, cancel = plant(200, **EVERYTHING), threading.Event()

    def stop(progress: Progress) -> None:
        if progress.done and progress.done >= 60:
            cancel.set()

    partly = planted.reconcile(cancel=cancel, on_progress=stop)
    assert isinstance(partly.error, Cancelled)
    assert not partly.complete
    assert 0 < partly.classic < 200
    assert "run it again" in partly.verdict
    rest = planted.reconcile()
    whole = planted.reconcile(fresh=True)
    assert facts(rest) == facts(whole)
    assert rest.requests < whole.requests
    assert rest.continued is not None
    assert whole.continued is None


def answered(planted: Planted) -> int:
    """How many requests the service has had."""
    return sum(planted.sandbox.read("requests")["counts"].values())


@pytest.mark.parametrize(
    "trial", [0, *(pytest.param(trial, marks=pytest.mark.soak) for trial in range(1, 20))]
)
def test_a_killed_run_goes_on(plant: Plant, tmp_path: Path, trial: int) -> None:
    """
    Killed at a random instant and run again: the same result as one run.

    The answers stop at that instant, so that the run cannot end before it is killed.
    """
    planted = plant(300, before=0, **EVERYTHING)
    requests = random.Random(trial).randrange(40, 500)
    planted.sandbox.fault("slow", after=requests, times=None, seconds=600)
    home = tmp_path / f"killed-{trial}"
    environment = {
        **os.environ,
        **planted.sandbox.environment(planted.account),
        "BRIDGE_HOME": str(home),
    }
    command = [sys.executable, "-m", "bridge_helpers", "reconcile", "--target", "twilio"]
    command += ["--service-sid", planted.service_sid]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    until(lambda: answered(planted) >= requests, seconds=60, what="the last answer")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    planted.sandbox.forget("faults")
    planted.journal = type(planted.journal)(home / "journal.sqlite3")
    rest = planted.reconcile()
    whole = planted.reconcile(fresh=True)
    assert facts(rest) == facts(whole)
    assert found(rest) == planted.expected("full")
    assert rest.continued is not None
    assert rest.requests < whole.requests


def test_what_was_compared_of_another_depth_is_not_taken(plant: Plant) -> None:
    """Each depth has its own run to go on with, and its own last time."""
    planted, cancel = plant(50, **EVERYTHING), threading.Event()

    def stop(progress: Progress) -> None:
        if progress.done:
            cancel.set()

    # What comes after the lists waits, so that the run cannot end before it is cancelled.
    planted.sandbox.fault("slow", after=20, times=None, seconds=0.5)
    assert not planted.reconcile(depth="last", cancel=cancel, on_progress=stop).complete
    planted.sandbox.forget("faults")
    full = planted.reconcile()
    assert full.continued is None
    assert full.since_last is None


def test_one_conversation_that_cannot_be_read_holds_back_no_other(plant: Plant) -> None:
    """The result says that it is not whole; the next run asks for that one alone."""
    planted = plant(40, lagging=1)
    sid = planted.kinds["lagging"][0]
    planted.sandbox.fault("status", status=400, code=20001, path=f"{sid}/Messages", times=None)
    partly = planted.reconcile()
    assert not partly.complete
    assert partly.matched == 39
    assert partly.error is not None
    planted.sandbox.forget("faults")
    rest = planted.reconcile()
    assert rest.complete
    assert found(rest) == {"lagging": [sid]}
    assert rest.requests < 10


def test_a_broken_bridge_that_is_mended(plant: Plant) -> None:
    """Shows as broken in one round, and as healed in the next."""
    planted = plant(10)
    assert planted.reconcile().since_last is None
    planted.sandbox.fault("sync-lag", seconds=7200, account_sid=planted.account.account_sid)
    wrote = planted.sandbox.control(
        "customer-writes", account_sid=planted.account.account_sid, identity="late@example.com"
    )
    sid = wrote["conversation_sid"]
    planted.sandbox.advance(600)
    broken = planted.reconcile()
    assert found(broken) == {"missing": [sid]}
    assert broken.since_last is not None
    assert (broken.since_last.broken, broken.since_last.healed) == ((sid,), ())
    planted.sandbox.advance(7200)
    healed = planted.reconcile()
    assert healed.percent == 100.0
    assert healed.since_last is not None
    assert (healed.since_last.broken, healed.since_last.healed) == ((), (sid,))


def test_a_gap_whose_conversation_is_deleted_has_not_healed(plant: Plant) -> None:
    """It is gone, and not told as mended."""
    planted = plant(10, before=0, missing=1)
    planted.reconcile()
    [sid] = planted.kinds["missing"]
    planted.session.classic.delete_conversation(planted.service_sid, sid)
    result = planted.reconcile()
    assert result.since_last is not None
    assert result.since_last.healed == ()


def test_two_comparisons_of_a_service_take_turns(plant: Plant) -> None:
    """The second one says that another is running."""
    planted = plant(3)
    scope = Scope.of(planted.session, planted.service_sid)
    with comparing(planted.journal, scope), pytest.raises(RunInProgress):
        planted.reconcile()


def test_a_watch_tells_what_changes(plant: Plant) -> None:
    """A gap is new, then stuck, then healed; the latency is that of what came since."""
    planted = plant(5)
    planted.sandbox.fault("sync-lag", seconds=3600, account_sid=planted.account.account_sid)
    turn = iter(range(10))

    def between(_: float) -> None:
        if next(turn) == 0:
            planted.sandbox.control("customer-writes", account_sid=planted.account.account_sid)
            planted.sandbox.advance(300)
        elif next(turn, 0) >= 2:
            planted.sandbox.advance(4000)

    clock = iter(range(10_000))
    rounds = watch(
        planted.session,
        planted.service_sid,
        every=60,
        duration=180,
        journal=planted.journal,
        clock=lambda: float(next(clock)) / 1000,
        sleep=between,
    )
    assert [len(one.new) for one in rounds] == [0, 1, 0, 0]
    assert rounds[2].stuck == rounds[1].new or rounds[2].healed == rounds[1].new
    assert any(one.healed == rounds[1].new for one in rounds)
    assert rounds[0].latency is not None
    assert abs(rounds[0].latency[0] - 0.8) < 0.01


def test_a_watch_refuses_what_it_cannot_keep(plant: Plant) -> None:
    """No time between rounds, or none to watch."""
    planted = plant(1)
    for every, duration in ((0.0, 1.0), (1.0, float("inf"))):
        with pytest.raises(InvalidInput):
            watch(
                planted.session,
                planted.service_sid,
                every=every,
                duration=duration,
                journal=planted.journal,
            )


@pytest.mark.parametrize(
    ("kind", "state", "word"),
    [
        ("missing", "missing", "Test the bridge"),
        ("lagging", "lagging", "IM"),
        ("doubled", "doubled", "capture"),
        ("disordered", "disordered", "occurredAt"),
        ("before-bridge", "before", "no back-fill"),
        ("in-flight", "matched", "on its way"),
        ("empty", "matched", "no messages yet"),
    ],
)
def test_why_it_is_not_there(plant: Plant, kind: str, state: str, word: str) -> None:
    """The state, its reason, what to do, and the facts of both sides."""
    planted = plant(10, **{kind.replace("-", "_"): 1})
    [sid] = planted.kinds[kind]
    told = explain(planted.session, planted.service_sid, sid)
    assert told.state == state
    assert word in f"{told.why} {told.action}"
    labels = [label for label, _ in told.facts]
    assert {"classic state", "created", "participants", "in Orchestrator"} <= set(labels)
    assert "who it would be" in labels
    assert dict(told.facts)["memory store"].endswith("ACTIVE")
    assert planted.sandbox.writes() == [] or all("Lookup" in w for w in planted.sandbox.writes())


def test_why_of_a_conversation_that_classic_does_not_have(plant: Plant) -> None:
    """It was deleted there; a sid of nothing at all is an error."""
    planted = plant(10, unexpected=1)
    [lonely] = planted.kinds["unexpected"]
    [sid] = planted.session.orchestrator.conversation(lonely).channel_ids
    assert explain(planted.session, planted.service_sid, sid).state == "unexpected"
    with pytest.raises(Exception, match="There is no conversation"):
        explain(planted.session, planted.service_sid, "CH" + "0" * 32)
    with pytest.raises(InvalidInput):
        explain(planted.session, planted.service_sid, "CH1")


def test_a_result_is_a_record(plant: Plant) -> None:
    """It cannot be changed, and tells itself in the shape of `reconcile.json`."""
    result = plant(3).reconcile()
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.classic = 0  # type: ignore[misc]
    assert list(result.as_dict())[:7] == [
        "schema",
        "service_sid",
        "depth",
        "complete",
        "classic",
        "matched",
        "percent",
    ]
