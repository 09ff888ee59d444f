"""Who may do what, and how a refusal looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from ..sandbox_process import plain_client

if TYPE_CHECKING:
    from .box import Sandbox

PATHS = [
    "/v1/Services",
    "/v1/ControlPlane/Stores",
    "/v2/ControlPlane/Configurations",
    "/v2/Conversations",
]


@pytest.mark.parametrize("path", PATHS)
def test_wrong_credentials(box: Sandbox, path: str) -> None:
    """None, unknown or wrong credentials give 401 and 20003; key and token both work."""
    header = {"Authorization": "Basic nonsense"}
    for refused in (
        httpx.get(box.url + path, verify=False),
        httpx.get(box.url + path, headers=header, verify=False),
        httpx.get(box.url + path, auth=("SK" + "0" * 32, "x"), verify=False),
        httpx.get(box.url + path, auth=(box.key[0], "wrong"), verify=False),
        httpx.get(box.url + path, auth=(box.token[0], box.key[1]), verify=False),
    ):
        assert (refused.status_code, refused.json()["code"]) == (401, 20003)
        assert refused.headers["WWW-Authenticate"].startswith("Basic")
        assert refused.headers["Twilio-Request-Id"].startswith("RQ")
    assert httpx.get(box.url + path, auth=box.token, verify=False).status_code == 200


def test_every_answer_has_a_request_id(box: Sandbox) -> None:
    """Each answer, good or bad, has its own Twilio-Request-Id."""
    answers = [box.http.get(p) for p in (*PATHS, "/nowhere")] + [box.http.put("/v1/Services")]
    ids = {a.headers["Twilio-Request-Id"] for a in answers}
    assert len(ids) == len(answers)


def test_terms_of_service(box: Sandbox) -> None:
    """Terms not accepted: 401/20003 in Orchestrator's shape; classic goes on."""
    box.control(f"accounts/{box.account_sid}", terms_accepted=False)
    for path in PATHS[1:]:
        refused = box.http.get(path)
        assert refused.status_code == 401
        assert refused.json()["code"] == 20003
        assert refused.json()["params"] == {"field": "termsOfService"}
    assert box.http.get("/v1/Services").status_code == 200


def test_switched_off(box: Sandbox) -> None:
    """Without Orchestrator 404 on v2, not on memory; a suspended account gets 403 everywhere."""
    path = f"accounts/{box.account_sid}"
    box.control(path, orchestrator_enabled=False)
    missing = box.http.get("/v2/Conversations")
    assert (missing.status_code, missing.json()["code"]) == (404, 20404)
    assert box.http.get("/v1/ControlPlane/Stores").status_code == 200
    box.control(path, orchestrator_enabled=True, status="suspended")
    for other in PATHS:
        refused = box.http.get(other)
        assert (refused.status_code, refused.json()["code"]) == (403, 20005)
    account = f"/2010-04-01/Accounts/{box.account_sid}.json"
    assert (
        httpx.get(box.url + account, auth=box.token, verify=False).json()["status"] == "suspended"
    )


def test_a_standard_key_may_not_read_its_account(box: Sandbox) -> None:
    """The account resource wants the auth token; another account's path wants its own."""
    account = f"/2010-04-01/Accounts/{box.account_sid}.json"
    assert box.http.get(account).status_code == 401
    assert httpx.get(box.url + account, auth=box.token, verify=False).json()["status"] == "active"
    other = box.control("accounts", name="Other")["account_sid"]
    numbers = f"/2010-04-01/Accounts/{other}/IncomingPhoneNumbers.json"
    assert box.http.get(numbers).status_code == 401


def test_accounts_do_not_see_each_other(box: Sandbox) -> None:
    """What belongs to one account is 404 for another."""
    configuration_id = box.configure()
    other = box.control("accounts", name="Other")
    auth = (other["api_key"], other["api_secret"])
    for path in (
        f"/v1/Services/{box.service_sid}",
        f"/v1/ControlPlane/Stores/{box.store_id}",
        f"/v2/ControlPlane/Configurations/{configuration_id}",
    ):
        refused = httpx.get(box.url + path, auth=auth, verify=False)
        assert (refused.status_code, refused.json()["code"]) == (404, 20404)


