"""What an earlier run has begun and not ended, as a proposal: carried out, it is seen through."""

from __future__ import annotations

import threading
from typing import Any

from ...api.documents import ConfigurationDocument
from ...api.session import Session
from ...progress import OnProgress, step_context
from ..journal import Attempt, Journal
from ..writes.bridges import at_id
from .differences import Difference, differences, removal
from .proposal import Action, Proposal, patching
from .requests import gone


def propose_unfinished(
    session: Session,
    attempt: Attempt,
    *,
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Proposal:
    """
    Ask again for what an entry of the journal is about.

    Args:
        attempt: A change, restore, disconnection or deletion that is not over. A creation is
            resumed by creating again.

    Raises:
        ApiError, ConnectionFailed: The service refused or could not be reached.
        Cancelled: The step was stopped.
    """
    if attempt.kind == "create":
        raise ValueError("a creation is resumed by creating again")
    book = journal or Journal()
    service_sid, body, target = attempt.service_sid, attempt.body, attempt.configuration_id
    with step_context(on_progress, cancel) as context:
        if not target:
            return _proposal("restore", service_sid, "", None, body, differences(body, {}))
        context.say(f"Looking at configuration {target}")
        there = at_id(session, target)
        if there is None:
            return gone("delete" if attempt.kind == "delete" else "disconnect", service_sid, target)
        if attempt.kind == "delete":
            # This one, even if another configuration bridges the service by now.
            removed = removal(there.members)
            return _proposal("delete", service_sid, target, there, {}, removed)
        return patching(session, attempt.kind, service_sid, there, lambda _: body, journal=book)


def _proposal(
    action: Action,
    service_sid: str,
    configuration_id: str,
    there: ConfigurationDocument | None,
    body: dict[str, Any],
    differ: tuple[Difference, ...],
) -> Proposal:
    return Proposal(
        action=action,
        service_sid=service_sid,
        configuration_id=configuration_id,
        there=there,
        wanted=None,
        body=body,
        differences=differ,
        findings=(),
    )
