"""
The sandbox's promises on size and speed, measured.

A million conversations, of either generation, are seeded within 5 s in less than 200 MB; among
100,000 a page of 1,000 is served within 25 ms, the last one too, and so is a page of the few that
are closed; the process is ready within 2 s.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from ..sandbox_process import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

CONVERSATIONS = 100_000
MILLION = 1_000_000
SEED_SECONDS = 5
MEMORY_BYTES = 200_000_000
PAGE_SECONDS = 0.025
START_SECONDS = 2.0


@dataclass(frozen=True)
class Crowd:
    """A sandbox with one account of 100,000 conversations."""

    sandbox: SandboxProcess
    http: httpx.Client
    service_sid: str
    seconds: float

    @property
    def memory(self) -> int:
        return int(psutil.Process(self.sandbox.process.pid).memory_info().rss)


def crowd(**seed: int) -> Iterator[Crowd]:
    with SandboxProcess() as sandbox:
        account = sandbox.account(name="crowd", conversations=0)
        started = time.perf_counter()
        sandbox.control("seed", account_sid=account.account_sid, **seed)
        seconds = time.perf_counter() - started
        with sandbox.client(account) as http:
            yield Crowd(sandbox, http, account.service_sid, seconds)


@pytest.fixture(scope="module")
def orchestrator() -> Iterator[Crowd]:
    yield from crowd(orchestrator_conversations=CONVERSATIONS)


@pytest.fixture(scope="module")
def classic() -> Iterator[Crowd]:
    yield from crowd(conversations=CONVERSATIONS, messages=2)


def pages(crowd: Crowd) -> Iterator[dict[str, Any]]:
    query: dict[str, Any] = {"pageSize": 1000}
    while True:
        page = crowd.http.get("/v2/Conversations", params=query).json()
        yield page
        if not (token := page["meta"].get("nextToken")):
            return
        query["pageToken"] = token


@pytest.mark.parametrize("generation", ["orchestrator_conversations", "conversations"])
def test_seeding(generation: str, record_property: Any) -> None:
    """A million conversations within 5 s and 200 MB."""
    for seeded in crowd(**{generation: MILLION}):
        print(f"\n{generation}: {seeded.seconds:.1f} s, {seeded.memory / 1e6:.0f} MB")  # noqa: T201
        record_property("seconds", seeded.seconds)
        record_property("bytes", seeded.memory)
        assert seeded.seconds < SEED_SECONDS
        assert seeded.memory < MEMORY_BYTES


def test_every_conversation_is_there(orchestrator: Crowd) -> None:
    """All pages together hold 100,000 conversations, each once."""
    ids = [c["id"] for page in pages(orchestrator) for c in page["conversations"]]
    assert len(ids) == len(set(ids)) == CONVERSATIONS


def test_every_classic_conversation_is_there(classic: Crowd) -> None:
    """All classic pages together hold 100,000 conversations with their messages."""
    service = f"/v1/Services/{classic.service_sid}/Conversations"
    sids: list[str] = []
    following = f"{service}?PageSize=100"
    while following:
        page = classic.http.get(following).json()
        sids += [conversation["sid"] for conversation in page["conversations"]]
        following = page["meta"]["next_page_url"]
    assert len(sids) == len(set(sids)) == CONVERSATIONS
    for sid in (sids[0], sids[-1]):
        assert len(classic.http.get(f"{service}/{sid}/Messages").json()["messages"]) == 2


def within(seconds: float, benchmark: Any, call: Callable[[], httpx.Response]) -> httpx.Response:
    """Measure a request; its median is within bounds and its last answer a success."""
    answer: httpx.Response = benchmark.pedantic(call, rounds=40, warmup_rounds=3)
    assert answer.is_success
    assert benchmark.stats.stats.median < seconds
    return answer


def test_first_page(benchmark: Any, orchestrator: Crowd) -> None:
    """The first thousand within 25 ms."""
    path = "/v2/Conversations?pageSize=1000"
    answer = within(PAGE_SECONDS, benchmark, lambda: orchestrator.http.get(path))
    assert answer.json()["meta"]["pageSize"] == 1000


def test_last_page(benchmark: Any, orchestrator: Crowd) -> None:
    """The last thousand within 25 ms: a page costs the same wherever it is."""
    *_, before_last, _last = pages(orchestrator)
    query = {"pageSize": 1000, "pageToken": before_last["meta"]["nextToken"]}
    answer = within(
        PAGE_SECONDS,
        benchmark,
        lambda: orchestrator.http.get("/v2/Conversations", params=query),
    )
    assert "nextToken" not in answer.json()["meta"]


def test_page_by_status(benchmark: Any, orchestrator: Crowd) -> None:
    """A filtered thousand within 25 ms."""
    path = "/v2/Conversations?status=ACTIVE&status=INACTIVE&pageSize=1000"
    within(PAGE_SECONDS, benchmark, lambda: orchestrator.http.get(path))


def test_page_of_a_rare_status(benchmark: Any, orchestrator: Crowd) -> None:
    """The few that are closed, among many, within 25 ms."""
    *_, last = pages(orchestrator)
    path = f"/v2/Conversations/{last['conversations'][-1]['id']}"
    orchestrator.http.patch(path, json={"status": "CLOSED"}).raise_for_status()
    closed = "/v2/Conversations?status=CLOSED&pageSize=1000"
    answer = within(PAGE_SECONDS, benchmark, lambda: orchestrator.http.get(closed))
    assert len(answer.json()["conversations"]) == 1


def test_classic_page_by_number(benchmark: Any, classic: Crowd) -> None:
    """The last page, asked for by its number, within 25 ms."""
    path = f"/v1/Services/{classic.service_sid}/Conversations?PageSize=100&Page=999"
    answer = within(PAGE_SECONDS, benchmark, lambda: classic.http.get(path))
    assert len(answer.json()["conversations"]) == 100


def test_classic_page(benchmark: Any, classic: Crowd) -> None:
    """A classic page, of a hundred at most, within 25 ms."""
    path = f"/v1/Services/{classic.service_sid}/Conversations?PageSize=100"
    within(PAGE_SECONDS, benchmark, lambda: classic.http.get(path))


def test_classic_message(benchmark: Any, classic: Crowd) -> None:
    """A message into a service of 100,000 conversations within 25 ms."""
    service = f"/v1/Services/{classic.service_sid}/Conversations"
    sid = classic.http.get(f"{service}?PageSize=1").json()["conversations"][0]["sid"]
    data = {"Author": "ada", "Body": "Hello"}
    within(
        PAGE_SECONDS,
        benchmark,
        lambda: classic.http.post(f"{service}/{sid}/Messages", data=data),
    )


def test_start(benchmark: Any) -> None:
    """From nothing to the first answer within 2 s."""

    def start() -> None:
        SandboxProcess().close()

    benchmark.pedantic(start, rounds=5)
    assert benchmark.stats.stats.median < START_SECONDS
