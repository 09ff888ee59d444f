"""A sandbox for the session, an account for each test, and others' clients pointed at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ..openapi_check import HOW_TO_OBTAIN, OpenApi
from ..sandbox_process import Account, SandboxProcess
from .exchanges import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


REPORT = pytest.StashKey[pytest.TestReport]()
"""How the call of a test ended."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "drives(*operations): the operations of the OpenAPI files that the test drives"
    )


@pytest.fixture(scope="session")
def maybe_openapi() -> OpenApi | None:
    return OpenApi.from_environment()


@pytest.fixture(scope="session")
def openapi(maybe_openapi: OpenApi | None) -> OpenApi:
    """The OpenAPI files; a test that cannot do without them is skipped where there are none."""
    if maybe_openapi is None:
        pytest.skip(HOW_TO_OBTAIN)
    return maybe_openapi


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess("--operation-seconds", "0.1", "--lag", "0.1") as running:
        yield running


@pytest.fixture
def account(sandbox: SandboxProcess) -> Account:
    return sandbox.account(name="contract")


@pytest.fixture
def watch(request: pytest.FixtureRequest, maybe_openapi: OpenApi | None) -> Iterator[Watch]:
    """What went over the wire; afterwards, the operations the test claims to drive were driven."""
    seen = Watch(maybe_openapi)
    yield seen
    marker = request.node.get_closest_marker("drives")
    report = request.node.stash.get(REPORT, None)
    if marker and maybe_openapi is not None and (report is None or report.passed):
        missing = (set(marker.args) & maybe_openapi.described) - seen.driven()
        assert not missing, f"claimed, but never answered with success: {sorted(missing)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


class RedirectedHttpClient(TwilioHttpClient):  # type: ignore[misc] # the SDK has no types
    """The SDK's own HTTP client, sent to the sandbox: only where a service is changes."""

    def __init__(self, origin: str, watch: Watch) -> None:
        super().__init__(timeout=30)
        self._origin = urlsplit(origin)
        self._watch = watch

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        target = urlsplit(url)
        prefix = "/messaging" if target.hostname == "messaging.twilio.com" else ""
        target = target._replace(
            scheme=self._origin.scheme, netloc=self._origin.netloc, path=prefix + target.path
        )
        response = super().request(method, target.geturl(), *args, **more)
        self._watch.see(method, target.path, response.status_code, response.headers, response.text)
        return response

    def close(self) -> None:
        assert self.session is not None
        self.session.close()


@pytest.fixture
def sdk(sandbox: SandboxProcess, account: Account, watch: Watch) -> Iterator[Client]:
    """Twilio's SDK as it is published, with the account's API key."""
    http_client = RedirectedHttpClient(sandbox.url, watch)
    yield Client(account.api_key, account.api_secret, account.account_sid, http_client=http_client)
    http_client.close()


@pytest.fixture
def http(sandbox: SandboxProcess, account: Account, watch: Watch) -> Iterator[httpx.Client]:
    """Plain HTTP as the account."""
    with watch.client(sandbox, account) as client:
        yield client
