"""A session, a journal and a plan for the fresh account of each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.settings import Account as Where
from bridge_helpers.settings import Credentials, Secret, origins_for

from ..sandbox_process import Account, SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session(sandbox: SandboxProcess, account: Account) -> Iterator[Session]:
    addresses = {"conversations": sandbox.url}
    credentials = Credentials(account.account_sid, account.api_key, Secret(account.api_secret))
    where = Where("sandbox", credentials, origins_for("", addresses))
    with Session(where) as opened:
        yield opened


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite3")


@pytest.fixture
def plan(account: Account) -> Plan:
    return Plan(service_sid=account.service_sid, memory_store_id=account.memory_store_id)
