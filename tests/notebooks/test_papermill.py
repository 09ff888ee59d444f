"""Every notebook runs to its end unattended and writes nothing unless it is told to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from bridge_helpers.runs.kernels import Quiet

from ..sandbox_process import Account, SandboxProcess

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
ONBOARD = next(path for path in NOTEBOOKS if path.stem == "onboard")


@pytest.fixture(autouse=True)
def credentials(sandbox: SandboxProcess, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account's credentials are in the environment, as an engineer has them."""
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)


def execute(notebook: Path, folder: Path, **parameters: Any) -> Any:
    """Run a notebook and give back what papermill saved."""
    executed = folder / notebook.name
    papermill.execute_notebook(
        str(notebook),
        str(executed),
        parameters=parameters,
        progress_bar=False,
        kernel_manager_class=Quiet,
    )
    return nbformat.read(executed, as_version=4)


def declared(notebook: Path) -> list[str]:
    cells = nbformat.read(notebook, as_version=4).cells
    tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    return [line for cell in tagged for line in cell.source.splitlines() if line]


def check(book: Any, sandbox: SandboxProcess, account: Account) -> None:
    """It ended well, nothing was written to the account, and no secret is in what it saved."""
    assert sandbox.writes() == []
    assert account.api_secret not in nbformat.writes(book)
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if "ename" in output] == []


def test_run_with_defaults(tmp_path: Path, sandbox: SandboxProcess, account: Account) -> None:
    """What a scheduler runs; nbval runs every notebook with its defaults."""
    check(execute(ONBOARD, tmp_path), sandbox, account)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_run_with_injected_parameters(
    notebook: Path, tmp_path: Path, sandbox: SandboxProcess, account: Account
) -> None:
    """An injected value is the one that is shown, also with several services to choose from."""
    sandbox.control("seed", account_sid=account.account_sid, services=3)
    names = {line.split(":")[0] for line in declared(notebook)}
    values = {
        "target": "twilio",
        "service_sid": account.service_sid,
        "memory_store_id": account.memory_store_id,
        "display_name": "Injected name",
    }
    given = {name: value for name, value in values.items() if name in names}
    book = execute(notebook, tmp_path, **given)
    check(book, sandbox, account)
    shown = json.dumps(
        [book.metadata.get("widgets", {}), [cell.get("outputs", []) for cell in book.cells]]
    )
    assert "Twilio account" in shown
    if "service_sid" in names:
        assert account.service_sid in shown
    if "display_name" in names:
        assert "Injected name" in shown


def test_a_run_that_fails_makes_papermill_fail_and_says_why(
    tmp_path: Path, account: Account
) -> None:
    """A scheduler sees a status, a person sees one message and no call stack of ours."""
    result_path = tmp_path / "result.json"
    options = {
        "target": "twilio",
        "service_sid": "IS" + "0" * 32,
        "result_path": str(result_path),
    }
    words = [word for name, value in options.items() for word in ("-r", name, value)]
    done = subprocess.run(
        [sys.executable, "-m", "papermill", str(ONBOARD), "out.ipynb", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert json.loads(result_path.read_text())["error"]["type"] == "NotFound"
    told = "".join(
        "\n".join(output.get("traceback", []))
        for cell in nbformat.read(tmp_path / "out.ipynb", as_version=4).cells
        for output in cell.get("outputs", [])
    )
    assert "There is no classic service" in told
    assert "bridge_helpers/" not in told


@pytest.mark.parametrize("text", ["false", "False"])
def test_apply_given_as_the_text_false_writes_nothing(
    tmp_path: Path, sandbox: SandboxProcess, account: Account, text: str
) -> None:
    """Papermill's command line passes `false` as text, which Python takes for true."""
    execute(ONBOARD, tmp_path, target="twilio", apply=text)
    assert sandbox.writes() == []
