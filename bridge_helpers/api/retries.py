"""
How long a request may take, which answers are worth another try, and how long to wait before it.

408, 429, 5xx and broken connections; a write only when repeating it is safe, or
when it was certainly not done.

The loop that asks these is `Http.send`: it waits through the current step's context,
so that every wait is seen and can be stopped.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from ..errors import (
    ApiError,
    BadAnswer,
    BridgeError,
    ConnectionFailed,
    ProfileMerged,
    RateLimited,
    ServerError,
)

LONGEST_WAIT: Final = 20.0


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


def retry_after(headers: Mapping[str, str]) -> float | None:
    """
    `Retry-After` in seconds from now, whether it was given as seconds or as an HTTP date.

    Args:
        headers: Lower-case names.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        then = moment(value)
        if then is None:
            return None
        # The server's clock decides, where it is told: ours may be off.
        now = moment(headers.get("date", "")) or datetime.now(UTC)
        seconds = (then - now).total_seconds()
    return max(0.0, seconds) if seconds == seconds and seconds != float("inf") else None


def next_wait(error: BridgeError, tries: int, first_wait: float) -> float:
    """
    Seconds until the next try: what the service asked for, else twice as long each time.

    `Retry-After: 0` is taken at its word once. A service that refuses again all the same has
    named no time, and all tries would be used up in an instant.

    Args:
        error: What the last try ended with.
        tries: How many there have been.
        first_wait: Seconds before the second try; four times that after 429.
    """
    asked = error.retry_after if isinstance(error, ApiError) else None
    if asked is not None and (asked > 0 or tries == 1):
        # A little later than asked, so that many clients do not come back as one.
        return asked + random.uniform(0.0, min(1.0, 0.1 * asked))
    first = 4 * first_wait if isinstance(error, RateLimited) else first_wait
    longest: float = min(LONGEST_WAIT, first * 2 ** (tries - 1))
    return longest * random.uniform(0.5, 1.0)


def worth_repeating(error: BridgeError, repeatable: bool, unanswered: bool) -> bool:
    """
    Whether the same request may be sent again.

    Args:
        repeatable: Doing it twice is the same as doing it once.
        unanswered: It was tried as often as a request without any answer is.
    """
    if isinstance(error, RateLimited):
        return True
    if isinstance(error, ServerError):
        return repeatable
    if isinstance(error, ConnectionFailed):
        return (repeatable or not error.sent) and not unanswered
    return False


def may_have_arrived(error: BridgeError) -> bool:
    """Whether a try that ended so may have been carried out by the service all the same."""
    if isinstance(error, ConnectionFailed):
        return error.sent
    return isinstance(error, ServerError | BadAnswer) and not isinstance(error, ProfileMerged)


def reason_of(error: BridgeError) -> str:
    """Why it is tried again, for the person who waits."""
    if isinstance(error, RateLimited):
        return "the service asks to slow down (429)"
    if isinstance(error, ApiError):
        return f"the service answered {error.status}"
    return "the connection broke"


def moment(value: str) -> datetime | None:
    """An HTTP date; None for what is none."""
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
