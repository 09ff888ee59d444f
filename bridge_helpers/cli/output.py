"""What commands print, and the options that several of them take."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import click

from ..errors import InvalidInput
from ..settings import TARGETS

target_option = click.option(
    "--target",
    type=click.Choice(TARGETS),
    default="sandbox",
    show_default=True,
    help="sandbox: nothing reaches Twilio; started if none runs. twilio: the account of "
    "TWILIO_ACCOUNT_SID.",
)


class Folder(click.Path):
    """A folder to write to. The empty name is refused: it would mean the current folder."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse the empty name, and convert as click does."""
        if value == "":
            raise InvalidInput("output", value, "it has to name a folder")
        return super().convert(value, param, ctx)


def tell(line: str) -> None:
    """Print a line for people, on stderr: stdout is for data."""
    click.echo(printable(line), err=True)


def printable(text: str) -> str:
    """Text from outside without the control characters that command a terminal."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def near(path: Path) -> Path:
    """A path relative to the current folder, if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def seconds_text(value: float | None) -> str:
    """A duration: `1.2 s`; empty when there is none."""
    return "" if value is None else f"{value:.1f} s"
