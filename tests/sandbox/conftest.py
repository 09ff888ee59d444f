"""One sandbox for all tests here: a real process on a real socket, put back before each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..sandbox_process import Account, SandboxProcess
from .box import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def frozen() -> Iterator[SandboxProcess]:
    """A sandbox whose clock moves only when it is told to."""
    with SandboxProcess("--freeze-clock") as running:
        yield running


@pytest.fixture
def box(frozen: SandboxProcess) -> Iterator[Sandbox]:
    """The sandbox at its start, its clock frozen: lag, operations and timers take no time."""
    account = Account.of(frozen.control("reset"))
    with Sandbox(frozen.url, account) as opened:
        yield opened
