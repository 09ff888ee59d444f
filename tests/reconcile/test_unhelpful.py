"""A service that is as unhelpful as it may be, or changes while it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bridge_helpers.api.retries import Limits
from bridge_helpers.api.session import Session
from bridge_helpers.onboarding.journal import Journal
from bridge_helpers.onboarding.reconcile import Reconciled, explain, reconcile

from ..sandbox_process import Account as Credentials
from .account import ACCOUNT, SERVICE, Account, Json, Message, Refused, Serving, Twin, healthy
from .conftest import found, session_of

CREDENTIALS = Credentials(ACCOUNT, "SK" + "5" * 32, "secret", "token", SERVICE, "", "")
DEPTHS = ("presence", "last", "full")


class Unhelpful(Account):
    """An account whose answers a test may change: `change(path, query)` gives another, or None."""

    change: Callable[[str, dict[str, str]], Json | None] = staticmethod(lambda path, query: None)

    def answer(self, path: str, query: dict[str, str]) -> Json | None:
        return self.change(path, query) or super().answer(path, query)


@dataclass
class Compared:
    """An account, served; and comparisons of it with one journal."""

    serving: Serving
    session: Session
    journal: Journal
    account: Unhelpful = field(init=False)

    def healthy(self, count: int) -> Unhelpful:
        made = healthy(count, Unhelpful)
        assert isinstance(made, Unhelpful)
        self.serving.account = self.account = made
        return made

    def reconcile(self, depth: str = "full") -> Reconciled:
        result = reconcile(self.session, SERVICE, depth=depth, journal=self.journal)
        assert set(self.serving.asked) == {"GET"}
        return result


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Compared]:
    with (
        Serving() as serving,
        session_of(serving.url, CREDENTIALS, Limits(first_wait=0.01)) as session,
    ):
        yield Compared(serving, session, Journal(tmp_path / "journal.sqlite3"))


def test_conversations_deleted_while_they_are_compared(there: Compared) -> None:
    """They are counted no more, and their twins are in Orchestrator alone."""
    account = there.healthy(40)
    leaving = {one.sid for one in account.classic[::4]}
    twins = sorted(twin.id for twin in account.twins if twin.channel in leaving)

    def change(path: str, query: dict[str, str]) -> None:
        read = re.search("(CH.*)/Messages", path)
        if read and read[1] in leaving:
            account.classic = [one for one in account.classic if one.sid != read[1]]

    account.change = change
    result = there.reconcile()
    assert found(result) == {"unexpected": twins}
    assert (result.classic, result.matched) == (30, 30)


@pytest.mark.parametrize("listed", ["/v2/Conversations", f"/v1/Services/{SERVICE}/Conversations"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_page_token_that_expires_on_the_way(there: Compared, listed: str, times: int) -> None:
    """The list is read from its start again, in the same run; nothing is counted twice."""
    account = there.healthy(60)
    account.page = 10
    expired: list[str] = []

    def change(path: str, query: dict[str, str]) -> None:
        token = query.get("pageToken") or query.get("PageToken") or ""
        if path == listed and token == str(20 + 10 * len(expired)) and len(expired) < times:
            expired.append(token)
            raise Refused

    account.change = change
    result = there.reconcile()
    assert len(expired) == times
    assert (result.complete, result.matched, result.gaps) == (True, 60, ())


def test_a_list_that_always_ends_in_an_error(there: Compared) -> None:
    """It is not read for ever: the error says what could not be read."""
    account = there.healthy(40)
    account.page = 10

    def change(path: str, query: dict[str, str]) -> None:
        if path.endswith(f"{SERVICE}/Conversations") and query.get("PageToken") == "20":
            raise Refused

    account.change = change
    result = there.reconcile()
    assert not result.complete
    assert "/Conversations was refused" in str(result.error)
    assert result.classic == 20


def test_many_conversations_that_cannot_be_read(there: Compared) -> None:
    """They hold back no other, in no run, and are told by number and sid."""
    account = there.healthy(70)
    unreadable = sorted(one.sid for one in account.classic[5:35])

    def change(path: str, query: dict[str, str]) -> Json | None:
        return {"messages": 5} if any(sid in path for sid in unreadable) else None

    account.change = change
    for _ in range(2):
        result = there.reconcile()
        assert (result.complete, result.matched, result.gaps) == (False, 40, ())
        assert list(result.unread) == unreadable
        assert f"30 could not be read: {unreadable[0]}" in result.verdict
    account.change = lambda path, query: None
    assert there.reconcile().matched == 70


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_twin_that_closes_while_the_lists_are_read(there: Compared, depth: str) -> None:
    """Two that were open one after the other are not two at once."""
    account = there.healthy(3)
    first = account.twins[0]
    account.twins.append(Twin("conv_conversation_" + "f" * 26, first.channel, "ACTIVE"))

    def change(path: str, query: dict[str, str]) -> None:
        if path.startswith(f"/v1/Services/{SERVICE}"):
            first.status = "CLOSED"

    account.change = change
    assert there.reconcile(depth).gaps == ()
    first.status, account.change = "ACTIVE", lambda path, query: None
    assert found(there.reconcile(depth)) == {"doubled": [first.channel]}


def test_a_page_that_is_larger_than_was_asked_for(there: Compared) -> None:
    """The newest message is one, however many came with it."""
    account = there.healthy(1)
    one, twin = account.classic[0], account.twins[0]
    one.messages = [Message(account.sid("IM"), n, f"{n}", 600.0 - n) for n in range(40)]
    twin.heard = [(message.sid, message.age - 0.5) for message in one.messages][::-1]

    def change(path: str, query: dict[str, str]) -> None:
        if path.endswith("/Messages"):
            query["PageSize"] = "50"
        if path.endswith("/Communications"):
            query["pageSize"] = "10"

    account.newest_first = False
    account.change = change
    assert there.reconcile("last").gaps == ()
    twin.heard.pop(0)
    [gap] = there.reconcile("last").gaps
    assert gap.detail == f"The newest message has not arrived: {one.messages[-1].sid}."


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_first_page_that_is_empty(there: Compared, depth: str) -> None:
    """Whether the filter is heeded shows on the pages that follow."""
    account = there.healthy(5)
    account.partial, account.heeded = True, False

    def change(path: str, query: dict[str, str]) -> Json | None:
        if path != "/v2/Conversations" or "pageToken" in query:
            return None
        return {"conversations": [], "meta": {"nextToken": "0"}}

    account.change = change
    result = there.reconcile(depth)
    assert (result.complete, result.matched, result.gaps) == (True, 5, ())


def test_a_twin_of_two_of_which_one_is_there(there: Compared) -> None:
    """It is not in Orchestrator alone, although classic's list does not have it yet."""
    account = there.healthy(2)
    here, gone = account.classic.pop(), "CH" + "f" * 32
    twin = account.twins[1]

    def change(path: str, query: dict[str, str]) -> Json | None:
        if path == f"/v1/Services/{SERVICE}/Conversations/{here.sid}":
            return {"sid": here.sid}
        if path == "/v2/Conversations":
            told = Account.answer(account, path, query)
            assert told is not None
            for one in told["conversations"]:
                if one["id"] == twin.id:
                    [ana] = one["participants"]
                    also = {"channel": "CHAT", "address": "bo", "channelId": gone}
                    one["participants"] = [ana, {"id": "q", "addresses": [also]}]
            return told
        return None

    account.change = change
    assert there.reconcile().gaps == ()
    account.change = lambda path, query: None if here.sid in path else change(path, query)
    assert found(there.reconcile()) == {"unexpected": [twin.id]}


def test_why_where_lists_tell_nothing(there: Compared) -> None:
    """The twin is found by looking into what the list does not tell."""
    account = there.healthy(6)
    account.partial, account.heeded = True, False

    def change(path: str, query: dict[str, str]) -> Json | None:
        if path.endswith("/Participants"):
            return {"participants": [], "meta": {"next_page_url": None}}
        return None

    account.change = change
    one = account.classic[3]
    assert explain(there.session, SERVICE, one.sid).state == "matched"
    account.twins = [twin for twin in account.twins if twin.channel != one.sid]
    assert explain(there.session, SERVICE, one.sid).state == "missing"
