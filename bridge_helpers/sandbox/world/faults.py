"""
Faults on demand: which ones there are, and which request meets which.

A fault waits until a request (or, for the ``sync-*`` faults, a message crossing the bridge)
matches it: ``after`` matches are let through first, then ``times`` matches meet the fault.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

FaultName = Literal[
    "status",
    "drop-before",
    "drop-after",
    "slow",
    "truncate",
    "not-json",
    "redirect",
    "operation-fails",
    "operation-hangs",
    "operation-state",
    "operation-no-related",
    "foreign-status-url",
    "no-operation-headers",
    "repeat-token",
    "sync-lost",
    "sync-lag",
    "sync-double",
    "sync-reorder",
    "large-page",
    "memory-lost",
    "memory-lag",
]

#: What follows from a conversation by itself (see the module ``stages``).
Stage = Literal["resolution", "observations", "summaries", "results"]

HeaderText = Annotated[str, Meta(pattern=r"^[ -~]*\Z")]


class Fault(Struct, kw_only=True, forbid_unknown_fields=True):
    """One fault: what, where, how often, and its options."""

    name: FaultName = field(name="fault")
    path: str | None = None
    method: str | None = None
    account_sid: str | None = None
    times: Annotated[int, Meta(ge=1)] | None = 1
    after: Annotated[int, Meta(ge=0)] = 0
    status: Annotated[int, Meta(ge=200, le=599)] = 503
    code: int | None = None
    message: str | None = None
    retry_after: HeaderText | int | None = None
    shape: Literal["classic", "orchestrator", "rfc9457", "html", "empty", "truncated"] = "classic"
    seconds: Annotated[float, Meta(ge=0)] = 2.0
    drip: bool = False
    location: HeaderText = "http://127.0.0.1:1/"
    title: str = "Operation failed"
    detail: str = "The sandbox was asked to let this operation fail."
    state: str = "RUNNING"
    final: bool = False
    url: str = "https://example.com/v2/ControlPlane/Operations/proc_job_elsewhere"
    direction: Literal["to_orchestrator", "to_classic", "both"] = "both"
    stage: Stage | None = None
    size: int = 100
    id: str | UnsetType = UNSET

    def matches(self, method: str, path: str, account_sid: str) -> bool:
        return (
            (self.method is None or self.method.upper() == method)
            and (self.path is None or re.search(self.path, path) is not None)
            and (self.account_sid is None or self.account_sid == account_sid)
        )


class FaultQueue:
    """Faults that were asked for, in the order in which they were."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.pending: list[Fault] = []
        self._number = 0

    def add(self, fault: Fault) -> str:
        self._number += 1
        fault.id = f"fault-{self._number}"
        self.pending.append(fault)
        return fault.id

    def take(
        self,
        name: FaultName,
        method: str,
        path: str,
        account_sid: str,
        *,
        direction: str | None = None,
        page_size: int | None = None,
        stage: Stage | None = None,
    ) -> Fault | None:
        """
        The first fault of this name that matches the request; counts it as used.

        ``direction`` is that of a message crossing the bridge, ``page_size`` what a list asks
        for, ``stage`` what would follow from a conversation.
        """
        for fault in self.pending:
            if fault.name != name or not fault.matches(method, path, account_sid):
                continue
            if direction is not None and fault.direction not in (direction, "both"):
                continue
            if stage is not None and fault.stage not in (stage, None):
                continue
            if page_size is not None and page_size <= fault.size:
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.pending.remove(fault)
            return fault
        return None


def check_pattern(pattern: str) -> None:
    """
    Make sure that a path's pattern is a regular expression.

    Raises:
        ValueError: if it is none.
    """
    try:
        re.compile(pattern)
    except re.error as problem:
        raise ValueError(str(problem)) from None
