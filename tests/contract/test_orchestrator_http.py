"""What the SDK cannot say or does not show: nulls, headers, and keys on DELETE."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from ..waiting import until

if TYPE_CHECKING:
    import httpx

    from ..sandbox_process import Account

CONFIGURATIONS = "/v2/ControlPlane/Configurations"


def finish(http: httpx.Client, accepted: httpx.Response) -> dict[str, Any]:
    assert accepted.status_code == 202, accepted.text
    path = f"/v2/ControlPlane/Operations/{accepted.headers['Operation-Id']}"

    def look() -> Any:
        operation = http.get(path).json()
        return operation if operation["status"] != "PENDING" else None

    found: dict[str, Any] = until(look, what="the operation")
    return found


@pytest.fixture
def body(account: Account) -> dict[str, Any]:
    return {
        "displayName": "by hand",
        "description": "x",
        "conversationGroupingType": "GROUP_BY_PROFILE",
        "memoryStoreId": account.memory_store_id,
        "channelSettings": {
            "CHAT": {"statusTimeouts": {"closed": 60}},
            "VOICE": {"captureRules": [{"from": "*", "to": account.phone_number}]},
        },
        "conversationsV1Bridge": {"serviceId": account.service_sid},
    }


@pytest.fixture
def bridge(http: httpx.Client, body: dict[str, Any]) -> str:
    accepted = http.post(CONFIGURATIONS, json=body)
    assert finish(http, accepted)["status"] == "COMPLETED"
    return f"{CONFIGURATIONS}/{accepted.json()['related']['configurationId']}"


def test_conflict_names_the_configuration_that_is_there(
    http: httpx.Client, body: dict[str, Any], bridge: str
) -> None:
    """409 with X-Conflicting-Resource-Id, by POST and by a PATCH that would bridge twice."""
    there = bridge.rsplit("/", 1)[1]
    posted = http.post(CONFIGURATIONS, json=body | {"displayName": "second"})
    assert posted.status_code == 409
    assert posted.headers["X-Conflicting-Resource-Id"] == there

    plain = http.post(CONFIGURATIONS, json={k: v for k, v in body.items() if "Bridge" not in k})
    assert finish(http, plain)["status"] == "COMPLETED"
    other = f"{CONFIGURATIONS}/{plain.json()['related']['configurationId']}"
    bridged = {"conversationsV1Bridge": body["conversationsV1Bridge"]}
    patched = http.patch(other, json=bridged)
    assert patched.status_code == 409
    assert patched.headers["X-Conflicting-Resource-Id"] == there


def test_patch_null_removes(http: httpx.Client, bridge: str) -> None:
    """Null removes one channel, and the bridge; what is not named stays."""
    before = http.get(bridge).json()
    accepted = http.patch(bridge, json={"channelSettings": {"VOICE": None}})
    assert finish(http, accepted)["status"] == "COMPLETED"
    after = http.get(bridge).json()
    assert after["channelSettings"] == {"CHAT": before["channelSettings"]["CHAT"]}
    assert after["conversationsV1Bridge"] == before["conversationsV1Bridge"]

    accepted = http.patch(bridge, json={"conversationsV1Bridge": None})
    assert finish(http, accepted)["status"] == "COMPLETED"
    assert "conversationsV1Bridge" not in http.get(bridge).json()


def test_a_freed_service_can_be_bridged_again(
    http: httpx.Client, body: dict[str, Any], bridge: str
) -> None:
    """After the bridge is taken away, the service may be bridged by another configuration."""
    finish(http, http.patch(bridge, json={"conversationsV1Bridge": None}))
    again = http.post(CONFIGURATIONS, json=body | {"displayName": "again"})
    assert finish(http, again)["status"] == "COMPLETED"


def test_key_on_delete(http: httpx.Client, bridge: str) -> None:
    """A repeated DELETE under its key is answered as the first, even when all is gone."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = http.delete(bridge, headers=key)
    assert finish(http, first)["status"] == "COMPLETED"
    again = http.delete(bridge, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Operation-Id"] == first.headers["Operation-Id"]
    assert http.delete(bridge).status_code == 404


def test_key_must_be_a_uuid(http: httpx.Client, body: dict[str, Any]) -> None:
    """A key that is no UUID is refused, and nothing is made."""
    for key in ("one", "0" * 32, "z" * 8 + "-aaaa-aaaa-aaaa-aaaaaaaaaaaa"):
        answer = http.post(CONFIGURATIONS, json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 400
    assert http.get(CONFIGURATIONS).json()["configurations"] == []


def test_key_belongs_to_its_account(
    http: httpx.Client, body: dict[str, Any], sandbox: Any, watch: Any
) -> None:
    """Two accounts may use the same key; neither sees the other's operation."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    mine = http.post(CONFIGURATIONS, json=body, headers=key)
    other = sandbox.account(name="other")
    theirs = body | {
        "memoryStoreId": other.memory_store_id,
        "conversationsV1Bridge": {"serviceId": other.service_sid},
    }
    with watch.client(sandbox, other) as client:
        answer = client.post(CONFIGURATIONS, json=theirs, headers=key)
        assert answer.status_code == 202
        assert answer.headers["Operation-Id"] != mine.headers["Operation-Id"]
        operation = f"/v2/ControlPlane/Operations/{mine.headers['Operation-Id']}"
        assert client.get(operation).status_code == 404


def test_every_answer_has_a_request_id_of_its_own(http: httpx.Client) -> None:
    """Twilio-Request-Id is on every answer, refusals too, and never twice the same."""
    paths = ["/v2/Conversations", "/v2/Conversations", "/v2/Nothing", "/v1/Services", "/"]
    ids = [http.get(path).headers["Twilio-Request-Id"] for path in paths]
    assert len(set(ids)) == len(ids)


def test_status_filter_repeats(http: httpx.Client, bridge: str) -> None:
    """``status`` may be given twice, and means either."""
    configuration = {"configurationId": bridge.rsplit("/", 1)[1]}
    first, second = (http.post("/v2/Conversations", json=configuration).json() for _ in "12")
    http.put(f"/v2/Conversations/{second['id']}", json={"status": "CLOSED"})

    def listed(query: str) -> set[str]:
        found = http.get(f"/v2/Conversations?{query}").json()["conversations"]
        return {conversation["id"] for conversation in found}

    assert listed("status=ACTIVE") == {first["id"]}
    assert listed("status=CLOSED") == {second["id"]}
    assert listed("status=ACTIVE&status=CLOSED") == {first["id"], second["id"]} == listed("")


def test_stale_page_token_is_refused(http: httpx.Client) -> None:
    """A token that no page gave is a 400, not the first page again."""
    for path in (CONFIGURATIONS, "/v2/Conversations", "/v1/ControlPlane/Stores"):
        assert http.get(path, params={"pageToken": "made-up"}).status_code == 400


@pytest.mark.parametrize("same_key", [True, False])
def test_many_at_once_make_one_bridge(
    http: httpx.Client, body: dict[str, Any], *, same_key: bool
) -> None:
    """Eight requests at the same instant make one bridge, whether retries or rivals."""
    key = str(uuid.uuid4())

    def create(_: int) -> httpx.Response:
        own = key if same_key else str(uuid.uuid4())
        return http.post(CONFIGURATIONS, json=body, headers={"Idempotency-Key": own})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))
    accepted = [answer for answer in answers if answer.status_code == 202]
    assert len(accepted) == (8 if same_key else 1)
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.headers["Operation-Id"] for answer in accepted}) == 1
    assert finish(http, accepted[0])["status"] == "COMPLETED"
    assert len(http.get(CONFIGURATIONS).json()["configurations"]) == 1
