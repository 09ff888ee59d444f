"""The launcher: that both stop together, and who is let in."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from bridge_helpers.errors import InvalidInput
from bridge_helpers.runs import workbook

from ..browser.lab import ROOT, Lab
from ..waiting import until

NEVER_LISTENS = "import re; re.match(r'(a+)+$', 'a' * 60 + 'b')"
"""It keeps Python's lock for years."""


def answers(url: str) -> bool:
    """Whether somebody listens there."""
    try:
        with urllib.request.urlopen(url, timeout=20):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_lab_and_sandbox_stop_together(tmp_path: Path, how: signal.Signals) -> None:
    """
    However the workbook ends, neither Lab nor the sandbox is left behind.

    Until then Lab listens on the loopback interface only, and serves nothing without its token.
    """
    lab = Lab(tmp_path, ROOT / "notebooks")
    try:
        sandbox = json.loads((lab.home / "sandbox.json").read_text())["url"]
        assert answers(sandbox)
        assert lab.url.startswith("http://127.0.0.1:")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{lab.url}/api/contents", timeout=5)
        lab.process.send_signal(how)
        lab.process.wait(15)
        until(lambda: not answers(lab.url), seconds=15, what="the end of the server")
        until(lambda: not answers(sandbox), seconds=15, what="the end of the server")
        if how is not signal.SIGKILL:
            assert lab.process.returncode == 0
            assert "The workbook has stopped." in lab.log()
            assert list((tmp_path / "runtime_dir").glob("*.json")) == []
    finally:
        lab.stop()


def test_ctrl_c_is_heard_whatever_lab_is_doing(tmp_path: Path) -> None:
    """It comes while requests are answered, in the middle of somebody else's code."""
    lab = Lab(tmp_path, ROOT / "notebooks")

    def ask_on() -> None:
        while answers(f"{lab.url}/api"):
            pass

    asking = [threading.Thread(target=ask_on) for _ in range(4)]
    try:
        for one in asking:
            one.start()
        lab.process.send_signal(signal.SIGINT)
        assert lab.process.wait(15) == 0
        assert "The workbook has stopped." in lab.log()
    finally:
        lab.stop()
        for one in asking:
            one.join(30)


@pytest.mark.parametrize("pause", [0.0, 0.1, 0.4])
def test_ctrl_c_pressed_again_and_again_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    """Neither a kernel that never listens, nor Jupyter's files, nor the keeper's socket."""
    with tempfile.TemporaryDirectory(prefix="k") as short:
        monkeypatch.setenv("XDG_RUNTIME_DIR", short)
        lab = Lab(tmp_path, ROOT / "notebooks")
        begun = tmp_path / "begun"
        try:
            kernel = lab.kernel()
            kernel.execute(f"open({str(begun)!r}, 'w').close()\n{NEVER_LISTENS}")
            until(begun.exists, seconds=60, what="the start of the kernel")
            kernel.stop_channels()
            children = psutil.Process(lab.process.pid).children(recursive=True)
            assert len(children) == 2
            assert list(Path(short).iterdir()) != []
            for _ in range(4):
                lab.process.send_signal(signal.SIGINT)
                time.sleep(pause)
            assert lab.process.wait(15) == 0
            assert "The workbook has stopped." in lab.log()
            assert "Exception ignored" not in lab.log()
            assert [one for one in children if one.is_running()] == []
            assert list((tmp_path / "runtime_dir").glob("*.json")) == []
            assert list(Path(short).iterdir()) == []
        finally:
            lab.stop()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_that_it_is_starting_ends_with_it(tmp_path: Path, how: signal.Signals) -> None:
    """Before the sandbox has said where it is; nothing is said of Twilio."""
    folders = ("BRIDGE_HOME", "XDG_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    workbook_process = subprocess.Popen(
        [sys.executable, "-m", "bridge_helpers", "workbook", "--no-browser"],
        env={**os.environ, **dict.fromkeys(folders, str(tmp_path))},
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert workbook_process.stderr is not None
    try:
        [sandbox] = until(psutil.Process(workbook_process.pid).children, what="the sandbox")
        workbook_process.send_signal(how)
        assert workbook_process.wait(15) == 0
        # Seen before the workbook itself knows it, it ends by itself when its parent is gone.
        until(lambda: not sandbox.is_running(), seconds=15, what="the end of the sandbox")
        said = workbook_process.stderr.read()
        assert said.splitlines()[-1] == "The workbook has stopped."
        assert "Twilio" not in said
        assert list(tmp_path.glob("bridge-*")) == []
    finally:
        workbook_process.kill()
        workbook_process.wait()
        workbook_process.stderr.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that a workbook may be opened in, in this process."""
    for name in ("JUPYTER_TOKEN", "JUPYTER_CONFIG_PATH", "BRIDGE_WORKBOOK"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    (tmp_path / "00_start_here.ipynb").write_text("{}")
    return tmp_path


def test_ctrl_c_while_it_starts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends as it would later, and says nothing of Twilio."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workbook, "_lab", interrupted)
    said: list[str] = []
    heard = signal.getsignal(signal.SIGINT)
    status = workbook.run(notebooks=folder, browser=False, sandbox=False, say=said.append)
    assert (status, said) == (0, ["The workbook has stopped."])
    assert signal.getsignal(signal.SIGINT) is heard


def test_a_folder_without_the_start_notebook_is_refused(tmp_path: Path) -> None:
    """The launcher names the folder and what it has to hold, before anything is started."""
    with pytest.raises(InvalidInput, match="00_start_here"):
        workbook.run(notebooks=tmp_path, browser=False)


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    """A named port is not silently replaced by another."""
    (tmp_path / "00_start_here.ipynb").write_text("{}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InvalidInput, match="port"):
            workbook.run(notebooks=tmp_path, port=taken.getsockname()[1], browser=False)


def test_a_port_that_is_taken_in_the_meantime_is_refused_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at it and Lab's own there is a second."""
    import jupyterlab.labapp

    with socket.socket() as taken, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()

        def too_late(**_: object) -> None:
            taken.bind(("127.0.0.1", port))
            taken.listen()
            raise SystemExit(1)

        monkeypatch.setattr(jupyterlab.labapp.LabApp, "initialize_server", too_late)
        with pytest.raises(InvalidInput, match="port"):
            workbook.run(notebooks=folder, port=port, browser=False, sandbox=False)
