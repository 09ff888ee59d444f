"""A cohort that is stopped when there is nothing left to begin."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from .test_manager import Crew, delivered, go, people

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bridge_helpers.runs.cohort.messages import Delivered, Order


def test_a_stop_that_left_nobody_out_is_none(tmp_path: Path) -> None:
    """Everybody was run: neither the terminal nor the summary says otherwise."""
    stop = threading.Event()

    class Slow(Crew):
        def submit(self, place: str, order: Order, say: Callable[[str], None]) -> Future[Delivered]:
            stop.set()
            future: Future[Delivered] = Future()
            threading.Timer(0.8, future.set_result, [delivered(order.name)]).start()
            return future

    done = go(tmp_path, Slow(), people("a"), cancel=stop)
    assert done.ok
    assert done.stopped == ""
    assert "Not every run" not in (tmp_path / "summary.html").read_text()
