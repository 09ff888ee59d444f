"""
What a service knows, in as few lines as the client's tests need: configurations, operations,
idempotency keys, and lists of things. Written for these tests alone, from Twilio's documentation;
it shares nothing with the sandbox, so a mistake in one does not hide in the other.

By default it is the hardest service to be safe with: nothing keeps a classic service from being
bridged twice, a list shows a configuration only once its operation is over, and what is told
beside the bare necessities is nothing.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

SERVICE_SID = "IS" + "0123456789abcdef" * 2
STORE_ID = "mem_store_0" + "1" * 25


def new_id(prefix: str) -> str:
    return prefix + "0" + "".join(secrets.choice(ALPHABET) for _ in range(25))


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    at: float

    def json(self) -> Any:
        return json.loads(self.body)

    def asked(self, name: str, default: str = "") -> str:
        return dict(self.query).get(name, default)


@dataclass
class Reply:
    """One answer as it will leave."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    """`Content-Length`, when it is to lie."""
    drip: float = 0.0
    """Seconds between one byte of the body and the next."""

    @classmethod
    def of(cls, value: Any, status: int = 200, **headers: str) -> Reply:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return cls(
            status, json.dumps(value).encode(), {"Content-Type": "application/json", **named}
        )

    def told(self) -> Any:
        return json.loads(self.body)


def refused(status: int, message: str, code: int | None = None, **headers: str) -> Reply:
    """An error in the classic body shape."""
    body = {"code": code or status, "message": message, "status": status, "more_info": ""}
    return Reply.of(body, status, Twilio_Request_Id="RQ" + "5" * 32, **headers)


class World:
    """
    The state of one account, and what each path answers.

    Args:
        operation_seconds: How long an operation is PENDING.
        clock: Its sense of time; an injected one makes tests quick.
        one_bridge: Refuse (409) a second configuration for a classic service.
        busy_key: What a key whose first request is still being worked on gets: `wait` for that
            request's answer, or `conflict`.
    """

    KEY_LIFE = 24 * 3600.0

    def __init__(
        self,
        operation_seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        *,
        one_bridge: bool = False,
        busy_key: str = "wait",
    ) -> None:
        self.operation_seconds = operation_seconds
        self.clock = clock
        self.one_bridge = one_bridge
        self.busy_key = busy_key
        self.retry_after: str | None = "0"
        self.lock = threading.RLock()
        self.origin = ""
        self.configurations: dict[str, dict[str, Any]] = {}
        self.operations: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[float, Reply]] = {}
        self.begun_by: dict[str, str] = {}
        """The operation that a key's request began, whatever the answer told of it."""
        self.applied: list[str] = []
        """Operations that have done their work, in that order."""
        self.under_way: dict[str, threading.Event] = {}
        self.next_operation: list[Callable[[dict[str, Any]], None]] = []
        """Changes to the operations to come, one each: `lambda o: o.update(fate="FAILED")`."""
        self.services: list[dict[str, Any]] = [
            {"sid": SERVICE_SID, "friendly_name": "Support chat", "account_sid": "AC" + "0" * 32}
        ]
        self.conversations: list[dict[str, Any]] = []
        self.classic: list[dict[str, Any]] = []
        self.users: list[dict[str, Any]] = []
        self.webhooks: dict[str, dict[str, Any]] = {}
        """What the account (key `account`) and the services (key sid) have as webhooks."""
        self.stores: list[str] = [STORE_ID]
        self.numbers: list[str] = []

    # what tests look at

    def bridging(self, service_sid: str = SERVICE_SID) -> list[str]:
        """The ids of the configurations that bridge a service, finished or not."""
        with self.lock:
            pending = [
                one["configuration"]
                for one in self.operations.values()
                if one["configuration"] and one["state"] == "PENDING" and one["fate"] == "COMPLETED"
            ]
            everything = [*self.configurations.values(), *pending]
            return [
                one["id"]
                for one in everything
                if (one.get("conversationsV1Bridge") or {}).get("serviceId") == service_sid
            ]

    def add_configuration(self, **members: Any) -> dict[str, Any]:
        """Somebody else makes a configuration, at once."""
        made = {
            "id": new_id("conv_configuration_"),
            "displayName": "classic-bridge-config",
            "description": "by hand",
            "conversationGroupingType": "GROUP_BY_PROFILE",
            "memoryStoreId": STORE_ID,
            "version": 1,
            **members,
        }
        with self.lock:
            self.configurations[made["id"]] = made
        return made

    def settle(self) -> None:
        """Let the time that has passed do its work on the operations."""
        with self.lock:
            for operation in self.operations.values():
                over = self.clock() - operation["begun"] >= operation["seconds"]
                if operation["state"] != "PENDING" or not over:
                    continue
                operation["state"] = operation["fate"]
                if operation["fate"] == "COMPLETED":
                    operation["apply"]()
                    self.applied.append(operation["id"])

    # the paths

    def answer(self, call: Call) -> Reply:
        self.settle()
        for pattern, handle in _PATHS:
            match = re.fullmatch(pattern, f"{call.method} {call.path}")
            if match:
                return handle(self, call, *match.groups())
        return refused(404, f"The requested resource {call.path} was not found", 20404)

    def create(self, call: Call) -> Reply:
        return self._once(call, lambda: self._create(call))

    def patch(self, call: Call, configuration_id: str) -> Reply:
        return self._once(call, lambda: self._patch(call, configuration_id))

    def delete(self, call: Call, configuration_id: str) -> Reply:
        return self._once(call, lambda: self._delete(call, configuration_id))

    def _once(self, call: Call, work: Callable[[], Reply]) -> Reply:
        """The same key gets the same answer, and the work is done once."""
        key = call.headers.get("idempotency-key", "")
        with self.lock:
            mine = key not in self.under_way
            done = self.under_way.setdefault(key, threading.Event())
        if not mine and not done.is_set():
            if self.busy_key == "conflict":
                return refused(409, "A request with this Idempotency-Key is being worked on")
            done.wait(30)
        with self.lock:
            at, reply = self.keys.get(key, (0.0, None))
            if key and reply is not None and self.clock() - at < self.KEY_LIFE:
                return reply
            try:
                reply = work()
            finally:
                done.set()
            if key and reply.status < 300:
                self.keys[key] = (self.clock(), reply)
            return reply

    def _create(self, call: Call) -> Reply:
        if call.headers.get("content-type", "").split(";")[0] != "application/json":
            return refused(415, "Send JSON", 20422)
        body = call.json()
        bridged = body["conversationsV1Bridge"]["serviceId"]
        if self.one_bridge and (there := self.bridging(bridged)):
            return refused(409, f"{bridged} is bridged already", X_Conflicting_Resource_Id=there[0])
        made = {"id": new_id("conv_configuration_"), **body, "version": 1}

        def apply() -> None:
            self.configurations[made["id"]] = made

        return self._begin(call, made["id"], apply, made)

    def _patch(self, call: Call, configuration_id: str) -> Reply:
        if configuration_id not in self.configurations:
            return refused(404, "No such configuration", 20404)
        body = call.json()

        def apply() -> None:
            there = self.configurations.get(configuration_id)
            if there is not None:
                self.configurations[configuration_id] = patched(there, body)

        return self._begin(call, configuration_id, apply)

    def _delete(self, call: Call, configuration_id: str) -> Reply:
        if configuration_id not in self.configurations:
            return refused(404, "No such configuration", 20404)
        return self._begin(
            call, configuration_id, lambda: self.configurations.pop(configuration_id, None)
        )

    def _begin(
        self,
        call: Call,
        configuration_id: str,
        apply: Callable[[], object],
        made: dict[str, Any] | None = None,
    ) -> Reply:
        """Accept work: what is done when its operation ends, and what it makes, if anything."""
        operation: dict[str, Any] = {
            "id": new_id("proc_job_"),
            "state": "PENDING",
            "fate": "COMPLETED",
            "shown": None,
            "begun": self.clock(),
            "seconds": self.operation_seconds,
            "configuration": made,
            "apply": apply,
            "error": None,
            "related": {"configurationId": configuration_id},
            "headers": True,
            "body": True,
        }
        if self.next_operation:
            self.next_operation.pop(0)(operation)
        self.operations[operation["id"]] = operation
        self.begun_by[call.headers.get("idempotency-key", "")] = operation["id"]
        self.settle()
        url = f"{self.origin}/v2/ControlPlane/Operations/{operation['id']}"
        reply = Reply.of({"related": operation["related"]} if operation["related"] else {}, 202)
        if operation["headers"]:
            reply.headers |= {"Operation-Id": operation["id"], "Location": url}
            if self.retry_after is not None:
                reply.headers["Retry-After"] = self.retry_after
        if operation["body"]:
            reply.body = json.dumps(reply.told() | {"statusUrl": url}).encode()
        return reply

    def operation(self, call: Call, operation_id: str) -> Reply:
        with self.lock:
            one = self.operations.get(operation_id)
            if one is None:
                return refused(404, "No such operation", 520052)
            told = {"operationId": one["id"], "status": one["shown"] or one["state"]}
            told["createdAt"] = "2026-01-15T10:30:00Z"
            told["statusUrl"] = f"{self.origin}{call.path}"
            if one["error"] and one["state"] in ("FAILED", "CANCELLED", "CANCELED"):
                told["error"] = one["error"]
            if one["related"]:
                told["related"] = one["related"]
            reply = Reply.of(told)
            if one["state"] == "PENDING" and self.retry_after is not None:
                reply.headers["Retry-After"] = self.retry_after
            return reply

    def configuration(self, call: Call, configuration_id: str) -> Reply:
        with self.lock:
            found = self.configurations.get(configuration_id)
            return Reply.of(found) if found else refused(404, "No such configuration", 20404)

    def list_configurations(self, call: Call) -> Reply:
        with self.lock:
            return _token_page(call, "configurations", list(self.configurations.values()))

    def list_conversations(self, call: Call) -> Reply:
        return _token_page(call, "conversations", self.conversations)

    def list_stores(self, call: Call) -> Reply:
        return _token_page(call, "stores", self.stores)

    def store(self, call: Call, store_id: str) -> Reply:
        if store_id not in self.stores:
            return refused(404, "No such store", 520041)
        return Reply.of({"id": store_id, "displayName": "Store", "status": "ACTIVE"})

    def list_services(self, call: Call) -> Reply:
        return self._classic_page(call, "services", self.services)

    def service(self, call: Call, sid: str) -> Reply:
        found = [one for one in self.services if one["sid"] == sid]
        return Reply.of(found[0]) if found else refused(404, "No such service", 20404)

    def list_classic(self, call: Call, sid: str) -> Reply:
        return self._classic_page(call, "conversations", self.classic)

    def list_addresses(self, call: Call) -> Reply:
        return self._classic_page(call, "address_configurations", [])

    def list_users(self, call: Call, sid: str) -> Reply:
        return self._classic_page(call, "users", self.users)

    def delete_user(self, call: Call, sid: str, identity: str) -> Reply:
        with self.lock:
            found = [
                one for one in self.users if unquote(identity) in (one["sid"], one["identity"])
            ]
            if not found:
                return refused(404, "No such User", 20404)
            self.users.remove(found[0])
            return Reply(204)

    def account_webhooks(self, call: Call) -> Reply:
        return Reply.of(self.webhooks.get("account", {"target": "webhook"}))

    def service_webhooks(self, call: Call, sid: str) -> Reply:
        return Reply.of(self.webhooks.get(sid, {}))

    def list_numbers(self, call: Call, account_sid: str) -> Reply:
        able = {"voice": True, "sms": True, "mms": True, "fax": False}
        owned = [
            {"sid": f"PN{number:032x}", "phone_number": one, "capabilities": able}
            for number, one in enumerate(self.numbers)
        ]
        return Reply.of({"incoming_phone_numbers": owned, "next_page_uri": None})

    def _classic_page(self, call: Call, key: str, items: list[dict[str, Any]]) -> Reply:
        size, page = int(call.asked("PageSize", "50")), int(call.asked("Page", "0"))
        shown = items[page * size : (page + 1) * size]
        more = (page + 1) * size < len(items)
        link = f"{self.origin}{call.path}?PageSize={size}&Page={page + 1}&PageToken=PT{page}"
        meta = {
            "key": key,
            "page": page,
            "page_size": size,
            "next_page_url": link if more else None,
        }
        return Reply.of({key: shown, "meta": meta})


