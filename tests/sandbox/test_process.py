"""The process: announces itself once, stays on loopback, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from bridge_helpers.sandbox.control.catalogue import CONTROLS

from ..sandbox_process import SandboxProcess, plain_client
from ..waiting import until

if TYPE_CHECKING:
    from pathlib import Path


def start(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bridge_helpers.sandbox", *options],
        capture_output=True,
        text=True,
        timeout=20,
        env={**os.environ, "BRIDGE_HOME": str(home)},
        check=False,
    )


def test_the_first_line_is_all_there_is_to_know(tmp_path: Path) -> None:
    """One JSON object that works at once, and the same for others in sandbox.json, 0600."""
    with SandboxProcess(home=tmp_path) as sandbox:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", sandbox.info["url"])
        with sandbox.client(sandbox.first_account) as client:
            services = client.get("/v1/Services").json()["services"]
        assert services[0]["sid"] == sandbox.info["service_sid"]
        record = tmp_path / "sandbox.json"
        assert json.loads(record.read_text()) == {**sandbox.info, "pid": sandbox.process.pid}
        assert stat.S_IMODE(record.stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_told(tmp_path: Path, number: signal.Signals) -> None:
    """Status 0, nothing more on stdout or stderr, no record, although a client is connected."""
    with SandboxProcess(home=tmp_path) as sandbox:
        sandbox.read("health")
        sandbox.process.send_signal(number)
        out, _ = sandbox.process.communicate(timeout=10)
        assert (sandbox.process.returncode, out, sandbox.complaints) == (0, "", "")
        assert not (tmp_path / "sandbox.json").exists()


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    """When the process that started it is killed, it stops and takes its record along."""
    child = "import signal, subprocess, sys; subprocess.Popen([sys.executable, '-m', "
    child += "'bridge_helpers.sandbox']); signal.pause()"
    environment = {**os.environ, "BRIDGE_HOME": str(tmp_path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", child], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    url = json.loads(parent.stdout.readline())["url"]
    parent.kill()
    parent.wait(timeout=5)
    parent.stdout.close()
    record = tmp_path / "sandbox.json"
    until(lambda: not record.exists(), what="the end of the sandbox")
    with plain_client(url) as client, pytest.raises(httpx.TransportError):
        client.get("/_sandbox/health")


def test_it_ends_with_a_named_process(tmp_path: Path) -> None:
    """--parent names another process to live with."""
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with SandboxProcess("--parent", str(other.pid), home=tmp_path) as sandbox:
        other.kill()
        other.wait(timeout=5)
        assert other.stdin is not None
        other.stdin.close()
        assert sandbox.process.wait(timeout=10) == 0


def test_a_record_of_another_sandbox_stays(tmp_path: Path) -> None:
    """The later sandbox's record is not removed by the end of the earlier one."""
    with SandboxProcess(home=tmp_path) as first, SandboxProcess(home=tmp_path) as second:
        first.process.terminate()
        first.process.wait(timeout=10)
        record = json.loads((tmp_path / "sandbox.json").read_text())
        assert (record["pid"], record["url"]) == (second.process.pid, second.url)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.com", "::"])
def test_loopback_only(tmp_path: Path, host: str) -> None:
    """Any other interface is refused with status 2 and one line."""
    refused = start(tmp_path, "--host", host)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert "loopback" in refused.stderr


def test_a_port_in_use(tmp_path: Path) -> None:
    """One line that says what to do, and status 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = start(tmp_path, "--port", str(taken.getsockname()[1]))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert "--port 0" in refused.stderr


def test_bad_options_are_refused(tmp_path: Path) -> None:
    """A lag below nothing is refused with status 2, before anything starts."""
    assert start(tmp_path, "--lag", "-1").returncode == 2


def test_help_lists_every_control(tmp_path: Path) -> None:
    """--help names each control that GET /_sandbox/ describes."""
    shown = start(tmp_path, "--help").stdout
    for control in CONTROLS:
        assert control["use"] in shown


def test_the_options_arrive() -> None:
    """Lag, jitter, operation time, traffic, seed and frozen clock are what was asked for."""
    options = "--lag 2 --jitter 0.5 --operation-seconds 3 --traffic 4 --seed 9 --freeze-clock"
    with SandboxProcess(*options.split()) as sandbox:
        settings, health = sandbox.read("settings"), sandbox.read("health")
    wanted = {"lag": 2, "jitter": 0.5, "operation_seconds": 3, "traffic": 4, "retry_after": 3}
    assert wanted.items() <= settings.items()
    assert (health["seed"], health["frozen"]) == (9, True)


def test_a_home_that_cannot_be_used(tmp_path: Path) -> None:
    """One line that names BRIDGE_HOME, and status 1."""
    (tmp_path / "file").write_text("")
    refused = start(tmp_path / "file")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert "BRIDGE_HOME" in refused.stderr
