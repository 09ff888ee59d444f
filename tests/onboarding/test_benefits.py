"""Whether memory and intelligence work for bridged conversations: figures, findings, no write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.errors import Forbidden, InvalidInput, NotBridged
from bridge_helpers.onboarding.benefits.look import Benefits, benefits
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.plan import Plan

from ..waiting import until

if TYPE_CHECKING:
    from bridge_helpers.api.session import Session
    from bridge_helpers.onboarding.journal import Journal

    from ..sandbox_process import Account, SandboxProcess

READS = {
    "POST /v1/Stores/{store}/Profiles/Lookup",
    "POST /v1/Stores/{store}/Profiles/{profile}/Recall",
}


def bridged(session: Session, account: Account, journal: Journal, **options: Any) -> Plan:
    """The account's service with a bridge that has these options on."""
    plan = Plan(service_sid=account.service_sid, memory_store_id=account.memory_store_id, **options)
    create(session, plan, journal=journal)
    return plan


def carry(
    sandbox: SandboxProcess, session: Session, account: Account, *identities: str
) -> list[str]:
    """Customers with these identities write; the ids of the Orchestrator conversations."""
    before = {one.id for one in session.orchestrator.conversations()}
    for identity in identities:
        sandbox.control(
            "customer-writes",
            account_sid=account.account_sid,
            service_sid=account.service_sid,
            identity=identity,
            body=f"Hello from {identity}",
        )

    def there() -> list[str]:
        now = [one.id for one in session.orchestrator.conversations() if one.id not in before]
        return now if len(now) == len(identities) else []

    return until(there)


def told(found: Benefits, check: str) -> list[str]:
    """The levels of a check's findings."""
    return [one.level for one in found.findings if one.check == check]


def test_a_service_without_a_bridge_has_nothing_to_look_at(session: Session) -> None:
    """It is said so, and how to make one."""
    with pytest.raises(NotBridged):
        benefits(session)


@pytest.mark.parametrize("sample", [0, -1, 1001, True, 2.5, "50"])
def test_a_sample_is_a_number_from_1_to_1000(session: Session, sample: Any) -> None:
    """Anything else is refused before anything is asked."""
    with pytest.raises(InvalidInput, match="sample"):
        benefits(session, sample=sample)


def test_the_guides_bridge_gives_neither(
    session: Session, account: Account, journal: Journal, sandbox: SandboxProcess
) -> None:
    """Nothing is on: it says so on top, with risk and action for each, and writes nothing."""
    bridged(session, account, journal)
    sandbox.control("settings", bridged_participants="unknown")
    carry(sandbox, session, account, "ana", "ben", "cleo")
    sandbox.forget("requests")
    found = benefits(session, account.service_sid)
    writes = [one for one in sandbox.writes() if not one.endswith(("Lookup", "Recall"))]
    assert writes == []
    assert "memory extraction is off" in found.verdict
    data = found.as_dict()
    assert data["memory"]["extraction_enabled"] is False
    assert data["memory"]["store_status"] == "ACTIVE"
    assert data["memory"]["chat_timeouts"] is None
    assert "chat" in data["memory"]["id_types"]
    assert data["participants"] == {
        "sampled": 3,
        "customer": 0,
        "unknown": 3,
        "with_profile": 0,
        "would_resolve": 0,
    }
    for check in ("memory extraction", "CHAT timeouts", "intelligence"):
        assert told(found, check) == ["warning"]
    for finding in found.findings:
        assert finding.level == "ok" or (finding.risk and finding.action), finding


def test_what_may_not_be_read_is_told_and_not_called_missing(
    session: Session, account: Account, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key without memory, intelligence and monitor: the rest is told all the same."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise Forbidden("This key may not read it.", "", "Use a standard key.", status=403)

    bridged(session, account, journal, memory_extraction=True, intelligence="intelligence_1")
    for api, name in (
        (session.memory, "store"),
        (session.memory, "identity_settings"),
        (session.intelligence, "configuration"),
        (session.monitor, "alerts"),
    ):
        monkeypatch.setattr(api, name, refuse)
    found = benefits(session)
    assert told(found, "memory store") == ["warning"]
    assert told(found, "identity") == ["warning"]
    assert told(found, "alerts") == ["warning"]
    assert told(found, "intelligence") == ["ok", "warning"]
    assert "not there" not in found.verdict
    assert "memory store is of unknown state" in found.verdict
    assert told(found, "memory extraction") == ["ok"]


@pytest.mark.parametrize("name", ["identity_settings", "look_up"])
def test_a_customer_who_may_not_be_looked_up_is_not_said_to_be_unknown(
    session: Session,
    account: Account,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """What keeps it from being looked up is told, and everything else as well."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise Forbidden("This key may not read it.", "", "Use a standard key.", status=403)

    bridged(session, account, journal)
    monkeypatch.setattr(session.memory, name, refuse)
    found = benefits(session, customer="zed")
    assert found.customer is None
    text = " ".join(one.found for one in found.findings)
    assert "has no profile for" not in text
    assert "This key may not read it." in text


@pytest.mark.parametrize("customer", ["z" * 256, "nobody"])
def test_a_customer_without_a_profile_is_told(
    session: Session, account: Account, journal: Journal, customer: str
) -> None:
    """However long the identity is; blanks around it do not matter, nor do blanks alone."""
    bridged(session, account, journal)
    assert told(benefits(session, customer=f" {customer} "), "customer") == ["warning"]
    assert told(benefits(session, customer="  "), "customer") == []
