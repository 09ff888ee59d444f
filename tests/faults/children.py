"""
Processes that are killed: a small program that forks a write, kills it at a given instant and
then lets another one run to the end. It is one process without threads, so it may fork; a fork of
something imported already costs milliseconds where a new Python costs half a second.

Reads one JSON object a line: `{"url", "home", "kills": [seconds, …], "write": ["create"] or
["change" or "disconnect", id, changes] or ["channels", "", captured] or ["delete", id] or
["again", "", body]}`. Writes one:
`{"killed": n, "before": the journal's last attempt before the last run or null, "ended": ...,
"seconds": of the last run}`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bridge_helpers.api.session import Session
from bridge_helpers.errors import BridgeError
from bridge_helpers.onboarding.change import (
    carry_out,
    write_again,
    write_change,
    write_deletion,
)
from bridge_helpers.onboarding.channels.intents import Intent
from bridge_helpers.onboarding.combine import combine
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.plan import Plan
from bridge_helpers.settings import Account, Credentials, Origins, Secret

from .world import SERVICE_SID, STORE_ID

ACCOUNT_SID = "AC" + "0" * 32


def account(url: str, username: str = "SK" + "0" * 32, password: str = "p" * 32) -> Account:
    return Account(
        "twilio",
        Credentials(ACCOUNT_SID, username, Secret(password)),
        Origins(conversations=url, memory=url, api=url, intelligence=url, monitor=url),
    )


def plan(**changes: Any) -> Plan:
    return Plan(**{"service_sid": SERVICE_SID, "memory_store_id": STORE_ID, **changes})


def write_once(url: str, home: str, write: list[Any], ready: Callable[[], None]) -> dict[str, Any]:
    """One write in this process: what it ended with. `ready` is called when it begins."""
    begun = time.monotonic()
    try:
        with Session(account(url)) as session:
            ready()
            begun = time.monotonic()
            ended = _written(session, Journal(Path(home) / "journal.sqlite3"), *write)
    except BridgeError as error:
        ended = {"error": type(error).__name__, "message": str(error)}
    except Exception:
        ended = {"error": "traceback", "message": traceback.format_exc()}
    return {"ended": ended, "seconds": time.monotonic() - begun}


def _written(
    session: Session, journal: Journal, kind: str, target: str = "", changes: Any = None
) -> dict[str, Any]:
    if kind == "create":
        made = create(session, plan(), journal=journal)
        return {"outcome": made.outcome, "configuration_id": made.configuration.id}
    where: dict[str, Any] = {"service_sid": SERVICE_SID, "journal": journal}
    if kind == "again":
        again = write_again(session, changes, **where)
        return {"outcome": again.outcome, "configuration_id": again.document.id}
    if kind == "channels":
        intents = map(Intent.checked, changes)
        found = combine(session, SERVICE_SID, intents, journal=journal)
        applied = carry_out(session, found.proposal, journal=journal)
        # Of what is not known only somebody else's edit would be news here.
        told = [one.found for one in applied.findings if one.check != "journal"]
        return {"outcome": applied.outcome, "notes": told}
    if kind in ("change", "disconnect"):
        changed = write_change(session, target, changes, kind=kind, **where)  # type: ignore[arg-type]
        return {"outcome": changed.outcome, "sent": changed.sent, "notes": changed.notes}
    deleted = write_deletion(session, target, **where)
    return {"outcome": deleted.outcome, "notes": deleted.notes}


def _forked(
    url: str, home: str, write: list[Any], kill_after: float | None
) -> dict[str, Any] | None:
    """A write in a child; None when it was killed before it had ended."""
    inner, outer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inner)
        with os.fdopen(outer, "w") as out:
            ended = write_once(url, home, write, lambda: print(file=out, flush=True))
            out.write(json.dumps(ended))
        os._exit(0)
    os.close(outer)
    with os.fdopen(inner) as answer:
        answer.readline()
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        told = answer.read()
    _, status = os.waitpid(child, 0)
    return None if os.WIFSIGNALED(status) else json.loads(told)


def _last_attempt(home: str) -> dict[str, Any] | None:
    found = Journal(Path(home) / "journal.sqlite3").history()
    if not found:
        return None
    last = found[0]
    return {
        "state": last.state,
        "operation_id": last.operation_id,
        "configuration_id": last.configuration_id,
    }


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        url, home, write = asked["url"], asked["home"], asked["write"]
        killed = sum(_forked(url, home, write, seconds) is None for seconds in asked["kills"])
        before = _last_attempt(home)
        last = _forked(url, home, write, None)
        told = {"killed": killed, "before": before, **(last or {})}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


class Children:
    """The program above, running; ends with the `with` block."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.children"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            # An editable install finds the package from anywhere.
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def trial(
        self, url: str, home: Path, kills: list[float], write: Sequence[Any] = ("create",)
    ) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        asked = {"url": url, "home": str(home), "kills": kills, "write": write}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *exc: object) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(30)


if __name__ == "__main__":
    main()
