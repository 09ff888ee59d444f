"""
Pages: tokens for v2 and memory, numbered pages with absolute urls for classic.

Tokens carry a position and a fingerprint of the list they belong to; a token that is used on
another list, or with other filters, is refused.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Any, TypeVar
from urllib.parse import urlencode

from ..world.stable_list import StableList
from .answers import Answer, bad_request, ok
from .request import Call

T = TypeVar("T")

_PAGING = {"pageSize", "pageToken", "PageSize", "PageToken", "Page"}


def whole_number(call: Call, name: str, default: int, low: int, high: int) -> int:
    """A whole number from the query, refused outside its range."""
    text = call.query.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise bad_request(f"{name}: must be a whole number, not {text[:40]!r}") from None
    if not low <= value <= high:
        raise bad_request(f"{name}: must be between {low} and {high}")
    return value


def choice(call: Call, name: str, allowed: tuple[str, ...]) -> list[str]:
    """Every value given for a query parameter (repeat it), each one of ``allowed``."""
    values = call.query.getlist(name)
    for value in values:
        if value not in allowed:
            raise bad_request(f"{name}: must be one of {', '.join(allowed)}")
    return values


def _fingerprint(call: Call) -> bytes:
    filters = sorted((k, v) for k, v in call.query.multi_items() if k not in _PAGING)
    return blake2b(f"{call.account.sid}{call.path}{filters}".encode(), digest_size=6).digest()


def _token(call: Call, position: int) -> str:
    return urlsafe_b64encode(_fingerprint(call) + position.to_bytes(6)).decode()


def _position(call: Call, name: str) -> int | None:
    token = call.query.get(name)
    if not token:
        return None
    try:
        raw = urlsafe_b64decode(token.encode())
    except ValueError:
        raw = b""
    if len(raw) != 12 or raw[:6] != _fingerprint(call):
        raise bad_request(f"{name}: is not a token of this list")
    return int.from_bytes(raw[6:])


def token_page(
    call: Call,
    items: StableList[T],
    key: str,
    *,
    largest: int = 1000,
    most: int | None = None,
    view: Callable[[T], Any] | None = None,
    keep: Callable[[T], bool] | None = None,
    groups: Iterable[str] | None = None,
    newest_first: bool = False,
    among: Sequence[int] | None = None,
) -> Answer:
    """
    A page of v2, memory or intelligence: ``{key: [...], "meta": {key, pageSize, nextToken?}}``.

    Source: Twilio's OpenAPI; ``meta.pageSize`` is the number of things in this page. Some lists
    take a larger page size than their pages can have (``most``), and say the page's size there.
    """
    size = min(whole_number(call, "pageSize", 50, 1, largest), most or largest)
    page = items.page(
        _position(call, "pageToken"),
        size,
        keep,
        groups=groups,
        newest_first=newest_first,
        among=among,
    )
    meta: dict[str, Any] = {"key": key, "pageSize": size if most else len(page.things)}
    if page.following is not None:
        here = call.query.get("pageToken")
        if call.fault("repeat-token"):
            meta["nextToken"] = here or _token(call, items.first(newest_first))
        else:
            meta["nextToken"] = _token(call, page.following)
    if page.before is not None:
        meta["previousToken"] = _token(call, page.before)
    things = [view(thing) for thing in page.things] if view else page.things
    return ok({key: things, "meta": meta})


def classic_page(
    call: Call,
    items: StableList[T],
    key: str,
    *,
    largest: int,
    view: Callable[[T], Any],
    keep: Callable[[T], bool] | None = None,
    groups: Iterable[str] | None = None,
    newest_first: bool = False,
    among: Sequence[int] | None = None,
) -> Answer:
    """A page of classic: ``{key: [...], "meta": {page, page_size, next_page_url, ...}}``."""
    size = whole_number(call, "PageSize", min(50, largest), 1, largest)
    things, links = _numbered(
        call, items, size, keep, groups=groups, newest_first=newest_first, among=among
    )
    urls = {name: None if link is None else call.base + link for name, link in links.items()}
    meta = {
        "key": key,
        "page": whole_number(call, "Page", 0, 0, 2**31),
        "page_size": size,
        "first_page_url": urls["first_page"],
        "previous_page_url": urls["previous_page"],
        "next_page_url": urls["next_page"],
        "url": urls["here"],
    }
    return ok({key: [view(thing) for thing in things], "meta": meta})


def uri_page(
    call: Call,
    items: StableList[T],
    key: str,
    *,
    view: Callable[[T], Any],
    keep: Callable[[T], bool] | None = None,
) -> Answer:
    """A page of the 2010 API, whose page uris are relative to the host."""
    size = whole_number(call, "PageSize", 50, 1, 1000)
    page = whole_number(call, "Page", 0, 0, 2**31)
    things, links = _numbered(call, items, size, keep)
    body = {
        key: [view(thing) for thing in things],
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": page * size + max(len(things) - 1, 0),
        "uri": links["here"],
        "first_page_uri": links["first_page"],
        "next_page_uri": links["next_page"],
        "previous_page_uri": links["previous_page"],
    }
    return ok(body)


def _numbered(
    call: Call,
    items: StableList[T],
    size: int,
    keep: Callable[[T], bool] | None,
    *,
    groups: Iterable[str] | None = None,
    newest_first: bool = False,
    among: Sequence[int] | None = None,
) -> tuple[list[T], dict[str, str | None]]:
    """
    One numbered page and its path-and-query links.

    ``PageToken`` decides where the page starts; ``Page`` alone counts pages from the first.
    """
    number = whole_number(call, "Page", 0, 0, 2**31)
    start = _position(call, "PageToken")
    skip = number * size if start is None else 0
    page = items.page(
        start, size, keep, groups=groups, newest_first=newest_first, among=among, skip=skip
    )
    here = page.start if start is not None or skip else None
    if page.following is not None and call.fault("repeat-token"):
        return page.things, _links(call, number - 1, size, page.before, here, page.start)
    return page.things, _links(call, number, size, page.before, here, page.following)


def _links(
    call: Call,
    page: int,
    size: int,
    before: int | None,
    here: int | None,
    following: int | None,
) -> dict[str, str | None]:
    others = [(k, v) for k, v in call.query.multi_items() if k not in _PAGING]

    def link(number: int, position: int | None) -> str:
        query = [*others, ("PageSize", str(size)), ("Page", str(number))]
        if position is not None:
            query.append(("PageToken", _token(call, position)))
        return f"{call.path}?{urlencode(query)}"

    return {
        "here": link(page, here if page else None),
        "first_page": link(0, None),
        "previous_page": None if before is None else link(max(page - 1, 0), before),
        "next_page": None if following is None else link(page + 1, following),
    }
