"""SEND_MESSAGE: from Orchestrator back into classic, or out on its channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .box import Sandbox


@pytest.fixture
def talk(box: Sandbox) -> tuple[str, str]:
    """A bridged conversation: its classic sid and its v2 id."""
    box.configure()
    sid = box.converse("zoe")
    box.write(sid, "hello")
    box.advance(1)
    return sid, box.twins(sid)[0]["id"]


def send(box: Sandbox, conversation_id: str, **changes: Any) -> Any:
    payload = {
        "from": {"address": "bot", "channel": "CHAT"},
        "to": [{"address": "zoe", "channel": "CHAT"}],
        "content": {"text": "How can I help?"},
        **changes,
    }
    body = {"type": "SEND_MESSAGE", "payload": payload}
    return box.http.post(f"/v2/Conversations/{conversation_id}/Actions", json=body)


def test_a_chat_message_becomes_a_classic_one(box: Sandbox, talk: tuple[str, str]) -> None:
    """After the lag it is in classic once, in v2 once, and does not come back."""
    sid, conversation_id = talk
    accepted = send(box, conversation_id, channelSettings={"channelId": sid})
    assert accepted.status_code == 202
    action = accepted.json()
    path = f"/v2/Conversations/{conversation_id}/Actions/{action['id']}"
    assert (action["status"], action["related"]) == ("PENDING", {})
    assert box.get(path)["status"] == "PENDING"
    box.advance(1)
    done = box.get(path)
    assert done["status"] == "COMPLETED"
    message = box.get(f"{box.classic}/{sid}/Messages/{done['related']['messageSid']}")
    assert (message["author"], message["body"]) == ("bot", "How can I help?")
    box.advance(10)
    assert box.texts(sid) == ["hello", "How can I help?"]
    communication = box.communications(conversation_id)[1]
    assert communication["id"] == done["related"]["communicationId"]
    assert (communication["channelId"], communication["resourceId"]) == (sid, message["sid"])


def test_the_sender_may_be_a_participant(box: Sandbox, talk: tuple[str, str]) -> None:
    """participantId and channel say who speaks."""
    sid, conversation_id = talk
    added = box.http.post(
        f"/v2/Conversations/{conversation_id}/Participants",
        json={"type": "AI_AGENT", "addresses": [{"channel": "CHAT", "address": "ai"}]},
    )
    sender = {"participantId": added.json()["id"], "channel": "CHAT"}
    answer = send(box, conversation_id, **{"from": sender, "channelSettings": {"channelId": sid}})
    assert answer.status_code == 202
    box.advance(1)
    assert box.get(f"{box.classic}/{sid}/Messages")["messages"][1]["author"] == "ai"


def test_chat_needs_the_classic_conversation(box: Sandbox, talk: tuple[str, str]) -> None:
    """Without channelSettings.channelId, or with one that does not exist, nothing is sent."""
    _, conversation_id = talk
    for settings in ({}, {"channelId": "CH" + "0" * 32}):
        refused = send(box, conversation_id, channelSettings=settings)
        assert refused.status_code == 400
        assert "channelId" in refused.json()["message"]


def test_an_action_fails_where_classic_is_gone(box: Sandbox, talk: tuple[str, str]) -> None:
    """A classic conversation that goes while the message is on its way makes it FAILED."""
    sid, conversation_id = talk
    action = send(box, conversation_id, channelSettings={"channelId": sid}).json()
    box.http.delete(f"{box.classic}/{sid}")
    box.advance(1)
    done = box.get(f"/v2/Conversations/{conversation_id}/Actions/{action['id']}")
    assert (done["status"], done["related"]) == ("FAILED", {})


def test_an_sms_goes_out_of_an_unbridged_conversation(box: Sandbox) -> None:
    """Outside the bridge a message gets a message sid and becomes a communication."""
    configuration_id = box.configure(conversationsV1Bridge=None)
    made = box.http.post("/v2/Conversations", json={"configurationId": configuration_id})
    conversation_id = made.json()["id"]
    action = send(
        box,
        conversation_id,
        **{
            "from": {"address": box.number, "channel": "SMS"},
            "to": [{"address": "+15557770000", "channel": "SMS"}],
        },
    ).json()
    box.advance(1)
    done = box.get(f"/v2/Conversations/{conversation_id}/Actions/{action['id']}")
    assert done["related"]["messageSid"].startswith("SM")
    (communication,) = box.communications(conversation_id)
    assert communication["recipients"][0]["address"] == "+15557770000"


@pytest.mark.parametrize(
    "changes",
    [
        {"to": []},
        {"content": {}},
        {"content": {"text": 1}},
        {"content": {"text": "x", "colour": "red"}},
        {"from": {"address": "bot", "channel": "VOICE"}},
        {"from": {"participantId": "conv_participant_nobody", "channel": "CHAT"}},
        {"from": {}},
        {"to": [{"address": "new", "channel": "CHAT"}, {"participantId": "nobody"}]},
    ],
)
def test_what_cannot_be_sent_is_refused(
    box: Sandbox, talk: tuple[str, str], changes: dict[str, Any]
) -> None:
    """400, and classic stays as it is."""
    sid, conversation_id = talk
    refused = send(box, conversation_id, **{"channelSettings": {"channelId": sid}, **changes})
    assert refused.status_code == 400, refused.text
    assert len(box.twins(sid)[0]["participants"]) == 1
    box.advance(5)
    assert len(box.get(f"{box.classic}/{sid}/Messages")["messages"]) == 1


def test_an_action_fails_where_the_conversation_ends_first(
    box: Sandbox, talk: tuple[str, str]
) -> None:
    """A conversation closed while the message is on its way stays as it is, and so does classic."""
    sid, conversation_id = talk
    action = send(box, conversation_id, channelSettings={"channelId": sid}).json()
    box.http.patch(f"/v2/Conversations/{conversation_id}", json={"status": "CLOSED"})
    box.advance(1)
    done = box.get(f"/v2/Conversations/{conversation_id}/Actions/{action['id']}")
    assert done["status"] == "FAILED"
    assert box.texts(sid) == ["hello"]
    assert len(box.get(f"{box.classic}/{sid}/Messages")["messages"]) == 1
