"""Users and bindings of classic: what a participant leaves behind, and what may exist twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .box import Sandbox


def users(box: Sandbox) -> set[str]:
    """The identities of the service's users."""
    listed = box.get(f"/v1/Services/{box.service_sid}/Users", PageSize=50)["users"]
    return {user["identity"] for user in listed}


def bind(box: Sandbox, sid: str, address: str, proxy: str | None = None) -> Any:
    form = {
        "MessagingBinding.Address": address,
        "MessagingBinding.ProxyAddress": proxy or box.number,
    }
    return box.http.post(f"{box.classic}/{sid}/Participants", data=form)


def test_a_chat_participant_leaves_a_user(box: Sandbox) -> None:
    """Deleting the conversation leaves it; an SMS participant and a mere author make none."""
    before = users(box)
    sid = box.converse("zoe")
    assert bind(box, sid, "+15551230000").status_code == 201
    box.write(sid, "hello", author="nobody")
    assert users(box) == before | {"zoe"}
    box.http.delete(f"{box.classic}/{sid}")
    assert users(box) == before | {"zoe"}
    box.converse("zoe")
    assert users(box) == before | {"zoe"}


def test_seeded_customers_have_users(box: Sandbox) -> None:
    """Those who chat, and the agent, once; those who write SMS have none."""
    identities = {
        p["identity"]
        for c in box.get(box.classic, PageSize=100)["conversations"]
        for p in box.get(f"{box.classic}/{c['sid']}/Participants")["participants"]
    }
    assert users(box) == identities - {None}
    assert len(identities - {None}) == 11


def test_deleting_a_user_takes_it_out_of_its_conversations(box: Sandbox) -> None:
    """By identity; what it wrote stays, the other participants too."""
    sid = box.converse("zoe")
    box.http.post(f"{box.classic}/{sid}/Participants", data={"Identity": "rita"})
    box.write(sid, "hello")
    path = f"/v1/Services/{box.service_sid}/Users/zoe"
    assert box.http.delete(path).status_code == 204
    assert box.http.get(path).status_code == 404
    members = box.get(f"{box.classic}/{sid}/Participants")["participants"]
    assert [p["identity"] for p in members] == ["rita"]
    assert [m["author"] for m in box.get(f"{box.classic}/{sid}/Messages")["messages"]] == ["zoe"]
    assert box.http.delete(path).status_code == 404


def test_users_belong_to_their_service(box: Sandbox) -> None:
    """The same identity in another service is another user."""
    box.converse("zoe")
    other = box.http.post("/v1/Services", data={"FriendlyName": "Other"}).json()["sid"]
    assert box.http.get(f"/v1/Services/{other}/Users/zoe").status_code == 404
    made = box.http.post(f"/v1/Services/{other}/Users", data={"Identity": "zoe"})
    own = box.get(f"/v1/Services/{box.service_sid}/Users/zoe")
    assert made.json()["sid"] != own["sid"]


@pytest.mark.parametrize("size", [0, 51])
def test_pages_of_users_hold_fifty_at_most(box: Sandbox, size: int) -> None:
    """Twilio's limits of page sizes: 50 for users, 5 for webhooks of a conversation."""
    service = f"/v1/Services/{box.service_sid}"
    assert box.http.get(f"{service}/Users", params={"PageSize": size}).status_code == 400
    hooks = f"{box.classic}/{box.converse()}/Webhooks"
    assert box.http.get(hooks, params={"PageSize": 6}).status_code == 400
    assert box.get(hooks)["meta"]["page_size"] == 5


def test_an_address_pair_lives_in_one_open_conversation(box: Sandbox) -> None:
    """In any service, seeded ones too; a closed one lets it go; another number is another pair."""
    first, second = box.converse(), box.converse("other")
    assert bind(box, first, "+15551230000").status_code == 201
    refused = bind(box, second, "+15551230000")
    assert (refused.status_code, refused.json()["code"]) == (409, 50416)
    assert first in refused.json()["message"]
    assert bind(box, second, "+15551230000", "+15005550001").status_code == 201
    box.http.post(f"{box.classic}/{first}", data={"State": "closed"})
    assert bind(box, second, "+15551230000").status_code == 201

    sms = box.get(
        f"/v1/Services/{box.service_sid}/ParticipantConversations", Address="+15552000005"
    )["conversations"]
    (seeded,) = (c["conversation_sid"] for c in sms)
    refused = bind(box, box.converse("third"), "+15552000005")
    assert (refused.status_code, seeded in refused.json()["message"]) == (409, True)


def test_a_binding_that_is_changed_is_found_by_its_new_number(box: Sandbox) -> None:
    """And not by its old one; a pair that is taken is refused here too."""
    first, second = box.converse(), box.converse("other")
    member = bind(box, first, "+15551230000").json()["sid"]
    path = f"{box.classic}/{first}/Participants/{member}"
    changed = box.http.post(path, data={"MessagingBinding.ProxyAddress": "+15005550001"})
    assert changed.status_code == 200
    assert bind(box, second, "+15551230000").status_code == 201
    back = box.http.post(path, data={"MessagingBinding.ProxyAddress": box.number})
    assert back.status_code == 409
    assert box.get(path)["messaging_binding"]["proxy_address"] == "+15005550001"


def test_whoever_left_is_not_found(box: Sandbox) -> None:
    """Neither by identity nor by address, and the pair is free again."""
    sid = box.converse("zoe")
    bind(box, sid, "+15551230000")
    for member in box.get(f"{box.classic}/{sid}/Participants")["participants"]:
        box.http.delete(f"{box.classic}/{sid}/Participants/{member['sid']}")
    for query in ({"Identity": "zoe"}, {"Address": "+15551230000"}):
        found = box.get(f"/v1/Services/{box.service_sid}/ParticipantConversations", **query)
        assert found["conversations"] == []
    assert bind(box, box.converse("other"), "+15551230000").status_code == 201
