"""No module of the package imports itself in a roundabout way, not even for its types."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest

from .modules import MODULES, imports_of, name_of

NAMES = {name_of(path) for path in MODULES}

ROOMS = ("api", "cli", "data", "onboarding", "panels", "runs", "sandbox")


def imported(names: set[str]) -> set[str]:
    """The modules of the package behind imported names: a module, or where its member lives."""
    return {name if name in NAMES else name.rpartition(".")[0] for name in names} & NAMES


def circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle of a graph, closed; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def modules_of(room: str) -> dict[str, set[str]]:
    """Each module of a room with the modules of that room that it imports, typing included."""
    prefix = f"bridge_helpers.{room}"
    paths = [path for path in MODULES if f"{name_of(path)}.".startswith(f"{prefix}.")]
    graph = {name_of(path): imported(imports_of(path)) - {name_of(path)} for path in paths}
    return {
        name: {other for other in found if f"{other}.".startswith(f"{prefix}.")}
        for name, found in graph.items()
    }


@pytest.mark.parametrize("room", ROOMS)
def test_modules_do_not_import_in_circles(room: str) -> None:
    """Whoever changes a module can tell what stands on it; counts imports for typing too."""
    graph = modules_of(room)
    assert len(graph) > 1
    assert circle(graph) == []


def test_the_package_does_not_import_itself_in_circles() -> None:
    """Nor across rooms, nor by way of the front door."""
    graph = {name_of(path): imported(imports_of(path)) - {name_of(path)} for path in MODULES}
    assert circle(graph) == []


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_inside_a_room_do_not_import_in_circles(room: str) -> None:
    """The rooms in a room stand on each other in one direction."""
    depth = len(f"bridge_helpers.{room}".split("."))
    graph: dict[str, set[str]] = {}
    for module, found in modules_of(room).items():
        here = module.split(".")[depth : depth + 1 if module.count(".") > depth else depth]
        for other in found:
            there = other.split(".")[depth : depth + 1 if other.count(".") > depth else depth]
            if here and there and here != there:
                graph.setdefault(here[0], set()).add(there[0])
    assert circle(graph) == []


def test_a_circle_is_found() -> None:
    """The test itself can fail: two that import each other are named."""
    assert set(circle({"a": {"b"}, "b": {"a"}, "c": {"a"}})) == {"a", "b"}
