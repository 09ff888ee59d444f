"""From intents to channel settings and back, in rules and in words."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers.api.models import CaptureRule
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.channels.compose import check_timeouts, compose
from bridge_helpers.onboarding.channels.intents import KINDS, Intent, check_intents
from bridge_helpers.onboarding.channels.words import rule_in_words, rules_in_words

NUMBER = "+15551234567"
GUIDE = {"from": "*", "to": NUMBER, "metadata": {"callType": "PSTN"}}


def intent(text: str) -> Intent:
    return Intent.checked(text)


@pytest.mark.parametrize(
    ("text", "channel", "rules"),
    [
        (f"voice:{NUMBER}", "VOICE", [("*", NUMBER)]),
        (f" SMS : {NUMBER} ", "SMS", [("*", NUMBER), (NUMBER, "*")]),
        ("sms:12345", "SMS", [("*", "12345"), ("12345", "*")]),
        (
            f"whatsapp:{NUMBER}",
            "WHATSAPP",
            [("*", f"whatsapp:{NUMBER}"), (f"whatsapp:{NUMBER}", "*")],
        ),
        (
            f"whatsapp:whatsapp:{NUMBER}",
            "WHATSAPP",
            [("*", f"whatsapp:{NUMBER}"), (f"whatsapp:{NUMBER}", "*")],
        ),
        ("rcs:brand_acme", "RCS", [("*", "rcs:brand_acme"), ("rcs:brand_acme", "*")]),
    ],
)
def test_an_intent_becomes_its_rules(text: str, channel: str, rules: list[Any]) -> None:
    """Calls come in; messages go both ways; senders are written as their channel writes them."""
    capture = intent(text).capture
    assert capture.channel == channel
    assert [(rule.from_, rule.to) for rule in capture.rules] == rules
    assert Intent.checked(str(intent(text))) == intent(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "voice", f"fax:{NUMBER}", "voice:", "voice:*", "sms:*", "sms:+0", "sms:12"),
        *("whatsapp:acme", "rcs:", "rcs:a b", "voice:+1 555 123 4567", "voice:client:ana"),
        *(5, None),
    ],
)
def test_what_is_no_intent_is_refused(text: object) -> None:
    """Naming the field; a wildcard in an address would capture the whole account."""
    with pytest.raises(InvalidInput, match="release"):
        Intent.checked(text, "release")


def test_the_same_cannot_be_captured_and_released() -> None:
    """However it is written; naming it twice means once."""
    with pytest.raises(InvalidInput, match="is to be captured"):
        check_intents([f"whatsapp:{NUMBER}"], [f"whatsapp:whatsapp:{NUMBER}"])
    wanted, unwanted = check_intents([f"voice:{NUMBER}"] * 2, [f"sms:{NUMBER}"] * 2)
    assert (len(wanted), len(unwanted)) == (1, 1)


def test_the_guides_example_is_one_intent() -> None:
    """VOICE from anybody to the number, callType PSTN; channels that do not change stay unnamed."""
    made = compose({"CHAT": {"statusTimeouts": {"inactive": 15}}}, [intent(f"voice:{NUMBER}")])
    assert made.body == {"channelSettings": {"VOICE": {"captureRules": [GUIDE]}}}
    assert [one.new for one in made.rules] == [True]
    assert made.notes == ()


def test_what_is_there_already_is_not_sent_again() -> None:
    """Also where a wider rule takes it in; half of a pair is completed."""
    wide = {"VOICE": {"captureRules": [{"from": "*", "to": "*"}]}}
    made = compose(wide, [intent(f"voice:{NUMBER}")])
    assert made.body == {}
    assert made.notes == (f"voice:{NUMBER} is captured already.",)
    half = {"SMS": {"captureRules": [{"from": "*", "to": NUMBER}]}}
    made = compose(half, [intent(f"sms:{NUMBER}")])
    assert made.changes["SMS"]["captureRules"] == [
        {"from": "*", "to": NUMBER},
        {"from": NUMBER, "to": "*"},
    ]
    assert [one.new for one in made.rules] == [False, True]


def test_releasing_takes_away_exactly_its_rules() -> None:
    """Other rules, timeouts and members that are not known here stay as they are."""
    other = {"from": "*", "to": "+15559999999", "metadata": {"callType": "CLIENT"}, "new": 1}
    present = {
        "VOICE": {
            "statusTimeouts": {"closed": 60, "later": True},
            "captureRules": [GUIDE, other, {**GUIDE, "metadata": {"callType": "CLIENT"}}],
            "strange": {"deep": [1, None]},
        },
        "SMS": {
            "captureRules": [
                {"from": "*", "to": NUMBER},
                {"from": NUMBER, "to": "*"},
            ]
        },
    }
    before = copy.deepcopy(present)
    made = compose(present, (), [intent(f"voice:{NUMBER}"), intent(f"sms:{NUMBER}")])
    assert present == before
    assert made.changes == {
        "VOICE": {
            "statusTimeouts": {"closed": 60, "later": True},
            "captureRules": [other, {**GUIDE, "metadata": {"callType": "CLIENT"}}],
            "strange": {"deep": [1, None]},
        },
        "SMS": None,
    }
    assert len(made.removed) == 3


def test_releasing_what_is_not_there_changes_nothing_and_says_so() -> None:
    """Also where a wider rule takes it: that one is not the intent's."""
    wide = {"VOICE": {"captureRules": [{"from": "*", "to": "*"}]}}
    made = compose(wide, (), [intent(f"voice:{NUMBER}")])
    assert made.body == {}
    assert "nothing to release" in made.notes[0]


