"""The directions that a test follows messages in, and what was seen of each."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Final, Literal

TO_ORCHESTRATOR: Final = "classic → Orchestrator"
REPLY: Final = "reply in classic → Orchestrator"
TO_CLASSIC: Final = "Orchestrator → classic"
WORDS: Final = {
    TO_ORCHESTRATOR: "a customer's message",
    REPLY: "a reply in classic",
    TO_CLASSIC: "a message that Orchestrator sends",
}
LANES: Final = (TO_ORCHESTRATOR, REPLY, TO_CLASSIC)


@dataclass(frozen=True, slots=True)
class Lane:
    """
    One direction.

    Attributes:
        name: From where to where.
        seconds: From sent to seen, one for each message that arrived.
        sent: How many were sent and waited for.
        failure: Why it did not work, a sentence; empty when it did.
        not_tested: Why nothing was sent, a sentence; empty when something was.
    """

    name: str
    seconds: tuple[float, ...] = ()
    sent: int = 0
    failure: str = ""
    not_tested: str = ""

    @property
    def state(self) -> Literal["crossed", "did not cross", "not tested"]:
        """In words, as it is shown."""
        if self.sent == 0:
            return "not tested"
        return "crossed" if self.ok else "did not cross"

    @property
    def words(self) -> str:
        """What was sent, for a reader who knows neither side."""
        return WORDS.get(self.name, self.name)

    @property
    def ok(self) -> bool:
        """Every message that was sent arrived; False too when none was sent."""
        return self.sent > 0 and len(self.seconds) == self.sent and not self.failure

    @property
    def median(self) -> float | None:
        """Half of the messages were seen within these seconds; None without any."""
        return statistics.median(self.seconds) if self.seconds else None

    @property
    def p95(self) -> float | None:
        """Nearest-rank 95th percentile: the smallest that 95 of 100 do not exceed."""
        rank = -(-95 * len(self.seconds) // 100)
        return sorted(self.seconds)[rank - 1] if rank else None

    def arrived(self, seconds: float) -> Lane:
        """The same after one more message that arrived."""
        return Lane(self.name, (*self.seconds, max(0.0, seconds)), self.sent + 1, self.failure)

    def lost(self, failure: str) -> Lane:
        """The same after one more message that did not arrive."""
        return Lane(self.name, self.seconds, self.sent + 1, failure)
