"""Random walks over profiles, merges and lookups: everybody is found, and found once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ..sandbox_process import SandboxProcess
from .profile_machine import ProfileMachine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def still() -> Iterator[SandboxProcess]:
    with SandboxProcess("--freeze-clock", "--operation-seconds", "1") as running:
        yield running


def walk(sandbox: SandboxProcess, **how: Any) -> Counter[str]:
    """Walk as often and as far as ``how`` says; returns how often what was met."""
    seen: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: ProfileMachine(sandbox, seen),  # type: ignore[arg-type] # it takes factories
        settings=settings(
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            **how,
        ),
    )
    return seen


def test_walk(still: SandboxProcess) -> None:
    """The same short walks each time: made, found, merged and deleted, and nothing mixed up."""
    seen = walk(
        still, derandomize=True, phases=(Phase.generate,), max_examples=8, stateful_step_count=12
    )
    assert min(seen[what] for what in ("made", "found", "merged", "deleted")) > 0, seen


@pytest.mark.soak
def test_long_walk(still: SandboxProcess) -> None:
    """Hundreds of longer walks, other ones each time."""
    walk(still, max_examples=200, stateful_step_count=40)
