"""
What happens to each request to one of Twilio's APIs on its way to an answer.

A request is identified, meets the faults that were asked for, is authenticated and metered, and
only then handled; its answer meets the remaining faults, gets a ``Twilio-Request-Id`` and is
logged. Handlers are synchronous and run one after another, so the sandbox needs no locks and the
same requests always have the same outcome.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from ..world.clock import http_date, rfc3339
from ..world.faults import FaultName
from ..world.state import Account, World
from . import authentication, failures
from .answers import Answer, Refusal, not_found
from .bodies import webhook_header
from .faulty_answers import html_answer, status_answer
from .recording import Recorder
from .request import Call
from .wire import Delivery, deliver

Handler: TypeAlias = Callable[[Call], Answer]


class Endpoint:
    """One path with its methods, as an ASGI application."""

    def __init__(self, world: World, recorder: Recorder, handlers: dict[str, Handler]) -> None:
        self.world = world
        self.recorder = recorder
        self.handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        exchange = Exchange(self.world, request, body)
        with exchange.under_way():
            await self._exchange(scope, send, exchange, started)

    async def _exchange(self, scope: Scope, send: Send, exchange: Exchange, started: float) -> None:
        request, body = exchange.request, exchange.body
        slow = exchange.fault("slow")
        if slow and not slow.drip:
            await asyncio.sleep(slow.seconds)
        answer = exchange.answer(self.handlers)
        delivery = exchange.delivery(slow.seconds if slow and slow.drip else 0.0)
        headers = {
            **answer.headers,
            "Date": http_date(self.world.clock.now()),
            "Twilio-Request-Id": exchange.request_id,
        }
        if exchange.at_once:
            headers["Twilio-Concurrent-Requests"] = str(exchange.at_once)
        if answer.content_type:
            headers["Content-Type"] = answer.content_type
        self.world.log.add(
            at=rfc3339(self.world.clock.now()),
            method=request.method,
            path=exchange.path,
            query=request.url.query,
            body=body,
            headers=request.headers,
            status=None if delivery.drop else answer.status,
            seconds=time.perf_counter() - started,
        )
        if not (delivery.drop or delivery.truncate):
            self.recorder.record(request, body, answer, headers)
        await deliver(scope, send, answer, delivery, headers)


class Exchange:
    """One request on its way to an answer."""

    def __init__(self, world: World, request: Request, body: bytes) -> None:
        self.world = world
        self.request = request
        self.body = body
        self.path: str = request.scope["path"]
        self.request_id = world.ids.sid("RQ")
        claimed = authentication.claimed_account(world, request.headers)
        self.account = claimed
        self.account_sid = claimed.sid if claimed else ""
        #: The account's requests that were being answered when this one came, itself included.
        self.at_once = 0
        self.dropped = False

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """While it is being answered, the request counts among its account's requests at once."""
        if self.account is None:
            yield
            return
        self.account.in_flight += 1
        self.at_once = self.account.in_flight
        try:
            yield
        finally:
            self.account.in_flight -= 1

    def fault(self, name: FaultName, page_size: int | None = None) -> Any:
        return self.world.faults.take(
            name, self.request.method, self.path, self.account_sid, page_size=page_size
        )

    def delivery(self, drip_seconds: float) -> Delivery:
        """How the answer goes out."""
        return Delivery(
            drop=self.dropped or self.fault("drop-after") is not None,
            truncate=self.fault("truncate") is not None,
            drip_seconds=drip_seconds,
        )

    def answer(self, handlers: dict[str, Handler]) -> Answer:
        """Do what has fallen due, then what a fault or the handler says."""
        try:
            now = self.world.run_due()
            return self._intercepted() or self._handled(handlers, now)
        except Refusal as refusal:
            if self.path.startswith("/v3/"):
                refusal.shape = "orchestrator"  # the one shape that intelligence declares
            return refusal.answer()
        except Exception:
            said = failures.report(self.request_id, self.request.method, self.path)
            return Refusal(500, 20500, said).answer()

    def _intercepted(self) -> Answer | None:
        """The answer of a fault that keeps the request from being handled, if there is one."""
        if self.fault("drop-before"):
            self.dropped = True
            return Answer(503)
        answer = self._instead()
        if answer is not None:
            answer.fault = "instead"
        return answer

    def _instead(self) -> Answer | None:
        failing = self.fault("status")
        if failing:
            return status_answer(failing)
        if self.fault("not-json"):
            return html_answer(200)
        elsewhere = self.fault("redirect")
        if elsewhere:
            return Answer(307, headers={"Location": elsewhere.location}, content_type="")
        query = self.request.query_params
        asked = query.get("pageSize") or query.get("PageSize") or ""
        size = int(asked) if asked.isdecimal() else 50
        if self.request.method == "GET" and self.fault("large-page", page_size=size):
            return Refusal(503, 20503, "The page could not be put together").answer()
        return None

    def _handled(self, handlers: dict[str, Handler], now: float) -> Answer:
        """Authenticate, meter and handle."""
        account = authentication.authenticate(self.world, self.request.headers, self.path)
        authentication.within_limits(self.world, account, now, self.at_once)
        call = self._call(account, now)
        webhook_header(call)
        if not handlers:
            raise not_found(self.path)
        handler = handlers.get(self.request.method)
        if handler is None:
            allowed = {"Allow": ", ".join(handlers)}
            raise Refusal(405, 20004, "Method not allowed", headers=allowed)
        return handler(call)

    def _call(self, account: Account, now: float) -> Call:
        return Call(
            world=self.world,
            account=account,
            now=now,
            method=self.request.method,
            path=self.path,
            names=dict(self.request.path_params),
            query=self.request.query_params,
            headers=self.request.headers,
            body=self.body,
        )
