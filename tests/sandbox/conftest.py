"""One sandbox for all tests here: a real process on a real socket, put back before each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from sandbox.box import Sandbox, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def process_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("home"), "--freeze-clock") as (_, announced):
        yield announced["url"]


@pytest.fixture
def box(process_url: str) -> Iterator[Sandbox]:
    """The sandbox at its start, its clock frozen: lag, operations and timers take no time."""
    announced = httpx.post(f"{process_url}/_sandbox/reset", json={}).json()
    sandbox = Sandbox({"url": process_url, **announced})
    yield sandbox
    sandbox.http.close()
