"""The map of what comes in: who takes calls and messages today and after a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.incoming import Way, incoming
from bridge_helpers.target import connect

from ..sandbox_process import Account, SandboxProcess
from ..waiting import until

Asked = Callable[..., dict[tuple[str, str], Way]]


@pytest.fixture
def http(sandbox: SandboxProcess, account: Account) -> Any:
    with sandbox.client(account) as opened:
        yield opened


@pytest.fixture
def connected(sandbox: SandboxProcess, account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)
    with connect("twilio") as session:
        yield session


@pytest.fixture
def asked(connected: Session, account: Account) -> Asked:
    def ask(settings: Any = None) -> dict[tuple[str, str], Way]:
        found = incoming(connected, account.service_sid, settings)
        return {(one.address, one.traffic): one for one in found.ways}

    return ask


def numbers(http: Any, account: Account) -> dict[str, str]:
    listed = http.get(f"/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers.json")
    return {one["phone_number"]: one["sid"] for one in listed.json()["incoming_phone_numbers"]}


def settle(http: Any, account: Account, number: str, **settings: str) -> None:
    sid = numbers(http, account)[number]
    path = f"/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers/{sid}.json"
    assert http.post(path, data=settings).status_code == 200


def test_what_nobody_takes_is_shown_as_well(asked: Asked, account: Account) -> None:
    """Every number with what it is able to, and what the service's conversations use."""
    ways = asked()
    assert ways[account.phone_number, "calls"].cells[2:] == ("nowhere", "nowhere", "")
    [silent] = [address for address, _ in ways if (address, "calls") not in ways]
    assert ways[silent, "SMS"].today == ()
    # Seeded customers write SMS to the first number, into the classic service.
    used = ways[account.phone_number, "SMS"]
    assert used.cells[2] == "classic service Support chat, by open conversations"
    assert used.cells[3] == "classic service Support chat, by open conversations, bridged"


def test_a_bridge_that_is_planned_takes_its_calls(asked: Asked, account: Account) -> None:
    """Before it exists, the map shows what it will capture."""
    rule = {"from": "*", "to": account.phone_number, "metadata": {"callType": "PSTN"}}
    way = asked({"VOICE": {"captureRules": [rule]}})[account.phone_number, "calls"]
    assert way.cells[2:4] == ("nowhere", "Orchestrator, captured by the new bridge")


def test_a_number_that_is_written_as_text_is_read(asked: Asked, account: Account) -> None:
    """As in the answers of the service, which are what is drawn."""
    timed = {"VOICE": {"statusTimeouts": {"inactive": "10", "closed": 60}}}
    assert asked(timed)[account.phone_number, "calls"].cells[2:4] == ("nowhere", "nowhere")


def test_a_rule_beside_the_bridge_is_marked(asked: Asked, http: Any, account: Account) -> None:
    """Messages that the bridge carries and a rule captures come in twice; calls do not."""
    rules = {"captureRules": [{"from": "*", "to": account.phone_number}]}
    body = {
        "displayName": "bridge",
        "description": "d",
        "conversationGroupingType": "GROUP_BY_PROFILE",
        "memoryStoreId": account.memory_store_id,
        "conversationsV1Bridge": {"serviceId": account.service_sid},
    }
    assert http.post("/v2/ControlPlane/Configurations", json=body).status_code == 202
    listed = "/v2/ControlPlane/Configurations"
    until(lambda: http.get(listed).json()["configurations"], what="the configuration")
    ways = asked({"SMS": rules, "VOICE": rules})
    sms = ways[account.phone_number, "SMS"]
    assert "twice" in sms.twice
    assert "captured by bridge" in sms.cells[3]
    assert "captured" not in sms.cells[2]
    calls = ways[account.phone_number, "calls"]
    assert calls.cells[2:] == ("nowhere", "Orchestrator, captured by bridge", "")


def test_what_answers_a_number_is_named_in_its_order(
    asked: Asked, http: Any, account: Account
) -> None:
    """A trunk before an application before a URL; a Studio flow by its sid, a URL by its host."""
    flow = "FW" + "1" * 32
    settle(
        http,
        account,
        account.phone_number,
        VoiceUrl=f"https://webhooks.twilio.com/v1/Accounts/{account.account_sid}/Flows/{flow}",
        SmsUrl="https://user:secret@example.com/sms?token=1",
    )
    ways = asked()
    assert ways[account.phone_number, "calls"].cells[2] == f"Studio flow {flow}"
    sms = ways[account.phone_number, "SMS"]
    assert "URL at example.com" in sms.cells[2]
    assert "secret" not in str(sms)
    assert sms.twice.startswith("Answered twice")
    settle(http, account, account.phone_number, VoiceApplicationSid="AP" + "2" * 32)
    assert asked()[account.phone_number, "calls"].cells[2] == "application AP" + "2" * 32
    settle(http, account, account.phone_number, TrunkSid="TK" + "3" * 32)
    assert asked()[account.phone_number, "calls"].cells[2] == "SIP trunk TK" + "3" * 32


def test_addresses_of_classic_and_messaging_services_are_named(
    asked: Asked, http: Any, account: Account
) -> None:
    """An address configuration names its service and what is told; a type without channel too."""
    other = http.post("/v1/Services", data={"FriendlyName": "Sales"}).json()["sid"]
    for kind, address, more in (
        ("whatsapp", "whatsapp:+15550001111", {"AutoCreation.ConversationServiceSid": other}),
        ("email", "me@example.com", {"AutoCreation.Type": "webhook"}),
    ):
        form = {"Type": kind, "Address": address, "AutoCreation.Enabled": "true", **more}
        assert http.post("/v1/Configuration/Addresses", data=form).status_code == 201
    [silent] = [one for one in numbers(http, account) if one != account.phone_number]
    made = http.post(
        "/messaging/v1/Services",
        data={"FriendlyName": "Alerts", "InboundRequestUrl": "https://alerts.example.com"},
    ).json()["sid"]
    member = {"PhoneNumberSid": numbers(http, account)[silent]}
    http.post(f"/messaging/v1/Services/{made}/PhoneNumbers", data=member)
    ways = asked()
    assert ways["+15550001111", "WhatsApp"].cells[2] == "classic service Sales"
    assert "webhook" in ways["me@example.com", "email"].cells[2]
    assert ways[silent, "SMS"].cells[2] == ("Messaging Service Alerts; URL at alerts.example.com")


def test_what_cannot_be_read_is_said(
    connected: Session, sandbox: SandboxProcess, account: Account
) -> None:
    """The rest of the map is there all the same."""
    sandbox.fault("status", status=403, code=20403, path="IncomingPhoneNumbers", times=None)
    found = incoming(connected, account.service_sid)
    sandbox.forget("faults")
    assert any("Not all could be read" in note for note in found.notes)
    assert found.ways
