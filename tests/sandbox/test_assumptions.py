"""Assumptions: in one place, and the README shows the same ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bridge_helpers.sandbox.control.assumptions import ASSUMPTIONS

if TYPE_CHECKING:
    from .box import Sandbox

README = Path(__file__).parents[2] / "README.md"


def test_each_has_an_id_of_its_own_and_a_reason() -> None:
    """Ids are unique, and each assumption says what and why in whole sentences."""
    ids = [a.id for a in ASSUMPTIONS]
    assert len(ids) == len(set(ids))
    for assumption in ASSUMPTIONS:
        assert assumption.does.endswith(".")
        assert assumption.why.endswith(".")


def test_the_readme_lists_exactly_these() -> None:
    """README's section on the sandbox has one row per assumption, with its text."""
    section = README.read_text().partition("## The sandbox")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    shown = [row.strip("| ").split(" | ") for row in rows]
    listed = {cells[0].strip("`"): tuple(cells[1:]) for cells in shown if len(cells) == 3}
    assert listed == {a.id: (a.does, a.why) for a in ASSUMPTIONS}


def test_the_sandbox_tells_them(box: Sandbox) -> None:
    """GET /_sandbox/ answers with every assumption."""
    told = box.read("")["assumptions"]
    assert [a["id"] for a in told] == [a.id for a in ASSUMPTIONS]
