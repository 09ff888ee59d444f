"""No module of the package imports itself in a roundabout way, not even for its types."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest

from .modules import MODULES, imports_of, name_of

NAMES = {name_of(path) for path in MODULES}

#: Rooms whose imports may not go round; the whole package is the aim.
ROOMS = ("sandbox",)


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
    graph = {}
    for path in paths:
        found = imported(imports_of(path)) - {name_of(path)}
        # Importing `.bridge` from a room names the room as well; that is not a use of it.
        packages = {name for name in found if any(other.startswith(f"{name}.") for other in NAMES)}
        graph[name_of(path)] = {n for n in found - packages if f"{n}.".startswith(f"{prefix}.")}
    return graph


@pytest.mark.parametrize("room", ROOMS)
def test_modules_do_not_import_in_circles(room: str) -> None:
    """Whoever changes a module can tell what stands on it; counts imports for typing too."""
    graph = modules_of(room)
    assert len(graph) > 1
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
