"""Which configuration bridges a service: the list names it, and it is fetched to be sure."""

from __future__ import annotations

from ...api.documents import ConfigurationDocument, bridging
from ...api.session import Session
from ...errors import NotFound


def bridge_of(session: Session, service_sid: str) -> ConfigurationDocument | None:
    """
    The configuration that bridges a service, whole; None where there is none.

    An item of the list may be partial, and may show what was before a write: a configuration
    that has been disconnected since, or that bridges another service by now, is not the one.
    """
    for listed in session.orchestrator.configuration_documents():
        if bridging([listed], service_sid):
            whole = at_id(session, listed.id)
            if whole is not None and bridging([whole], service_sid):
                return whole
    return None


def at_id(session: Session, configuration_id: str) -> ConfigurationDocument | None:
    """A configuration, or None when it is gone."""
    try:
        return session.orchestrator.configuration_document(configuration_id)
    except NotFound:
        return None
