"""
Create the configuration that bridges a service: exactly one, killed or not.

The order that makes this safe: hold the service; look; write the key; POST;
write the operation; poll; look again; write the configuration. Whatever instant
a run dies at, the next one finds either nothing, or a key to repeat, or an
operation to follow, or a configuration to adopt. An unknown outcome is settled
by looking, never by guessing.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from ..api.models import Accepted, Configuration
from ..api.operations import DEADLINE, opaque_id
from ..api.session import Session
from ..errors import (
    ApiError,
    BadAnswer,
    BridgeDiffers,
    BridgeError,
    Cancelled,
    Conflict,
    ConnectionFailed,
    NotFound,
    OperationFailed,
    OperationPending,
    ServerError,
    UnknownOutcome,
)
from ..progress import OnProgress, Watch, watch
from .journal import Attempt, Journal, Scope
from .plan import Plan

SETTLING: Final = 15.0
"""Seconds for which a configuration that must be there is looked for: lists may lag."""

Outcome = Literal["created", "resumed", "adopted"]


@dataclass(frozen=True, slots=True)
class Created:
    """
    The bridge as it stands.

    Attributes:
        configuration: As the service shows it now.
        outcome: `created` by this run, `resumed` from one that was interrupted, or `adopted`:
            it was there and matches the plan.
        operation_id: The operation that made it, when one of ours did.
        seconds: What this run took.
        notes: What else is worth knowing, sentences.
    """

    configuration: Configuration
    outcome: Outcome
    operation_id: str | None
    seconds: float
    notes: tuple[str, ...] = ()


def create(
    session: Session,
    plan: Plan,
    *,
    journal: Journal | None = None,
    deadline: float = DEADLINE,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Created:
    """
    Bridge the plan's service, or find that it is bridged like this already.

    Args:
        journal: Where to write what is begun; default: the one under `BRIDGE_HOME`.
        deadline: Seconds to wait for the operation, and for another run on this service.

    Raises:
        BridgeDiffers: It is bridged with other settings; nothing was written.
        OperationFailed, OperationPending, UnknownOutcome, RunInProgress, Cancelled: see errors.
        ApiError, ConnectionFailed: The service refused or could not be reached.
    """
    book = journal or Journal()
    scope = Scope.of(session, plan.service_sid)
    with watch(on_progress, cancel, clock, sleep) as seen:
        try:
            with book.alone(scope, patience=deadline):
                return _Run(session, plan, book, scope, seen, deadline).run()
        except Cancelled as error:
            error.why = "What the service has accepted goes on there, and the journal knows of it."
            error.action = "Run it again to resume."
            raise


def find_bridge(session: Session, service_sid: str) -> Configuration | None:
    """The configuration that bridges a service, from all pages; None when there is none."""
    wanted = service_sid.lower()
    return next(
        (
            one
            for one in session.orchestrator.configurations()
            if (one.service_sid or "").lower() == wanted
        ),
        None,
    )


class _Gone(UnknownOutcome):
    """An operation completed, and what it made is not there."""


class _Run:
    """One run, holding the service."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        journal: Journal,
        scope: Scope,
        seen: Watch,
        deadline: float,
    ) -> None:
        self.session = session
        self.plan = plan
        self.journal = journal
        self.scope = scope
        self.watch = seen
        self.deadline = deadline
        self.notes: list[str] = []

    def run(self) -> Created:
        earlier = self.journal.latest(self.scope)
        if earlier is not None and earlier.unfinished and earlier.operation_id:
            resumed = self._resume(earlier, earlier.operation_id)
            if resumed is not None:
                return resumed
        self.watch.say("Looking whether the service is bridged already")
        there = find_bridge(self.session, self.plan.service_sid)
        if there is not None:
            ours = earlier if earlier is not None and earlier.unfinished else None
            return self._keep(there, ours, "resumed" if ours else "adopted")
        attempt, outcome = self._attempt(earlier)
        return self._post(attempt, outcome)

    # the ways in

    def _resume(self, attempt: Attempt, operation_id: str) -> Created | None:
        """Follow an operation that an earlier run started; None when nothing is left of it."""
        self.watch.say(f"Resuming operation {operation_id} of an earlier run")
        try:
            return self._follow(attempt, operation_id, None, "resumed", first_look=0.0)
        except NotFound:
            there = find_bridge(self.session, self.plan.service_sid)
            if there is not None:
                return self._keep(there, attempt, "resumed")
            self._let_go(attempt, f"operation {operation_id} is not known to the service any more")
        except _Gone:
            self._let_go(attempt, f"what operation {operation_id} made has been deleted since")
        return None

    def _attempt(self, earlier: Attempt | None) -> tuple[Attempt, Outcome]:
        """An earlier attempt whose key still counts, or a new one, written before any POST."""
        if earlier is not None and earlier.state == "completed":
            gone = f"configuration {earlier.configuration_id} has been deleted since"
            self._let_go(earlier, gone)
        elif earlier is not None and earlier.state == "posting":
            same_plan = earlier.body == self.plan.body()
            if same_plan and earlier.key_is_fresh(datetime.now(UTC)):
                return earlier, "resumed"
            self._let_go(
                earlier,
                "its key is too old to be trusted" if same_plan else "it was for another plan",
            )
        key = str(uuid.uuid4())
        return self.journal.begin(self.scope, key, self.plan.body()), "created"

    def _let_go(self, attempt: Attempt, why: str) -> None:
        note = f"The journal's entry of {attempt.begun_at:%Y-%m-%d %H:%M} UTC was let go: {why}."
        self.notes.append(note)
        self.watch.say(note)
        self.journal.change(attempt, "let go", note=why)

    # the write

    def _post(self, attempt: Attempt, outcome: Outcome) -> Created:
        self.watch.say("Creating the configuration")
        try:
            accepted = self.session.orchestrator.create_configuration(attempt.body, attempt.key)
        except Conflict as conflict:
            return self._conflict(attempt, conflict, outcome)
        except (ConnectionFailed, ServerError, BadAnswer) as lost:
            return self._settle(attempt, lost, outcome)
        except ApiError as refused:
            self.journal.change(attempt, "failed", note=refused.what)
            raise
        if accepted.operation_id is None:
            return self._settle(attempt, None, outcome)
        attempt = self.journal.change(attempt, "accepted", operation_id=accepted.operation_id)
        return self._follow(attempt, accepted.operation_id, accepted, outcome, accepted.retry_after)

    def _follow(
        self,
        attempt: Attempt,
        operation_id: str,
        accepted: Accepted | None,
        outcome: Outcome,
        first_look: float | None,
    ) -> Created:
        try:
            operation = self.session.orchestrator.follow(
                operation_id, first_look=first_look, deadline=self.deadline
            )
        except OperationFailed as failed:
            there = find_bridge(self.session, self.plan.service_sid)
            if there is not None:
                return self._keep(there, attempt, "adopted")
            self.journal.change(attempt, "failed", note=str(failed)[:500])
            raise
        except OperationPending:
            there = find_bridge(self.session, self.plan.service_sid)
            if there is not None:
                self.notes.append(
                    f"Operation {operation_id} is not over, but its configuration is there."
                )
                return self._keep(there, attempt, outcome, operation_id)
            raise
        related = _id_in(accepted.related if accepted else None) or _id_in(operation.related)
        there = self._fetch(related) or self._look()
        if there is None:
            self.journal.change(attempt, "failed", note="completed, but not to be found")
            raise _Gone(
                f"Operation {operation_id} is COMPLETED, but no configuration bridges "
                f"{self.plan.service_sid}.",
                f"It was looked for during {SETTLING:.0f} s; somebody may have deleted it.",
                "Run it again in a minute: it looks first, and creates only when there is none.",
            )
        return self._keep(there, attempt, outcome, operation_id)

    # settling

    def _conflict(self, attempt: Attempt, conflict: Conflict, outcome: Outcome) -> Created:
        """409: read who is there; if it holds our service, it is the bridge."""
        there = self._fetch(opaque_id(conflict.conflicting_id)) or self._look()
        if there is not None:
            return self._keep(there, attempt, "adopted")
        if outcome == "created":
            # A repeated key may conflict with its own first request: that one still counts.
            self.journal.change(attempt, "failed", note=conflict.what)
        if conflict.conflicting_id:
            conflict.why += f" It names {conflict.conflicting_id}."
        raise conflict

    def _settle(self, attempt: Attempt, lost: BridgeError | None, outcome: Outcome) -> Created:
        """The answer to the POST is lost or tells nothing: look whether it was done."""
        self.watch.say("The answer was lost; looking whether the configuration is there")
        try:
            there = self._look()
        except BridgeError:
            # As unreachable as before: the first error tells more.
            there = None
        if there is not None:
            return self._keep(there, attempt, outcome)
        unknown = UnknownOutcome(
            "It is not known whether the configuration was created.",
            str(lost) if lost else "The service accepted it without naming an operation.",
            "Run it again: the same idempotency key is used, so there will be one and not two.",
        )
        if lost is not None:
            unknown.status, unknown.code = lost.status, lost.code
            unknown.request_id, unknown.request = lost.request_id, lost.request
        raise unknown

    def _look(self) -> Configuration | None:
        """Look for the bridge for a while: a list may lag behind a write."""
        begun = self.watch.clock()
        wait = 0.5
        while True:
            there = find_bridge(self.session, self.plan.service_sid)
            if there is not None or self.watch.clock() - begun >= min(SETTLING, self.deadline):
                return there
            self.watch.pause(wait, "Looking for the configuration again")
            wait = min(3.0, wait * 1.5)

    def _fetch(self, configuration_id: str | None) -> Configuration | None:
        """The configuration if it is there and bridges our service."""
        if configuration_id is None:
            return None
        try:
            found = self.session.orchestrator.configuration(configuration_id)
        except NotFound:
            return None
        ours = (found.service_sid or "").lower() == self.plan.service_sid.lower()
        return found if ours else None

    def _keep(
        self,
        there: Configuration,
        attempt: Attempt | None,
        outcome: Outcome,
        operation_id: str | None = None,
    ) -> Created:
        """Accept a configuration that is there if it is what the plan says."""
        differences = self.plan.differences(there)
        if differences:
            if attempt is not None:
                self.journal.change(
                    attempt, "failed", configuration_id=there.id, note="bridged differently"
                )
            raise _differs(self.plan, there, differences)
        if attempt is None:
            attempt = self.journal.latest(self.scope)
            known = attempt is not None and attempt.configuration_id == there.id
            if not known:
                attempt = self.journal.begin(self.scope, str(uuid.uuid4()), self.plan.body())
        if attempt is not None and attempt.state != "completed":
            self.journal.change(attempt, "completed", configuration_id=there.id, outcome=outcome)
        operation_id = operation_id or (attempt.operation_id if attempt else None)
        self.watch.say(f"The bridge stands: {there.id} ({outcome})", state="done")
        return Created(there, outcome, operation_id, self.watch.elapsed, tuple(self.notes))


def _id_in(related: Mapping[str, str | None] | None) -> str | None:
    return opaque_id((related or {}).get("configurationId"))


def _differs(
    plan: Plan, there: Configuration, differences: tuple[tuple[str, str, str], ...]
) -> BridgeDiffers:
    shown = "; ".join(f"{field}: planned {a!r}, there {b!r}" for field, a, b in differences)
    error = BridgeDiffers(
        f"{plan.service_sid} is bridged already by {there.id}, with other settings.",
        f"{shown}.",
        "Plan the same settings to adopt it, or change it knowingly; a service has one bridge.",
    )
    error.configuration_id = there.id
    error.differences = differences
    return error
