"""Who may use whom: rooms, the leaves beside them, and libraries that belong to one room."""

from __future__ import annotations

from pathlib import Path

import pytest

from .modules import MODULES, imports_of, name_of

PACKAGE = "bridge_helpers"

BELOW_API = (
    *("version", "errors", "words", "forms", "progress", "files", "settings", "kept", "sources"),
)
ABOVE_API = ("sandbox_process", "target")

USES: dict[str, tuple[str, ...]] = {
    # Leaves: each those before it, and no room.
    **{leaf: BELOW_API[:number] for number, leaf in enumerate(BELOW_API)},
    "api": BELOW_API,
    # A running sandbox is asked whether it answers, and a target becomes a session.
    "sandbox_process": (*BELOW_API, "api"),
    "target": (*BELOW_API, "api", "sandbox_process"),
    "data": (*BELOW_API, "api"),
    "onboarding": (*BELOW_API, "api", "data"),
    "runs": (*BELOW_API, *ABOVE_API, "api", "data", "onboarding"),
    "panels": (*BELOW_API, *ABOVE_API, "api", "data", "onboarding"),
    "cli": (*BELOW_API, *ABOVE_API, "api", "data", "onboarding", "runs"),
    "__main__": ("cli",),
    # The front door.
    "": (*BELOW_API, *ABOVE_API, "api", "data", "onboarding"),
    # It meets the others on a socket, so that a mistake in one cannot hide in the other.
    "sandbox": (),
}
"""What each room, and each module beside the rooms, may import of the package, besides itself."""

HOMES = {
    "httpx": (f"{PACKAGE}.api.http",),
    **dict.fromkeys(("ipywidgets", "anywidget"), (f"{PACKAGE}.panels",)),
    # Widgets, and the cells of a run without a kernel.
    **dict.fromkeys(
        ("traitlets", "IPython"), (f"{PACKAGE}.panels", f"{PACKAGE}.runs.cohort.namespace")
    ),
    **dict.fromkeys(("dask", "distributed"), (f"{PACKAGE}.runs.cohort.executors",)),
    **dict.fromkeys(
        ("papermill", "nbclient", "nbformat", "nbconvert", "jupyter_client"), (f"{PACKAGE}.runs",)
    ),
    **dict.fromkeys(("starlette", "uvicorn"), (f"{PACKAGE}.sandbox",)),
}
"""Libraries that one module or room knows, and nothing else."""


def part_of(module: str) -> str:
    """The room or the module beside the rooms; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_arrows_run_one_way(path: Path) -> None:
    """A module uses what its line in the table names; a new room or leaf needs a line."""
    mine = part_of(name_of(path))
    assert mine in USES
    ours = {module for module in imports_of(path) if module.split(".")[0] == PACKAGE}
    assert {part_of(module) for module in ours} <= {*USES[mine], mine}


def test_the_table_has_no_way_round() -> None:
    """Each line names only what stands in a line above it."""
    above: set[str] = set()
    for name, uses in USES.items():
        assert set(uses) <= above, name
        above.add(name)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_libraries_stay_in_their_room(path: Path) -> None:
    """One module knows httpx, widgets are in panels, papermill is in runs, servers in sandbox."""
    for library in {module.split(".")[0] for module in imports_of(path)} & set(HOMES):
        assert f"{name_of(path)}.".startswith(tuple(f"{home}." for home in HOMES[library]))


TOOLKIT = f"{PACKAGE}.panels.toolkit"


@pytest.mark.parametrize(
    "path", [one for one in MODULES if name_of(one).startswith(TOOLKIT)], ids=name_of
)
def test_what_panels_are_made_of_knows_no_panel(path: Path) -> None:
    """The rooms of `panels` are built of its toolkit, never the other way round."""
    used = {one for one in imports_of(path) if one.startswith(f"{PACKAGE}.panels.")}
    assert {one for one in used if not f"{one}.".startswith(f"{TOOLKIT}.")} == set()
