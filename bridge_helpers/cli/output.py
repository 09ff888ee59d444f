"""
What commands print, and the options that several of them take.

Words for people go to stderr (`tell`, `facts`, `tell_error`), data goes to stdout (`data`, and
tables by `table.show`). `connected` opens a session and says where it works; `live.progress`
shows the waits of a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BridgeError, InvalidInput
from ..settings import TARGETS
from ..words import printable
from .live import put_away
from .text import Styled, clean, marked, styled, width

if TYPE_CHECKING:
    from ..api.session import Session

__all__ = [
    "Folder",
    "Styled",
    "connected",
    "data",
    "facts",
    "marked",
    "near",
    "printable",
    "seconds_text",
    "styled",
    "target_option",
    "tell",
    "tell_error",
    "tell_finding",
]

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


def tell(*parts: str) -> None:
    """
    Print a line for people, on stderr: stdout is for data.

    Args:
        parts: Put after one another with spaces between; what `styled` and `marked` make keeps
            its colours, everything else loses the characters that command a terminal.
    """
    put_away()
    click.echo(" ".join(map(clean, parts)), err=True)


def data(*parts: str) -> None:
    """Print a line of data, on stdout; `parts` as in `tell`."""
    put_away()
    click.echo(" ".join(map(clean, parts)))


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """
    Tell labelled values, one a line, with the values below each other.

    Args:
        pairs: Label and value; one without a value (None or empty) is left out.
    """
    known = [(label, value) for label, value in pairs if value not in (None, "")]
    room = max((width(label) for label, _ in known), default=0)
    for label, value in known:
        padded = label + " " * (room - width(label))
        tell(" ", styled(padded, "soft"), "", value if isinstance(value, str) else str(value))


def tell_error(error: BridgeError) -> None:
    """Tell an error in a line: what it means, why, what to do; details follow, one a line."""
    parts = (error.meaning, error.why, error.action) if error.meaning else (str(error),)
    tell(styled("Error:", "bad"), *(one for one in parts if one))
    facts([("What happened", error.what if error.meaning else ""), *error.details()])


def tell_finding(level: str, *sentences: str) -> None:
    """Tell what a check found: its level, and sentences on what it is, risks and asks for."""
    tell(marked(level), *(one for one in sentences if one))


@contextmanager
def connected(target: str) -> Iterator[Session]:
    """
    A session for a target, after a line that says where it works.

    Raises:
        BridgeError: As `target.connect`.
    """
    from ..target import connect, describe

    with connect(target) as session:
        harmless = session.account.target == "sandbox"
        tell(styled(describe(session), "good" if harmless else "attention"))
        for sentence in _started_afresh(session):
            tell(sentence)
        yield session


def _started_afresh(session: Session) -> Iterator[str]:
    """What it means that a sandbox was started for this command, where one was."""
    from ..onboarding.journal.earlier import gone_with_a_sandbox
    from ..sandbox_process import started_here

    origin = session.account.origins.conversations
    if not started_here(origin):
        return
    yield (
        "This sandbox was started just now and ends with this command; "
        "`bridge-workbook sandbox` in another terminal starts one that stays."
    )
    try:
        made = gone_with_a_sandbox(session)
    except BridgeError:
        # Whoever needs the journal is told what is wrong with it.
        return
    if made is not None:
        yield (
            f"The bridge of service {made.service_sid}, written on {made.changed_at:%Y-%m-%d} at "
            f"{made.changed_at:%H:%M} UTC, was in an earlier sandbox and is gone with it."
        )


def near(path: Path) -> Path:
    """A path relative to the current folder, if it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def seconds_text(value: float | None) -> str:
    """A duration: `1.2 s`; empty when there is none."""
    return "" if value is None else f"{value:.1f} s"
