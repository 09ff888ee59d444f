"""A cohort that is stopped, by the first Ctrl-C and by the second."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from bridge_helpers.cli.cohort import _stopping

from .test_manager import Crew, delivered, go, people, summary

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


def test_a_second_ctrl_c_leaves_a_summary_too(tmp_path: Path) -> None:
    """Of what had ended by then."""

    def breaks(crew: Crew, place: str, order: Order) -> Delivered:
        if order.name == "b":
            raise KeyboardInterrupt
        return delivered(order.name)

    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, Crew(breaks), people("a", "b", "c"))
    assert [row["status"] for row in summary(tmp_path)] == ["verified", "not run", "not run"]


def test_only_the_second_ctrl_c_breaks_off() -> None:
    """The first asks to stop; those after the second would keep the workers from being ended."""
    with _stopping() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
