"""The names of classic services, kept in the journal so that its entries can be told apart."""

from __future__ import annotations

from contextlib import suppress

from ...api.models import Service
from ...api.session import Session
from ...errors import BridgeError
from . import Journal, Scope


def keep_name(journal: Journal, scope: Scope, service: Service | None) -> None:
    """Keep what a service is called now, where it has a name."""
    if service is not None and service.friendly_name:
        journal.remember(scope, **{_choice(service.sid): service.friendly_name})


def kept_name(journal: Journal, scope: Scope) -> str:
    """What the scope's service was called when it was last looked at; empty: not known."""
    return journal.recall(scope).get(_choice(scope.service_sid), "")


def service_name(session: Session, service_sid: str) -> str:
    """What a service is called, from the journal or else from the account; empty: not known."""
    journal, scope = Journal(), Scope.of(session, service_sid)
    name = kept_name(journal, scope)
    if not name:
        # A name only says more than the sid, so that it may be missing.
        with suppress(BridgeError):
            found = session.classic.service(service_sid)
            name = found.friendly_name or ""
            keep_name(journal, scope, found)
    return name


def _choice(service_sid: str) -> str:
    return f"name of {service_sid.lower()}"
