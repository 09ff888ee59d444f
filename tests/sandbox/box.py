"""A client of the sandbox as its first account: Twilio's APIs, and the controls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..sandbox_process import Account, Controls

if TYPE_CHECKING:
    import httpx


class Sandbox(Controls):
    """Twilio's APIs as the first account of a sandbox, and the sandbox's controls."""

    def __init__(self, url: str, account: Account) -> None:
        super().__init__(url)
        self.account_sid = account.account_sid
        self.service_sid = account.service_sid
        self.store_id = account.memory_store_id
        self.number = account.phone_number
        self.key = account.key
        self.token = account.account_sid, account.auth_token
        self.http = self.client(account)
        self.classic = f"/v1/Services/{self.service_sid}/Conversations"

    def close(self) -> None:
        self.http.close()
        super().close()

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
        found: dict[str, Any] = answer.json()
        return found

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
