"""How a service stands: its configuration, what can be gone back to, and what is not over."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...api.documents import ConfigurationDocument
from ...api.session import Session
from ...errors import NotBridged, NotChosen
from ..journal import Attempt, Journal, Scope, Snapshot
from .snapshots import chosen, snapshots, standing


@dataclass(frozen=True, slots=True)
class Stand:
    """
    How a service stands.

    Attributes:
        there: The configuration that bridges it, or the last one that did; None: there is none.
        kept: What can be gone back to, the newest first.
        newest: The snapshot of `kept` that is the state before the last write, if there is one.
        unfinished: What an earlier run has begun and not ended.
    """

    there: ConfigurationDocument | None = None
    kept: tuple[Snapshot, ...] = ()
    newest: Snapshot | None = None
    unfinished: Attempt | None = None

    @property
    def bridged(self) -> bool:
        """Whether a configuration bridges the service now."""
        return self.there is not None and bool(self.there.service_sid)

    @property
    def known(self) -> bool:
        """Whether there is anything to change or to go back to."""
        return self.there is not None or bool(self.kept)


def stand_of(session: Session, service_sid: str, *, journal: Journal | None = None) -> Stand:
    """
    Read how a service stands.

    Args:
        service_sid: In canonical form.
        journal: Where writes are kept; default: the one under `BRIDGE_HOME`.

    Raises:
        ApiError, ConnectionFailed: The service refused or could not be reached.
        Cancelled: The step was stopped.
    """
    book = journal or Journal()
    try:
        there = standing(session, service_sid, book).document
    except NotBridged:
        there = None
    return with_journal(session, service_sid, Stand(there), journal=book)


def with_journal(
    session: Session, service_sid: str, stand: Stand, *, journal: Journal | None = None
) -> Stand:
    """The same with what the journal knows now; asks nothing of the service."""
    book = journal or Journal()
    last = book.latest(Scope.of(session, service_sid))
    try:
        newest = chosen(session, service_sid, "", journal=book)
    except NotChosen:
        newest = None
    return replace(
        stand,
        kept=tuple(snapshots(session, service_sid, journal=book)),
        newest=newest,
        unfinished=last if last is not None and last.unfinished else None,
    )
