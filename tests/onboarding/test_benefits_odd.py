"""Answers that a look at memory and intelligence does not expect: the figures stay right."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from bridge_helpers.api.models import (
    Address,
    Configuration,
    Conversation,
    Found,
    IdentifierConfig,
    IdentitySettings,
    IntelligenceConfiguration,
    IntelligenceRule,
    Observation,
    Operator,
    OperatorResult,
    Participant,
    Profile,
    Recall,
    Store,
)
from bridge_helpers.cli import customers
from bridge_helpers.errors import ProfileMerged
from bridge_helpers.onboarding.benefits import facts, known_customers
from bridge_helpers.onboarding.benefits.customer import find, know
from bridge_helpers.onboarding.benefits.known_customers import KnownCustomers
from bridge_helpers.onboarding.benefits.linked import Linked, linked
from bridge_helpers.onboarding.benefits.mapping import broken
from bridge_helpers.onboarding.benefits.sampling import Sample, identifiers_of, look_up, take_sample
from bridge_helpers.onboarding.options import Options

from .test_benefits_words import ACTIVE, IDENTITY, ON, some

if TYPE_CHECKING:
    from bridge_helpers.api.session import Session

OLD, NEW = "mem_profile_0" + "1" * 25, "mem_profile_0" + "2" * 25


def with_apis(**apis: object) -> Session:
    """A session of these services."""
    return cast("Session", SimpleNamespace(**apis))


def chat(number: int, address: str, kind: str = "UNKNOWN", profile: str = "") -> Participant:
    where = Address(channel="CHAT", address=address, channel_id=f"CH{number}")
    return Participant(id=f"p{number}", type=kind, profile_id=profile or None, addresses=(where,))


def test_a_merged_profile_is_known_by_the_one_it_became_part_of() -> None:
    """A participant keeps the old id; lists of the old one are refused."""

    def listed(_: str, profile_id: str) -> list[Observation]:
        if profile_id == OLD:
            raise ProfileMerged("It was merged.")
        return [Observation(id="o", content="Likes tea")]

    memory = SimpleNamespace(
        profile=lambda *_: Profile(id=NEW, traits={"Chat": {"identity": "ana"}}),
        identifiers=lambda *_: (),
        observations=listed,
        summaries=listed,
        recall=lambda *_, **__: Recall(),
    )
    known = know(with_apis(memory=memory), "store", OLD)
    assert known.profile_id == NEW
    assert [one.content for one in known.observations] == ["Likes tea"]
    assert known.unread == ()


@pytest.mark.parametrize(
    ("customer", "asked"),
    [
        ("+1 (317) 555-6789", [("phone", "+1 (317) 555-6789"), ("chat", "+1 (317) 555-6789")]),
        ("+1 ann", [("chat", "+1 ann")]),
        ("z" * 255, [("chat", "z" * 255)]),
        ("z" * 256, []),
    ],
)
def test_a_customer_is_looked_up_as_people_write_it(
    customer: str, asked: list[tuple[str, str]]
) -> None:
    """A number with spaces is one; what is longer than an identifier is nobody's."""
    calls: list[tuple[str, str]] = []

    def look(_: str, kind: str, value: str) -> tuple[str, ...]:
        calls.append((kind, value))
        return ()

    memory = SimpleNamespace(look_up=look)
    assert find(with_apis(memory=memory), "store", IDENTITY, customer) == ""
    assert calls == asked


def test_a_conversation_that_is_listed_twice_counts_once() -> None:
    """A list that changes while it is read gives some of it again."""
    whole = {one: Conversation(id=one, configuration_id="conf") for one in ("c1", "c2")}
    api = SimpleNamespace(
        conversations=lambda: [whole["c1"], whole["c2"], whole["c1"]],
        conversation=whole.get,
        participants=lambda one: [chat(1, one)],
    )
    sample = take_sample(with_apis(orchestrator=api), Configuration(id="conf"), 50)
    assert (len(sample.conversations), sample.bridged) == (2, 2)
    assert not sample.looked_up


def test_a_result_that_is_listed_twice_counts_once() -> None:
    """And one whose operator is not told has words of its own."""
    rules = (IntelligenceRule(id="r"),)
    api = SimpleNamespace(
        configuration=lambda one: IntelligenceConfiguration(id=one, rules=rules),
        results=lambda **_: [OperatorResult(id=one) for one in ("a", "b", "a")],
        operator=lambda one: Operator(id=one),
    )
    found = linked(with_apis(intelligence=api), ("i1",))
    assert [one.id for one in found.results] == ["a", "b"]
    [last] = [one for one in facts.intelligence(ON, found) if one.check == "intelligence results"]
    assert "an operator that is not told: 2 on a trigger that is not told" in last.found


