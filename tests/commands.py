"""Commands that are shown to people: they have to be ones that can be typed."""

from __future__ import annotations

import shlex
from typing import Any

import click

from bridge_helpers.cli.main import main


def parsed(line: str) -> dict[str, Any]:
    """
    What a shown command would be called with; it is not run.

    Raises:
        click.UsageError: It would be refused.
    """
    program, name, *arguments = shlex.split(line)
    assert program == "bridge-workbook"
    command = main.get_command(click.Context(main), name)
    assert command is not None, line
    return command.make_context(name, arguments).params
