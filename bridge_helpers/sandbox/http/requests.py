"""The request as handlers see it, and the log that `GET /_sandbox/requests` shows."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.datastructures import Headers, QueryParams

    from ..world.faults import Fault, FaultName
    from ..world.state import Account, World

_LOGGED_HEADERS = ("content-type", "idempotency-key", "user-agent", "x-twilio-webhook-enabled")
_LOGGED_BODY = 10_000


@dataclass(slots=True)
class Call:
    """One authenticated request. ``now`` is the instant at which it is served."""

    world: World
    account: Account
    now: float
    method: str
    path: str
    names: dict[str, str]
    query: QueryParams
    headers: Headers
    body: bytes

    @property
    def base(self) -> str:
        return self.world.url

    def fault(self, name: FaultName) -> Fault | None:
        """The fault of this kind that was asked for and meets this request, if there is one."""
        return self.world.faults.take(name, self.method, self.path, self.account.sid)


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
        headers: Headers,
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
