"""What `docs/sandbox.md` says of the sandbox: the controls, faults and assumptions it has."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from bridge_helpers.sandbox.control.assumptions import ASSUMPTIONS
from bridge_helpers.sandbox.control.catalogue import CONTROLS, FAULTS

if TYPE_CHECKING:
    from .box import Sandbox

TEXT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
PACKAGE = Path(__file__).parents[2] / "bridge_helpers" / "sandbox"


def table(heading: str) -> list[tuple[str, ...]]:
    """The rows of a section's table."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [tuple(row[2:-2].split(" | ")) for row in rows]


def test_it_lists_every_control() -> None:
    """Each with what it does, in the order of the description."""
    assert table("Controls") == [(f"`{c['use']}`", c["does"]) for c in CONTROLS]


def test_it_lists_every_fault() -> None:
    """Each with what it does, as a sentence."""
    assert table("Faults") == [
        (f"`{name}`", f"{does[0].upper()}{does[1:]}.") for name, (does, _) in FAULTS.items()
    ]


def test_it_lists_every_assumption() -> None:
    """Each with what the sandbox does and why."""
    assert table("Assumptions") == [(f"`{a.id}`", a.does, a.why) for a in ASSUMPTIONS]


def test_it_names_every_room() -> None:
    """Whoever looks for a part of the sandbox finds it in the table."""
    named = " ".join(row[0] for row in table("How it is built"))
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(re.findall(r"`(\w+)/`", named)) == rooms
    modules = {path.name for path in PACKAGE.glob("[a-z]*.py")}
    assert set(re.findall(r"`(\w+\.py)`", named)) == modules


def test_what_it_shows_works(box: Sandbox) -> None:
    """Every command is accepted as it stands, header and body."""
    shown = re.findall(r"curl -H '([\w-]+): (\S+)' \$URL(\S+) \\\n  -d '(.+)'", TEXT)
    assert len(shown) == TEXT.count("curl ") == 4
    for header, value, path, body in shown[::-1]:
        json.loads(body)
        answer = box.http.post(path, content=body, headers={header: value})
        assert answer.is_success, answer.text


def test_assumptions_have_ids_of_their_own_and_reasons() -> None:
    """Ids are unique, and each assumption says what and why in whole sentences."""
    ids = [a.id for a in ASSUMPTIONS]
    assert len(ids) == len(set(ids))
    for assumption in ASSUMPTIONS:
        assert assumption.does.endswith(".")
        assert assumption.why.endswith(".")


def test_the_sandbox_tells_them(box: Sandbox) -> None:
    """GET /_sandbox/ answers with every assumption."""
    told = box.read("")["assumptions"]
    assert [a["id"] for a in told] == [a.id for a in ASSUMPTIONS]
