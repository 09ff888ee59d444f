"""
The fault matrix once more, against the sandbox: one row for each of its faults.

The rows of `test_matrix` stand against a server of these tests alone; here the client and the
sandbox, written by different hands, meet on a socket.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge_helpers.api.retries import Limits
from bridge_helpers.api.session import Session
from bridge_helpers.errors import BridgeError
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.onboarding.verify import verify
from bridge_helpers.progress import step_context
from bridge_helpers.settings import Account as Where
from bridge_helpers.settings import Credentials, Secret, origins_for

from ..sandbox_process import Account, SandboxProcess

QUICK = Limits(attempts=4, connection_attempts=3, seconds=60.0, timeout=1.0, first_wait=0.2)
CREATE = {"method": "POST", "path": "/Configurations$"}
POLL = {"method": "GET", "path": "/Operations/"}
LIST = {"method": "GET", "path": "/v2/Conversations$"}
CLASSIC = {"method": "GET", "path": "/v1/Services/.*/Conversations$"}
TABLE: list[tuple[str, str, str, str, str]] = []


@dataclass(frozen=True)
class Row:
    """
    What to do, the sandbox's fault, and what comes of it.

    Attributes:
        left: Bridging configurations, or items read.
        then: What an undisturbed create says afterwards.
    """

    what: str
    fault: dict[str, Any]
    expected: str
    left: int
    then: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        values = (f"{name}={value}" for name, value in self.fault.items() if name != "fault")
        return " ".join((self.fault["fault"], *values))


def creating(fault: str, expected: str, left: int, then: str, **options: Any) -> Row:
    return Row("create", {"fault": fault, **options}, expected, left, then)


ROWS = (
    creating("status", "created", 1, "adopted", status=429, retry_after="3"),
    creating("status", "created", 1, "adopted", status=429),
    creating("status", "RateLimited", 0, "created", status=429, times=None),
    creating("status", "created", 1, "adopted", status=500, times=2),
    creating("status", "UnknownOutcome", 0, "resumed", status=503, times=None),
    creating("status", "created", 1, "adopted", status=502, shape="html"),
    creating("status", "BadRequest", 0, "created", status=400, code=20001, shape="classic"),
    creating("status", "BadRequest", 0, "created", status=400, code=20001, shape="orchestrator"),
    creating("status", "BadRequest", 0, "created", status=400, code=20001, shape="rfc9457"),
    creating("status", "BadRequest", 0, "created", status=400, shape="empty"),
    creating("status", "Forbidden", 0, "created", status=403, shape="html"),
    creating("drop-before", "created", 1, "adopted"),
    creating("drop-after", "created", 1, "adopted"),
    creating("drop-after", "created", 1, "adopted", times=None),
    creating("slow", "created", 1, "adopted", seconds=1.4),
    creating("slow", "created", 1, "adopted", seconds=4.0, drip=True),
    creating("truncate", "created", 1, "adopted"),
    creating("not-json", "UnknownOutcome", 0, "resumed"),
    creating("redirect", "UnknownOutcome", 0, "resumed", location="http://127.0.0.1:1/"),
    creating("operation-fails", "OperationFailed", 0, "created"),
    creating("operation-hangs", "OperationPending", 0, "OperationPending"),
    creating("operation-state", "created", 1, "adopted", state="RUNNING"),
    creating("operation-state", "created", 1, "adopted", state="SOMETHING_NEW"),
    creating("operation-state", "OperationFailed", -1, "", state="CANCELLED", final=True),
    creating("operation-state", "OperationFailed", -1, "", state="CANCELED", final=True),
    creating("operation-no-related", "created", 1, "adopted"),
    creating("foreign-status-url", "created", 1, "adopted"),
    creating("no-operation-headers", "created", 1, "adopted"),
    Row("poll", {"fault": "not-json", "times": 2, **POLL}, "created", 1, "adopted"),
    Row("poll", {"fault": "not-json", "times": None, **POLL}, "BadAnswer", 1, "resumed"),
    Row("poll", {"fault": "status", "status": 503, "times": 2, **POLL}, "created", 1, "adopted"),
    Row("list", {"fault": "repeat-token", "times": None, **LIST}, "RepeatedPage", 2000),
    Row("list", {"fault": "large-page", "size": 300, "times": None, **LIST}, "all", 2200),
    Row(
        "list",
        {"fault": "status", "status": 503, "after": 1, "times": None, **LIST},
        "ServerError",
        1000,
    ),
    Row("list", {"fault": "not-json", "after": 1, **LIST}, "BadAnswer", 1000),
    Row("list", {"fault": "truncate", "after": 1, **LIST}, "all", 2200),
    Row("classic", {"fault": "repeat-token", "times": None, **CLASSIC}, "RepeatedPage", 100),
    Row("classic", {"fault": "large-page", "size": 30, "times": None, **CLASSIC}, "all", 250),
    Row("verify", {"fault": "sync-lost", "direction": "to_orchestrator"}, "not proven", 1),
    Row("verify", {"fault": "sync-lag", "seconds": 1.0}, "proven", 1),
    Row("verify", {"fault": "sync-double"}, "proven", 1),
    Row("verify", {"fault": "sync-reorder"}, "not proven", 1),
)  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess("--operation-seconds", "0.1", "--lag", "0.05") as running:
        running.control("settings", retry_after=0)
        yield running


@pytest.fixture
def account(sandbox: SandboxProcess) -> Iterator[Account]:
    yield sandbox.account(name="matrix")
    sandbox.forget("faults")


@dataclass
class Rig:
    """One account, and waits that are shorter than they say."""

    session: Session
    plan: Plan
    journal: Journal
    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        time.sleep(min(seconds, 0.06))

    def create(self) -> str:
        try:
            return create(
                self.session,
                self.plan,
                journal=self.journal,
                clock=lambda: self.now,
                sleep=self.sleep,
            ).outcome
        except BridgeError as error:
            return error.kind

    def read(self, items: Callable[[], Iterable[Any]]) -> tuple[str, int]:
        count = 0
        with step_context(None, None, lambda: self.now, self.sleep):
            try:
                for _ in items():
                    count += 1
            except BridgeError as error:
                return error.kind, count
        return "all", count

    def bridging(self) -> int:
        with step_context(None, None, lambda: self.now, self.sleep):
            found = list(self.session.orchestrator.configurations())
        return sum(one.service_sid == self.plan.service_sid for one in found)


@pytest.fixture
def rig(sandbox: SandboxProcess, account: Account, tmp_path: Path) -> Iterator[Rig]:
    urls = dict.fromkeys(("conversations", "memory", "api"), sandbox.url)
    credentials = Credentials(account.account_sid, account.api_key, Secret(account.api_secret))
    where = Where("sandbox", credentials, origins_for("", urls))
    with Session(where, QUICK) as session:
        yield Rig(
            session,
            Plan(service_sid=account.service_sid, memory_store_id=account.memory_store_id),
            Journal(tmp_path / "journal.sqlite3"),
        )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.what} {row.name}")
def test_each_fault_of_the_sandbox(
    row: Row, rig: Rig, account: Account, sandbox: SandboxProcess
) -> None:
    """Each fault ends as its row says; an undisturbed run afterwards makes or keeps one bridge."""
    sid = {"account_sid": account.account_sid}
    if row.what in ("list", "classic"):
        seeds = (
            {"orchestrator_conversations": 2200} if row.what == "list" else {"conversations": 238}
        )
        sandbox.control("seed", **sid, **seeds)
    if row.what == "verify":
        assert rig.create() == "created"
    where = CREATE if row.what == "create" else {}
    sandbox.control("faults", **where, **row.fault, **sid)
    if row.what == "verify":
        done = verify(rig.session, rig.plan.service_sid, timeout=2.5)
        said, left = ("proven" if done.verified else "not proven"), rig.bridging()
    elif row.what == "list":
        said, left = rig.read(rig.session.orchestrator.conversations)
    elif row.what == "classic":
        said, left = rig.read(lambda: rig.session.classic.conversations(account.service_sid))
    else:
        said, left = rig.create(), -1
        sandbox.forget("faults")
        if row.left >= 0:
            sandbox.advance(1)
            left = rig.bridging()
    assert (said, left) == (row.expected, row.left)
    if row.then:
        assert rig.create() == row.then
        assert rig.bridging() <= 1
    TABLE.append((row.what, row.name, said, "" if left < 0 else str(left), row.then))


def test_the_sandbox_matrix_is_shown(
    record_property: Callable[[str, object], None], sandbox: SandboxProcess
) -> None:
    """Every fault that the sandbox says it has is in a row; the table is printed at the end."""
    if len(TABLE) < len(ROWS):
        pytest.skip("not all rows ran, or not here")
    head = ("what", "fault", "ended", "left", "then")
    widths = [max(len(row[n]) for row in (head, *TABLE)) for n in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *TABLE)
    ]
    record_property("faults", "\n".join(lines))
    told = str(sandbox.read(""))
    names = {row.fault["fault"] for row in ROWS}
    assert all(f"'{name}'" in told for name in names)
