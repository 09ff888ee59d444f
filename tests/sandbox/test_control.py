"""The controls: described, checked, deterministic, and back to the start."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ..sandbox_process import SandboxProcess
from .box import Sandbox


def test_the_description_is_complete_and_its_examples_work(box: Sandbox) -> None:
    """Every control that takes a body is described with one that is accepted as it stands."""
    described = box.read("")
    assert len(described["faults"]) == 21
    for control in described["controls"]:
        method, path = control["use"].split(" ")
        path = path.replace("{sid}", box.account_sid)
        answer = box.http.request(method, path, json=control.get("example"))
        assert answer.status_code in (200, 201), (control, answer.text)
        box.forget("faults")
    for name, fault in described["faults"].items():
        answer = box.http.post("/_sandbox/faults", json={"fault": name, **fault["options"]})
        assert answer.status_code == 201, answer.text


def test_health_and_clock(box: Sandbox) -> None:
    """The clock advances, goes to an instant, runs and stands still."""
    assert box.read("health") == {
        "ready": True,
        "now": "2026-01-05T09:00:00Z",
        "frozen": True,
        "seed": 7,
        "accounts": 1,
    }
    assert box.control("clock", advance=1.5)["now"] == "2026-01-05T09:00:01.500Z"
    assert box.control("clock", now="2027-01-01T00:00:00Z")["now"] == "2027-01-01T00:00:00Z"
    assert box.control("clock", freeze=False)["frozen"] is False
    assert box.control("clock", freeze=True)["now"].startswith("2027-01-01T00:00:0")


def test_accounts(box: Sandbox) -> None:
    """A new account has its own credentials and content; lists show no secrets."""
    made = box.control("accounts", name="ACME", services=2, conversations=3)
    auth = (made["api_key"], made["api_secret"])
    services = httpx.get(f"{box.url}/v1/Services", auth=auth, verify=False).json()["services"]
    assert [s["friendly_name"] for s in services] == ["Support chat", "Support chat 2"]
    assert services[0]["sid"] == made["service_sid"]
    listed = box.read("accounts")
    assert [a["account_sid"] for a in listed] == [box.account_sid, made["account_sid"]]
    assert not {"api_secret", "auth_token"} & {k for a in listed for k in a}


def test_seeding(box: Sandbox) -> None:
    """As many as asked for, with the first and last id; they are there and did not cross."""
    box.configure()
    seeded = box.control(
        "seed", conversations=40, messages=2, orchestrator_conversations=30, numbers=2, services=1
    )
    assert seeded["conversations"]["count"] == 40
    last = seeded["conversations"]["last"]
    assert len(box.get(f"{box.classic}/{last}/Messages")["messages"]) == 2
    assert len(box.get("/v2/Conversations", pageSize=1000)["conversations"]) == 30
    whole = box.get(f"/v2/Conversations/{seeded['orchestrator_conversations']['first']}")
    assert len(whole["participants"]) == 2
    assert len(box.get("/v1/Services")["services"]) == 2


def test_a_customer_writes(box: Sandbox) -> None:
    """Into a new conversation or an old one, as often as asked; over the bridge if there is one."""
    box.configure()
    made = box.control("customer-writes", identity="zoe", body="hi", times=3)
    assert len(made["message_sids"]) == 3
    again = box.control("customer-writes", conversation_sid=made["conversation_sid"], body="more")
    assert again["conversation_sid"] == made["conversation_sid"]
    box.advance(1)
    assert box.texts(made["conversation_sid"]) == ["hi (1)", "hi (2)", "hi (3)", "more"]


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("accounts", {"services": -1}, "services"),
        ("accounts/AC0", {"status": "active"}, "account_sid"),
        ("seed", {"conversations": "many"}, "conversations"),
        ("seed", {"stores": 15}, "stores"),
        ("seed", {"service_sid": "IS0", "conversations": 1}, "service_sid"),
        ("customer-writes", {"conversation_sid": "CH0"}, "conversation_sid"),
        ("customer-writes", {"times": 0}, "times"),
        ("inbound", {"channel": "FAX", "from": "a", "to": "b"}, "channel"),
        ("inbound", {"channel": "SMS", "to": "b"}, "from"),
        ("settings", {"lag": -1}, "lag"),
        ("settings", {"speed": 1}, "speed"),
        ("clock", {"advance": "far"}, "advance"),
        ("clock", {"now": "tomorrow"}, "now"),
        ("clock", {"now": "9999-12-31T00:00:00Z"}, "now"),
        ("clock", {"advance": 1e30}, "advance"),
        ("faults", {"fault": "status", "status": 99}, "status"),
        ("faults", {"fault": "redirect", "location": "a\nb"}, "location"),
        ("reset", {"seed": "x"}, "seed"),
    ],
)
def test_a_control_used_wrongly_says_so(
    box: Sandbox, path: str, body: dict[str, Any], named: str
) -> None:
    """400 with one line that names the field."""
    refused = box.http.post(f"/_sandbox/{path}", json=body)
    assert refused.status_code == 400
    assert named in refused.json()["error"]


def test_requests_are_counted_and_carry_no_secret(box: Sandbox) -> None:
    """Counts by method and path, bodies and chosen headers, never the Authorization."""
    box.http.post("/v1/Services", data={"FriendlyName": "x"}, headers={"X-Secret": "s3cret"})
    box.http.get("/v1/Services", params={"PageSize": 1})
    seen = box.read("requests")
    assert seen["counts"] == {"POST /v1/Services": 1, "GET /v1/Services": 1}
    first, second = seen["log"]
    assert (first["n"], first["status"], first["body"]) == (1, 201, "FriendlyName=x")
    assert set(first["headers"]) == {"content-type", "user-agent"}
    assert second["query"] == "PageSize=1"
    box.forget("requests")
    assert box.read("requests") == {"counts": {}, "log": []}


def test_reset_is_the_start_again(box: Sandbox) -> None:
    """After a reset everything is as it was; another seed gives other identifiers."""
    start = box.read("state")
    box.configure()
    box.control("settings", lag=9)
    box.fault("status")
    again = box.control("reset")
    assert again["account_sid"] == box.account_sid
    assert box.read("state") == start
    assert box.http.get("/v1/Services").status_code == 200
    assert box.control("reset", seed=8)["account_sid"] != box.account_sid


def test_two_processes_with_one_seed_agree() -> None:
    """Same seed, same requests, frozen clock: the same identifiers and times."""
    states = []
    for _ in range(2):
        with (
            SandboxProcess("--freeze-clock", "--jitter", "5") as process,
            Sandbox(process.url, process.first_account) as box,
        ):
            box.configure()
            box.write(box.converse(), "hello")
            box.advance(7)
            states.append(box.read("state"))
    as_text = [str(s).replace(str(s["accounts"][0]), "") for s in states]
    assert as_text[0] == as_text[1]
    for state in states:
        for operation in state["accounts"][0]["orchestrator"]["operations"]:
            operation["status_url"] = operation["status_url"].partition("/v2")[2]
    assert states[0] == states[1]
