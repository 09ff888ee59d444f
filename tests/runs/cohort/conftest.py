"""Customers on the sandbox: an account for each, variables by prefix, and a file of them."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ...sandbox_process import Account, SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

HEADER = (
    *("name", "credentials", "service_sid", "memory_store_id", "grouping", "display_name"),
    "voice_number",
)


@dataclass
class Town:
    """
    Customers with their accounts on one sandbox.

    Attributes:
        accounts: By customer's name.
        environment: What whoever runs the cohort has set.
    """

    sandbox: SandboxProcess
    folder: Path
    accounts: dict[str, Account] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    lines: dict[str, dict[str, str]] = field(default_factory=dict)

    def settle(self, count: int, **wanted: Any) -> None:
        """Open accounts for so many more customers, each with a line in the file."""
        for number in range(len(self.accounts), len(self.accounts) + count):
            name = f"customer {number}"
            self.accounts[name] = self.sandbox.account(name=name, **wanted)
            self.tell(name)
            self.lines[name] = {"name": name, "credentials": f"C{number}"}

    def tell(self, name: str, **other: str) -> None:
        """Set a customer's variables."""
        account, prefix = self.accounts[name], f"C{list(self.accounts).index(name)}"
        for part in ("account_sid", "api_key", "api_secret"):
            value = other.get(part, getattr(account, part))
            self.environment[f"{prefix}_TWILIO_{part.upper()}"] = value

    def file(self, lines: Sequence[Mapping[str, str]] | None = None) -> Path:
        """The file of customers."""
        path = self.folder / "customers.csv"
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, HEADER, restval="")
            writer.writeheader()
            writer.writerows(self.lines.values() if lines is None else lines)
        return path

    def begin(self, *options: str, **env: str) -> subprocess.Popen[str]:
        """`bridge-workbook cohort` on the file, in a group of its own."""
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "bridge_helpers", "cohort", str(self.file())),
                *("--output", str(self.out), "--target", "twilio", *options),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=self.environment | env,
            start_new_session=True,
        )

    def run(self, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
        """The same, to its end."""
        process = self.begin(*options, **env)
        try:
            stdout, stderr = process.communicate(timeout=240)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    @property
    def out(self) -> Path:
        """The folder of the artefacts."""
        return self.folder / "out"

    def summary(self) -> dict[str, dict[str, str]]:
        """`summary.csv`, by name."""
        with (self.out / "summary.csv").open(newline="") as stream:
            return {row["name"]: row for row in csv.DictReader(stream)}

    def configurations(self) -> dict[str, list[str]]:
        """The configurations that bridge each account's services, by customer's name."""
        return {
            name: [one["id"] for one in self.listed(account) if one.get("conversationsV1Bridge")]
            for name, account in self.accounts.items()
        }

    def listed(self, account: Account) -> list[dict[str, Any]]:
        """An account's configurations; none where it may not ask."""
        found: list[dict[str, Any]] = self.send(account).get("configurations", [])
        return found

    def send(self, account: Account, method: str = "GET", which: str = "", **more: Any) -> Any:
        """A request about configurations, as somebody with the account's key sends it."""
        with self.sandbox.client(account) as client:
            return client.request(method, f"/v2/ControlPlane/Configurations{which}", **more).json()


@pytest.fixture
def town(sandbox: SandboxProcess, account: Account, tmp_path: Path) -> Town:
    """Nobody yet; the sandbox without faults and delays."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TWILIO_")},
        "TWILIO_CONVERSATIONS_URL": sandbox.url,
        "BRIDGE_HOME": str(tmp_path / "home"),
    }
    return Town(sandbox, tmp_path, environment=environment)


@pytest.fixture
def settled(town: Town) -> Callable[[int], Town]:
    """A town with so many customers."""

    def settle(count: int) -> Town:
        town.settle(count, conversations=0)
        return town

    return settle
