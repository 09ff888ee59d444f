"""Create the configuration that bridges a service: exactly one, killed or not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from ..api.documents import bridging
from ..api.models import Configuration
from ..api.operations import DEADLINE
from ..api.session import Session
from ..progress import OnProgress
from .journal import Journal
from .plan import Plan
from .writes.kinds import How, Seen, Write, creation
from .writes.protocol import hold_service

Outcome = Literal["created", "resumed", "adopted"]
_OUTCOMES: Final[Mapping[How, Outcome]] = {
    "written": "created",
    "resumed": "resumed",
    "found": "adopted",
}


@dataclass(frozen=True, slots=True)
class Created:
    """
    The bridge as it stands.

    Attributes:
        configuration: As the service shows it now.
        outcome: `created` by this run, `resumed` from one that was interrupted, or `adopted`:
            it was there and matches the plan.
        operation_id: The operation that made it, when one of ours did.
        seconds: What this run took.
        notes: What else is worth knowing, sentences.
    """

    configuration: Configuration
    outcome: Outcome
    operation_id: str | None
    seconds: float
    notes: tuple[str, ...] = ()


def create(
    session: Session,
    plan: Plan,
    *,
    journal: Journal | None = None,
    deadline: float = DEADLINE,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Created:
    """
    Bridge the plan's service, or find that it is bridged like this already.

    Args:
        journal: Where to write what is begun; default: the one under `BRIDGE_HOME`.
        deadline: Seconds to wait for the operation, and for another run on this service.

    Raises:
        BridgeDiffers: It is bridged with other settings; nothing was written.
        OperationFailed, OperationPending, UnknownOutcome, RunInProgress, Cancelled: see errors.
        ApiError, ConnectionFailed: The service refused or could not be reached.
    """
    write = creation(session, plan)

    def propose(ended: Seen | None) -> Write:
        there = ended.document if ended else None
        if there is not None and bridging([there], plan.service_sid):
            return replace(write, seen=ended)
        writer.context.say("Looking whether the service is bridged already")
        seen = write.find(None)
        if seen is None:
            made = writer.journal.latest(writer.scope, write.kind)
            if made is not None and made.state == "completed" and made.configuration_id:
                # The list may lag behind what an earlier run made; a look at it alone does not.
                seen = write.find(made.configuration_id)
        return replace(write, seen=seen)

    with hold_service(
        session,
        plan.service_sid,
        journal=journal,
        deadline=deadline,
        on_progress=on_progress,
        cancel=cancel,
        clock=clock,
        sleep=sleep,
    ) as writer:
        done = writer.carry_out(write.kind, "", propose)
        configuration, outcome = done.seen.standing.record, _OUTCOMES[done.how]
        writer.context.say(f"The bridge stands: {configuration.id} ({outcome})", state="done")
        return Created(
            configuration,
            outcome,
            done.operation_id,
            writer.context.elapsed,
            tuple(writer.notes),
        )
