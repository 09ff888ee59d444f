"""Long histories of writes: never two configurations, and the journal never lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from bridge_helpers.api.answer import Answer
from bridge_helpers.api.retries import Limits
from bridge_helpers.api.session import Session

from .bridging import Bridging, Fuse
from .children import account
from .server import Server

LIMITS = Limits(attempts=2, connection_attempts=2, first_wait=0.01)


@pytest.fixture
def machine() -> Any:
    fuse = Fuse()
    with Server() as server, Session(account(server.url), LIMITS) as session:
        real = session.http.send

        def send(*arguments: Any, **more: Any) -> Answer:
            fuse.passed()
            answer = real(*arguments, **more)
            fuse.passed()
            return answer

        session.http.send = send  # type: ignore[method-assign] # the real one, with a fuse
        Bridging.server, Bridging.session, Bridging.fuse = server, session, fuse
        Bridging.ends = {}
        yield Bridging


def explored(machine: type[Bridging], examples: int, steps: int, *, anew: bool) -> str:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # The quick trial is the same each time; the long one looks elsewhere each time.
            derandomize=not anew,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return ", ".join(f"{name}: {count}" for name, count in sorted(machine.ends.items()))


def test_never_two_bridges_whatever_happens(
    machine: type[Bridging], record_property: Callable[[str, object], None]
) -> None:
    """Never two configurations for a service; the journal never lies; the last run gets there."""
    record_property("faults", explored(machine, 120, 12, anew=False))
    assert {"created", "resumed", "adopted", "Killed", "BridgeDiffers"} <= machine.ends.keys()
    assert {"change changed", "change Killed", "delete deleted", "delete Killed"} <= (
        machine.ends.keys()
    )


@pytest.mark.soak
def test_never_two_bridges_in_long_histories(
    machine: type[Bridging], record_property: Callable[[str, object], None]
) -> None:
    """The same, in longer histories and more of them."""
    record_property("faults", explored(machine, 600, 25, anew=True))
