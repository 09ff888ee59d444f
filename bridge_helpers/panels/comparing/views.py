"""What the panel of 06 shows: percentage, bar of states, gaps, reasons and rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...data import charts
from ...onboarding.reconcile import Explained, Gap, Reconciled, Round
from ...onboarding.reconcile.records import STATES
from ..toolkit import text
from ..toolkit.table import Column, Line
from ..toolkit.text import Html

COLUMNS: Final = (
    Column("sid", "Conversation", "34%"),
    Column("state", "State", "13%"),
    Column("lag", "On its way", "13%", help="How long the oldest message is on its way."),
    Column("detail", "What", "40%", sort=False),
)
COMPARED: Final = "Compared. There is nothing to do."
COMPARED_WITH_GAPS: Final = "Compared. Click a gap to read why it is one, and what to do."
_WORDS: Final = {
    "matched": "in sync",
    "lagging": "lagging",
    "doubled": "doubled",
    "disordered": "out of order",
    "missing": "missing",
    "unexpected": "in Orchestrator alone",
    "before": "before the bridge",
}


def key_of(gap: Gap) -> str:
    """What tells a gap from all others."""
    return f"{gap.conversation_sid}/{gap.conversation_id}/{gap.state}"


def summary(result: Reconciled) -> Html:
    """The percentage in large type, the bar of states, and what is different since last time."""
    parts = [
        text.html(
            '<p class="bw-percent"><strong>{:g} %</strong> in sync</p><p>{}</p>',
            result.percent,
            text.for_button(result.in_words, "Continue"),
        ),
        _bar(result),
    ]
    if result.since_last is not None:
        since = result.since_last
        parts.append(
            text.html(
                "<p>Since the last time, {}: {} healed, {} broke.</p>",
                text.ago(since.at),
                len(since.healed),
                len(since.broken),
            )
        )
    if result.continued is not None:
        parts.append(
            text.html(
                "<p>This went on with a comparison that was begun {}; what was compared then was "
                "not read again.</p>",
                text.ago(result.continued),
            )
        )
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def _bar(result: Reconciled) -> Html:
    """A segment for each state, as wide as it has conversations, with the words below."""
    worst: dict[str, str] = {}
    for gap in result.gaps:
        worst.setdefault(
            key_of(gap) if gap.state == "unexpected" else gap.conversation_sid, gap.state
        )
    counts = {"matched": result.matched}
    for state in ("lagging", "doubled", "disordered", "missing", "unexpected"):
        counts[state] = sum(one == state for one in worst.values())
    counts["before"] = len(result.before_bridge)
    there = {state: count for state, count in counts.items() if count}
    words = ", ".join(f"{count:,} {_WORDS[state]}" for state, count in there.items())
    segments = text.joined(
        text.html('<span data-state="{}" style="flex-grow: {}"></span>', state, count)
        for state, count in there.items()
    )
    legend = text.joined(
        text.html('<li data-state="{}">{:,} {}</li>', state, count, _WORDS[state])
        for state, count in there.items()
    )
    return text.html(
        '<div class="bw-states" role="img" aria-label="{}">{}</div><ul class="bw-legend">{}</ul>',
        words or "no conversations",
        segments,
        legend,
    )


def line(gap: Gap) -> Line:
    """A gap as a row."""
    who = gap.conversation_id if gap.state == "unexpected" else gap.conversation_sid
    lag = "" if gap.lag_seconds is None else duration(gap.lag_seconds)
    return Line(key_of(gap), (who, _WORDS[gap.state], lag, gap.detail))


def in_order(gaps: Sequence[Gap], name: str, descending: bool) -> list[Gap]:
    """The gaps sorted by a column."""
    rank = {state: place for place, state in enumerate(STATES)}
    keys = {
        "sid": lambda gap: gap.conversation_sid,
        "lag": lambda gap: gap.lag_seconds if gap.lag_seconds is not None else -1.0,
    }
    by = keys.get(name, lambda gap: (rank[gap.state], gap.conversation_sid))
    return sorted(gaps, key=by, reverse=descending)


def reason(told: Explained) -> Html:
    """Why a conversation is not there, what to do, and what is known of it."""
    action = text.html("<p><strong>What to do.</strong> {}</p>", told.action) if told.action else ""
    return text.html(
        '<div class="bw-stack"><p>{}</p>{}{}{}</div>',
        told.why,
        action,
        text.facts(told.facts),
        text.copyable(told.conversation_sid, "Copy the sid"),
    )


def rounds(found: Sequence[Round]) -> Html:
    """The watch: a chart that grows, and the last rounds in words."""
    percents = [(one.number, one.result.percent) for one in found if one.result is not None]
    svg = charts.percent_chart(percents)
    words = "; ".join(f"round {number}: {percent:g} %" for number, percent in percents[-5:])
    listed = text.joined(text.html("<li>{}</li>", one.line) for one in reversed(found[-10:]))
    return text.html(
        '<div class="bw-stack">{}<ul class="bw-rounds">{}</ul></div>',
        text.picture(svg, f"In sync over {len(percents)} rounds: {words}") if svg else "",
        listed,
    )


def duration(seconds: float) -> str:
    """A duration as a person says it."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
