"""How many requests of one account may be under way at once."""

from __future__ import annotations

import threading
from types import TracebackType


class ConcurrencyLimiter:
    """
    A gate that narrows at once when the service says 429 and widens slowly after.

    Every 429 halves the number of requests under way; as many successes in a row
    as fit through the gate add one. It starts wide open, at `most`.
    """

    def __init__(self, most: int = 8) -> None:
        self.most = most
        self.width = most
        self._under_way = 0
        self._successes = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self.width)
            self._under_way += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def slower(self) -> None:
        """The service said 429."""
        with self._changed:
            self.width = max(1, self.width // 2)
            self._successes = 0

    def steady(self) -> None:
        """A request succeeded."""
        with self._changed:
            self._successes += 1
            if self._successes >= self.width and self.width < self.most:
                self.width += 1
                self._successes = 0
                self._changed.notify_all()
