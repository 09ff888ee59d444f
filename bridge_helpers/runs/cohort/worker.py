"""
Workers as those who use them see them: `carry_out` in any thread of any process.

Dask's workers call it as our own threads do. A process keeps as many workers as it has runs
at the same time; they wait for the next order, and end with it.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from ...errors import BridgeError
from ...target import connect
from .host import FORKS
from .messages import Delivered, Order, Ready, Said, read, write

HOST: Final = ("-m", "bridge_helpers.runs.cohort.host")
ENVIRONMENT: Final = {
    # One run is not in need of threads, and a process with fewer of them forks more safely.
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}


class WorkerLost(BridgeError):
    """A worker process died in the middle of a run, or did not start; the run may be repeated."""


class Worker:
    """
    A process that runs one order after another.

    Raises:
        WorkerLost: It does not start.
    """

    def __init__(self) -> None:
        self._complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in `stop`
        self._process = subprocess.Popen(  # noqa: S603 - this Python, this package
            [sys.executable, *HOST],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env={**os.environ, **ENVIRONMENT},
            # Its own group: Ctrl-C reaches whoever decides about the runs, not the runs.
            start_new_session=True,
        )
        if not isinstance(self._next(), Ready):
            raise self._lost("A worker process did not start.")

    def carry_out(self, order: Order, say: Callable[[str], None]) -> Delivered:
        """
        Run an order to its end.

        Args:
            say: Called with each line that the run prints.

        Raises:
            WorkerLost: The process died.
        """
        try:
            write(self._process.stdin, order)  # type: ignore[arg-type]
        except OSError:
            raise self._lost("A worker process had ended before its run.") from None
        while (message := self._next()) is not None:
            if isinstance(message, Said):
                say(message.text)
            elif isinstance(message, Delivered):
                return message
        raise self._lost("A worker process died in the middle of a run.")

    @property
    def alive(self) -> bool:
        """Whether it can take another order."""
        return self._process.poll() is None

    def end(self) -> None:
        """Let it end, with its run if there is one: that is safe at any instant."""
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]

    def stop(self) -> None:
        """End it and wait until it has ended."""
        self.end()
        self._process.stdout.close()  # type: ignore[union-attr]
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def _next(self) -> Any:
        return read(self._process.stdout)  # type: ignore[arg-type]

    def _lost(self, what: str) -> WorkerLost:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        self._complaints.seek(0)
        said = self._complaints.read().strip().splitlines()
        status = self._process.returncode
        how = f"It was ended by signal {-status}." if status and status < 0 else ""
        self.stop()
        return WorkerLost(
            what,
            said[-1] if said else how,
            "Run it again to resume: it looks first at what was begun.",
        )


_idle: list[Worker] = []
_busy: set[Worker] = set()
_lock = threading.Lock()
_stops = 0
"""How often all workers were ended: a run that was about to begin then does not."""


def carry_out(order: Order, say: Callable[[str], None] | None = None) -> Delivered:
    """
    Run an order in a worker of this process: one that is idle, or a new one.

    Raises:
        WorkerLost: The worker died; the order may be repeated.
    """
    worker = _taken()
    try:
        return worker.carry_out(order, say or (lambda _: None))
    finally:
        with _lock:
            _busy.discard(worker)
            keep = FORKS and worker.alive
            if keep:
                _idle.append(worker)
        if not keep:
            worker.stop()


def identify(target: str, prefixes: list[str]) -> dict[str, tuple[str, str] | str]:
    """
    Whose credentials each prefix names in this process's environment. Sends nothing.

    Returns:
        Account sid and region for each prefix, or what is wrong with it. No secret.
    """
    found: dict[str, tuple[str, str] | str] = {}
    for prefix in prefixes:
        try:
            with connect(target, prefix=prefix) as session:
                found[prefix] = (session.account.sid, session.account.region)
        except BridgeError as error:
            found[prefix] = str(error)
    return found


def stop_all() -> None:
    """End every worker of this process, whatever it is doing."""
    global _stops
    with _lock:
        _stops += 1
        idle, busy = list(_idle), list(_busy)
        _idle.clear()
    for worker in busy:
        # Its thread sees it end, and does the rest.
        worker.end()
    for worker in idle:
        worker.stop()


def _taken() -> Worker:
    """An idle worker, or a new one; it counts as busy from now on."""
    with _lock:
        stops = _stops
    while True:
        with _lock:
            worker = _idle.pop() if _idle else None
        worker = worker or Worker()
        with _lock:
            if worker.alive and stops == _stops:
                _busy.add(worker)
                return worker
        worker.stop()
        if stops != _stops:
            raise WorkerLost("The run was not begun: all runs were stopped.")


atexit.register(stop_all)
