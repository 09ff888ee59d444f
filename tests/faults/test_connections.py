"""Which way a request goes: through a proxy or past it, and what closing leaves open."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import ConnectionFailed

from .children import account
from .conftest import QUICK
from .server import Server


class Proxy:
    """Takes connections, keeps what was said first on each, and closes them."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                self.heard.append(connection.recv(4096))

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy, and an environment that names none."""
    for name in ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    running = Proxy()
    yield running
    running.close()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_https_goes_through_the_proxy_that_is_set(
    name: str, scheme: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a tunnel, so that the proxy sees neither the request nor its credentials."""
    monkeypatch.setenv(name, scheme + proxy.place)
    with (
        Session(account("https://localhost:9"), QUICK.once()) as session,
        pytest.raises(ConnectionFailed),
    ):
        list(session.classic.services())
    assert proxy.heard[0].startswith(b"CONNECT localhost:9 ")
    assert b"authorization" not in b"".join(proxy.heard).lower()


@pytest.mark.parametrize("spared", ["localhost", "localhost:9", "*", "example.com, localhost"])
def test_an_address_that_is_spared_is_reached_past_the_proxy(
    spared: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_PROXY says which."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.place}")
    monkeypatch.setenv("NO_PROXY", spared)
    with (
        Session(account("https://localhost:9"), QUICK.once()) as session,
        pytest.raises(ConnectionFailed),
    ):
        list(session.classic.services())
    assert proxy.heard == []


def test_requests_one_after_another_share_a_connection(server: Server) -> None:
    """And those at the same time have one each."""
    with Session(account(server.url), QUICK) as session:
        for _ in range(5):
            list(session.classic.services())
        connections = session.http._connections[server.url]
        assert len(connections._idle) == 1


def test_what_is_under_way_when_a_session_is_closed_is_closed_after_it(server: Server) -> None:
    """Nothing stays open: a connection that is left to the garbage collector is a warning."""
    held, let_go = threading.Event(), threading.Event()
    session = Session(account(server.url), QUICK)
    connections = session.http._connections[server.url]

    def ask() -> None:
        def sent() -> None:
            held.set()
            let_go.wait(5)

        session.http.send("GET", "conversations", ["v1", "Services"], sent=sent)

    asking = threading.Thread(target=ask)
    asking.start()
    assert held.wait(5)
    session.close()
    assert connections._idle == []
    let_go.set()
    asking.join(5)
    assert not asking.is_alive()
    assert connections._idle == []
