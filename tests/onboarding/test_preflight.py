"""What preflight finds, on a real socket, and that it never writes."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.errors import (
    AuthenticationFailed,
    Cancelled,
    ChecksFailed,
    NotChosen,
    NotEnabled,
    NotFound,
    TermsNotAccepted,
)
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.plan import Plan, Wanted
from bridge_helpers.onboarding.preflight import preflight
from bridge_helpers.onboarding.preflight.checks import CHECKS

from ..commands import parsed

if TYPE_CHECKING:
    from bridge_helpers.api.session import Session
    from bridge_helpers.onboarding.journal import Journal

    from ..sandbox_process import Account, SandboxProcess


def levels(checks: Any) -> dict[str, str]:
    return {one.check: one.level for one in checks.findings}


def test_a_ready_account_passes_every_check(session: Session, plan: Plan) -> None:
    """All is ok but for what the guide leaves off, the plan is complete, and only GETs went out."""
    checks = preflight(session, Wanted())
    off = ("memory extraction", "CHAT timeouts", "intelligence", "status callbacks")
    found = levels(checks)
    assert {found.pop(check) for check in off} == {"info"}
    assert set(found.values()) == {"ok"}
    assert checks.require() == plan
    # Nothing is said of the region, the addresses, the voice number and of what else comes in
    # where all is as usual.
    # One check tells of four options, and what it tells is no warning.
    passed, told = len(CHECKS) - 1 - len(off), len(off)
    assert checks.summary == f"{passed} ok, 0 warnings, 0 errors, {told} for information"


def test_preflight_writes_nothing(
    session: Session, sandbox: SandboxProcess, account: Account
) -> None:
    """Every request of it is a GET."""
    sandbox.forget("requests")
    preflight(session, Wanted(voice_number=account.phone_number))
    counts = sandbox.read("requests")["counts"]
    assert counts
    assert all(line.startswith("GET ") for line in counts)


def test_a_service_that_is_not_there_names_sid_and_account(session: Session) -> None:
    """The message says which sid was looked for, and where."""
    sid = "IS" + "0" * 32
    with pytest.raises(NotFound) as missing:
        preflight(session, Wanted(service_sid=sid)).require()
    assert sid in str(missing.value)
    assert session.account.sid in str(missing.value)


def test_a_store_that_is_not_there_names_id_and_account(session: Session) -> None:
    """The same for the memory store."""
    store = "mem_store_0" + "0" * 25
    with pytest.raises(NotFound) as missing:
        preflight(session, Wanted(memory_store_id=store)).require()
    assert store in str(missing.value)
    assert session.account.sid in str(missing.value)


def test_several_services_are_listed(
    session: Session, sandbox: SandboxProcess, account: Account
) -> None:
    """An open sid with more than one to take is an error that shows them."""
    sandbox.control("seed", account_sid=account.account_sid, services=2)
    with pytest.raises(NotChosen) as several:
        preflight(session, Wanted()).require()
    assert "3 classic services" in str(several.value)
    assert account.service_sid in str(several.value)


def test_an_existing_bridge_is_info_when_as_planned_and_error_when_not(
    session: Session, plan: Plan, journal: Journal
) -> None:
    """What would be adopted is told apart from what would be refused."""
    create(session, plan, journal=journal)
    assert levels(preflight(session, Wanted()))["bridge"] == "info"
    other = preflight(session, Wanted(grouping="GROUP_BY_PROFILE"))
    assert levels(other)["bridge"] == "error"
    told = next(one.action for one in other.findings if one.check == "bridge")
    [change] = re.findall(r"`(bridge-workbook change [^`]+)`", told)
    assert parsed(change)["service_sid"] == plan.service_sid
    with pytest.raises(ChecksFailed, match="GROUP_BY_PROFILE"):
        other.require()


def test_a_bridge_that_has_the_wanted_name_already_is_told_as_such(
    session: Session, plan: Plan, journal: Journal
) -> None:
    """The name is not free: it is the bridge's own, and that is well."""

    def told() -> list[tuple[str, str]]:
        checks = preflight(session, Wanted(display_name=plan.display_name))
        return [(one.level, one.found) for one in checks.findings if one.check == "display name"]

    assert told() == [("ok", f"{plan.display_name!r} is free.")]
    create(session, plan, journal=journal)
    own = f"{plan.display_name!r} is the name of the service's own bridge."
    assert told() == [("ok", own)]


def test_a_voice_number_must_be_owned_and_have_voice(session: Session, account: Account) -> None:
    """Owned with voice: info with the cost; SMS only: error; a stranger: error."""
    numbers = list(session.numbers.owned())
    silent = next(one.phone_number for one in numbers if not one.voice)
    assert (
        levels(preflight(session, Wanted(voice_number=account.phone_number)))["voice number"]
        == "info"
    )
    for number, words in ((silent, "no voice"), ("+15005550006", "not owned")):
        checks = preflight(session, Wanted(voice_number=number))
        finding = next(one for one in checks.findings if one.check == "voice number")
        assert finding.level == "error"
        assert words in finding.found
        assert finding.action


def test_the_number_that_was_chosen_is_the_one_that_is_judged(
    session: Session, account: Account
) -> None:
    """Another number of the account with voice and SMS makes up for nothing."""
    silent = next(one.phone_number for one in session.numbers.owned() if not one.voice)
    assert silent is not None

    def told(**chosen: Any) -> list[tuple[str, str]]:
        number = chosen.pop("phone_number", "")
        checks = preflight(session, Wanted(**chosen), phone_number=number)
        return [(one.level, one.found) for one in checks.findings if one.check == "phone number"]

    good = account.phone_number
    either = [("ok", f"None was chosen; {good} of the account: voice and SMS.")]
    assert told() == either
    for name in ("phone_number", "voice_number"):
        assert told(**{name: good}) == [("ok", f"{good}: voice and SMS.")]
    lacking = [("warning", f"{silent} is owned, but it has no voice.")]
    assert told(phone_number=silent) == lacking
    assert told(phone_number=silent, voice_number=good) == lacking
    stranger = "+15005550006"
    unowned = [("warning", f"{stranger} is not owned by the account.")]
    assert told(phone_number=stranger) == unowned
    # The check of the voice number says it, as an error.
    assert told(voice_number=silent) == []


def test_wrong_credentials_stop_the_checks(
    session: Session, sandbox: SandboxProcess, account: Account
) -> None:
    """Nothing else is asked once the credentials are refused."""
    sandbox.fault("status", status=401, code=20003, times=None)
    checks = preflight(session, Wanted())
    assert levels(checks) == {"credentials": "error"}
    with pytest.raises(AuthenticationFailed):
        checks.require()


def test_terms_and_a_missing_product_are_told_apart(
    session: Session, sandbox: SandboxProcess, account: Account
) -> None:
    """401 because of the terms asks for no other key; 404 everywhere is the product."""
    where = f"accounts/{account.account_sid}"
    sandbox.control(where, terms_accepted=False)
    with pytest.raises(TermsNotAccepted):
        preflight(session, Wanted()).require()
    sandbox.control(where, terms_accepted=True, orchestrator_enabled=False)
    with pytest.raises(NotEnabled):
        preflight(session, Wanted()).require()


def test_preflight_can_be_stopped(session: Session) -> None:
    """A pressed stop button ends it at the next check."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        preflight(session, Wanted(), cancel=stop)
