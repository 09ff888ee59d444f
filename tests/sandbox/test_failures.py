"""A mistake inside the sandbox is told to whoever asked and kept where it can be found."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ..sandbox_process import Account, plain_client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BROKEN = """
from bridge_helpers.sandbox import routes
from bridge_helpers.sandbox.command import sandbox
from bridge_helpers.sandbox.control import handlers

def fail(_):
    raise ZeroDivisionError("a mistake of ours")

def fail_later(call):
    call.world.schedule(call.now, fail)
    return handlers.ok({})

routes.ROUTES["/v1/Services"]["GET"] = fail
routes.ROUTES["/v1/Configuration"]["GET"] = fail_later
handlers.ROUTES["/_sandbox/health"]["GET"] = fail
sandbox()
"""


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[tuple[str, Account, Path]]:
    """A sandbox with mistakes, started by somebody who throws its stderr away."""
    process = subprocess.Popen(
        [sys.executable, "-c", BROKEN],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={"BRIDGE_HOME": str(tmp_path)},
    )
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        yield told["url"], Account.of(told), tmp_path / "sandbox.log"
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def test_the_traceback_is_where_the_answer_says(broken: tuple[str, Account, Path]) -> None:
    """500 in Twilio's shape, with a request id that finds the traceback; 0600."""
    url, account, log = broken
    with plain_client(url, auth=account.key) as client:
        failed = client.get("/v1/Services")
    assert failed.status_code == 500
    assert failed.json()["code"] == 20500
    request_id = failed.headers["Twilio-Request-Id"]
    assert request_id in failed.json()["message"]
    assert str(log) in failed.json()["message"]
    kept = log.read_text()
    assert request_id in kept
    assert "ZeroDivisionError: a mistake of ours" in kept
    assert account.api_secret not in kept
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_controls_and_work_on_the_agenda_fail_aloud_too(
    broken: tuple[str, Account, Path],
) -> None:
    """A control says where to look; work that fails does not keep later requests from passing."""
    url, account, log = broken
    with plain_client(url, auth=account.key) as client:
        failed = client.get("/_sandbox/health")
        assert failed.status_code == 500
        assert str(log) in failed.json()["error"]
        assert client.get("/v1/Configuration").status_code == 200
        assert client.get("/v2/Conversations").status_code == 500
        assert client.get("/v2/Conversations").status_code == 200
    assert len(re.findall("ZeroDivisionError: a mistake", log.read_text())) == 2


def test_the_log_does_not_grow_without_end(tmp_path: Path) -> None:
    """Two files of a megabyte at most, both for their owner alone."""
    fill = (
        "import pathlib, sys; from bridge_helpers.sandbox.http import failures;"
        "failures.keep_in(pathlib.Path(sys.argv[1]));\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError:\n"
        "    for _ in range(10_000): failures.report('RQ0', 'GET', '/' + 200 * 'x')\n"
    )
    subprocess.run(
        [sys.executable, "-c", fill, str(tmp_path)], stderr=subprocess.DEVNULL, check=True
    )
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["sandbox.log", "sandbox.log.1"]
    assert all(path.stat().st_size <= 1_000_000 for path in files)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
