"""v2 conversations, participants and communications, and the lives of conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .box import Sandbox

PATH = "/v2/Conversations"


def timeouts(inactive: int | None = None, closed: int | None = None) -> dict[str, Any]:
    chosen = {"inactive": inactive, "closed": closed}
    return {"statusTimeouts": {k: v for k, v in chosen.items() if v is not None}}


def customer(address: str = "+15551110000", channel: str = "SMS") -> dict[str, Any]:
    return {"type": "CUSTOMER", "addresses": [{"channel": channel, "address": address}]}


def make(box: Sandbox, configuration_id: str, **body: Any) -> dict[str, Any]:
    answer = box.http.post(PATH, json={"configurationId": configuration_id, **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def say(box: Sandbox, conversation_id: str, text: str = "hello", **more: Any) -> Any:
    body = {
        "author": {"address": "+15551110000", "channel": "SMS"},
        "content": {"type": "TEXT", "text": text},
        "recipients": [{"address": box.number, "channel": "SMS"}],
        **more,
    }
    return box.http.post(f"{PATH}/{conversation_id}/Communications", json=body)


def test_create_fetch_list(box: Sandbox) -> None:
    """What was created is what is read, singly and in lists, with participants named."""
    configuration_id = box.configure(conversationsV1Bridge=None)
    made = make(box, configuration_id, name="A talk", participants=[customer()])
    assert box.get(f"{PATH}/{made['id']}") == made
    assert box.get(PATH)["conversations"] == [made]
    (participant,) = made["participants"]
    assert participant["name"] == "+15551110000"
    assert participant["profileId"].startswith("mem_profile_")
    listed = box.get(f"{PATH}/{made['id']}/Participants")
    assert listed["participants"] == [participant]
    assert listed["meta"] == {"key": "participants", "pageSize": 1}
    assert box.get(f"{PATH}/{made['id']}/Participants/{participant['id']}") == participant


def test_the_same_people_do_not_talk_twice(box: Sandbox) -> None:
    """409 names the open conversation; closed, or with somebody else, there is none."""
    configuration_id = box.configure(conversationsV1Bridge=None)
    agent = {"type": "AGENT", "addresses": [{"channel": "SMS", "address": box.number}]}
    first = make(box, configuration_id, participants=[customer(), agent])
    body = {"configurationId": configuration_id, "participants": [customer(), agent]}
    refused = box.http.post(PATH, json=body)
    assert refused.status_code == 409
    assert refused.headers["X-Conflicting-Resource-Id"] == first["id"]
    make(box, configuration_id, participants=[customer("+15552220000"), agent])
    box.http.put(f"{PATH}/{first['id']}", json={"status": "CLOSED"})
    make(box, configuration_id, participants=[customer(), agent])


def test_the_configuration_is_pinned_at_birth(box: Sandbox) -> None:
    """Later changes do not reach conversations that are there; new ones have them."""
    configuration_id = box.configure(conversationsV1Bridge=None, description="before")
    old = make(box, configuration_id)
    path = f"/v2/ControlPlane/Configurations/{configuration_id}"
    box.http.patch(path, json={"description": "after"})
    box.advance(1)
    assert box.get(f"{PATH}/{old['id']}")["configuration"]["description"] == "before"
    assert make(box, configuration_id)["configuration"]["description"] == "after"


def test_patch_and_put(box: Sandbox) -> None:
    """PATCH changes what it names, callbacks of the snapshot too; PUT drops a name left out."""
    configuration_id = box.configure(
        conversationsV1Bridge=None, statusCallbacks=[{"url": "https://example.com/hook"}]
    )
    path = f"{PATH}/{make(box, configuration_id, name='one')['id']}"
    assert box.get(path)["configuration"]["statusCallbacks"] == [
        {"url": "https://example.com/hook", "method": "POST"}
    ]
    silenced = box.http.patch(path, json={"configuration": {"statusCallbacks": []}}).json()
    assert (silenced["configuration"]["statusCallbacks"], silenced["name"]) == ([], "one")
    assert box.http.patch(path, json={"name": None}).json()["name"] is None
    box.http.patch(path, json={"metadata": {"a": "1", "b": "2"}})
    assert box.http.patch(path, json={"metadata": {"a": None}}).json()["metadata"] == {"b": "2"}
    put = box.http.put(path, json={"status": "INACTIVE", "name": "two"}).json()
    assert (put["status"], put["name"]) == ("INACTIVE", "two")
    assert box.http.put(path, json={"status": "ACTIVE"}).json()["name"] is None


def test_a_closed_conversation_refuses_changes(box: Sandbox) -> None:
    """Neither it nor anything in it changes any more; it can be read and deleted."""
    configuration_id = box.configure(conversationsV1Bridge=None)
    made = make(box, configuration_id, participants=[customer()])
    path = f"{PATH}/{made['id']}"
    participant = f"{path}/Participants/{made['participants'][0]['id']}"
    box.http.patch(path, json={"status": "CLOSED"})
    before = box.get(path)
    for refused in (
        box.http.patch(path, json={"status": "ACTIVE"}),
        box.http.put(path, json={"status": "ACTIVE"}),
        box.http.patch(path, json={"name": "x"}),
        box.http.post(f"{path}/Participants", json=customer("+15553330000")),
        box.http.put(participant, json=customer("+15553330000")),
        say(box, made["id"]),
    ):
        assert refused.status_code == 400
    assert box.get(path) == before
    assert box.http.delete(path).status_code == 202


def test_delete_is_an_operation(box: Sandbox) -> None:
    """The conversation goes when the operation is COMPLETED; a keyed repeat starts no other."""
    made = make(box, box.configure(conversationsV1Bridge=None))
    key = {"Idempotency-Key": "6f1f8f0e-7d0b-4a8e-9c39-0d5f2f0c6a11"}
    accepted = box.http.delete(f"{PATH}/{made['id']}", headers=key)
    assert accepted.json()["related"] == {"conversationId": made["id"]}
    again = box.http.delete(f"{PATH}/{made['id']}", headers=key)
    assert again.headers["Operation-Id"] == accepted.headers["Operation-Id"]
    assert box.http.delete(f"{PATH}/{made['id']}").status_code == 409
    assert box.http.get(f"{PATH}/{made['id']}").status_code == 200
    box.advance(1)
    assert box.http.get(f"{PATH}/{made['id']}").status_code == 404
    assert box.get(PATH)["conversations"] == []


def test_an_address_belongs_to_one_participant(box: Sandbox) -> None:
    """A taken address gives 409 with its holder; a PUT of the holder changes the type."""
    made = make(box, box.configure(conversationsV1Bridge=None))
    path = f"{PATH}/{made['id']}/Participants"
    addresses = [{"channel": "CHAT", "address": "ai"}]
    unknown = box.http.post(path, json={"addresses": addresses}).json()
    assert (unknown["type"], unknown["name"]) == ("UNKNOWN", "ai")
    twice = box.http.post(path, json={"addresses": [{"channel": "SMS", "address": "+1"}] * 2})
    assert twice.status_code == 400
    refused = box.http.post(path, json={"type": "AI_AGENT", "addresses": addresses})
    assert refused.status_code == 409
    assert refused.headers["X-Conflicting-Resource-Id"] == unknown["id"]
    body = {"type": "AI_AGENT", "name": "Ada", "addresses": addresses}
    changed = box.http.put(f"{path}/{unknown['id']}", json=body).json()
    assert (changed["id"], changed["type"], changed["name"]) == (unknown["id"], "AI_AGENT", "Ada")


def test_a_communication_names_its_participants(box: Sandbox) -> None:
    """Author and recipients carry a participantId, created for an address that nobody had."""
    made = make(box, box.configure(conversationsV1Bridge=None), participants=[customer()])
    said = say(box, made["id"], occurredAt="2026-01-01T00:00:00+01:00", channelId="SM1").json()
    assert said["author"]["participantId"] == made["participants"][0]["id"]
    people = box.get(f"{PATH}/{made['id']}/Participants")["participants"]
    assert said["recipients"][0]["participantId"] == people[1]["id"]
    assert said["occurredAt"] == "2025-12-31T23:00:00Z"
    path = f"{PATH}/{made['id']}/Communications"
    assert box.get(f"{path}/{said['id']}") == said
    assert box.get(path, channelId="SM1")["communications"] == [said]
    assert box.get(path, channelId="SM2")["communications"] == []
    assert box.get(PATH, channelId="SM1")["conversations"][0]["id"] == made["id"]


def test_a_known_resource_id_updates(box: Sandbox) -> None:
    """Posting a resourceId again changes that communication and adds none."""
    made = make(box, box.configure(conversationsV1Bridge=None))
    first = say(box, made["id"], "draft", resourceId="r1").json()
    second = say(box, made["id"], "final", resourceId="r1").json()
    assert second["id"] == first["id"]
    assert [c["content"]["text"] for c in box.communications(made["id"])] == ["final"]


def test_silence_makes_inactive_and_closed(box: Sandbox) -> None:
    """Timers count from the last communication, wake an INACTIVE one and stop at CLOSED."""
    configuration_id = box.configure(
        conversationsV1Bridge=None, channelSettings={"SMS": timeouts(10, 60)}
    )
    made = make(box, configuration_id, participants=[customer()])
    path = f"{PATH}/{made['id']}"

    def status() -> str:
        return str(box.get(path)["status"])

    box.advance(599)
    assert status() == "ACTIVE"
    box.advance(1)
    assert status() == "INACTIVE"
    say(box, made["id"])
    assert status() == "ACTIVE"
    box.advance(600)
    assert status() == "INACTIVE"
    box.advance(2999)
    assert status() == "INACTIVE"
    box.advance(1)
    closed = box.get(path)
    assert (closed["status"], closed["updatedAt"]) == ("CLOSED", "2026-01-05T10:10:01Z")


def test_one_leap_is_as_good_as_many_steps(box: Sandbox) -> None:
    """Transitions happen at their own instants however far the clock is advanced at once."""
    configuration_id = box.configure(
        conversationsV1Bridge=None, channelSettings={"SMS": timeouts(10, 60)}
    )
    made = make(box, configuration_id, participants=[customer()])
    box.advance(365 * 86400)
    assert box.get(f"{PATH}/{made['id']}")["updatedAt"] == "2026-01-05T10:00:01Z"


@pytest.mark.parametrize(
    ("settings", "after", "status"),
    [
        ({"SMS": timeouts(1, 2), "CHAT": timeouts(5, 9)}, 4, "ACTIVE"),
        ({"SMS": timeouts(1, 2), "CHAT": timeouts(5, 9)}, 8, "INACTIVE"),
        ({"SMS": timeouts(1, 2), "CHAT": timeouts(5, 9)}, 9, "CLOSED"),
        ({"SMS": timeouts(1, 2)}, 10_000, "ACTIVE"),
        ({"SMS": timeouts(closed=2), "CHAT": timeouts(closed=3)}, 3, "CLOSED"),
        ({}, 3 * 365 * 24 * 60 - 1, "ACTIVE"),
        ({}, 3 * 365 * 24 * 60, "CLOSED"),
    ],
)
def test_the_longest_living_channel_wins(
    box: Sandbox, settings: dict[str, Any], after: int, status: str
) -> None:
    """With several channels the latest timer counts, and no timer means three years."""
    configuration_id = box.configure(conversationsV1Bridge=None, channelSettings=settings)
    people = [customer(), customer("zoe", "CHAT")]
    made = make(box, configuration_id, participants=people)
    box.advance(after * 60)
    assert box.get(f"{PATH}/{made['id']}")["status"] == status


def test_lists_filter_by_repeated_status(box: Sandbox) -> None:
    """status may be repeated; an unknown one is refused."""
    configuration_id = box.configure(conversationsV1Bridge=None)
    ids = {}
    for status in ("ACTIVE", "INACTIVE", "CLOSED"):
        ids[status] = make(box, configuration_id)["id"]
        box.http.put(f"{PATH}/{ids[status]}", json={"status": status})
    found = box.get(PATH, status=["ACTIVE", "CLOSED"])["conversations"]
    assert [c["id"] for c in found] == [ids["ACTIVE"], ids["CLOSED"]]
    assert box.http.get(PATH, params={"status": "OPEN"}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"configurationId": None},
        {"configurationId": "c", "participants": [{}] * 51},
        {"configurationId": "c", "participants": [{"type": "ROBOT"}]},
        {"configurationId": "c", "participants": [{"addresses": [{"channel": "SMS"}]}]},
        {"configurationId": "c", "metadata": {"spaces here": "1"}},
        {"configurationId": "c", "name": None},
    ],
)
def test_a_conversation_that_breaks_a_rule_is_refused(box: Sandbox, body: dict[str, Any]) -> None:
    """400 with code 20001, and no conversation."""
    refused = box.http.post(PATH, json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, 20001)
    assert box.get(PATH)["conversations"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"recipients": []},
        {"content": {"type": "TEXT"}},
        {"content": {"type": "VIDEO", "text": "x"}},
        {"author": {"address": "x"}},
        {"author": {"address": "x", "channel": "PIGEON"}},
        {"occurredAt": "yesterday"},
        {"resourceId": ""},
        {"recipients": [{"address": "a", "channel": "SMS", "participantId": "nobody"}]},
        {"content": {"type": "TRANSCRIPTION", "text": "x", "transcription": {"confidence": 2}}},
    ],
)
def test_a_communication_that_breaks_a_rule_is_refused(
    box: Sandbox, changes: dict[str, Any]
) -> None:
    """400, nothing recorded, nobody added."""
    made = make(box, box.configure(conversationsV1Bridge=None))
    assert say(box, made["id"], **changes).status_code == 400
    assert box.get(f"{PATH}/{made['id']}") == made


def test_timers_start_with_the_first_participant(box: Sandbox) -> None:
    """A conversation that gets its channel later is closed in time although nobody spoke."""
    configuration_id = box.configure(
        conversationsV1Bridge=None, channelSettings={"SMS": timeouts(closed=2)}
    )
    made = make(box, configuration_id)
    box.http.post(f"{PATH}/{made['id']}/Participants", json=customer())
    box.advance(120)
    assert box.get(f"{PATH}/{made['id']}")["status"] == "CLOSED"
