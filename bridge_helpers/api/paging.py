"""
Lists of the service, read page by page: token pages (v2, memory) and classic pages.

A list method of the api gives a `Listing`: nothing is asked for until it is iterated, over
items or over `pages()`. While a page is decoded and used, the next one is asked for already,
and no more than a listing's `ahead` says.

A page that fails with 5xx or breaks is asked for again at a smaller size. A page token that
was handed out before ends the list with an error: never a loop. What was read before a failure
has been yielded by then, so nothing is lost.

Sizes: v2 lists 1..1000, memory stores 1..100, classic 1..100 (50 for some),
2010 lists 1..1000. The end of a list is a missing token, never a short page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Final, Generic, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

import msgspec

from ..errors import BadAnswer, BadRequest, ConnectionFailed, NotFound, RepeatedPage, ServerError
from ..progress import current_context
from ..words import counted
from .ahead import Belt, handed_over, made_ahead
from .answer import Answer, decoder_of
from .http import Http, Query
from .retries import Limits

T = TypeVar("T")
R = TypeVar("R")

SMALLEST: Final = 10


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """
    One page of a list.

    Attributes:
        items: What is on it, in the order of the service.
        following: What leads to the next page (a token, or the query of a link); empty on the
            last one.
    """

    items: tuple[T, ...]
    following: str


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[T]):
    """
    A list of the service; every iteration reads it anew, from its first page.

    Iterating and `pages` raise the errors of `Http.send`, and RepeatedPage.

    Attributes:
        service: As in `Http.send`; `segments` and `query` likewise.
        key: Name of the array in the body, such as `conversations`.
        item: What an element decodes to.
        size: Page size to start with.
        ahead: How many pages may be read before they are used.
        start: `following` of the page to go on behind, in place of the first; it has to be one
            of this list, and the service may have let go of it.
        repeats: Whether an item that comes again is given again. Where the list is long and its
            reader recognises what it has, nothing need be noted here.
    """

    http: Http
    service: str
    segments: Sequence[str]
    key: str
    item: type[T]
    query: Query = ()
    size: int = 1000
    ahead: int = 1
    start: str = ""
    repeats: bool = False

    def pages(self) -> Generator[Page[T], None, None]:
        """The pages of the list, lazily."""
        return self.made(_itself)

    def made(self, make: Callable[[Page[T]], R]) -> Generator[R, None, None]:
        """
        What `make` makes of each page, lazily.

        Pages are decoded and used on the thread that reads them, while the request for the next
        one is on its way: on another thread their bytes would first move to another processor.

        Args:
            make: Called for one page after another; on a thread, where there is more than one.
        """
        given: set[str] = set()

        def used(read: _Read) -> _Used[R]:
            items = self._items(read.answer, given)
            repeated = read.answer.subject if read.repeated else ""
            return make(Page(items, read.following)), len(items), repeated

        walk = self._walk()
        first = next(walk)
        if first.last:
            yield from self._told([used(first)])
            return
        ahead = made_ahead(partial(_go_on, walk, [first], used), self.ahead + 1)
        # The first page would be kept for as long as there are others.
        del first
        with closing(ahead) as rest:
            yield from self._told(rest)

    def first_page(self) -> Page[T]:
        """The first page alone; nothing is read ahead."""
        read = next(self._walk())
        return Page(self._items(read.answer, set()), read.following)

    def _told(self, pages: Iterable[_Used[R]]) -> Iterator[R]:
        count = 0
        for value, items, repeated in pages:
            count += items
            self._say(count)
            yield value
            if repeated:
                raise _repeated(repeated, count)

    def _walk(self) -> _Walk:
        """Ask for one page after another."""
        raise NotImplementedError

    def _items(self, answer: Answer, given: set[str]) -> tuple[T, ...]:
        """What is on a page and was not on one before; `given` is what a list kind notes."""
        raise NotImplementedError

    def into(self, item: type[R]) -> Listing[R]:
        """
        The same list with other records: slim ones, say, where only a few members matter.

        Args:
            item: What an element decodes to; of classic lists it has a `sid`.
        """
        return replace(self, item=item)  # type: ignore[arg-type, return-value]

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def _ask(
        self, query: Query, limits: Limits | None = None, sent: Callable[[], None] | None = None
    ) -> Answer:
        return self.http.send(
            "GET", self.service, self.segments, query=query, limits=limits, sent=sent
        )

    def _say(self, count: int) -> None:
        things = self.key.replace("_", " ")
        one = re.sub("ies$", "y", things).removesuffix("s")
        current_context().say(f"{counted(count, one, things)} read", done=count)

    def _decoded(self, answer: Answer) -> tuple[T, ...]:
        decoder = _items_of(self.key, cast("Hashable", self.item))
        items: tuple[T, ...] | None = answer.read(decoder).items
        if items is not None and not isinstance(items, tuple):
            raise BadAnswer(
                f"The answer to {answer.subject} has no list of {self.key}.",
                action="Check that the configured address is Twilio's.",
            )
        return items or ()


@dataclass(frozen=True, kw_only=True)
class TokenListing(Listing[T]):
    """
    A list of v2 or memory.

    The page size shrinks to a quarter when a page fails, and grows back once pages succeed.

    Attributes:
        first: Entered while the first page is asked for; it may turn an error into another.
    """

    first: Callable[[], AbstractContextManager[None]] = nullcontext

    def _walk(self) -> _Walk:
        sizes = _Sizes(self.size, self.http.limits)
        seen: set[str] = set()
        with self.first():
            answer = self._page(self.start, sizes)
        while True:
            sizes.grow()
            token = _token_after(answer)
            sent = yield _Read(answer, token, repeated=token in seen)
            seen.add(token)
            answer = self._page(token, sizes, sent)

    def _page(self, token: str, sizes: _Sizes, sent: Callable[[], None] | None = None) -> Answer:
        while True:
            query = [("pageSize", str(sizes.size)), *self.query]
            if token:
                query.append(("pageToken", token))
            try:
                return self._ask(query, sizes.limits, sent)
            except (ServerError, ConnectionFailed) as error:
                sizes.shrink_or_raise(error)

    def _items(self, answer: Answer, given: set[str]) -> tuple[T, ...]:
        return self._decoded(answer)


@dataclass(frozen=True, kw_only=True)
class ClassicListing(Listing[T]):
    """
    A list of v1 or 2010.

    `next_page_url` (absolute) and `next_page_uri` (relative) are read for their query only;
    the request is built on the configured origin.

    A page that fails is asked for again with all the patience there is, because another size
    may mean to begin anew: pages are numbered, and a number means nothing at another size. A
    link with a `PageToken` is followed at the smaller size from where it was. Should the
    service count pages all the same, it leads to an earlier place, never to a later one; should
    it refuse, the list is read from its start. What was yielded already is not yielded again.
    """

    def _walk(self) -> _Walk:
        sizes = _Sizes(self.size, self.http.limits)
        seen: set[str] = set()
        answer = self._page(parse_qsl(self.start) or self._start(sizes), sizes)
        while True:
            link = _link_after(answer)
            query = parse_qsl(urlsplit(link).query)
            place = repr(sorted(query))
            sent = yield _Read(answer, urlsplit(link).query, repeated=place in seen)
            seen.add(place)
            answer = self._page(query, sizes, sent)

    def _page(self, query: Query, sizes: _Sizes, sent: Callable[[], None] | None = None) -> Answer:
        resized = False
        while True:
            try:
                return self._ask(query, None, sent)
            except (ServerError, ConnectionFailed) as error:
                sizes.shrink_or_raise(error)
                query, resized = self._resized(query, sizes), True
            except (BadRequest, NotFound):
                if not resized:
                    raise
                query, resized = self._start(sizes), False

    def _start(self, sizes: _Sizes) -> Query:
        return [*self.query, ("PageSize", str(sizes.size))]

    def _resized(self, query: Query, sizes: _Sizes) -> Query:
        if not any(name == "PageToken" for name, _ in query):
            return self._start(sizes)
        others = [pair for pair in query if pair[0] != "PageSize"]
        return [*others, ("PageSize", str(sizes.size))]

    def _items(self, answer: Answer, given: set[str]) -> tuple[T, ...]:
        if self.repeats:
            return self._decoded(answer)
        found = []
        for item in self._decoded(answer):
            sid: str = item.sid  # type: ignore[attr-defined]
            if sid not in given:
                given.add(sid)
                found.append(item)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Read:
    """
    A page that was read, not decoded yet.

    Attributes:
        following: As in `Page`.
        repeated: Whether it leads to where the list has been already.
    """

    answer: Answer
    following: str
    repeated: bool

    @property
    def last(self) -> bool:
        return not self.following or self.repeated


_Walk = Generator[_Read, Callable[[], None] | None, None]
"""
The pages of a list, one after another, until one is the last.

