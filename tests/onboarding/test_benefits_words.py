"""The sentence on top and the findings, for every kind of account."""

from __future__ import annotations

from typing import Any

import pytest

from bridge_helpers.api.models import (
    Alert,
    IdentifierConfig,
    IdentitySettings,
    IntelligenceConfiguration,
    IntelligenceRule,
    OperatorResult,
    Participant,
    Store,
    Trigger,
)
from bridge_helpers.onboarding.benefits import facts
from bridge_helpers.onboarding.benefits.linked import Linked
from bridge_helpers.onboarding.benefits.sampling import Sample, Sampled
from bridge_helpers.onboarding.options import Options

ON = Options.checked(memory_extraction=True, chat_timeouts="15/60")
ACTIVE = Store(id="mem_store_1", status="ACTIVE")
IDENTITY = IdentitySettings(
    identifier_configs=(IdentifierConfig(id_type="chat"), IdentifierConfig(id_type="phone")),
    matching_rules=("chat", "phone"),
)
NO_CHAT = IdentitySettings(identifier_configs=(IdentifierConfig(id_type="phone"),))


def sampled(
    state: Any, number: int = 0, *, extraction: bool = True, match: bool = False
) -> Sampled:
    who = Participant(id=f"p{number}", profile_id="profile" if state == "known" else None)
    return Sampled(
        conversation_id=f"c{number}",
        channel_id="CH1",
        status="ACTIVE",
        state=state,
        customer=None if state == "nobody" else who,
        candidates=(who,) if state == "unknown" else (),
        extraction=extraction,
        at="",
        resolves=((who.id, "profile"),) if match else (),
    )


def some(known: int = 0, unknown: int = 0, matched: int = 0, **more: int) -> Sample:
    everybody = [
        *(sampled("known", number) for number in range(known)),
        *(sampled("unknown", number, match=number < matched) for number in range(unknown)),
        *(sampled("nobody") for _ in range(more.get("nobody", 0))),
        *(sampled("known", extraction=False) for _ in range(more.get("older", 0))),
    ]
    return Sample(conversations=tuple(everybody), bridged=len(everybody))


@pytest.mark.parametrize(
    ("options", "store", "identity", "sample", "sentence"),
    [
        (ON, ACTIVE, IDENTITY, some(50), "Memory works for 50 of 50 sampled conversations."),
        (ON, ACTIVE, IDENTITY, some(1), "Memory works for 1 of 1 sampled conversation."),
        (
            ON,
            ACTIVE,
            IDENTITY,
            some(38, 12),
            "Memory works for 38 of 50 sampled conversations; 12 customers are unknown because no "
            "profile has what they write from.",
        ),
        (
            ON,
            ACTIVE,
            IDENTITY,
            some(38, 12, 5),
            "Memory works for 38 of 50 sampled conversations; 12 customers are unknown because 5 "
            "have a profile that was not matched, and 7 have none.",
        ),
        (
            ON,
            ACTIVE,
            IDENTITY,
            some(0, 2, 2),
            "Memory works for none of 2 sampled conversations; 2 customers are unknown because "
            "they were not matched, although each has a profile.",
        ),
        (
            ON,
            ACTIVE,
            NO_CHAT,
            some(0, 3),
            "Memory works for none of 3 sampled conversations; 3 customers are unknown because the "
            "store has no identifier chat.",
        ),
        (
            Options(),
            ACTIVE,
            IDENTITY,
            some(0, 1, older=2),
            "Memory works for none of 3 sampled conversations, because memory extraction is off; "
            "2 customers are known.",
        ),
        (
            ON,
            Store(id="mem_store_1", status="PROVISIONING"),
            IDENTITY,
            some(2),
            "Memory works for none of 2 sampled conversations, because the memory store is "
            "PROVISIONING; 2 customers are known.",
        ),
        (
            ON,
            ACTIVE,
            IDENTITY,
            some(1, older=2),
            "Memory works for 1 of 3 sampled conversations; 2 began before extraction was switched "
            "on.",
        ),
        (
            Options.checked(memory_extraction=True),
            ACTIVE,
            IDENTITY,
            some(2),
            "Memory works for 2 of 2 sampled conversations; without CHAT timeouts only once "
            "somebody closes them.",
        ),
        (ON, ACTIVE, IDENTITY, some(), "No bridged conversation was found to sample yet."),
        (
            Options(),
            ACTIVE,
            IDENTITY,
            some(),
            "No bridged conversation was found to sample, and memory extraction is off.",
        ),
        (
            ON,
            None,
            None,
            some(1),
            "Memory works for none of 1 sampled conversation, because the memory store is not "
            "there; 1 customer is known.",
        ),
    ],
)
def test_the_sentence_on_top(
    options: Options, store: Store, identity: IdentitySettings, sample: Sample, sentence: str
) -> None:
    """It counts what is sampled, and names the first thing that keeps memory from working."""
    assert facts.verdict(options, store, identity, sample) == sentence


