"""Does it stay so? A comparison every so many seconds, and what changes from round to round."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...api.session import Session
from ...errors import BridgeError, Cancelled, InvalidInput
from ...progress import OnProgress, step_context
from ..journal import Journal
from .records import Reconciled
from .step import GRACE, check_seconds, reconcile


@dataclass(frozen=True, slots=True)
class Round:
    """
    One round of a watch.

    Attributes:
        number: From 1.
        at: When it began; UTC.
        result: What it found; None where it could not be done, and `error` says why.
        new: What has a gap now and had none in the round before; of the first round all.
        healed: What had one in the round before, and has none now.
        stuck: What has had one in two rounds, one after another.
        latency: Median and 95th percentile of seconds over the bridge, of what arrived since
            the round before; None where nothing did.
    """

    number: int
    at: datetime
    result: Reconciled | None
    new: tuple[str, ...] = ()
    healed: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()
    latency: tuple[float, float] | None = None
    error: BridgeError | None = None

    def as_dict(self) -> dict[str, Any]:
        """A line of `watch.jsonl`."""
        result = self.result
        median, worst = self.latency or (None, None)
        return {
            "round": self.number,
            "at": self.at.isoformat(timespec="seconds"),
            "complete": bool(result and result.complete),
            "percent": result and result.percent,
            "classic": result and result.classic,
            "matched": result and result.matched,
            "gaps": result and len(result.identities),
            "new": list(self.new),
            "healed": list(self.healed),
            "stuck": list(self.stuck),
            "latency_median": median and round(median, 3),
            "latency_p95": worst and round(worst, 3),
            "requests": result and result.requests,
            "seconds": result and round(result.seconds, 2),
            "error": self.error and str(self.error),
        }

    @property
    def line(self) -> str:
        """The round in a line."""
        if self.result is None:
            return f"Round {self.number}: could not be done. {self.error}"
        words = [f"{self.result.percent:g} % in sync"]
        words += [
            f"{len(some)} {name}"
            for name, some in (("new", self.new), ("healed", self.healed), ("stuck", self.stuck))
            if some
        ]
        if not self.new and not self.healed and not self.stuck:
            words.append("no gaps" if not self.result.identities else "nothing new")
        if self.latency:
            words.append(f"{self.latency[0]:.1f} s median, {self.latency[1]:.1f} s p95")
        return f"Round {self.number}: {', '.join(words)}"


def watch(
    session: Session,
    service_sid: str,
    *,
    every: float,
    duration: float,
    depth: str = "full",
    grace: float = GRACE,
    per_second: float | None = None,
    fresh: bool = False,
    journal: Journal | None = None,
    on_round: Callable[[Round], None] = lambda one: None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> tuple[Round, ...]:
    """
    Compare again and again.

    A round that takes longer than `every` is followed by the next at once. A round that fails is
    told, and the next one is tried.

    Args:
        every: Seconds from the beginning of one round to that of the next.
        duration: Seconds after which no further round begins; 0: one round.
        on_round: Called after each round.
        fresh: Whether the first round begins anew; the later ones do.
        session, service_sid, depth, grace, per_second, journal: As in `reconcile`.

    Returns:
        The rounds; a cancel ends the watch and keeps those that were done.

    Raises:
        InvalidInput: As `reconcile`, and for `every` and `duration`.
        BridgeError: The first round could not be done.
    """
    check_seconds("every", every, least=0.1)
    check_seconds("for", duration, least=0.0)
    rounds: list[Round] = []
    last: Reconciled | None = None
    seen_until = 0.0
    begun = clock()
    with step_context(on_progress, cancel, clock, sleep) as context:
        while True:
            looked_at, at = session.http.now(), datetime.now(UTC)
            result, error = None, None
            try:
                result = reconcile(
                    session,
                    service_sid,
                    depth=depth,
                    grace=grace,
                    per_second=per_second,
                    fresh=fresh or bool(rounds),
                    journal=journal,
                    on_progress=on_progress,
                    cancel=cancel,
                    clock=clock,
                    sleep=sleep,
                )
                error = result.error
            except InvalidInput:
                raise
            except BridgeError as failed:
                if not rounds:
                    raise
                error = failed
            if isinstance(error, Cancelled):
                if not rounds and result is not None:
                    rounds.append(_round(1, at, result, last, seen_until, error))
                break
            one = _round(len(rounds) + 1, at, result, last, seen_until, error)
            rounds.append(one)
            on_round(one)
            if result is not None and result.complete:
                last, seen_until = result, looked_at
            following = begun + len(rounds) * every
            if following - begun > duration:
                break
            try:
                context.pause(following - clock(), f"{one.line}; the next round follows")
            except Cancelled:
                break
    return tuple(rounds)


def _round(
    number: int,
    at: datetime,
    result: Reconciled | None,
    last: Reconciled | None,
    seen_until: float,
    error: BridgeError | None,
) -> Round:
    if result is None or not result.complete:
        return Round(number, at, result, error=error)
    now, before = result.identities, last.identities if last else frozenset()
    return Round(
        number,
        at,
        result,
        tuple(sorted(now - before)),
        tuple(sorted(before - now)),
        tuple(sorted(now & before)),
        result.latency(seen_until),
    )
