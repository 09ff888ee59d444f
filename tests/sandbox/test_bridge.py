"""The bridge: what crosses it, when, in which order, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .box import Sandbox

PATH = "/v2/ControlPlane/Configurations"


def test_a_classic_message_arrives_after_the_lag(box: Sandbox) -> None:
    """CH is the channelId, IM the resourceId; not before the lag, and exactly once."""
    configuration_id = box.configure()
    sid = box.converse("zoe")
    message = box.write(sid, "hello")
    box.advance(0.999)
    assert box.twins(sid) == []
    box.advance(0.001)
    (twin,) = box.twins(sid)
    assert (twin["configurationId"], twin["status"]) == (configuration_id, "ACTIVE")
    assert twin["configuration"]["conversationsV1Bridge"] == {"serviceId": box.service_sid}
    (communication,) = box.communications(twin["id"])
    assert communication["channelId"] == sid
    assert communication["resourceId"] == message
    assert communication["content"] == {"type": "TEXT", "text": "hello"}
    (participant,) = twin["participants"]
    assert participant["addresses"] == [{"channel": "CHAT", "address": "zoe", "channelId": sid}]
    author = {"address": "zoe", "channel": "CHAT", "participantId": participant["id"]}
    assert communication["author"] == author
    assert communication["occurredAt"] < communication["createdAt"]


def test_there_is_no_back_fill(box: Sandbox) -> None:
    """What was said before the bridge stays in classic; the next message alone crosses."""
    sid = box.converse()
    box.write(sid, "before")
    accepted = box.http.post(PATH, json=box.plan())
    box.write(sid, "while it is being set up")
    box.advance(10)
    assert box.operation(accepted)["status"] == "COMPLETED"
    assert box.get("/v2/Conversations")["conversations"] == []
    box.write(sid, "after")
    box.advance(1)
    assert box.texts(sid) == ["after"]


def test_order_holds_whatever_the_jitter(box: Sandbox) -> None:
    """Messages of one conversation arrive in order, into one conversation, none lost."""
    box.configure()
    box.control("settings", lag=2.0, jitter=30.0)
    sid = box.converse()
    said = [f"number {n}" for n in range(20)]
    for text in said:
        box.write(sid, text)
        box.advance(0.5)
    box.advance(60)
    assert box.texts(sid) == said
    assert len(box.twins(sid)) == 1


def test_the_others_follow_the_first_author(box: Sandbox) -> None:
    """At first there is the author alone; a lag later everybody, SMS customers by number."""
    box.configure()
    sid = box.converse("agent.rita")
    binding = {
        "MessagingBinding.Address": "+15551230000",
        "MessagingBinding.ProxyAddress": box.number,
    }
    made = box.http.post(f"{box.classic}/{sid}/Participants", data=binding)
    assert made.json()["messaging_binding"]["type"] == "sms"
    box.write(sid, "I write from my phone", author="+15551230000")
    box.advance(1)
    (twin,) = box.twins(sid)
    assert [p["addresses"][0]["address"] for p in twin["participants"]] == ["+15551230000"]
    assert twin["participants"][0]["addresses"][0]["channel"] == "SMS"
    box.advance(1)
    (twin,) = box.twins(sid)
    found = {(a["channel"], a["address"]) for p in twin["participants"] for a in p["addresses"]}
    assert found == {("SMS", "+15551230000"), ("CHAT", "agent.rita"), ("SMS", box.number)}
    box.write(sid, "second", author="agent.rita")
    box.advance(1)
    recipients = box.communications(twin["id"])[1]["recipients"]
    assert {r["address"] for r in recipients} == {"+15551230000", box.number}
    assert all(r["participantId"] and r["deliveryStatus"] == "DELIVERED" for r in recipients)


KNOWN = "ana.silva@example.com"


def profile_of(box: Sandbox, identity: str) -> list[str]:
    """The profiles that the store has for a chat identity."""
    lookup = {"idType": "chat", "value": identity}
    found = box.http.post(f"/v1/Stores/{box.store_id}/Profiles/Lookup", json=lookup)
    return list(found.json()["profiles"])


def kinds(box: Sandbox, sid: str) -> dict[str, tuple[str, str | None]]:
    """Type and profile of each participant of a conversation's twin, by address."""
    (twin,) = box.twins(sid)
    return {
        p["addresses"][0]["address"]: (p["type"], p.get("profileId")) for p in twin["participants"]
    }


