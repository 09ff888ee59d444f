"""Jupyter's packages are imported without a grammar that costs every process seconds."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from bridge_helpers.runs.imports import GRAMMAR, imports_of_jupyter

TOLD = (
    "import sys; print([name for name in ('jsonschema', 'rfc3987_syntax') if name in sys.modules])"
)
WITHIN = "from bridge_helpers.runs.imports import imports_of_jupyter as quick\nwith quick():\n    "


def printed(code: str) -> str:
    """What a fresh Python prints; a warning is an error there."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", ["papermill", "nbformat", "jupyterlab.labapp"])
def test_the_grammar_is_left_out(name: str) -> None:
    """What is wanted is there."""
    assert printed(f"{WITHIN}import {name}\n{TOLD}") == "['jsonschema']"


def test_afterwards_it_is_imported_as_ever() -> None:
    """
    Whoever needs it finds it.

    Should jsonschema stop importing it by itself, this says that the workaround can go.
    """
    again = "import importlib, jsonschema._format as format\nimportlib.reload(format)"
    told = printed(f"{WITHIN}import nbformat\n{again}\n{TOLD}")
    assert told == str(["jsonschema", GRAMMAR])


@pytest.mark.parametrize(
    "code",
    [
        "import bridge_helpers.runs.cohort.namespace",
        "from bridge_helpers.runs.execute import _check_runs\n"
        "from bridge_helpers.runs.notebooks import notebook_path\n"
        "_check_runs(notebook_path('onboard.ipynb'))",
    ],
)
def test_our_runs_do_without_it(code: str) -> None:
    """What a run and a cohort's worker import, and what looks at a notebook before a run."""
    assert printed(f"{code}\n{TOLD}") == "['jsonschema']"


def test_an_error_within_leaves_nothing_behind() -> None:
    """Nor does one within another."""
    before = sys.modules.get(GRAMMAR, "not imported")
    with pytest.raises(ModuleNotFoundError), imports_of_jupyter(), imports_of_jupyter():
        importlib.import_module("no_such_module")
    assert sys.modules.get(GRAMMAR, "not imported") == before
