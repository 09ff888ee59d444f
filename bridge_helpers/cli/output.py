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
    """A folder to write to, that was named: the empty name would be the one we are in."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            raise InvalidInput("output", value, "it has to name a folder")
        return super().convert(value, param, ctx)


def tell(line: str) -> None:
    """A line for people: stderr, so that stdout stays for data."""
    click.echo(printable(line), err=True)


def printable(text: str) -> str:
    """Text from outside without what commands a terminal; line breaks and tabs stay."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def near(path: Path) -> Path:
    """A path as short as it can be said from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def seconds_text(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
