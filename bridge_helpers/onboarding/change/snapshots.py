"""What can be gone back to, and which configuration is a service's."""

from __future__ import annotations

from dataclasses import dataclass

from ...api.documents import ConfigurationDocument
from ...api.session import Session
from ...errors import InvalidInput, NotBridged, NotChosen
from ..journal import Journal, Scope, Snapshot
from ..writes.bridges import at_id, bridge_of


@dataclass(frozen=True, slots=True)
class Standing:
    """
    A service's configuration, whether or not it bridges the service now.

    Attributes:
        document: As it is; None when it is gone.
    """

    configuration_id: str
    document: ConfigurationDocument | None

    @property
    def bridged(self) -> bool:
        """Whether it bridges a classic service."""
        return self.document is not None and bool(self.document.service_sid)


def standing(session: Session, service_sid: str, journal: Journal) -> Standing:
    """
    The configuration that bridges a service, or the last one that did by the journal.

    Raises:
        NotBridged: None does, and the journal knows of none.
    """
    there = bridge_of(session, service_sid)
    if there is not None:
        return Standing(there.id, there)
    last = journal.latest(Scope.of(session, service_sid))
    known = [
        one
        for one in journal.history(session.account.sid, service_sid)
        if last is not None
        and (one.region, one.origin) == (last.region, last.origin)
        and one.configuration_id
    ]
    for one in known:
        found = at_id(session, one.configuration_id or "")
        # One that bridges another service by now is not this service's any more.
        if found is None or (found.service_sid or service_sid).lower() == service_sid.lower():
            return Standing(one.configuration_id or "", found)
    raise not_bridged(session, service_sid)


def not_bridged(session: Session, service_sid: str) -> NotBridged:
    """No configuration to write to."""
    return NotBridged(
        f"No configuration of account {session.account.sid} bridges {service_sid}.",
        "So there is nothing to change.",
        "Look whether it is the right service; notebook 02 or `bridge-workbook onboard` makes "
        "a bridge, `bridge-workbook restore` brings one back.",
    )


def snapshots(
    session: Session, service_sid: str, *, journal: Journal | None = None
) -> list[Snapshot]:
    """What was kept of a service's configurations before each write, newest first."""
    return (journal or Journal()).snapshots(Scope.of(session, service_sid))


def chosen(
    session: Session, service_sid: str, snapshot_id: str, *, journal: Journal | None = None
) -> Snapshot:
    """
    A snapshot by its id; without one the newest, the state before the last write.

    What was kept before a write that did nothing is passed over, and so is what was kept before
    a restore that has not ended: another run is to finish it, not to take it back.

    Args:
        snapshot_id: As `snapshots` lists it, or empty.

    Raises:
        InvalidInput: This service has no such snapshot.
        NotChosen: It has none at all.
    """
    kept = snapshots(session, service_sid, journal=journal)
    if snapshot_id:
        found = next((one for one in kept if str(one.id) == snapshot_id.strip()), None)
        if found is not None:
            return found
        raise InvalidInput(
            "snapshot",
            snapshot_id,
            f"the journal has no such snapshot of {service_sid}",
            "`bridge-workbook snapshots` lists those that it has.",
        )
    for one in kept:
        idle = one.state in ("failed", "let go")
        if not idle and not (one.reason == "restore" and one.state != "completed"):
            return one
    raise NotChosen(
        f"The journal has no snapshot of {service_sid} to go back to.",
        "One is kept before each change that is made from here; a bridge that was only created "
        "has none.",
        "`bridge-workbook disconnect` or `delete` takes a bridge away.",
    )