def test_everybody_is_unknown_until_the_store_recognises_them(box: Sandbox) -> None:
    """By default all arrive UNKNOWN; who wrote and is known turns CUSTOMER, nobody is created."""
    (profile,) = profile_of(box, KNOWN)
    box.configure()
    known, stranger = box.converse(KNOWN), box.converse("stranger")
    box.http.post(f"{box.classic}/{known}/Participants", data={"Identity": "rita"})
    box.write(known, "hello", author=KNOWN)
    box.write(stranger, "hello", author="stranger")
    box.advance(1)
    assert kinds(box, known) == {KNOWN: ("UNKNOWN", None)}
    box.advance(1)
    assert kinds(box, known) == {KNOWN: ("CUSTOMER", profile), "rita": ("UNKNOWN", None)}
    assert kinds(box, stranger) == {"stranger": ("UNKNOWN", None)}
    assert profile_of(box, "stranger") == []


def test_who_becomes_known_later_is_recognised_with_the_next_message(box: Sandbox) -> None:
    """A profile that is made after the first message makes its owner a CUSTOMER."""
    box.configure()
    sid = box.converse("stranger")
    box.write(sid, "hello", author="stranger")
    box.advance(5)
    traits = {"traits": {"Contact": {"chat": "stranger"}}}
    box.http.post(f"/v1/Stores/{box.store_id}/Profiles", json=traits)
    (profile,) = profile_of(box, "stranger")
    assert kinds(box, sid) == {"stranger": ("UNKNOWN", None)}
    box.write(sid, "again", author="stranger")
    box.advance(2)
    assert kinds(box, sid) == {"stranger": ("CUSTOMER", profile)}


def test_the_agent_may_be_omitted_until_it_writes(box: Sandbox) -> None:
    """With agent-omitted whoever is not the first author appears with a message of their own."""
    box.control("settings", bridged_participants="agent-omitted")
    box.configure()
    sid = box.converse("zoe")
    box.http.post(f"{box.classic}/{sid}/Participants", data={"Identity": "rita"})
    box.write(sid, "hello")
    box.advance(10)
    box.http.post(f"{box.classic}/{sid}/Participants", data={"Identity": "sam"})
    box.advance(10)
    assert set(kinds(box, sid)) == {"zoe"}
    box.write(sid, "hello zoe", author="rita")
    box.advance(1)
    assert kinds(box, sid) == {"zoe": ("UNKNOWN", None), "rita": ("UNKNOWN", None)}


def test_participants_may_arrive_typed(box: Sandbox) -> None:
    """With typed a known identity is CUSTOMER at once, and the number written to is AGENT."""
    (profile,) = profile_of(box, KNOWN)
    box.control("settings", bridged_participants="typed")
    box.configure()
    sid = box.converse(KNOWN)
    binding = {
        "MessagingBinding.Address": "+15551230000",
        "MessagingBinding.ProxyAddress": box.number,
    }
    box.http.post(f"{box.classic}/{sid}/Participants", data=binding)
    box.write(sid, "hello", author=KNOWN)
    box.advance(1)
    assert kinds(box, sid) == {KNOWN: ("CUSTOMER", profile)}
    box.advance(1)
    assert kinds(box, sid) == {
        KNOWN: ("CUSTOMER", profile),
        "+15551230000": ("UNKNOWN", None),
        box.number: ("AGENT", None),
    }


def test_only_the_bridged_service_is_bridged(box: Sandbox) -> None:
    """A message in another service stays in classic."""
    box.configure()
    other = box.http.post("/v1/Services", data={"FriendlyName": "Other"}).json()["sid"]
    made = box.control("customer-writes", service_sid=other, body="hello")
    box.advance(5)
    assert box.twins(made["conversation_sid"]) == []


def test_what_was_sent_over_a_bridge_arrives_although_it_is_gone(box: Sandbox) -> None:
    """A message on its way survives the end of the bridge; the next one does not cross."""
    configuration_id = box.configure()
    box.control("settings", lag=5.0)
    sid = box.converse()
    box.http.delete(f"{PATH}/{configuration_id}")
    box.write(sid, "last")
    box.advance(1)
    box.write(sid, "too late")
    box.advance(10)
    assert box.texts(sid) == ["last"]


