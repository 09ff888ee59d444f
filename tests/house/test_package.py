"""The package as a whole: how its modules import, and what it says that it needs."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from .modules import MODULES, ROOT, imports_of, name_of

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_inside_the_package_are_relative(path: Path) -> None:
    """One way to write them, so that a room can be moved with the imports in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        named = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
        assert not any(name.split(".")[0] == "bridge_helpers" for name in named)


def test_what_is_imported_is_declared_and_what_is_declared_is_used() -> None:
    """Nothing works only because something else happens to need it; nothing is left over."""
    owners = packages_distributions()
    imported = {
        owners.get(library, [library])[0].lower().replace("_", "-")
        for path in MODULES
        for library in {module.split(".")[0] for module in imports_of(path)}
        if library not in sys.stdlib_module_names and library not in ("bridge_helpers", "")
    }
    extras = PROJECT["optional-dependencies"]
    asked = [*PROJECT["dependencies"], *extras["workbook"], *extras["cluster"]]
    declared = {re.split(r"[<>=~!\[ ]", one)[0].lower() for one in asked}
    # A kernel is started by its name, and papermill executes notebooks with nbclient.
    by_name = {"ipykernel", "nbclient"}
    assert imported <= declared
    assert declared - by_name <= imported


def test_the_readme_is_one_page() -> None:
    """Long tables are in docs."""
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
