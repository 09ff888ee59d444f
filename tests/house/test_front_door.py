"""The names that a script or a notebook of one's own calls."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import bridge_helpers

ROOT = Path(__file__).parents[2]


def test_the_names_are_sorted_complete_and_there() -> None:
    """What is exported is what outsiders rely on, and each name can be used."""
    assert bridge_helpers.__all__ == [
        "Journal",
        "Plan",
        "Progress",
        "Session",
        "Wanted",
        "benefits",
        "connect",
        "create",
        "drill",
        "errors",
        "explore",
        "plan",
        "preflight",
        "reconcile",
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
        "ours = [name for name in sys.modules if name.startswith('bridge_helpers.')]\n"
        "assert ours == ['bridge_helpers.version'], ours\n"
        "bh.Progress\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
