"""
Servers that want the credentials: they never get them.

A listener on another port of loopback stands for every other host: whatever a server says, the
listener hears nothing, and above all no Authorization header.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers.api.http import Http
from bridge_helpers.api.operations import id_in_url, opaque_id
from bridge_helpers.api.session import Session
from bridge_helpers.errors import BadAnswer, BridgeError, UnknownOutcome, UnsafeAddress
from bridge_helpers.settings import checked_address, is_loopback
from bridge_helpers.target import connect

from ..trials import trials
from .children import ACCOUNT_SID, account
from .conftest import QUICK, Client
from .lists import full
from .server import Server, Work, changes, listening, says
from .world import SERVICE_SID, Call, Reply

POST = r"^POST /v2/ControlPlane/Configurations$"


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    with listening() as server:
        yield server


def hostile(elsewhere: Server, operation_id: str) -> list[str]:
    """URLs that a server may send in place of its own."""
    port, path = elsewhere.port, f"/v2/ControlPlane/Operations/{operation_id}"
    return [
        f"{elsewhere.url}{path}",
        f"http://localhost:{port}{path}",
        f"https://127.0.0.1:{port}{path}",
        f"//127.0.0.1:{port}{path}",
        f"http://user:pass@127.0.0.1:{port}{path}",
        f"http://conversations.twilio.com@127.0.0.1:{port}{path}",
        f"http://127.0.0.1:{port}/{path}",
        f"http://127.0.0.1:{port}\\@conversations.twilio.com{path}",
        f"ftp://127.0.0.1:{port}{path}",
        f"file://{path}",
        f"http://127.0.0.1:{port}/v2/ControlPlane/Operations/../../../x",
        f"/v2/ControlPlane/Operations/../../x?{path}",
        "/v2/ControlPlane/Operations/%2e%2e%2f%2e%2e%2fx",
        f"http://127.0.0.1:{port}{path}?next=http://127.0.0.1:{port}/",
        f"http://127.0.0.1:{port}{path}#fragment",
        f"http://[::1]:{port}{path}",
        "http://[",
        "javascript:alert(1)",
        "",
    ]


@pytest.mark.parametrize("number", range(19))
@pytest.mark.parametrize("place", ["body", "location", "both, no id"])
def test_a_status_url_is_never_followed(
    number: int, place: str, client: Client, elsewhere: Server
) -> None:
    """
    Whatever `statusUrl` and `Location` name, the poll goes to the configured origin or nowhere,
    stays below Operations, and the bridge is found.
    """

    def spoil(call: Call, work: Work) -> Reply:
        reply = work()
        told = reply.told()
        operation_id = reply.headers.pop("Operation-Id")
        url = hostile(elsewhere, operation_id)[number]
        if place == "body":
            reply.headers.pop("Location")
            told["statusUrl"] = url
        elif place == "location":
            del told["statusUrl"]
            reply.headers["Location"] = url
        else:
            told["statusUrl"] = reply.headers["Location"] = url.replace(operation_id, "..")
        return Reply(reply.status, json.dumps(told).encode(), reply.headers)

    client.server.spoil(spoil, POST)
    assert client.create().configuration.id in client.world.configurations
    assert elsewhere.calls == []
    allowed = ("/v2/ControlPlane/Configurations", "/v2/ControlPlane/Operations/proc_job_")
    assert all(call.path.startswith(allowed) for call in client.server.calls)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_redirect_is_never_followed(
    status: int, method: str, client: Client, elsewhere: Server
) -> None:
    """On every verb: an error that says so, one request, and nobody else hears of it."""
    client.server.spoil(says(status, Location=f"{elsewhere.url}/v2/Conversations"), times=None)
    with pytest.raises(BadAnswer, match="redirect"):
        client.session.http.send(method, "conversations", ("v2", "x"), json={}, key="k")
    assert elsewhere.calls == []
    assert len(client.server.calls) == 1


def test_a_redirected_create_is_told_as_such(client: Client, elsewhere: Server) -> None:
    """A create that is redirected is not believed to have happened, nor followed."""
    client.server.spoil(says(307, Location=f"{elsewhere.url}/v2/ControlPlane/Configurations"), POST)
    with pytest.raises(UnknownOutcome, match="redirect"):
        client.create()
    assert elsewhere.calls == []


@pytest.mark.parametrize(
    "url",
    ["{other}/v1/x?Page=1&PageToken=PT0", "//{host}/v1/x?Page=1", "http://u:p@{host}/x?Page=1"],
)
def test_a_next_page_is_asked_for_at_the_configured_origin(
    url: str, client: Client, elsewhere: Server
) -> None:
    """Of a classic page's link, only the query is used."""
    full(client.server)

    def spoil(reply: Reply) -> Reply:
        told = reply.told()
        if told["meta"]["next_page_url"]:
            host = urlsplit(elsewhere.url).netloc
            told["meta"]["next_page_url"] = url.format(other=elsewhere.url, host=host)
        return Reply(200, json.dumps(told).encode())

    client.server.spoil(changes(spoil), "Conversations", times=1)
    client.read(lambda: client.session.classic.conversations(SERVICE_SID))
    assert elsewhere.calls == []
    assert len({call.path for call in client.server.calls}) == 1


