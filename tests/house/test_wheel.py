"""The package as others install it: from a wheel, without a checkout."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_FOR_WORKERS = ("jupyterlab", "jupyter_server", "nbconvert", "ipywidgets")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of somebody who has set nothing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TWILIO_")}
    # Lab's own files are in the environment that lends the dependencies.
    share = Path(sys.prefix) / "share" / "jupyter"
    return {
        **kept,
        "BRIDGE_HOME": str(tmp_path / "home"),
        "JUPYTERLAB_DIR": str(share / "lab"),
        "JUPYTER_PATH": str(share),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }


def test_the_wheel_holds_the_package_and_its_notebooks(wheel: Path) -> None:
    """Every notebook and picture, every template, style and script; no test and no cache."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder, place in (("notebooks", "bridge_helpers/notebooks"), ("bridge_helpers",) * 2):
        there = {
            f"{place}/{path.relative_to(ROOT / folder).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path.parts[-1][0] != "."
            if ".ipynb_checkpoints" not in path.parts
        }
        assert there <= inside
    assert {name.split("/")[0].split("-")[0] for name in inside} == {
        "bridge_helpers",
        "bridge_workbook",
    }
    assert not any("__pycache__" in name for name in inside)


def test_onboarding_works_from_an_empty_folder_without_lab(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Ends verified, by the installed command, where neither Lab nor widgets are installed."""
    (tmp_path / "hidden").mkdir()
    # As if they were not there: the kernel inherits it too.
    (tmp_path / "hidden" / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({NOT_FOR_WORKERS!r}))\n"
    )
    empty = tmp_path / "empty"
    empty.mkdir()
    command = str(installed / "bridge-workbook")
    # Quicker than the one that the command would start; found by its record.
    sandbox = subprocess.Popen(
        [command, "sandbox", "--lag", "0.1", "--operation-seconds", "0.1"],
        env=environment,
        stdout=subprocess.PIPE,
    )
    with sandbox:
        assert sandbox.stdout is not None
        assert sandbox.stdout.readline()
        done = subprocess.run(
            [command, "onboard", "--apply", "--output", "out"],
            cwd=empty,
            env={**environment, "PYTHONPATH": str(tmp_path / "hidden")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        sandbox.terminate()
    assert done.returncode == 0, done.stderr
    assert json.loads((empty / "out" / "result.json").read_text())["status"] == "verified"
    assert sorted(path.name for path in empty.iterdir()) == ["out"]
    where = "import bridge_helpers; print(bridge_helpers.__file__)"
    used = subprocess.check_output([installed / "python", "-c", where], cwd=empty, text=True)
    assert used.startswith(str(installed.parent))


def test_the_workbook_opens_copies_that_are_the_users(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Served from `BRIDGE_HOME`, to be written; what was typed is there the next time."""
    with served(installed, environment, tmp_path) as (folder, token, port):
        assert folder.is_relative_to(tmp_path / "home")
        assert {path.name for path in folder.glob("*.ipynb")} == {
            path.name for path in (ROOT / "notebooks").glob("*.ipynb")
        }
        assert (folder / "pictures" / "bridge.svg").is_file()
        assert get(port, token, "/lab/tree/00_start_here.ipynb").startswith(b"<!doctype html>")
        told = json.loads(get(port, token, "/api/contents/00_start_here.ipynb"))
        assert told["writable"]
        assert "Bridge Conversations" in told["content"]["cells"][0]["source"]
    mine = folder / "00_start_here.ipynb"
    mine.write_text(mine.read_text().replace("# Bridge Conversations", "# Mine"))
    (folder / "01_preflight.ipynb").unlink()
    again = "from bridge_helpers.runs.notebooks import working_folder; print(working_folder())"
    told_again = subprocess.check_output(
        [installed / "python", "-c", again], cwd=tmp_path, env=environment, text=True
    )
    assert Path(told_again.strip()) == folder
    assert "# Mine" in mine.read_text()
    assert (folder / "01_preflight.ipynb").is_file()


def test_without_lab_the_workbook_says_how_to_get_it(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Exit 1, one sentence and the command; nothing was started."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'jupyterlab' else find(name, *rest)\n"
    )
    done = subprocess.run(
        [installed / "bridge-workbook", "workbook", "--no-browser"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "pip install 'bridge-workbook[workbook]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home" / "sandbox.json").exists()


@contextmanager
def served(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> Iterator[tuple[Path, str, int]]:
    """The running workbook: its folder, its token and its port."""
    running = subprocess.Popen(
        [installed / "bridge-workbook", "workbook", "--no-browser"],
        cwd=tmp_path,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stderr is not None
    try:
        folder, said = Path(), ""
        for line in running.stderr:
            said += line
            if line.startswith("The notebooks are in "):
                folder = Path(line.removeprefix("The notebooks are in ").strip())
            if line.startswith("The workbook is open at "):
                break
        address = said.rpartition("http://127.0.0.1:")[2]
        assert address, said
        yield folder, address.rpartition("token=")[2].split()[0], int(address.split("/")[0])
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            pytest.fail("it does not end by Ctrl-C, and with it the sandbox goes on")
        running.stderr.close()


def get(port: int, token: str, path: str) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"token {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        body: bytes = answer.read()
    return body
