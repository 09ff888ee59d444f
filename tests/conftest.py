"""
For every test: a home and an environment of its own, and a second pair of eyes.

No test sees the credentials or the journal of whoever runs it. What any sandbox
answers is held against Twilio's OpenAPI files at the end of the session.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from .sandbox_process import Account, SandboxProcess

pytest_plugins = ["tests.contract.recording", "tests.trials", "tests.wheel"]

QUICK = {"lag": 0.1, "operation_seconds": 0.2, "retry_after": 0}

LONG = (
    "runs/cohort/test_cohort.py",
    "runs/cohort",
    "faults/test_canary.py",
    "faults/test_state_machine.py",
    "faults/test_crash.py",
    "house/test_wheel.py",
    "contract/test_bridge_state_machine.py",
    "runs",
    "notebooks",
    "reconcile",
    "faults",
)
"""Files and folders whose tests take long, the longest first."""

HOME = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected: notebooks run in kernels that inherit this environment."""
    import nbval.kernel

    from bridge_helpers.runs.kernels import Private

    # A kernel's ports are picked before they are bound, and the tests' servers take ports too.
    nbval.kernel.KernelManager = Private
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Shells start what runs in the background like this, and every child inherits it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    home = Path(tempfile.mkdtemp(prefix="bridge-home-"))
    config.stash[HOME] = home
    os.environ["BRIDGE_HOME"] = str(home)
    for name in list(os.environ):
        if name.startswith("TWILIO_") and name != "TWILIO_OPENAPI":
            del os.environ[name]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: begun last, one worker would be at it while the others rest."""
    here = Path(__file__).parent
    places = [here / name for name in LONG]

    @cache
    def rank(path: Path) -> int:
        return next(
            (number for number, place in enumerate(places) if path.is_relative_to(place)),
            len(places),
        )

    items.sort(key=lambda item: rank(item.path))


def pytest_unconfigure(config: pytest.Config) -> None:
    if HOME in config.stash:
        shutil.rmtree(config.stash[HOME], ignore_errors=True)


@pytest.fixture(autouse=True)
def own_home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A BRIDGE_HOME for each test that has a temporary folder anyway."""
    if "tmp_path" in request.fixturenames:
        home: Path = request.getfixturevalue("tmp_path") / "home"
        monkeypatch.setenv("BRIDGE_HOME", str(home))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    """One sandbox process for all folders that do not ask for another."""
    with SandboxProcess() as running:
        yield running


@pytest.fixture
def account(sandbox: SandboxProcess) -> Account:
    """A fresh account, no faults: operations take 0.2 s, and messages cross in 0.1 s."""
    sandbox.forget("faults")
    sandbox.forget("requests")
    sandbox.control("settings", **QUICK)
    return sandbox.account()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Everything that a test recorded as `faults`: a line of figures, or a table."""
    ended = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    for report in ended:
        for name, value in report.user_properties:
            if name == "faults":
                terminalreporter.section(report.nodeid.split("::")[-1])
                terminalreporter.write_line(str(value))
