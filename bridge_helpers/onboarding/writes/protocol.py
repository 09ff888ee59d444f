"""
The one way in which a configuration is written to, safe to kill at any instant.

Hold the service; settle what an earlier run left open; look; write key, intent and
snapshot; send; write the operation; follow it; look again; write the end. Whatever
instant a run dies at, the next one finds either nothing, or a key to repeat, or an
operation to follow, or the work done. An unknown outcome is settled by looking, never
by guessing.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from ...api.models import Accepted
from ...api.operations import DEADLINE, opaque_id
from ...api.session import Session
from ...errors import (
    ApiError,
    BadAnswer,
    BridgeDiffers,
    BridgeError,
    Cancelled,
    Conflict,
    NotFound,
    OperationFailed,
    OperationPending,
)
from ...progress import OnProgress, StepContext, step_context
from ..journal import Attempt, Journal, Kind, Scope
from .errors import (
    OperationUnknown,
    ResultMissing,
    operation_unknown,
    outcome_unknown,
    result_missing,
)
from .kinds import Done, How, Seen, Write, of_attempt
from .looking import SETTLING, find_if_readable, look

GOES_ON: Final = "What the service has accepted goes on there, and the journal knows of it."


@contextmanager
def hold_service(
    session: Session,
    service_sid: str,
    *,
    journal: Journal | None,
    deadline: float,
    on_progress: OnProgress | None,
    cancel: threading.Event | None,
    clock: Callable[[], float],
    sleep: Callable[[float], None] | None,
) -> Iterator[Writer]:
    """
    Hold a classic service, so that nobody else's run writes to its configuration.

    Args:
        service_sid: In canonical form.
        journal: Where to write what is begun; None: the one under `BRIDGE_HOME`.
        deadline: Seconds to wait for an operation, and for another run on this service.

    Raises:
        RunInProgress: Another run holds it and does not end within the deadline.
    """
    book = journal or Journal()
    scope = Scope.of(session, service_sid)
    with step_context(on_progress, cancel, clock, sleep) as context:
        try:
            with book.alone(scope, patience=deadline):
                yield Writer(session, book, scope, context, deadline)
        except Cancelled as error:
            error.why, error.action = GOES_ON, "Run it again to resume."
            raise
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(f"{GOES_ON} Run it again to resume.")
            raise


class Writer:
    """
    A run that holds a service.

    Attributes:
        notes: What else is worth knowing at the end, sentences.
    """

    def __init__(
        self,
        session: Session,
        journal: Journal,
        scope: Scope,
        context: StepContext,
        deadline: float,
    ) -> None:
        self.session = session
        self.journal = journal
        self.scope = scope
        self.context = context
        self.deadline = deadline
        self.notes: list[str] = []

    def carry_out(
        self, kind: Kind, configuration_id: str, propose: Callable[[Seen | None], Write]
    ) -> Done:
        """
        Do a write once, or find that it is done.

        Args:
            kind, configuration_id: What the write is about.
            propose: Looks at what is there and says what to write. It is given what a write of
                an earlier run has just ended in, which a list may not show yet. Called again
                when another write was settled in between.

        Raises:
            OperationFailed, OperationPending, UnknownOutcome, Cancelled: see errors.
            ApiError, ConnectionFailed: The service refused or could not be reached.
        """
        ended = self._settle_operation()
        ours = self._unanswered()
        if ours is not None and not ours.is_about(kind, configuration_id):
            ended, ours = self._settle_request(ours), None
        write = propose(ended.seen if ended else None)
        if ours is not None and ours.body != write.body:
            ended, ours = self._settle_request(ours), None
            write = propose(ended.seen if ended else None)
        if write.seen is not None:
            if ended is not None and _same_work(ended, write, write.seen):
                return self._keep(write, write.seen, ended.attempt, ended.how, ended.operation_id)
            return self._keep(write, write.seen, ours, "resumed" if ours else "found")
        write.check()
        return self._begin_and_send(write, ours)

    # what an earlier run left open

    def _unanswered(self) -> Attempt | None:
        """A request of an earlier run whose outcome is not known, if the newest one is that."""
        earlier = self.journal.latest(self.scope)
        return earlier if earlier is not None and earlier.state == "posting" else None

    def _settle_operation(self) -> Done | None:
        """Follow the operation of an earlier run; None when there is none, or it did nothing."""
        earlier = self.journal.latest(self.scope)
        if earlier is None or earlier.state != "accepted" or not earlier.operation_id:
            return None
        operation_id = earlier.operation_id
        write = self._write_of(earlier)
        self.context.say(f"Resuming operation {operation_id} of an earlier run")
        try:
            return self._follow(write, earlier, operation_id, None, "resumed", first_look=0.0)
        except OperationUnknown:
            why = f"operation {operation_id} is not known to the service any more"
            if earlier.key_is_fresh(datetime.now(UTC)):
                # The same key gives the same operation, or the first one if there was none.
                self.journal.change(earlier, "posting", note=why)
            else:
                self._let_go(earlier, why)
        except ResultMissing:
            self._let_go(earlier, f"what operation {operation_id} did has been undone since")
        except OperationFailed as failed:
            self.notes.append(f"An earlier run's {failed}")
        except BridgeDiffers:
            # The journal says so now; this run looks for itself.
            pass
        return None

    def _settle_request(self, earlier: Attempt) -> Done | None:
        """
        Look whether a request that is not ours was carried out, and let it go if it was not.

        It is looked for as long as an operation is waited for; one that takes longer is left to
        the service's own rule: one configuration for a classic service.
        """
        other = self._write_of(earlier)
        patience = 0.0
        # One whose operation is known and was forgotten has been looked for already.
        if earlier.operation_id is None and earlier.key_is_fresh(datetime.now(UTC)):
            patience = max(SETTLING, DEADLINE - _age(earlier.changed_at))
        seen = self._look(other, patience)
        if seen is not None:
            try:
                return self._keep(other, seen, earlier, "resumed")
            except BridgeDiffers:
                return None
        other_plan = earlier.kind == "create"
        self._let_go(earlier, "it was for another plan" if other_plan else "it was another write")
        return None

    def _write_of(self, attempt: Attempt) -> Write:
        kept = self.journal.snapshot_of(attempt)
        return of_attempt(self.session, attempt, kept.document.members if kept else None)

    def _let_go(self, attempt: Attempt, why: str) -> None:
        note = f"The journal's entry of {attempt.begun_at:%Y-%m-%d %H:%M} UTC was let go: {why}."
        self.notes.append(note)
        self.context.say(note)
        self.journal.change(attempt, "let go", note=why)

    # the write

    def _begin_and_send(self, write: Write, ours: Attempt | None) -> Done:
        """Send under the key of an earlier attempt that still counts, or under a new one."""
        if ours is not None:
            if ours.key_is_fresh(datetime.now(UTC)):
                return self._send(write, ours, "resumed")
            self._let_go(ours, "its key is too old to be trusted")
        elif write.kind == "create":
            self._say_what_is_gone()
        attempt = self.journal.begin(
            self.scope,
            str(uuid.uuid4()),
            write.body,
            kind=write.kind,
            configuration_id=write.configuration_id or None,
            before=write.before,
        )
        return self._send(write, attempt, "written")

    def _say_what_is_gone(self) -> None:
        """A bridge that the journal knows of and that is not there: somebody else removed it."""
        last = self.journal.latest(self.scope)
        if last is None or last.kind in ("delete", "disconnect"):
            return
        made = self.journal.latest(self.scope, "create")
        if made is not None and made.state == "completed":
            self._let_go(made, f"configuration {made.configuration_id} has been deleted since")

    def _send(self, write: Write, attempt: Attempt, how: How) -> Done:
        self.context.say(write.words.doing)
        try:
            accepted = write.send(attempt.body, attempt.key)
        except Conflict as conflict:
            return self._conflict(write, attempt, conflict, how)
        except Cancelled:
            raise
        except BridgeError as error:
            if error.uncertain or isinstance(error, BadAnswer):
                return self._settle_lost(write, attempt, error, how)
            return self._refused(write, attempt, error, how)
        if accepted.operation_id is None:
            return self._settle_lost(write, attempt, None, how)
        attempt = self.journal.change(attempt, "accepted", operation_id=accepted.operation_id)
        try:
            return self._follow(
                write, attempt, accepted.operation_id, accepted, how, accepted.retry_after
            )
        except OperationFailed as failed:
            if how != "resumed":
                raise
            # The repeated key led to what an earlier run had begun: its end is not this one's.
            self.notes.append(f"An earlier run's {failed}")
            return self._begin_and_send(write, None)
        except OperationUnknown as lost:
            if how == "resumed":
                # The same key gave the same operation: there is nothing left to resume.
                self.journal.change(attempt, "let go", note=lost.what)
            raise

    def _follow(
        self,
        write: Write,
        attempt: Attempt,
        operation_id: str,
        accepted: Accepted | None,
        how: How,
        first_look: float | None,
    ) -> Done:
        try:
            operation = self.session.orchestrator.follow(
                operation_id, first_look=first_look, deadline=self.deadline
            )
        except OperationFailed as failed:
            seen = write.find(None)
            if seen is not None:
                return self._keep(write, seen, attempt, "found")
            self.journal.change(attempt, "failed", note=str(failed)[:500])
            raise
        except OperationPending:
            seen = write.find(None)
            if seen is not None:
                self.notes.append(f"Operation {operation_id} is not over, but {write.words.shown}.")
                return self._keep(write, seen, attempt, how, operation_id)
            raise
        except NotFound as missing:
            recent = _age(attempt.changed_at) < DEADLINE
            seen = self._look(write, SETTLING if recent else 0.0)
            if seen is not None:
                return self._keep(write, seen, attempt, how)
            raise operation_unknown(operation_id, write.words, missing) from None
        related = _id_in(accepted.related if accepted else None) or _id_in(operation.related)
        seen = self._look(write, named=related)
        if seen is None:
            self.journal.change(attempt, "failed", note=f"completed, but {write.words.missing}")
            raise result_missing(operation_id, write.words, SETTLING)
        if not write.configuration_id and related not in (None, seen.configuration_id):
            # Ours is gone already, and somebody else has made this one.
            return self._keep(write, seen, attempt, "found")
        return self._keep(write, seen, attempt, how, operation_id)

    # settling

    def _conflict(self, write: Write, attempt: Attempt, conflict: Conflict, how: How) -> Done:
        """409: look at what is named; it may be what was wanted."""
        named = opaque_id(conflict.conflicting_id)
        # Another configuration stands in the way: waiting would not change ours.
        elsewhere = write.configuration_id and named not in (None, write.configuration_id)
        seen = self._look(write, 0.0 if elsewhere else SETTLING, named=named)
        if seen is not None:
            return self._keep(write, seen, attempt, "found")
        if how == "written" and not conflict.uncertain:
            # A repeated key may conflict with its own first request: that one still counts.
            self.journal.change(attempt, "failed", note=conflict.what)
        if conflict.conflicting_id:
            conflict.why += f" It names {conflict.conflicting_id}."
        raise conflict

    def _refused(self, write: Write, attempt: Attempt, error: BridgeError, how: How) -> Done:
        """It was certainly not carried out; an earlier one under its key may have been."""
        if how == "written":
            self.journal.change(attempt, "failed", note=error.what)
        elif isinstance(error, ApiError):
            seen = find_if_readable(write)
            if seen is not None:
                return self._keep(write, seen, attempt, how)
        raise error

    def _settle_lost(
        self, write: Write, attempt: Attempt, lost: BridgeError | None, how: How
    ) -> Done:
        """The answer is lost or tells nothing: look whether it was done."""
        self.context.say("The answer was lost; looking whether it was done")
        seen = self._look(write, SETTLING if lost else self.deadline, despite_errors=True)
        if seen is not None:
            return self._keep(write, seen, attempt, how)
        raise outcome_unknown(lost, write.words, attempt.key_counts_until)

    def _look(
        self,
        write: Write,
        patience: float = SETTLING,
        named: str | None = None,
        despite_errors: bool = False,
    ) -> Seen | None:
        patience = min(patience, self.deadline)
        return look(write, patience, named=named, despite_errors=despite_errors)

    def _keep(
        self,
        write: Write,
        seen: Seen,
        attempt: Attempt | None,
        how: How,
        operation_id: str | None = None,
    ) -> Done:
        """Accept what is there if it is what was wanted, and write the end."""
        objection = write.objection(seen)
        if objection is not None:
            if attempt is not None and attempt.unfinished:
                self.journal.change(
                    attempt,
                    "failed",
                    configuration_id=seen.configuration_id,
                    note="bridged differently",
                )
            raise objection
        if attempt is None and write.adopts:
            attempt = self.journal.latest(self.scope, write.kind)
            if attempt is None or attempt.configuration_id != seen.configuration_id:
                key = str(uuid.uuid4())
                attempt = self.journal.adopt(self.scope, key, write.body, seen.configuration_id)
        if attempt is not None and attempt.state != "completed":
            attempt = self.journal.change(
                attempt,
                "completed",
                configuration_id=seen.configuration_id,
                outcome=write.outcome(how),
            )
        if operation_id is None and attempt is not None and attempt.outcome != write.words.found:
            operation_id = attempt.operation_id
        return Done(write, seen, how, attempt, operation_id)


def _same_work(ended: Done, write: Write, seen: Seen) -> bool:
    """Whether the write that was just settled is the one that is wanted."""
    return ended.write.kind == write.kind and ended.seen.configuration_id == seen.configuration_id


def _age(moment: datetime) -> float:
    """Seconds since then."""
    return (datetime.now(UTC) - moment).total_seconds()


def _id_in(related: Mapping[str, Any] | None) -> str | None:
    return opaque_id((related or {}).get("configurationId"))
