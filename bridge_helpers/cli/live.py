"""
Waits on the command line: one line that changes on a terminal, plain lines in a pipe.

    with progress() as on_progress:
        step(session, on_progress=on_progress)
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from ..progress import OnProgress, Progress
from ..words import printable
from .text import shortened

QUIET: Final = 1.0
"""Seconds without a plain line: what is over by then needs none. A wait is told at once."""
EVERY: Final = 5.0
"""Seconds between two plain lines about a count that grows."""
REDRAW: Final = 0.08
"""Seconds between two changes of the live line; a wait is shown at once."""
_ERASE: Final = "\r\x1b[2K"


class _Live:
    """One line of a terminal that is written over; erased before anything else is printed."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._drawn_at = float("-inf")
        self._shown = False

    def show(self, now: Progress) -> None:
        due = self._clock() - self._drawn_at >= REDRAW
        if due or now.state == "waiting":
            room = shutil.get_terminal_size().columns - 1
            self._stream.write(_ERASE + shortened(printable(line_of(now)), room))
            self._stream.flush()
            self._drawn_at, self._shown = self._clock(), True

    def erase(self) -> None:
        if self._shown:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._shown = False


class _Plain:
    """A line for every new thing, and now and then one for a count."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._told, self._counted_at = "", float("-inf")

    def show(self, now: Progress) -> None:
        counts = now.done is not None
        if now.message == self._told or (now.elapsed < QUIET and now.state != "waiting"):
            return
        if counts and self._clock() - self._counted_at < EVERY and now.done != now.total:
            return
        self._told = now.message
        if counts:
            self._counted_at = self._clock()
        self._stream.write(f"{printable(line_of(now))}\n")
        self._stream.flush()

    def erase(self) -> None:
        """What was printed stays."""


_lock = threading.Lock()
_current: _Live | _Plain | None = None


@contextmanager
def progress(
    stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[OnProgress]:
    """
    Show what a step reports while it runs.

    Args:
        stream: Where to; default: stderr.
        clock: Seconds that only grow.

    Yields:
        What a step takes as `on_progress`; any of its threads may call it.
    """
    global _current
    stream = stream or sys.stderr
    lively = stream.isatty() and os.environ.get("TERM") != "dumb"
    mine: _Live | _Plain = _Live(stream, clock) if lively else _Plain(stream, clock)

    def show(now: Progress) -> None:
        with _lock:
            if _current is mine:
                mine.show(now)

    before, _current = _current, mine
    try:
        yield show
    finally:
        with _lock:
            mine.erase()
            _current = before


def put_away() -> None:
    """Erase the live line, so that another line can be printed in its place."""
    with _lock:
        if _current is not None:
            _current.erase()


def line_of(now: Progress) -> str:
    """
    Progress as a line: `Operation op_… is PENDING · 4 s, again in 2 s`.

    The time is left out as long as nothing has taken one, and for what is done.
    """
    parts = [now.message]
    if now.done is not None and now.total:
        parts.append(f"{now.done:,} of {now.total:,}")
    times = [f"{now.elapsed:.0f} s"] if now.elapsed >= 1 and now.state != "done" else []
    if now.wait:
        times.append(f"again in {now.wait:.1f} s")
    if times:
        parts.append(", ".join(times))
    return " · ".join(parts)
