"""The names of classic services, kept in the journal so that its entries can be told apart."""

from __future__ import annotations

from ...api.models import Service
from . import Journal, Scope


def keep_name(journal: Journal, scope: Scope, service: Service | None) -> None:
    """Keep what a service is called now, where it has a name."""
    if service is not None and service.friendly_name:
        journal.remember(scope, **{_choice(service.sid): service.friendly_name})


def kept_name(journal: Journal, scope: Scope) -> str:
    """What the scope's service was called when it was last looked at; empty: not known."""
    return journal.recall(scope).get(_choice(scope.service_sid), "")


def _choice(service_sid: str) -> str:
    return f"name of {service_sid.lower()}"
