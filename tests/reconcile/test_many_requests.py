"""What a comparison costs: refusals where few requests are taken at once, and memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridge_helpers.api.retries import Limits
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.reconcile import reconcile

from ..sandbox_process import Account as Credentials
from .account import ACCOUNT, SERVICE, Serving, healthy
from .conftest import Planted, session_of

MANY = 600


@pytest.fixture
def serving() -> Iterator[Serving]:
    with Serving() as running:
        yield running


def test_a_service_that_takes_six_requests_at_once(serving: Serving, tmp_path: Path) -> None:
    """Fewer than one in twenty is refused, although no answer tells how many there are."""
    serving.account, serving.most, serving.delay = healthy(MANY), 6, 0.005
    credentials = Credentials(ACCOUNT, "SK" + "5" * 32, "secret", "token", SERVICE, "", "")
    with session_of(serving.url, credentials, Limits(first_wait=0.05)) as session:
        result = reconcile(session, SERVICE, journal=Journal(tmp_path / "journal.sqlite3"))
    assert result.complete
    assert result.matched == MANY
    asked = sum(serving.asked.values())
    assert asked >= 2 * MANY
    assert serving.refused < 0.05 * asked


def test_a_limit_per_second(serving: Serving, tmp_path: Path) -> None:
    """At forty a second, 24 requests take half a second at least."""
    serving.account = healthy(10)
    credentials = Credentials(ACCOUNT, "SK" + "5" * 32, "secret", "token", SERVICE, "", "")
    journal = Journal(tmp_path / "journal.sqlite3")
    with session_of(serving.url, credentials) as session:
        result = reconcile(session, SERVICE, journal=journal, per_second=40)
    assert result.requests >= 24
    assert result.seconds >= (result.requests - 2) / 40


@pytest.mark.parametrize("large", [6_000, pytest.param(50_000, marks=pytest.mark.soak)])
def test_memory_does_not_grow_with_the_account(
    plant: Callable[..., Planted], tmp_path: Path, large: int
) -> None:
    """With as many gaps, at most 1.3 times that of 1,000 conversations."""

    def peak(count: int) -> int:
        planted = plant(count, before=0, missing=10, unexpected=10, two_twins=10)
        environment = {
            **os.environ,
            **planted.sandbox.environment(planted.account),
            "BRIDGE_HOME": str(tmp_path / str(count)),
        }
        command = [sys.executable, "-m", "bridge_helpers", "reconcile", "--target", "twilio"]
        command += ["--service-sid", planted.service_sid, "--depth", "presence"]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return used.ru_maxrss

    assert peak(large) <= 1.3 * peak(1000)
