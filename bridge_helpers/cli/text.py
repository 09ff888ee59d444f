"""Text for terminals: cleaned, measured, and in colours where these can be seen."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from typing import Any, Final, Literal

import click

from .. import words
from ..words import printable

Tone = Literal["good", "attention", "bad", "strong", "soft"]

TONES: Final[dict[Tone, dict[str, Any]]] = {
    "good": {"fg": "green"},
    "attention": {"fg": "yellow", "bold": True},
    "bad": {"fg": "red", "bold": True},
    "strong": {"bold": True},
    "soft": {"dim": True},
}
"""From the colours that every terminal theme defines, so that they can be read on its ground."""

STATE_TONES: Final[dict[str, Tone]] = {
    **dict.fromkeys(("done", "verified", "ok", "completed", "applied", "unchanged"), "good"),
    **dict.fromkeys(("attention", "unverified", "warning", "posting", "accepted"), "attention"),
    **dict.fromkeys(("failed", "error"), "bad"),
    **dict.fromkeys(("skipped", "let go", "INACTIVE", "CLOSED"), "soft"),
}
"""The tone of a state, status or level; one that is not here has none."""


class Styled(str):
    """
    Text that is printed as it is: it was cleaned, and may carry colours.

    In an f-string it becomes an ordinary text, whose colours are taken for somebody else's and
    are not printed; give it to `tell` or a table as a part of its own.
    """

    __slots__ = ()


def styled(text: str, tone: Tone | None = None) -> Styled:
    """Text in a tone. On a stream that shows no colours only the text is printed."""
    clean = printable(text)
    return Styled(click.style(clean, **TONES[tone]) if tone else clean)


def marked(state: str, text: str = "") -> Styled:
    """A state, status or level as glyph and word, or with another text in place of the word."""
    glyph = words.GLYPHS.get(state)
    shown = text or words.PHRASES.get(state, state)
    return styled(f"{glyph} {shown}" if glyph else shown, STATE_TONES.get(state))


def clean(part: str) -> str:
    """A part of a line as it may be printed."""
    return part if isinstance(part, Styled) else printable(part)


def width(text: str) -> int:
    """The cells of a terminal that a text takes: two for most ideographs, none for an accent."""
    bare = click.unstyle(text)
    return len(bare) if bare.isascii() else sum(map(_cells, bare))


def _cells(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def shortened(text: str, room: int) -> str:
    """A bare text that takes no more than so many cells; what is cut off is marked with `…`."""
    if width(text) <= room:
        return text
    kept, used = "", 0
    for letter in text:
        used += _cells(letter)
        if used > room - 1:
            break
        kept += letter
    return f"{kept}…"


def wants_colour(env: Mapping[str, str] | None = None) -> bool | None:
    """
    Whether the user asks for colours, or against them; None: wherever a stream is a terminal.

    `NO_COLOR` counts before all others (https://no-color.org); then `FORCE_COLOR` and
    `CLICOLOR_FORCE`; then `CLICOLOR=0` (https://bixense.com/clicolors) and `TERM=dumb`.
    """
    env = os.environ if env is None else env
    if env.get("NO_COLOR"):
        return False
    if any(env.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return False if env.get("CLICOLOR") == "0" or env.get("TERM") == "dumb" else None
