"""
The command line: `bridge-workbook COMMAND`, or `python -m bridge_helpers COMMAND`.

Exit status: 0 done as asked; 1 it was not, and says why; 2 the input was refused
before anything was sent. Messages to people go to stderr.
"""

from __future__ import annotations

import importlib
import io
import sys
from typing import Any, Final

import click

from ..errors import BridgeError
from .output import tell

COMMANDS: Final = {
    "conversations": "bridge_helpers.cli.conversations:conversations",
    "history": "bridge_helpers.cli.history:history",
    "onboard": "bridge_helpers.cli.onboard:onboard",
    "sandbox": "bridge_helpers.sandbox.command:sandbox",
    "workbook": "bridge_helpers.cli.workbook:workbook",
}
"""Where each command is: loaded when it is called, by name, so that nothing on the client
side imports the sandbox."""


class Commands(click.Group):
    """A group that loads its commands late and tells errors of ours in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            # A terminal that lacks a name's letters gets them as escapes, not a traceback.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except BridgeError as error:
            tell(f"Error: {error}")
            for label, value in error.details():
                tell(f"  {label}: {value}")
            ctx.exit(error.exit_status)
        except KeyboardInterrupt:
            tell(
                "Stopped. What the service has accepted goes on there; "
                "run the same command again to resume."
            )
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bridge-workbook")
def main() -> None:
    """Bridge Conversations (classic) into Conversation Orchestrator, safely and provably."""
