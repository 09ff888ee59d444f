"""Every check of combined channels: a case that fires, and one close to it that must not."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers.api.models import (
    CaptureRule,
    Configuration,
    IdentitySettings,
    MessagingBinding,
    MessagingService,
    PhoneNumber,
    Store,
    Webhooks,
)
from bridge_helpers.errors import ApiError, BridgeError
from bridge_helpers.onboarding.channels.compose import Placed
from bridge_helpers.onboarding.channels.rules import (
    ANY,
    between,
    covers,
    matches,
    mirrored,
    overlap,
    plain,
)
from bridge_helpers.onboarding.conflicts.facts import Bindings, Facts, Landing
from bridge_helpers.onboarding.conflicts.run import conflicts
from bridge_helpers.onboarding.conflicts.situation import Situation
from bridge_helpers.onboarding.conflicts.table import CONFLICTS
from bridge_helpers.onboarding.findings import Finding

SERVICE, OTHER = "IS" + "1" * 32, "IS" + "2" * 32
STORE = "mem_store_0" + "1" * 25
MINE, SILENT, CUSTOMER = "+15550000001", "+15550000002", "+15557770001"
PN = "PN" + "1" * 32


def owned(number: str = MINE, **members: Any) -> PhoneNumber:
    able = {"voice": True, "sms": True}
    return msgspec.convert(
        {"sid": PN, "phone_number": number, "capabilities": able, **members}, PhoneNumber
    )


SMS_ONLY = owned(SILENT, sid="PN" + "2" * 32, capabilities={"voice": False, "sms": True})


@dataclass(frozen=True)
class Case:
    """An account and the rules of one configuration in it; by default nothing is wrong with it."""

    rules: tuple[Placed, ...] = ()
    numbers: Any = (owned(), SMS_ONLY)
    landings: tuple[Landing, ...] = ()
    bindings: Bindings = field(default_factory=lambda: Bindings({}, 3, True))
    talks: tuple[MessagingBinding, ...] = ()
    others: tuple[Configuration, ...] = ()
    memberships: dict[str, MessagingService] = field(default_factory=dict)
    messaging: bool = True
    grouping: str = "GROUP_BY_PARTICIPANT_ADDRESSES"
    status: str = "ACTIVE"
    id_types: tuple[str, ...] = ("chat", "phone")
    target: str = "webhook"
    timed: frozenset[str] = frozenset({"VOICE", "SMS", "WHATSAPP", "RCS", "CHAT"})

    def found(self) -> dict[str, Finding]:
        """Findings by name; the summary left out."""
        known = {
            "configurations": self.others,
            "numbers": self.numbers,
            "addresses": (),
            "landings": self.landings,
            "memberships": self.memberships,
            "webhooks": Webhooks(target=self.target),
            ("bindings", SERVICE): self.bindings,
            ("open_with", SERVICE, CUSTOMER): self.talks,
            ("store", STORE): Store(id=STORE, status=self.status),
            ("identity", STORE): msgspec.convert(
                {"identifierConfigs": [{"idType": one} for one in self.id_types]}, IdentitySettings
            ),
        }
        session: Any = SimpleNamespace(messaging=SimpleNamespace(has_address=self.messaging))
        at = Situation(
            Facts(session, known),
            SERVICE,
            "conv_configuration_mine",
            self.rules,
            self.grouping,
            STORE,
            self.timed,
        )
        return {one.check: one for one in conflicts(at, summarise=False)}


def rule(
    channel: str, sender: str, receiver: str, kind: str | None = None, *, new: bool = True
) -> Placed:
    given_kind = {"callType": kind} if kind else None
    return Placed(channel, CaptureRule(from_=sender, to=receiver, metadata=given_kind), new)


def calls(to: str = MINE, kind: str | None = "PSTN") -> tuple[Placed, ...]:
    return (rule("VOICE", "*", to, kind),)


def messages(address: str = MINE, channel: str = "SMS", new: bool = True) -> tuple[Placed, ...]:
    return (
        rule(channel, "*", address, new=new),
        rule(channel, address, "*", new=new),
    )


def landing(address: str, kind: str = "sms", service: str = SERVICE) -> Landing:
    channel = {"sms": "SMS", "whatsapp": "WHATSAPP", "rcs": "RCS", "chat": "CHAT"}.get(kind, "")
    return Landing(address, kind, channel, service.lower(), "default")


def other(*rules: Placed) -> Configuration:
    settings: dict[str, Any] = {}
    for one in rules:
        setting = settings.setdefault(one.channel, {"captureRules": []})
        setting["captureRules"].append(msgspec.to_builtins(one.rule))
    return msgspec.convert(
        {"id": "conv_configuration_theirs", "displayName": "theirs", "channelSettings": settings},
        Configuration,
    )


def used(channel: str, address: str) -> Bindings:
    return Bindings({(channel, plain(address)): 2}, 3, True)


SPOKEN = MessagingBinding(type="sms", address=CUSTOMER, proxy_address=MINE)
ONE_CUSTOMER = (rule("SMS", CUSTOMER, MINE), rule("SMS", MINE, CUSTOMER))
IN_ALERTS = {PN: MessagingService(sid="MG1", friendly_name="Alerts")}
SEVERAL = tuple(rule("VOICE", f"+1555{n:07}", MINE, "PSTN") for n in range(90))

# name of the check, a case that fires, one close to it that must not
CASES = [
    (
        "bridged address",
        Case(messages(), landings=(landing(MINE),)),
        Case(messages(SILENT), landings=(landing(MINE),)),
    ),
    (
        "bridged address",
        Case(messages("whatsapp:" + MINE, "WHATSAPP"), landings=(landing(MINE, "whatsapp"),)),
        Case(messages("whatsapp:" + MINE, "WHATSAPP"), landings=(landing(MINE, "sms"),)),
    ),
    (
        "bridged address",
        Case(messages(), bindings=used("SMS", MINE)),
        Case(messages(), bindings=used("WHATSAPP", MINE)),
    ),
    (
        "bridged address",
        Case((rule("SMS", CUSTOMER, ANY),), landings=(landing(MINE),)),
        Case((rule("SMS", SILENT, ANY),), landings=(landing(MINE),)),
    ),
    (
        "bridged address",
        Case(ONE_CUSTOMER, talks=(SPOKEN,)),
        Case(ONE_CUSTOMER, talks=(msgspec.structs.replace(SPOKEN, proxy_address=SILENT),)),
    ),
    (
        "bridged address",
        Case(messages(), landings=(landing(MINE),)),
        Case(calls(), landings=(landing(MINE),)),
    ),
    (
        "unseen conversations",
        Case(messages(), bindings=Bindings({}, 50, False)),
        Case(calls(), bindings=Bindings({}, 50, False)),
    ),
    ("CHAT rule", Case((rule("CHAT", "*", "support"),)), Case(calls())),
    (
        "captured elsewhere",
        Case(calls(), others=(other(*calls()),)),
        Case(calls(), others=(other(*calls(SILENT)),)),
    ),
    (
        "captured elsewhere",
        Case(calls(), others=(other(*calls(ANY)),)),
        Case(calls(), others=(other(*calls(ANY, "CLIENT")),)),
    ),
    (
        "captured elsewhere",
        Case(messages(), others=(other(*messages()),)),
        Case(messages(), others=(other(*messages(SILENT)),)),
    ),
    (
        "covered rule",
        Case((*calls(), rule("VOICE", CUSTOMER, MINE, "PSTN"))),
        Case((*calls(), rule("VOICE", CUSTOMER, SILENT, "PSTN"))),
    ),
    ("covered rule", Case((*calls(), *calls())), Case(messages())),
    ("two wildcards", Case(calls(ANY)), Case(calls())),
    ("one direction", Case(messages()[:1]), Case(messages())),
    (
        "one direction",
        Case((rule("SMS", MINE, CUSTOMER),)),
        Case(ONE_CUSTOMER),
    ),
    ("one direction", Case(messages()[1:]), Case(calls())),
    ("CLIENT wildcard", Case(calls("ana", "CLIENT")), Case(calls())),
    (
        "CLIENT identity",
        Case((rule("VOICE", "ana", "desk", "CLIENT"),)),
        Case((rule("VOICE", CUSTOMER, MINE, "PSTN"),)),
    ),
    ("call type unknown", Case(calls(kind="SIP")), Case(calls(kind="PUBLIC_SIP"))),
    ("call type missing", Case(calls(kind=None)), Case(calls())),
    (
        "paid twice",
        Case(calls(), numbers=(owned(voice_url="https://example.com/voice"),)),
        Case(calls(), numbers=(owned(), owned(SILENT, voice_url="https://example.com/voice"))),
    ),
    (
        "paid twice",
        Case(calls(), numbers=(owned(trunk_sid="TK1", voice_application_sid="AP1"),)),
        Case(calls(), numbers=(owned(sms_url="https://example.com/sms"),)),
    ),
    ("number", Case(calls(SILENT)), Case(messages(SILENT))),
    ("number", Case(calls("+15559999999")), Case(calls())),
    ("number", Case(messages("+15559999999")), Case(messages("12345"))),
    ("sender", Case(messages("rcs:acme", "RCS")), Case(messages())),
    ("sender", Case(messages("12345")), Case(messages("whatsapp:" + MINE, "WHATSAPP"))),
    (
        "another service",
        Case(messages(), landings=(landing(MINE, service=OTHER),)),
        Case(messages(), landings=(landing(SILENT, service=OTHER),)),
    ),
    (
        "Messaging Service",
        Case(messages(), memberships=IN_ALERTS),
        Case(messages(SILENT), memberships=IN_ALERTS),
    ),
    ("Messaging Service", Case(messages(), memberships=IN_ALERTS), Case(calls())),
    ("messaging not asked", Case(messages(), messaging=False), Case(calls(), messaging=False)),
    (
        "URL beside conversations",
        Case(landings=(landing(MINE),), numbers=(owned(sms_url="https://example.com"),)),
        Case(landings=(landing(SILENT),), numbers=(owned(sms_url="https://example.com"),)),
    ),
    ("rules of a channel", Case(SEVERAL), Case(SEVERAL[:89])),
    ("no timeouts", Case(calls(), timed=frozenset({"CHAT"})), Case(calls())),
    (
        "no chat identifier",
        Case(grouping="GROUP_BY_PROFILE", id_types=("phone",)),
        Case(grouping="GROUP_BY_PARTICIPANT_ADDRESSES", id_types=("phone",)),
    ),
    (
        "no chat identifier",
        Case(grouping="GROUP_BY_PROFILE", id_types=()),
        Case(grouping="GROUP_BY_PROFILE", id_types=("phone", "chat")),
    ),
    ("Agent Connect", Case(grouping="GROUP_BY_PROFILE"), Case()),
    ("memory store", Case(calls(), status="PROVISIONING"), Case(calls())),
    (
        "no channel",
        Case(landings=(landing("me@example.com", "email"),)),
        Case(landings=(landing("me@example.com", "email", OTHER), landing(MINE))),
    ),
    ("Flex", Case(target="flex"), Case(target="webhook")),
]


@pytest.mark.parametrize(("name", "fires", "close"), CASES)
def test_a_check_fires_where_it_must_and_nowhere_near(name: str, fires: Case, close: Case) -> None:
    """What fires says what was found, the risk and what to do, at the level of the table."""
    [row] = [one for one in CONFLICTS if one.name == name]
    finding = fires.found()[name]
    assert finding.level == row.level
    assert (finding.risk, finding.action, finding.link) == (row.risk, row.action, row.link)
    assert finding.found.endswith(".")
    assert name not in close.found()


def test_every_check_of_the_table_has_its_cases() -> None:
    """None is left untried, and no two have one name."""
    assert {name for name, _, _ in CASES} == {one.name for one in CONFLICTS}
    assert len({one.name for one in CONFLICTS}) == len(CONFLICTS)
    assert all(one.risk and one.action and one.source and one.asks for one in CONFLICTS)


def test_the_guides_example_has_no_conflict() -> None:
    """Calls from anybody to an owned number with voice, over the telephone network."""
    assert Case(calls()).found() == {}


def test_timeouts_without_rules_are_valid() -> None:
    """VOICE with timeouts only is how conversations begun in TwiML end."""
    assert Case((), timed=frozenset({"VOICE"})).found() == {}


@pytest.mark.parametrize("row", [one for one in CONFLICTS if one.level == "error"])
def test_what_was_there_before_does_not_keep_a_change_from_being_made(row: Any) -> None:
    """A rule that the change does not bring is told as a warning: releasing must stay possible."""
    for name, fires, _ in CASES:
        if name == row.name:
            old = tuple(Placed(one.channel, one.rule, False) for one in fires.rules)
            case = Case(**{**vars(fires), "rules": old})
            assert case.found()[name].level == "warning"


def test_what_cannot_be_looked_at_is_told_with_the_checks_that_needed_it() -> None:
    """One warning for one reason; the other checks are made all the same."""
    refused = ApiError("Not for this key.", "", "Use another key.", status=403)
    found = Case((*calls(), *calls(ANY)), numbers=refused).found()
    told = found["combined channels"]
    assert told.level == "warning"
    assert "paid twice, number" in told.found
    assert "Not for this key." in told.found
    assert found["two wildcards"].level == "error"


def test_what_can_be_read_of_the_bridged_service_is_enough_to_block() -> None:
    """A key that may not read address configurations still sees the open conversations."""
    refused: Any = ApiError("Not for this key.", "", "", status=403)
    found = Case(messages(), landings=refused, bindings=used("SMS", MINE)).found()
    assert found["bridged address"].level == "error"
    assert "bridged address" in found["combined channels"].found


def test_where_nothing_can_be_looked_at_the_reason_is_raised() -> None:
    """A list of warnings that all say the same would hide it."""
    refused = ApiError("Not for this key.", "", "", status=403)
    session: Any = SimpleNamespace(messaging=SimpleNamespace(has_address=True))
    at = Situation(Facts(session, {"webhooks": refused}), SERVICE, "", ())
    with pytest.raises(BridgeError, match="Not for this key"):
        conflicts(at, [one for one in CONFLICTS if one.name == "Flex"])


# what two rules share

ADDRESSES = [MINE, SILENT, CUSTOMER, f"whatsapp:{MINE}", "rcs:Acme"]
KINDS = ["PSTN", "CLIENT"]
ends = st.sampled_from([ANY, *ADDRESSES])
rules = st.builds(
    CaptureRule,
    from_=ends,
    to=ends,
    metadata=st.sampled_from([None, *({"callType": kind} for kind in KINDS)]),
)


def taken(one: CaptureRule) -> set[tuple[str, str, str]]:
    """By brute force: everything between sample addresses that a rule takes, and one nobody has."""
    sample = {plain(end) for end in [*ADDRESSES, "+15558880000"]}
    return {pair for pair in product(sample, sample, KINDS) if matches(one, *pair)}


@given(rules, rules)
def test_an_overlap_is_what_both_rules_take(one: CaptureRule, other: CaptureRule) -> None:
    """Checker and brute force agree, and so do they on what covers what."""
    shared = overlap(one, other)
    assert (taken(shared) if shared else set()) == taken(one) & taken(other)
    assert covers(one, other) == (taken(other) <= taken(one))
    assert taken(mirrored(one)) == {(to, sender, kind) for sender, to, kind in taken(one)}


@given(st.lists(rules, max_size=4), st.lists(rules, max_size=4))
def test_captured_elsewhere_is_what_brute_force_finds(
    mine: list[CaptureRule], theirs: list[CaptureRule]
) -> None:
    """Traffic with a customer that both take; between two addresses of the account is none."""
    own = {plain(MINE), plain(SILENT)}
    mine_taken = set().union(*map(taken, mine)) if mine else set()
    theirs_taken = set().union(*map(taken, theirs)) if theirs else set()
    both = {(a, b) for a, b, _ in mine_taken & theirs_taken}
    expected = any(a not in own or b not in own for a, b in both)
    case = Case(
        tuple(Placed("VOICE", one, True) for one in mine),
        others=(other(*(Placed("VOICE", one, True) for one in theirs)),),
    )
    assert ("captured elsewhere" in case.found()) == expected


@given(rules)
def test_traffic_between_own_addresses_is_told_apart(one: CaptureRule) -> None:
    """Only where all that a rule takes is between two of them."""
    own = {plain(MINE), plain(SILENT)}
    within = all(a in own and b in own for a, b, _ in taken(one))
    assert between(one, own) == within
