"""A sandbox in a process of its own, its control endpoints, and its four APIs over the socket."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from openapi_check import OpenApi


@dataclass(frozen=True)
class Account:
    """One account of the sandbox with what it starts with."""

    account_sid: str
    api_key: str
    api_secret: str
    auth_token: str
    service_sid: str
    memory_store_id: str
    phone_number: str

    @classmethod
    def of(cls, info: dict[str, Any]) -> Account:
        return cls(**{name: info[name] for name in cls.__dataclass_fields__})


class SandboxProcess:
    """
    ``python -m bridge_helpers.sandbox`` on a free port; ends with the ``with`` block.

    Args:
        options: Further command-line options, as ``("--freeze-clock",)``.
        environment: Added to this process's environment.
    """

    def __init__(self, *options: str, environment: dict[str, str] | None = None) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="bridge-contract-")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bridge_helpers.sandbox", "--port", "0", *options],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"BRIDGE_HOME": self._home.name} | (environment or {}),
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"the sandbox ended with {self.process.returncode}; see its stderr")
        self.info: dict[str, Any] = json.loads(line)
        self.url: str = self.info["url"].rstrip("/")
        self._control = httpx.Client(base_url=f"{self.url}/_sandbox", timeout=120)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call a control endpoint, as ``control("POST", "/clock", {"advance": 60})``."""
        answer = self._control.request(method, path, json=body)
        assert answer.is_success, (
            f"{method} /_sandbox{path} {body} → {answer.status_code}: {answer.text}"
        )
        return answer.json() if answer.content else None

    def account(self, **wishes: Any) -> Account:
        """Open a fresh account, so that tests do not meet."""
        return Account.of(self.control("POST", "/accounts", wishes))

    def advance(self, seconds: float) -> None:
        self.control("POST", "/clock", {"advance": seconds})

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        if hasattr(self, "_control"):
            self._control.close()
        self._home.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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

    def client(self, sandbox: SandboxProcess, account: Account) -> httpx.Client:
        """Plain HTTP to the four APIs as one account, for what the SDK cannot say."""
        return httpx.Client(
            base_url=sandbox.url,
            auth=(account.api_key, account.api_secret),
            event_hooks={"response": [self.hook]},
            timeout=30,
        )

    def driven(self) -> set[str]:
        """Name the operations (``"GET /v2/Conversations"``) that were answered with success."""
        assert self.openapi is not None
        found = (self.openapi.operation(e.method, e.path) for e in self.exchanges if e.status < 300)
        return {operation.name for operation in found if operation is not None}
