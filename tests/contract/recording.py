"""
A pytest plugin: every answer that any test gets from a sandbox is held against the OpenAPI files.

With ``TWILIO_OPENAPI`` set, the session's environment gets ``BRIDGE_SANDBOX_RECORD``, a folder
into which every sandbox started below this session, by whichever test and in whichever process,
writes a line for each answer of the four APIs: ``{"method", "path", "status", "headers", "body",
"fault", …}``. When the session ends the lines are checked, and a difference fails the session.
Answers that a fault made (a wrong shape, half a body) are marked, were asked for, and are not
checked.

Nothing is mocked, and no test has to do anything for it. Loaded by ``tests/conftest.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..openapi_check import HOW_TO_OBTAIN, OpenApi

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "BRIDGE_SANDBOX_RECORD"
SHOWN = 20


class Recording:
    """The folder of one session's recordings, checked at its end."""

    def __init__(self, openapi: OpenApi | None) -> None:
        self.openapi = openapi
        self.folder = Path(tempfile.mkdtemp(prefix="bridge-record-")) if openapi else None
        self.before = os.environ.get(VARIABLE)
        self.checked = 0
        self.differences: Counter[str] = Counter()
        if self.folder:
            os.environ[VARIABLE] = str(self.folder)

    def lines(self) -> Iterator[dict[str, Any]]:
        """Read every complete line; a sandbox that was killed may leave half a line at the end."""
        assert self.folder is not None
        for path in sorted(self.folder.glob("*.jsonl")):
            with path.open(encoding="utf-8") as file:
                for line in file:
                    if line.endswith("\n"):
                        yield json.loads(line)

    def check(self) -> None:
        """Hold each answer against the files; the same difference is kept once, and counted."""
        if self.openapi is None:
            return
        for line in self.lines():
            if line.get("fault"):
                continue
            self.checked += 1
            method, path, status = line["method"], line["path"], line["status"]
            headers = {name: str(value) for name, value in line["headers"].items() if value}
            for problem in self.openapi.problems(method, path, status, headers, line["body"]):
                operation = self.openapi.operation(method, path)
                name = operation.name if operation else f"{method} {path}"
                self.differences[f"{name} → {status}: {problem}"] += 1

    def close(self) -> None:
        if self.before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = self.before
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


KEY = pytest.StashKey[Recording]()


def pytest_configure(config: pytest.Config) -> None:
    # With xdist only the controller records; its workers inherit the folder.
    if not hasattr(config, "workerinput"):
        config.stash[KEY] = Recording(OpenApi.from_environment())


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    recording = session.config.stash.get(KEY, None)
    if recording is None:
        return
    recording.check()
    if recording.differences and session.exitstatus in (pytest.ExitCode.OK, 0):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    recording = config.stash.get(KEY, None)
    if recording is None:
        return
    if recording.openapi is None:
        terminalreporter.write_line(f"answers were not checked: {HOW_TO_OBTAIN}", yellow=True)
        return
    terminalreporter.write_line(f"{recording.checked} answers held against the OpenAPI files")
    if recording.differences:
        terminalreporter.section("answers that differ from the OpenAPI files", red=True)
        for difference, count in recording.differences.most_common(SHOWN):
            terminalreporter.write_line(f"{count:>5} × {difference}", red=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if (recording := config.stash.get(KEY, None)) is not None:
        recording.close()