def test_the_last_rule_goes_and_timeouts_stay() -> None:
    """VOICE with timeouts and no rules is valid."""
    present = {"VOICE": {"statusTimeouts": {"closed": 60}, "captureRules": [GUIDE]}}
    made = compose(present, (), [intent(f"voice:{NUMBER}")])
    assert made.changes == {"VOICE": {"statusTimeouts": {"closed": 60}}}


def test_senders_are_compared_without_their_prefix() -> None:
    """The specification writes it, the guides do not."""
    present = {
        "WHATSAPP": {"captureRules": [{"from": "*", "to": NUMBER}, {"from": NUMBER, "to": "*"}]}
    }
    assert compose(present, [intent(f"whatsapp:{NUMBER}")]).body == {}
    released = compose(present, (), [intent(f"whatsapp:{NUMBER}")])
    assert released.body == {"channelSettings": {"WHATSAPP": None}}


def test_timeouts_come_with_a_channel() -> None:
    """In minutes, beside its rules; other members of the timeouts stay."""
    timeouts = check_timeouts(["voice:10/60", " chat :15/60"])
    made = compose(
        {"CHAT": {"statusTimeouts": {"closed": 5, "later": 1}}},
        [intent(f"voice:{NUMBER}")],
        timeouts=timeouts,
    )
    assert made.changes == {
        "VOICE": {
            "captureRules": [GUIDE],
            "statusTimeouts": {"inactive": 10, "closed": 60},
        },
        "CHAT": {"statusTimeouts": {"inactive": 15, "closed": 60, "later": 1}},
    }
    for wrong in ("voice", "voice:", "fax:1/2", "voice:0/60", "voice:60/10", "voice:a/b", 7):
        with pytest.raises(InvalidInput, match="timeouts"):
            check_timeouts([wrong])
    assert list(check_timeouts(["sms:1/2", "SMS:1/2"])) == ["SMS"]
    with pytest.raises(InvalidInput, match="SMS has other timeouts as well"):
        check_timeouts(["sms:1/2", "sms:3/4"])


intents = st.builds(
    Intent.checked,
    st.sampled_from([f"{kind}:+1555000000{n}" for kind in KINDS for n in range(3)]),
)


@given(st.lists(intents, max_size=4), st.lists(intents, max_size=4))
def test_what_was_captured_and_released_again_leaves_no_trace(
    there: list[Intent], wanted: list[Intent]
) -> None:
    """Capturing what is new and releasing it gives the settings back, in their order."""
    before = compose({}, there).settings
    new = [one for one in wanted if one not in there]
    after = compose(before, new)
    assert compose(after.settings, (), new).settings == before
    assert compose(after.settings, new).body == {}


def test_rules_are_shown_in_words() -> None:
    """Two mirrored ones in one sentence, call types by what they are."""
    pair = intent(f"whatsapp:{NUMBER}").capture.rules
    assert rules_in_words("WHATSAPP", pair) == (
        f"WhatsApp messages from anybody to {NUMBER}, and from there to anybody",
    )
    [guide] = intent(f"voice:{NUMBER}").capture.rules
    assert rule_in_words("VOICE", guide) == f"Phone calls from anybody to {NUMBER}"
    client = CaptureRule(from_="ana", to="desk", metadata={"callType": "CLIENT"})
    assert rule_in_words("VOICE", client) == "Calls from apps (CLIENT) from ana to desk"
    one_way = CaptureRule(from_="*", to=NUMBER)
    assert rules_in_words("SMS", [one_way]) == (f"SMS from anybody to {NUMBER}",)


def test_a_channel_of_which_only_nulls_are_left_is_removed() -> None:
    """A service may show null for what is not set: null is not sent back as a setting."""
    there = {"VOICE": {"captureRules": [GUIDE], "statusTimeouts": None}, "SMS": {"x": None}}
    released = compose(there, release=[intent(f"voice:{NUMBER}")])
    assert released.body == {"channelSettings": {"VOICE": None}}
    assert released.settings == {}


@pytest.mark.parametrize("more", [{"recorded": True}, {"newer": {"deep": [1]}}, {"newer": None}])
def test_metadata_that_is_not_known_is_kept(more: dict[str, Any]) -> None:
    """Other members of a rule's metadata are no reason not to read it, and stay."""
    there = {"VOICE": {"captureRules": [{**GUIDE, "metadata": {"callType": "PSTN", **more}}]}}
    assert compose(there, [intent(f"voice:{NUMBER}")]).body == {}
    after = compose(there, [intent("voice:+15557654321")]).settings["VOICE"]["captureRules"]
    assert after[0] == there["VOICE"]["captureRules"][0]
