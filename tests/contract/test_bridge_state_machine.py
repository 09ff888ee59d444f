"""Random walks over a bridge: nothing lost, doubled or out of order, and never two bridges."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ..sandbox_process import SandboxProcess
from .bridge_machine import JITTER, LAG, OPERATION, BridgeMachine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def still() -> Iterator[SandboxProcess]:
    options = ("--lag", LAG, "--jitter", JITTER, "--operation-seconds", OPERATION)
    with SandboxProcess("--freeze-clock", *map(str, options)) as running:
        yield running


def walk(sandbox: SandboxProcess, fault: str | None = None, **how: Any) -> Counter[str]:
    """
    Walk as often and as far as ``how`` says; what is answered is checked by the recording.

    Returns:
        How often what was met, so that a walk which met nothing does not pass for a good one.
    """
    seen: Counter[str] = Counter()
    run_state_machine_as_test(
        lambda: BridgeMachine(sandbox, seen, fault),  # type: ignore[arg-type] # it takes factories
        settings=settings(
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
            **how,
        ),
    )
    return seen


# Without shrinking, which may take minutes; a failure prints its steps all the same.
QUICK: dict[str, Any] = {"derandomize": True, "phases": (Phase.generate,)}


def test_walk(still: SandboxProcess) -> None:
    """The same short walks each time: one bridge for a service, nothing lost, doubled, mixed up."""
    seen = walk(still, **QUICK, max_examples=25, stateful_step_count=40)
    wanted = {
        "POST 202",
        "POST 409",
        "PUT 202",
        "PATCH 202",
        "DELETE 202",
        "retry",
        "arrived in orchestrator",
        "sent by orchestrator",
        "second conversation",
    }
    assert wanted - {what for what, times in seen.items() if times} == set(), seen


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("sync-lost", "lost at"),
        ("sync-double", "doubled"),
        ("sync-reorder", "out of order|lost at"),
    ],
)
def test_the_walk_notices(still: SandboxProcess, fault: str, complaint: str) -> None:
    """The walk can fail: one message lost, doubled or overtaken is found out."""
    with pytest.raises(AssertionError, match=complaint):
        walk(still, fault, **QUICK, max_examples=20, stateful_step_count=30)


@pytest.mark.soak
def test_long_walk(still: SandboxProcess) -> None:
    """Hundreds of long walks, other ones each time."""
    walk(still, max_examples=400, stateful_step_count=60)
