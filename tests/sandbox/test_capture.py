"""Captured traffic: which rule takes it, and into which conversation it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .box import Sandbox

CALLER = "+15554440000"


def rules(*pairs: tuple[str, str], **metadata: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"metadata": metadata} if metadata else {}
    return {"captureRules": [{"from": a, "to": b, **rule} for a, b in pairs]}


def receive(box: Sandbox, channel: str, sender: str = CALLER, **more: Any) -> dict[str, Any]:
    call = {"channel": channel, "from": sender, "to": box.number, **more}
    received: dict[str, Any] = box.control("inbound", **call)
    return received


def configure(box: Sandbox, grouping: str, **settings: Any) -> str:
    return box.configure(
        conversationsV1Bridge=None,
        conversationGroupingType=grouping,
        channelSettings=settings,
        displayName=grouping[-32:],
    )


def everything(box: Sandbox) -> dict[str, Any]:
    return {c: rules(("*", box.number)) for c in ("SMS", "WHATSAPP", "RCS", "VOICE")}


def test_without_a_rule_nothing_is_captured(box: Sandbox) -> None:
    """A bridge alone captures nothing that comes from outside."""
    box.configure()
    assert receive(box, "SMS")["captured"] is False
    assert box.get("/v2/Conversations")["conversations"] == []


def test_rules_match_ends_and_call_type(box: Sandbox) -> None:
    """Addresses have to match, a star matches any, callType is PSTN unless said."""
    configure(
        box,
        "GROUP_BY_PARTICIPANT_ADDRESSES",
        VOICE=rules(("*", box.number)),
        SMS=rules((CALLER, box.number)),
    )
    assert receive(box, "VOICE")["captured"]
    assert not receive(box, "VOICE", call_type="CLIENT")["captured"]
    assert receive(box, "SMS")["rules"] == [{"from": CALLER, "to": box.number}]
    assert not receive(box, "SMS", sender="+15559990000")["captured"]
    assert not receive(box, "SMS", to="+15005550006")["captured"]


def test_a_call_is_a_transcription(box: Sandbox) -> None:
    """A captured call becomes a TRANSCRIPTION of the customer, with the call as channelId."""
    configure(box, "GROUP_BY_PARTICIPANT_ADDRESSES", VOICE=rules(("*", box.number)))
    taken = receive(box, "VOICE", text="I need help")
    (conversation_id,) = taken["conversation_ids"]
    (communication,) = box.communications(conversation_id)
    assert communication["content"]["type"] == "TRANSCRIPTION"
    assert communication["content"]["text"] == "I need help"
    assert communication["channelId"] == taken["resource_sid"]
    people = box.get(f"/v2/Conversations/{conversation_id}")["participants"]
    assert [p["type"] for p in people] == ["CUSTOMER", "AGENT"]


def test_grouping_by_addresses_crosses_channels(box: Sandbox) -> None:
    """The same number by SMS, WhatsApp, RCS and voice is one conversation; another is not."""
    configure(box, "GROUP_BY_PARTICIPANT_ADDRESSES", **everything(box))
    ids = {receive(box, c)["conversation_ids"][0] for c in ("SMS", "WHATSAPP", "RCS", "VOICE")}
    assert len(ids) == 1
    assert receive(box, "SMS", sender="+15559990000")["conversation_ids"][0] not in ids
    whole = box.get(f"/v2/Conversations/{ids.pop()}")
    assert len(whole["participants"]) == 2
    found = {(a["channel"], a["address"]) for a in whole["participants"][0]["addresses"]}
    assert ("WHATSAPP", f"whatsapp:{CALLER}") in found
    assert ("RCS", f"rcs:{CALLER}") in found


def test_grouping_by_channel_keeps_channels_apart(box: Sandbox) -> None:
    """The same number on another channel is another conversation, on the same one the same."""
    configure(box, "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE", **everything(box))
    sms = receive(box, "SMS")["conversation_ids"]
    assert receive(box, "WHATSAPP")["conversation_ids"] != sms
    assert receive(box, "SMS")["conversation_ids"] == sms


def test_grouping_by_profile_follows_the_person(box: Sandbox) -> None:
    """Two addresses of one profile meet in one conversation, a bridged chat included."""
    box.configure(
        conversationGroupingType="GROUP_BY_PROFILE",
        channelSettings={"VOICE": rules(("*", box.number))},
    )
    lookup = {"idType": "chat", "value": "ana.silva@example.com"}
    profiles = f"/v1/Stores/{box.store_id}/Profiles"
    (profile,) = box.http.post(f"{profiles}/Lookup", json=lookup).json()["profiles"]
    box.http.post(f"{profiles}/{profile}/Identifiers", json={"idType": "phone", "value": CALLER})
    sid = box.converse("ana.silva@example.com")
    box.write(sid, "by chat", author="ana.silva@example.com")
    box.advance(2)  # the chat is recognised a lag after it arrived
    (twin,) = box.twins(sid)
    assert receive(box, "VOICE")["conversation_ids"] == [twin["id"]]
    assert len(box.communications(twin["id"])) == 2
    assert receive(box, "VOICE", sender="+15559990000")["conversation_ids"] != [twin["id"]]


def test_a_closed_conversation_is_not_continued(box: Sandbox) -> None:
    """After CLOSED the same customer starts a new conversation."""
    configure(box, "GROUP_BY_PARTICIPANT_ADDRESSES", SMS=rules(("*", box.number)))
    (first,) = receive(box, "SMS")["conversation_ids"]
    box.http.patch(f"/v2/Conversations/{first}", json={"status": "CLOSED"})
    assert receive(box, "SMS")["conversation_ids"] != [first]


def test_bridge_and_capture_of_one_number_double_the_traffic(box: Sandbox) -> None:
    """A number that feeds the bridged service and is captured too yields two communications."""
    feed = {
        "Type": "sms",
        "Address": box.number,
        "AutoCreation.Enabled": "true",
        "AutoCreation.ConversationServiceSid": box.service_sid,
    }
    assert box.http.post("/v1/Configuration/Addresses", data=feed).status_code == 201
    box.configure(channelSettings={"SMS": rules(("*", box.number))})
    taken = receive(box, "SMS", text="once")
    sid = taken["classic"]["conversation_sid"]
    box.advance(1)
    assert box.texts(sid) == ["once"]
    (captured,) = taken["conversation_ids"]
    assert [c["content"]["text"] for c in box.communications(captured)] == ["once"]
    assert captured != box.twins(sid)[0]["id"]
    again = receive(box, "SMS", text="again")
    assert again["classic"]["conversation_sid"] == sid
