"""The same seed and the same requests give the same ids, timestamps, answers and state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..sandbox_process import SandboxProcess

HEADERS = ("operation-id", "retry-after", "location", "twilio-request-id", "content-type")


def story(sandbox: SandboxProcess) -> list[str]:
    """Tell one story of a bridge to a sandbox, refusals and faults too; returns every answer."""
    told: list[str] = []
    account = sandbox.first_account
    with sandbox.client(account) as http:

        def tell(method: str, path: str, **sent: Any) -> Any:
            answer = http.request(method, path, **sent)
            headers = {name: answer.headers.get(name) for name in HEADERS}
            line = json.dumps([method, path, answer.status_code, headers, answer.text])
            told.append(line.replace(sandbox.url, "https://sandbox"))
            return answer.json() if answer.content else None

        service = f"/v1/Services/{account.service_sid}"
        configuration = {
            "displayName": "story",
            "description": "x",
            "conversationGroupingType": "GROUP_BY_PROFILE",
            "memoryStoreId": account.memory_store_id,
            "conversationsV1Bridge": {"serviceId": account.service_sid},
        }
        tell("GET", f"{service}/Conversations")
        tell("POST", "/v2/ControlPlane/Configurations", json=configuration)
        tell("POST", "/v2/ControlPlane/Configurations", json=configuration)
        sandbox.advance(2)
        tell("GET", "/v2/ControlPlane/Configurations")
        for number in range(3):
            sid = tell("POST", f"{service}/Conversations", data={"FriendlyName": f"{number}"})[
                "sid"
            ]
            tell("POST", f"{service}/Conversations/{sid}/Participants", data={"Identity": "ada"})
            message = {"Author": "ada", "Body": f"Hello {number}"}
            tell("POST", f"{service}/Conversations/{sid}/Messages", data=message)
        sandbox.advance(60)
        sandbox.control("customer-writes", times=2)
        sandbox.fault("status", status=503, path="/v1/Serv")
        tell("GET", "/v1/Services")
        sandbox.advance(60)
        for conversation in tell("GET", "/v2/Conversations")["conversations"]:
            inside = f"/v2/Conversations/{conversation['id']}"
            tell("GET", f"{inside}/Participants")
            tell("GET", f"{inside}/Communications")
        tell("GET", "/v2/Conversations/nobody")
        tell("POST", "/v1/ControlPlane/Stores", json={"displayName": "again", "description": "x"})
        sandbox.advance(5)
        tell("GET", "/v1/ControlPlane/Stores")
    state = json.dumps(sandbox.read("state"), sort_keys=True)
    return [*told, state.replace(sandbox.url, "https://sandbox")]


def started(seed: int) -> SandboxProcess:
    options = ("--freeze-clock", "--seed", str(seed), "--lag", "1", "--jitter", "0.5")
    return SandboxProcess(*options)


@pytest.fixture
def first_story() -> list[str]:
    with started(7) as sandbox:
        return story(sandbox)


def test_same_seed_same_story(first_story: list[str]) -> None:
    """Another process with the same seed answers the same, and so does one that was reset."""
    with started(7) as sandbox:
        second = story(sandbox)
        sandbox.control("reset")
        after_reset = story(sandbox)
    assert second == first_story
    assert after_reset == first_story


def test_another_seed_another_story() -> None:
    """The seed is what the ids come from: another one gives none of the same."""
    with started(7) as seven, started(8) as eight:
        assert seven.info["account_sid"] != eight.info["account_sid"]
        assert seven.info["service_sid"] != eight.info["service_sid"]
        assert seven.info["memory_store_id"] != eight.info["memory_store_id"]
