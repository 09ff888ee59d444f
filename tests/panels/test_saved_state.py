"""What papermill saves of a notebook: the panel, and never what was typed into a secret."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill

from bridge_helpers.runs.kernels import Quiet

from .conftest import World

SOURCE = """
from bridge_helpers.panels.toolkit.connection import Connection
connection = Connection("twilio")
connection.account.value = {account!r}
connection.key.value = {key!r}
typed = "".join(["typed", "-", "secret", "-", "4711"])
connection.secret._handle_custom_msg({{"event": "typed", "secret": typed}}, [])
connection.connect()
connection.settle()
connection
"""


def test_a_typed_secret_is_not_in_the_executed_notebook(world: World, tmp_path: Path) -> None:
    """papermill saves every widget's state: it holds the panel and not the secret."""
    cell = nbformat.v4.new_code_cell(
        SOURCE.format(account=world.own.account_sid, key=world.own.api_key)
    )
    book = nbformat.v4.new_notebook(cells=[cell])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, tmp_path / "in.ipynb")
    world.no_credentials()
    papermill.execute_notebook(
        tmp_path / "in.ipynb",
        tmp_path / "out.ipynb",
        progress_bar=False,
        cwd=str(tmp_path),
        kernel_manager_class=Quiet,
    )
    saved = (tmp_path / "out.ipynb").read_text()
    assert "application/vnd.jupyter.widget-state+json" in saved
    assert "bw-title" in saved
    assert "refused" in saved or "not accepted" in saved
    assert "typed-secret-4711" not in saved
