"""The four writes by their names, for whoever lets a person choose among them."""

from __future__ import annotations

import threading
from typing import TypedDict

from ...api.session import Session
from ...errors import InvalidInput
from ...progress import OnProgress
from ..journal import Journal
from .members import sense
from .proposal import Proposal, Wanted, propose
from .requests import propose_deletion, propose_disconnection, propose_restoration


class _Told(TypedDict):
    journal: Journal | None
    on_progress: OnProgress | None
    cancel: threading.Event | None


def propose_action(
    session: Session,
    service_sid: str,
    action: str,
    *,
    wanted: Wanted | None = None,
    snapshot_id: str = "",
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Proposal:
    """
    Look at what an action would write; see the function of each.

    Args:
        service_sid: In canonical form.
        action: `change`, `restore`, `disconnect` or `delete`.
        wanted: What a change is to change.
        snapshot_id: What a restoration goes back to; empty: the newest one.

    Raises:
        InvalidInput: There is no such action, or a change without what is wanted.
        As the function of the action.
    """
    told: _Told = {"journal": journal, "on_progress": on_progress, "cancel": cancel}
    if action == "restore":
        return propose_restoration(session, service_sid, snapshot_id, **told)
    if action == "disconnect":
        return propose_disconnection(session, service_sid, **told)
    if action == "delete":
        return propose_deletion(session, service_sid, **told)
    if action != "change" or wanted is None:
        raise InvalidInput("action", action, "it is none that can be proposed")
    return propose(session, service_sid, wanted, checks=sense(session), **told)
