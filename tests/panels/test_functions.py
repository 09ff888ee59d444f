"""The functions that notebooks call, and cells that are run a second time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge_helpers import panels
from bridge_helpers.panels.toolkit.step import StepPanel

from ..commands import parsed
from . import driver
from .conftest import World

STEPS = [name for name in panels.__all__ if name != "connect"]


def test_the_connect_cell_can_be_run_again(world: World) -> None:
    """Running a notebook from the top twice connects twice."""
    for _ in range(2):
        connection = panels.connect("sandbox")
        driver.settle(connection)
        assert driver.state(connection) == "done"
        connection.close()


@pytest.mark.parametrize("name", STEPS)
def test_the_cell_of_every_step_can_be_run_again(world: World, name: str) -> None:
    """Each function is still one after it has imported the module of its panel."""
    connection = world.connection()
    for _ in range(2):
        function: Callable[..., StepPanel] = getattr(panels, name)
        panel = function(connection)
        driver.settle(panel)
        assert panel.session is connection.session


@pytest.mark.parametrize("name", STEPS)
def test_the_command_that_does_the_same_can_be_typed(world: World, name: str) -> None:
    """With a sid in place of the dots; what is in brackets behind it are words."""
    panel = getattr(panels, name)(world.connection())
    assert parsed(panel.command.split(" (")[0]) is not None
    assert panel.command in panel.in_words
