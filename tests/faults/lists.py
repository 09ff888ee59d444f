"""The rows of the fault matrix for lists: token pages (v2) and classic pages (v1)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .server import (
    Server,
    Spoil,
    Work,
    changes,
    drops_before,
    empty,
    not_json,
    refuses,
    says,
    truncates,
)
from .world import SERVICE_SID, Call, Reply, new_id, refused

if TYPE_CHECKING:
    from .conftest import Client

TOKENS = r"^GET /v2/Conversations$"
CLASSIC = r"^GET /v1/Services/[^/]+/Conversations$"
MANY = 2500
CLASSIC_MANY = 320


@dataclass(frozen=True)
class ListRow:
    """
    A fault of a list.

    Attributes:
        expected: `all`, or the error's name.
        read: How many items were given before it ended.
        most: Requests that it may take.
    """

    name: str
    spoil: Callable[[Server], object]
    expected: str
    read: int
    classic: bool = False
    most: int = 12

    def pages(self, client: Client) -> Callable[[], Iterable[Any]]:
        if self.classic:
            return lambda: client.session.classic.conversations(SERVICE_SID)
        return client.session.orchestrator.conversations

    def enough(self, client: Client) -> bool:
        return client.server.counted(CLASSIC if self.classic else TOKENS) <= self.most


def full(server: Server) -> None:
    """2,500 conversations in Orchestrator and 320 in classic."""
    server.world.conversations = [{"id": new_id("conv_conversation_")} for _ in range(MANY)]
    server.world.classic = [{"sid": f"CH{number:032x}"} for number in range(CLASSIC_MANY)]


def pages(
    spoil: Spoil | None = None, times: int | None = 1, after: int = 0, match: str = TOKENS
) -> Callable[[Server], object]:
    def arrange(server: Server) -> None:
        full(server)
        if spoil is not None:
            server.spoil(spoil, match, times, after)

    return arrange


def above(size: int, name: str = "pageSize") -> Spoil:
    """Pages of more than so many items answer 503."""

    def spoil(call: Call, work: Work) -> Reply:
        return refused(503, "Too much") if int(call.asked(name, "50")) > size else work()

    return spoil


def member(name: str, value: Any) -> Spoil:
    """A member of the body is another one."""
    return changes(lambda reply: Reply.of({**reply.told(), name: value}))


def without(name: str) -> Spoil:
    def spoil(reply: Reply) -> Reply:
        told = reply.told()
        del told[name]
        return Reply.of(told)

    return changes(spoil)


def token(value: str) -> Spoil:
    """Every page hands out the same token."""
    return member("meta", {"key": "conversations", "pageSize": 1, "nextToken": value})


def link(url: str) -> Spoil:
    """`next_page_url` is on another host; its query is right."""

    def spoil(reply: Reply) -> Reply:
        told = reply.told()
        query = (told["meta"]["next_page_url"] or "").partition("?")[2]
        told["meta"]["next_page_url"] = f"{url}?{query}" if query else None
        return Reply(200, json.dumps(told).encode())

    return changes(spoil)


LISTS: tuple[ListRow, ...] = (
    ListRow("pages, nothing", pages(), "all", MANY, most=3),
    ListRow("pages, 429 in between", pages(refuses(429, Retry_After="3"), 2, 1), "all", MANY),
    ListRow("pages, 503 once", pages(refuses(503), 1, 1), "all", MANY),
    ListRow("pages, drop once", pages(drops_before, 1, 2), "all", MANY),
    ListRow("pages, truncated once", pages(truncates, 1, 1), "all", MANY),
    ListRow("pages, 503 above 300", pages(above(300), None), "all", MANY, most=60),
    ListRow("pages, 503 above 60", pages(above(60), None), "all", MANY, most=130),
    ListRow(
        "pages, 503 from page 3 on", pages(refuses(503), None, 2), "ServerError", 2000, most=40
    ),
    ListRow("pages, 429 from page 2 on", pages(refuses(429), None, 1), "RateLimited", 1000),
    ListRow("pages, HTML on page 2", pages(not_json, 1, 1), "BadAnswer", 1000),
    ListRow("pages, empty on page 2", pages(empty, 1, 1), "BadAnswer", 1000),
    ListRow("pages, same token for ever", pages(token("1000"), None), "RepeatedPage", 2000),
    ListRow("pages, no list in it", pages(without("conversations"), 1, 1), "BadAnswer", 1000),
    ListRow("pages, list is null", pages(member("conversations", None), 1, 1), "all", MANY - 1000),
    ListRow("pages, meta is null", pages(member("meta", None), 1, 1), "all", 2000),
    ListRow("pages, 404", pages(refuses(404, code=20404)), "NotEnabled", 0),
    ListRow("pages, redirect", pages(says(301, Location="/v2/x"), 1, 1), "BadAnswer", 1000),
    ListRow("classic, nothing", pages(), "all", CLASSIC_MANY, True, 4),
    ListRow(
        "classic, 503 above 30",
        pages(above(30, "PageSize"), None, 0, CLASSIC),
        "all",
        CLASSIC_MANY,
        True,
        20,
    ),
    ListRow("classic, 503 once", pages(refuses(503), 1, 2, CLASSIC), "all", CLASSIC_MANY, True),
    ListRow(
        "classic, 503 from page 3 on",
        pages(refuses(503), None, 2, CLASSIC),
        "ServerError",
        200,
        True,
        40,
    ),
    ListRow(
        "classic, links elsewhere",
        pages(link("https://elsewhere.example/v1/x"), None, 0, CLASSIC),
        "all",
        CLASSIC_MANY,
        True,
    ),
    ListRow(
        "classic, same link for ever",
        pages(member("meta", {"next_page_url": "/x?Page=1&PageSize=100"}), None, 0, CLASSIC),
        "RepeatedPage",
        200,
        True,
    ),
)
