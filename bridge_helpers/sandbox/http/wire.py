"""Sending answers, whole or broken: dropped, truncated or dripping connections."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from .answers import Answer


@dataclass(slots=True)
class Delivery:
    """How an answer goes out."""

    drop: bool = False
    truncate: bool = False
    drip_seconds: float = 0.0


class BreakableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, with the connection within reach of the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        inner: ASGIApp = self.app

        async def reachable(scope: Scope, receive: Receive, send: Send) -> None:
            scope["sandbox.transport"] = transport
            await inner(scope, receive, send)

        self.app = reachable


async def deliver(
    scope: Scope, send: Send, answer: Answer, delivery: Delivery, named: dict[str, str]
) -> None:
    """Send an answer with these headers, the way a fault wants it sent."""
    transport: asyncio.Transport = scope["sandbox.transport"]
    if delivery.drop:
        await _hang_up(transport, at_once=True)
        return
    headers = [(k.lower().encode(), v.encode()) for k, v in named.items()]
    if answer.status != 204:
        promised = len(answer.body) + (100 if delivery.truncate else 0)
        headers.append((b"content-length", str(promised).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if delivery.truncate:
        part = answer.body[: len(answer.body) // 2]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await _hang_up(transport, at_once=False)
        return
    if delivery.drip_seconds and answer.body:
        await _drip(send, answer.body, delivery.drip_seconds)
        return
    await send({"type": "http.response.body", "body": answer.body})


async def _drip(send: Send, body: bytes, seconds: float) -> None:
    """Send a body byte by byte, the last one when the time is over."""
    loop = asyncio.get_running_loop()
    started, pause = loop.time(), seconds / len(body)
    for number, byte in enumerate(body, 1):
        await asyncio.sleep(started + number * pause - loop.time())
        more = number < len(body)
        await send({"type": "http.response.body", "body": bytes([byte]), "more_body": more})


async def _hang_up(transport: asyncio.Transport, *, at_once: bool) -> None:
    """Close the connection and wait until the protocol has noticed."""
    if at_once:
        transport.abort()
    else:
        transport.close()
    for _ in range(5):
        await asyncio.sleep(0)
