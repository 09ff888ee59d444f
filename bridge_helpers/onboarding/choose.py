"""The service and store to work on: those that were named, or the only ones there are."""

from __future__ import annotations

from ..api.models import Service
from ..api.session import Session
from ..errors import NotChosen, NotFound


def named_service(session: Session, sid: str) -> Service:
    """
    The classic service of a sid.

    Raises:
        NotFound: The account has none of this sid; names both.
    """
    try:
        return session.classic.service(sid)
    except NotFound as error:
        error.what = f"There is no classic service {sid} in account {session.account.sid}."
        error.action = "Pick one of the account's services, or use the other account's credentials."
        raise


def only_service(session: Session) -> str:
    """
    The sid of the account's only classic service.

    Raises:
        NotChosen: There is none, or there are several; lists them.
    """
    found = [(one.sid, one.friendly_name or "") for one in session.classic.services()]
    return _only(found, "classic service", "service_sid", session.account.sid)


def only_store(session: Session) -> str:
    """
    The id of the account's only memory store.

    Raises:
        NotChosen: There is none, or there are several; lists them.
    """
    ids = list(session.memory.store_ids())
    found = (
        [(one.id, one.display_name or "") for one in map(session.memory.store, ids)]
        if len(ids) > 1
        else [(one, "") for one in ids]
    )
    return _only(found, "memory store", "memory_store_id", session.account.sid)


def _only(found: list[tuple[str, str]], what: str, field_name: str, account_sid: str) -> str:
    if len(found) == 1:
        return found[0][0]
    if not found:
        raise NotChosen(
            f"Account {account_sid} has no {what}.",
            action=f"Create a {what} in the Console first, or check the account."
            + (" A trial account has to be upgraded for Memory." if what == "memory store" else ""),
        )
    shown = ", ".join(f"{sid} ({name})" if name else sid for sid, name in found[:20])
    more = f" and {len(found) - 20} more" if len(found) > 20 else ""
    raise NotChosen(
        f"Account {account_sid} has {len(found)} {what}s: {shown}{more}.",
        action=f"Name the one to use as {field_name}.",
    )
