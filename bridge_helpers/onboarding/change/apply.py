"""Write what was proposed, and say afterwards what is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ...api.documents import ConfigurationDocument
from ...api.operations import DEADLINE
from ...api.session import Session
from ...errors import BridgeError
from ...progress import OnProgress, step_context
from ...words import counted
from ..findings import Finding
from ..journal import Journal, Snapshot
from ..writes.bridges import at_id, bridge_of
from .open import OpenConversations, open_conversations
from .proposal import Proposal
from .writing import Changed, Deleted, write_again, write_change, write_deletion

Outcome = Literal["applied", "resumed", "unchanged"]
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "changed": "applied",
    "deleted": "applied",
    "resumed": "resumed",
    "unchanged": "unchanged",
    "gone already": "unchanged",
}


@dataclass(frozen=True, slots=True)
class Applied:
    """
    A proposal that was carried out.

    Attributes:
        outcome: `applied` by this run, `resumed` from one that was interrupted, or `unchanged`:
            it was so already, and nothing was sent.
        document: The configuration as it was read back; None when it is gone.
        snapshot: What it was before; None when nothing was sent, or there was none.
        operation_id: The operation that did it, when one of ours did.
        findings: What else is worth knowing: somebody else's edits, what is left.
        open: The conversations that are open afterwards; None where nothing was sent.
        seconds: What it took.
    """

    proposal: Proposal
    configuration_id: str
    outcome: Outcome
    document: ConfigurationDocument | None
    snapshot: Snapshot | None
    operation_id: str | None
    findings: tuple[Finding, ...]
    open: OpenConversations | None
    seconds: float


def carry_out(
    session: Session,
    proposal: Proposal,
    *,
    journal: Journal | None = None,
    deadline: float = DEADLINE,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Applied:
    """
    Write what was proposed: that, or nothing.

    Args:
        journal: Where to write what is begun; default: the one under `BRIDGE_HOME`.
        deadline: Seconds to wait for the operation, and for another run on this service.

    Raises:
        ChecksFailed: Something that was found speaks against it; nothing was written.
        EditedMeanwhile: The configuration was changed since; nothing was written.
        OperationFailed, OperationPending, UnknownOutcome, RunInProgress, Cancelled: see errors.
        ApiError, ConnectionFailed: The service refused or could not be reached.
    """
    proposal.require()
    begun = clock()
    options: dict[str, Any] = {
        "service_sid": proposal.service_sid,
        "journal": journal,
        "deadline": deadline,
        "on_progress": on_progress,
        "cancel": cancel,
        "clock": clock,
        "sleep": sleep,
    }
    there = proposal.there
    seen: dict[str, Any] = {
        "version": there.record.version if there else None,
        "looked_at": there.members if there else None,
    }
    written: Changed | Deleted
    if proposal.anew:
        written = write_again(session, proposal.body, **options)
    elif proposal.action == "delete":
        written = write_deletion(session, proposal.configuration_id, **seen, **options)
    elif there is None or proposal.wanted is None:
        # To be disconnected, and gone already.
        return _unchanged(proposal, clock() - begun)
    else:
        written = write_change(
            session,
            proposal.configuration_id,
            proposal.wanted,
            kind=proposal.kind,
            planned=proposal.body,
            **seen,
            **options,
        )
    with step_context(on_progress, cancel, clock, sleep):
        return _ended(session, proposal, written, clock() - begun)


def _ended(
    session: Session, proposal: Proposal, written: Changed | Deleted, seconds: float
) -> Applied:
    document = written.document if isinstance(written, Changed) else None
    configuration_id = document.id if document else proposal.configuration_id
    outcome = _OUTCOMES[written.outcome]
    by_others = written.by_others if isinstance(written, Changed) else ()
    findings = [
        Finding(
            "somebody else",
            "warning",
            note,
            "Somebody else works on the same configuration.",
            "Agree with them who does, and look at it once more.",
        )
        if note in by_others
        else Finding("journal", "info", note)
        for note in written.notes
    ]
    found = proposal.open if outcome != "unchanged" else None
    if outcome != "unchanged" and proposal.action in ("disconnect", "delete"):
        found, left = _left(session, proposal, configuration_id)
        findings += left
    return Applied(
        proposal,
        configuration_id,
        outcome,
        document,
        written.snapshot,
        written.operation_id,
        tuple(findings),
        found,
        seconds,
    )


def _unchanged(proposal: Proposal, seconds: float) -> Applied:
    return Applied(
        proposal, proposal.configuration_id, "unchanged", None, None, None, (), None, seconds
    )


def _left(
    session: Session, proposal: Proposal, configuration_id: str
) -> tuple[OpenConversations | None, list[Finding]]:
    """What is left after a disconnection or a deletion; what cannot be looked at is told."""
    try:
        found = open_conversations(session, configuration_id, proposal.service_sid)
        return found, list(_left_over(session, proposal, configuration_id, found))
    except BridgeError as error:
        # Also when somebody stops the look: the write is done, and that has to be told.
        return None, [
            Finding(
                "what is left",
                "warning",
                f"It was done, and what is left could not be looked at: {error.what}",
                "",
                error.action,
            )
        ]


def _left_over(
    session: Session, proposal: Proposal, configuration_id: str, found: OpenConversations
) -> Iterator[Finding]:
    there = at_id(session, configuration_id)
    left = "is gone" if there is None else "is still there, without a bridge"
    yield Finding("what is left", "ok", f"Configuration {configuration_id} {left}.")
    holder = bridge_of(session, proposal.service_sid)
    service = proposal.service_sid
    if holder is None:
        yield Finding("what is left", "ok", f"{service} goes on as it is; nothing bridges it.")
    else:
        yield Finding(
            "what is left",
            "warning",
            f"{service} is bridged by another configuration: {holder.id}.",
            "Its messages still reach Orchestrator.",
            "Disconnect it as well where it is not wanted.",
        )
    are = "is" if found.known == 1 else "are"
    if found.error is not None:
        yield Finding(
            "what is left",
            "warning",
            f"Open conversations could not be counted: {found.error.what}",
            "",
            found.error.action,
        )
    elif found.known:
        yield Finding(
            "what is left",
            "info",
            f"{counted(found.known, 'conversation')} in Orchestrator {are} still open.",
            "They stay until they are closed, or until their timeouts end them.",
            "Close those that are not wanted any more.",
        )
    else:
        yield Finding("what is left", "ok", "No conversation of it is open in Orchestrator.")
