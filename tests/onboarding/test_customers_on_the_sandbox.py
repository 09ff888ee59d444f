"""Known customers from end to end: Users, profiles, and participants who become CUSTOMER."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge_helpers.onboarding.benefits.known_customers import known_customers
from bridge_helpers.onboarding.benefits.look import benefits
from bridge_helpers.onboarding.benefits.upgrade import make_customers
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.plan import Plan

from ..waiting import until

if TYPE_CHECKING:
    from bridge_helpers.api.session import Session
    from bridge_helpers.onboarding.journal import Journal

    from ..sandbox_process import Account, SandboxProcess

IDENTITIES = ("ana@example.com", "+15551234567", "x" * 255, "アナ", "a b/c?d#e%", "أنا")


def test_users_become_customers_whom_memory_knows(
    session: Session, account: Account, journal: Journal, sandbox: SandboxProcess
) -> None:
    """Written, bridged, unknown; then profiles, once each; then CUSTOMER, where it is open."""
    plan = Plan(
        service_sid=account.service_sid,
        memory_store_id=account.memory_store_id,
        memory_extraction=True,
        chat_timeouts="15/60",
    )
    create(session, plan, journal=journal)
    before = {one.id for one in session.orchestrator.conversations()}
    for identity in (*IDENTITIES, "y" * 256):
        sandbox.control(
            "customer-writes", account_sid=account.account_sid, identity=identity, body="Hello"
        )
    until(
        lambda: (
            len(
                [
                    one
                    for one in session.orchestrator.conversations()
                    if one.id not in before and one.participants
                ]
            )
            == len(IDENTITIES) + 1
        )
    )
    found = benefits(session)
    assert found.sample.counted("unknown") == len(IDENTITIES) + 1
    assert found.sample.would_resolve == 0

    dry = known_customers(session, journal=journal)
    states = {one.identity: one.state for one in dry.candidates}
    assert {states[one] for one in IDENTITIES} == {"new"}
    assert states["y" * 256] == "left out"
    done = known_customers(session, journal=journal, apply=True)
    assert done.pending == 0
    ours = [one for one in done.candidates if one.identity in IDENTITIES]
    assert [one.state for one in ours] == ["known"] * len(IDENTITIES)
    assert len({one.profile_id for one in ours}) == len(IDENTITIES)
    profiles = len(list(session.memory.profile_ids(account.memory_store_id)))
    again = known_customers(session, journal=journal, apply=True)
    assert (again.made, again.counted("new")) == (0, 0)
    assert len(list(session.memory.profile_ids(account.memory_store_id))) == profiles

    found = benefits(session)
    assert found.sample.would_resolve == len(IDENTITIES)
    shown = make_customers(session, found.sample)
    assert {one.state for one in shown} == {"could be"}
    sandbox.forget("requests")
    made = make_customers(session, found.sample, apply=True)
    assert [one.state for one in made] == ["made"] * len(IDENTITIES)
    assert {one.split()[0] for one in sandbox.writes()} == {"PUT"}
    found = benefits(session, customer="ana@example.com")
    assert found.sample.counted("known") == len(IDENTITIES)
    assert found.works == len(IDENTITIES)
    assert "1 customer is unknown" in found.verdict
    assert found.customer is not None
    assert "ana@example.com" in [value for _, _, value in found.customer.traits]