@pytest.mark.parametrize("result", ["positive", [1, 2], 5, True, None, {"label": "x"}])
def test_a_result_of_any_shape_is_read(result: Any) -> None:
    """An operator of the customer's own gives what it likes; one must not hide the others."""
    body = {
        "id": "a",
        "result": result,
        "metadata": {"system": {"latencyMs": 1200.5}},
        "executionDetails": {"resolvedContext": {"knowledge": [1]}},
    }
    read = msgspec.json.decode(msgspec.json.encode(body), type=OperatorResult)
    assert (read.result, read.latency) == (result, 1.2005)


def test_results_that_could_not_be_read_are_not_said_to_be_none() -> None:
    """Only when they were read is it known that there are none."""
    rules = IntelligenceConfiguration(id="i1", rules=(IntelligenceRule(id="r"),))
    unread = Linked(ids=("i1",), configurations=(rules,), unread=("It could not be read.",))
    none = Linked(ids=("i1",), configurations=(rules,))
    assert "no result yet" not in " ".join(one.found for one in facts.intelligence(ON, unread))
    assert "no result yet" in " ".join(one.found for one in facts.intelligence(ON, none))


def test_what_nobody_looked_up_is_not_said_to_have_no_profile() -> None:
    """Without the identifiers nobody was looked up; where some were refused, not everybody."""
    sample = some(1, 3)
    unasked = Sample(conversations=sample.conversations, bridged=4, looked_up=False)
    assert "no profile has" not in facts.verdict(ON, ACTIVE, None, unasked)
    assert "not matched with a profile" in facts.verdict(ON, ACTIVE, None, unasked)
    partly = Sample(conversations=some(1, 3, 1).conversations, bridged=4, unlooked="Refused.")
    words = facts.verdict(ON, ACTIVE, IDENTITY, partly)
    assert "not matched with a profile, although 1 has one" in words


def test_a_store_that_could_not_be_read_leaves_it_open() -> None:
    """It is not said to work for nobody, unless extraction is off anyway."""
    unread = Store(id="mem_store_1")
    assert facts.verdict(ON, unread, None, some(2)) == (
        "Whether memory works for 2 sampled conversations is not known, because the memory store "
        "could not be read; 2 customers are known."
    )
    assert facts.verdict(Options(), unread, None, some(2)).startswith("Memory works for none")


def test_a_blank_identity_is_nobodys_identifier() -> None:
    """A look-up would be refused, and with it the whole table or sample."""
    assert list(identifiers_of(Address(channel="CHAT", address=" "))) == []
    assert "blank" in broken("chat", "  ")
    assert not broken("chat", "Ünïcode")


def test_a_lookup_that_was_answered_is_told_as_such() -> None:
    """The sample says that its customers were looked up; an id that is empty is no profile."""
    settings = IdentitySettings(identifier_configs=(IdentifierConfig(id_type="chat"),))
    memory = SimpleNamespace(look_up=lambda *_: Found(profiles=("", OLD)).profile_ids)
    api = SimpleNamespace(
        conversations=lambda: [Conversation(id="c1", configuration_id="conf")],
        conversation=lambda one: Conversation(id=one),
        participants=lambda _: [chat(1, "ana")],
    )
    session = with_apis(memory=memory, orchestrator=api)
    sample = look_up(session, "store", settings, take_sample(session, Configuration(id="conf"), 5))
    assert sample.looked_up
    assert sample.conversations[0].resolves == (("p1", OLD),)


@pytest.mark.parametrize("pending", [0, 3])
def test_profiles_that_are_not_found_are_not_done(
    monkeypatch: pytest.MonkeyPatch, pending: int
) -> None:
    """Bulk answers before the work: what did not come is no success for a script."""
    made = KnownCustomers(
        service_sid="IS",
        store_id="store",
        mapping="identity -> Chat.identity",
        candidates=(),
        applied=True,
        pending=pending,
    )
    monkeypatch.setattr(known_customers, "known_customers", lambda *_, **__: made)
    done = customers.profiles(cast("Session", None), "IS", "", apply=True, output=None)
    assert done is (pending == 0)
