"""A large account stays usable; the full sizes are measured by ``make bench``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ..sandbox_process import SandboxProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = 10_000


@pytest.fixture(scope="module")
def large() -> Iterator[SandboxProcess]:
    with SandboxProcess() as sandbox:
        yield sandbox


def test_ten_thousand_conversations(large: SandboxProcess) -> None:
    """
    Ten thousand conversations are seeded in seconds, and walking them meets each once.

    The bounds are ten times what is measured on two cores, so that a slow machine passes and a
    quadratic algorithm does not.
    """
    account = large.account(name="large", conversations=0)
    started = time.monotonic()
    large.control("seed", account_sid=account.account_sid, orchestrator_conversations=MANY)
    assert time.monotonic() - started < 20

    ids: list[str] = []
    with large.client(account) as http:
        page = http.get("/v2/Conversations", params={"pageSize": 1000})
        started = time.monotonic()
        plain = http.get("/v2/Conversations", params={"pageSize": 1})
        assert time.monotonic() - started < 1
        assert plain.json()["meta"]["pageSize"] == 1
        while True:
            body = page.json()
            ids += [conversation["id"] for conversation in body["conversations"]]
            if not (token := body["meta"].get("nextToken")):
                break
            page = http.get("/v2/Conversations", params={"pageSize": 1000, "pageToken": token})
    assert len(ids) == len(set(ids)) == MANY


def test_ten_thousand_classic_conversations(large: SandboxProcess) -> None:
    """A classic service of ten thousand is walked by ``next_page_url``, each met once."""
    account = large.account(name="classic", conversations=0)
    seed = {"account_sid": account.account_sid, "conversations": MANY, "messages": 1}
    large.control("seed", **seed)
    sids: list[str] = []
    with large.client(account) as http:
        following = f"/v1/Services/{account.service_sid}/Conversations?PageSize=100"
        while following:
            page = http.get(following).json()
            sids += [conversation["sid"] for conversation in page["conversations"]]
            following = page["meta"]["next_page_url"]
    assert len(sids) == len(set(sids)) == MANY
