"""The names that a script or a notebook of one's own calls."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from contract.sandbox_process import SandboxProcess
from nbclient import NotebookClient

import bridge_helpers
from bridge_helpers.runs.kernels import Quiet

ROOT = Path(__file__).parents[2]
ADDRESSES = ("TWILIO_CONVERSATIONS_URL", "TWILIO_MEMORY_URL", "TWILIO_API_URL")
LOOKS = """
assert checked.ok, checked.findings
assert plan.curl(session).startswith("curl -X POST")
assert created.configuration.id.startswith("conv_configuration_")
assert created.outcome == "created"
assert verified.verified
assert len(verified.lanes) == 3
assert list(table["conversation_id"]) is not None
"""


def test_the_names_are_sorted_complete_and_there() -> None:
    """What is exported is what outsiders rely on, and each name can be used."""
    assert bridge_helpers.__all__ == [
        "Journal",
        "Plan",
        "Progress",
        "Session",
        "Wanted",
        "connect",
        "create",
        "drill",
        "errors",
        "explore",
        "plan",
        "preflight",
        "verify",
    ]
    assert set(bridge_helpers.__all__) <= set(dir(bridge_helpers))
    for name in bridge_helpers.__all__:
        assert getattr(bridge_helpers, name).__doc__
        assert getattr(bridge_helpers, name).__name__.rpartition(".")[2] == name


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As with any module, so that `hasattr` and misspellings behave."""
    assert not hasattr(bridge_helpers, "conect")
    with pytest.raises(ImportError):
        exec("from bridge_helpers import conect")


def test_type_checkers_see_the_same_names() -> None:
    """The imports for type checkers name exactly what is loaded on demand, from the same place."""
    tree = ast.parse(Path(str(bridge_helpers.__file__)).read_text())
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {**bridge_helpers._HOMES, "errors": None}


def test_importing_it_loads_nothing_heavy() -> None:
    """Neither pandas, httpx, papermill nor ipywidgets; what is asked for is loaded then."""
    code = (
        "import sys, bridge_helpers as bh\n"
        "heavy = {'pandas', 'pyarrow', 'httpx', 'papermill', 'ipywidgets', 'IPython', 'msgspec'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert [name for name in sys.modules if name.startswith('bridge_helpers.')] == []\n"
        "bh.Progress\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess("--operation-seconds", "0.2", "--lag", "0.1") as running:
        yield running


@pytest.fixture
def code(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> str:
    """The README's lines for an account whose credentials are in the environment."""
    account = sandbox.account(name="front door")
    for name in ADDRESSES:
        monkeypatch.setenv(name, sandbox.url)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", account.account_sid)
    monkeypatch.setenv("TWILIO_API_KEY", account.api_key)
    monkeypatch.setenv("TWILIO_API_SECRET", account.api_secret)
    [lines] = re.findall(
        r"^```python\n(import bridge_helpers as bh\n.*?)^```$",
        (ROOT / "README.md").read_text(),
        re.M | re.S,
    )
    # The two identifiers are the only thing that differs from customer to customer.
    filled = lines.replace("IS…", account.service_sid)
    filled = filled.replace("mem_store_…", account.memory_store_id)
    assert "…" not in filled
    return filled + LOOKS


def test_the_readmes_lines_run_as_a_script(code: str, tmp_path: Path) -> None:
    """From an empty folder, to a proven bridge and a table."""
    script = tmp_path / "mine.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=tmp_path,
        env={**os.environ, "BRIDGE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout + done.stderr == ""


def test_the_readmes_lines_run_in_a_notebook(code: str, tmp_path: Path) -> None:
    """A cell for each line, as somebody would try them."""
    lines = code.strip().splitlines()
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(line) for line in lines])
    client = NotebookClient(
        book,
        timeout=60,
        kernel_manager_class=Quiet,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    assert [cell.outputs for cell in book.cells] == [[]] * len(lines)
