"""
Tables: as wide as the terminal, or whole lines in a pipe.

On a terminal that is too narrow, the columns that may be cut are cut; where that is not enough,
a row goes on in a second line, indented. Ids are never cut: somebody wants to copy them.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import click

from .output import data
from .text import Styled, clean, shortened, styled, width

GAP: Final = 2
INDENT: Final = 4
NARROWEST: Final = 12
"""Cells of a column that was cut, at least."""


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column of a table.

    Attributes:
        heading: Its heading; printed in capitals.
        cut: Whether its values may be cut on a narrow terminal: names and notes, never ids.
    """

    heading: str
    cut: bool = False


def show(columns: Sequence[Column], rows: Iterable[Iterable[str]]) -> None:
    """
    Print a table on stdout, with a heading.

    Args:
        columns: From left to right.
        rows: A text for each column; the coloured ones come from `text.styled` or `text.marked`.
    """
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in lines(columns, rows, room):
        data(line)


def lines(
    columns: Sequence[Column], rows: Iterable[Iterable[str]], room: int | None
) -> Iterator[Styled]:
    """
    The lines of a table.

    Args:
        columns: From left to right.
        rows: A text for each column.
        room: Cells of the terminal; None: as many as it takes.
    """
    headings: list[str] = [styled(column.heading.upper(), "strong") for column in columns]
    listed = [headings, *([_one_line(cell) for cell in row] for row in rows)]
    natural = [max(map(width, cells)) for cells in zip(*listed, strict=True)]
    widths = natural if room is None else _narrowed(columns, natural, room)
    breaks = _breaks(widths, room)
    if room is not None:
        widths = _widened(widths, natural, breaks, room)
    for row in listed:
        cells = [_fitted(cell, space) for cell, space in zip(row, widths, strict=True)]
        yield from _laid_out(cells, widths, breaks)


def _one_line(cell: str) -> str:
    return cell if isinstance(cell, Styled) else clean(" ".join(cell.split()))


def _narrowed(columns: Sequence[Column], natural: Sequence[int], room: int) -> list[int]:
    """Widths after cutting: always the widest of those that may be cut, and only as needed."""
    widths = list(natural)
    soft = [index for index, column in enumerate(columns) if column.cut]
    too_much = sum(widths) + GAP * (len(widths) - 1) - room
    while too_much > 0 and soft:
        widest = max(soft, key=lambda index: widths[index])
        least = max(NARROWEST, width(columns[widest].heading))
        if widths[widest] <= least:
            break
        others = [widths[index] for index in soft if index != widest]
        down_to = max(
            least, widths[widest] - too_much, min(max(others, default=0), widths[widest] - 1)
        )
        too_much -= widths[widest] - down_to
        widths[widest] = down_to
    return widths


def _breaks(widths: Sequence[int], room: int | None) -> set[int]:
    """The columns that begin a new line of the row."""
    breaks: set[int] = set()
    used = 0
    for index, space in enumerate(widths):
        if index and room is not None and used + GAP + space > room:
            breaks.add(index)
            used = INDENT + space
        else:
            used += space + (GAP if index else 0)
    return breaks


def _widened(
    widths: Sequence[int], natural: Sequence[int], breaks: set[int], room: int
) -> list[int]:
    """Widths after what was cut has taken the room that its line has left."""
    wider = list(widths)
    begins = [0, *sorted(breaks), len(widths)]
    for begin, end in pairwise(begins):
        used = sum(wider[begin:end]) + GAP * (end - begin - 1) + (INDENT if begin else 0)
        for index in range(begin, end):
            more = max(0, min(natural[index] - wider[index], room - used))
            wider[index] += more
            used += more
    return wider


def _fitted(cell: str, space: int) -> str:
    if width(cell) <= space:
        return cell
    return shortened(click.unstyle(cell), space)


def _laid_out(cells: Sequence[str], widths: Sequence[int], breaks: set[int]) -> Iterator[Styled]:
    line = ""
    for index, (cell, space) in enumerate(zip(cells, widths, strict=True)):
        if index in breaks:
            yield Styled(line.rstrip())
            line = " " * INDENT
        line += cell + " " * (space - width(cell) + GAP)
    yield Styled(line.rstrip())
