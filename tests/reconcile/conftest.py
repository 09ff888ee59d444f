"""A sandbox whose clock may go on by hours, and accounts in it with planted gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge_helpers.api.retries import Limits
from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.reconcile import reconcile
from bridge_helpers.onboarding.reconcile.records import Reconciled
from bridge_helpers.settings import Account as Where
from bridge_helpers.settings import Credentials, Secret, origins_for

from ..sandbox_process import Account, SandboxProcess

EVERYTHING = {
    "missing": 3,
    "lagging": 2,
    "hole": 2,
    "doubled": 2,
    "two-twins": 1,
    "disordered": 2,
    "unexpected": 2,
    "before-bridge": 3,
    "captured": 2,
    "deleted": 2,
    "media": 2,
    "in-flight": 2,
    "empty": 1,
    "reopened": 2,
    "revived": 2,
}
"""Conversations of every kind there is."""

SEEN = {
    "presence": {
        "missing": ["missing"],
        "doubled": ["two-twins"],
        "unexpected": ["unexpected"],
    },
    "last": {
        "missing": ["missing"],
        "lagging": ["lagging"],
        "doubled": ["two-twins", "doubled"],
        "unexpected": ["unexpected"],
    },
    "full": {
        "missing": ["missing"],
        "lagging": ["lagging", "hole"],
        "doubled": ["two-twins", "doubled"],
        "disordered": ["disordered"],
        "unexpected": ["unexpected"],
    },
}
"""Which kinds each depth has to find, and as what."""


@dataclass
class Planted:
    """
    An account with planted gaps, and a journal of its own.

    Attributes:
        kinds: What was planted, by kind.
        seeded: The conversations from before, which the account starts with.
    """

    sandbox: SandboxProcess
    account: Account
    session: Session
    journal: Journal
    kinds: dict[str, list[str]] = field(default_factory=dict)
    seeded: int = 0

    @property
    def service_sid(self) -> str:
        return self.account.service_sid

    def reconcile(self, **options: Any) -> Reconciled:
        return reconcile(self.session, self.service_sid, journal=self.journal, **options)

    def expected(self, depth: str) -> dict[str, list[str]]:
        """The sids of each state that a comparison of this depth has to find."""
        return {
            state: sorted(sid for kind in kinds for sid in self.kinds.get(kind, []))
            for state, kinds in SEEN[depth].items()
        }


def found(result: Reconciled) -> dict[str, list[str]]:
    """What a comparison found, by state; states without any left out."""
    told = result.as_dict()
    states = ("missing", "lagging", "doubled", "disordered", "unexpected")
    return {state: sorted(told[state]) for state in states if told[state]}


def session_of(url: str, account: Account, limits: Limits | None = None) -> Session:
    """A session at a sandbox."""
    addresses = dict.fromkeys(("conversations", "memory", "api"), url)
    credentials = Credentials(account.account_sid, account.api_key, Secret(account.api_secret))
    return Session(Where("sandbox", credentials, origins_for("", addresses)), limits)


@pytest.fixture(scope="package")
def hours() -> Iterator[SandboxProcess]:
    """A sandbox of this folder's own: planting lets its clock go on."""
    with SandboxProcess("--operation-seconds", "0", "--lag", "0.2") as running:
        yield running


@pytest.fixture
def plant(hours: SandboxProcess, tmp_path: Path) -> Iterator[Callable[..., Planted]]:
    """Plants gaps in a fresh account; settings and faults are as at the start."""
    opened: list[Session] = []
    hours.forget("faults")
    hours.control(
        "settings",
        partial_lists=False,
        channel_filter=True,
        concurrent_limit=None,
        rate_limit=None,
        lag=0.2,
    )

    def make(
        conversations: int = 60, *, limits: Limits | None = None, before: int = 5, **kinds: int
    ) -> Planted:
        account = hours.account(conversations=before)
        told = hours.control(
            "plant",
            account_sid=account.account_sid,
            conversations=conversations,
            kinds={kind.replace("_", "-"): count for kind, count in kinds.items()},
        )
        hours.forget("requests")
        opened.append(session_of(hours.url, account, limits))
        journal = Journal(tmp_path / f"{account.account_sid}.sqlite3")
        return Planted(hours, account, opened[-1], journal, told["planted"], before)

    yield make
    for session in opened:
        session.close()
