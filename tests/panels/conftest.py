"""A fresh account, journal and memory for each panel test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge_helpers.onboarding.create import Created, create
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.panels.start import StartMap
from bridge_helpers.panels.toolkit import values
from bridge_helpers.panels.toolkit.connection import Connection

from ..sandbox_process import Account, SandboxProcess
from . import driver


class World:
    """One account of the sandbox, and the environment that points to it."""

    def __init__(
        self, sandbox: SandboxProcess, own: Account, patch: pytest.MonkeyPatch, home: Path
    ) -> None:
        self.sandbox = sandbox
        self.home = home
        self._patch = patch
        self._connections: list[Connection] = []
        for name in list(os.environ):
            if name.startswith("TWILIO_"):
                patch.delenv(name)
        patch.setenv("BRIDGE_HOME", str(home))
        patch.chdir(home)
        self.use(own)

    def account(self, **wanted: object) -> Account:
        """A new account of the sandbox."""
        return self.sandbox.account(**wanted)

    def use(self, account: Account) -> None:
        """Put an account's credentials into the environment."""
        self.own = account
        for name, value in self.sandbox.environment(account).items():
            self._patch.setenv(name, value)

    def seed(self, **wanted: object) -> dict[str, Any]:
        """Add things to this account."""
        made: dict[str, Any] = self.sandbox.control(
            "seed", account_sid=self.own.account_sid, **wanted
        )
        return made

    def bridge(self, connection: Connection, name: str = "classic-bridge-config") -> Created:
        """Bridge the account's first service, as an earlier run would have."""
        assert connection.session is not None
        return create(
            connection.session,
            Plan(
                service_sid=self.own.service_sid,
                memory_store_id=self.own.memory_store_id,
                display_name=name,
            ),
        )

    def customer_writes(self, body: str, times: int = 1) -> dict[str, Any]:
        """A customer writes into a new classic conversation."""
        made: dict[str, Any] = self.sandbox.control(
            "customer-writes", account_sid=self.own.account_sid, body=body, times=times
        )
        return made

    def no_credentials(self) -> None:
        for name in ("ACCOUNT_SID", "API_KEY", "API_SECRET"):
            self._patch.delenv(f"TWILIO_{name}")

    def fault(self, name: str, **options: object) -> None:
        """Order a fault for this account."""
        self.sandbox.fault(name, account_sid=self.own.account_sid, **options)

    def connection(self, target: str = "sandbox") -> Connection:
        """A connect panel that has done what it does by itself."""
        panel = Connection(target)
        driver.settle(panel)
        self._connections.append(panel)
        return panel

    def close(self) -> None:
        # The map of this test looks no more.
        StartMap._newest_map = None
        for connection in self._connections:
            connection.close()

    def writes(self) -> list[str]:
        """The writes that the sandbox has seen since the test began; a look-up is no write."""
        return [one for one in self.sandbox.writes() if not one.endswith("/Profiles/Lookup")]


@pytest.fixture
def world(
    sandbox: SandboxProcess, account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[World]:
    """A fresh account with nothing typed and an empty journal."""
    values.forget_typed()
    monkeypatch.setattr("bridge_helpers.api.operations.FIRST_LOOK", 0.1)
    opened = World(sandbox, account, monkeypatch, tmp_path)
    yield opened
    opened.close()
