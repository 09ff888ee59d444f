"""How long a request may take, and how often it is tried."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How long and how often to try.

    Attributes:
        attempts: Tries at one request that the service answers with 408, 429 or 5xx.
        connection_attempts: Tries when there is no answer at all.
        seconds: Everything for one request, waits included, ends within this time.
        timeout: Seconds for one try: until the answer begins, between two pieces of its
            headers, and until the last byte of its body.
        first_wait: Seconds before the second try when the service names none; then doubled.
        size: Bytes that an answer may have.
        per_second: Requests that may be begun in a second; None: as many as the service takes.
            It holds for a whole session, and is read when the session begins.
    """

    attempts: int = 8
    connection_attempts: int = 4
    seconds: float = 90.0
    timeout: float = 30.0
    first_wait: float = 0.5
    size: int = 64 * 1024 * 1024
    per_second: float | None = None

    def few(self) -> Limits:
        """The same with few tries: for when asking for less is better than asking again."""
        return replace(
            self,
            attempts=min(3, self.attempts),
            connection_attempts=min(3, self.connection_attempts),
            seconds=min(45.0, self.seconds),
        )

    def once(self) -> Limits:
        """The same with one try, not a long one: for when the caller makes the waits."""
        return replace(self, attempts=1, connection_attempts=1, timeout=min(10.0, self.timeout))
