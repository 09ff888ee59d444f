"""An engineer's environment, and the command line as a user calls it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from bridge_helpers.errors import BridgeError
from bridge_helpers.runs import report
from bridge_helpers.runs.notebooks import notebook_path
from bridge_helpers.runs.onboarding import Onboarding

from ..sandbox_process import Account, SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEFAULTS = {
    "target": "twilio",
    "service_sid": "",
    "memory_store_id": "",
    "display_name": "classic-bridge-config",
    "description": "A bridge",
    "grouping": "GROUP_BY_PARTICIPANT_ADDRESSES",
    "voice_number": "",
    "memory_extraction": False,
    "chat_timeouts": "",
    "intelligence": "",
    "status_callbacks": "",
    "apply": True,
    "sync_timeout": 10.0,
}


@pytest.fixture
def environment(sandbox: SandboxProcess, account: Account, tmp_path: Path) -> dict[str, str]:
    """What an engineer has set for a customer's account."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TWILIO_")},
        **sandbox.environment(account),
        "BRIDGE_HOME": str(tmp_path / "home"),
    }


@pytest.fixture
def run(
    environment: dict[str, str], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`python -m bridge_helpers …` from an empty folder."""

    def call(
        *arguments: str, env: dict[str, str] | None = None, encoding: str | None = None
    ) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "bridge_helpers", *arguments],
            capture_output=True,
            text=True,
            encoding=encoding,
            cwd=tmp_path,
            env=environment if env is None else env,
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture
def walk(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """The notebook's steps in this process: the same run without the seconds of a kernel."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(**parameters: Any) -> dict[str, Any]:
        given = {**DEFAULTS, **parameters}
        run = Onboarding(say=lambda _: None, **given)
        for step in ("connect", "preflight", "plan", "create", "verify", "explore", "summary"):
            shown = getattr(run, step)()
            assert shown.text
            assert shown.html
        with contextlib.suppress(BridgeError):
            run.finish()
        return run.result()

    return call


@pytest.fixture
def page(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[str, dict[str, Any]]]:
    """The report of a run, and its result: the notebook's cells, in this process."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(show_names: bool = False, **parameters: Any) -> tuple[str, dict[str, Any]]:
        run = Onboarding(say=lambda _: None, **{**DEFAULTS, **parameters})
        book = nbformat.read(notebook_path(), as_version=4)
        for cell in book.cells:
            step = re.search(r"^run\.(\w+)\(\)$", cell.source, re.MULTILINE)
            if cell.cell_type != "code" or step is None:
                continue
            cell.outputs = []
            try:
                shown = getattr(run, step[1])()
            except BridgeError:
                continue
            if shown is not None:
                cell.outputs = [nbformat.v4.new_output("display_data", shown._repr_mimebundle_())]
        result = run.result()
        return report.render(book, result, show_names=show_names), result

    return call


def result_in(folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return result
