"""
What the guide's request leaves off, and how it is switched on.

Memory extraction, timeouts for CHAT, intelligence and status callbacks: each is parsed and
checked here, put into words, and turned into the members of a request. Nothing is switched
on unless somebody asks for it: the default is the guide's request.

Sources: Twilio's OpenAPI for conversations v2 (configurations: timeouts in whole minutes from
1, at most two status callbacks, at most five intelligence configurations); Twilio docs:
conversations/orchestrator/concepts/lifecycle and concepts/profiles for what depends on them.
That INACTIVE has to come before CLOSED, that a callback is HTTPS, and that its address holds
no password, are rules of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ..api.models import Configuration
from ..errors import InvalidInput
from . import links
from .findings import Finding

CHAT: Final = "CHAT"
SUGGESTED_TIMEOUTS: Final = "15/60"
"""Minutes to INACTIVE and CLOSED that Twilio advises for CHAT; never set by themselves."""
MOST_MINUTES: Final = 3 * 365 * 24 * 60
"""A conversation lives for three years at most, so a longer timeout would never come."""
MOST_INTELLIGENCE: Final = 5
MOST_CALLBACKS: Final = 2

BORN_WITH: Final = (
    "A conversation keeps the settings it was born with, so what is switched on later holds for "
    "conversations that begin later."
)
EXTRACTION_NEEDS_TIMEOUTS: Final = (
    "Extraction runs when a conversation becomes INACTIVE or CLOSED, which without timeouts "
    "happens only when somebody closes it: it may stay open for three years."
)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    What is on beside the bridge itself. The default is nothing, as in the guide's request.

    Attributes:
        memory_extraction: Whether memory is made of conversations when they end.
        chat_timeouts: When a bridged conversation ends by itself; None: not at all.
        intelligence: Ids of intelligence configurations whose rules run on the conversations.
        status_callbacks: HTTPS addresses that are told of every event.
    """

    memory_extraction: bool = False
    chat_timeouts: ChatTimeouts | None = None
    intelligence: tuple[str, ...] = ()
    status_callbacks: tuple[str, ...] = ()

    @classmethod
    def checked(
        cls,
        *,
        memory_extraction: object = False,
        chat_timeouts: object = "",
        intelligence: object = "",
        status_callbacks: object = "",
    ) -> Options:
        """
        Options from text, as a notebook or the command line has them.

        Args:
            memory_extraction: True or False, or these as text.
            chat_timeouts: `INACTIVE/CLOSED` in minutes, such as `15/60`; empty: none.
            intelligence: Ids, separated by commas or as a list.
            status_callbacks: Addresses, separated by commas or as a list.

        Raises:
            InvalidInput: Names field, value and rule.
        """
        return cls(
            memory_extraction=check_switch("memory_extraction", memory_extraction),
            chat_timeouts=check_chat_timeouts(chat_timeouts),
            intelligence=check_intelligence(intelligence),
            status_callbacks=check_status_callbacks(status_callbacks),
        )

    @classmethod
    def of(cls, configuration: Configuration) -> Options:
        """What a configuration that exists has on."""
        setting = (configuration.channel_settings or {}).get(CHAT)
        timeouts = setting.status_timeouts if setting else None
        ends = timeouts is not None and (timeouts.inactive or timeouts.closed)
        return cls(
            memory_extraction=bool(configuration.memory_extraction_enabled),
            chat_timeouts=ChatTimeouts(timeouts.inactive, timeouts.closed)
            if timeouts and ends
            else None,
            intelligence=tuple(configuration.intelligence_configuration_ids or ()),
            status_callbacks=tuple(one.url for one in configuration.status_callbacks or ()),
        )

    def fields(self) -> dict[str, Any]:
        """The same as parameters: text, with commas between several values."""
        return {
            "memory_extraction": self.memory_extraction,
            "chat_timeouts": str(self.chat_timeouts or ""),
            "intelligence": ",".join(self.intelligence),
            "status_callbacks": ",".join(self.status_callbacks),
        }

    def add_to(self, body: dict[str, Any]) -> None:
        """Put what is on into the body of a request; what is off is not named."""
        if self.chat_timeouts is not None:
            settings = body.setdefault("channelSettings", {})
            settings[CHAT] = chat_setting(settings.get(CHAT), self.chat_timeouts)
        if self.status_callbacks:
            body["statusCallbacks"] = callback_members(self.status_callbacks)
        if self.intelligence:
            body["intelligenceConfigurationIds"] = list(self.intelligence)
        if self.memory_extraction:
            body["memoryExtractionEnabled"] = True

    def differences(self, there: Options) -> tuple[tuple[str, str, str], ...]:
        """
        `(field, planned, found)` for everything that is on here and not there.

        What is on there beyond that is no difference: whoever asks for nothing leaves it be.
        """
        lacking = [one for one in self.intelligence if one not in there.intelligence]
        unheard = [one for one in self.status_callbacks if one not in there.status_callbacks]
        found = (
            ("memory_extraction", "on", "off", there.memory_extraction < self.memory_extraction),
            (
                "chat_timeouts",
                str(self.chat_timeouts),
                str(there.chat_timeouts or "none"),
                self.chat_timeouts not in (None, there.chat_timeouts),
            ),
            (
                "intelligence",
                ", ".join(self.intelligence),
                ", ".join(there.intelligence) or "none",
                bool(lacking),
            ),
            (
                "status_callbacks",
                ", ".join(self.status_callbacks),
                ", ".join(there.status_callbacks) or "none",
                bool(unheard),
            ),
        )
        return tuple((field, planned, now) for field, planned, now, differs in found if differs)

    def lines(self) -> tuple[tuple[str, bool, str], ...]:
        """`(title, on, what that means for the customer)`, one for each option."""
        timeouts = self.chat_timeouts
        count = len(self.intelligence)
        return (
            (
                "Memory extraction",
                self.memory_extraction,
                "what customers say is remembered when their conversation ends"
                if self.memory_extraction
                else "nothing that customers say is remembered",
            ),
            (
                "CHAT timeouts",
                timeouts is not None,
                _timeouts_in_words(timeouts)
                if timeouts
                else "chats stay open for up to three years, so memory is rarely made of them and "
                "summaries do not come",
            ),
            (
                "Intelligence",
                bool(count),
                f"linked: {', '.join(self.intelligence)}; its operators are billed"
                if count
                else "no operator reads the conversations, so there are no results such as "
                "sentiment or topics",
            ),
            (
                "Status callbacks",
                bool(self.status_callbacks),
                f"every event is sent to {', '.join(map(place, self.status_callbacks))}"
                if self.status_callbacks
                else "no application is told when a conversation begins, changes or ends",
            ),
        )

    def findings(self) -> tuple[Finding, ...]:
        """
        One finding for each option, in a line.

        What is off is `info`: the guide leaves it off. Extraction that waits for timeouts which
        are not set is a `warning`.
        """
        found = []
        for title, on, meaning in self.lines():
            check = title if title.startswith(CHAT) else title.lower()
            if on:
                found.append(Finding(check, "ok", f"On: {meaning}."))
                continue
            waited_for = title.startswith(CHAT) and self.memory_extraction
            found.append(
                Finding(
                    check,
                    "warning" if waited_for else "info",
                    f"Off: {meaning}.",
                    EXTRACTION_NEEDS_TIMEOUTS if waited_for else BORN_WITH,
                    f"Set CHAT timeouts; Twilio advises {SUGGESTED_TIMEOUTS} minutes."
                    if waited_for
                    else "Switch it on with the plan if the customer wants it, or later in 07.",
                    links.LIFECYCLE if title.startswith(CHAT) else links.ORCHESTRATOR,
                )
            )
        return tuple(found)


FIELDS: Final = ("memory_extraction", "chat_timeouts", "intelligence", "status_callbacks")
"""The names of the options as parameters, in the order in which they are shown."""


def check_option(name: str, value: object) -> str | bool:
    """
    One option's value in canonical form: what a parameter of the notebook holds.

    Raises:
        InvalidInput: Names field, value and rule.
    """
    given: dict[str, Any] = {name: value}
    checked: str | bool = Options.checked(**given).fields()[name]
    return checked


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

    A PATCH replaces a channel's setting as a whole, so everything else in it is kept.

    Args:
        present: The setting as it is, unknown members included; None: there is none.
        timeouts: None removes them.

    Returns:
        The setting, or None when nothing is left of it.
    """
    kept = {name: one for name, one in (present or {}).items() if name != "statusTimeouts"}
    if timeouts is not None:
        kept["statusTimeouts"] = timeouts.member()
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


def _timeouts_in_words(timeouts: ChatTimeouts) -> str:
    inactive = f"INACTIVE after {timeouts.inactive} min" if timeouts.inactive else "never INACTIVE"
    closed = f"CLOSED after {timeouts.closed} min" if timeouts.closed else "never CLOSED"
    return f"a silent chat becomes {inactive}, {closed}"
