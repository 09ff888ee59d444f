"""
Whether a page is static: nothing in it runs, and nothing is fetched when it is opened.

It is judged by what is allowed, not by what is known to be harmful: an element that a page
of ours never uses is refused, whatever a browser would make of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

_PAGE: Final = (
    "html head meta title style body header main section div p span h1 h2 h3 h4 h5 h6 br hr"
)
_TEXT: Final = "a b code em i strong pre blockquote details summary ul ol li dl dt dd"
_TABLE: Final = "table caption thead tbody tr th td"
_PICTURE: Final = "figure figcaption svg g path rect line circle text tspan desc defs clippath"
ELEMENTS: Final = frozenset(f"{_PAGE} {_TEXT} {_TABLE} {_PICTURE}".split())
ONLY_IN_HEAD: Final = frozenset(("meta", "style"))
_LOADED: Final = "src srcset href xlink:href data background poster"
_SENT: Final = "action formaction ping http-equiv"
FETCHING: Final = frozenset(f"{_LOADED} {_SENT}".split())
"""Attributes that make a browser fetch something or go somewhere; `href` is looked at closer."""
STYLE: Final = re.compile(r"url\(|@import|expression\(", re.IGNORECASE)


def active_parts(page: str, links: Iterable[str] = ()) -> list[str]:
    """
    What is not static in a page, named; empty when nothing is.

    Args:
        links: Pages beside this one that it may link to.
    """
    judge = _Judge(frozenset(links))
    judge.feed(page)
    judge.close()
    return judge.found


class _Judge(HTMLParser):
    def __init__(self, links: frozenset[str]) -> None:
        super().__init__()
        self._links = links
        self.found: list[str] = []
        self._in_body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_body = self._in_body or tag == "body"
        if tag not in ELEMENTS or (self._in_body and tag in ONLY_IN_HEAD):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            link = _is_link(tag, name, value) or (
                tag == "a" and name == "href" and value in self._links
            )
            if name.startswith("on") or (name in FETCHING and not link):
                self.found.append(f"<{tag} {name}>")
            if name == "style" and STYLE.search(value or ""):
                self.found.append(f"<{tag} {name}>")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style" and STYLE.search(data):
            self.found.append("a style that fetches")

    def handle_comment(self, data: str) -> None:
        # Browsers and parsers disagree where some comments end.
        self.found.append("a comment")

    def handle_pi(self, data: str) -> None:
        self.found.append("a processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.found.append("a declaration")


def _is_link(tag: str, name: str, value: str | None) -> bool:
    """A place to go to when somebody clicks, on the web or in the page."""
    if (tag, name) != ("a", "href"):
        return False
    target = (value or "").strip()
    return target.startswith("#") or urlsplit(target).scheme in ("http", "https", "mailto")
