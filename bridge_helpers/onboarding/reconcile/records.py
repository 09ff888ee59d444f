"""What a comparison finds: gaps, counts, and what has changed since the last one."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from ...errors import BridgeError

Depth = Literal["presence", "last", "full"]
DEPTHS: Final[tuple[Depth, ...]] = ("presence", "last", "full")

State = Literal["missing", "lagging", "doubled", "disordered", "unexpected"]
STATES: Final[Mapping[State, str]] = {
    "missing": "is not in Orchestrator",
    "lagging": "has messages that have not arrived",
    "doubled": "has something twice",
    "disordered": "has messages in another order",
    "unexpected": "is in Orchestrator alone",
}
"""The states that are gaps, worst first, with what a conversation of each of them is or has."""

MATCHED: Final = "matched"
BEFORE: Final = "before"
"""No twin, and nothing that should have crossed: there is no back-fill."""


@dataclass(frozen=True, slots=True)
class Gap:
    """
    A difference between the two sides.

    Attributes:
        conversation_sid: The classic conversation; of an unexpected one the sid that it names.
        conversation_id: A twin; empty where there is none.
        state: Which of `STATES`.
        detail: A sentence.
        classic_messages: How many messages classic has, where all of them were read.
        communications: How many communications its twins have, likewise.
        lag_seconds: How long the oldest message that has not arrived has been on its way.
    """

    conversation_sid: str
    conversation_id: str
    state: State
    detail: str
    classic_messages: int | None = None
    communications: int | None = None
    lag_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SinceLast:
    """
    What is different from the last whole comparison of the same depth.

    Attributes:
        at: When that one ended; UTC.
        healed: Classic conversations that had a gap then, are still there and have none now.
        broken: Classic conversations that have a gap now and had none then.
    """

    at: datetime
    healed: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """
    What a comparison came to.

    Attributes:
        complete: Whether everything was compared; if not, `error` says why, and the next run
            goes on from there.
        refused: Whether all that is missing is `unread`, which this key may not read: to go on
            would be to be refused again, so the next run begins anew.
        classic: Classic conversations that were compared.
        matched: Those without a gap, conversations in flight among them.
        before_bridge: Those that have nothing that should have crossed, and no twin.
        gaps: All of them, by state and sid; a conversation may have several.
        since: When the bridge was made; UTC. What was written earlier does not cross.
        since_last: None where there is no earlier comparison of the depth.
        continued: When the run that this one went on with was begun; None for a fresh one.
        latencies: When messages arrived (seconds since 1970) and how many seconds they took
            over the bridge: `createdAt` − `occurredAt` of a sample of communications.
        unread: Classic conversations that this run could not read; `error` is that of the first.
        requests: How many requests this run sent.
        seconds: How long this run took.
    """

    service_sid: str
    depth: Depth
    complete: bool
    classic: int
    matched: int
    before_bridge: tuple[str, ...]
    gaps: tuple[Gap, ...]
    since: datetime
    since_last: SinceLast | None
    continued: datetime | None
    requests: int
    seconds: float
    latencies: tuple[tuple[float, float], ...] = ()
    unread: tuple[str, ...] = ()
    refused: bool = False
    error: BridgeError | None = field(default=None, compare=False)

    @property
    def percent(self) -> float:
        """How many of 100 conversations that should have crossed have no gap; rounded down."""
        expected = self.classic - len(self.before_bridge)
        return int(1000 * self.matched / expected) / 10 if expected else 100.0

    @property
    def broken(self) -> frozenset[str]:
        """The classic conversations with a gap."""
        return frozenset(one.conversation_sid for one in self.gaps if one.state != "unexpected")

    @property
    def identities(self) -> frozenset[str]:
        """All that has a gap: classic sids, and conversation ids of what is in v2 alone."""
        return frozenset(sid for state in STATES for sid in self.sids(state))

    def latency(self, after: float = 0.0) -> tuple[float, float] | None:
        """Median and 95th percentile of what arrived after an instant; None for nothing."""
        took = sorted(seconds for at, seconds in self.latencies if at > after)
        if not took:
            return None
        return statistics.median(took), took[max(0, math.ceil(0.95 * len(took)) - 1)]

    def of(self, state: State) -> tuple[Gap, ...]:
        """The gaps of one state."""
        return tuple(one for one in self.gaps if one.state == state)

    def sids(self, state: State) -> list[str]:
        """Who has a gap of this state: classic sids; of `unexpected` conversation ids."""
        gaps = self.of(state)
        return [
            one.conversation_id if state == "unexpected" else one.conversation_sid for one in gaps
        ]

    @property
    def verdict(self) -> str:
        """The percentage and `in_words`."""
        return f"{self.percent:g} % in sync: {self.in_words}"

    @property
    def in_words(self) -> str:
        """How many are in sync, and how many gaps there are; whether everything was compared."""
        counts = [f"{len(self.of(state))} {state}" for state in STATES if self.of(state)]
        expected = self.classic - len(self.before_bridge)
        words = f"{self.matched:,} of {expected:,} conversations"
        words += f"; {', '.join(counts)}." if counts else ", no gaps."
        if self.unread:
            more = f" and {len(self.unread) - 3:,} more" if len(self.unread) > 3 else ""
            words += f" {len(self.unread):,} could not be read: "
            words += f"{', '.join(self.unread[:3])}{more}."
        if self.refused:
            words += " This key may not read that; everything else was compared."
        elif not self.complete:
            words += " Not everything was compared yet; run it again to go on."
        return words

    def as_dict(self) -> dict[str, Any]:
        """The shape of `reconcile.json`."""
        last = self.since_last
        return {
            "schema": 1,
            "service_sid": self.service_sid,
            "depth": self.depth,
            "complete": self.complete,
            "classic": self.classic,
            "matched": self.matched,
            "percent": self.percent,
            **{state: self.sids(state) for state in STATES},
            "before_bridge": list(self.before_bridge),
            "since_last": last
            and {
                "at": last.at.isoformat(timespec="seconds"),
                "healed": list(last.healed),
                "broken": list(last.broken),
            },
            "requests": self.requests,
            "seconds": round(self.seconds, 2),
        }


# What is read for it: as much of each record as is compared, and no more.


class _Slim(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A part of a v1 record: snake case on the wire."""


class _SlimCamel(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A part of a v2 record: lower camel case on the wire."""


class ListedClassic(_Slim, frozen=True, kw_only=True, gc=False):
    """A classic conversation."""

    sid: str
    date_created: str | None = None


class Message(_Slim, frozen=True, kw_only=True, gc=False):
    """A classic message; its index grows, but has gaps."""

    sid: str
    index: int | None = None
    author: str | None = None
    body: str | None = None
    date_created: str | None = None


class Author(_SlimCamel, frozen=True, kw_only=True, gc=False):
    """Who wrote a communication."""

    address: str | None = None


class Text(_SlimCamel, frozen=True, kw_only=True, gc=False):
    """What a communication says."""

    text: str | None = None


class Heard(_SlimCamel, frozen=True, kw_only=True, gc=False):
    """A communication."""

    id: str
    channel_id: str | None = None
    resource_id: str | None = None
    author: Author | None = None
    content: Text | None = None
    created_at: str | None = None
    occurred_at: str | None = None


@dataclass(frozen=True, slots=True)
class Twin:
    """
    A v2 conversation that names a classic one.

    Attributes:
        status: ACTIVE, INACTIVE or CLOSED; empty where a list item did not tell.
    """

    conversation_id: str
    status: str
