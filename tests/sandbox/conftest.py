"""One sandbox for all tests here: a real process on a real socket, put back before each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.box import Sandbox, client, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


@pytest.fixture(scope="session")
def session_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the one sandbox."""
    home = tmp_path_factory.mktemp("home")
    with running(home, "--freeze-clock") as (_, announced), client(announced["url"]) as http:
        yield http


@pytest.fixture
def box(session_client: httpx.Client) -> Sandbox:
    """The sandbox at its start, its clock frozen: lag, operations and timers take no time."""
    announced = session_client.post("/_sandbox/reset", json={}).json()
    url = str(session_client.base_url).rstrip("/")
    return Sandbox({"url": url, **announced}, session_client)
