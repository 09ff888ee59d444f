"""Threads are started in few places, so that a step's context reaches all of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from .modules import MODULES, PACKAGE, name_of

STARTERS = {
    "threading.Thread",
    "threading.Timer",
    "_thread.start_new_thread",
    "concurrent.futures.ThreadPoolExecutor",
    "futures.ThreadPoolExecutor",
    "asyncio.to_thread",
    "multiprocessing.pool.ThreadPool",
}
ALLOWED = {
    "api/fan_out.py": "where the threads of a step come from",
    "panels/toolkit/follow.py": "sees what other notebooks have done; no step runs on it",
    "panels/toolkit/worker.py": "what a panel's button began goes on while the notebook is used",
    "runs/cohort/executors.py": "each waits for a worker process; no step runs on it",
    "runs/cohort/host.py": "ends the process when whoever it works for has gone",
    "runs/keeper.py": "answers kernels beside Lab's own loop; no step runs on it",
    "sandbox_process.py": "reads what a child process prints",
}


def started_in(path: Path) -> set[str]:
    """The names that a module uses to start threads, however it imports them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            found.add(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found & STARTERS


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_bare_thread_or_executor(path: Path) -> None:
    """Elsewhere progress and cancel would not reach the thread."""
    if path.relative_to(PACKAGE).as_posix() not in ALLOWED:
        assert started_in(path) == set()


def test_the_exceptions_are_needed() -> None:
    """A module that starts no thread any more is taken from the list."""
    for name in ALLOWED:
        path = PACKAGE / name
        assert path.is_file()
        assert started_in(path)
