"""
A server that costs next to nothing: pages that were encoded before, over plain sockets.

It speaks just enough HTTP/1.1 for the clients that are measured. What they take is theirs, and
hardly any of it is the server's.

    python -m tests.benchmarks.server --conversations 100000 --latency 0.03 --refuse-every 50
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qs, urlsplit

from . import account

_REFUSED: Final = b'{"code":20429,"message":"Too many requests","status":429}'


class Server:
    """Serves one account of the given size; each connection has a thread."""

    def __init__(self, conversations: int, latency: float, refuse_every: int) -> None:
        self._count = conversations
        self._latency = latency
        self._refuse_every = refuse_every
        self._requests = itertools.count(1)
        self._pages = [json.dumps(page).encode() for page in account.pages()]
        self._first = [self._filled(0, page) for page in range(min(100, -(-conversations // 1000)))]

    def serve(self, listener: socket.socket) -> None:
        """Answer connections until the process ends."""
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._connection, args=(connection,), daemon=True).start()

    def answer(self, target: str) -> tuple[int, bytes]:
        """Status and body for a request's target."""
        url = urlsplit(target)
        if url.path == "/v2/Conversations":
            return 200, self._page(int(parse_qs(url.query).get("pageToken", ["0"])[0]))
        if found := _ONE.fullmatch(url.path):
            return 200, account.said(*found.groups())
        if url.path == _CLASSIC:
            return 200, self._classic(int(parse_qs(url.query).get("Page", ["0"])[0]))
        for path, body in _SMALL.items():
            if url.path.startswith(path):
                return 200, body
        return 200, _EMPTY

    def _page(self, page: int) -> bytes:
        block, within = divmod(page, 100)
        items = self._first[within] if block == 0 else self._filled(block, within)
        following = f',"nextToken":"{page + 1}"' if (page + 1) * 1000 < self._count else ""
        meta = f'{{"key":"conversations","pageSize":1000{following}}}'
        return b"".join((b'{"conversations":', items, b',"meta":', meta.encode(), b"}"))

    def _classic(self, page: int) -> bytes:
        first, last = 100 * page, min(self._count, 100 * (page + 1))
        listed = ",".join(account.classic(number) for number in range(first, last))
        following = f'"http://elsewhere{_CLASSIC}?PageSize=100&Page={page + 1}"'
        more = following if last < self._count else "null"
        meta = f'{{"key":"conversations","next_page_url":{more}}}'
        return f'{{"conversations":[{listed}],"meta":{meta}}}'.encode()

    def _filled(self, block: int, page: int) -> bytes:
        return self._pages[page].replace(account.PLACE.encode(), b"%06d" % block)

    def _connection(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as reader:
            while self._exchange(connection, reader.readline, reader.read):
                pass

    def _exchange(
        self,
        connection: socket.socket,
        line: Callable[[], bytes],
        read: Callable[[int], bytes],
    ) -> bool:
        first = line()
        if not first:
            return False
        length = 0
        while (header := line()) not in (b"\r\n", b""):
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        read(length)
        if self._latency:
            time.sleep(self._latency)
        if self._refuse_every and next(self._requests) % self._refuse_every == 0:
            status, body = 429, _REFUSED
        else:
            status, body = self.answer(first.split()[1].decode())
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        connection.sendall(body)
        return True


_CLASSIC: Final = f"/v1/Services/{account.SERVICE_SID}/Conversations"
_ONE: Final = re.compile(
    rf"{_CLASSIC}/CH(?P<classic>\w+)/Messages|/v2/Conversations/conv_conversation_(?P<twin>\w+)/Communications"
)
_CONFIGURATIONS: Final = {
    "configurations": [
        {
            "id": account.CONFIGURATION_ID,
            "createdAt": "2026-01-01T00:00:00Z",
            **account.CONFIGURATION,
        }
    ],
    "meta": {"key": "configurations", "pageSize": 1},
}
_SMALL: Final = {
    "/v2/ControlPlane/Configurations": json.dumps(_CONFIGURATIONS).encode(),
    "/2010-04-01/Accounts/": json.dumps(
        {"sid": account.ACCOUNT_SID, "status": "active", "incoming_phone_numbers": []}
    ).encode(),
}
_EMPTY: Final = (
    b'{"participants":[],"communications":[],"services":[],"meta":{"key":"participants"}}'
)


def main() -> None:
    """Serve; the first line on stdout is the address."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--conversations", type=int, default=account.BLOCK)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--refuse-every", type=int, default=0)
    given = parser.parse_args()
    server = Server(given.conversations, given.latency, given.refuse_every)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
        # Ends with whoever started it.
        sys.stdin.read()


if __name__ == "__main__":
    main()
