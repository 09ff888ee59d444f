"""Faults on demand: each breaks exactly what it says, as often as it says."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from .box import Sandbox

CONFIGURATIONS = "/v2/ControlPlane/Configurations"


def test_a_burst_ends(box: Sandbox) -> None:
    """n times 429 on a path, other paths untouched, then as before."""
    box.fault("status", status=429, retry_after="7", path="^/v2/Conversations$", times=2)
    assert box.http.get(CONFIGURATIONS).status_code == 200
    for _ in range(2):
        answer = box.http.get("/v2/Conversations")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
        assert answer.json()["code"] == 20429
    assert box.http.get("/v2/Conversations").status_code == 200


def test_after_and_method_and_account(box: Sandbox) -> None:
    """after lets requests through first; method and account narrow; null lasts for ever."""
    box.fault("status", after=1, method="GET", account_sid=box.account_sid, times=None)
    other = box.control("accounts", name="Other")
    elsewhere = httpx.Client(
        base_url=box.url, auth=(other["api_key"], other["api_secret"]), verify=False
    )
    statuses = [box.http.get("/v1/Services").status_code for _ in range(4)]
    assert statuses == [200, 503, 503, 503]
    assert box.http.post("/v1/Services", data={"FriendlyName": "x"}).status_code == 201
    assert elsewhere.get("/v1/Services").status_code == 200
    elsewhere.close()
    assert len(box.read("faults")["faults"]) == 1
    box.forget("faults")
    assert box.http.get("/v1/Services").status_code == 200


@pytest.mark.parametrize(
    ("shape", "content_type", "members"),
    [
        ("classic", "application/json", {"code", "message", "more_info", "status"}),
        (
            "orchestrator",
            "application/json",
            {"code", "httpStatusCode", "message", "userError", "params"},
        ),
        ("rfc9457", "application/json", {"type", "title", "status", "code", "detail"}),
        ("html", "text/html; charset=utf-8", None),
        ("empty", "application/json", None),
        ("truncated", "application/json", None),
    ],
)
def test_shapes(box: Sandbox, shape: str, content_type: str, members: set[str] | None) -> None:
    """Every error shape of Twilio can be had, and three that are none."""
    box.fault("status", status=500, shape=shape)
    answer = box.http.get("/v1/Services")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, content_type)
    if members is not None:
        assert set(answer.json()) == members
    else:
        with pytest.raises(ValueError):
            answer.json()


def test_dropped_before_nothing_is_done(box: Sandbox) -> None:
    """The connection closes without an answer and without an effect."""
    box.fault("drop-before", method="POST")
    with pytest.raises(httpx.TransportError):
        box.http.post(CONFIGURATIONS, json=box.plan())
    box.advance(1)
    assert box.get(CONFIGURATIONS)["configurations"] == []


def test_dropped_after_the_work_is_done(box: Sandbox) -> None:
    """The connection closes without an answer; a repeat with the key finds the work done."""
    key = {"Idempotency-Key": "6f1f8f0e-7d0b-4a8e-9c39-0d5f2f0c6a11"}
    box.fault("drop-after", method="POST")
    with pytest.raises(httpx.TransportError):
        box.http.post(CONFIGURATIONS, json=box.plan(), headers=key)
    accepted = box.http.post(CONFIGURATIONS, json=box.plan(), headers=key)
    box.advance(1)
    (only,) = box.get(CONFIGURATIONS)["configurations"]
    assert accepted.json()["related"]["configurationId"] == only["id"]
    assert [e["status"] for e in box.read("requests")["log"]][:2] == [None, 202]


def test_a_truncated_body(box: Sandbox) -> None:
    """Less comes than Content-Length promised."""
    box.fault("truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        box.http.get("/v1/Services")
    assert box.http.get("/v1/Services").status_code == 200


def test_not_json_and_redirect(box: Sandbox) -> None:
    """200 with HTML does nothing, nor does a redirect, which says where to."""
    box.fault("not-json", method="POST")
    page = box.http.post("/v1/Services", data={"FriendlyName": "x"})
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    box.fault("redirect", method="POST", location="http://127.0.0.1:9/")
    moved = box.http.post("/v1/Services", data={"FriendlyName": "x"})
    assert (moved.status_code, moved.headers["Location"]) == (307, "http://127.0.0.1:9/")
    assert len(box.get("/v1/Services")["services"]) == 1


@pytest.mark.parametrize("drip", [False, True])
def test_slow(box: Sandbox, drip: bool) -> None:
    """The answer takes so many real seconds, at once or byte by byte, and is whole."""
    box.fault("slow", seconds=0.3, drip=drip)
    started = time.monotonic()
    assert box.http.get("/v1/Services").json()["services"]
    assert time.monotonic() - started >= 0.3


def test_a_large_page_fails(box: Sandbox) -> None:
    """Above the size a page answers 503, at the size it does not; classic pages as well."""
    box.fault("large-page", size=100, times=None)
    for name in ("pageSize", "PageSize"):
        path = "/v2/Conversations" if name == "pageSize" else "/v1/Configuration/Addresses"
        assert box.http.get(path, params={name: 101}).status_code == 503
        assert box.http.get(path, params={name: 50}).status_code == 200


def test_repeated_tokens(box: Sandbox) -> None:
    """The next page is the page that was just read, for tokens and for page urls."""
    box.fault("repeat-token", times=None)
    first = box.get(box.classic, PageSize=5)
    again = box.http.get(first["meta"]["next_page_url"]).json()
    assert again["conversations"] == first["conversations"]
    assert again["meta"]["next_page_url"] == first["meta"]["next_page_url"]
    box.control("seed", stores=3)
    one = box.get("/v1/ControlPlane/Stores", pageSize=2)
    token = one["meta"]["nextToken"]
    two = box.get("/v1/ControlPlane/Stores", pageSize=2, pageToken=token)
    assert (two["stores"], two["meta"]["nextToken"]) == (one["stores"], token)


def accept(box: Sandbox) -> httpx.Response:
    return box.http.post(CONFIGURATIONS, json=box.plan())


def test_an_operation_hangs(box: Sandbox) -> None:
    """It stays PENDING, whatever the clock says, and its configuration never comes."""
    box.fault("operation-hangs")
    accepted = accept(box)
    box.advance(86_400)
    assert box.operation(accepted)["status"] == "PENDING"
    assert box.get(CONFIGURATIONS)["configurations"] == []


@pytest.mark.parametrize("final", [False, True])
def test_an_operation_in_an_odd_state(box: Sandbox, final: bool) -> None:
    """It reports another state until its end, or for good."""
    box.fault("operation-state", state="SOMETHING_NEW", final=final)
    accepted = accept(box)
    assert box.operation(accepted)["status"] == "SOMETHING_NEW"
    box.advance(1)
    assert box.operation(accepted)["status"] == ("SOMETHING_NEW" if final else "COMPLETED")


def test_an_operation_says_less(box: Sandbox) -> None:
    """No related in 202 and operation; no headers; a statusUrl on another host."""
    box.fault("operation-no-related")
    box.fault("no-operation-headers")
    box.fault("foreign-status-url", url="https://example.com/steal")
    accepted = accept(box)
    assert accepted.json() == {"statusUrl": "https://example.com/steal"}
    assert not {"operation-id", "retry-after", "location"} & set(accepted.headers)
    box.advance(1)
    (only,) = box.get(CONFIGURATIONS)["configurations"]
    state = box.read("state")["accounts"][0]["orchestrator"]["operations"]
    operation = box.get(f"/v2/ControlPlane/Operations/{state[0]['id']}")
    assert (operation["status"], operation["related"]) == ("COMPLETED", None)
    assert only["id"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "fault"),
        ({"fault": "earthquake"}, "fault"),
        ({"fault": "status", "times": "often"}, "times"),
        ({"fault": "status", "path": "("}, "path"),
        ({"fault": "status", "colour": "red"}, "colour"),
        ([{"fault": "slow"}, {"fault": "nope"}], "fault"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(box: Sandbox, body: Any, named: str) -> None:
    """400 names the field, and no fault waits."""
    refused = box.http.post("/_sandbox/faults", json=body)
    assert refused.status_code == 400
    assert named in refused.json()["error"]
    assert box.read("faults")["faults"] == []
