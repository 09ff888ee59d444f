"""What is concluded from accounts and machines that are not as the guide has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge_helpers.api.retries import Limits
from bridge_helpers.api.session import Session
from bridge_helpers.errors import (
    BridgeError,
    InvalidInput,
    NotEnabled,
    NotFound,
    SandboxUnavailable,
    UnsafeAddress,
)
from bridge_helpers.onboarding import channels
from bridge_helpers.onboarding.journal import Scope
from bridge_helpers.onboarding.plan import Wanted
from bridge_helpers.onboarding.preflight import Preflight, preflight
from bridge_helpers.sandbox_process import running_sandbox
from bridge_helpers.settings import (
    Account,
    Credentials,
    Secret,
    checked_address,
    origins_for,
)
from bridge_helpers.sources import Source, chosen

from .children import account
from .conftest import QUICK, Client
from .server import Server, Spoil, drops_before, refuses
from .world import SERVICE_SID, STORE_ID, Reply

NUMBER = "+15550001111"
HASTY = replace(QUICK, first_wait=0.01)
VOICE = {"VOICE": {"captureRules": [{"from": "*", "to": NUMBER}]}}


def answers(value: Any) -> Spoil:
    """Says this, whatever the work would have been."""
    return lambda call, work: Reply.of(value)


def checked(server: Server, **wanted: Any) -> Preflight:
    where = Wanted(service_sid=SERVICE_SID, memory_store_id=STORE_ID, **wanted)
    with Session(account(server.url), HASTY) as session:
        return preflight(session, where)


def found(checks: Preflight, check: str) -> list[tuple[str, str]]:
    return [(one.level, one.found) for one in checks.findings if one.check == check]


# regions


def test_both_names_of_the_default_region_share_a_journal() -> None:
    """`us1` and no region are one place, and idempotency keys reach as far."""
    credentials = Credentials("AC" + "0" * 32, "SK" + "0" * 32, Secret("x"))

    def scope(region: str, host: str = "") -> Scope:
        addresses = {"conversations": f"https://{host}"} if host else {}
        where = Account("twilio", credentials, origins_for(region, addresses), region)
        with Session(where) as session:
            return Scope.of(session, SERVICE_SID)

    # As journals of before have it.
    assert (scope("").region, scope("").origin) == ("us1", "https://conversations.twilio.com")
    assert scope("") == scope("us1")
    for host in ("conversations.us1.twilio.com", "conversations.ashburn.us1.twilio.com"):
        assert scope("", host) == scope("us1", host) == scope("")
    assert scope("") != scope("ie1")
    # A host of another region, or of another owner, is another place.
    for host in ("conversations.dublin.ie1.twilio.com", "conversations.us1.twilio.com.example"):
        assert scope("", host) != scope("")


# what preflight concludes


@pytest.mark.parametrize("spoil", [refuses(401, "Authenticate", 20003), drops_before])
def test_numbers_that_cannot_be_read_hide_nothing(server: Server, spoil: Spoil) -> None:
    """The list of numbers is optional: what comes after it is looked at all the same."""
    capture = {"SMS": {"captureRules": [{"from": "*", "to": NUMBER}]}}
    server.world.add_configuration(displayName="x", channelSettings=capture)
    server.spoil(spoil, "IncomingPhoneNumbers", None)
    checks = checked(server)
    assert found(checks, "phone number")[0][0] == "warning"
    assert found(checks, "same traffic") == [("warning", "x captures SMS by rule.")]
    assert checks.ok
    with_voice = checked(server, voice_number=NUMBER)
    assert found(with_voice, "voice number")[0][0] == "error"
    assert not with_voice.ok


def addresses(*services: str | None) -> Spoil:
    listed = [
        {
            "sid": f"IG{number:032x}",
            "type": "sms",
            "auto_creation": {"enabled": True, "conversation_service_sid": sid},
        }
        for number, sid in enumerate(services)
    ]
    return answers({"address_configurations": listed, "meta": {"next_page_url": None}})


OTHER = "IS" + "f" * 32


@pytest.mark.parametrize(
    ("services", "level", "words"),
    [
        ((), "ok", "None is set"),
        ((SERVICE_SID,), "ok", "1 address creates conversations in this service"),
        ((OTHER, OTHER), "warning", "2 addresses create conversations in another service, none"),
        ((SERVICE_SID, OTHER, OTHER), "info", "in another service, 1 in this one"),
        ((None,), "warning", "1 address creates conversations in another service, none"),
        ((None, SERVICE_SID), "info", "in another service, 1 in this one"),
    ],
)
def test_where_inbound_messages_land(
    server: Server, services: tuple[str | None, ...], level: str, words: str
) -> None:
    """An address without a service of its own takes the default one (Twilio's OpenAPI)."""
    server.spoil(addresses(*services), "Addresses", None)
    server.spoil(answers({"default_chat_service_sid": OTHER}), "v1/Configuration$", None)
    [(told, text)] = found(checked(server), "inbound addresses")
    assert told == level
    assert words in text


def test_the_default_service_may_be_the_one(server: Server) -> None:
    """Then addresses without a service feed it."""
    server.spoil(addresses(None), "Addresses", None)
    server.spoil(answers({"default_chat_service_sid": SERVICE_SID}), "v1/Configuration$", None)
    assert found(checked(server), "inbound addresses")[0][0] == "ok"


def test_a_number_that_another_configuration_captures_is_told(server: Server) -> None:
    """Before it costs money; the one that bridges the service already is not another one."""
    server.world.numbers = [NUMBER]
    server.world.add_configuration(displayName="theirs", channelSettings=VOICE)
    told = found(checked(server, voice_number=NUMBER), "voice number")
    assert [level for level, _ in told] == ["warning", "info"]
    assert "theirs captures" in told[0][1]


def test_a_number_without_a_number_is_no_reason_to_fail(server: Server) -> None:
    """The specification lets `phone_number` be null."""
    able = {"voice": True, "sms": True}
    listed = [
        {"sid": "PN" + "1" * 32, "phone_number": None, "capabilities": None},
        {"sid": "PN" + "2" * 32, "phone_number": NUMBER, "capabilities": able},
    ]
    numbers = answers({"incoming_phone_numbers": listed, "next_page_uri": None})
    server.spoil(numbers, "IncomingPhoneNumbers", None)
    words = f"None was chosen; {NUMBER} of the account: voice and SMS."
    assert found(checked(server), "phone number") == [("ok", words)]


def test_calls_need_no_number_with_sms(server: Server) -> None:
    """Of a number that was chosen for its calls it is said what it has, and that is well."""
    able = {"voice": True, "sms": False}
    listed = [{"sid": "PN" + "2" * 32, "phone_number": NUMBER, "capabilities": able}]
    numbers = answers({"incoming_phone_numbers": listed, "next_page_uri": None})
    server.spoil(numbers, "IncomingPhoneNumbers", None)
    told = found(checked(server, voice_number=NUMBER), "phone number")
    assert told == [("ok", f"{NUMBER}: voice, which its calls need; no SMS.")]


@pytest.mark.parametrize(("to", "captured"), [(NUMBER, True), ("*", True), ("+15550002222", False)])
def test_a_rule_for_every_number_captures_this_one(client: Client, to: str, captured: bool) -> None:
    """`*` matches any address."""
    rules = {"VOICE": {"captureRules": [{"from": "*", "to": to}]}}
    client.world.add_configuration(channelSettings=rules)
    [there] = client.session.orchestrator.configurations()
    assert channels.captures_voice(there, NUMBER) == captured


# lists


def test_a_list_waits_out_a_rate_limit_like_everything_else(client: Client) -> None:
    """Smaller pages help against errors; 429 is waited for with all the patience there is."""
    patient = Limits(attempts=8, seconds=90.0, timeout=0.6, first_wait=0.5)
    with Session(account(client.server.url), patient) as session:
        client.session = session
        client.server.spoil(refuses(429, Retry_After="2"), "GET .*Configurations$", 6)
        assert client.create().outcome == "created"


def test_what_is_missing_is_not_always_the_product(client: Client) -> None:
    """404 on the first page of a whole list is the product; later, or for a channel, it is not."""
    api = client.session.orchestrator
    client.world.conversations = [
        {"id": f"conv_conversation_0{n:025d}", "status": "ACTIVE"} for n in range(3)
    ]
    client.server.spoil(refuses(404, "No such page"), "GET /v2/Conversations$", None, 1)
    reading = iter(api.conversations(size=2))
    assert next(reading)
    with pytest.raises(NotFound, match="No such page") as expired:
        list(reading)
    assert not isinstance(expired.value, NotEnabled)
    client.server.faults.clear()
    client.server.spoil(refuses(404, "Nothing"), "GET /v2/Conversations$", None)
    with pytest.raises(NotEnabled):
        list(api.conversations())
    with pytest.raises(NotFound) as nothing:
        list(api.conversations(channel_id="CH" + "0" * 32))
    assert not isinstance(nothing.value, NotEnabled)


@pytest.mark.parametrize(
    ("escaped", "read"),
    [
        (r"half \ud83d", "half \ufffd"),
        (r"\uDE00 half", "\ufffd half"),
        (r"whole \ud83d\ude00", "whole \U0001f600"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"no escape \\ud83d", r"no escape \ud83d"),
    ],
)
def test_half_a_character_does_not_hide_a_page(client: Client, escaped: str, read: str) -> None:
    """A text that was cut within an emoji is JSON that no parser takes: the half is replaced."""
    page = f'{{"configurations": [{{"id": "c", "displayName": "{escaped}"}}], "meta": {{}}}}'
    client.server.spoil(lambda call, work: Reply(200, page.encode()), "Configurations$")
    assert [one.display_name for one in client.session.orchestrator.configurations()] == [read]


# machines


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080"),
        ("HTTPS_PROXY", "foo://someone:hidden@x"),
        ("SSL_CERT_FILE", "/nonexistent.pem"),
    ],
)
def test_unusable_settings_of_the_network(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Named, before anything is sent; on this machine alone they are of no concern."""
    monkeypatch.setenv(name, value)
    credentials = Credentials("AC" + "0" * 32, "SK" + "0" * 32, Secret("x"))
    with pytest.raises(UnsafeAddress) as unusable:
        Session(Account("twilio", credentials, origins_for("", {})))
    assert name in unusable.value.action
    assert "hidden" not in unusable.value.for_support()
    with Session(account(server.url), QUICK) as session:
        assert list(session.orchestrator.configurations()) == []


def test_a_home_that_cannot_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback: the folder is named, and how to choose another."""
    home = tmp_path / "home"
    (home / "sandbox.lock").mkdir(parents=True)
    monkeypatch.setenv("BRIDGE_HOME", str(home))
    with pytest.raises(SandboxUnavailable) as unusable:
        running_sandbox()
    assert str(home) in unusable.value.why
    assert "BRIDGE_HOME" in unusable.value.action


# what may be a secret


@pytest.mark.parametrize(
    "refused",
    [
        lambda: checked_address("TWILIO_API_URL", "https://SK1:topsecret"),
        lambda: checked_address("TWILIO_API_URL", "https://SK1:topsecret\u2100@h.example"),
        lambda: chosen([Source("x", {})], "SK111:topsecretX"),
        lambda: chosen([Source("x", {})], "topsecret" * 4),
    ],
)
def test_what_was_pasted_in_the_wrong_place_is_not_shown(refused: Callable[[], object]) -> None:
    """An address or a prefix that is refused is not quoted: it may hold a password."""
    with pytest.raises(BridgeError) as error:
        refused()
    assert isinstance(error.value, UnsafeAddress | InvalidInput)
    assert "topsecret" not in error.value.for_support() + repr(error.value.__dict__)


def test_the_variable_that_is_wrong_is_named_with_its_prefix() -> None:
    """A secret that cannot stand in a header, of one customer among many."""
    env = {"ACME_TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "ACME_TWILIO_AUTH_TOKEN": "schlüssel"}
    with pytest.raises(InvalidInput) as wrong:
        Source("x", env).credentials("ACME")
    assert wrong.value.field == "ACME_TWILIO_AUTH_TOKEN"
