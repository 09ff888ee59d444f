"""The way back from a deletion: the configuration is made again, once, and goes on from there."""

from __future__ import annotations

from typing import Any

import pytest

from bridge_helpers.api.documents import SERVICE_OWNED
from bridge_helpers.api.session import Session
from bridge_helpers.errors import BridgeError, ChecksFailed
from bridge_helpers.onboarding.change import (
    Applied,
    Proposal,
    carry_out,
    propose_change,
    propose_deletion,
    propose_disconnection,
    propose_restoration,
)
from bridge_helpers.onboarding.change.snapshots import snapshots
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.plan import Plan

from ..sandbox_process import SandboxProcess


class Service:
    """A bridged service and what is done to its configuration."""

    def __init__(self, session: Session, plan: Plan, journal: Journal) -> None:
        self.session, self.sid, self.journal = session, plan.service_sid, journal
        self.first = create(session, plan, journal=journal).configuration.id

    def change(self, **changes: Any) -> Applied:
        return self.do(propose_change(self.session, self.sid, changes, journal=self.journal))

    def delete(self) -> Applied:
        return self.do(propose_deletion(self.session, self.sid, journal=self.journal))

    def disconnect(self) -> Applied:
        return self.do(propose_disconnection(self.session, self.sid, journal=self.journal))

    def restoration(self, snapshot_id: str = "") -> Proposal:
        return propose_restoration(self.session, self.sid, snapshot_id, journal=self.journal)

    def restore(self, snapshot_id: str = "") -> Applied:
        return self.do(self.restoration(snapshot_id))

    def do(self, proposal: Proposal) -> Applied:
        return carry_out(self.session, proposal, journal=self.journal)

    @property
    def standing(self) -> list[str]:
        return [one.id for one in self.session.orchestrator.configurations()]

    def settings(self, configuration_id: str) -> dict[str, Any]:
        members = self.session.orchestrator.configuration_document(configuration_id).members
        return {name: value for name, value in members.items() if name not in SERVICE_OWNED}


@pytest.fixture
def service(session: Session, plan: Plan, journal: Journal) -> Service:
    return Service(session, plan, journal)


def test_what_was_deleted_is_made_again_once(service: Service) -> None:
    """As it was, under another id; restoring a second time finds it and sends nothing."""
    before = service.settings(service.first)
    service.delete()
    made = service.restore()
    assert made.outcome == "applied"
    assert made.configuration_id != service.first
    assert service.settings(made.configuration_id) == before
    again = service.restore()
    assert (again.outcome, again.configuration_id) == ("unchanged", made.configuration_id)
    assert service.standing == [made.configuration_id]


def test_an_older_snapshot_applies_to_the_one_that_was_made_again(service: Service) -> None:
    """Its own configuration is gone: the one that bridges the service now becomes like it."""
    before = service.settings(service.first)
    service.change(displayName="Changed", statusCallbacks=[{"url": "https://example.com/a"}])
    service.delete()
    made = service.restore()
    oldest = snapshots(service.session, service.sid, journal=service.journal)[-1]
    proposal = service.restoration(str(oldest.id))
    assert sorted(proposal.body) == ["displayName", "statusCallbacks"]
    assert any("made like it" in finding.found for finding in proposal.findings)
    back = service.do(proposal)
    assert back.configuration_id == made.configuration_id
    assert service.settings(made.configuration_id) == before


def test_a_lost_answer_makes_one_and_not_two(service: Service, sandbox: SandboxProcess) -> None:
    """The configuration was made and nobody heard of it: the next run finds it."""
    service.delete()
    sandbox.control("settings", operation_seconds=1.0)
    try:
        sandbox.fault("drop-after", method="POST", path="/v2/ControlPlane/.*", times=None)
        sandbox.fault("status", method="GET", path="/v2/ControlPlane/Configurations", status=503)
        try:
            ended: str = service.restore().outcome
        except BridgeError:
            ended = "lost"
    finally:
        sandbox.forget("faults")
        sandbox.control("settings", operation_seconds=0.2)
    again = service.restore()
    assert (ended, again.outcome) in (("applied", "unchanged"), ("lost", "resumed"))
    assert service.standing == [again.configuration_id]
    assert service.journal.history()[0].state == "completed"


def test_a_snapshot_without_the_bridge_is_refused(service: Service) -> None:
    """Kept after the bridge was taken away: what it would make could not be found again."""
    service.disconnect()
    service.delete()
    newest = snapshots(service.session, service.sid, journal=service.journal)[0]
    proposal = service.restoration(str(newest.id))
    assert not proposal.ok
    with pytest.raises(ChecksFailed, match="does not bridge"):
        service.do(proposal)
    assert service.standing == []
