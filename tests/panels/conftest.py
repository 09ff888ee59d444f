"""One sandbox process for all panel tests; a fresh account, journal and memory for each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge_helpers.onboarding.create import Created, create
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.panels import values
from bridge_helpers.panels.connection import Connection

from . import driver

QUICK = {"lag": 0.1, "operation_seconds": 0.2, "retry_after": 0}


class Sandbox:
    """A running sandbox and its control endpoints."""

    def __init__(self, home: Path) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TWILIO_")}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "bridge_helpers.sandbox"),
                *("--lag", "0.1", "--operation-seconds", "0.2"),
            ],
            stdout=subprocess.PIPE,
            env={**environment, "BRIDGE_HOME": str(home)},
            text=True,
        )
        assert self.process.stdout is not None
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def control(self, path: str, body: object | None = None, method: str = "") -> Any:
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method or ("GET" if body is None else "POST"),
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


class World:
    """One account of the sandbox, and the environment that points to it."""

    def __init__(self, sandbox: Sandbox, patch: pytest.MonkeyPatch, home: Path) -> None:
        self.sandbox = sandbox
        self.home = home
        self._patch = patch
        self._connections: list[Connection] = []
        for name in list(os.environ):
            if name.startswith("TWILIO_"):
                patch.delenv(name)
        patch.setenv("BRIDGE_HOME", str(home))
        patch.chdir(home)
        for service in ("CONVERSATIONS", "MEMORY", "API"):
            patch.setenv(f"TWILIO_{service}_URL", sandbox.url)
        self.use(self.account())

    def account(self, **wanted: object) -> dict[str, Any]:
        """A new account of the sandbox."""
        made: dict[str, Any] = self.sandbox.control("accounts", wanted)
        return made

    def use(self, account: dict[str, Any]) -> None:
        """Put an account's credentials into the environment."""
        self.own = account
        self._patch.setenv("TWILIO_ACCOUNT_SID", account["account_sid"])
        self._patch.setenv("TWILIO_API_KEY", account["api_key"])
        self._patch.setenv("TWILIO_API_SECRET", account["api_secret"])

    def seed(self, **wanted: object) -> dict[str, Any]:
        """Add things to this account."""
        made: dict[str, Any] = self.sandbox.control(
            "seed", {"account_sid": self.own["account_sid"], **wanted}
        )
        return made

    def bridge(self, connection: Connection, name: str = "classic-bridge-config") -> Created:
        """Bridge the account's first service, as an earlier run would have."""
        assert connection.session is not None
        return create(
            connection.session,
            Plan(
                service_sid=self.own["service_sid"],
                memory_store_id=self.own["memory_store_id"],
                display_name=name,
            ),
        )

    def customer_writes(self, body: str, times: int = 1) -> dict[str, Any]:
        """A customer writes into a new classic conversation."""
        made: dict[str, Any] = self.sandbox.control(
            "customer-writes",
            {"account_sid": self.own["account_sid"], "body": body, "times": times},
        )
        return made

    def no_credentials(self) -> None:
        for name in ("ACCOUNT_SID", "API_KEY", "API_SECRET"):
            self._patch.delenv(f"TWILIO_{name}")

    def fault(self, name: str, **options: object) -> None:
        """Order a fault for this account."""
        self.sandbox.control(
            "faults", {"fault": name, "account_sid": self.own["account_sid"], **options}
        )

    def connection(self, target: str = "sandbox") -> Connection:
        """A connect panel that has done what it does by itself."""
        panel = Connection(target)
        driver.settle(panel)
        self._connections.append(panel)
        return panel

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    def writes(self) -> list[str]:
        """The writes that the sandbox has seen since the test began."""
        log = self.sandbox.control("requests")["log"]
        return [f"{one['method']} {one['path']}" for one in log if one["method"] != "GET"]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox process, quick: operations take 0.2 s, messages cross in 0.1 s."""
    running = Sandbox(tmp_path_factory.mktemp("sandbox-home"))
    running.control("settings", QUICK)
    yield running
    running.stop()


@pytest.fixture
def world(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    """A fresh account with nothing typed and an empty journal."""
    values.forget_typed()
    monkeypatch.setattr("bridge_helpers.api.operations.FIRST_LOOK", 0.1)
    sandbox.control("requests", method="DELETE")
    opened = World(sandbox, monkeypatch, tmp_path)
    yield opened
    opened.close()
    sandbox.control("faults", method="DELETE")
    sandbox.control("settings", QUICK)
