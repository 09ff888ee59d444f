"""A sandbox in a process of its own, the client of its controls, and the accounts it opens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    def of(cls, info: Mapping[str, Any]) -> Account:
        return cls(**{field.name: info[field.name] for field in fields(cls)})

    @property
    def key(self) -> tuple[str, str]:
        """What HTTP basic authentication takes."""
        return self.api_key, self.api_secret


def plain_client(url: str, **options: Any) -> httpx.Client:
    """An HTTP client without certificates: loading them takes longer than most tests run."""
    return httpx.Client(base_url=url, verify=False, **{"timeout": 30, **options})


class Controls:
    """
    The endpoints below `/_sandbox/` of a running sandbox.

    Every request says that it sends JSON, as the sandbox demands of whoever changes it.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = plain_client(
            f"{url}/_sandbox", headers={"Content-Type": "application/json"}, timeout=120
        )

    def control(self, path: str, /, **body: Any) -> Any:
        """POST, as `control("settings", lag=0.1)`; returns what it answers."""
        return self._send("POST", path, json=body)

    def read(self, path: str, /, **query: str) -> Any:
        """GET, as `read("requests")["log"]`."""
        return self._send("GET", path, params=query)

    def forget(self, path: str) -> None:
        """DELETE what was asked for or seen: `faults` or `requests`."""
        self._send("DELETE", path)

    def account(self, **wanted: Any) -> Account:
        """Open a fresh account, so that tests do not meet."""
        return Account.of(self.control("accounts", **wanted))

    def client(self, account: Account, **options: Any) -> httpx.Client:
        """Plain HTTP to the four APIs as an account."""
        return plain_client(self.url, auth=account.key, **options)

    def environment(self, account: Account) -> dict[str, str]:
        """What an engineer sets to work on an account, with the sandbox in Twilio's place."""
        return {
            **{f"TWILIO_{one}_URL": self.url for one in ("CONVERSATIONS", "MEMORY", "API")},
            "TWILIO_MESSAGING_URL": f"{self.url}/messaging",
            "TWILIO_ACCOUNT_SID": account.account_sid,
            "TWILIO_API_KEY": account.api_key,
            "TWILIO_API_SECRET": account.api_secret,
        }

    def advance(self, seconds: float) -> None:
        """Let the sandbox's clock go this far."""
        self.control("clock", advance=seconds)

    def fault(self, name: str, /, **options: Any) -> None:
        """Ask for a fault."""
        self.control("faults", fault=name, **options)

    def asked(self) -> list[str]:
        """
        The requests to the four APIs that it remembers, as `GET /v1/Services`.

        Those with foreign credentials are left out: a process of another test may look here for
        the sandbox that had this port before.
        """
        log = self.read("requests")["log"]
        return [f"{one['method']} {one['path']}" for one in log if one["status"] != 401]

    def writes(self) -> list[str]:
        """The writes to the four APIs that it remembers, as `POST /v1/Services`."""
        log = self.read("requests")["log"]
        return [f"{one['method']} {one['path']}" for one in log if one["method"] != "GET"]

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _send(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, f"/{path}", **more)
        assert answer.is_success, (
            f"{method} /_sandbox/{path} {more} → {answer.status_code}: {answer.text}"
        )
        return answer.json() if answer.content else None


class SandboxProcess(Controls):
    """
    `python -m bridge_helpers.sandbox` on a free port, and its controls; ends with the `with` block.

    Args:
        options: Further command-line options, as `"--freeze-clock"`.
        home: Its BRIDGE_HOME; a folder of its own unless given.
        environment: Added to this process's environment.

    Raises:
        AssertionError: It did not start, or, at the end of the block, it had written to stderr:
            a sandbox that complains, of an exception for instance, spoils the tests that used it.
    """

    def __init__(
        self, *options: str, home: Path | None = None, environment: dict[str, str] | None = None
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="bridge-sandbox-")
        self._stderr = Path(self._folder.name) / "stderr.txt"
        home = home or Path(self._folder.name) / "home"
        with self._stderr.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bridge_helpers.sandbox", "--port", "0", *options],
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env={**os.environ, "BRIDGE_HOME": str(home), **(environment or {})},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self._stop()
            raise AssertionError(f"the sandbox did not start: {self.complaints}")
        self.info: dict[str, Any] = json.loads(line)
        super().__init__(self.info["url"].rstrip("/"))

    @property
    def first_account(self) -> Account:
        """The account that is there from the start."""
        return Account.of(self.info)

    @property
    def complaints(self) -> str:
        """What it has written to stderr."""
        return self._stderr.read_text(errors="replace")

    def close(self) -> None:
        super().close()
        self._stop()
        self._folder.cleanup()

    def _stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __exit__(self, *exc: object) -> None:
        complaints = self.complaints
        self.close()
        assert exc[0] is not None or not complaints, f"the sandbox complained: {complaints}"
