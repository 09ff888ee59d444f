"""One conversation with its participants and timeline, and pictures of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ...words import counted
from ..toolkit import text
from ..toolkit.text import Html

if TYPE_CHECKING:
    import pandas as pd

SHOWN: Final = 200
"""Communications in the timeline; more would make the page slow, and nobody reads them."""


def charts(table: pd.DataFrame) -> Html:
    """How many conversations there are by status and by channels."""
    if table.empty:
        return Html("")
    from ...data.charts import counts_picture

    parts = []
    for column, by, verb in (("status", "by status", "are"), ("channels", "by channels", "use")):
        picture = counts_picture(table, column, "conversation", verb)
        if picture.svg:
            title = text.html("<h3>Conversations {}</h3>", by)
            parts.append(
                text.html("<div>{}{}</div>", title, text.picture(picture.svg, picture.words))
            )
        else:
            parts.append(text.html("<p>{}</p>", picture.words))
    return text.html('<div class="bw-charts">{}</div>', text.joined(parts))


def timeline(
    conversation_id: str, participants: pd.DataFrame, communications: pd.DataFrame
) -> Html:
    """Participants as a table, communications one below the other, oldest first."""
    last = communications.tail(SHOWN)
    left_out = len(communications) - len(last)
    return text.html(
        '<div class="bw-stack"><div>{} {}</div>{}{}<ol class="bw-timeline">{}</ol></div>',
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
