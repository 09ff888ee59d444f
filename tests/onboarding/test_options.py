"""What the guide's request leaves off: parsed, checked, in words and in the request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers.api.models import Configuration
from bridge_helpers.api.session import Session
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.create import create
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.options import ChatTimeouts, Options, chat_setting
from bridge_helpers.onboarding.plan import Plan, Wanted
from bridge_helpers.onboarding.preflight import preflight

from ..sandbox_process import Account

SERVICE = "IS" + "0123456789abcdef" * 2
STORE = "mem_store_0" + "a1" * 12 + "z"
ALL: dict[str, Any] = {
    "memory_extraction": True,
    "chat_timeouts": "15/60",
    "intelligence": "intelligence_configuration_1,second",
    "status_callbacks": "https://example.com/events?x=1,https://example.org/",
}
CHECKS = ("memory extraction", "CHAT timeouts", "intelligence", "status callbacks")


def planned(**changes: Any) -> Plan:
    return Plan(service_sid=SERVICE, memory_store_id=STORE, **changes)


def configuration(plan: Plan, **changes: Any) -> Configuration:
    return msgspec.convert({"id": "conv_configuration_1", **plan.body(), **changes}, Configuration)


def test_all_of_them_are_members_of_the_request() -> None:
    """What is on is named as the API has it; the voice number's rule stays beside the timeouts."""
    body = planned(**ALL, voice_number="+15551234567").body()
    assert body["memoryExtractionEnabled"] is True
    assert body["channelSettings"]["CHAT"] == {"statusTimeouts": {"inactive": 15, "closed": 60}}
    assert list(body["channelSettings"]) == ["VOICE", "CHAT"]
    assert body["intelligenceConfigurationIds"] == ["intelligence_configuration_1", "second"]
    assert body["statusCallbacks"] == [
        {"url": "https://example.com/events?x=1", "method": "POST"},
        {"url": "https://example.org/", "method": "POST"},
    ]


@pytest.mark.parametrize("name", ALL)
def test_each_stands_alone(name: str) -> None:
    """One that is switched on brings no other with it."""
    plain = planned().body()
    added = planned(**{name: ALL[name]}).body()
    assert len(added.keys() - plain.keys()) == 1
    assert {key: added[key] for key in plain} == plain


def test_a_request_gives_its_plan_back() -> None:
    """So a run that was killed can tell from the journal what it had sent."""
    plan = planned(**ALL)
    again = Plan.of_body(plan.body())
    assert again.options == plan.options
    assert again.body() == plan.body()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory_extraction", "yes"),
        ("memory_extraction", 1),
        ("memory_extraction", None),
        ("chat_timeouts", "15"),
        ("chat_timeouts", "15/"),
        ("chat_timeouts", "0/60"),
        ("chat_timeouts", "60/15"),
        ("chat_timeouts", "15/15"),
        ("chat_timeouts", "-15/60"),
        ("chat_timeouts", "1.5/60"),
        ("chat_timeouts", "15/60/90"),
        ("chat_timeouts", "15/1576801"),
        ("chat_timeouts", "١٥/٦٠"),
        ("chat_timeouts", 15),
        ("intelligence", "a b"),
        ("intelligence", "é"),
        ("intelligence", "a,b,c,d,e,f"),
        ("intelligence", 7),
        ("status_callbacks", "http://example.com/"),
        ("status_callbacks", "example.com"),
        ("status_callbacks", "https://"),
        ("status_callbacks", "https:///path"),
        ("status_callbacks", "https://example.com:99999/"),
        ("status_callbacks", "https://example.com/a b"),
        ("status_callbacks", "https://[::1/"),
        ("status_callbacks", "https://user:password@example.com/"),
        ("status_callbacks", "https://a.com/,https://b.com/,https://c.com/"),
        ("status_callbacks", ["https://example.com/a,b"]),
        ("status_callbacks", None),
    ],
)
def test_bad_values_are_refused_with_field_and_rule(field: str, value: object) -> None:
    """Before anything is sent, naming the field; a password in an address is not shown."""
    with pytest.raises(InvalidInput) as refused:
        Wanted.checked(**{field: value})
    assert refused.value.field == field
    assert refused.value.rule
    assert "password@" not in str(refused.value)


@pytest.mark.parametrize(
    ("field", "given_value", "kept"),
    [
        ("memory_extraction", "True", True),
        ("memory_extraction", "false", False),
        ("chat_timeouts", " 15 / 60 ", "15/60"),
        ("chat_timeouts", "  ", ""),
        ("chat_timeouts", "1/1576800", "1/1576800"),
        ("intelligence", " a , b,a ,", "a,b"),
        ("intelligence", ("a", "b"), "a,b"),
        (
            "status_callbacks",
            "https://EXAMPLE.com:8443/x?y=%2C",
            "https://EXAMPLE.com:8443/x?y=%2C",
        ),
    ],
)
def test_good_values_are_kept_in_canonical_form(field: str, given_value: Any, kept: object) -> None:
    """Spaces go, doubles go, order stays."""
    assert getattr(Wanted.checked(**{field: given_value}), field) == kept


