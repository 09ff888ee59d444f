"""
Token pages (v2, memory) and classic pages as one lazy stream.

A page that fails with 5xx or breaks is asked for again at a smaller size, and
the size grows back once pages succeed. A page token that was handed out before
ends the stream with an error: never a loop. What was read before a failure has
been yielded already, so nothing is lost.

Sizes: v2 lists 1..1000, memory stores 1..100, classic 1..100 (50 for some),
2010 lists 1..1000. The end of a list is a missing token, never a short page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from ..errors import BadAnswer, ConnectionFailed, RepeatedPage, ServerError
from ..progress import current_context
from .http import Answer, Http, Limits, Query
from .models import Meta

T = TypeVar("T")
C = TypeVar("C", bound="_HasSid")

SMALLEST: Final = 10


def token_pages(
    http: Http,
    service: str,
    segments: Sequence[str],
    key: str,
    item: type[T],
    *,
    query: Query = (),
    size: int = 1000,
) -> Iterator[T]:
    """
    Everything on a v2 or memory list, page by page.

    Args:
        key: Name of the array in the body, such as `conversations`.
        item: What an element decodes to.
        size: Page size to start with.
    """
    sizes = _Sizes(size, http.limits)
    seen: set[str] = set()
    token = ""
    count = 0
    while True:
        following = [("pageSize", str(sizes.size)), *query]
        if token:
            following.append(("pageToken", token))
        try:
            answer = http.send("GET", service, segments, query=following, limits=sizes.limits)
        except (ServerError, ConnectionFailed) as error:
            sizes.shrink_or_raise(error)
            continue
        sizes.grow()
        items, meta = _token_page(answer, key, item)
        yield from items
        count += len(items)
        current_context().say(f"{count} {key} read", done=count)
        token = meta.next_token or ""
        if not token:
            return
        _once_only(token, seen, answer.subject, count)


def classic_pages(
    http: Http,
    service: str,
    segments: Sequence[str],
    key: str,
    item: type[C],
    *,
    query: Query = (),
    size: int = 100,
) -> Iterator[C]:
    """
    Everything on a v1 or 2010 list, page by page.

    `next_page_url` (absolute) and `next_page_uri` (relative) are read for their
    query only; the request is built on the configured origin. These links count
    pages, so another size means another walk from the start; what was yielded
    already is not yielded again.
    """
    sizes = _Sizes(size, http.limits)
    given: set[str] = set()
    while True:
        try:
            for one in _classic_walk(http, service, segments, key, item, query, sizes):
                if one.sid not in given:
                    given.add(one.sid)
                    yield one
            return
        except (ServerError, ConnectionFailed) as error:
            sizes.shrink_or_raise(error)


def _classic_walk(
    http: Http,
    service: str,
    segments: Sequence[str],
    key: str,
    item: type[C],
    query: Query,
    sizes: _Sizes,
) -> Iterator[C]:
    seen: set[str] = set()
    following = [*query, ("PageSize", str(sizes.size))]
    count = 0
    while True:
        answer = http.send("GET", service, segments, query=following, limits=sizes.limits)
        items, link = _classic_page(answer, key, item)
        yield from items
        count += len(items)
        current_context().say(f"{count} {key.replace('_', ' ')} read", done=count)
        if not link:
            return
        following = parse_qsl(urlsplit(link).query)
        _once_only(repr(sorted(following)), seen, answer.subject, count)


class _HasSid(Protocol):
    @property
    def sid(self) -> str: ...


class _Sizes:
    """
    The page size: a quarter when a page fails, doubled again when pages succeed.

    Every failure doubles the number of successes that it takes: where large pages never
    work, trying them again must not cost more than the small ones do.
    """

    def __init__(self, most: int, limits: Limits) -> None:
        self.most = most
        self.size = most
        self._limits = limits
        self._patience = 1
        self._successes = 0

    @property
    def smallest(self) -> bool:
        return self.size <= min(SMALLEST, self.most)

    @property
    def limits(self) -> Limits:
        """Few tries while a smaller page may help, all of them when it cannot."""
        return self._limits if self.smallest else self._limits.few()

    def shrink_or_raise(self, error: ServerError | ConnectionFailed) -> None:
        never_reached = isinstance(error, ConnectionFailed) and not error.sent
        if self.smallest or never_reached:
            raise error
        self._patience = min(64, self._patience * 2)
        self._successes = 0
        self.size = max(min(SMALLEST, self.most), self.size // 4)
        current_context().say(f"A page failed; asking for {self.size} at a time")

    def grow(self) -> None:
        self._successes += 1
        if self._successes >= self._patience:
            self._successes = 0
            self.size = min(self.most, self.size * 2)


def _token_page(answer: Answer, key: str, item: type[T]) -> tuple[list[T], Meta]:
    members = answer.read(dict[str, msgspec.Raw])
    if key not in members:
        raise _no_list(answer, key)
    items = _part(answer, members[key], list[item] | None)  # type: ignore[valid-type]
    meta = _part(answer, members.get("meta", msgspec.Raw(b"{}")), Meta | None)
    return items or [], meta or Meta()


def _classic_page(answer: Answer, key: str, item: type[T]) -> tuple[list[T], str]:
    members = answer.read(dict[str, msgspec.Raw])
    if key not in members:
        raise _no_list(answer, key)
    items = _part(answer, members[key], list[item] | None)  # type: ignore[valid-type]
    meta = _part(answer, members.get("meta", msgspec.Raw(b"{}")), dict[str, Any] | None) or {}
    link = meta.get("next_page_url") or meta.get("next_page_uri")
    if link is None and "next_page_uri" in members:
        link = _part(answer, members["next_page_uri"], str | None)
    return items or [], link or ""


def _part(answer: Answer, raw: msgspec.Raw, shape: Any) -> Any:
    return Answer(answer.status, answer.headers, bytes(raw), answer.subject).read(shape)


def _no_list(answer: Answer, key: str) -> BadAnswer:
    return BadAnswer(
        f"The answer to {answer.subject} has no list of {key}.",
        action="Check that the configured address is Twilio's.",
    )


def _once_only(token: str, seen: set[str], subject: str, count: int) -> None:
    if token in seen:
        raise RepeatedPage(
            f"{subject} handed out the same page twice, after {count} items.",
            "Reading on would never end.",
            "Run it again; if it stays, tell Twilio support.",
        )
    seen.add(token)
