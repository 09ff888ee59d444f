"""Lists page by page: what is asked for ahead, what is given before an error, what is repeated."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from bridge_helpers.api.answer import Answer
from bridge_helpers.api.fan_out import interleave
from bridge_helpers.api.paging import _token_after
from bridge_helpers.errors import BadAnswer, BridgeError, Cancelled, ServerError
from bridge_helpers.progress import step_context

from ..waiting import until
from .conftest import Client
from .lists import CLASSIC, CLASSIC_MANY, MANY, TOKENS, above, full, member
from .server import changes, not_json, refuses, slow
from .world import SERVICE_SID, Call, Reply, refused


def test_pages_are_what_the_service_sent(client: Client) -> None:
    """One page a request, with the token that leads on; the items are those of the list."""
    full(client.server)
    pages = list(client.session.orchestrator.conversations().pages())
    assert [len(page.items) for page in pages] == [1000, 1000, 500]
    assert [page.following for page in pages] == ["1000", "2000", ""]
    assert client.server.counted(TOKENS) == 3
    items = [one.id for page in pages for one in page.items]
    assert items == [one.id for one in client.session.orchestrator.conversations()]


@pytest.mark.parametrize(
    "body",
    [
        b'{"conversations":[{"id":"a"}],"meta":{"key":"conversations","nextToken":"n"}}',
        b'{"conversations":[{"id":"a"}],\n "meta" : { "nextToken" : "n" } \n}\n',
        b'{"meta":{"nextToken":"n"},"conversations":[{"id":"a","meta":{"nextToken":"no"}}]}',
        b'{"meta":{"nextToken":"n"},"more":{"meta":{"nextToken":"no"}}}',
        b'{"meta":{"nextToken":"n"},"more":"\\"meta\\":{\\"nextToken\\":\\"no\\"}}"}',
        b'{"meta":{"nextToken":"no"},"meta":{"nextToken":"n"}}',
        b'{"conversations":[],"meta":{"nextToken":"n","more":{"meta":{}}}}',
        b'{"conversations":[],"meta":{"more":"}","nextToken":"n"}}',
    ],
)
def test_the_next_token_is_that_of_the_page_wherever_it_stands(body: bytes) -> None:
    """Reading the end of a page only is as good as reading all of it."""
    assert _token_after(Answer(200, {}, body, "GET /v2/Conversations")) == "n"


class Slim(msgspec.Struct, frozen=True):
    """A row that needs no more than the id."""

    id: str


def test_a_list_can_be_read_into_other_records(client: Client) -> None:
    """Whoever needs a few members only gives a record of its own; everything else is the same."""
    full(client.server)
    listing = client.session.orchestrator.conversations(size=800).into(Slim)
    items = list(listing)
    assert type(items[0]) is Slim
    assert len(items) == MANY
    sizes = {call.asked("pageSize") for call in client.server.calls}
    assert sizes == {"800"}


def listed(client: Client, classic: bool) -> tuple[Any, str]:
    """The conversations of either kind, and the path that they are read from."""
    if classic:
        return client.session.classic.conversations(SERVICE_SID), CLASSIC
    return client.session.orchestrator.conversations(), TOKENS


@pytest.mark.parametrize("classic", [False, True])
def test_the_next_page_is_asked_for_while_this_one_is_used(client: Client, classic: bool) -> None:
    """When a page is handed out the request for the next is on its way, and for no other."""
    full(client.server)
    listing, path = listed(client, classic)
    pages = listing.pages()
    next(pages)
    until(lambda: client.server.counted(path) == 2)
    next(pages)
    until(lambda: client.server.counted(path) == 3)
    pages.close()
    assert client.server.counted(path) == 3


@pytest.mark.parametrize("classic", [False, True])
def test_a_page_is_used_while_the_next_one_is_on_its_way(client: Client, classic: bool) -> None:
    """By the thread that reads: the request has gone out by then, and nobody decodes it again."""
    full(client.server)
    listing, path = listed(client, classic)
    used: list[int] = []

    def use(page: Any) -> int:
        assert threading.current_thread() is not threading.main_thread()
        used.append(len(page.items))
        if page.following:
            until(lambda: client.server.counted(path) == len(used) + 1)
        return len(page.items)

    assert list(listing.made(use)) == used
    assert sum(used) == (CLASSIC_MANY if classic else MANY)
    assert client.server.counted(path) == len(used)


def test_a_page_that_cannot_be_used_ends_the_list(client: Client) -> None:
    """After those before it; the request that was on its way is not waited for, nor sent again."""
    full(client.server)
    sizes: list[int] = []

    def use(page: Any) -> int:
        if sizes:
            raise BadAnswer("Not this one.")
        sizes.append(len(page.items))
        return sizes[0]

    made = client.session.orchestrator.conversations().made(use)
    assert next(made) == 1000
    with pytest.raises(BadAnswer, match="Not this one"):
        next(made)
    until(lambda: client.server.counted(TOKENS) == 3)
    assert len(list(client.session.orchestrator.conversations())) == MANY


def test_a_list_that_is_left_asks_for_no_more(client: Client) -> None:
    """At most one page more than was used; and a wait before that one ends with the list."""
    full(client.server)
    client.server.spoil(refuses(429, Retry_After="30"), TOKENS, None, 1)
    before = set(threading.enumerate())
    pages = client.session.orchestrator.conversations().pages()
    next(pages)
    until(lambda: client.server.counted(TOKENS) == 2)
    pages.close()
    until(lambda: not ours(before))
    assert client.server.counted(TOKENS) == 2


def ours(before: set[threading.Thread]) -> list[threading.Thread]:
    """Threads that were started for requests since then, and still run."""
    return [
        one
        for one in set(threading.enumerate()) - before
        if one.name.startswith("bridge") and one.is_alive()
    ]


def test_a_list_of_one_page_starts_no_thread(client: Client) -> None:
    """Most lists are short: nothing is prepared for a page that does not exist."""
    client.world.conversations = [{"id": "one"}]
    before = set(threading.enumerate())
    assert len(list(client.session.orchestrator.conversations())) == 1
    assert ours(before) == []


def test_a_page_takes_as_long_as_the_slower_of_reading_and_using(client: Client) -> None:
    """Five pages of 0.2 s, each used for 0.2 s, take six times that and not ten."""
    full(client.server)
    client.server.latency = lambda call: 0.1
    begun = time.monotonic()
    for _ in client.session.orchestrator.conversations(size=500).pages():
        time.sleep(0.2)
    assert time.monotonic() - begun < 1.75


def test_what_was_read_is_given_before_the_error(client: Client) -> None:
    """The page before the one that cannot be read is given whole, although both were asked for."""
    full(client.server)
    client.server.spoil(not_json, TOKENS, 1, 1)
    found, error = client.read(lambda: client.session.orchestrator.conversations().pages())
    assert [len(page.items) for page in found] == [1000]
    assert isinstance(error, BadAnswer)


def test_cancel_while_a_page_is_on_its_way(client: Client) -> None:
    """It is not waited for: the step ends at once, with what was read."""
    full(client.server)
    client.server.spoil(slow(3.0), TOKENS, None, 1)
    cancel = threading.Event()
    pages = client.session.orchestrator.conversations().pages()
    with step_context(cancel=cancel):
        next(pages)
        threading.Timer(0.1, cancel.set).start()
        begun = time.monotonic()
        with pytest.raises(Cancelled):
            next(pages)
    assert time.monotonic() - begun < 0.5


# ------------------------------------------------------------------- classic pages


def test_a_classic_page_that_fails_is_repeated_by_itself(client: Client) -> None:
    """Three failures in a row cost three requests, and not the whole list again."""
    client.world.classic = [{"sid": f"CH{number:032x}"} for number in range(3050)]
    client.server.spoil(refuses(503), CLASSIC, 3, 29)
    found, error = client.read(lambda: iter(client.session.classic.conversations(SERVICE_SID)))
    assert (len(found), error) == (3050, None)
    assert client.server.counted(CLASSIC) == 31 + 3


def page_too_large(call: Call, work: Any) -> Reply:
    """The third page cannot be had at more than 30 items."""
    begins = int(call.asked("Page", "0")) * int(call.asked("PageSize"))
    return (
        refused(503, "Too much") if begins >= 200 and int(call.asked("PageSize")) > 30 else work()
    )


def test_a_classic_page_that_is_too_large_is_read_in_parts(client: Client) -> None:
    """Although its service counts pages: none is lost, none given twice, few read again."""
    full(client.server)
    client.server.spoil(page_too_large, CLASSIC, None)
    found, error = client.read(lambda: iter(client.session.classic.conversations(SERVICE_SID)))
    assert error is None
    assert [one.sid for one in found] == [one["sid"] for one in client.world.classic]
    # Two pages of 100, four tries at the third, then from place 50 on by 25.
    assert client.server.counted(CLASSIC) <= 2 + 4 + 11


def test_a_token_that_is_bound_to_its_size_begins_anew(client: Client) -> None:
    """A service that refuses its token at another size is read from the start at that size."""
    full(client.server)

    def bound(call: Call, work: Any) -> Reply:
        if call.asked("PageToken") and call.asked("PageToken") != f"PT{call.asked('PageSize')}":
            return refused(400, "Not a token of this size", 20001)
        reply = page_too_large(call, work)
        if reply.status >= 300:
            return reply
        told = reply.told()
        link = told["meta"]["next_page_url"]
        if link:
            token = f"PT{call.asked('PageSize')}"
            told["meta"]["next_page_url"] = f"{link.partition('&PageToken')[0]}&PageToken={token}"
        return Reply.of(told)

    client.server.spoil(bound, CLASSIC, None)
    found, error = client.read(lambda: iter(client.session.classic.conversations(SERVICE_SID)))
    assert error is None
    assert len({one.sid for one in found}) == len(found) == CLASSIC_MANY


# ------------------------------------------------------------------- side by side


def test_lists_are_read_side_by_side(client: Client) -> None:
    """Three lists of three pages take as long as one of them."""
    full(client.server)
    client.server.latency = lambda call: 0.1
    listings = [
        client.session.orchestrator.conversations((status,)).pages()
        for status in ("ACTIVE", "INACTIVE", "CLOSED")
    ]
    begun = time.monotonic()
    pages = list(interleave(listings))
    assert sum(len(page.items) for page in pages) == 3 * MANY
    assert time.monotonic() - begun < 1.2


def test_a_list_that_fails_lets_the_others_be_read(client: Client) -> None:
    """Everything that can be had is given; then the error is raised."""
    full(client.server)

    def broken(call: Call, work: Any) -> Reply:
        return refused(503, "No") if call.asked("status") == "CLOSED" else work()

    client.server.spoil(broken, TOKENS, None)

    def both() -> Iterator[Any]:
        api = client.session.orchestrator
        return interleave([api.conversations(("CLOSED",)), api.conversations(("ACTIVE",))])

    found, error = client.read(both)
    assert len(found) == MANY
    assert isinstance(error, ServerError)


@pytest.mark.parametrize("meta", [{"nextToken": 5}, [], "x", {"nextToken": {}}])
def test_a_page_whose_end_cannot_be_told_is_no_page(client: Client, meta: Any) -> None:
    """Neither a loop nor a silent end: an error that says so."""
    full(client.server)
    client.server.spoil(member("meta", meta), TOKENS)
    with pytest.raises(BridgeError, match="cannot be read"):
        list(client.session.orchestrator.conversations())


@pytest.mark.parametrize("text", ['"nextToken"', '{"meta": {"nextToken": "x"}}', "\\ud83d"])
def test_the_token_is_read_from_the_page_and_not_from_a_text(client: Client, text: str) -> None:
    """Whatever people write into a name, the page ends where its `meta` says."""
    client.world.conversations = [{"id": "c", "name": text, "metadata": {"nextToken": "x"}}]
    client.server.spoil(changes(lambda reply: reply), TOKENS)
    [found] = client.session.orchestrator.conversations()
    assert found.name == text
    assert client.server.counted(TOKENS) == 1


def test_the_smallest_page_is_as_patient_as_can_be(client: Client) -> None:
    """Sizes shrink while that may help; every page is given in the end."""
    full(client.server)
    client.server.spoil(above(60), TOKENS, None)
    found, error = client.read(lambda: client.session.orchestrator.conversations().pages())
    assert error is None
    assert max(len(page.items) for page in found) <= 60
    assert sum(len(page.items) for page in found) == MANY
