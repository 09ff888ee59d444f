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
    BridgeError,
    Cancelled,
    Conflict,
    NotFound,
    OperationFailed,
    OperationPending,
)
from ..progress import OnProgress, StepContext, step_context
from . import channels
from .create_errors import Gone, Unheard, differs, gone, unheard, unknown
from .journal import Attempt, Journal, Scope
from .plan import Plan

SETTLING: Final = 15.0
"""Seconds for which a configuration that must be there is looked for: lists may lag."""

GOES_ON: Final = "What the service has accepted goes on there, and the journal knows of it."

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
    with step_context(on_progress, cancel, clock, sleep) as context:
        try:
            with book.alone(scope, patience=deadline):
                return _Run(session, plan, book, scope, context, deadline).run()
        except Cancelled as error:
            error.why, error.action = GOES_ON, "Run it again to resume."
            raise
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(f"{GOES_ON} Run it again to resume.")
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


class _Run:
    """One run, holding the service."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        journal: Journal,
        scope: Scope,
        context: StepContext,
        deadline: float,
    ) -> None:
        self.session = session
        self.plan = plan
        self.journal = journal
        self.scope = scope
        self.context = context
        self.deadline = deadline
        self.notes: list[str] = []

    def run(self) -> Created:
        earlier = self.journal.latest(self.scope)
        if earlier is not None and earlier.state == "accepted" and earlier.operation_id:
            resumed = self._resume(earlier, earlier.operation_id)
            if resumed is not None:
                return resumed
            earlier = self.journal.latest(self.scope)
        self.context.say("Looking whether the service is bridged already")
        there = find_bridge(self.session, self.plan.service_sid)
        if there is None and earlier is not None and self._may_still_come(earlier):
            # As long as an operation is waited for; one that takes longer is left to the
            # service's own rule: one configuration for a classic service.
            there = self._look(max(SETTLING, DEADLINE - _age(earlier.changed_at)))
        if there is not None:
            ours = earlier if earlier is not None and earlier.unfinished else None
            return self._keep(there, ours, "resumed" if ours else "adopted")
        channels.refuse_messaging_capture(self.plan.body().get("channelSettings", {}))
        if self.plan.voice_number:
            channels.require_voice(self.session, self.plan.voice_number)
        attempt, outcome = self._attempt(earlier)
        return self._post(attempt, outcome)

    # the ways in

    def _resume(self, attempt: Attempt, operation_id: str) -> Created | None:
        """Follow an operation that an earlier run started; None when nothing is left of it."""
        self.context.say(f"Resuming operation {operation_id} of an earlier run")
        try:
            return self._follow(attempt, operation_id, None, "resumed", first_look=0.0)
        except Unheard:
            why = f"operation {operation_id} is not known to the service any more"
            if self._repeatable(attempt):
                # The same key gives the same operation, or the first one if there was none.
                self.journal.change(attempt, "posting", note=why)
            else:
                self._let_go(attempt, why)
        except Gone:
            self._let_go(attempt, f"what operation {operation_id} made has been deleted since")
        except OperationFailed as failed:
            self.notes.append(f"An earlier run's {failed}")
        return None

    def _repeatable(self, attempt: Attempt) -> bool:
        """Whether its request may be sent again under its key."""
        return attempt.body == self.plan.body() and attempt.key_is_fresh(datetime.now(UTC))

    def _may_still_come(self, attempt: Attempt) -> bool:
        """Whether another plan's request is out, that a repeated one would not find."""
        fresh = attempt.key_is_fresh(datetime.now(UTC))
        return attempt.state == "posting" and fresh and attempt.body != self.plan.body()

    def _attempt(self, earlier: Attempt | None) -> tuple[Attempt, Outcome]:
        """An earlier attempt whose key still counts, or a new one, written before any POST."""
        if earlier is not None and earlier.state == "completed":
            gone = f"configuration {earlier.configuration_id} has been deleted since"
            self._let_go(earlier, gone)
        elif earlier is not None and earlier.state == "posting":
            if self._repeatable(earlier):
                return earlier, "resumed"
            same_plan = earlier.body == self.plan.body()
            self._let_go(
                earlier,
                "its key is too old to be trusted" if same_plan else "it was for another plan",
            )
        key = str(uuid.uuid4())
        return self.journal.begin(self.scope, key, self.plan.body()), "created"

    def _let_go(self, attempt: Attempt, why: str) -> None:
        note = f"The journal's entry of {attempt.begun_at:%Y-%m-%d %H:%M} UTC was let go: {why}."
        self.notes.append(note)
        self.context.say(note)
        self.journal.change(attempt, "let go", note=why)

    # the write

    def _post(self, attempt: Attempt, outcome: Outcome) -> Created:
        self.context.say("Creating the configuration")
        try:
            accepted = self.session.orchestrator.create_configuration(attempt.body, attempt.key)
        except Conflict as conflict:
            return self._conflict(attempt, conflict, outcome)
        except Cancelled:
            raise
        except BridgeError as error:
            if error.uncertain or isinstance(error, BadAnswer):
                return self._settle(attempt, error, outcome)
            return self._refused(attempt, error, outcome)
        if accepted.operation_id is None:
            return self._settle(attempt, None, outcome)
        attempt = self.journal.change(attempt, "accepted", operation_id=accepted.operation_id)
        try:
            return self._follow(
                attempt, accepted.operation_id, accepted, outcome, accepted.retry_after
            )
        except OperationFailed as failed:
            if outcome != "resumed":
                raise
            # The repeated key led to what an earlier run had begun: its end is not this one's.
            self.notes.append(f"An earlier run's {failed}")
            return self._post(*self._attempt(self.journal.latest(self.scope)))
        except Unheard as lost:
            if outcome == "resumed":
                # The same key gave the same operation: there is nothing left to resume.
                self.journal.change(attempt, "let go", note=lost.what)
            raise

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
        except NotFound as missing:
            there = self._look(SETTLING if _age(attempt.changed_at) < DEADLINE else 0.0)
            if there is not None:
                return self._keep(there, attempt, outcome)
            raise unheard(operation_id, self.plan.service_sid, missing) from None
        related = _id_in(accepted.related if accepted else None) or _id_in(operation.related)
        there = self._fetch(related) or self._look()
        if there is None:
            self.journal.change(attempt, "failed", note="completed, but not to be found")
            raise gone(operation_id, self.plan.service_sid, SETTLING)
        if related not in (None, there.id):
            # Ours is gone already, and somebody else has made this one.
            return self._keep(there, attempt, "adopted")
        return self._keep(there, attempt, outcome, operation_id)

    # settling

    def _conflict(self, attempt: Attempt, conflict: Conflict, outcome: Outcome) -> Created:
        """409: read who is there; if it holds our service, it is the bridge."""
        there = self._fetch(opaque_id(conflict.conflicting_id)) or self._look()
        if there is not None:
            return self._keep(there, attempt, "adopted")
        if outcome == "created" and not conflict.uncertain:
            # A repeated key may conflict with its own first request: that one still counts.
            self.journal.change(attempt, "failed", note=conflict.what)
        if conflict.conflicting_id:
            conflict.why += f" It names {conflict.conflicting_id}."
        raise conflict

    def _refused(self, attempt: Attempt, error: BridgeError, outcome: Outcome) -> Created:
        """It was certainly not carried out; an earlier one under its key may have been."""
        if outcome == "created":
            self.journal.change(attempt, "failed", note=error.what)
        elif isinstance(error, ApiError):
            there = self._look_once()
            if there is not None:
                return self._keep(there, attempt, outcome)
        raise error

    def _settle(self, attempt: Attempt, lost: BridgeError | None, outcome: Outcome) -> Created:
        """The answer to the POST is lost or tells nothing: look whether it was done."""
        self.context.say("The answer was lost; looking whether the configuration is there")
        there = self._look(SETTLING if lost else self.deadline, despite_errors=True)
        if there is not None:
            return self._keep(there, attempt, outcome)
        raise unknown(lost, self.plan.service_sid, attempt.key_counts_until)

    def _look_once(self) -> Configuration | None:
        """Look for the bridge; when it cannot be read, the error before that tells more."""
        try:
            return find_bridge(self.session, self.plan.service_sid)
        except Cancelled:
            raise
        except BridgeError:
            return None

    def _look(
        self, patience: float = SETTLING, despite_errors: bool = False
    ) -> Configuration | None:
        """Look for the bridge for a while: a list may lag behind a write."""
        begun = self.context.clock()
        wait = 0.5
        while True:
            there = (
                self._look_once()
                if despite_errors
                else find_bridge(self.session, self.plan.service_sid)
            )
            if there is not None or self.context.clock() - begun >= min(patience, self.deadline):
                return there
            self.context.pause(wait, "Looking for the configuration again")
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
            raise differs(self.plan, there, differences)
        if attempt is None:
            attempt = self.journal.latest(self.scope)
            if attempt is None or attempt.configuration_id != there.id:
                key = str(uuid.uuid4())
                attempt = self.journal.adopt(self.scope, key, self.plan.body(), there.id)
        if attempt.state != "completed":
            attempt = self.journal.change(
                attempt, "completed", configuration_id=there.id, outcome=outcome
            )
        if operation_id is None and attempt.outcome != "adopted":
            operation_id = attempt.operation_id
        self.context.say(f"The bridge stands: {there.id} ({outcome})", state="done")
        return Created(there, outcome, operation_id, self.context.elapsed, tuple(self.notes))


def _age(moment: datetime) -> float:
    """Seconds since then."""
    return (datetime.now(UTC) - moment).total_seconds()


def _id_in(related: Mapping[str, str | None] | None) -> str | None:
    return opaque_id((related or {}).get("configurationId"))
