"""A sandbox process, and a client of it: Twilio's APIs as the first account, and the controls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def running(
    home: Path, *options: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A sandbox process and its first line; terminated at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge_helpers.sandbox", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "BRIDGE_HOME": str(home), **environment},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=10)
        process.stdout.close()
        process.stderr.close()


def client(url: str) -> httpx.Client:
    """An HTTP client; without certificates, which take longer to load than most tests run."""
    return httpx.Client(base_url=url, timeout=10, verify=False)


class Sandbox:
    """A client of the sandbox: Twilio's APIs as the first account, and the controls."""

    def __init__(self, announced: dict[str, Any], http: httpx.Client | None = None) -> None:
        self.url: str = announced["url"]
        self.account_sid: str = announced["account_sid"]
        self.service_sid: str = announced["service_sid"]
        self.store_id: str = announced["memory_store_id"]
        self.number: str = announced["phone_number"]
        self.key: tuple[str, str] = announced["api_key"], announced["api_secret"]
        self.token: tuple[str, str] = announced["account_sid"], announced["auth_token"]
        self.http = http or client(self.url)
        self.http.auth = self.key
        self.classic = f"/v1/Services/{self.service_sid}/Conversations"

    def control(self, path: str, /, **body: Any) -> dict[str, Any]:
        answer = self.http.post(f"/_sandbox/{path}", json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("clock", advance=seconds)

    def fault(self, name: str, /, **options: Any) -> None:
        self.control("faults", fault=name, **options)

    def plan(self, **changes: Any) -> dict[str, Any]:
        """The request for a bridged configuration."""
        return {
            "displayName": "bridge",
            "description": "A bridge",
            "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
            "memoryStoreId": self.store_id,
            "conversationsV1Bridge": {"serviceId": self.service_sid},
            **changes,
        }

    def configure(self, **changes: Any) -> str:
        """A configuration, created to its end; returns its id."""
        plan = {k: v for k, v in self.plan(**changes).items() if v is not None}
        answer = self.http.post("/v2/ControlPlane/Configurations", json=plan)
        assert answer.status_code == 202, answer.text
        self.advance(1)
        assert self.operation(answer)["status"] == "COMPLETED"
        return str(answer.json()["related"]["configurationId"])

    def operation(self, accepted: httpx.Response) -> dict[str, Any]:
        return self.get(f"/v2/ControlPlane/Operations/{accepted.headers['Operation-Id']}")

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self.http.get(path, params=query or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def converse(self, identity: str = "zoe", **form: str) -> str:
        """A classic conversation with one participant; returns its sid."""
        made = self.http.post(self.classic, data={"FriendlyName": "A talk", **form})
        assert made.status_code == 201, made.text
        sid = str(made.json()["sid"])
        self.http.post(f"{self.classic}/{sid}/Participants", data={"Identity": identity})
        return sid

    def write(self, conversation_sid: str, body: str, author: str = "zoe") -> str:
        answer = self.http.post(
            f"{self.classic}/{conversation_sid}/Messages", data={"Author": author, "Body": body}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["sid"])

    def twins(self, conversation_sid: str, **query: Any) -> list[dict[str, Any]]:
        found = self.get("/v2/Conversations", channelId=conversation_sid, **query)
        return list(found["conversations"])

    def communications(self, conversation_id: str) -> list[dict[str, Any]]:
        listed = self.get(f"/v2/Conversations/{conversation_id}/Communications", pageSize=1000)
        return list(listed["communications"])

    def texts(self, conversation_sid: str) -> list[str]:
        """What has arrived in v2 from a classic conversation, in order."""
        return [
            c["content"]["text"]
            for twin in self.twins(conversation_sid)
            for c in self.communications(twin["id"])
        ]
