"""Glyphs and plurals: how panels, pages, reports and the command line say the same thing."""

from __future__ import annotations

import re
from typing import Final

GLYPHS: Final = {
    "not started": "○",
    "ready": "◎",
    "planned": "◎",
    "running": "●",
    "done": "✓",
    "verified": "✓",
    "ok": "✓",
    "info": "i",
    "attention": "!",
    "unverified": "!",
    "warning": "!",
    "failed": "×",
    "error": "×",
    "skipped": "–",
    "not run": "○",
}
"""By state of a step, status of a run or level of a finding; always shown with its word."""

PHRASES: Final = {"attention": "needs attention"}
"""States whose word is not their name."""


def marked(state: str) -> str:
    """A state, status or level as glyph and word: `✓ done`, `! needs attention`."""
    return f"{GLYPHS[state]} {PHRASES.get(state, state)}"


def counted(count: int, one: str, several: str = "") -> str:
    """
    A number with its noun: `1 row`, `2,000 rows`, `0 addresses`.

    Args:
        one: The noun for one thing.
        several: The noun for any other number; default: `one` with an s.
    """
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def sentence(reason: str) -> str:
    """Make a sentence of the reason beside a button: `Pick a store.` of `pick a store`."""
    return f"{reason[:1].upper()}{reason[1:]}."


def printable(text: str) -> str:
    """
    Text from outside without the characters that command a terminal or turn a line round.

    Line breaks and tabs stay; what is taken out is shown as U+FFFD.
    """
    return _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text)


_COMMANDS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
