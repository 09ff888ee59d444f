"""
Proof that messages cross: a test conversation, followed from side to side.

A fresh classic conversation with two chat identities is made, so nobody outside
gets a message. Then, as often as asked:

1. the customer writes in classic, and the message is looked for in Orchestrator;
2. the agent replies in classic, as the customer's application does, and that is
   looked for as well;
3. Orchestrator sends (action SEND_MESSAGE), and the message is looked for in classic.

The third way is Orchestrator's own; where an account's service refuses it, the
reply of the second stands as the way back and a finding says so.

What the test made is removed again, whatever happened. One participant or an
UNKNOWN type is no failure: that is how bridged conversations may begin.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..api.session import Session
from ..errors import Cancelled, NotProven
from ..progress import OnProgress, step_context
from .findings import Finding
from .plan import Plan, check_sync_timeout
from .round_trip import REPLY, TO_CLASSIC, TO_ORCHESTRATOR, Lane, RoundTrip

TIMEOUT: Final = 30.0

WHERE_TO_LOOK: Final = (
    "Look, in this order: does the configuration still name this service (02); has the "
    "operation completed; does Twilio's Debugger (source conversation-orchestrator) show a "
    "diagnostic; then give Twilio support the conversation sid."
)


@dataclass(frozen=True, slots=True)
class Verified:
    """
    What the test saw.

    Attributes:
        verified: Messages cross, both the customer's and the reply.
        conversation_sid: The classic test conversation.
        conversation_id: Its Orchestrator twin, when one was seen.
        lanes: In the order of the module's docstring; the third may be missing.
        cleaned: What was removed again, sentences.
        findings: What is worth knowing.
    """

    verified: bool
    conversation_sid: str
    conversation_id: str | None
    lanes: tuple[Lane, ...]
    cleaned: tuple[str, ...]
    findings: tuple[Finding, ...]

    def lane(self, name: str) -> Lane | None:
        return next((lane for lane in self.lanes if lane.name == name), None)

    @property
    def to_orchestrator_seconds(self) -> float | None:
        """Median of classic → Orchestrator."""
        lane = self.lane(TO_ORCHESTRATOR)
        return lane.median if lane else None

    @property
    def to_classic_seconds(self) -> float | None:
        """Median of the way back: Orchestrator → classic, else the reply in classic."""
        lane = self.lane(TO_CLASSIC) or self.lane(REPLY)
        return lane.median if lane else None

    @property
    def verdict(self) -> str:
        """One sentence."""
        if self.verified:
            return (
                f"Messages cross: {self.to_orchestrator_seconds:.1f} s to Orchestrator, "
                f"{self.to_classic_seconds:.1f} s for the way back."
            )
        failed = [lane for lane in self.lanes if not lane.ok]
        return "Not proven. " + " ".join(lane.failure for lane in failed if lane.failure)

    def require(self) -> None:
        """
        Raises:
            NotProven: A lane failed.
        """
        if not self.verified:
            raise NotProven(
                "The test message was not seen on both sides.",
                self.verdict.removeprefix("Not proven. "),
                WHERE_TO_LOOK,
            )


def verify(
    session: Session,
    plan: Plan,
    *,
    timeout: float = TIMEOUT,
    probes: int = 1,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Verified:
    """
    Send test messages through the bridge of the plan's service and follow them.

    Args:
        timeout: Seconds to wait for each message.
        probes: How many times each way; several give a median and a 95th percentile.

    Returns:
        What was seen; a message that did not arrive is a result, not an error.

    Raises:
        ApiError, ConnectionFailed: The test itself could not be made.
        Cancelled: It was stopped; what it had made is removed.
    """
    check_sync_timeout(timeout)
    with step_context(on_progress, cancel, clock, sleep) as context:
        test = RoundTrip(session, plan.service_sid, timeout, context)
        try:
            test.prepare()
            test.run(probes)
        except Cancelled as stopped:
            stopped.why = "The test conversation is being removed again."
            raise
        finally:
            # The stop button is for the waiting, not for the tidying up.
            with step_context(on_progress):
                test.clean()
        return Verified(
            test.proven,
            test.sid,
            test.twin.id if test.twin else None,
            test.ordered_lanes,
            tuple(test.cleaned),
            tuple(test.findings),
        )
