"""What is wanted, checked before the network, and the request it becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge_helpers.api.models import CaptureRule, Configuration
from bridge_helpers.api.session import Session
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding import channels
from bridge_helpers.onboarding.channels import Capture
from bridge_helpers.onboarding.plan import (
    GROUPING_EXAMPLE,
    GROUPING_MEANING,
    Plan,
    Wanted,
    check_apply,
    check_sync_timeout,
)

SERVICE = "IS" + "0123456789abcdef" * 2
STORE = "mem_store_0" + "a1" * 12 + "z"
NUMBER = "+15551234567"


def planned(**changes: Any) -> Plan:
    values: dict[str, Any] = {"service_sid": SERVICE, "memory_store_id": STORE, **changes}
    return Plan(**values)


def test_the_request_is_the_guides() -> None:
    """A pure bridge sends five members and nothing else."""
    assert planned(display_name="Support", description="A bridge").body() == {
        "displayName": "Support",
        "description": "A bridge",
        "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
        "memoryStoreId": STORE,
        "conversationsV1Bridge": {"serviceId": SERVICE},
    }


def test_a_voice_number_adds_the_guides_capture_rule() -> None:
    """Calls from anybody to the number, over the phone network."""
    assert planned(voice_number=NUMBER).body()["channelSettings"] == {
        "VOICE": {"captureRules": [{"from": "*", "to": NUMBER, "metadata": {"callType": "PSTN"}}]}
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("service_sid", "IS123"),
        ("service_sid", "CH" + "0" * 32),
        ("service_sid", "is" + "0" * 32),
        ("service_sid", SERVICE + "0"),
        ("memory_store_id", "mem_store_123"),
        ("memory_store_id", STORE.replace("mem_store_0", "mem_store_9")),
        ("memory_store_id", STORE.upper()),
        ("grouping", "GROUP_BY_MOOD"),
        ("grouping", ""),
        ("display_name", ""),
        ("display_name", "   "),
        ("display_name", "x" * 33),
        ("display_name", "Bridge!"),
        ("display_name", "Brücke"),
        ("display_name", "one\n"),
        ("description", ""),
        ("description", " \n"),
        ("description", "x" * 513),
        ("description", "bell\x07"),
        ("voice_number", "5551234567"),
        ("voice_number", "+0555"),
        ("voice_number", "+1555123456789012"),
        ("voice_number", 15551234567),
        ("display_name", 7),
        ("service_sid", None),
    ],
)
def test_bad_values_are_refused_with_field_value_and_rule(field: str, value: object) -> None:
    """The message names the field and the rule, and shows the value."""
    with pytest.raises(InvalidInput) as refused:
        Wanted.checked(**{field: value})
    assert refused.value.field == field
    assert refused.value.rule
    assert str(refused.value).startswith(f"{field} is ")
    assert refused.value.exit_status == 2


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("service_sid", f" IS{SERVICE[2:].upper()} ", SERVICE),
        ("service_sid", "", ""),
        ("memory_store_id", "mem_service_" + STORE[10:], "mem_service_" + STORE[10:]),
        ("display_name", "x" * 32, "x" * 32),
        ("display_name", "A-b_c 9", "A-b_c 9"),
        ("description", "x" * 512, "x" * 512),
        ("description", "Zwei\nZeilen für Ähm ✓", "Zwei\nZeilen für Ähm ✓"),
        ("voice_number", NUMBER, NUMBER),
    ],
)
def test_good_values_are_kept_in_canonical_form(field: str, given: str, kept: str) -> None:
    """v2 takes service sids in lower case only, so that is how they are sent."""
    assert getattr(Wanted.checked(**{field: given}), field) == kept


@pytest.mark.parametrize("value", [0, -1, 3601, float("nan"), float("inf"), True, "30", None])
def test_a_timeout_is_a_sensible_number_of_seconds(value: object) -> None:
    """Nothing that would never end or never wait."""
    with pytest.raises(InvalidInput, match="sync_timeout"):
        check_sync_timeout(value)


@pytest.mark.parametrize(
    ("value", "meant"), [(True, True), (False, False), ("false", False), ("True", True)]
)
def test_apply_false_as_text_is_not_true(value: object, meant: bool) -> None:
    """Papermill passes `-p apply false` as text, which Python takes for true."""
    assert check_apply(value) is meant


@pytest.mark.parametrize("value", [1, 0, None, "yes", ""])
def test_apply_takes_nothing_else(value: object) -> None:
    """What is neither true nor false is refused: a guess might write."""
    with pytest.raises(InvalidInput, match="apply"):
        check_apply(value)


def configuration(plan: Plan, **changes: object) -> Configuration:
    import msgspec

    return msgspec.convert({"id": "conv_configuration_1", **plan.body(), **changes}, Configuration)


def test_a_configuration_made_from_the_plan_does_not_differ() -> None:
    """Also when the service spells the sid in capitals, or knows more than the plan says."""
    plan = planned(voice_number=NUMBER)
    assert plan.differences(configuration(plan)) == ()
    loud = {"conversationsV1Bridge": {"serviceId": f"IS{SERVICE[2:].upper()}"}}
    assert plan.differences(configuration(plan, **loud, memoryExtractionEnabled=True)) == ()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("display_name", {"displayName": "Other"}),
        ("description", {"description": "Other"}),
        ("grouping", {"conversationGroupingType": "GROUP_BY_PROFILE"}),
        ("memory_store_id", {"memoryStoreId": "mem_store_" + "1" * 26}),
        ("service_sid", {"conversationsV1Bridge": None}),
        ("voice_number", {"channelSettings": {}}),
        (
            "voice_number",
            {
                "channelSettings": channels.channel_settings(
                    [channels.inbound_calls("+15557654321")]
                )
            },
        ),
    ],
)
def test_every_planned_field_counts_as_a_difference(field: str, changes: dict[str, Any]) -> None:
    """A bridge with another setting than planned is never taken for the planned one."""
    plan = planned(voice_number=NUMBER)
    found = plan.differences(configuration(plan, **changes))
    assert [name for name, _, _ in found] == [field]


@pytest.mark.parametrize("channel", ["SMS", "RCS", "WHATSAPP", "CHAT"])
def test_messaging_capture_beside_a_bridge_is_refused(channel: str) -> None:
    """It is the same traffic and would arrive twice."""
    messages = Capture(channel, (CaptureRule(from_="*", to=NUMBER),))
    with pytest.raises(InvalidInput, match=f"{channel}.*same traffic"):
        channels.refuse_messaging_capture([channels.inbound_calls(NUMBER), messages])
    channels.refuse_messaging_capture([channels.inbound_calls(NUMBER)])


def test_captures_are_typed_values_of_a_plan() -> None:
    """Rules of one channel come together in the request, and a request gives its plan back."""
    other = channels.inbound_calls("+15557654321")
    plan = planned(voice_number=NUMBER, captures=(other,))
    rules = plan.body()["channelSettings"]["VOICE"]["captureRules"]
    assert [rule["to"] for rule in rules] == [NUMBER, "+15557654321"]
    again = Plan.of_body(plan.body())
    assert again.body() == plan.body()
    assert again.voice_number == ""
    assert plan.differences(configuration(plan)) == again.differences(configuration(plan)) == ()


def test_a_capture_that_is_not_there_is_a_difference() -> None:
    """Also when it is one of several, or another call type; a wider rule takes it in."""
    plan = planned(captures=(channels.inbound_calls(NUMBER),))
    rule = {"from": "*", "to": NUMBER}
    for rules, same in (
        ([rule], True),
        ([{**rule, "to": "*"}], True),
        ([{**rule, "metadata": {"callType": "CLIENT"}}], False),
        ([{**rule, "from": "+15550000000"}], False),
        ([], False),
    ):
        there = configuration(plan, channelSettings={"VOICE": {"captureRules": rules}})
        found = plan.differences(there)
        assert (found == ()) is same, rules
        assert same or found[0][0] == "captures"


def test_every_grouping_type_is_explained() -> None:
    """A meaning and an example for each type that the service takes."""
    assert set(GROUPING_MEANING) == set(GROUPING_EXAMPLE)
    assert all(Wanted.checked(grouping=name) for name in GROUPING_MEANING)


def test_the_curl_names_variables_and_no_secret(session: Session) -> None:
    """What is pasted into a terminal holds the body and the names of the variables only."""
    curl = planned().curl(session, key="6b9f0c1e-0000-4000-8000-000000000000")
    assert '-u "$TWILIO_API_KEY:$TWILIO_API_SECRET"' in curl
    assert "Idempotency-Key: 6b9f0c1e" in curl
    body = curl.split("-d '")[1].rsplit("'", 1)[0]
    assert json.loads(body) == planned().body()
    assert session.account.credentials.secret.reveal() not in curl
