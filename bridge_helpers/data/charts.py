"""
Pictures, as SVG: the same in a notebook, in a printed page and in a mailed report.

A picture is a Vega-Lite specification (https://vega.github.io/vega-lite/docs/spec.html) that
`vl-convert` draws in this process. Every picture comes with a sentence that says what it
shows, for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

INK: Final = "#5b6470"
"""Of labels and axes: readable on white and on Lab's dark background alike."""
MARK: Final = "#2f7fc1"
WIDTH: Final = 420

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
        "labelLimit": 260,
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
        mark={"type": "point", "filled": True, "size": 90, "color": MARK, "opacity": 0.85},
        x={
            "field": "seconds",
            "type": "quantitative",
            "title": "seconds from sent to seen",
            "scale": {"zero": True, "nice": True},
            "axis": {"tickCount": 6},
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


def counts_chart(table: pd.DataFrame, column: str, title: str) -> str:
    """A bar for each value of a column, as long as its number of rows."""
    counts = _counts(table, column)
    return _svg(
        [{"value": value, "count": count} for value, count in counts.items()],
        mark={"type": "bar", "color": MARK},
        x={
            "field": "count",
            "type": "quantitative",
            "title": title,
            "axis": {"tickMinStep": 1, "format": "d"},
        },
        y={"field": "value", "type": "nominal", "title": None, "sort": "-x"},
        height=26 * max(1, len(counts)),
    )


def counts_sentence(table: pd.DataFrame, column: str) -> str:
    """The same in words: `12 ACTIVE, 3 CLOSED`."""
    counts = _counts(table, column)
    return ", ".join(f"{count} {value}" for value, count in counts.items()) or "none"


def _counts(table: pd.DataFrame, column: str) -> dict[str, int]:
    """Each value and its number of rows, the most frequent first."""
    counts = table[column].astype("object").fillna("not known").value_counts()
    return {str(value): int(count) for value, count in counts.items()}


def _svg(
    rows: list[dict[str, Any]],
    *,
    mark: dict[str, Any],
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
            "mark": mark,
            "encoding": {"x": x, "y": y},
            "width": WIDTH,
            "height": height,
            # Labels are measured in one font and shown in another: leave them room.
            "padding": {"left": 40, "right": 12, "top": 6, "bottom": 6},
        }
    )
    return svg
