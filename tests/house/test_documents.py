"""README and docs say what is there: commands, options, targets, notebooks, checks and rooms."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from bridge_helpers.cli import main
from bridge_helpers.onboarding.conflicts.table import CONFLICTS
from bridge_helpers.onboarding.preflight.checks import CHECKS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "bridge_helpers"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"(?:python -m bridge_helpers|bridge-workbook) ([a-z]+)([^|`\n]*)")


def rows(text: str) -> list[list[str]]:
    """The cells of all tables, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_is_real(path: Path) -> None:
    """What is shown can be typed."""
    context = click.Context(main)
    for name, rest in COMMAND.findall(path.read_text()):
        command = main.get_command(context, name)
        assert command is not None, name
        offered = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"(?<![\w-])--[a-z-]+", rest)) <= offered | {"--help"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_module_that_is_named_is_there(path: Path) -> None:
    """By its path, or by its last part where the text says which room it is in."""
    for name in re.findall(r"`([\w/]+\.py)`", path.read_text()):
        assert (ROOT / name).is_file() or any(PACKAGE.rglob(name)), name


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_notebook_and_link_is_real(path: Path) -> None:
    """What is named or linked to is there."""
    text = path.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = re.findall(r"(?:^|`)make (?:PYTHON=\S+ )?([a-z]+)\b", text, re.M)
    assert set(named) <= targets
    for name in re.findall(r"`(\d\d_\w+)`", text):
        assert (ROOT / "notebooks" / f"{name}.ipynb").is_file()
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert link.startswith("https://") or (path.parent / link).exists(), link


def test_the_readme_lists_every_command_and_notebook() -> None:
    """Nobody has to look elsewhere to learn that something exists."""
    text = (ROOT / "README.md").read_text()
    listed = {name for cells in rows(text) for name, _ in COMMAND.findall(cells[0])}
    assert listed == set(main.list_commands(click.Context(main)))
    notebooks = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert notebooks <= {cells[0].strip("`") for cells in rows(text)}


def test_every_document_can_be_reached_from_the_readme() -> None:
    """No page that only a listing of the folder shows."""
    reached, waiting = {ROOT / "README.md"}, [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        for link in re.findall(r"\]\(([\w./]+\.md)[^)]*\)", path.read_text()):
            target = (path.parent / link).resolve()
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    assert set(DOCUMENTS) <= reached


def test_the_checks_are_listed_as_they_are_made() -> None:
    """Each with its question, in the order in which they run."""
    _, *listed = rows((ROOT / "docs" / "checks.md").read_text())
    assert [tuple(cells[:2]) for cells in listed] == [
        (check.__name__.strip("_").replace("_", " "), check.__doc__) for check in CHECKS
    ]


def test_the_conflicts_are_listed_as_they_are_looked_for() -> None:
    """Each with question, level, risk, action and source, in the order of the table in code."""
    _, *listed = rows((ROOT / "docs" / "conflicts.md").read_text())
    assert [tuple(cells) for cells in listed] == [
        (one.name, one.asks, one.level, one.risk, one.action, f"[{one.source}]({one.link})")
        for one in CONFLICTS
    ]


def test_every_room_and_every_module_beside_them_is_described() -> None:
    """The description of the architecture knows no other rooms than there are."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert {cells[0] for cells in rows(text) if cells[0].endswith("/`")} == {
        f"`{room}/`" for room in rooms
    }
    for module in PACKAGE.glob("[a-z]*.py"):
        assert f"`{module.stem}`" in text, module.name
