"""
A small HTTP server over a real socket whose answers a test can spoil.

Every request is recorded with its headers, Authorization included: the hostile tests look for
it. A `Fault` stands between a request and the world: it may answer in its place, let the work be
done and change the answer, or close the connection before or after the work.
"""

from __future__ import annotations

import base64
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .world import Call, Reply, World, refused

Work = Callable[[], Reply]
Spoil = Callable[[Call, Work], "Reply | None"]
"""From the request and the work to the answer; None closes the connection without one."""


@dataclass
class Fault:
    """
    A spoiled answer for the requests that match.

    Attributes:
        match: A regular expression that `METHOD /path` has to match somewhere.
        times: For so many requests; None: for ever.
        after: So many matching requests are left alone first.
    """

    spoil: Spoil
    match: str = ""
    times: int | None = 1
    after: int = 0

    def takes(self, call: Call) -> bool:
        if not re.search(self.match, f"{call.method} {call.path}"):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


class Server:
    """
    A world behind a socket on loopback; ends with the `with` block.

    Args:
        world: What answers when nothing is spoiled.
        latency: Seconds before the work is begun, and again between work and answer.
        username, password: The only ones accepted; empty: anything is.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        latency: Callable[[Call], float] = lambda call: 0.0,
        username: str = "",
        password: str = "",
    ) -> None:
        self.world = world or World()
        self.latency = latency
        self.faults: list[Fault] = []
        self.calls: list[Call] = []
        self.connected: Callable[[int], object] = lambda port: None
        """Told the client's port of every new connection."""
        self._lock = threading.Lock()
        self._allowed = username and _basic(username, password)
        outer = self

        class Handler(_Handler):
            server_room = outer

        self._http = _Quiet(("127.0.0.1", 0), Handler)
        self.port: int = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.world.origin = self.url
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def spoil(self, spoil: Spoil, match: str = "", times: int | None = 1, after: int = 0) -> Server:
        """Add a fault; those added first are asked first."""
        self.faults.append(Fault(spoil, match, times, after))
        return self

    def counted(self, match: str) -> int:
        """How many requests matched `METHOD /path`."""
        return sum(bool(re.search(match, f"{one.method} {one.path}")) for one in self.calls)

    def answer(self, call: Call) -> Reply | None:
        with self._lock:
            self.calls.append(call)
            fault = next((one for one in self.faults if one.takes(call)), None)
        time.sleep(self.latency(call))

        def work() -> Reply:
            if self._allowed and call.headers.get("authorization") != self._allowed:
                return refused(401, "Authenticate", 20003)
            reply = self.world.answer(call)
            time.sleep(self.latency(call))
            return reply

        return fault.spoil(call, work) if fault else work()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients are killed in the middle of things here; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_room: Server
    timeout = 60
    # Headers and body leave in two writes: without this they wait for each other.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server_room.connected(self.client_address[1])

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever sent it was killed on the way: no request has arrived.
            self._hang_up()
            return
        parts = urlsplit(self.path)
        call = Call(
            self.command,
            parts.path,
            tuple(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
            time.monotonic(),
        )
        reply = self.server_room.answer(call)
        if reply is None:
            self._hang_up()
            return
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        promised = len(reply.body) if reply.promised is None else reply.promised
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        if reply.drip:
            for byte in reply.body:
                self.wfile.write(bytes((byte,)))
                self.wfile.flush()
                time.sleep(reply.drip)
        else:
            self.wfile.write(reply.body)
        self.wfile.flush()
        if promised != len(reply.body):
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    # The names are the base class's.
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_CONNECT = _any  # noqa: N815

    def log_message(self, *args: object) -> None:
        """Silence: the tests read `Server.calls`."""


def _basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


@contextmanager
def listening(reply: Reply | None = None) -> Iterator[Server]:
    """A listener that answers everything alike and remembers who came."""
    with Server() as server:
        server.spoil(lambda call, work: reply or Reply.of({"status": "COMPLETED"}), times=None)
        yield server


# ------------------------------------------------------------------------- faults


def says(status: int, body: bytes = b"", **headers: str) -> Spoil:
    """A bare status with a body and headers, nothing done."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda call, work: Reply(status, body, dict(named))


def refuses(status: int, message: str = "No", code: int | None = None, **headers: str) -> Spoil:
    """A refusal in the classic body shape, nothing done."""
    return lambda call, work: refused(status, message, code, **headers)


def refuses_until(seconds: float) -> Spoil:
    """429 with `Retry-After` as the HTTP date so many seconds from now."""

    def spoil(call: Call, work: Work) -> Reply:
        then = datetime.now(UTC) + timedelta(seconds=seconds)
        return refused(429, "Slow down", 20429, Retry_After=format_datetime(then, usegmt=True))

    return spoil


def drops_before(call: Call, work: Work) -> None:
    """The connection breaks before anything is done."""


def drops_after(call: Call, work: Work) -> None:
    """The work is done and the connection breaks instead of an answer."""
    work()


def truncates(call: Call, work: Work) -> Reply:
    """`Content-Length` promises more than is sent."""
    reply = work()
    return Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers, len(reply.body))


def not_json(call: Call, work: Work) -> Reply:
    """The work is done; a proxy's page comes back with the status and headers of success."""
    reply = work()
    return Reply(reply.status, b"<html>Sign in</html>", {"Content-Type": "text/html"})


def empty(call: Call, work: Work) -> Reply:
    """The work is done; the body is empty and the headers tell nothing."""
    return Reply(work().status)


def drips(seconds: float) -> Spoil:
    """The body comes one byte at a time."""

    def spoil(call: Call, work: Work) -> Reply:
        reply = work()
        reply = Reply(reply.status, reply.body, reply.headers)
        reply.drip = seconds
        return reply

    return spoil


def slow(seconds: float) -> Spoil:
    """The answer is late; the work is done first."""

    def spoil(call: Call, work: Work) -> Reply:
        reply = work()
        time.sleep(seconds)
        return reply

    return spoil


def changes(change: Callable[[Reply], Reply]) -> Spoil:
    """The work is done, the answer is another one."""
    return lambda call, work: change(work())
