"""After a test of the bridge nothing of it is in the account, whatever became of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from bridge_helpers.errors import BridgeError, Cancelled
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.proof.names import PREFIX
from bridge_helpers.onboarding.sweep import sweep
from bridge_helpers.onboarding.verify import verify

from ..waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge_helpers.api.session import Session
    from bridge_helpers.onboarding.journal import Journal
    from bridge_helpers.onboarding.plan import Plan

    from ..sandbox_process import Account, SandboxProcess

ROUNDS = 100
PROGRAM = f"""
import bridge_helpers as bh
session = bh.connect("sandbox")
bh.verify(session, bh.plan(session, bh.Wanted()).service_sid, rounds={ROUNDS})
"""


def profiles(session: Session, plan: Plan) -> set[str]:
    """The profiles of the store."""
    segments = ("v1", "Stores", plan.memory_store_id, "Profiles")
    told = session.http.send("GET", "memory", segments).read(dict[str, object])["profiles"]
    assert isinstance(told, list)
    return set(told)


def left(session: Session, plan: Plan) -> list[str]:
    """Everything of tests that is in the account, and every twin there is."""
    return [
        *(
            one.sid
            for one in session.classic.conversations(plan.service_sid)
            if (one.unique_name or "").startswith(PREFIX)
        ),
        *(
            one.sid
            for one in session.classic.users(plan.service_sid)
            if (one.identity or "").startswith(PREFIX)
        ),
        *(one.id for one in session.orchestrator.conversations()),
    ]


@pytest.fixture
def bridged(session: Session, plan: Plan, journal: Journal) -> Iterator[Session]:
    """The session of an account whose service is bridged; no profile is more or less at the end."""
    create(session, plan, journal=journal)
    assert left(session, plan) == []
    before = profiles(session, plan)
    yield session
    assert profiles(session, plan) == before


def test_after_a_proof_that_held(bridged: Session, plan: Plan) -> None:
    """Both ways, twice."""
    assert verify(bridged, plan.service_sid, timeout=10, rounds=2).verified
    assert left(bridged, plan) == []


@pytest.mark.parametrize("direction", ["to_orchestrator", "to_classic", "both"])
def test_after_a_proof_that_failed(
    bridged: Session, plan: Plan, sandbox: SandboxProcess, direction: str
) -> None:
    """A message was lost."""
    sandbox.fault("sync-lost", direction=direction, times=None)
    assert not verify(bridged, plan.service_sid, timeout=1.0).verified
    assert left(bridged, plan) == []


def test_after_a_proof_whose_message_was_late(
    bridged: Session, plan: Plan, sandbox: SandboxProcess
) -> None:
    """It arrives while the test is cleaned up, and makes no twin that stays."""
    sandbox.fault("sync-lag", direction="to_orchestrator", seconds=1.2)
    assert not verify(bridged, plan.service_sid, timeout=1.0).verified
    sandbox.advance(5)
    assert left(bridged, plan) == []


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 0.8])
def test_after_a_proof_that_was_stopped(
    bridged: Session, plan: Plan, sandbox: SandboxProcess, seconds: float
) -> None:
    """At any moment: also while messages are on their way."""
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.start()
    try:
        done = verify(bridged, plan.service_sid, timeout=10, rounds=ROUNDS, cancel=stop)
        assert not done.complete
    except Cancelled:
        pass
    timer.join()
    sandbox.advance(5)
    assert left(bridged, plan) == []


@pytest.mark.parametrize(
    "path", ["/Conversations$", "/Participants$", "/Messages$", "/Actions$", "/Users/"]
)
def test_after_a_proof_that_met_an_error(
    bridged: Session, plan: Plan, sandbox: SandboxProcess, path: str
) -> None:
    """A refusal, once, at any of its writes; a User that stays is told, and swept."""
    method = "DELETE" if path == "/Users/" else "POST"
    sandbox.fault("status", method=method, path=path, status=403)
    findings: list[str] = []
    try:
        findings = [one.found for one in verify(bridged, plan.service_sid, timeout=10).findings]
    except BridgeError:
        assert path not in ("/Actions$", "/Users/")
    if path == "/Users/":
        assert any("User bridge-test-" in one for one in findings)
        assert sweep(bridged, plan.service_sid, apply=True, older_than=0).ok
    assert left(bridged, plan) == []


@pytest.fixture
def environment(sandbox: SandboxProcess, account: Account, tmp_path: Path) -> dict[str, str]:
    """What a process needs to work on the account."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TWILIO_")},
        **sandbox.environment(account),
        "BRIDGE_HOME": str(tmp_path / "home"),
    }


@pytest.mark.parametrize(
    ("path", "times"),
    [("/Conversations", 1), ("/Participants", 1), ("/Messages", 1), ("/Messages", 4)],
)
def test_after_a_proof_that_was_killed_and_a_sweep(
    bridged: Session,
    plan: Plan,
    sandbox: SandboxProcess,
    environment: dict[str, str],
    path: str,
    times: int,
) -> None:
    """What the dead process made is found and removed; a proof afterwards holds."""

    def written() -> bool:
        return (
            sum(one.startswith("POST") and one.endswith(path) for one in sandbox.writes()) >= times
        )

    running = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment)
    try:
        until(written, seconds=30)
        os.kill(running.pid, signal.SIGKILL)
    finally:
        running.kill()
        running.wait(10)
    sandbox.advance(5)  # What was on its way arrives.
    assert left(bridged, plan) != []
    young = sweep(bridged, plan.service_sid, apply=True)
    assert young.counted("young") == len(young.leftovers) > 0
    assert sweep(bridged, plan.service_sid, apply=True, older_than=0).ok
    assert left(bridged, plan) == []
    assert verify(bridged, plan.service_sid, timeout=10).verified
    assert left(bridged, plan) == []


def test_a_sweep_touches_nothing_else(
    bridged: Session, plan: Plan, sandbox: SandboxProcess, account: Account
) -> None:
    """Customers' conversations, Users and twins are as they were, byte by byte."""
    sandbox.control(
        "customer-writes", account_sid=account.account_sid, identity="ana", body="Hello"
    )
    sandbox.advance(5)
    before = sandbox.read("state", account_sid=account.account_sid)["accounts"]
    assert sweep(bridged, plan.service_sid, apply=True, older_than=0).leftovers == ()
    assert sandbox.read("state", account_sid=account.account_sid)["accounts"] == before