def test_deleting_the_classic_side_leaves_v2_alone(box: Sandbox) -> None:
    """The v2 conversation stays ACTIVE with what it has; nothing more can be sent to classic."""
    box.configure()
    sid = box.converse()
    box.write(sid, "hello")
    box.advance(1)
    assert box.http.delete(f"{box.classic}/{sid}").status_code == 204
    box.advance(5)
    (twin,) = box.twins(sid)
    assert (twin["status"], box.texts(sid)) == ("ACTIVE", ["hello"])


def test_deleting_the_v2_side_leaves_classic_alone(box: Sandbox) -> None:
    """Classic keeps its messages; its next one starts a new v2 conversation."""
    box.configure()
    sid = box.converse()
    box.write(sid, "first")
    box.advance(1)
    (twin,) = box.twins(sid)
    box.http.delete(f"/v2/Conversations/{twin['id']}")
    box.advance(1)
    assert box.twins(sid) == []
    assert box.http.get(f"/v2/Conversations/{twin['id']}").status_code == 404
    box.write(sid, "second")
    box.advance(1)
    assert box.texts(sid) == ["second"]
    messages = box.get(f"{box.classic}/{sid}/Messages")["messages"]
    assert [m["body"] for m in messages] == ["first", "second"]


def test_a_closed_twin_is_followed_by_a_new_one(box: Sandbox) -> None:
    """A CLOSED conversation takes nothing more, and no message is lost."""
    box.configure()
    sid = box.converse()
    box.write(sid, "first")
    box.advance(1)
    (twin,) = box.twins(sid)
    box.http.patch(f"/v2/Conversations/{twin['id']}", json={"status": "CLOSED"})
    box.write(sid, "second")
    box.advance(1)
    assert {t["status"] for t in box.twins(sid)} == {"ACTIVE", "CLOSED"}
    assert box.texts(sid) == ["first", "second"]
    assert len(box.twins(sid, status="ACTIVE")) == 1


@pytest.mark.parametrize("traffic", [0, 3])
def test_traffic_starts_with_the_bridge(box: Sandbox, traffic: int) -> None:
    """So many seeded customers write after the bridge is up, and nobody without that wish."""
    box.control("settings", traffic=traffic)
    box.configure()
    box.advance(30)
    assert len(box.get("/v2/Conversations")["conversations"]) == traffic


def test_sync_faults(box: Sandbox) -> None:
    """The bridge loses, doubles, delays and swaps messages when it is asked to."""
    box.configure()
    sid = box.converse()
    box.fault("sync-lost", direction="to_orchestrator")
    box.write(sid, "lost")
    box.fault("sync-double")
    box.write(sid, "double")
    box.advance(1)
    assert box.texts(sid) == ["double", "double"]
    box.fault("sync-reorder")
    box.write(sid, "one")
    box.write(sid, "two")
    box.advance(1)
    assert box.texts(sid)[2:] == ["two", "one"]
    box.fault("sync-lag", seconds=20)
    box.write(sid, "late")
    box.advance(20)
    assert len(box.texts(sid)) == 4
    box.advance(1)
    assert box.texts(sid)[4:] == ["late"]
    box.fault("sync-lost", direction="to_classic")
    box.write(sid, "not concerned")
    box.advance(1)
    assert box.texts(sid)[5:] == ["not concerned"]


def test_a_held_back_message_arrives_in_the_end(box: Sandbox) -> None:
    """A message that waits for another to overtake it does not wait for ever."""
    box.configure()
    sid = box.converse()
    box.fault("sync-reorder")
    box.write(sid, "alone")
    box.advance(30)
    assert box.texts(sid) == []
    box.advance(60)
    assert box.texts(sid) == ["alone"]


def test_what_is_on_its_way_finds_the_twin_of_a_deleted_conversation(box: Sandbox) -> None:
    """A message sent just before the deletion of the classic side arrives where the others are."""
    box.configure()
    sid = box.converse()
    box.write(sid, "first")
    box.advance(1)
    box.write(sid, "last")
    box.http.delete(f"{box.classic}/{sid}")
    box.advance(5)
    assert len(box.twins(sid)) == 1
    assert box.texts(sid) == ["first", "last"]
