"""
Pictures, as SVG: the same in a notebook, in a printed page and in a mailed report.

A picture is a Vega-Lite specification (https://vega.github.io/vega-lite/docs/spec.html) that
`vl-convert` draws in this process. Every picture comes with a sentence that says what it
shows, for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..words import counted

if TYPE_CHECKING:
    import pandas as pd

INK: Final = "#5b6470"
"""Of labels and axes: readable on white and on Lab's dark background alike."""
MARK: Final = "#2f7fc1"
WIDTH: Final = 380
"""Of what is drawn, without the labels beside it. Pictures are shown as large as they are: shrunk
to the width of a window, their text could not be read."""
MOST_BARS: Final = 12

CONFIG: Final = {
    "background": "transparent",
    "font": "system-ui, sans-serif",
    "view": {"strokeOpacity": 0},
    "axis": {
        "labelColor": INK,
        "titleColor": INK,
        "domainColor": INK,
        "tickColor": INK,
        "gridOpacity": 0.25,
        "labelLimit": 200,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
    },
}


def latency_chart(lanes: Mapping[str, Sequence[float]]) -> str:
    """
    A strip for each lane: one mark a message, at its seconds.

    Args:
        lanes: Name of the lane to seconds from sent to seen.

    Returns:
        The picture; empty where no lane has two messages, and a number says as much.
    """
    if max(map(len, lanes.values()), default=0) < 2:
        return ""
    names = list(lanes)
    return _svg(
        [{"direction": name, "seconds": one} for name, seconds in lanes.items() for one in seconds],
        layers=[
            {"mark": {"type": "point", "filled": True, "size": 90, "color": MARK, "opacity": 0.85}}
        ],
        x={
            "field": "seconds",
            "type": "quantitative",
            "title": "seconds from sent to seen",
            "scale": {"zero": True, "nice": True},
            "axis": {"tickCount": 5, "labelOverlap": True},
        },
        y={
            "field": "direction",
            "type": "nominal",
            "title": None,
            "sort": names,
            "scale": {"domain": names},
        },
        height=34 * max(1, len(names)),
    )


def percent_chart(rounds: Sequence[tuple[int, float]]) -> str:
    """
    A line over the rounds of a watch.

    Args:
        rounds: Number of the round, and the percentage that was in sync.

    Returns:
        The picture; empty for fewer than two rounds, where a number says as much.
    """
    if len(rounds) < 2:
        return ""
    lowest = min(percent for _, percent in rounds)
    return _svg(
        [{"round": number, "percent": percent} for number, percent in rounds],
        layers=[{"mark": {"type": "line", "point": True, "color": MARK}}],
        x={
            "field": "round",
            "type": "quantitative",
            "title": "round",
            "axis": {"tickMinStep": 1, "format": "d"},
            "scale": {"zero": False, "nice": False},
        },
        y={
            "field": "percent",
            "type": "quantitative",
            "title": "% in sync",
            "scale": {"domain": [min(lowest, 99.0), 100]},
        },
        height=110,
    )


@dataclass(frozen=True, slots=True)
class Picture:
    """
    A picture, and a sentence that says the same.

    Attributes:
        svg: Empty where the sentence says all there is.
    """

    svg: str
    words: str


def counts_picture(table: pd.DataFrame, column: str, noun: str, verb: str) -> Picture:
    """
    A bar for each value of a column, as long as its number of rows, with the number at its end.

    Beyond `MOST_BARS` values the rarest share one bar. A single value needs no picture.

    Args:
        noun: What a row is: `conversation`.
        verb: Between rows and value in a sentence: `are`, `use`.
    """
    counts = _counts(table, column)
    if not counts:
        return Picture("", f"No {noun}s.")
    if len(counts) == 1:
        [(value, count)] = counts.items()
        every = f"All {counted(count, noun)} {verb}" if count > 1 else f"The only {noun}:"
        return Picture("", f"{every} {value}.")
    told = ", ".join(f"{count:,} {value}" for value, count in counts.items())
    if len(counts) > MOST_BARS:
        kept = dict(list(counts.items())[: MOST_BARS - 1])
        rest = sum(counts.values()) - sum(kept.values())
        counts = {**kept, f"{len(counts) - len(kept)} others": rest}
    svg = _svg(
        [
            {"value": value, "count": count, "label": f"{count:,}"}
            for value, count in counts.items()
        ],
        layers=[
            {"mark": {"type": "bar", "color": MARK}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 13, "color": INK},
                "encoding": {"text": {"field": "label"}},
            },
        ],
        # The numbers stand at the bars' ends in place of an axis, whose labels could overlap.
        x={
            "field": "count",
            "type": "quantitative",
            "axis": None,
            "scale": {"domain": [0, max(counts.values())], "range": [0, WIDTH - 80]},
        },
        y={"field": "value", "type": "nominal", "title": None, "sort": list(counts)},
        height=28 * len(counts),
    )
    return Picture(svg, f"{sum(counts.values()):,} {noun}s: {told}.")


def _counts(table: pd.DataFrame, column: str) -> dict[str, int]:
    """Each value and its number of rows, the most frequent first."""
    counts = table[column].astype("object").fillna("not known").value_counts()
    return {str(value): int(count) for value, count in counts.items()}


def _svg(
    rows: list[dict[str, Any]],
    *,
    layers: list[dict[str, Any]],
    x: dict[str, Any],
    y: dict[str, Any],
    height: int,
) -> str:
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "config": CONFIG,
            "data": {"values": rows},
            "layer": layers,
            "encoding": {"x": x, "y": y},
            "width": WIDTH,
            "height": height,
            # Labels are measured in one font and shown in another: leave them room.
            "padding": {"left": 40, "right": 12, "top": 6, "bottom": 6},
        }
    )
    return svg
