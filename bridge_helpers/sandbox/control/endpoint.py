"""One request to ``/_sandbox/``: JSON in and out, no credentials, loopback only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from ..http import failures
from ..http.answers import Answer, ok
from ..http.bodies import explain
from ..http.wire import Delivery, deliver
from ..world import classic_records as classic
from ..world.state import Account, World

T = TypeVar("T")


class InvalidControl(Exception):
    """A control that was used wrongly: 400, naming the field and the rule."""


class ControlRequest(Struct):
    """One use of a control."""

    world: World
    now: float
    names: dict[str, str]
    query: dict[str, str]
    body: bytes

    def read(self, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(self.body or b"{}", type=kind)
        except msgspec.ValidationError as problem:
            raise InvalidControl(explain(problem)) from None
        except msgspec.DecodeError:
            raise InvalidControl("body: is not valid JSON") from None

    def account(self, sid: str | None) -> Account:
        if sid is None:
            return self.world.first_account
        account = self.world.accounts.get(sid)
        if account is None:
            raise InvalidControl(f"account_sid: there is no account {sid}")
        return account

    def service(self, account: Account, sid: str | None) -> classic.Service:
        found = account.services.get(sid) if sid else next(iter(account.services), None)
        if found is None:
            raise InvalidControl(f"service_sid: there is no service {sid or 'in this account'}")
        return found


Control: TypeAlias = Callable[[ControlRequest], Answer]


class Endpoint:
    """One control path with its methods, as an ASGI application."""

    def __init__(self, world: World, controls: dict[str, Control]) -> None:
        self.world = world
        self.controls = controls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        answer = self._answer(request, body)
        await deliver(scope, send, answer, Delivery(), {"Content-Type": answer.content_type})

    def _answer(self, request: Request, body: bytes) -> Answer:
        if not self.controls:
            return ok({"error": "path: no such control; GET /_sandbox/ describes them"}, 404)
        control = self.controls.get(request.method)
        if control is None:
            return ok({"error": f"method: use {' or '.join(self.controls)}"}, 405)
        names, query = dict(request.path_params), dict(request.query_params)
        try:
            now = self.world.run_due()
            return control(ControlRequest(self.world, now, names, query, body))
        except InvalidControl as problem:
            return ok({"error": str(problem)}, 400)
        except Exception:
            request_id = self.world.ids.sid("RQ")
            path = request.url.path
            return ok({"error": failures.report(request_id, request.method, path)}, 500)
