"""One conversation: its participants, and its communications as a timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..words import counted
from . import text
from .text import Html

if TYPE_CHECKING:
    import pandas as pd

SHOWN: Final = 200
"""Communications in the timeline; more would make the page slow, and nobody reads them."""


def timeline(
    name: str, conversation_id: str, participants: pd.DataFrame, communications: pd.DataFrame
) -> Html:
    """Participants as a table, communications one below the other, oldest first."""
    last = communications.tail(SHOWN)
    left_out = len(communications) - len(last)
    return text.html(
        '<div class="bw-stack"><h3>{}</h3><div>{} {}</div>{}{}'
        '<ol class="bw-timeline">{}</ol></div>',
        name,
        text.code(conversation_id),
        text.copyable(conversation_id),
        text.table(
            counted(len(participants), "participant"),
            ("Name", "Type", "Channel", "Address", "Profile"),
            [
                (
                    _cell(one.name),
                    _cell(one.type),
                    _cell(one.channels),
                    _cell(one.addresses),
                    _cell(one.profile_id),
                )
                for one in participants.itertuples()
            ],
        ),
        text.html("<p>The last {} of {} communications.</p>", SHOWN, len(communications))
        if left_out
        else "",
        text.joined(_entry(one) for one in last.itertuples()) or "No communication yet.",
    )


def _entry(one: Any) -> Html:
    when = one.occurred_at
    stamp = "no time" if when is None or when != when else f"{when:%Y-%m-%d %H:%M:%S} UTC"
    return text.html(
        "<li><div><strong>{}</strong> <span class='bw-help'>{} · {}</span></div>"
        '<div class="bw-said">{}</div></li>',
        _cell(one.author),
        _cell(one.channel),
        stamp,
        _cell(one.text),
    )


def _cell(value: Any) -> str:
    return value if isinstance(value, str) and value else "-"
