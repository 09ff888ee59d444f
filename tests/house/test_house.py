"""The rules of the house, each as something that can fail."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import subprocess
import sys
from pathlib import Path

import click
import nbformat
import pytest

from .modules import MODULES, ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize(
    "path", [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda path: path.name
)
def test_no_file_is_too_long_to_read(path: Path) -> None:
    """Past about 400 lines a file wants to be two."""
    assert len(path.read_text().splitlines()) <= 420


def test_importing_the_package_is_cheap() -> None:
    """Neither pandas nor papermill, widgets, charts or HTTP are loaded before they are needed."""
    code = (
        "import sys, bridge_helpers, bridge_helpers.settings, bridge_helpers.errors;"
        "heavy = {'pandas', 'papermill', 'ipywidgets', 'altair', 'httpx', 'starlette', 'IPython'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_line_starts_without_the_heavy_ones() -> None:
    """`--help` needs no pandas, no papermill and no widget."""
    code = (
        "import sys, bridge_helpers.cli;"
        "heavy = {'pandas', 'papermill', 'ipywidgets', 'altair', 'IPython', 'uvicorn'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_hold_prose_and_no_logic(path: Path) -> None:
    """Short cells, each after prose; parameters plain and explained; nothing saved that tells."""
    book = nbformat.read(path, as_version=4)
    assert "widgets" not in book.metadata
    assert "papermill" not in book.metadata
    for before, cell in zip([None, *book.cells], book.cells, strict=False):
        if cell.cell_type != "code":
            continue
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert before is not None
        assert before.cell_type == "markdown"
        if "parameters" in cell.metadata.get("tags", []):
            for node in ast.parse(cell.source).body:
                assert isinstance(node, ast.AnnAssign)
                assert isinstance(node.annotation, ast.Name)
            # The first line may be a comment: it is what is seen of a cell that is folded.
            assert all("  # " in line or line[0] == "#" or len(line) > 90 for line in lines)
        else:
            assert len(lines) <= 5
            kinds = (ast.If, ast.For, ast.While, ast.Try, ast.FunctionDef, ast.ClassDef)
            nodes = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, kinds)]
            assert nodes == []


def test_the_onboard_notebook_declares_what_outsiders_rely_on() -> None:
    """Names, types and defaults of its parameters, as papermill reads them."""
    import papermill

    found = papermill.inspect_notebook(str(ROOT / "notebooks" / "onboard.ipynb"))
    told = {name: (one["inferred_type_name"], one["default"]) for name, one in found.items()}
    assert told == {
        "target": ("str", '"sandbox"'),
        "service_sid": ("str", '""'),
        "memory_store_id": ("str", '""'),
        "display_name": ("str", '"classic-bridge-config"'),
        "description": (
            "str",
            '"Bridges a Conversations (classic) service into Conversation Orchestrator"',
        ),
        "grouping": ("str", '"GROUP_BY_PARTICIPANT_ADDRESSES"'),
        "voice_number": ("str", '""'),
        "memory_extraction": ("bool", "False"),
        "chat_timeouts": ("str", '""'),
        "intelligence": ("str", '""'),
        "status_callbacks": ("str", '""'),
        "apply": ("bool", "False"),
        "sync_timeout": ("float", "30.0"),
        "result_path": ("str", '""'),
    }
    assert all(one["help"] for one in found.values())


def test_the_notebooks_parameters_are_the_runs() -> None:
    """What the notebook declares, what the run takes and what the command offers are one list."""
    from bridge_helpers.cli.onboard import onboard
    from bridge_helpers.onboarding.plan import Wanted
    from bridge_helpers.runs.notebooks import notebook_path
    from bridge_helpers.runs.onboarding import Onboarding
    from bridge_helpers.runs.parameters import declared as declared_in
    from bridge_helpers.runs.request import Request

    declared = set(declared_in(notebook_path()))
    taken = {
        *inspect.signature(Onboarding).parameters,
        *inspect.signature(Request.checked).parameters,
    }
    wanted = {field.name for field in dataclasses.fields(Wanted)}
    assert declared == taken - {"say", "parameters", "wanted"} | wanted
    assert declared == set(Onboarding.PARAMETERS)
    offered = {parameter.name for parameter in onboard.params}
    assert offered == declared - {"result_path"} | {"output", "show_names"}


def test_requirements_pin_everything_that_is_declared() -> None:
    """Every dependency has an exact version in the set that is installed."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    pinned = {
        line.split("==")[0]
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line
    }
    names = {one.split(">")[0].split("=")[0] for one in declared}
    assert {name.lower() for name in names} <= pinned


def test_every_command_and_option_has_help() -> None:
    """Nobody has to read code to find out what an option is for."""
    from bridge_helpers.cli import main

    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.help
        obvious = {"display_name", "description"}
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.hidden:
                assert parameter.help or parameter.name in obvious, (name, parameter.name)


def test_cleaning_keeps_what_people_put_beside_the_demo() -> None:
    """Customers' reports may be under `runs`; the demo's are the only ones that we made."""
    text = (ROOT / "Makefile").read_text()
    (removed,) = re.findall(r"^clean:.*\n\trm -rf (.+)$", text, re.M)
    assert "runs/demo" in removed.split()
    assert "runs" not in removed.split()
