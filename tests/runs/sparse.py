"""
A Twilio that keeps to its rules and to nothing more.

It leaves out all that the documentation leaves open: no id in a 202 or an operation, list items
with hardly a member, a `channelId` filter that is not heeded, no `resourceId`, no actions, no way
to delete a conversation of Orchestrator, and addresses that a key may not read.
"""

from __future__ import annotations

import re
import time
from typing import Any

from ..faults.world import SERVICE_SID, Call, Reply, World, new_id, refused

LAG = 0.3
STRANGERS = 120


class Sparse(World):
    """One account with a service that gets bridged and carries messages from then on."""

    def __init__(self) -> None:
        super().__init__(operation_seconds=0.3)
        self.retry_after = None
        self.next_operation = [lambda one: one.update(related=None, headers=False)]
        self.open: dict[str, dict[str, Any]] = {}
        self.twins: dict[str, dict[str, Any]] = {
            new_id("conv_conversation_"): {"from": 0.0, "messages": []} for _ in range(STRANGERS)
        }

    def answer(self, call: Call) -> Reply:
        parts = call.path.strip("/").split("/")
        match [call.method, *parts]:
            case [_, "v1", "Configuration", "Addresses"]:
                return refused(403, "Not for this key", 403)
            case ["POST", "v1", "Services", _, "Conversations"]:
                sid = f"CH{len(self.open) + 1:032x}"
                self.open[sid] = {"participants": [], "messages": [], "twin": None}
                return Reply.of({"sid": sid, "chat_service_sid": SERVICE_SID}, 201)
            case ["DELETE", "v1", "Services", _, "Conversations", sid]:
                self.open.pop(sid, None)
                return Reply(204)
            case [_, "v1", "Services", _, "Conversations", sid, what] if sid in self.open:
                return self._inside(call, self.open[sid], what)
            case ["GET", "v2", "Conversations"]:
                return self._page(call, "conversations", [{"id": one} for one in self._visible()])
            case ["GET", "v2", "Conversations", twin, "Communications"] if twin in self.twins:
                return self._page(call, "communications", self._communications(twin))
            case ["DELETE", "v2", "Conversations", _]:
                return refused(405, "Not for this account")
        return super().answer(call)

    def _inside(self, call: Call, conversation: dict[str, Any], what: str) -> Reply:
        key = what.lower()
        if call.method == "GET":
            return self._classic_page(call, key, conversation[key])
        form = dict(re.findall(r"(\w+)=([^&]*)", call.body.decode()))
        prefix = {"participants": "MB", "messages": "IM"}[key]
        made = {"sid": f"{prefix}{len(conversation[key]) + 1:032x}", **_snake(form)}
        conversation[key].append(made)
        if key == "messages" and self.bridging():
            if conversation["twin"] is None:
                name = conversation["twin"] = new_id("conv_conversation_")
                # New ones in the middle: the order of the list means nothing.
                entry: dict[str, Any] = {"from": time.monotonic() + LAG, "messages": []}
                listed = [*self.twins.items()]
                listed.insert(len(listed) // 2, (name, entry))
                self.twins = dict(listed)
            twin = self.twins[conversation["twin"]]
            twin["messages"].append((time.monotonic() + LAG, made))
        return Reply.of(made, 201)

    def _visible(self) -> list[str]:
        now = time.monotonic()
        return [name for name, twin in self.twins.items() if twin["from"] <= now]

    def _communications(self, twin: str) -> list[dict[str, Any]]:
        now = time.monotonic()
        return [
            {"id": new_id("conv_communication_"), "content": {"text": made["body"]}}
            for due, made in self.twins[twin]["messages"]
            if due <= now
        ]

    def _page(self, call: Call, key: str, items: list[Any]) -> Reply:
        size, begin = int(call.asked("pageSize", "50")), int(call.asked("pageToken", "0"))
        # Never more than 25, whatever is asked for: a short page is not the last one.
        size = min(size, 25)
        meta: dict[str, Any] = {"key": key, "pageSize": len(items[begin : begin + size])}
        if begin + size < len(items):
            meta["nextToken"] = str(begin + size)
        return Reply.of({key: items[begin : begin + size], "meta": meta})


def _snake(form: dict[str, str]) -> dict[str, str]:
    from urllib.parse import unquote_plus

    return {name.lower(): unquote_plus(value) for name, value in form.items()}
