"""Classic: services, conversations, participants, messages, addresses, pages and timers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from .box import Sandbox


def test_the_start(box: Sandbox) -> None:
    """One service, twelve conversations of the past with messages, no configuration."""
    (service,) = box.get("/v1/Services")["services"]
    assert (service["sid"], service["friendly_name"]) == (box.service_sid, "Support chat")
    conversations = box.get(box.classic)["conversations"]
    assert len(conversations) == 12
    for conversation in conversations:
        assert conversation["date_created"] < "2026-01-05T09:00:00Z"
        messages = box.get(f"{box.classic}/{conversation['sid']}/Messages")["messages"]
        assert [m["index"] for m in messages] == list(range(len(messages)))
        assert len(messages) == 3
    assert box.get("/v2/ControlPlane/Configurations")["configurations"] == []
    assert box.get("/v1/Configuration")["default_chat_service_sid"] == box.service_sid


def test_pages_lead_through_everything_once(box: Sandbox) -> None:
    """next_page_url is absolute and leads to the end; previous_page_url leads back."""
    seen: list[str] = []
    url: str | None = f"{box.url}{box.classic}?PageSize=5"
    last = ""
    while url:
        page = box.http.get(url).json()
        seen += [c["sid"] for c in page["conversations"]]
        last, url = url, page["meta"]["next_page_url"]
        assert url is None or url.startswith(box.url)
    assert len(seen) == len(set(seen)) == 12
    back = box.http.get(box.http.get(last).json()["meta"]["previous_page_url"]).json()
    assert [c["sid"] for c in back["conversations"]] == seen[5:10]
    second = box.get(box.classic, PageSize=5, Page=1)["conversations"]
    assert [c["sid"] for c in second] == seen[5:10]


def test_a_page_stays_true_while_things_come_and_go(box: Sandbox) -> None:
    """Deleting what was read and adding more neither skips nor repeats anything."""
    page = box.get(box.classic, PageSize=6)
    read = [c["sid"] for c in page["conversations"]]
    box.http.delete(f"{box.classic}/{read[0]}")
    box.http.delete(f"{box.classic}/{read[5]}")
    new = box.converse()
    rest = box.http.get(page["meta"]["next_page_url"]).json()["conversations"]
    assert len(rest) == 6 or rest[-1]["sid"] == new
    assert not {c["sid"] for c in rest} & set(read)


@pytest.mark.parametrize(
    ("path", "largest"),
    [
        ("/v1/Services", 100),
        ("{classic}", 100),
        ("{classic}/{sid}/Messages", 100),
        ("{classic}/{sid}/Participants", 100),
        ("/v1/Configuration/Addresses", 50),
    ],
)
def test_page_sizes_have_their_maxima(box: Sandbox, path: str, largest: int) -> None:
    """Up to the maximum a page size is taken, beyond it and below one it is refused."""
    sid = box.get(box.classic)["conversations"][0]["sid"]
    path = path.format(classic=box.classic, sid=sid)
    assert box.http.get(path, params={"PageSize": largest}).status_code == 200
    for size in (largest + 1, 0, -1, "many"):
        assert box.http.get(path, params={"PageSize": size}).status_code == 400


def test_filters_of_conversations(box: Sandbox) -> None:
    """StartDate, EndDate (the day included) and State narrow the list."""
    sid = box.converse(State="inactive")
    today = {"StartDate": "2026-01-05"}
    assert [c["sid"] for c in box.get(box.classic, State="inactive")["conversations"]] == [sid]
    assert sid in [c["sid"] for c in box.get(box.classic, **today)["conversations"]]
    assert box.get(box.classic, EndDate="2020-01-01")["conversations"] == []
    assert box.http.get(box.classic, params={"StartDate": "soon"}).status_code == 400
    assert box.http.get(box.classic, params={"State": "asleep"}).status_code == 400


def test_unique_names_find_their_conversation(box: Sandbox) -> None:
    """A unique name stands in for the sid, and is free again after deletion."""
    sid = box.converse(UniqueName="order-1")
    assert box.get(f"{box.classic}/order-1")["sid"] == sid
    taken = box.http.post(box.classic, data={"UniqueName": "order-1"})
    assert taken.status_code == 409
    box.http.post(f"{box.classic}/{sid}", data={"UniqueName": "order-2", "Attributes": "{}"})
    assert box.http.get(f"{box.classic}/order-1").status_code == 404
    box.http.delete(f"{box.classic}/order-2")
    assert box.http.post(box.classic, data={"UniqueName": "order-2"}).status_code == 201


def test_timers_follow_the_clock(box: Sandbox) -> None:
    """Inactive and closed come after so much silence; a message wakes an inactive one."""
    sid = box.converse(**{"Timers.Inactive": "PT1M", "Timers.Closed": "PT10M"})
    assert box.get(f"{box.classic}/{sid}")["timers"] == {
        "date_inactive": "2026-01-05T09:01:00Z",
        "date_closed": "2026-01-05T09:10:00Z",
    }
    box.advance(60)
    assert box.get(f"{box.classic}/{sid}")["state"] == "inactive"
    box.write(sid, "still here")
    assert box.get(f"{box.classic}/{sid}")["state"] == "active"
    box.advance(600)
    assert box.get(f"{box.classic}/{sid}")["state"] == "closed"
    refused = box.http.post(f"{box.classic}/{sid}/Messages", data={"Body": "too late"})
    assert refused.status_code == 400
    for bad in ({"Timers.Inactive": "PT30S"}, {"Timers.Closed": "PT9M"}, {"Timers.Closed": "P"}):
        assert box.http.post(box.classic, data=bad).status_code == 400


def test_messages(box: Sandbox) -> None:
    """Author defaults to system, Order=desc turns the list round, edits and deletes work."""
    sid = box.converse("zoe")
    path = f"{box.classic}/{sid}/Messages"
    headers = {"X-Twilio-Webhook-Enabled": "true"}
    first = box.http.post(path, data={"Body": "one"}, headers=headers).json()
    assert (first["author"], first["participant_sid"]) == ("system", None)
    second = box.get(f"{path}/{box.write(sid, 'two')}")
    assert (second["index"], second["author"]) == (1, "zoe")
    assert second["participant_sid"].startswith("MB")
    newest = box.get(path, Order="desc", PageSize=1)
    assert newest["messages"] == [second]
    assert box.http.get(newest["meta"]["next_page_url"]).json()["messages"] == [first]
    edited = box.http.post(f"{path}/{first['sid']}", data={"Body": "true"}).json()
    assert edited["body"] == "true"
    assert box.http.delete(f"{path}/{first['sid']}").status_code == 204
    assert box.http.get(f"{path}/{first['sid']}").status_code == 404
    assert box.http.post(path, data={"Body": "x" * 1601}).status_code == 400
    assert box.http.post(path, json={"Body": "as JSON"}).status_code == 415


def test_participants(box: Sandbox) -> None:
    """Identities and bindings are unique; a binding needs both addresses."""
    sid = box.converse("zoe")
    path = f"{box.classic}/{sid}/Participants"
    assert box.get(f"{path}/zoe")["identity"] == "zoe"
    assert box.http.post(path, data={"Identity": "zoe"}).status_code == 409
    binding = {
        "MessagingBinding.Address": "whatsapp:+15551230000",
        "MessagingBinding.ProxyAddress": "whatsapp:+15005550006",
    }
    made = box.http.post(path, data=binding).json()
    assert made["messaging_binding"]["type"] == "whatsapp"
    other = box.converse("max")
    assert box.http.post(f"{box.classic}/{other}/Participants", data=binding).status_code == 409
    for bad in ({}, {"MessagingBinding.Address": "+15551230000"}):
        assert box.http.post(path, data=bad).status_code == 400
    read = {"LastReadMessageIndex": "0", "LastReadTimestamp": "2026-01-05T09:00:00Z"}
    assert box.http.post(f"{path}/zoe", data=read).json()["last_read_message_index"] == 0
    assert box.http.delete(f"{path}/{made['sid']}").status_code == 204
    assert len(box.get(path)["participants"]) == 1


def test_who_is_where(box: Sandbox) -> None:
    """ParticipantConversations goes by Identity or by Address, not by both."""
    sid = box.converse("zoe")
    path = f"/v1/Services/{box.service_sid}/ParticipantConversations"
    (found,) = box.get(path, Identity="zoe")["conversations"]
    assert (found["conversation_sid"], found["participant_identity"]) == (sid, "zoe")
    assert box.get(path, Address="+15550000000")["conversations"] == []
    assert box.http.get(path).status_code == 400
    assert box.http.get(path, params={"Identity": "a", "Address": "b"}).status_code == 400


def test_services(box: Sandbox) -> None:
    """A deleted service takes everything with it; the next one is the default."""
    made = box.http.post("/v1/Services", data={"FriendlyName": "Second"})
    assert made.status_code == 201
    configuration = made.json()["links"]["configuration"]
    role = {"DefaultConversationRoleSid": "RL" + "a" * 32, "ReachabilityEnabled": "true"}
    changed = box.http.post(configuration, data=role).json()
    assert changed["default_conversation_role_sid"] == "RL" + "a" * 32
    assert changed["reachability_enabled"] is True
    assert box.http.delete(f"/v1/Services/{box.service_sid}").status_code == 204
    assert box.http.get(box.classic).status_code == 404
    assert box.get("/v1/Configuration")["default_chat_service_sid"] == made.json()["sid"]
    assert box.http.post("/v1/Services", data={}).status_code == 400


def test_addresses(box: Sandbox) -> None:
    """An address says which service it feeds, is found by itself, and is unique."""
    path = "/v1/Configuration/Addresses"
    feed = {"Type": "sms", "Address": box.number, "AutoCreation.WebhookFilters": ["a", "b"]}
    made = box.http.post(path, data=feed).json()
    assert made["auto_creation"]["enabled"] is False
    assert made["auto_creation"]["webhook_filters"] == ["a", "b"]
    assert box.http.post(path, data=feed).status_code == 409
    turned_on = {
        "AutoCreation.Enabled": "true",
        "AutoCreation.ConversationServiceSid": box.service_sid,
    }
    box.http.post(f"{path}/{made['sid']}", data=turned_on)
    found = box.get(f"{path}/{box.number}")
    assert found["auto_creation"]["conversation_service_sid"] == box.service_sid
    assert box.get(path, Type="whatsapp")["address_configurations"] == []
    assert box.http.delete(f"{path}/{made['sid']}").status_code == 204
    assert box.http.post(path, data={"Type": "fax", "Address": "1"}).status_code == 400


def test_numbers(box: Sandbox) -> None:
    """Two numbers with their capabilities; page uris are relative; filters work."""
    path = f"/2010-04-01/Accounts/{box.account_sid}/IncomingPhoneNumbers"
    listed = box.get(f"{path}.json", PageSize=1)
    (first,) = listed["incoming_phone_numbers"]
    assert (first["phone_number"], first["capabilities"]["voice"]) == (box.number, True)
    following = listed["next_page_uri"]
    assert not urlsplit(following).netloc
    (second,) = box.get(following)["incoming_phone_numbers"]
    assert second["capabilities"] == {"voice": False, "sms": True, "mms": False, "fax": False}
    part = box.number[-4:]
    assert box.get(f"{path}.json", PhoneNumber=f"*{part}")["incoming_phone_numbers"] == [first]
    named = box.http.post(f"{path}/{first['sid']}.json", data={"FriendlyName": "Main"}).json()
    assert named["friendly_name"] == "Main"
    bought = box.http.post(f"{path}.json", data={"AreaCode": "415"}).json()
    assert bought["phone_number"].startswith("+1415")
    assert box.http.delete(f"{path}/{bought['sid']}.json").status_code == 204
    assert first["date_created"].endswith("+0000")


def test_dates_can_be_written(box: Sandbox) -> None:
    """DateCreated and DateUpdated are kept, without milliseconds; impossible ones refused."""
    dates = {"DateCreated": "2020-02-03T04:05:06.789Z", "DateUpdated": "0900-01-01T00:00:00Z"}
    made = box.http.post(box.classic, data=dates).json()
    assert (made["date_created"], made["date_updated"]) == (
        "2020-02-03T04:05:06Z",
        "0900-01-01T00:00:00Z",
    )
    before = len(box.get(box.classic)["conversations"])
    for bad in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "soon"):
        for member in ("DateCreated", "DateUpdated"):
            assert box.http.post(box.classic, data={member: bad}).status_code == 400
    assert len(box.get(box.classic)["conversations"]) == before
