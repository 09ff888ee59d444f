"""Random histories on both sides: a comparison equals one by brute force, whatever the lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.reconcile import reconcile
from bridge_helpers.settings import Account as Where
from bridge_helpers.settings import Credentials, Secret, origins_for

from .account import ACCOUNT, SERVICE, Account, Serving

STATES = ("missing", "lagging", "doubled", "disordered", "unexpected")


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with Serving() as running:
        yield running


@pytest.fixture(scope="module")
def session(serving: Serving) -> Iterator[Session]:
    addresses = dict.fromkeys(("conversations", "memory", "api"), serving.url)
    credentials = Credentials(ACCOUNT, "SK" + "5" * 32, Secret("not-a-secret"))
    with Session(Where("sandbox", credentials, origins_for("", addresses))) as opened:
        yield opened


def compare(serving: Serving, session: Session, folder: Path, seed: int) -> None:
    serving.account = account = Account(seed)
    serving.asked.clear()
    journal = Journal(folder / "journal.sqlite3")
    result = reconcile(session, SERVICE, journal=journal, fresh=True)
    told = result.as_dict()
    wrong = account.wrong()
    assert result.complete, result.error
    assert {state: set(told[state]) for state in STATES} == {s: wrong[s] for s in STATES}
    assert set(told["before_bridge"]) == wrong["before"]
    assert told["classic"] == len(account.classic)
    broken = set().union(*(wrong[state] for state in STATES if state != "unexpected"))
    assert told["matched"] == len(account.classic) - len(wrong["before"]) - len(broken)
    assert set(serving.asked) == {"GET"}


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_equal_to_brute_force(
    serving: Serving, session: Session, tmp_path: Path, seed: int
) -> None:
    """Whatever the histories, the page size, the order of the lists, and what their items tell."""
    compare(serving, session, tmp_path, seed)


@pytest.mark.soak
@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=2000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_equal_to_brute_force_at_length(
    serving: Serving, session: Session, tmp_path: Path, seed: int
) -> None:
    """The same, much longer."""
    compare(serving, session, tmp_path, seed)