def patched(configuration: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """What a PATCH makes of a configuration: null removes, `channelSettings` merges by channel."""
    channels = {**configuration.get("channelSettings", {}), **body.get("channelSettings", {})}
    merged = {**configuration, **body, "version": configuration["version"] + 1}
    if "channelSettings" in body:
        merged["channelSettings"] = {k: v for k, v in channels.items() if v is not None}
    return {name: value for name, value in merged.items() if value is not None}


def _token_page(call: Call, key: str, items: list[Any]) -> Reply:
    size, begin = int(call.asked("pageSize", "50")), int(call.asked("pageToken", "0"))
    shown = items[begin : begin + size]
    meta: dict[str, Any] = {"key": key, "pageSize": len(shown)}
    if begin + size < len(items):
        meta["nextToken"] = str(begin + size)
    return Reply.of({key: shown, "meta": meta})


_PATHS: tuple[tuple[str, Callable[..., Reply]], ...] = (
    (r"POST /v2/ControlPlane/Configurations", World.create),
    (r"GET /v2/ControlPlane/Configurations", World.list_configurations),
    (r"GET /v2/ControlPlane/Configurations/([^/]+)", World.configuration),
    (r"PATCH /v2/ControlPlane/Configurations/([^/]+)", World.patch),
    (r"DELETE /v2/ControlPlane/Configurations/([^/]+)", World.delete),
    (r"GET /v2/ControlPlane/Operations/([^/]+)", World.operation),
    (r"GET /v2/Conversations", World.list_conversations),
    (r"GET /v1/ControlPlane/Stores", World.list_stores),
    (r"GET /v1/ControlPlane/Stores/([^/]+)", World.store),
    (r"GET /v1/Services", World.list_services),
    (r"GET /v1/Services/([^/]+)", World.service),
    (r"GET /v1/Services/([^/]+)/Conversations", World.list_classic),
    (r"GET /v1/Services/([^/]+)/Users", World.list_users),
    (r"DELETE /v1/Services/([^/]+)/Users/([^/]+)", World.delete_user),
    (r"GET /v1/Configuration/Addresses", World.list_addresses),
    (r"GET /v1/Configuration/Webhooks", World.account_webhooks),
    (r"GET /v1/Services/([^/]+)/Configuration/Webhooks", World.service_webhooks),
    (r"GET /2010-04-01/Accounts/([^/]+)/IncomingPhoneNumbers.json", World.list_numbers),
)