@given(inactive=st.integers(-3, 2_000_000), closed=st.integers(-3, 2_000_000))
def test_timeouts_are_what_the_api_takes(inactive: int, closed: int) -> None:
    """Accepted ones are whole minutes from 1, INACTIVE first; all others are refused."""
    good = 1 <= inactive < closed <= 1_576_800
    try:
        found = Options.checked(chat_timeouts=f"{inactive}/{closed}").chat_timeouts
    except InvalidInput:
        assert not good
    else:
        assert good
        assert found == ChatTimeouts(inactive, closed)


def test_what_a_bridge_has_beyond_the_plan_is_no_difference() -> None:
    """Asking for nothing leaves extraction, timeouts, intelligence and callbacks as they are."""
    assert planned().differences(configuration(planned(**ALL))) == ()
    assert planned(**ALL).differences(configuration(planned(**ALL))) == ()


@pytest.mark.parametrize("name", ALL)
def test_what_is_planned_and_not_there_is_a_difference(name: str) -> None:
    """A bridge without it is never taken for the planned one."""
    plan = planned(**{name: ALL[name]})
    assert [one[0] for one in plan.differences(configuration(planned()))] == [name]


def test_other_timeouts_are_a_difference() -> None:
    """15/60 is not 10/60, nor a configuration that has INACTIVE only."""
    plan = planned(chat_timeouts="15/60")
    other = configuration(planned(chat_timeouts="10/60"))
    assert plan.differences(other) == (("chat_timeouts", "15/60", "10/60"),)
    half = {"CHAT": {"statusTimeouts": {"inactive": 15}}}
    assert plan.differences(configuration(planned(), channelSettings=half)) == (
        ("chat_timeouts", "15/60", "15/-"),
    )


def test_a_channels_other_settings_are_kept_with_new_timeouts() -> None:
    """A PATCH replaces the setting of a channel as a whole, members that are unknown included."""
    present = {
        "captureRules": [{"from": "a", "to": "b"}],
        "new": 1,
        "statusTimeouts": {"closed": 9},
    }
    changed = chat_setting(present, ChatTimeouts(15, 60))
    assert changed == {**present, "statusTimeouts": {"inactive": 15, "closed": 60}}
    assert chat_setting(changed, None) == {"captureRules": present["captureRules"], "new": 1}
    assert chat_setting({"statusTimeouts": {"closed": 9}}, None) is None
    newer = {"statusTimeouts": {"closed": 9, "newer": {"a": [None]}}}
    assert chat_setting(newer, ChatTimeouts(15, 60)) == {
        "statusTimeouts": {"inactive": 15, "closed": 60, "newer": {"a": [None]}}
    }


def test_what_is_off_is_said_in_a_line_each(session: Session) -> None:
    """The default is the guide's: preflight names what that leaves off, as info."""
    findings = {one.check: one for one in preflight(session, Wanted()).findings}
    for check in CHECKS:
        assert findings[check].level == "info"
        assert findings[check].found.startswith("Off: ")
        assert "\n" not in findings[check].found
        assert findings[check].action


def test_extraction_without_timeouts_is_a_warning(session: Session) -> None:
    """It would hardly ever run: chats that nobody closes stay open."""
    found = {one.check: one for one in preflight(session, Wanted(memory_extraction=True)).findings}
    assert found["memory extraction"].level == "ok"
    assert found["CHAT timeouts"].level == "warning"
    assert "three years" in found["CHAT timeouts"].risk
    assert "15/60" in found["CHAT timeouts"].action
    both = preflight(session, Wanted(memory_extraction=True, chat_timeouts="10/20"))
    timeouts = next(one for one in both.findings if one.check == "CHAT timeouts")
    assert (timeouts.level, "INACTIVE after 10 min" in timeouts.found) == ("ok", True)


def test_a_bridge_that_is_adopted_is_described_as_it_is(
    session: Session, account: Account, journal: Journal
) -> None:
    """What is on there already is not called off because the plan does not ask for it."""
    plan = Plan(
        service_sid=account.service_sid,
        memory_store_id=account.memory_store_id,
        memory_extraction=True,
        chat_timeouts="15/60",
        status_callbacks="https://example.com/events",
    )
    made = create(session, plan, journal=journal)
    assert Options.of(made.configuration) == plan.options
    found = {one.check: one.level for one in preflight(session, Wanted()).findings}
    assert [found[check] for check in CHECKS] == ["ok", "ok", "info", "ok"]
    again = create(session, replace(plan, memory_extraction=False), journal=journal)
    assert again.outcome == "adopted"


def test_what_is_to_be_linked_has_to_be_there(session: Session) -> None:
    """A bridge that links nothing would be created all the same; nothing asks about the default."""
    wanted = Wanted(intelligence="intelligence_configuration_nowhere")
    found = [one for one in preflight(session, wanted).findings if one.check == "intelligence"]
    assert [one.level for one in found] == ["ok", "error"]
    assert "There is no intelligence configuration" in found[1].found
