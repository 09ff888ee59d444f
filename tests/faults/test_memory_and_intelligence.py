"""The clients of memory, intelligence and monitor: what they send, and what they do not repeat."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bridge_helpers.api.memory import LONGEST_IDENTIFIER, MOST_IN_BULK
from bridge_helpers.api.models import Alert, OperatorResult, TraitDefinition
from bridge_helpers.api.session import Session
from bridge_helpers.errors import BadAnswer, ConnectionFailed, InvalidInput, ProfileMerged
from bridge_helpers.progress import step_context

from .conftest import Client
from .server import Spoil, drops_after, says
from .world import STORE_ID, new_id

OLD, NEW = new_id("mem_profile_"), new_id("mem_profile_")
PROFILES = f"/v1/Stores/{STORE_ID}/Profiles"


def told(value: Any, status: int = 200) -> Spoil:
    return says(status, json.dumps(value).encode(), Content_Type="application/json")


def merged_into(profile_id: str, status: int) -> Spoil:
    """The profile has moved; the address that comes along is not to be followed."""
    elsewhere = "http://127.0.0.1:1/v1/elsewhere"
    return says(status, b"{}", Canonical_Profile_Id=profile_id, Location=elsewhere)


SINGLE: dict[str, Callable[[Session], object]] = {
    "GET": lambda session: session.memory.profile(STORE_ID, OLD),
    "GET Identifiers": lambda session: session.memory.identifiers(STORE_ID, OLD),
    "POST Recall": lambda session: session.memory.recall(STORE_ID, OLD),
    "POST Identifiers": lambda session: session.memory.add_identifier(STORE_ID, OLD, "chat", "a"),
    "PATCH": lambda session: session.memory.update_traits(STORE_ID, OLD, {"Contact": {"a": 1}}),
}


@pytest.mark.parametrize("what", SINGLE)
def test_a_merged_profile_is_asked_for_under_its_new_id(client: Client, what: str) -> None:
    """One more request, to our address and with the same body; where it points is not followed."""
    client.server.spoil(merged_into(NEW, 301 if what.startswith("GET") else 308), OLD)
    client.server.spoil(told({}), NEW)
    SINGLE[what](client.session)
    first, second = client.server.calls
    assert second.path == first.path.replace(OLD, NEW)
    assert (second.method, second.body) == (first.method, first.body)


def test_a_merged_profile_is_not_deleted(client: Client) -> None:
    """What it became part of is somebody else's; the error names it."""
    client.server.spoil(merged_into(NEW, 308), OLD)
    with pytest.raises(ProfileMerged, match="merged") as refused:
        client.session.memory.delete_profile(STORE_ID, OLD)
    assert refused.value.profile_id == NEW
    assert refused.value.uncertain is False
    assert client.server.counted(NEW) == 0


@pytest.mark.parametrize("what", ["traits", "observations", "summaries"])
def test_a_list_of_a_merged_profile_is_an_error(client: Client, what: str) -> None:
    """It is read under the id that `profile` gives."""
    client.server.spoil(merged_into(NEW, 301), OLD)
    with pytest.raises(ProfileMerged):
        list(getattr(client.session.memory, what)(STORE_ID, OLD))


def test_profiles_that_point_at_each_other_end_it(client: Client) -> None:
    """No loop: the second time it is an error."""
    client.server.spoil(merged_into(NEW, 301), OLD, times=None)
    client.server.spoil(merged_into(OLD, 301), NEW, times=None)
    with pytest.raises(ProfileMerged):
        client.session.memory.profile(STORE_ID, OLD)
    assert len(client.server.calls) == 2


def test_a_canonical_id_that_is_none_is_not_believed(client: Client) -> None:
    """It would stand in a path."""
    client.server.spoil(merged_into("../../v2/ControlPlane", 301), OLD)
    with pytest.raises(BadAnswer, match="redirect") as refused:
        client.session.memory.profile(STORE_ID, OLD)
    assert not isinstance(refused.value, ProfileMerged)


@pytest.mark.parametrize("found", [[NEW], [{"id": NEW}], [], None])
def test_a_lookup_takes_ids_and_objects(client: Client, found: Any) -> None:
    """Twilio's sources differ on what is in the list."""
    client.server.spoil(told({"normalizedValue": "a", "profiles": found}), "Lookup")
    assert client.session.memory.look_up(STORE_ID, "chat", "a") == ((NEW,) if found else ())
    assert client.server.calls[-1].json() == {"idType": "chat", "value": "a"}


REPEATED: dict[str, Callable[[Session], object]] = {
    "Lookup": lambda session: session.memory.look_up(STORE_ID, "chat", "a"),
    "Recall": lambda session: session.memory.recall(STORE_ID, OLD, "a"),
    "Profiles": lambda session: session.memory.create_profile(STORE_ID, {"C": {"chat": "a"}}),
    "Bulk": lambda session: session.memory.put_profiles(STORE_ID, [{"C": {"chat": "a"}}]),
}


