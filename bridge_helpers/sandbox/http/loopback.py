"""
Keep web pages out: the sandbox serves programs on this machine, not browsers.

A page that is open in a browser can send requests to loopback addresses. So a request has to
name a loopback host (which a rebound DNS name is not), must not come from another origin, and a
control that changes something has to be sent as JSON, which a page cannot do without asking
first. There are no CORS headers, so a page cannot read an answer either.
"""

from __future__ import annotations

import ipaddress
import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ..world.state import World
from .answers import JSON, Refusal, ok
from .wire import Delivery, deliver

_HOST = re.compile(r"(?:\[(?P<six>[0-9a-fA-F:.]+)\]|(?P<name>[^:\[\]]+))(?::\d{1,5})?")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine's loopback interface and nothing else."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class LoopbackOnly:
    """An ASGI application that refuses what a web page may have sent."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope["method"], scope["path"], Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, send)
            return
        answer = refusal.answer()
        if _is_control(scope["path"]):
            answer = ok({"error": refusal.message}, refusal.status)
        headers = {
            "Content-Type": answer.content_type,
            "Twilio-Request-Id": self._world.ids.sid("RQ"),
        }
        await deliver(scope, send, answer, Delivery(), headers)


def _refusal(method: str, path: str, headers: Headers) -> Refusal | None:
    host = headers.get("host", "")
    match = _HOST.fullmatch(host)
    if not match or not is_loopback(match["six"] or match["name"]):
        return Refusal(
            403, 20403, f"Host {host[:80]!r} is not this machine's: use 127.0.0.1 or localhost"
        )
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return Refusal(403, 20403, f"Origin {origin[:80]!r}: web pages may not use the sandbox")
    site = headers.get("sec-fetch-site", "none")
    if site not in ("none", "same-origin"):
        return Refusal(403, 20403, f"Sec-Fetch-Site {site[:20]}: web pages may not use the sandbox")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and _is_control(path) and media_type != JSON:
        return Refusal(415, 20422, f"Content-Type: controls take {JSON}, with or without a body")
    return None


def _is_control(path: str) -> bool:
    return path == "/_sandbox" or path.startswith("/_sandbox/")
