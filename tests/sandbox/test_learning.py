"""What follows from conversations: who is recognised, what is remembered, what operators find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bridge_helpers.sandbox.world.memory.extraction import facts_in

if TYPE_CHECKING:
    from .box import Sandbox

ON = {"memoryExtractionEnabled": True}
MINUTES = {"channelSettings": {"CHAT": {"statusTimeouts": {"inactive": 15, "closed": 60}}}}


def known(box: Sandbox, identity: str) -> str:
    """A profile with this chat identity."""
    path = f"/v1/Stores/{box.store_id}/Profiles"
    answer = box.http.post(path, json={"traits": {"Contact": {"chat": identity}}})
    return str(answer.json()["id"])


def remembered(box: Sandbox, profile: str, what: str, **query: str) -> list[str]:
    path = f"/v1/Stores/{box.store_id}/Profiles/{profile}/{what}"
    key = "observations" if what == "Observations" else "summaries"
    return [one["content"] for one in box.get(path, **query)[key]]


def told(box: Sandbox, *texts: str, identity: str = "zoe") -> str:
    """A bridged conversation in which somebody says this; returns the v2 id."""
    sid = box.converse(identity)
    for text in texts:
        box.write(sid, text, identity)
    box.advance(3)
    return str(box.twins(sid)[0]["id"])


def close(box: Sandbox, conversation: str) -> None:
    answer = box.http.patch(f"/v2/Conversations/{conversation}", json={"status": "CLOSED"})
    assert answer.status_code == 200, answer.text
    box.advance(2)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("Hello! My name is Zoe Lima.", ["The customer's name is Zoe Lima."]),
        (
            "I like blue; I live in Porto",
            ["The customer likes blue.", "The customer lives in Porto."],
        ),
        ("my order number is 42?", ["The customer's order number is 42."]),
        ("I'm allergic to nuts", ["The customer is allergic to nuts."]),
        ("Where is my order?", []),
        ("", []),
    ],
)
def test_facts(text: str, facts: list[str]) -> None:
    """One for each sentence that states one, in the words of the customer."""
    assert list(facts_in(text)) == facts


def test_a_closed_conversation_is_remembered(box: Sandbox) -> None:
    """Observations and a summary, once each, of the customer alone, found by the conversation."""
    zoe = known(box, "zoe")
    box.configure(**ON)
    conversation = told(box, "My name is Zoe.", "I like blue.")
    assert remembered(box, zoe, "Observations") == []
    close(box, conversation)
    facts = ["The customer likes blue.", "The customer's name is Zoe."]
    assert remembered(box, zoe, "Observations", conversationId=conversation) == facts
    [summary] = remembered(box, zoe, "ConversationSummaries", conversationId=conversation)
    assert "2 of 2 messages" in summary
    other = conversation[:-1] + ("0" if conversation[-1] != "0" else "1")
    assert remembered(box, zoe, "Observations", conversationId=other) == []


def test_timeouts_do_what_closing_does(box: Sandbox) -> None:
    """INACTIVE brings observations, CLOSED the summary and nothing twice."""
    zoe = known(box, "zoe")
    box.configure(**ON, **MINUTES)
    told(box, "I like blue.")
    box.advance(15 * 60)
    box.advance(2)
    assert remembered(box, zoe, "Observations") == ["The customer likes blue."]
    assert remembered(box, zoe, "ConversationSummaries") == []
    box.advance(45 * 60)
    assert len(remembered(box, zoe, "ConversationSummaries")) == 1
    assert len(remembered(box, zoe, "Observations")) == 1


def test_without_timeouts_nothing_comes(box: Sandbox) -> None:
    """A month later the conversation is as open as before."""
    zoe = known(box, "zoe")
    box.configure(**ON)
    conversation = told(box, "I like blue.")
    box.advance(30 * 24 * 3600)
    assert box.get(f"/v2/Conversations/{conversation}")["status"] == "ACTIVE"
    assert remembered(box, zoe, "Observations") == []


def test_a_conversation_keeps_the_switch_it_was_born_with(box: Sandbox) -> None:
    """Extraction that is switched on later is for those that come later."""
    zoe = known(box, "zoe")
    configuration = box.configure()
    before = told(box, "I like blue.")
    path = f"/v2/ControlPlane/Configurations/{configuration}"
    assert box.http.patch(path, json=ON).status_code == 202
    box.advance(1)
    close(box, before)
    assert remembered(box, zoe, "Observations") == []
    close(box, told(box, "I like green."))
    assert remembered(box, zoe, "Observations") == ["The customer likes green."]


def test_of_strangers_nothing_is_learned(box: Sandbox) -> None:
    """Nobody is made known by it either."""
    box.configure(**ON)
    profiles = f"/v1/Stores/{box.store_id}/Profiles"
    before = box.get(profiles)["profiles"]
    close(box, told(box, "I like blue.", identity="nobody"))
    assert box.get(profiles)["profiles"] == before


def test_a_deleted_profile_does_not_come_back(box: Sandbox) -> None:
    """Also where extraction was under way."""
    zoe = known(box, "zoe")
    box.configure(**ON)
    conversation = told(box, "I like blue.")
    box.http.patch(f"/v2/Conversations/{conversation}", json={"status": "CLOSED"})
    path = f"/v1/Stores/{box.store_id}/Profiles/{zoe}"
    assert box.http.delete(path).status_code == 202
    box.advance(5)
    assert box.http.get(path).status_code == 404


@pytest.mark.parametrize(
    ("stage", "wanted"),
    [
        ("resolution", (0, 0, 1)),
        ("observations", (0, 1, 1)),
        ("summaries", (1, 0, 1)),
        ("results", (1, 1, 0)),
    ],
)
def test_each_stage_can_be_lost(box: Sandbox, stage: str, wanted: tuple[int, ...]) -> None:
    """And the others come all the same, but for what needs a customer."""
    zoe = known(box, "zoe")
    operator = box.get("/v3/ControlPlane/Operators")["items"][0]["id"]
    linked = intelligence(box, rule(operator, "CONVERSATION_END"))
    box.configure(**ON, intelligenceConfigurationIds=[linked])
    box.fault("memory-lost", stage=stage, times=None)
    close(box, told(box, "I like blue."))
    found = (
        len(remembered(box, zoe, "Observations")),
        len(remembered(box, zoe, "ConversationSummaries")),
        len(box.get("/v3/OperatorResults")["items"]),
    )
    assert found == wanted


def test_a_stage_can_be_late(box: Sandbox) -> None:
    """By so many seconds, the others in time."""
    zoe = known(box, "zoe")
    box.configure(**ON)
    box.fault("memory-lag", stage="summaries", seconds=60)
    close(box, told(box, "I like blue."))
    assert len(remembered(box, zoe, "Observations")) == 1
    assert remembered(box, zoe, "ConversationSummaries") == []
    box.advance(60)
    assert len(remembered(box, zoe, "ConversationSummaries")) == 1


# ---------------------------------------------------------------- intelligence


def rule(operator: str, on: str, count: int = 1) -> dict[str, Any]:
    trigger = {"on": on, "parameters": {"count": count}} if on == "COMMUNICATION" else {"on": on}
    return {"operators": [{"id": operator}], "triggers": [trigger], "actions": []}


def intelligence(box: Sandbox, *rules: dict[str, Any]) -> str:
    body = {"displayName": "rules", "rules": list(rules)}
    answer = box.http.post("/v3/ControlPlane/Configurations", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_rules_run_on_their_triggers(box: Sandbox) -> None:
    """Each second communication, once on INACTIVE, once on CLOSED."""
    operator = box.get("/v3/ControlPlane/Operators")["items"][0]["id"]
    triggers = ("CONVERSATION_INACTIVE", "CONVERSATION_END")
    rules = [rule(operator, "COMMUNICATION", 2), *(rule(operator, on) for on in triggers)]
    box.configure(intelligenceConfigurationIds=[intelligence(box, *rules)], **MINUTES)
    told(box, "One", "Two", "Three", "Four", "Five")

    def ran() -> list[str]:
        found = box.get("/v3/OperatorResults")["items"]
        return [one["executionDetails"]["trigger"]["on"] for one in found]

    assert ran() == ["COMMUNICATION"] * 2
    box.advance(62 * 60)
    assert ran() == ["COMMUNICATION"] * 2 + list(triggers)


def test_without_rules_nothing_is_found(box: Sandbox) -> None:
    """The conversation is listed, without results."""
    box.configure(intelligenceConfigurationIds=[intelligence(box)])
    conversation = told(box, "Thank you")
    [listed] = box.get("/v3/Conversations")["items"]
    assert (listed["id"], listed["operatorResultIds"]) == (conversation, [])


def test_an_operator_reads_memory_when_both_say_so(box: Sandbox) -> None:
    """The result names the profile; the rule alone is not enough."""
    zoe = known(box, "zoe")
    body = {"displayName": "Mood", "prompt": "?", "outputFormat": "TEXT"}
    reads = {**body, "context": {"memory": {"enabled": True}}}
    ids = [
        box.http.post("/v3/ControlPlane/Operators", json=one).json()["id"] for one in (reads, body)
    ]
    context = {"context": {"memory": {"enabled": True}}}
    rules = [{**rule(one, "CONVERSATION_END"), **context} for one in ids]
    box.configure(intelligenceConfigurationIds=[intelligence(box, *rules)])
    close(box, told(box, "Thank you"))
    first, second = box.get("/v3/OperatorResults")["items"]
    memory = first["executionDetails"]["resolvedContext"]["memory"]
    assert memory == {"profileId": zoe, "memoryStoreId": box.store_id}
    assert "resolvedContext" not in second["executionDetails"]


# -------------------------------------------------------------------- controls


@pytest.mark.parametrize(("known_users", "customers"), [("none", 0), ("half", 2), ("all", 4)])
def test_a_store_knows_none_half_or_all(box: Sandbox, known_users: str, customers: int) -> None:
    """And so do conversations: the others stay UNKNOWN."""
    for name in "abcd":
        box.http.post(f"/v1/Services/{box.service_sid}/Users", data={"Identity": name})
    box.control("memory", known=known_users)
    box.configure()
    twins = [told(box, "Hello", identity=name) for name in "abcd"]
    types = [box.get(f"/v2/Conversations/{t}/Participants")["participants"] for t in twins]
    assert sum(people[0]["type"] == "CUSTOMER" for people in types) == customers


def test_a_store_without_chat_recognises_nobody_who_chats(box: Sandbox) -> None:
    """Its settings lack the kind of identifier that a bridge resolves by."""
    known(box, "zoe")
    box.control("memory", id_types=["phone"])
    path = f"/v1/ControlPlane/Stores/{box.store_id}/IdentityResolutionSettings"
    assert [one["idType"] for one in box.get(path)["identifierConfigs"]] == ["phone"]
    box.configure()
    twin = told(box, "Hello")
    [zoe] = box.get(f"/v2/Conversations/{twin}/Participants")["participants"]
    assert zoe["type"] == "UNKNOWN"


def test_a_store_that_is_not_active_learns_nothing(box: Sandbox) -> None:
    """Conversations go on; what is asked of the store is refused."""
    zoe = known(box, "zoe")
    box.configure(**ON)
    box.control("memory", status="FAILED")
    close(box, told(box, "I like blue."))
    path = f"/v1/Stores/{box.store_id}/Profiles/{zoe}"
    assert box.http.get(path).json()["code"] == 520042
    box.control("memory", status="ACTIVE")
    assert remembered(box, zoe, "Observations") == []