@pytest.mark.parametrize("what", REPEATED)
def test_what_may_be_done_twice_is_tried_again(client: Client, what: str) -> None:
    """Reads by POST, and writes that find the profile that they made."""
    client.server.spoil(drops_after, f"{what}$")
    client.server.spoil(told({"id": NEW, "profiles": []}), f"{what}$")
    with step_context(client.shown.append, None, client.clock, client.clock.sleep):
        REPEATED[what](client.session)
    assert client.server.counted(f"{what}$") == 2
    assert len({one.body for one in client.server.calls}) == 1


ONCE: dict[str, Callable[[Session], object]] = {
    "RuleExecutions": lambda session: session.intelligence.execute_rule("c", "r", "v"),
    "TraitGroups": lambda session: session.memory.create_trait_group(
        STORE_ID, "Chat", {"identity": TraitDefinition(data_type="STRING")}
    ),
}


@pytest.mark.parametrize("what", ONCE)
def test_what_must_not_be_done_twice_is_sent_once(client: Client, what: str) -> None:
    """It is said that it may have been done."""
    client.server.spoil(drops_after, what)
    with pytest.raises(ConnectionFailed) as lost:
        ONCE[what](client.session)
    assert lost.value.uncertain
    assert client.server.counted(what) == 1


def test_what_is_too_much_is_refused_before_it_is_sent(client: Client) -> None:
    """More profiles than a request takes, none at all, an identifier that is too long."""
    memory = client.session.memory
    for profiles in ([], [{"C": {"chat": "a"}}] * (MOST_IN_BULK + 1)):
        with pytest.raises(InvalidInput, match="1 to 1000"):
            memory.put_profiles(STORE_ID, profiles)
    with pytest.raises(InvalidInput, match="256"):
        memory.look_up(STORE_ID, "chat", "a" * (LONGEST_IDENTIFIER + 1))
    with pytest.raises(InvalidInput, match="256"):
        memory.add_identifier(STORE_ID, OLD, "chat", "a" * (LONGEST_IDENTIFIER + 1))
    assert client.server.calls == []


def test_a_trait_group_is_sent_as_it_is_described(client: Client) -> None:
    """In Twilio's member names, without what was left open; the operation is the header's."""
    client.server.spoil(says(202, b'{"message": "Accepted"}', Operation_Id="job_1"), "TraitGroups")
    trait = TraitDefinition(data_type="STRING", id_type_promotion="chat")
    made = client.session.memory.create_trait_group(STORE_ID, "Chat", {"identity": trait})
    assert made.operation_id == "job_1"
    assert client.server.calls[-1].json() == {
        "displayName": "Chat",
        "traits": {"identity": {"dataType": "STRING", "idTypePromotion": "chat"}},
    }


def test_an_operation_of_a_store_is_followed_in_memory(client: Client) -> None:
    """At memory's address, not at Orchestrator's."""
    client.server.spoil(
        told({"operationId": "job_1", "status": "COMPLETED"}), "/v1/ControlPlane/Operations/job_1"
    )
    with step_context(client.shown.append, None, client.clock, client.clock.sleep):
        assert client.session.memory.follow("job_1").operation_id == "job_1"


def test_results_come_typed_whatever_their_format(client: Client) -> None:
    """Two pages; members that are missing or new do not matter."""
    whole = {
        "id": "intelligence_operatorresult_1",
        "outputFormat": "TEXT",
        "result": {"text": "Calm"},
        "executionDetails": {"trigger": {"on": "CONVERSATION_END", "timestamp": "2026-01-01"}},
        "metadata": {"system": {"latencyMs": 250}},
        "newer": 1,
    }
    client.server.spoil(told({"items": [whole], "meta": {"nextToken": "t"}}), "OperatorResults")
    client.server.spoil(told({"items": [{"id": "two"}], "meta": {}}), "OperatorResults")
    first, second = client.session.intelligence.results(conversation_id="conv_conversation_1")
    assert (first.trigger, first.latency, first.result) == (
        "CONVERSATION_END",
        0.25,
        {"text": "Calm"},
    )
    assert (second.trigger, second.latency) == ("", None)
    assert isinstance(second, OperatorResult)
    assert [one.asked("conversationId") for one in client.server.calls] == [
        "conv_conversation_1"
    ] * 2


def test_alerts_are_filtered_by_the_service(client: Client) -> None:
    """Only what was asked for goes into the query."""
    page = {"alerts": [{"sid": "NO" + "1" * 32, "error_code": "530001"}], "meta": {}}
    client.server.spoil(told(page), "/v1/Alerts")
    [alert] = client.session.monitor.alerts(level="warning", start_date="2026-01-01")
    assert alert == Alert(sid="NO" + "1" * 32, error_code="530001")
    assert set(client.server.calls[-1].query) == {
        ("LogLevel", "warning"),
        ("StartDate", "2026-01-01"),
        ("PageSize", "1000"),
    }


def test_a_result_that_is_gone_is_no_error(client: Client) -> None:
    """True for one that was there, False for one that was not."""
    client.server.spoil(says(204), "OperatorResults")
    client.server.spoil(says(404), "OperatorResults")
    intelligence = client.session.intelligence
    assert [intelligence.delete_result("one"), intelligence.delete_result("one")] == [True, False]
