"""Messaging is asked at an address of its own, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge_helpers.api.session import Session
from bridge_helpers.target import connect

if TYPE_CHECKING:
    import pytest

    from ..sandbox_process import Account, SandboxProcess


def opened(
    sandbox: SandboxProcess, account: Account, monkeypatch: pytest.MonkeyPatch, **changed: str
) -> Session:
    for name, value in {**sandbox.environment(account), **changed}.items():
        monkeypatch.setenv(name, value)
    return connect("twilio")


def test_services_and_their_numbers_are_read(
    sandbox: SandboxProcess, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pages, below the path of the address that the sandbox prints."""
    assert sandbox.info["messaging_url"] == f"{sandbox.url}/messaging"
    with sandbox.client(account) as http:
        numbers = http.get(f"/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers.json")
        sid = numbers.json()["incoming_phone_numbers"][0]["sid"]
        for number in range(120):
            made = http.post("/messaging/v1/Services", data={"FriendlyName": f"S{number}"})
        members = f"/messaging/v1/Services/{made.json()['sid']}/PhoneNumbers"
        assert http.post(members, data={"PhoneNumberSid": sid}).status_code == 201
    with opened(sandbox, account, monkeypatch) as session:
        assert session.messaging.has_address
        services = list(session.messaging.services())
        assert len(services) == 121
        assert services[-1].friendly_name == "S119"
        assert [one.sid for one in session.messaging.numbers(services[-1].sid)] == [sid]
        assert list(session.messaging.numbers(services[0].sid)) == []


def test_without_an_address_on_loopback_it_is_not_asked(
    sandbox: SandboxProcess, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/v1/Services` of the stand-in is classic's, and would be taken for messaging's."""
    with opened(sandbox, account, monkeypatch, TWILIO_MESSAGING_URL="") as session:
        assert not session.messaging.has_address
