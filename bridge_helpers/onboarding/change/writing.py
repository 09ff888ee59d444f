"""
Write to a configuration: change it, restore it, disconnect it, delete it, make it again.

Before each write the whole configuration is kept in the journal as it was sent. A PATCH
names only what differs, so that what somebody else has changed meanwhile, and what this
package does not know, stays as it is. Afterwards the configuration is read back and
compared. v2 takes no `If-Match` (Twilio's OpenAPI for conversations v2), so somebody
else's edit cannot be kept out; it is noticed by its `version`, and told.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ...api.documents import ConfigurationDocument, bridging
from ...api.operations import DEADLINE
from ...api.session import Session
from ...errors import NotFound
from ...progress import OnProgress
from ..journal import Journal, Kind, Snapshot
from ..writes.errors import edited_meanwhile
from ..writes.kinds import Done, How, Seen, Write, change, deletion, recreation
from ..writes.patches import Members, edited, patch
from ..writes.protocol import hold_service

ChangeOutcome = Literal["changed", "resumed", "unchanged"]
DeletionOutcome = Literal["deleted", "resumed", "gone already"]

_CHANGES: Final[Mapping[How, ChangeOutcome]] = {
    "written": "changed",
    "resumed": "resumed",
    "found": "unchanged",
}
_DELETIONS: Final[Mapping[How, DeletionOutcome]] = {
    "written": "deleted",
    "resumed": "resumed",
    "found": "gone already",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """
    A configuration after a change.

    Attributes:
        document: As it was read back.
        outcome: `changed` by this run, `resumed` from one that was interrupted, or `unchanged`:
            it was like this already, and nothing was sent.
        sent: What the PATCH named; empty when nothing was sent, now or earlier.
        edited: Paths that somebody else changed in between; their values were kept.
        snapshot: What it was before; None when nothing was sent.
        operation_id: The operation that did it.
        seconds: What this run took.
        notes: What else is worth knowing, sentences.
        by_others: Those of the notes that tell of somebody else's edit.
    """

    document: ConfigurationDocument
    outcome: ChangeOutcome
    sent: Mapping[str, Any]
    edited: tuple[str, ...]
    snapshot: Snapshot | None
    operation_id: str | None
    seconds: float
    notes: tuple[str, ...] = ()
    by_others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deleted:
    """
    A configuration that is gone.

    Attributes:
        outcome: `deleted` by this run, `resumed` from one that was interrupted, or
            `gone already`: nothing was sent.
        snapshot: What it was; None when nothing was sent.
        operation_id: The operation that did it.
        seconds: What this run took.
        notes: What else is worth knowing, sentences.
    """

    configuration_id: str
    outcome: DeletionOutcome
    snapshot: Snapshot | None
    operation_id: str | None
    seconds: float
    notes: tuple[str, ...] = ()


def write_change(
    session: Session,
    configuration_id: str,
    changes: Mapping[str, Any] | Callable[[Members], Mapping[str, Any]],
    *,
    service_sid: str,
    kind: Kind = "change",
    version: int | None = None,
    looked_at: Members | None = None,
    planned: Mapping[str, Any] | None = None,
    journal: Journal | None = None,
    deadline: float = DEADLINE,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Changed:
    """
    Make a configuration show these changes, and nothing else.

    Args:
        changes: Member to value as in Twilio's PATCH, None to remove; `channelSettings` by
            channel in the same way. What the configuration shows already is not sent. Or a
            function that tells them from the configuration's members.
        service_sid: The classic service whose bridge it is or was; held meanwhile.
        kind: change, restore or disconnect: what the journal and the messages call it.
        version: The version that the changes were planned for; None: whatever it is.
        looked_at: The members that they were planned for; compared where there is no version,
            which the service need not tell.
        planned: The PATCH that was planned for that version. A write of an earlier run that is
            seen through first makes another version; the change goes on after it if its PATCH
            is still this one.
        journal: Where to write what is begun; default: the one under `BRIDGE_HOME`.
        deadline: Seconds to wait for the operation, and for another run on this service.

    Raises:
        InvalidInput: A change names what the service writes itself.
        NotFound: There is no such configuration.
        EditedMeanwhile: It is of another version; nothing was written.
        OperationFailed, OperationPending, UnknownOutcome, RunInProgress, Cancelled: see errors.
        ApiError, ConnectionFailed: The service refused or could not be reached.
    """

    def propose(ended: Seen | None) -> Write:
        writer.context.say(f"Looking at configuration {configuration_id}")
        there = _required(session, configuration_id)
        body = patch(changes(there.members) if callable(changes) else changes, there.members)
        same = ended is not None and body == planned
        if body and not same and _edited_since(there, version, looked_at):
            raise edited_meanwhile(configuration_id, version, there.record.version)
        write = change(session, kind, configuration_id, body, there.members)
        return replace(write, before=there, seen=None if body else Seen(configuration_id, there))

    with hold_service(
        session,
        service_sid,
        journal=journal,
        deadline=deadline,
        on_progress=on_progress,
        cancel=cancel,
        clock=clock,
        sleep=sleep,
    ) as writer:
        done = writer.carry_out(kind, configuration_id, propose)
        there, outcome = done.seen.standing, _CHANGES[done.how]
        snapshot = writer.journal.snapshot_of(done.attempt) if done.attempt else None
        others = _others(done, snapshot)
        told = _told(others, snapshot, there)
        writer.context.say(
            f"Configuration {configuration_id} is as wanted ({outcome})", state="done"
        )
        return Changed(
            there,
            outcome,
            done.attempt.body if done.attempt else {},
            others,
            snapshot,
            done.operation_id,
            writer.context.elapsed,
            (*writer.notes, *told),
            told,
        )


def write_deletion(
    session: Session,
    configuration_id: str,
    *,
    service_sid: str,
    version: int | None = None,
    looked_at: Members | None = None,
    journal: Journal | None = None,
    deadline: float = DEADLINE,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Deleted:
    """
    Delete a configuration, or find that it is gone.

    Args:
        service_sid: The classic service whose bridge it is or was; held meanwhile.
        version, looked_at: As in `write_change`, of what was looked at.
        journal: Where to write what is begun; default: the one under `BRIDGE_HOME`.
        deadline: Seconds to wait for the operation, and for another run on this service.

    Raises:
        EditedMeanwhile: It is of another version; nothing was written.
        OperationFailed, OperationPending, UnknownOutcome, RunInProgress, Cancelled: see errors.
        ApiError, ConnectionFailed: The service refused or could not be reached.
    """
    write = deletion(session, configuration_id)

    def propose(ended: Seen | None) -> Write:
        writer.context.say(f"Looking at configuration {configuration_id}")
        try:
            there = _required(session, configuration_id)
        except NotFound:
            return replace(write, seen=Seen(configuration_id, None))
        # A write of an earlier run that was just seen through is no edit by somebody else.
        if ended is None and _edited_since(there, version, looked_at):
            raise edited_meanwhile(configuration_id, version, there.record.version)
        return replace(write, before=there)

    with hold_service(
        session,
        service_sid,
        journal=journal,
        deadline=deadline,
        on_progress=on_progress,
        cancel=cancel,
        clock=clock,
        sleep=sleep,
    ) as writer:
        done = writer.carry_out(write.kind, configuration_id, propose)
        outcome = _DELETIONS[done.how]
        snapshot = writer.journal.snapshot_of(done.attempt) if done.attempt else None
        writer.context.say(f"Configuration {configuration_id} is gone ({outcome})", state="done")
        return Deleted(
            configuration_id,
            outcome,
            snapshot,
            done.operation_id,
            writer.context.elapsed,
            tuple(writer.notes),
        )


def write_again(
    session: Session,
    body: Mapping[str, Any],
    *,
    service_sid: str,
    journal: Journal | None = None,
    deadline: float = DEADLINE,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Changed:
    """
    Make a configuration again that was deleted, or find that it has been made.

    Args:
        body: What was kept of it, as in Twilio's POST; it bridges the service.
        service_sid: The classic service; held meanwhile.
        journal: Where to write what is begun; default: the one under `BRIDGE_HOME`.
        deadline: Seconds to wait for the operation, and for another run on this service.

    Raises:
        BridgeDiffers: The service is bridged by now, with other settings; nothing was written.
        OperationFailed, OperationPending, UnknownOutcome, RunInProgress, Cancelled: see errors.
        ApiError, ConnectionFailed: The service refused or could not be reached.
    """
    write = recreation(session, service_sid, dict(body))

    def propose(ended: Seen | None) -> Write:
        there = ended.document if ended else None
        writer.context.say("Looking whether the service is bridged already")
        seen = ended if there and bridging([there], service_sid) else write.find(None)
        return replace(write, seen=seen)

    with hold_service(
        session,
        service_sid,
        journal=journal,
        deadline=deadline,
        on_progress=on_progress,
        cancel=cancel,
        clock=clock,
        sleep=sleep,
    ) as writer:
        done = writer.carry_out(write.kind, "", propose)
        there, outcome = done.seen.standing, _CHANGES[done.how]
        writer.context.say(f"Configuration {there.id} is as it was kept ({outcome})", state="done")
        return Changed(
            there,
            outcome,
            done.attempt.body if done.attempt else {},
            (),
            None,
            done.operation_id,
            writer.context.elapsed,
            tuple(writer.notes),
        )


def _required(session: Session, configuration_id: str) -> ConfigurationDocument:
    try:
        return session.orchestrator.configuration_document(configuration_id)
    except NotFound as missing:
        missing.what = (
            f"There is no configuration {configuration_id} in account {session.account.sid}."
        )
        missing.action = "Look which configurations there are; somebody may have deleted this one."
        raise


def _edited_since(
    there: ConfigurationDocument, version: int | None, looked_at: Members | None
) -> bool:
    if version is None:
        return looked_at is not None and bool(edited(looked_at, there.members, {}))
    return version != there.record.version


def _others(done: Done, snapshot: Snapshot | None) -> tuple[str, ...]:
    """What somebody else changed between our look before the write and the one after it."""
    if snapshot is None or done.attempt is None:
        return ()
    return edited(snapshot.document.members, done.seen.standing.members, done.attempt.body)


def _told(
    others: tuple[str, ...], snapshot: Snapshot | None, there: ConfigurationDocument
) -> tuple[str, ...]:
    if snapshot is None:
        return ()
    before, after = snapshot.document.record.version, there.record.version
    versions = "" if None in (before, after) else f" (version {before} to {after})"
    if others:
        return (f"Somebody else changed {', '.join(others)} meanwhile{versions}; it was kept.",)
    if before is not None and after is not None and after > before + 1:
        return (f"Somebody else changed the configuration meanwhile{versions}.",)
    return ()
