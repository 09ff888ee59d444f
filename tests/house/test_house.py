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

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "bridge_helpers"
MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ROOMS = ("api", "onboarding", "panels", "runs", "sandbox")


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> set[str]:
    """Absolute names of everything that a module imports, at any depth."""
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, *([base] if base else [])])
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def room_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "bridge_helpers" else ""


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_arrows_run_one_way(path: Path) -> None:
    """Panels, runs and cli use onboarding, which uses api; the sandbox stands by itself."""
    mine = room_of(name_of(path))
    theirs = {room_of(module) for module in imports_of(path)} & set(ROOMS)
    allowed = {
        "api": {"api"},
        "onboarding": {"api", "onboarding"},
        "panels": {"api", "onboarding", "panels"},
        "runs": {"api", "onboarding", "runs"},
        "sandbox": {"sandbox"},
    }.get(mine, {"api", "onboarding", "runs"})
    assert theirs <= allowed


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_httpx_stays_in_its_room(path: Path) -> None:
    """One module knows httpx; the sandbox needs no client."""
    if name_of(path) != "bridge_helpers.api.http":
        assert not any(module.split(".")[0] == "httpx" for module in imports_of(path))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_sandbox_shares_nothing_with_the_client(path: Path) -> None:
    """They meet on a socket, so a mistake in one cannot hide in the other."""
    if room_of(name_of(path)) == "sandbox":
        ours = {module for module in imports_of(path) if module.startswith("bridge_helpers.")}
        assert all(module.startswith("bridge_helpers.sandbox") for module in ours)


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


def test_the_error_tree_is_drawn_completely() -> None:
    """The picture in the docstring shows every class, and every class is exported, sorted."""
    from bridge_helpers import errors

    classes = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.BridgeError)
    }
    assert errors.__all__ == sorted(classes)
    tree = (errors.__doc__ or "").translate(str.maketrans("│├└─", "    "))
    drawn = {line.split()[0] for line in tree.splitlines() if line.strip()}
    assert classes <= drawn


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
            assert all("  # " in line or len(line) > 90 for line in lines)
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
        "apply": ("bool", "False"),
        "sync_timeout": ("float", "30.0"),
        "result_path": ("str", '""'),
    }
    assert all(one["help"] for one in found.values())


def test_the_notebooks_parameters_are_the_runs() -> None:
    """What the notebook declares, what the run takes and what the command offers are one list."""
    from bridge_helpers.cli.onboard import onboard
    from bridge_helpers.onboarding.plan import Wanted
    from bridge_helpers.runs.execute import parameters_of
    from bridge_helpers.runs.notebooks import notebook_path
    from bridge_helpers.runs.onboarding import Onboarding
    from bridge_helpers.runs.request import Request

    declared = parameters_of(notebook_path())
    taken = {
        *inspect.signature(Onboarding).parameters,
        *inspect.signature(Request.checked).parameters,
    }
    wanted = {field.name for field in dataclasses.fields(Wanted)}
    assert declared == taken - {"say", "parameters", "wanted"} | wanted
    assert declared == set(Onboarding.PARAMETERS)
    offered = {parameter.name for parameter in onboard.params}
    assert offered == declared - {"result_path"} | {"output"}


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
