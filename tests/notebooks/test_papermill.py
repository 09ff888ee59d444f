"""Every notebook runs to its end unattended and writes nothing unless it is told to."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from bridge_helpers.runs.kernels import Quiet

from ..sandbox_process import Account, SandboxProcess

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
Execute = Callable[..., Any]
ONBOARD = next(path for path in NOTEBOOKS if path.stem == "onboard")


@pytest.fixture(autouse=True)
def credentials(sandbox: SandboxProcess, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account's credentials are in the environment, as an engineer has them."""
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def execute(tmp_path: Path, record_property: Callable[[str, object], None]) -> Execute:
    """
    Run a notebook and give back what papermill saved.

    A kernel that ends by itself says nothing of the notebook: how it ended is shown with the
    session's other figures, and the notebook is run once more.
    """

    def once(notebook: Path, parameters: dict[str, Any]) -> str:
        class Kernel(Quiet):
            """This run's."""

        try:
            papermill.execute_notebook(
                str(notebook),
                str(tmp_path / notebook.name),
                parameters=parameters,
                progress_bar=False,
                kernel_manager_class=Kernel,
            )
        except RuntimeError:
            if not Kernel.ended:
                raise
            record_property("faults", f"{notebook.name}: its kernel died. {Kernel.ended}")
            return Kernel.ended
        return ""

    def call(notebook: Path, **parameters: Any) -> Any:
        if once(notebook, parameters) and (again := once(notebook, parameters)):
            pytest.fail(f"The kernel died twice. {again}")
        return nbformat.read(tmp_path / notebook.name, as_version=4)

    return call


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


def test_run_with_defaults(execute: Execute, sandbox: SandboxProcess, account: Account) -> None:
    """What a scheduler runs; nbval runs every notebook with its defaults."""
    check(execute(ONBOARD), sandbox, account)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_run_with_injected_parameters(
    notebook: Path, execute: Execute, sandbox: SandboxProcess, account: Account
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
    book = execute(notebook, **given)
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
    execute: Execute, sandbox: SandboxProcess, text: str
) -> None:
    """Papermill's command line passes `false` as text, which Python takes for true."""
    execute(ONBOARD, target="twilio", apply=text)
    assert sandbox.writes() == []
