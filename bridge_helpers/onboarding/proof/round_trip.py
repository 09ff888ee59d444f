"""Messages of a test, sent and followed round after round; `verify` tells its story."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ...errors import ApiError, BadAnswer, ConnectionFailed, ServerError
from ...progress import current_context
from .. import links
from ..findings import Finding
from .conversation import ProofConversation
from .lanes import LANES, REPLY, TO_CLASSIC, TO_ORCHESTRATOR, Lane

LOOK_AFTER: Final = 5.0
"""Seconds without a message after which it is looked whether the bridge is still there."""


class RoundTrip:
    """
    The messages of one test conversation.

    Args:
        timeout: Seconds to wait for each message.
        rounds: How many times each way.
        look: Raises when the bridge is gone: called while a message does not arrive.

    Attributes:
        rounds_done: How many rounds came to their end.
        findings: What is worth knowing beside the lanes.
    """

    def __init__(
        self,
        conversation: ProofConversation,
        timeout: float,
        rounds: int = 1,
        *,
        look: Callable[[], None] = lambda: None,
    ) -> None:
        self._conversation = conversation
        self._timeout = timeout
        self._rounds = rounds
        self._look = look
        self._lanes = {name: Lane(name, not_tested=_NOT_REACHED) for name in LANES}
        self._way_back = True
        self._begun = 0.0
        self._ended = 0.0
        self._round = 0
        self.rounds_done = 0
        self.findings: list[Finding] = []

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All three, in their order; one that was not tested says why."""
        return tuple(self._lanes[name] for name in LANES)

    @property
    def proven(self) -> bool:
        """The customer's message and the reply crossed, and nothing that was tried did not."""
        crossed = self._lanes[TO_ORCHESTRATOR].ok and self._lanes[REPLY].ok
        return crossed and all(lane.ok for lane in self.lanes if lane.sent)

    def run(self) -> None:
        """All rounds, until a customer's message does not cross."""
        names = self._conversation.names
        self._begun = current_context().clock()
        for number in range(1, self._rounds + 1):
            self._round = number
            if not self._classic_lane(TO_ORCHESTRATOR, names.customer, f"Hello {number}"):
                return
            self._classic_lane(REPLY, names.agent, f"Reply {number}")
            if self._way_back:
                self._orchestrator_lane(f"From Orchestrator {number}")
            self.rounds_done = number
            self._ended = current_context().clock()

    def _classic_lane(self, name: str, author: str, text: str) -> bool:
        """Send in classic, look in Orchestrator."""
        self._say(name, "sending")
        written_at = datetime.now(UTC)
        message = self._conversation.write(author, text)
        sent = current_context().clock()
        message.seen = self._wait(name, sent, lambda: self._conversation.crossed(message))
        self._note(
            name,
            sent,
            message.seen,
            f"Message {message.sid}, {_written(written_at, message.request_id)}, was not seen "
            f"within {self._timeout:.0f} s.",
        )
        return message.seen

    def _orchestrator_lane(self, text: str) -> None:
        """Send by an action of Orchestrator, look in classic."""
        self._say(TO_CLASSIC, "sending")
        written_at = datetime.now(UTC)
        action_id, unsure, failed = None, "", ""
        try:
            action_id = self._conversation.send_from_orchestrator(text)
        except (ConnectionFailed, ServerError, BadAnswer) as lost:
            # Perhaps it was taken: a message that arrives shows that it was.
            unsure = lost.what
        except ApiError as refused:
            self._no_way_back(refused.why or refused.what)
            return
        sent = current_context().clock()

        def over() -> bool:
            nonlocal failed
            if self._conversation.in_classic(text):
                return True
            failed = self._conversation.failure_of(action_id)
            return bool(failed)

        found = self._wait(TO_CLASSIC, sent, over)
        if failed or (unsure and not found):
            self._no_way_back(failed or unsure)
            return
        self._note(
            TO_CLASSIC,
            sent,
            found,
            f"The message of action {action_id}, {_written(written_at)}, was not seen within "
            f"{self._timeout:.0f} s.",
        )

    def _no_way_back(self, reason: str) -> None:
        """Refused once, it is not tried again; what arrived in earlier rounds stays."""
        self._way_back = False
        words = "Orchestrator did not take a SEND_MESSAGE for this conversation."
        lane = self._lanes[TO_CLASSIC]
        if not lane.sent:
            self._lanes[TO_CLASSIC] = replace(lane, not_tested=words)
        when = f" (Round {self._round} of {self._rounds}.)" if self._rounds > 1 else ""
        self.findings.append(
            Finding(
                "send from Orchestrator",
                "warning",
                f"{words}{when} {reason}",
                "Replies that agents send from Orchestrator's side may not reach the customer.",
                "Keep replying through classic, which works; ask Twilio when Orchestrator is "
                "to reply.",
                links.TROUBLESHOOTING,
            )
        )

    def _wait(self, name: str, sent: float, look: Callable[[], bool]) -> bool:
        context = current_context()
        pause, next_look = 0.2, LOOK_AFTER
        while True:
            if look():
                return True
            waited = context.clock() - sent
            if waited >= self._timeout:
                return False
            if waited >= next_look:
                self._look()
                next_look = waited + LOOK_AFTER
            context.pause(
                min(pause, self._timeout - waited),
                f"{name}: not seen yet, {waited:.1f} s of {self._timeout:.0f} s{self._where}",
            )
            pause = min(1.0, pause * 1.2)

    # telling

    def _note(self, name: str, sent: float, found: bool, failure: str) -> None:
        seconds = current_context().clock() - sent
        lane = self._lanes[name]
        self._lanes[name] = lane.arrived(seconds) if found else lane.lost(failure)
        if found:
            self._say(name, f"seen after {seconds:.1f} s")

    def _say(self, name: str, words: str) -> None:
        done = sum(lane.sent for lane in self.lanes)
        lanes = len(LANES) if self._way_back else len(LANES) - 1
        total = max(done, self._rounds * lanes)
        current_context().say(f"{name}: {words}{self._where}", done=done, total=total)

    @property
    def _where(self) -> str:
        """`, round 3 of 5, about 12 s left`; nothing when there is one round only."""
        if self._rounds == 1:
            return ""
        words = f", round {self._round} of {self._rounds}"
        if self.rounds_done:
            # As long as the rounds before; what this one took already counts against it.
            each = (self._ended - self._begun) / self.rounds_done
            since = min(current_context().clock() - self._ended, each)
            words += f", about {each * (self._rounds - self.rounds_done) - since:.0f} s left"
        return words


_NOT_REACHED: Final = "A message of the customer has to cross before it."


def _written(at: datetime, request_id: str | None = None) -> str:
    words = f"written {at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{words} by request {request_id}" if request_id else words
