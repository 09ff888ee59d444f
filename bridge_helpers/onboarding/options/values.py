"""
The values of the options: what they may be, and how they stand in a request.

Sources: Twilio's OpenAPI for conversations v2 (timeouts in whole minutes from 1, at most two
status callbacks, at most five intelligence configurations). That INACTIVE has to come before
CLOSED, that a callback is HTTPS, and that its address holds no password, are rules of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ...errors import InvalidInput

CHAT: Final = "CHAT"
SUGGESTED_TIMEOUTS: Final = "15/60"
"""Minutes to INACTIVE and CLOSED that Twilio advises for CHAT; never set by themselves."""
MOST_MINUTES: Final = 3 * 365 * 24 * 60
"""A conversation lives for three years at most, so a longer timeout would never come."""
MOST_INTELLIGENCE: Final = 5
MOST_CALLBACKS: Final = 2

_TIMEOUTS: Final = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,9})", re.ASCII)
_INTELLIGENCE_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_URL: Final = re.compile(r"https://[!#-+\--;=?-\[\]_a-z~]+", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class ChatTimeouts:
    """Minutes without a communication until a chat becomes INACTIVE and CLOSED; None: never."""

    inactive: int | None
    closed: int | None

    def __str__(self) -> str:
        return f"{self.inactive or '-'}/{self.closed or '-'}"

    def member(self) -> dict[str, int]:
        """`statusTimeouts` of a request."""
        named = {"inactive": self.inactive, "closed": self.closed}
        return {name: minutes for name, minutes in named.items() if minutes is not None}


def check_switch(name: str, value: object) -> bool:
    """
    True or False, also as text: the text `false` would count as true in Python.

    Raises:
        InvalidInput: It is neither.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise InvalidInput(name, value, "it has to be true or false")


def check_chat_timeouts(value: object, field: str = "chat_timeouts") -> ChatTimeouts | None:
    """
    `INACTIVE/CLOSED` in whole minutes from the last communication; None when it is empty.

    Args:
        field: What the value is called where it was given.

    Raises:
        InvalidInput: It is of another form, or CLOSED would come before INACTIVE.
    """
    if isinstance(value, str) and not value.strip():
        return None
    found = _TIMEOUTS.fullmatch(value.strip()) if isinstance(value, str) else None
    minutes = [int(one) for one in found.groups()] if found else [0]
    if found is None or not all(1 <= one <= MOST_MINUTES for one in minutes):
        raise InvalidInput(
            field,
            value,
            f"it has to be the minutes to INACTIVE and to CLOSED, each from 1 to {MOST_MINUTES}",
            f"Write it like {SUGGESTED_TIMEOUTS}, which is what Twilio advises for chat.",
        )
    inactive, closed = minutes
    if inactive >= closed:
        raise InvalidInput(
            field,
            value,
            "INACTIVE has to come before CLOSED: the first number is the smaller one",
            f"Write it like {SUGGESTED_TIMEOUTS}, which is what Twilio advises for chat.",
        )
    return ChatTimeouts(inactive, closed)


def check_intelligence(value: object) -> tuple[str, ...]:
    """
    Ids of intelligence configurations, each once.

    Raises:
        InvalidInput: One is no id, or there are more than five.
    """
    ids = _several("intelligence", value)
    for one in ids:
        if not _INTELLIGENCE_ID.fullmatch(one):
            raise InvalidInput(
                "intelligence",
                one,
                "an id of an intelligence configuration has letters, digits and - _ . : only",
            )
    if len(ids) > MOST_INTELLIGENCE:
        raise InvalidInput(
            "intelligence",
            ", ".join(ids),
            f"a configuration links at most {MOST_INTELLIGENCE}",
        )
    return ids


def check_status_callbacks(value: object) -> tuple[str, ...]:
    """
    Addresses that are told of every event, each once.

    Raises:
        InvalidInput: One is not an HTTPS address, holds a password, or there are more than two.
    """
    urls = _several("status_callbacks", value)
    for url in urls:
        if not _URL.fullmatch(url) or not _has_host(url):
            raise InvalidInput(
                "status_callbacks",
                url,
                "it has to be an address that begins with https://",
                "A comma inside an address is written %2C.",
            )
        if "@" in urlsplit(url).netloc:
            raise InvalidInput(
                "status_callbacks",
                place(url),
                "an address holds no user name and no password here, because the files of a run "
                "would keep them",
                "Let the receiver check Twilio's signature instead.",
            )
    if len(urls) > MOST_CALLBACKS:
        raise InvalidInput(
            "status_callbacks",
            ", ".join(map(place, urls)),
            f"a configuration has at most {MOST_CALLBACKS}",
        )
    return urls


def chat_setting(present: Mapping[str, Any] | None, timeouts: ChatTimeouts | None) -> Any:
    """
    The whole setting of the channel CHAT with other timeouts, for a request.

    A PATCH replaces a channel's setting as a whole, so everything else in it is kept, also
    what timeouts have beside the two that are known here.

    Args:
        present: The setting as it is, unknown members included; None: there is none.
        timeouts: None removes them.

    Returns:
        The setting, or None when nothing is left of it.
    """
    kept = {name: one for name, one in (present or {}).items() if name != "statusTimeouts"}
    if timeouts is not None:
        there = (present or {}).get("statusTimeouts") or {}
        newer = {name: one for name, one in there.items() if name not in ("inactive", "closed")}
        kept["statusTimeouts"] = {**timeouts.member(), **newer}
    return kept or None


def callback_members(urls: Iterable[str]) -> list[dict[str, str]]:
    """`statusCallbacks` of a request."""
    return [{"url": url, "method": "POST"} for url in urls]


def place(url: str) -> str:
    """A URL without what may be secret in it: user, password, query."""
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{parts.path}"


def _several(name: str, value: object) -> tuple[str, ...]:
    """The values of a list, or of text with commas between them; each once, in order."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(one, str) for one in parts):
        raise InvalidInput(name, value, "it has to be text, with commas between several values")
    stripped = [one.strip() for one in parts]
    return tuple(dict.fromkeys(one for one in stripped if one))


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
