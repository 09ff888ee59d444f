"""
The command line: `bridge-workbook COMMAND`, or `python -m bridge_helpers COMMAND`.

Exit status: 0 done as asked; 1 it was not, and says why; 2 the input was refused
before anything was sent. Messages to people go to stderr, in colours where a terminal shows them
(`text.wants_colour`).
"""

from __future__ import annotations

import importlib
import io
import sys
from typing import Any, Final

import click

from ..errors import BridgeError
from .output import tell, tell_error
from .text import wants_colour

COMMANDS: Final = {
    "channels": (
        "bridge_helpers.cli.channels:channels",
        "Capture calls and messages of other channels beside the bridge, or release them.",
    ),
    "benefits": (
        "bridge_helpers.cli.benefits:benefits",
        "Tell whether memory and intelligence work for bridged conversations.",
    ),
    "change": (
        "bridge_helpers.cli.changes:change",
        "Change members of the configuration that bridges a service.",
    ),
    "cohort": (
        "bridge_helpers.cli.cohort:cohort",
        "Onboard every customer of a file.",
    ),
    "conversations": (
        "bridge_helpers.cli.conversations:conversations",
        "List the account's Orchestrator conversations, all pages.",
    ),
    "delete": (
        "bridge_helpers.cli.changes:delete",
        "Delete the configuration; the classic service and its conversations stay.",
    ),
    "disconnect": (
        "bridge_helpers.cli.changes:disconnect",
        "Take the bridge away and keep the configuration.",
    ),
    "history": (
        "bridge_helpers.cli.history:history",
        "List every write that was begun, newest first.",
    ),
    "onboard": (
        "bridge_helpers.cli.onboard:onboard",
        "Check, plan, create, prove and list, in one run without a question.",
    ),
    "reconcile": (
        "bridge_helpers.cli.reconcile:reconcile",
        "Compare every classic conversation with its twin in Orchestrator.",
    ),
    "restore": (
        "bridge_helpers.cli.changes:restore",
        "Make a configuration again what it was when a snapshot was kept.",
    ),
    "run": (
        "bridge_helpers.cli.run:run",
        "Execute a notebook with parameters that are checked.",
    ),
    "sandbox": (
        "bridge_helpers.sandbox.command:sandbox",
        "Twilio on the loopback interface.",
    ),
    "snapshots": (
        "bridge_helpers.cli.changes:snapshots",
        "List what was kept of a service's configuration before each write, newest first.",
    ),
    "sweep": (
        "bridge_helpers.cli.sweep:sweep",
        "List what tests that were killed left in a service, or remove it.",
    ),
    "workbook": (
        "bridge_helpers.cli.workbook:workbook",
        "Open JupyterLab at 00_start_here, with a sandbox beside it.",
    ),
}
"""Where each command is, and its line in the list of commands.

A command's module is imported when the command is called: the list costs nothing to show, and
no module of the client side imports the sandbox."""


class Commands(click.Group):
    """A group that loads a command when it is called and prints errors without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, loaded now; None when there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command and its arguments; where there is none, the nearest name is told."""
        from difflib import get_close_matches

        near = get_close_matches(args[0].lower(), COMMANDS, 1)
        if near and args[0] not in COMMANDS:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in sorted(COMMANDS.items())])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of ours becomes its message and an exit status."""
        for stream in (sys.stdout, sys.stderr):
            # Letters that the terminal's encoding lacks are printed as escapes.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        ctx.color = wants_colour()
        try:
            return super().invoke(ctx)
        except BridgeError as error:
            tell_error(error)
            ctx.exit(error.exit_status)
        except KeyboardInterrupt:
            tell(
                "Stopped. Twilio goes on with what it has accepted; "
                "run the same command again to resume."
            )
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bridge-workbook")
def main() -> None:
    """Bridge Conversations (classic) into Conversation Orchestrator, safely and provably."""
