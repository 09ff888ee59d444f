"""The log of requests that ``GET /_sandbox/requests`` shows."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

_LOGGED_HEADERS = ("content-type", "idempotency-key", "user-agent", "x-twilio-webhook-enabled")
_LOGGED_BODY = 10_000


class RequestLog:
    """Counts of every request and the last thousand of them; never a credential."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.counts: Counter[str] = Counter()
        self._entries: deque[dict[str, Any]] = deque(maxlen=1000)
        self._number = 0

    def add(
        self,
        *,
        at: str,
        method: str,
        path: str,
        query: str,
        body: bytes,
        headers: Mapping[str, str],
        status: int | None,
        seconds: float,
    ) -> None:
        """``status`` is None where the connection was dropped without an answer."""
        self._number += 1
        self.counts[f"{method} {path}"] += 1
        self._entries.append(
            {
                "n": self._number,
                "at": at,
                "method": method,
                "path": path,
                "query": query,
                "body": body[:_LOGGED_BODY].decode("utf-8", "replace"),
                "headers": {k: headers[k] for k in _LOGGED_HEADERS if k in headers},
                "status": status,
                "ms": round(seconds * 1000, 2),
            }
        )

    def view(self) -> dict[str, Any]:
        return {"counts": dict(self.counts), "log": list(self._entries)}
