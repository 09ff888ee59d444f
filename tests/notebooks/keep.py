"""
Keep what a notebook shows, so that its next run can be held against it.

`python -m tests.notebooks.keep NOTEBOOK…` runs notebooks with their
defaults on a fresh sandbox and saves their outputs in place, without anything
that changes from run to run (execution times, widget state, this machine).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from bridge_helpers.runs.kernels import Quiet


def keep(path: Path) -> None:
    """Run one notebook and save its outputs."""
    book = nbformat.read(path, as_version=4)
    NotebookClient(
        book,
        kernel_name="python3",
        timeout=120,
        kernel_manager_class=Quiet,
        store_widget_state=False,
        record_timing=False,
    ).execute()
    book.metadata["language_info"] = {"name": "python"}
    book.metadata.pop("widgets", None)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [_kept(output) for output in cell.outputs]
    nbformat.write(book, path)


def _kept(output: Any) -> Any:
    output.pop("transient", None)
    return output


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["BRIDGE_HOME"] = home
        for name in sys.argv[1:]:
            keep(Path(name))
