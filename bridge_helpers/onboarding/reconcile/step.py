"""
Compare every classic conversation of a service with its twin in Orchestrator. Reads only.

The two lists are joined in the ledger; conversations are compared while the classic list is
still being read, many at once. `compare` says what is a gap.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from ...api.documents import bridging
from ...api.fan_out import fan_out
from ...api.retries import Limits
from ...api.session import Session
from ...errors import (
    AuthenticationFailed,
    BridgeError,
    Cancelled,
    ConnectionFailed,
    Forbidden,
    InvalidInput,
    RateLimited,
    ServerError,
)
from ...progress import OnProgress, Progress, StepContext, step_context
from ..journal import Journal, Scope
from ..verify import check_service, require_bridge
from .compare import Judged, bridged_since
from .ledger import Ledger, NamedTwin, comparing, restarting
from .reading import GONE, Item, Reading
from .records import (
    DEPTHS,
    Depth,
    Gap,
    ListedClassic,
    Reconciled,
)
from .twins import Twins

GRACE: Final = 30.0
"""Seconds that a message may take to cross before it counts as not there."""
SAMPLED: Final = 10_000
"""Latencies that are kept of a run: those that were seen last."""
_SAVED_EVERY: Final = 0.25
_SAVED_AT: Final = 200
_SHOWN_EVERY: Final = 0.2
_TOLERATED: Final = 20
"""Conversations that may not be read, one after another, before a run gives up."""
_HOPELESS: Final = (
    AuthenticationFailed,
    Cancelled,
    ConnectionFailed,
    RateLimited,
)
_STUBBORN: Final = (ServerError, Forbidden)
"""What one conversation may meet alone; met by all of them, it is the service or the key."""


def reconcile(
    session: Session,
    service_sid: str,
    *,
    depth: str = "full",
    grace: float = GRACE,
    per_second: float | None = None,
    fresh: bool = False,
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Reconciled:
    """
    Compare all classic conversations of a bridged service with Orchestrator.

    Args:
        session: The account.
        service_sid: The classic service, `IS…`.
        depth: `presence` (the lists: who is there at all), `last` (the newest message of each)
            or `full` (every message).
        grace: Seconds that a message may be on its way before it is missed.
        per_second: Requests that may be begun in a second; None: as many as the service takes.
        fresh: Begin anew, also where a run of the last 24 hours was broken off.
        journal: Where what was compared is kept; the user's own unless given.
        on_progress: Shown how many of how many, the rate and the time left.
        cancel: Ends it; the next run goes on from there.

    Returns:
        What was found. Where the run was cancelled or something could not be read, `complete`
        is false and `error` says why; what was compared until then is in it.

    Raises:
        InvalidInput: A malformed sid, or a depth, grace or rate that there is not.
        NotBridged: No configuration names the service.
        RunInProgress: Another comparison of this service runs on this machine.
        BridgeError: Nothing could be read.
    """
    service_sid = check_service(service_sid)
    checked = check_depth(depth)
    check_seconds("grace", grace, least=0.0)
    if per_second is not None:
        check_seconds("per_second", per_second, least=0.001)
    journal = journal or Journal()
    scope = Scope.of(session, service_sid)
    begun = clock()
    with (
        step_context(on_progress, cancel, clock, sleep) as shown,
        step_context(_only_waits(on_progress), cancel, clock, sleep),
        _paced(session, per_second) as paced,
        comparing(journal, scope),
    ):
        before = paced.http.gate.begun
        there = list(paced.orchestrator.configurations())
        bridge = bridging(there, service_sid) or require_bridge(paced, service_sid)
        services = {one.id: one.service_sid for one in (*there, bridge)}
        ledger = Ledger(journal, scope, checked, paced.http.now(), fresh=fresh)
        since = bridged_since(bridge)
        twins = Twins(paced, service_sid, services, ledger)
        run = _Run(paced, service_sid, checked, grace, since, ledger, twins, shown)
        error = run.go()
        if error is not None and not ledger.done:
            raise error
        result = run.result(error, paced.http.gate.begun - before, clock() - begun)
        if result.complete or result.refused:
            ledger.finish()
        shown.say(result.verdict, state="done")
    return result


@dataclass
class _Shown:
    """When something was shown last, and how many were done when this run began."""

    at: float
    before: int
    begun: float


class _Run:
    """One run: it begins a comparison or goes on with one."""

    def __init__(
        self,
        session: Session,
        service_sid: str,
        depth: Depth,
        grace: float,
        since: float,
        ledger: Ledger,
        twins: Twins,
        shown: StepContext,
    ) -> None:
        self._session = session
        self._service_sid = service_sid
        self._depth = depth
        self._since = since
        self._ledger = ledger
        self._reading = Reading(session, service_sid, depth, grace, since, ledger.looked_at, twins)
        self._twins = twins
        self._context = shown
        self._latencies: deque[tuple[float, float]] = deque(maxlen=SAMPLED)
        self._judged: list[Judged] = []
        self._unread: list[str] = []
        self._refused = False
        self._saved = time.monotonic()
        self._total: int | None = ledger.known("classic") if ledger.classic.whole else None
        self._done = ledger.done
        self._shown = _Shown(0.0, self._done, shown.clock())

    def go(self) -> BridgeError | None:
        """Compare until the end, or until something ends it; gives what that was."""
        try:
            self._context.say("Reading the conversations of Orchestrator")
            self._twins.read_list()
            self._twins.choose_way()
            failed = self._compare_all()
            # What was deleted since it was listed has to be known as such by now.
            self._save()
            self._find_unexpected()
            self._refused = isinstance(failed, Forbidden)
            return failed
        except BridgeError as error:
            return error
        finally:
            self._save()

    def result(self, error: BridgeError | None, requests: int, seconds: float) -> Reconciled:
        ledger = self._ledger
        return Reconciled(
            service_sid=self._service_sid,
            depth=self._depth,
            complete=error is None,
            classic=ledger.done,
            matched=ledger.matched,
            before_bridge=ledger.before(),
            gaps=ledger.gaps(),
            since=datetime.fromtimestamp(self._since, UTC),
            since_last=ledger.since_last() if error is None else None,
            continued=ledger.begun_at if ledger.continued else None,
            requests=requests,
            seconds=seconds,
            latencies=tuple(self._latencies),
            unread=tuple(sorted(self._unread)),
            refused=self._refused,
            error=error,
        )

    # comparing

    def _compare_all(self) -> BridgeError | None:
        """
        The first error of those that kept single conversations from being read.

        It is Forbidden where all of them are: to try again helps against any other.
        """
        first: BridgeError | None = None
        in_a_row = 0
        outcomes = fan_out(self._reading.compare, self._demanding(), in_order=False)
        with closing(outcomes):
            for outcome in outcomes:
                error = outcome.error
                if error is None:
                    self._note(outcome.result)
                    in_a_row = 0
                    continue
                if not isinstance(error, BridgeError) or isinstance(error, _HOPELESS):
                    raise error
                self._unread.append(outcome.item[0].sid)
                if first is None or (
                    isinstance(first, Forbidden) and not isinstance(error, Forbidden)
                ):
                    first = error
                in_a_row += isinstance(error, _STUBBORN)
                if in_a_row >= _TOLERATED:
                    raise error
        return first

    def _demanding(self) -> Iterator[Item]:
        """The conversations that need requests; what the lists tell is noted here."""
        for item in self._items():
            judged = self._reading.by_lists(*item)
            if judged is None:
                yield item
            else:
                self._note(judged)

    def _items(self) -> Iterator[Item]:
        for some in self._ledger.pending():
            yield from some
        if self._ledger.classic.whole:
            return
        yield from restarting(self._ledger, "classic", self._listed)
        self._total = self._ledger.known("classic")

    def _listed(self, start: str) -> Iterator[Item]:
        listing = self._session.classic.conversations(self._service_sid).into(ListedClassic)
        for page in replace(listing, start=start, repeats=True).pages():
            self._save()
            yield from self._ledger.add_classic(page.items, page.following)

    def _find_unexpected(self) -> None:
        """Confirm one by one that classic does not have what is in Orchestrator alone."""
        if self._twins.ask_each:
            self._twins.look_into_all()
        alone: dict[str, list[NamedTwin]] = {}
        for one in self._ledger.alone():
            alone.setdefault(one.conversation_id, []).append(one)
        channels = dict.fromkeys(one.channel_id for some in alone.values() for one in some)
        found = {one.item: one.result for one in fan_out(self._reading.in_classic, channels)}
        self._ledger.add_gaps(
            Gap(
                some[0].channel_id,
                some[0].conversation_id,
                "unexpected",
                f"Its classic conversation {some[0].channel_id} does not exist.",
            )
            for some in alone.values()
            if not any(found[one.channel_id] for one in some)
        )

    # keeping and showing

    def _note(self, judged: Judged) -> None:
        self._judged.append(judged)
        self._done += judged.state != GONE
        self._latencies.extend(judged.latencies)
        late = time.monotonic() - self._saved >= _SAVED_EVERY
        if late or len(self._judged) >= _SAVED_AT:
            self._save()
        self._show()

    def _save(self) -> None:
        self._twins.save()
        gone = [one.conversation_sid for one in self._judged if one.state == GONE]
        if self._judged:
            self._ledger.settle([one for one in self._judged if one.state != GONE], gone)
        self._judged.clear()
        self._saved = time.monotonic()

    def _show(self) -> None:
        now = time.monotonic()
        if now - self._shown.at < _SHOWN_EVERY:
            return
        self._shown.at = now
        passed = self._context.clock() - self._shown.begun
        rate = (self._done - self._shown.before) / passed if passed > 0 else 0.0
        words = f"{self._done:,} compared"
        if self._total is not None:
            words = f"{self._done:,} of {self._total:,} compared"
        if rate:
            words += f", {rate:,.0f} a second"
        if rate and self._total is not None:
            words += f", {_left((self._total - self._done) / rate)} left"
        self._context.say(words, done=self._done, total=self._total)


@contextmanager
def _paced(session: Session, per_second: float | None) -> Iterator[Session]:
    """The session, or one like it that begins so many requests a second."""
    if per_second is None:
        yield session
        return
    limits: Limits = replace(session.http.limits, per_second=per_second)
    with Session(session.account, limits) as slower:
        yield slower


def _only_waits(on_progress: OnProgress | None) -> OnProgress | None:
    """Of what is read for one conversation, only the waits are of interest to a person."""
    if on_progress is None:
        return None

    def show(progress: Progress) -> None:
        if progress.state == "waiting":
            on_progress(progress)

    return show


def check_depth(value: object) -> Depth:
    """A depth, or an error that lists them."""
    for depth in DEPTHS:
        if value == depth:
            return depth
    raise InvalidInput("depth", value, f"it has to be one of {', '.join(DEPTHS)}")


def check_seconds(field: str, value: object, *, least: float) -> float:
    """A finite number that is not below the least."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < least:  # type: ignore[arg-type,operator]
        raise InvalidInput(field, value, f"it has to be a number from {least:g} on")
    return float(value)  # type: ignore[arg-type]


def _left(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60):,} min"
