"""The request as handlers see it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers, QueryParams

from ..world.faults import Fault, FaultName
from ..world.state import Account, World


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
        """The fault of this kind that was asked for and matches this request, if there is one."""
        return self.world.faults.take(name, self.method, self.path, self.account.sid)
