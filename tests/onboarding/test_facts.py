"""What the checks of combined channels read of an account, on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.errors import ApiError
from bridge_helpers.onboarding.conflicts.facts import LOOKED_AT, Facts, Landing

if TYPE_CHECKING:
    from bridge_helpers.api.session import Session

    from ..sandbox_process import Account, SandboxProcess

CUSTOMER = "+15557770001"


@pytest.fixture
def http(sandbox: SandboxProcess, account: Account) -> Iterator[Any]:
    with sandbox.client(account) as opened:
        yield opened


@pytest.fixture
def facts(session: Session) -> Facts:
    return Facts(session)


def bound(http: Any, account: Account, customer: str, kind: str = "") -> str:
    """An open conversation of a customer with the account's number; returns its sid."""
    base = f"/v1/Services/{account.service_sid}/Conversations"
    sid = str(http.post(base, data={"FriendlyName": "talk"}).json()["sid"])
    form = {
        "MessagingBinding.Address": kind + customer,
        "MessagingBinding.ProxyAddress": kind + account.phone_number,
    }
    assert http.post(f"{base}/{sid}/Participants", data=form).status_code == 201
    return sid


def test_addresses_of_open_conversations_are_seen(
    facts: Facts, http: Any, account: Account
) -> None:
    """With their channel and without its prefix; those of closed conversations are not."""
    closed = bound(http, account, "+15557770002", "whatsapp:")
    path = f"/v1/Services/{account.service_sid}/Conversations/{closed}"
    assert http.post(path, data={"State": "closed"}).status_code == 200
    seen = facts.bindings(account.service_sid)
    assert seen.complete
    assert set(seen.addresses) == {("SMS", account.phone_number)}
    bound(http, account, "+15557770003", "whatsapp:")
    again = Facts(facts.session).bindings(account.service_sid)
    assert again.addresses["WHATSAPP", account.phone_number] == 1
    assert again.looked_at == seen.looked_at + 1


def test_of_many_conversations_a_part_is_looked_at_and_that_is_known(
    facts: Facts, sandbox: SandboxProcess, account: Account
) -> None:
    """A request for each conversation has to end somewhere."""
    sandbox.control("seed", account_sid=account.account_sid, conversations=200)
    sandbox.forget("requests")
    seen = facts.bindings(account.service_sid)
    assert (seen.looked_at, seen.complete) == (LOOKED_AT, False)
    counts = sandbox.read("requests")["counts"]
    assert sum(counts.values()) <= LOOKED_AT + 6
    assert facts.bindings(account.service_sid) is seen


def test_a_customers_open_conversations_are_found_by_their_address(
    facts: Facts, http: Any, account: Account
) -> None:
    """With the account's end of the binding; closed ones are left out."""
    sid = bound(http, account, CUSTOMER)
    [binding] = facts.open_with(account.service_sid, CUSTOMER)
    assert (binding.address, binding.proxy_address) == (CUSTOMER, account.phone_number)
    path = f"/v1/Services/{account.service_sid}/Conversations/{sid}"
    http.post(path, data={"State": "closed"})
    assert Facts(facts.session).open_with(account.service_sid, CUSTOMER) == ()


def test_an_address_without_a_service_lands_in_the_default_one(
    facts: Facts, http: Any, account: Account
) -> None:
    """One that makes no conversations lands nowhere."""
    for number, enabled in (("+15550001111", "true"), ("+15550002222", "false")):
        form = {"Type": "sms", "Address": number, "AutoCreation.Enabled": enabled}
        assert http.post("/v1/Configuration/Addresses", data=form).status_code == 201
    default = http.get("/v1/Configuration").json()["default_chat_service_sid"]
    assert facts.landings() == (Landing("+15550001111", "sms", "SMS", default.lower(), "default"),)


def test_what_is_refused_is_asked_once(
    facts: Facts, sandbox: SandboxProcess, account: Account
) -> None:
    """And fails each time it is needed."""
    sandbox.fault("status", status=403, code=20403, path="IncomingPhoneNumbers", times=None)
    sandbox.forget("requests")
    for _ in range(3):
        with pytest.raises(ApiError):
            facts.numbers()
    counts = sandbox.read("requests")["counts"]
    assert sum(n for line, n in counts.items() if "IncomingPhoneNumbers" in line) == 1
    assert facts.own() == frozenset()
