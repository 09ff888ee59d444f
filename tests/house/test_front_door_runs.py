"""The README's lines for a script of one's own, run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from bridge_helpers.runs.kernels import Quiet

from ..sandbox_process import Account, SandboxProcess

ROOT = Path(__file__).parents[2]
LOOKS = """
assert checked.ok, checked.findings
assert plan.curl(session).startswith("curl -X POST")
assert created.configuration.id.startswith("conv_configuration_")
assert created.outcome == "created"
assert verified.verified
assert len(verified.lanes) == 3
assert "conversation_id" in table.columns
"""


@pytest.fixture
def code(sandbox: SandboxProcess, account: Account, monkeypatch: pytest.MonkeyPatch) -> str:
    """The README's lines for an account whose credentials are in the environment."""
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)
    [lines] = re.findall(
        r"^```python\n(import bridge_helpers as bh\n.*?)^```$",
        (ROOT / "README.md").read_text(),
        re.M | re.S,
    )
    # The two identifiers are the only thing that differs from customer to customer.
    filled: str = lines.replace("IS…", account.service_sid)
    filled = filled.replace("mem_store_…", account.memory_store_id)
    assert "…" not in filled
    return filled + LOOKS


def test_the_readmes_lines_run_as_a_script(code: str, tmp_path: Path) -> None:
    """From an empty folder, to a proven bridge and a table."""
    script = tmp_path / "mine.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)],
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
