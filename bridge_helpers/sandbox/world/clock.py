"""
The sandbox's clock: real time with an offset, or frozen until somebody advances it.

Every timestamp, timer, lag and operation of the sandbox reads this clock, so a year passes in
one request and a frozen run always writes the same times. An instant is a ``float``: seconds
since 1970 in UTC, rounded to milliseconds.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache

#: Where a frozen clock starts: 2026-01-05T09:00:00Z, a Monday morning.
FROZEN_START = 1767603600.0

#: Where every clock ends: 3000-01-01. Dates have to stay dates.
LAST = 32503680000.0

MINUTE = 60.0
DAY = 86_400.0
#: The longest life of a v2 conversation (Twilio docs: conversations/orchestrator, lifecycle).
MAXIMUM_LIFE = 3 * 365 * DAY


class Clock:
    """Time as the sandbox sees it; ``frozen=True`` starts it still at `FROZEN_START`."""

    def __init__(self, *, frozen: bool = False) -> None:
        self._offset = 0.0
        self._still: float | None = FROZEN_START if frozen else None

    @property
    def frozen(self) -> bool:
        return self._still is not None

    def now(self) -> float:
        """The present instant."""
        instant = self._still if self._still is not None else time.time() + self._offset
        return round(instant, 3)

    def advance(self, seconds: float) -> None:
        """Move forward; a frozen clock stays frozen at the later instant."""
        if self._still is not None:
            self._still += seconds
        else:
            self._offset += seconds

    def freeze(self) -> None:
        self._still = self.now()

    def release(self) -> None:
        """Run again from the present instant."""
        if self._still is not None:
            self._offset = self._still - time.time()
            self._still = None

    def set(self, instant: float) -> None:
        """Go to an instant, forward or back, frozen or not."""
        self.advance(instant - self.now())


@lru_cache(maxsize=4096)
def rfc3339(instant: float) -> str:
    """As v2 and memory write it: ``2026-01-05T09:00:00Z``, with milliseconds if there are any."""
    moment = datetime.fromtimestamp(instant, UTC)
    if moment.microsecond:
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _whole(moment)


@lru_cache(maxsize=4096)
def iso_seconds(instant: float) -> str:
    """As classic writes it: ``2026-01-05T09:00:00Z``, milliseconds dropped."""
    return _whole(datetime.fromtimestamp(int(instant), UTC))


def _whole(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@lru_cache(maxsize=1024)
def http_date(instant: float) -> str:
    """As the header ``Date`` has it: ``Mon, 05 Jan 2026 09:00:00 GMT``."""
    return format_datetime(datetime.fromtimestamp(int(instant), UTC), usegmt=True)


@lru_cache(maxsize=1024)
def rfc2822(instant: float) -> str:
    """As the 2010 API writes it: ``Mon, 05 Jan 2026 09:00:00 +0000``."""
    return format_datetime(datetime.fromtimestamp(int(instant), UTC))