What is sent to it is `sent` of `Http.send`, for the request of the page that follows.
"""


_Used = tuple[R, int, str]
"""What was made of a page, how many items were on it, and the request that led to where the list
has been already, where it did."""


def _itself(page: Page[T]) -> Page[T]:
    return page


def _go_on(
    walk: _Walk, first: list[_Read], used: Callable[[_Read], _Used[R]], belt: Belt[_Used[R]]
) -> None:
    """Hand over what is made of a page, which is taken out of its list, and of all that follow."""
    read = first.pop()
    belt.room()
    while not read.last:
        with handed_over(belt, partial(used, read)) as sent:
            read = walk.send(sent)
    belt.give(used(read))


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


class _TokenMeta(msgspec.Struct, rename="camel"):
    next_token: str | None = None


class _TokenHead(msgspec.Struct):
    meta: _TokenMeta | None = None


class _ClassicMeta(msgspec.Struct):
    next_page_url: str | None = None
    next_page_uri: str | None = None


class _ClassicHead(msgspec.Struct):
    """v1 has the link in `meta`, 2010 beside the list."""

    meta: _ClassicMeta | None = None
    next_page_uri: str | None = None


@cache
def _items_of(key: str, item: Hashable) -> msgspec.json.Decoder[Any]:
    """A decoder of a page's list straight into its records: made once, used for all pages."""
    listed: Any = tuple[item, ...]  # type: ignore[valid-type]
    absent = msgspec.field(default=msgspec.UNSET, name=key)
    member = ("items", listed | None | msgspec.UnsetType, absent)
    return decoder_of(msgspec.defstruct("Items", [member]))


def _token_after(answer: Answer) -> str:
    """The next page's token, without decoding the items: it is asked for before that."""
    # `meta` stands at the end as a rule; elsewhere, the whole page is gone through for it.
    ending = _META_AT_END.search(answer.body, max(0, len(answer.body) - 8192))
    whole = replace(answer, body=b"{" + ending[0]) if ending else answer
    meta = whole.read(_TokenHead).meta
    return (meta and meta.next_token) or ""


# Two closing braces at the end, and no other between: `meta` is a member of the body itself.
_META_AT_END: Final = re.compile(rb'"meta"\s*:\s*\{[^{}]*\}\s*\}\s*\Z')


def _link_after(answer: Answer) -> str:
    head = answer.read(_ClassicHead)
    meta = head.meta or _ClassicMeta()
    return meta.next_page_url or meta.next_page_uri or head.next_page_uri or ""


def _repeated(subject: str, count: int) -> RepeatedPage:
    return RepeatedPage(
        f"{subject} handed out the same page twice, after {count} items.",
        "Reading on would never end.",
        "Run it again; if it stays, tell Twilio support.",
    )
