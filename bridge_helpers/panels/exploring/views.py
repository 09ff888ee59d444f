"""What the panel of step 05 says around its table: what was read and when, and about files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from ...words import GLYPHS, counted
from ..toolkit import text
from ..toolkit.text import Html
from .rows import COLUMNS, IN_VIEW

NONE_YET: Final = (
    "There are none yet. A bridge brings over only what is written after it was made. Write a "
    "message in a conversation of the bridged service, or wait for a customer's, then read again. "
    "The test of 03 leaves none, as it removes what it made."
)


def summary(passing: int, of: int, order: str, read_at: datetime) -> Html:
    """How many rows pass, and from when they are: also where reading them again has failed."""
    return text.html(
        "<strong>{:,} of {}</strong>{}, as of {:%Y-%m-%d %H:%M}. Times are in UTC.",
        passing,
        counted(of, "conversation"),
        order,
        read_at,
    )


def not_in_files() -> Html:
    """The columns that are read for the rows in view, which a file of all rows cannot have."""
    *others, last = (one.title for one in COLUMNS if one.help == IN_VIEW)
    return text.html(
        '<div class="bw-help">Not in the file: {} and {}, which are read for the rows in view '
        "only.</div>",
        ", ".join(others),
        last,
    )


def written(path: Path, count: int) -> Html:
    """How many rows are in which file, and where it is."""
    return text.box(
        "ok",
        text.html(
            "{} {} in {}. The browser saves it; it is also in the folder {} ",
            GLYPHS["done"],
            counted(count, "row"),
            text.code(path.name),
            text.code(str(path.parent)),
        ),
        text.copyable(str(path), "Copy the path"),
    )
