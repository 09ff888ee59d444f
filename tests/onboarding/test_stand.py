"""How a service stands, and what an earlier run has begun: seen through by asking again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.change import (
    carry_out,
    propose_deletion,
    propose_disconnection,
    propose_unfinished,
)
from bridge_helpers.onboarding.change.actions import propose_action
from bridge_helpers.onboarding.change.stand import Stand, stand_of
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Attempt, Journal, Kind, Scope
from bridge_helpers.onboarding.plan import Plan

from ..sandbox_process import SandboxProcess
from .test_create_and_verify import writes


@pytest.fixture
def bridge(session: Session, plan: Plan, journal: Journal) -> str:
    """The id of a configuration that bridges the plan's service."""
    return create(session, plan, journal=journal).configuration.id


def begun(
    session: Session, plan: Plan, journal: Journal, kind: Kind, target: str, body: dict[str, Any]
) -> Attempt:
    """What a run leaves that died after it wrote its key."""
    before = session.orchestrator.configuration_document(target) if target else None
    return journal.begin(
        Scope.of(session, plan.service_sid),
        str(uuid.uuid4()),
        body,
        kind=kind,
        configuration_id=target or None,
        before=before,
    )


def test_without_a_bridge_nothing_is_known(session: Session, plan: Plan, journal: Journal) -> None:
    """No configuration and nothing kept is no error: it is how the service stands."""
    assert stand_of(session, plan.service_sid, journal=journal) == Stand()
    assert not Stand().known


def test_a_bridge_and_what_was_kept_of_it(
    session: Session, plan: Plan, journal: Journal, bridge: str
) -> None:
    """Also after it was disconnected, and after it was deleted."""
    stands = stand_of(session, plan.service_sid, journal=journal)
    assert stands.there is not None
    assert (stands.there.id, stands.bridged, stands.kept) == (bridge, True, ())
    taken = propose_disconnection(session, plan.service_sid, journal=journal)
    carry_out(session, taken, journal=journal)
    stands = stand_of(session, plan.service_sid, journal=journal)
    assert stands.there is not None
    assert (stands.there.id, stands.bridged) == (bridge, False)
    assert stands.newest is not None
    assert stands.newest.reason == "disconnect"
    gone = propose_deletion(session, plan.service_sid, journal=journal)
    carry_out(session, gone, journal=journal)
    stands = stand_of(session, plan.service_sid, journal=journal)
    assert stands.there is None
    assert stands.known
    assert [one.reason for one in stands.kept] == ["delete", "disconnect"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("change", {"displayName": "begun"}),
        ("restore", {"displayName": "begun"}),
        ("disconnect", {"conversationsV1Bridge": None}),
        ("delete", {}),
    ],
)
def test_what_was_begun_is_sent_once_and_ends(
    session: Session,
    plan: Plan,
    journal: Journal,
    bridge: str,
    sandbox: SandboxProcess,
    kind: Kind,
    body: dict[str, Any],
) -> None:
    """The same request under the same key; afterwards nothing is unfinished."""
    attempt = begun(session, plan, journal, kind, bridge, body)
    sandbox.forget("requests")
    assert stand_of(session, plan.service_sid, journal=journal).unfinished == attempt
    proposal = propose_unfinished(session, attempt, journal=journal)
    assert writes(sandbox) == []
    done = carry_out(session, proposal, journal=journal)
    assert done.outcome == "resumed"
    assert len(writes(sandbox)) == 1
    ended = journal.latest(Scope.of(session, plan.service_sid))
    assert ended is not None
    assert (ended.id, ended.state) == (attempt.id, "completed")


def test_a_deletion_that_was_begun_takes_no_other_configuration(
    session: Session, plan: Plan, journal: Journal, bridge: str
) -> None:
    """Ours is gone, and another one bridges the service by now: that one stays."""
    attempt = begun(session, plan, journal, "delete", bridge, {})
    api = session.orchestrator
    accepted = api.delete_configuration(bridge, str(uuid.uuid4()))
    assert accepted.operation_id is not None
    api.follow(accepted.operation_id, first_look=0.1)
    accepted = api.create_configuration(plan.body(), str(uuid.uuid4()))
    assert accepted.operation_id is not None
    api.follow(accepted.operation_id, first_look=0.1)
    carry_out(session, propose_unfinished(session, attempt, journal=journal), journal=journal)
    [other] = api.configurations()
    assert other.id != bridge
    assert stand_of(session, plan.service_sid, journal=journal).unfinished is None


def test_an_action_that_is_none_is_refused(session: Session, plan: Plan, journal: Journal) -> None:
    """Before anything is asked; and so is a change of nothing."""
    for action in ("create", "change"):
        with pytest.raises(InvalidInput):
            propose_action(session, plan.service_sid, action, journal=journal)
