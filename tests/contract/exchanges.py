"""Every exchange of a test, seen, and each answer held against the OpenAPI files at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from ..openapi_check import OpenApi
    from ..sandbox_process import Account, Controls


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    method: str
    path: str
    status: int
    body: str


class Watch:
    """Sees every exchange of a test, and holds each answer against the OpenAPI files at once."""

    def __init__(self, openapi: OpenApi | None) -> None:
        self.openapi = openapi
        self.exchanges: list[Exchange] = []

    def see(self, method: str, path: str, status: int, headers: Any, body: str) -> None:
        self.exchanges.append(Exchange(method, path, status, body))
        if self.openapi is not None:
            self.openapi.check(method, path, status, headers, body)

    def hook(self, response: httpx.Response) -> None:
        """For ``httpx.Client(event_hooks={"response": [watch.hook]})``."""
        response.read()
        request = response.request
        path = request.url.raw_path.decode()
        self.see(request.method, path, response.status_code, response.headers, response.text)

    def client(self, sandbox: Controls, account: Account) -> httpx.Client:
        """Plain HTTP as an account, seen: for what the SDK cannot say."""
        return sandbox.client(account, event_hooks={"response": [self.hook]})

    def driven(self) -> set[str]:
        """Name the operations (``"GET /v2/Conversations"``) that were answered with success."""
        assert self.openapi is not None
        found = (self.openapi.operation(e.method, e.path) for e in self.exchanges if e.status < 300)
        return {operation.name for operation in found if operation is not None}
