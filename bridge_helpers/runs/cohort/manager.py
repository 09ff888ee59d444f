"""
A cohort: which run starts when and where, what stops them, and how each ended.

Runs that could meet on one service are never at the same time: they follow each other in one
lane, and a lane stays where it began, because a journal excludes nobody on another machine.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from ...errors import BridgeError, InvalidInput
from ...files import checked_path, write_private
from ...progress import OnProgress, StepContext, step_context
from ...words import counted
from ..notebooks import is_workbook
from . import rows, summary
from .customers import Customer
from .executors import Crew
from .host import ARTEFACTS
from .messages import Delivered
from .rows import RESULT, Row
from .worker import WorkerLost

TRIES: Final = 3
"""Runs of one customer, when its worker dies."""
GLANCE: Final = 0.5
"""Seconds between two looks at the workers, while runs are going on."""
NOBODY: Final = 60.0
"""Seconds to wait for a worker when there is none any more."""
SUMMARY_EVERY: Final = 5.0
"""Seconds between two summaries while runs are going on."""

SHOW_EVERY: Final = 5.0
"""Seconds between two lines of progress, where no number has changed."""

Lane = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """
    How it ended.

    Attributes:
        rows: One for each customer, in the order of the file.
        apply: Whether it was more than a plan.
        stopped: Why not every run was begun; empty when every one was.
        seconds: That it took.
    """

    rows: tuple[Row, ...]
    apply: bool
    stopped: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every customer is as it was asked for."""
        return all(row.ok(self.apply) for row in self.rows)