def levels(findings: Any) -> list[tuple[str, str]]:
    for one in findings:
        assert one.level == "ok" or (one.risk and one.action), one
    return [(one.check, one.level) for one in findings]


@pytest.mark.parametrize(
    ("store", "level"),
    [
        (ACTIVE, "ok"),
        (Store(id="mem_store_1", status="active"), "ok"),
        (Store(id="mem_store_1", status="FAILED"), "error"),
        (Store(id="mem_store_1"), "error"),
        (None, "error"),
    ],
)
def test_a_store_that_is_not_active_is_an_error(store: Store | None, level: str) -> None:
    """Nothing can be remembered without it."""
    assert levels(facts.store(store, "mem_store_1")) == [("memory store", level)]


def test_a_store_without_the_identifier_chat_is_told() -> None:
    """With the identifiers that it has; also where only the matching rule is missing."""
    assert levels(facts.identity(IDENTITY)) == [("identity", "ok")]
    [finding] = facts.identity(NO_CHAT)
    assert (finding.level, "phone" in finding.found) == ("warning", True)
    unmatched = IdentitySettings(
        identifier_configs=IDENTITY.identifier_configs, matching_rules=("phone",)
    )
    assert "matching rule" in facts.identity(unmatched)[0].found


def rule(*triggers: str) -> IntelligenceRule:
    return IntelligenceRule(id="rule", triggers=tuple(Trigger(on=one) for one in triggers))


def linked_to(*rules: IntelligenceRule, results: int = 0) -> Linked:
    one = IntelligenceConfiguration(id="intelligence_configuration_1", rules=rules)
    found = tuple(OperatorResult(id=f"r{number}") for number in range(results))
    return Linked(ids=(one.id,), configurations=(one,), results=found)


@pytest.mark.parametrize(
    ("found", "options", "expected"),
    [
        (Linked(), ON, []),
        (linked_to(), ON, [("intelligence rules", "warning")]),
        (
            linked_to(rule("COMMUNICATION")),
            ON,
            [("intelligence rules", "ok"), ("intelligence results", "info")],
        ),
        (
            linked_to(rule("COMMUNICATION"), results=3),
            ON,
            [("intelligence rules", "ok"), ("intelligence results", "ok")],
        ),
        (
            linked_to(rule("CONVERSATION_END")),
            Options.checked(memory_extraction=True),
            [
                ("intelligence rules", "ok"),
                ("intelligence rules", "warning"),
                ("intelligence results", "info"),
            ],
        ),
        (Linked(ids=("a",), missing=("a",)), ON, [("intelligence", "error")]),
    ],
)
def test_intelligence_that_does_nothing_is_told(
    found: Linked, options: Options, expected: list[tuple[str, str]]
) -> None:
    """No rule, no trigger that comes, no result yet, or a link to nothing."""
    assert levels(facts.intelligence(options, found)) == expected


def test_alerts_about_profiles_are_told_by_code() -> None:
    """Other alerts are not ours."""
    recent = [Alert(sid="NO1", error_code=code) for code in ("530001", "530001", "11200", None)]
    [finding] = facts.alerts(recent)
    assert "530001 (2)" in finding.found
    assert "11200" not in finding.found
    assert facts.alerts([Alert(sid="NO1", error_code="11200")]) == ()


def test_figures_are_of_conversations() -> None:
    """One customer a conversation, however many participants are UNKNOWN."""
    sample = some(2, 3, 1, nobody=1)
    assert (sample.counted("known"), sample.counted("unknown"), sample.would_resolve) == (2, 3, 1)
    assert "1 has no customer in it" in facts.verdict(ON, ACTIVE, IDENTITY, sample)
