"""How Jupyter's packages are imported here: without a costly grammar, and without warnings."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

GRAMMAR: Final = "rfc3987_syntax"
"""What jsonschema checks the formats `iri` and `iri-reference` with."""


@contextmanager
def imports_of_jupyter() -> Iterator[None]:
    """
    Import papermill, nbformat and JupyterLab within this.

    All of them import jsonschema, which imports `rfc3987_syntax` where that is installed (with
    JupyterLab it is), which compiles forty parsers: one to three seconds of processor time for
    every process. It is optional for jsonschema and nothing here has these formats, so within
    this it is as if it were not installed. Papermill's imports and the migration of Jupyter's
    paths warn, and nobody who reads that can do anything about it.

    Where jsonschema is imported here first, it checks neither format for as long as the process
    lives. A program that needs them imports jsonschema itself before it runs a notebook.
    """
    hidden = GRAMMAR not in sys.modules
    if hidden:
        # Of a name that is None here, Python's import says that there is no such module.
        sys.modules[GRAMMAR] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        if hidden:
            sys.modules.pop(GRAMMAR, None)