@pytest.mark.parametrize("bad", ["..", ".", "", "...", "a/../../b", "x?y=1", "a%2fb", "é", "a b\n"])
def test_ids_from_a_server_stay_in_their_place(bad: str, client: Client) -> None:
    """An id that would climb, split or question is quoted into one segment, or refused."""
    with suppress(BridgeError):
        client.session.orchestrator.conversation(bad)
    for call in client.server.calls:
        assert call.path.startswith("/v2/Conversations/")
        assert call.path.count("/") == 3
        assert call.query == ()


@given(st.text(max_size=60) | st.from_regex(r"https?://[^\s]{0,20}/Operations/.{0,20}"))
@trials(200)
def test_an_id_in_a_url_is_one_plain_segment(url: str) -> None:
    """Whatever the URL, the id is None or something that cannot leave its segment."""
    found = id_in_url(url)
    assert found is None or (found == opaque_id(found) and found.strip(".") and "/" not in found)


@pytest.mark.parametrize(
    "url",
    [
        "http://conversations.twilio.com",
        "http://192.168.0.10:8080",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:80",
        "http://2130706433",
        "http://0x7f.1",
        "http://127.1",
        "http://１２７.0.0.1",
        "http://[::ffff:8.8.8.8]",
        "https://user@conversations.twilio.com",
        "https://user:pass@conversations.twilio.com",
        "http://127.0.0.1@example.com",
        "http://example.com\\@127.0.0.1",
        "https://conversations.twilio.com?x=1",
        "https://conversations.twilio.com#x",
        "https://exa mple.com",
        "https://a..b",
        "https://١.com",
        "https://[",
        "https://x:99999",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "//127.0.0.1",
        "127.0.0.1:8080",
        "https://",
        "https:///v2",
        "https://x/a/../b",
        "https://x/%2e%2e",
        "javascript:alert(1)",
        " ",
    ],
)
@pytest.mark.parametrize(
    "name", ["TWILIO_CONVERSATIONS_URL", "TWILIO_MEMORY_URL", "TWILIO_API_URL"]
)
def test_an_unsafe_address_is_refused_by_name(url: str, name: str) -> None:
    """Before anything is sent, with the variable's name, and without what may be a password."""
    env = {
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_API_KEY": "SK" + "0" * 32,
        "TWILIO_API_SECRET": "s" * 32,
        name: url,
    }
    with pytest.raises(UnsafeAddress, match=name) as refused:
        connect("twilio", env=env)
    assert "pass" not in str(refused.value).replace("password", "")
    assert refused.value.exit_status == 2


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:9/", "http://[::1]:9"),
        ("https://conversations.ie1.twilio.com", "https://conversations.ie1.twilio.com"),
        ("https://proxy.example.com:8443/twilio/", "https://proxy.example.com:8443/twilio"),
    ],
)
def test_a_safe_address_is_kept(url: str, kept: str) -> None:
    """https anywhere, http on this machine; a trailing slash makes no difference."""
    assert checked_address("F", url) == kept


@given(st.text(max_size=40) | st.from_regex(r"\Ahttps?://[!-~]{0,30}\Z"))
@trials(300)
def test_an_address_is_safe_or_refused(url: str) -> None:
    """Any text at all is an address that credentials may go to, or UnsafeAddress."""
    try:
        kept = checked_address("TWILIO_API_URL", url)
    except UnsafeAddress:
        return
    parts = urlsplit(kept)
    assert parts.scheme == "https" or (parts.scheme == "http" and is_loopback(kept))
    assert parts.username is None
    assert ".." not in parts.path.split("/")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"])
def test_a_proxy_never_sees_loopback_traffic(
    name: str, elsewhere: Server, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain http stays on this machine whatever the environment says of proxies."""
    monkeypatch.setenv(name, elsewhere.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Session(account(server.url), QUICK) as session:
        assert [one.sid for one in session.classic.services()] == [SERVICE_SID]
    assert elsewhere.calls == []
    assert server.calls[0].headers["authorization"].startswith("Basic ")


def test_https_is_verified(tmp_path: Path) -> None:
    """A server whose certificate nobody signed gets no request, and no switch turns that off."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                heard.append(connection.recv(4096))

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with Session(account(url), QUICK) as session, pytest.raises(BridgeError):
        session.http.send("GET", "conversations", ("v1", "Services"))
    listener.close()
    # A TLS greeting at most: the request and its header come after the handshake.
    assert heard
    assert all(b"Authorization" not in data and b"HTTP" not in data for data in heard)
    options: Any = Http.__init__.__annotations__
    assert "verify" not in options


def test_wrong_credentials_are_sent_to_the_origin_only(client: Client, elsewhere: Server) -> None:
    """Everything a whole run sends goes to the origin that is configured."""
    client.create()
    assert elsewhere.calls == []
    assert all("authorization" in call.headers for call in client.server.calls)