def run_cohort(
    customers: Sequence[Customer],
    folder: Path,
    crew: Crew,
    *,
    target: str,
    apply: bool,
    only_failed: bool = False,
    stop_after: int = 0,
    on_row: Callable[[Row], None] | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Cohort:
    """
    Run `onboard` for every customer, and write the artefacts and the summary.

    Args:
        customers: As `customers.read` gives them.
        folder: Holds `NAME/…` for each customer and the summary; made when it is not there.
        crew: Who runs them.
        only_failed: Leave alone whoever is verified already (of a plan: planned), by what an
            earlier run left in the folder.
        stop_after: Begin no further run after so many failures in a row; 0: go on.
        on_row: Called as each customer's run ends.
        cancel: Begin no further run; those that are going on come to their end.

    Raises:
        InvalidInput: The folder cannot hold the artefacts.
        BridgeError: The summary cannot be written.
    """
    folder = _checked_folder(folder)
    with step_context(on_progress, None, clock) as context:
        manager = _Manager(folder, crew, target, apply, context, on_row)
        done = {one.name: rows.earlier(one, folder) for one in customers} if only_failed else {}
        for one in customers:
            row = done.get(one.name)
            if row is not None and row.ok(apply):
                manager.rows[one.name] = row
        begun = [one for one in customers if one.name not in manager.rows]
        try:
            manager.run(customers, begun, stop_after, cancel or threading.Event())
        finally:
            # Also when it is broken off: what ended is in the summary.
            made = manager.summed_up(customers)
        return made


class _Run:
    """One that is going on."""

    def __init__(self, customer: Customer, lane: Lane, place: str, begun: float) -> None:
        self.customer, self.lane, self.place, self.begun = customer, lane, place, begun
        self.started_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


class _Manager:
    def __init__(
        self,
        folder: Path,
        crew: Crew,
        target: str,
        apply: bool,
        context: StepContext,
        on_row: Callable[[Row], None] | None,
    ) -> None:
        self.folder, self.crew, self.target, self.apply = folder, crew, target, apply
        self.context, self.on_row = context, on_row
        self.rows: dict[str, Row] = {}
        self.stopped = ""
        self._waiting: dict[Lane, deque[Customer]] = {}
        self._pinned: dict[Lane, str] = {}
        self._running: dict[Future[Delivered], _Run] = {}
        self._tries: Counter[str] = Counter()
        self._in_a_row = 0
        self._summed_at = float("-inf")
        self._nobody_since: float | None = None
        self._said = ""
        self._shown: tuple[object, ...] = ()
        self._shown_at = float("-inf")

    def run(
        self,
        customers: Sequence[Customer],
        begun: Sequence[Customer],
        stop_after: int,
        cancel: threading.Event,
    ) -> None:
        """Begin runs as places become free, until all have ended or something stops them."""
        for customer, lane in zip(begun, lanes(begun), strict=True):
            self._waiting.setdefault(lane, deque()).append(customer)
        total = len(begun)
        while self._waiting or self._running:
            if cancel.is_set():
                self.stopped = self.stopped or "It was stopped."
            if stop_after and self._in_a_row >= stop_after:
                several = counted(self._in_a_row, "run")
                self.stopped = self.stopped or f"{several} failed, one after another."
            places = self.crew.places()
            nobody = self._nobody(places)
            if nobody:
                self.stopped = self.stopped or "There is no worker any more."
            if not self.stopped:
                self._begin(places)
            elif not self._running:
                return
            self._show(total)
            ended, _ = wait(self._running, GLANCE, FIRST_COMPLETED)
            if not self._running:
                self.context.pause(GLANCE)
            for future in ended:
                self._end(future, self._running.pop(future))
            gone = [one for one, run in self._running.items() if run.place not in places]
            # Where no place is known, it may be the scheduler that does not answer for a while.
            for future in gone if places or nobody else ():
                # Its outcome will never come: Dask keeps it for a worker of that very address.
                run = self._running.pop(future)
                future.cancel()
                self._lost(run, WorkerLost(f"The worker {run.place} has gone."))
            if self.context.clock() - self._summed_at > SUMMARY_EVERY:
                self.summed_up(customers)

    def summed_up(self, customers: Iterable[Customer]) -> Cohort:
        """Write the summary of what is known now."""
        listed = tuple(self.rows.get(one.name) or rows.not_run(one) for one in customers)
        made = Cohort(
            listed,
            self.apply,
            # Stopped when every run was begun already, it left nothing out.
            self.stopped if any(row.status == rows.NOT_RUN for row in listed) else "",
            self.context.elapsed,
        )
        self._summed_at = self.context.clock()
        summary.write(self.folder, made.rows, self.apply, made.stopped, made.seconds)
        return made

    def _nobody(self, places: Any) -> bool:
        """Whether there has been no place for so long that there will be none."""
        if places:
            self._nobody_since = None
        elif self._nobody_since is None:
            self._nobody_since = self.context.clock()
        since = self._nobody_since
        return since is not None and self.context.clock() - since > NOBODY

    def _begin(self, places: Any) -> None:
        """Fill free places with lanes that are not running, in the order of the file."""
        free = Counter(places)
        free.subtract(run.place for run in self._running.values())
        going_on = {run.lane for run in self._running.values()}
        for lane in list(self._waiting):
            place = self._pinned.get(lane)
            if place not in places:
                place = max(free, key=lambda one: free[one], default=None)
            if lane in going_on or place is None or free[place] < 1:
                continue
            free[place] -= 1
            self._pinned[lane] = place
            customer = self._waiting[lane].popleft()
            if not self._waiting[lane]:
                del self._waiting[lane]
            self._start(customer, lane, place)

    def _start(self, customer: Customer, lane: Lane, place: str) -> None:
        run = _Run(customer, lane, place, self.context.clock())
        self._tries[customer.name] += 1
        try:
            # An earlier run's result must not be taken for this one's.
            for name in ARTEFACTS:
                (self.folder / customer.name / name).unlink(missing_ok=True)
        except OSError as error:
            self._record(run, {"type": "BridgeError", "message": f"{error}.", "action": ""})
            return
        order = customer.order(self.target, self.apply)
        said = self._saying(customer.name)
        self._running[self.crew.submit(place, order, said)] = run

    def _saying(self, name: str) -> Callable[[str], None]:
        def say(line: str) -> None:
            self._said = f"{name}: {line}"

        return say

    def _end(self, future: Future[Delivered], run: _Run) -> None:
        try:
            delivered = future.result()
        except (CancelledError, WorkerLost) as error:
            self._lost(run, error)
        except Exception as error:
            # Dask's own, such as a worker that cannot load what it is sent.
            self._lost(run, WorkerLost(f"{type(error).__name__}: {error}"))
        else:
            if delivered.lost and self._tries[run.customer.name] < TRIES and not self.stopped:
                self._again(run)
            else:
                self._keep(run, delivered)

    def _lost(self, run: _Run, error: BaseException) -> None:
        """A worker died: its run is repeated, which finds its way, unless that happens often."""
        if self._tries[run.customer.name] < TRIES and not self.stopped:
            self._again(run)
            return
        told = error if isinstance(error, BridgeError) else BridgeError("The run was cancelled.")
        self._keep(run, Delivered(error={**told.as_dict(), "type": "WorkerLost"}))

    def _again(self, run: _Run) -> None:
        self._waiting.setdefault(run.lane, deque()).appendleft(run.customer)

    def _keep(self, run: _Run, delivered: Delivered) -> None:
        """Write the artefacts, the result last: where it is, everything is."""
        files = dict(delivered.files)
        if RESULT not in files:
            seconds = self.context.clock() - run.begun
            error = delivered.error or {}
            made = rows.failed(run.customer, self.target, error, run.started_at, seconds)
            files[RESULT] = msgspec.json.format(msgspec.json.encode(made))
        row = rows.of_result(run.customer, msgspec.json.decode(files[RESULT], type=dict[str, Any]))
        try:
            for name in ARTEFACTS:
                if name in files:
                    write_private(self.folder / run.customer.name / name, files[name])
        except BridgeError as error:
            self.stopped = self.stopped or f"Artefacts cannot be kept: {error.what} {error.why}"
            self._record(run, {**error.as_dict(), "message": f"It ended {row.status}, but "
                               f"{error.what} {error.why}"})  # fmt: skip
            return
        self._told(row)

    def _record(self, run: _Run, error: dict[str, Any]) -> None:
        """A run that failed here, and has no artefact."""
        seconds = self.context.clock() - run.begun
        made = rows.failed(run.customer, self.target, error, run.started_at, seconds)
        self._told(rows.of_result(run.customer, made))

    def _told(self, row: Row) -> None:
        self._in_a_row = 0 if row.ok(self.apply) else self._in_a_row + 1
        self.rows[row.name] = row
        self._said = ""
        if self.on_row is not None:
            self.on_row(row)

    def _show(self, total: int) -> None:
        """Done, failed, running, time left, and what was said last."""
        ended = [row for row in self.rows.values() if row.this_time]
        failed = sum(not row.ok(self.apply) for row in ended)
        running = len(self._running)
        parts = [f"{len(ended)} of {total} done", f"{failed} failed", f"{running} running"]
        if ended and len(ended) < total and not self.stopped:
            left = self.context.elapsed / len(ended) * (total - len(ended))
            parts.append(f"about {left:.0f} s left")
        if self.stopped:
            parts.append("no further run is begun")
        counts = (len(ended), failed, running, self.stopped)
        if counts != self._shown or self.context.clock() - self._shown_at > SHOW_EVERY:
            self._shown, self._shown_at = counts, self.context.clock()
            # What a run said last stands at the end, where a narrow terminal cuts.
            self.context.say(" · ".join([", ".join(parts), *([self._said] if self._said else [])]))


def lanes(customers: Sequence[Customer]) -> list[Lane]:
    """
    The lane of each: its service, or its whole account where a line leaves the service open.

    "The only one there is" may be a service that another line names.
    """
    open_accounts = {(one.account_sid, one.region) for one in customers if not one.service_sid}
    return [
        (one.account_sid, one.region)
        if (one.account_sid, one.region) in open_accounts
        else (one.account_sid, one.region, one.service_sid)
        for one in customers
    ]


def _checked_folder(folder: Path) -> Path:
    folder = checked_path("output", folder)
    try:
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if is_workbook(folder):
            raise PermissionError("the workbook's own notebooks are in it")
        write_private(folder / ".writable", b"").unlink()
    except (OSError, RuntimeError, BridgeError) as error:
        raise InvalidInput(
            "output", str(folder), f"it has to be a folder for the artefacts ({error})"
        ) from None
    return folder
