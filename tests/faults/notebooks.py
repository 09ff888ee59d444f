"""
Run notebooks through papermill, two at a time.

`python -m tests.faults.notebooks OUT NOTEBOOK…`
"""

from __future__ import annotations

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager

from bridge_helpers.runs.kernels import Private

LOUD = "import logging\nlogging.basicConfig(level=logging.DEBUG, force=True)"


class Heard(Private, AsyncKernelManager):
    """What a kernel writes to its own stderr is searched as well."""


def run(notebook: Path, out: Path) -> str:
    """Execute one notebook with every logger at debug level; what it ended with."""
    import papermill
    from papermill.exceptions import PapermillExecutionError

    book = nbformat.read(notebook, as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(LOUD))
    source = out / f"source-{notebook.name}"
    nbformat.write(book, source)
    try:
        papermill.execute_notebook(
            str(source),
            str(out / notebook.name),
            progress_bar=False,
            kernel_name="python3",
            kernel_manager_class=Heard,
        )
    except PapermillExecutionError as error:
        return f"{notebook.name}: {error}"
    return f"{notebook.name}: done"


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", DeprecationWarning)
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(lambda name: run(Path(name), out), sys.argv[2:]):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
