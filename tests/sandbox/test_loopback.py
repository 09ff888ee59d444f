"""Web pages are kept out: by host, by origin, and by content type; programs are let in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from ..sandbox_process import plain_client

if TYPE_CHECKING:
    import httpx

    from .box import Sandbox

TWILIO, CONTROL = "/v1/Services", "/_sandbox/health"


def get(box: Sandbox, path: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return box.http.get(path, headers=named)


@pytest.mark.parametrize("path", [TWILIO, CONTROL])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "10.0.0.1",
        "[2001:db8::1]:80",
        "127.0.0.1@evil.example",
        "",
    ],
)
def test_another_host_is_refused(box: Sandbox, path: str, host: str) -> None:
    """A DNS name that was rebound to loopback gives itself away: 403 with a sentence."""
    refused = get(box, path, Host=host)
    assert refused.status_code == 403
    assert "127.0.0.1" in refused.text
    assert ("code" in refused.json()) == (path == TWILIO)


@pytest.mark.parametrize("path", [TWILIO, CONTROL])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3:80", "localhost:1", "LOCALHOST", "[::1]"])
def test_names_of_this_machine_are_let_in(box: Sandbox, path: str, host: str) -> None:
    """Whatever the port, so that a client behind a forwarded one works too."""
    assert get(box, path, Host=host).status_code == 200


@pytest.mark.parametrize("path", [TWILIO, CONTROL])
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Origin", "https://evil.example"),
        ("Origin", "http://127.0.0.1:1"),
        ("Origin", "null"),
        ("Sec_Fetch_Site", "cross-site"),
        ("Sec_Fetch_Site", "same-site"),
    ],
)
def test_another_origin_is_refused(box: Sandbox, path: str, header: str, value: str) -> None:
    """A page of any other origin, also one of another port on this machine."""
    refused = get(box, path, **{header: value})
    assert refused.status_code == 403
    assert "web pages" in refused.text


def test_its_own_origin_is_let_in(box: Sandbox) -> None:
    """A browser that opens the sandbox itself, typed or from its own page."""
    own = f"http://{urlsplit(box.url).netloc}"
    assert get(box, CONTROL, Origin=own, Sec_Fetch_Site="same-origin").status_code == 200
    assert get(box, CONTROL, Sec_Fetch_Site="none").status_code == 200


@pytest.mark.parametrize(
    "media_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
@pytest.mark.parametrize("body", [b"", b'{"advance": 60}'])
def test_a_control_has_to_be_sent_as_json(
    box: Sandbox, media_type: str | None, body: bytes
) -> None:
    """A page can send any of these without asking first: 415, and nothing is done."""
    before = box.read("health")
    with plain_client(box.url) as client:
        headers = {"Content-Type": media_type} if media_type else {}
        refused = client.post("/_sandbox/clock", content=body, headers=headers)
    assert refused.status_code == 415
    assert "application/json" in refused.json()["error"]
    assert box.read("health") == before


def test_json_may_be_said_with_a_charset_and_without_a_body(box: Sandbox) -> None:
    """A POST without a body needs the header and nothing more."""
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert box.http.post("/_sandbox/clock", headers=headers).status_code == 200


@pytest.mark.parametrize("path", [TWILIO, CONTROL])
def test_no_page_may_read_an_answer(box: Sandbox, path: str) -> None:
    """No answer has a CORS header, and a preflight is refused."""
    answers = [
        box.http.get(path),
        get(box, path, Origin="https://evil.example"),
        box.http.options(
            path,
            headers={
                "Origin": "https://evil.example",
                "Access-Control-Request-Method": "DELETE",
            },
        ),
    ]
    assert answers[-1].status_code == 403
    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")]
