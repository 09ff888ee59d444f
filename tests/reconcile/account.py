"""
A service with random histories on both sides, over a real socket; and what is wrong with it.

It shares nothing with the sandbox, and is as unhelpful as it may be: pages of its own size, lists
in any order, list items that are partial, a `channelId` that filters or not.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

SERVICE = "IS" + "ab" * 16
BRIDGED_AGO = 7200.0
GRACE = 30.0
Json = dict[str, Any]


@dataclass
class Message:
    """A message that classic still has."""

    sid: str
    index: int
    body: str | None
    age: float
    """Seconds since it was written."""


@dataclass
class Classic:
    """A classic conversation; `age` is seconds since it was created."""

    sid: str
    age: float
    messages: list[Message] = field(default_factory=list)


@dataclass
class Twin:
    """A v2 conversation that names a classic one."""

    id: str
    channel: str
    status: str
    heard: list[tuple[str, float]] = field(default_factory=list)
    """Resource ids, with how many seconds ago each arrived."""


class Account:
    """
    A service and its bridge.

    Args:
        seed: Of the histories, and of how the lists are.
        now: Seconds since 1970.
    """

    def __init__(self, seed: int, now: float | None = None) -> None:
        self.random = random.Random(seed)
        self.now = float(int(now or time.time()))
        self.page = self.random.choice([1, 2, 3, 7, 1000])
        self.partial = self.random.random() < 0.3
        self.heeded = self.random.random() < 0.7
        self.newest_first = self.random.random() < 0.5
        self.classic: list[Classic] = []
        self.twins: list[Twin] = []
        for number in range(self.random.randrange(0, 7)):
            self._add(number)

    def sid(self, prefix: str) -> str:
        return f"{prefix}{self.random.getrandbits(128):032x}"

    def _add(self, number: int) -> None:
        """A conversation whose messages cross, or do not, as chance has it."""
        chance = self.random.random
        one = Classic(self.sid("CH"), self.random.uniform(60, 2 * BRIDGED_AGO))
        ages = sorted(self.random.uniform(1, one.age) for _ in range(int(chance() * 5)))[::-1]
        index = -1
        for age in ages:
            index += self.random.choice([1, 1, 2, 5])
            body = None if chance() < 0.1 else f"text {number}/{index}"
            one.messages.append(Message(self.sid("IM"), index, body, age))
        twins = [
            Twin(self._id(), one.sid, self.random.choice(["ACTIVE", "INACTIVE", "CLOSED"]))
            for _ in range(self.random.choice([0, 1, 1, 1, 1, 2]))
        ]
        for message in one.messages if twins else ():
            times = self.random.choice([0, 1, 1, 1, 1, 1, 1, 2])
            for _ in range(times):
                delay = min(message.age, self.random.choice([0.5, 0.5, 0.5, 400.0]))
                self.random.choice(twins).heard.append((message.sid, message.age - delay))
        if chance() < 0.85:
            self.classic.append(one)
            one.messages = [message for message in one.messages if chance() > 0.1]
        self.twins += twins

    def _id(self) -> str:
        return f"conv_conversation_{self.random.getrandbits(120):026x}"

    # what is wrong with it, told without any cleverness

    def wrong(self) -> dict[str, set[str]]:
        """The sids of each state, at full depth."""
        found: dict[str, set[str]] = {
            name: set()
            for name in ("missing", "lagging", "doubled", "disordered", "unexpected", "before")
        }
        for one in self.classic:
            twins = [twin for twin in self.twins if twin.channel == one.sid]
            heard = [pair for twin in twins for pair in twin.heard]
            there = Counter(sid for sid, _ in heard)
            due = [m for m in one.messages if self._due(m)]
            if not twins:
                if due:
                    found["missing"].add(one.sid)
                elif not any(self._after(age) for age in (one.age, *(m.age for m in one.messages))):
                    found["before"].add(one.sid)
                continue
            if any(m.sid not in there for m in due):
                found["lagging"].add(one.sid)
            opened = [twin for twin in twins if twin.status != "CLOSED"]
            if any(count > 1 for count in there.values()) or len(opened) > 1:
                found["doubled"].add(one.sid)
            first: dict[str, float] = {}
            for sid, age in heard:
                first[sid] = max(age, first.get(sid, 0.0))
            order = [first[m.sid] for m in one.messages if m.sid in first]
            if any(self.arrived(a) > self.arrived(b) for a, b in pairwise(order)):
                found["disordered"].add(one.sid)
        known = {one.sid for one in self.classic}
        found["unexpected"] = {twin.id for twin in self.twins if twin.channel not in known}
        return found

    def arrived(self, age: float) -> str:
        return stamp(self.now - age)

    def _after(self, age: float) -> bool:
        return int(self.now - age) > int(self.now - BRIDGED_AGO)

    def _due(self, message: Message) -> bool:
        return bool(message.body) and self._after(message.age) and message.age > GRACE + 1

    # the wire

    def answer(self, path: str, query: dict[str, str]) -> Json | None:
        parts = path.strip("/").split("/")
        if parts[:2] == ["v2", "ControlPlane"]:
            bridge = {"id": CONFIGURATION, "createdAt": stamp(self.now - BRIDGED_AGO)}
            bridge["conversationsV1Bridge"] = {"serviceId": SERVICE}  # type: ignore[assignment]
            return self._tokens("configurations", [bridge], query)
        if parts == ["v1", "Services"]:
            return self._numbered("services", [{"sid": SERVICE, "account_sid": ACCOUNT}], query)
        if parts[0] == "v2":
            return self._orchestrator(parts[2:], query)
        return self._classic(parts[4:], query)

    def _classic(self, parts: list[str], query: dict[str, str]) -> Json | None:
        listed = [{"sid": c.sid, "date_created": whole(self.now - c.age)} for c in self.classic]
        if not parts:
            return self._numbered("conversations", listed, query)
        one = next((c for c in self.classic if c.sid == parts[0]), None)
        if one is None:
            return None
        if len(parts) == 1:
            return {"sid": one.sid, "date_created": whole(self.now - one.age)}
        messages = [
            {
                "sid": m.sid,
                "index": m.index,
                "author": "ana",
                "body": m.body,
                "date_created": whole(self.now - m.age),
            }
            for m in one.messages
        ]
        return self._numbered(
            "messages", messages[::-1] if query.get("Order") == "desc" else messages, query
        )

    def _orchestrator(self, parts: list[str], query: dict[str, str]) -> Json | None:
        if not parts:
            twins = self.twins[::-1] if self.newest_first else self.twins
            if "channelId" in query and self.heeded:
                twins = [twin for twin in twins if twin.channel == query["channelId"]]
            return self._tokens(
                "conversations", [self._twin(twin, self.partial) for twin in twins], query
            )
        twin = next((one for one in self.twins if one.id == parts[0]), None)
        if twin is None:
            return None
        if len(parts) == 1:
            return self._twin(twin, False)
        heard = [
            {
                "id": f"conv_communication_{number:026x}",
                "channelId": twin.channel,
                "resourceId": sid,
                "createdAt": self.arrived(age),
            }
            for number, (sid, age) in enumerate(twin.heard)
        ]
        return self._tokens("communications", heard[::-1] if self.newest_first else heard, query)

    def _twin(self, twin: Twin, partial: bool) -> Json:
        told = {"id": twin.id, "accountId": ACCOUNT, "configurationId": CONFIGURATION}
        if partial:
            return dict(told)
        address = {"channel": "CHAT", "address": "ana", "channelId": twin.channel}
        return {
            **told,
            "status": twin.status,
            "participants": [{"id": "p", "addresses": [address]}],
        }

    def _tokens(self, key: str, items: list[Json], query: dict[str, str]) -> Json:
        first = int(query.get("pageToken", 0))
        last = first + min(self.page, int(query.get("pageSize", 50)))
        meta: Json = {"key": key}
        if last < len(items):
            meta["nextToken"] = str(last)
        return {key: items[first:last], "meta": meta}

    def _numbered(self, key: str, items: list[Json], query: dict[str, str]) -> Json:
        first = int(query.get("PageToken", 0))
        size = int(query.get("PageSize", 50))
        last = first + min(self.page, size)
        order = f"&Order={query['Order']}" if "Order" in query else ""
        following = f"http://elsewhere/x?PageSize={size}&PageToken={last}{order}"
        more = following if last < len(items) else None
        return {key: items[first:last], "meta": {"key": key, "next_page_url": more}}


def healthy(count: int, made: type[Account] = Account) -> Account:
    """A service of which everything has arrived."""
    account = made(1)
    account.page, account.partial, account.heeded = 1000, False, True
    account.classic, account.twins = [], []
    for number in range(count):
        one = Classic(account.sid("CH"), 600.0)
        one.messages = [Message(account.sid("IM"), 0, f"text {number}", 500.0)]
        account.classic.append(one)
        heard = [(one.messages[0].sid, 499.0)]
        account.twins.append(Twin(f"conv_conversation_{number:026x}", one.sid, "ACTIVE", heard))
    return account


class Refused(Exception):
    """An account does not take a value: status 400."""


CONFIGURATION = "conv_configuration_0" + "1" * 25
ACCOUNT = "AC" + "c" * 32


def stamp(at: float) -> str:
    """With milliseconds, as v2 writes it."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def whole(at: float) -> str:
    """In whole seconds, as classic writes it."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Serving:
    """Serves an account, which can be exchanged, on a free port; counts what is asked."""

    def __init__(self) -> None:
        self.account = Account(0)
        self.delay = 0.0
        self.most: int | None = None
        self.asked: Counter[str] = Counter()
        self.refused = 0
        self._inside = 0
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def reply(self, method: str, target: str) -> tuple[int, Json]:
        url = urlsplit(target)
        with self._lock:
            self.asked[method] += 1
            self._inside += 1
            too_many = self.most is not None and self._inside > self.most
            self.refused += too_many
        try:
            if self.delay:
                time.sleep(self.delay)
            if too_many:
                return 429, {"code": 20429, "message": "Too many", "status": 429}
            try:
                found = self.account.answer(url.path, dict(parse_qsl(url.query)))
            except Refused:
                return 400, {"code": 20001, "message": "Invalid page token", "status": 400}
            return (404, {"code": 20404, "message": "gone"}) if found is None else (200, found)
        finally:
            with self._lock:
                self._inside -= 1


def _handler(serving: Serving) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 65536

        def _reply(self) -> None:
            status, told = serving.reply(self.command, self.path)
            body = json.dumps(told).encode()
            self.send_response_only(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Date", formatdate(serving.account.now, usegmt=True))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _reply  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Nothing is printed."""

    return Handler
