"""
Pictures, as SVG: the same in a notebook, in a printed page and in a mailed report.

Every picture comes with a sentence that says what it shows, for those who do
not see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

INK: Final = "#5b6470"
"""Readable on white and on Lab's dark background alike (4.5:1 or better on neither's extreme)."""
MARK: Final = "#2f7fc1"


def latency_chart(lanes: Mapping[str, Sequence[float]]) -> str:
    """
    A strip for each lane: one mark a message, at its seconds.

    Args:
        lanes: Name of the lane to seconds from sent to seen.
    """
    import altair as alt
    import pandas as pd

    rows = [(name, one) for name, seconds in lanes.items() for one in seconds]
    data = pd.DataFrame(rows, columns=["direction", "seconds"])
    names = list(lanes)
    chart = (
        alt.Chart(data)
        .mark_point(filled=True, size=90, color=MARK, opacity=0.85)
        .encode(
            x=alt.X(
                "seconds:Q",
                title="seconds from sent to seen",
                scale=alt.Scale(zero=True, nice=True),
                axis=alt.Axis(tickCount=6),
            ),
            y=alt.Y("direction:N", title=None, sort=names, scale=alt.Scale(domain=names)),
        )
        .properties(width=420, height=34 * max(1, len(names)))
    )
    return _svg(chart)


def counts_chart(table: pd.DataFrame, column: str, title: str) -> str:
    """A bar for each value of a column, as long as its number of rows."""
    import altair as alt

    counts = table[column].astype("object").fillna("not known").value_counts().reset_index()
    counts.columns = ["value", "count"]
    chart = (
        alt.Chart(counts)
        .mark_bar(color=MARK)
        .encode(
            x=alt.X("count:Q", title=title, axis=alt.Axis(tickMinStep=1, format="d")),
            y=alt.Y("value:N", title=None, sort="-x"),
        )
        .properties(width=420, height=26 * max(1, len(counts)))
    )
    return _svg(chart)


def counts_sentence(table: pd.DataFrame, column: str) -> str:
    """The same in words: `12 ACTIVE, 3 CLOSED`."""
    counts = table[column].astype("object").fillna("not known").value_counts()
    return ", ".join(f"{count} {value}" for value, count in counts.items()) or "none"


def _svg(chart: Any) -> str:
    import vl_convert

    styled = (
        # Labels are measured in one font and shown in another: leave them room.
        chart.properties(padding={"left": 40, "right": 12, "top": 6, "bottom": 6})
        .configure(background="transparent", font="system-ui, sans-serif")
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            domainColor=INK,
            tickColor=INK,
            gridOpacity=0.25,
            labelLimit=260,
        )
        .configure_view(strokeOpacity=0)
    )
    svg: str = vl_convert.vegalite_to_svg(styled.to_dict())
    return svg
