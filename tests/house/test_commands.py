"""The command line's frame: its list of commands, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import click
from click.testing import CliRunner

from bridge_helpers.cli.main import COMMANDS, main


def test_the_list_says_what_each_commands_own_help_says() -> None:
    """A command's line in the list is the beginning of its help, so the two cannot differ."""
    context = click.Context(main)
    for name, (_, line) in COMMANDS.items():
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        own = " ".join((command.help or "").split())
        assert line.endswith(".")
        assert own.startswith(line.removesuffix(".")), (name, line, own)


def test_the_list_is_shown_without_loading_a_command() -> None:
    """`--help` answers at once, however much a command needs."""
    code = (
        "import sys\n"
        "from bridge_helpers.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "except SystemExit as ended:\n"
        "    assert ended.code == 0\n"
        "print(sorted(name for name in sys.modules if name.startswith('bridge_helpers.')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *_, loaded = done.stdout.splitlines()
    for name, (_, line) in COMMANDS.items():
        assert name in done.stdout
        assert line.split()[0] in done.stdout
    rooms = ("api", "onboarding", "data", "panels", "runs", "sandbox")
    assert not any(f"bridge_helpers.{room}" in loaded for room in rooms), loaded


def test_the_nearest_command_is_told() -> None:
    """Exit status 2 as before; a word that is near nothing gets no guess."""
    ask = CliRunner().invoke
    mistyped = ask(main, ["histroy"])
    assert mistyped.exit_code == 2
    assert "No such command 'histroy'. Did you mean 'history'?" in mistyped.stderr
    for loud in ("CHANGE", "Chnage"):
        assert f"No such command {loud!r}. Did you mean 'change'?" in ask(main, [loud]).stderr
    other = ask(main, ["xyzzy"])
    assert other.exit_code == 2
    assert "No such command 'xyzzy'." in other.stderr
    assert "Did you mean" not in other.stderr