def test_content_types(box: Sandbox) -> None:
    """v2 and memory take JSON only, classic forms only: 415 with 20422 otherwise."""
    for path in ("/v2/Conversations", "/v2/ControlPlane/Configurations", PATHS[1]):
        for refused in (
            box.http.post(path, data={"a": "b"}),
            box.http.post(path, content=b"{}", headers={"Content-Type": "text/plain"}),
        ):
            assert (refused.status_code, refused.json()["code"]) == (415, 20422)
        charset = {"Content-Type": "application/json; charset=utf-8"}
        assert box.http.post(path, content=b"{}", headers=charset).status_code == 400
        assert box.http.post(path, content=b"{", headers=charset).status_code == 400
        assert box.http.post(path, content=b"[]", headers=charset).status_code == 400
    assert box.http.post("/v1/Services", json={"FriendlyName": "x"}).status_code == 415


def test_methods_and_paths(box: Sandbox) -> None:
    """An unknown path gives 404, a known one with another method 405 and what is allowed."""
    assert box.http.get("/v2/Nothing").json()["code"] == 20404
    refused = box.http.patch("/v2/Conversations", json={})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("size", ["0", "1001", "-1", "x", ""])
def test_page_sizes_of_v2(box: Sandbox, size: str) -> None:
    """pageSize is 1 to 1000."""
    refused = box.http.get("/v2/Conversations", params={"pageSize": size})
    assert (refused.status_code, refused.json()["code"]) == (400, 20001)
    assert box.http.get("/v2/Conversations", params={"pageSize": "1000"}).status_code == 200


def test_tokens_belong_to_their_list(box: Sandbox) -> None:
    """Tokens walk through a list once; on another list, with other filters, or made up: 400."""
    box.control("seed", orchestrator_conversations=25, messages=1)
    seen: list[str] = []
    query: dict[str, str | int] = {"pageSize": 10}
    tokens = []
    while True:
        page = box.get("/v2/Conversations", **query)
        assert page["meta"]["pageSize"] == len(page["conversations"])
        seen += [c["id"] for c in page["conversations"]]
        if "nextToken" not in page["meta"]:
            break
        query["pageToken"] = page["meta"]["nextToken"]
        tokens.append(page["meta"]["nextToken"])
    assert len(seen) == len(set(seen)) == 25
    back = box.get("/v2/Conversations", pageSize=10, pageToken=page["meta"]["previousToken"])
    assert [c["id"] for c in back["conversations"]] == seen[10:20]
    for path, more in (
        ("/v2/ControlPlane/Configurations", {"pageToken": tokens[0]}),
        ("/v2/Conversations", {"pageToken": tokens[0], "status": "ACTIVE"}),
        ("/v2/Conversations", {"pageToken": "made-up"}),
        ("/v2/Conversations", {"pageToken": "é"}),
    ):
        assert box.http.get(path, params=more).status_code == 400


def test_rate_limits(box: Sandbox) -> None:
    """So many requests per second and account, then 429 with Retry-After, then again."""
    box.control("settings", rate_limit=3)
    statuses = [box.http.get("/v1/Services").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = box.http.get("/v1/Services")
    assert (refused.json()["code"], refused.headers["Retry-After"]) == (20429, "1")
    box.advance(1)
    assert box.http.get("/v1/Services").status_code == 200


def test_the_webhook_header_is_checked(box: Sandbox) -> None:
    """X-Twilio-Webhook-Enabled is true or false on classic's writes."""
    header = {"X-Twilio-Webhook-Enabled": "maybe"}
    assert box.http.post(box.classic, data={}, headers=header).status_code == 400
    header = {"X-Twilio-Webhook-Enabled": "false"}
    assert box.http.post(box.classic, data={}, headers=header).status_code == 201


def test_an_unknown_control_says_so(box: Sandbox) -> None:
    """404 or 405 with one line, and no demand for credentials."""
    with plain_client(f"{box.url}/_sandbox") as nobody:
        assert "no such control" in nobody.get("/magic").json()["error"]
        refused = nobody.put("/clock", json={"advance": 1})
    assert (refused.status_code, refused.json()) == (405, {"error": "method: use POST"})
