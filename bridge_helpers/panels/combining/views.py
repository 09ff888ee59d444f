"""How step 04 shows what would be captured, what was found, and where calls and messages go."""

from __future__ import annotations

from typing import Final

from ...onboarding.combine import Combination
from ...onboarding.findings import Finding
from ...onboarding.incoming import HEADINGS, Incoming
from ...words import counted
from ..toolkit import text
from ..toolkit.text import Html

SHOWN_WAYS: Final = 50
"""Rows of the map that are shown; an account may have thousands of numbers."""


def in_words(found: Combination) -> Html:
    """What would be captured, a line for each sentence."""
    lines = found.words or ("Nothing is captured by rule.",)
    items = text.joined(text.html("<li>{}</li>", line) for line in lines)
    title = "Captured now" if found.proposal.nothing_to_do else "Captured afterwards"
    return text.html(
        '<h3>{}</h3><ul>{}</ul><p class="bw-help">{}</p>',
        title,
        items,
        "Chat, and what else the classic service takes, comes over the bridge.",
    )


def worst_first(found: Combination) -> list[Finding]:
    """The findings, errors on top."""
    order = ("error", "warning", "info", "ok")
    return sorted(found.proposal.findings, key=lambda one: order.index(one.level))


def ways(drawn: Incoming | None) -> Html:
    """The map of what comes in, what is handled twice on top."""
    if drawn is None:
        return text.html("")
    ways = sorted(drawn.ways, key=lambda one: not one.twice)
    rows = [(_whole(one.address), *one.cells[1:4], _marked(one.twice)) for one in ways[:SHOWN_WAYS]]
    more = len(ways) - len(rows)
    notes = [*drawn.notes, *([f"{counted(more, 'more way', 'more ways')} in."] if more else [])]
    return text.html(
        "{}{}",
        text.table("What comes in, and where it goes", [*map(_whole, HEADINGS)], rows),
        text.joined(text.html('<p class="bw-help">{}</p>', note) for note in notes),
    )


def _whole(words: str) -> Html:
    """What is not broken over two lines: an address, a heading."""
    return text.html('<span class="bw-whole">{}</span>', words)


def _marked(twice: str) -> Html:
    return text.html("{} {}", text.level_pill("warning"), twice) if twice else text.html("")
