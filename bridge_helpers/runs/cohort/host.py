"""
A worker process: `python -m bridge_helpers.runs.cohort.host`, orders on stdin, messages on stdout.

It imports what a run needs once. For every order it forks a process that runs the notebook
and ends: memory, environment and working directory of one customer's run are gone before the
next one begins, and a run that dies or hangs takes nothing with it. Where the system cannot
fork safely, the worker is its only run's process, and the next order starts another.

When stdin ends, whoever gave the orders has gone: the run is killed, which is safe at any
instant, and the worker ends.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from ...errors import BridgeError
from ...settings import ADDRESS_VARIABLES
from ...sources import PREFIXABLE, alone, sources
from .messages import Cell, Delivered, Order, Ready, Said, read, read_order, write

FORKS: Final = sys.platform == "linux"
"""macOS has `fork` too, but its system libraries do not survive it."""
ARTEFACTS: Final = ("onboard.ipynb", "report.html", "result.json")
NEEDED: Final = (
    "bridge_helpers.runs.cohort.namespace",
    "bridge_helpers.runs.onboarding",
    "bridge_helpers.runs.execute",
    *("anyio", "certifi", "filelock", "jinja2", "mistune", "pandas", "sqlite3", "vl_convert"),
)
"""What a run imports, at the latest in its last step."""


def main() -> None:
    """Serve orders until stdin ends."""
    orders, answers = _private_streams()
    for name in NEEDED:
        importlib.import_module(name)
    _compile_templates()
    # What is there already is not looked at again: a look would copy its memory.
    gc.collect()
    gc.freeze()
    write(answers, Ready())
    if not FORKS:
        order = read_order(orders)
        if order is not None:
            _end_with(orders)
            with _folder() as folder:
                _run(order, folder, answers)
        return
    while (order := read_order(orders)) is not None:
        with _folder() as folder:
            if not _supervise(order, folder, orders, answers):
                return


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Stdin and stdout for messages alone: what is printed elsewhere must not get in between."""
    orders = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return orders, answers


def _compile_templates() -> None:
    from ..pages import templates

    made = templates()
    for name in made.list_templates(extensions=["j2"]):
        made.get_template(name)


@contextmanager
def _folder() -> Iterator[Path]:
    """Where a run works; removed by this process, so that a run that is killed leaves nothing."""
    with tempfile.TemporaryDirectory(prefix="bridge-run-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _supervise(order: Order, folder: Path, orders: BinaryIO, answers: BinaryIO) -> bool:
    """Run an order in a process of its own; False when nobody waits for it any more."""
    from_run, to_us = os.pipe()
    lives_while, we_live = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            for each in (from_run, we_live, orders.fileno(), answers.fileno()):
                os.close(each)
            _end_with(os.fdopen(lives_while, "rb", buffering=0))
            with os.fdopen(to_us, "wb") as stream:
                _run(order, folder, stream)
            status = 0
        finally:
            # Nothing of the worker's own is to be done at the end, such as what `atexit` holds.
            os._exit(status)
    os.close(to_us)
    os.close(lives_while)
    try:
        with os.fdopen(from_run, "rb", buffering=0) as stream:
            waits = _relay(order, stream, orders, answers, child)
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(we_live)
    return waits


def _relay(order: Order, stream: BinaryIO, orders: BinaryIO, answers: BinaryIO, child: int) -> bool:
    """Pass on what a run says until it delivers, dies or hangs."""
    until = time.monotonic() + order.cell_seconds
    while True:
        left = until - time.monotonic()
        ready, _, _ = select.select([stream, orders], [], [], max(0.0, left))
        if orders in ready:
            # An order comes only after a delivery, so this is the end of stdin.
            return False
        if not ready:
            write(answers, _lost(f"A cell ran for more than {order.cell_seconds:.0f} s."))
            return True
        message = read(stream)
        if isinstance(message, Cell):
            until = time.monotonic() + order.cell_seconds
        elif message is None:
            # Left to be waited for once more, by whoever made it.
            ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
            killed = ended is not None and ended.si_code != os.CLD_EXITED
            how = f" by signal {ended.si_status}" if ended and killed else ""
            write(answers, _lost(f"Its process ended{how} before the run did."))
            return True
        else:
            write(answers, message)
            if isinstance(message, Delivered):
                return True


def _lost(why: str) -> Delivered:
    error = BridgeError(
        "The run was lost.", why, "Run it again to resume: it looks first at what was begun."
    )
    return Delivered(error={**error.as_dict(), "type": "WorkerLost"}, lost=True)


def _end_with(stream: BinaryIO) -> None:
    """End this process when a stream ends: whoever holds its other side has gone."""

    def watch() -> None:
        with suppress(OSError):
            stream.read()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


# in the process of one customer


def _run(order: Order, folder: Path, stream: BinaryIO) -> None:
    """Run the notebook with this customer's variables alone, and deliver what came of it."""
    from .. import execute
    from .namespace import ENGINE, Namespace

    error: dict[str, Any] | None = None
    try:
        _keep_only(alone(sources(), order.credentials))
        os.chdir(folder)
        Namespace.on_cell = staticmethod(lambda number: write(stream, Cell(number)))
        execute.run(order.parameters, folder, progress=_Lines(stream), engine=ENGINE)
    except BridgeError as problem:
        error = problem.as_dict()
    except Exception as problem:
        # A defect of ours: the cohort goes on, and this customer's line says what it was.
        error = BridgeError(f"{type(problem).__name__}: {problem}").as_dict()
    files = {name: (folder / name).read_bytes() for name in ARTEFACTS if (folder / name).is_file()}
    write(stream, Delivered(files, error))


def _keep_only(variables: dict[str, str]) -> None:
    """No variable of another customer's stays in this process's environment."""
    others = (*PREFIXABLE, *ADDRESS_VARIABLES.values())
    for name in [name for name in os.environ if name.endswith(others)]:
        del os.environ[name]
    os.environ.update(variables)


class _Lines:
    """A run's printed lines, as messages."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._begun = stream, ""

    def write(self, text: str) -> None:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            write(self._stream, Said(line))

    def flush(self) -> None:
        pass


if __name__ == "__main__":
    main()
