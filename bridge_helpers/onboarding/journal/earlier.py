"""What an earlier sandbox took with it when it stopped."""

from __future__ import annotations

from ...api.session import Session
from . import Attempt, Journal


def gone_with_a_sandbox(session: Session, service_sid: str = "") -> Attempt | None:
    """
    The write that made a bridge in an earlier sandbox; None where there was none.

    Each sandbox begins with the same account, so that a bridge seems to have vanished when
    another one was started in its place.

    Args:
        service_sid: Only of this classic service; empty: of any.

    Raises:
        BridgeError: The journal cannot be read.
    """
    if session.account.target != "sandbox":
        return None
    attempts = Journal().history(session.account.sid, service_sid)
    made = next((one for one in attempts if one.state == "completed"), None)
    if made is None or made.kind in ("disconnect", "delete"):
        return None
    return made if made.origin != session.account.origins.conversations else None
