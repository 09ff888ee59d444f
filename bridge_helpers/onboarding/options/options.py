"""The options as a whole: from a configuration or a form, into a request, and in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ...api.models import Configuration
from .. import links
from ..findings import Finding
from .values import (
    CHAT,
    SUGGESTED_TIMEOUTS,
    ChatTimeouts,
    callback_members,
    chat_setting,
    check_chat_timeouts,
    check_intelligence,
    check_status_callbacks,
    check_switch,
    place,
)

BORN_WITH: Final = (
    "A conversation keeps the settings it was born with, so what is switched on later holds for "
    "conversations that begin later."
)
EXTRACTION_NEEDS_TIMEOUTS: Final = (
    "Extraction runs when a conversation becomes INACTIVE or CLOSED, which without timeouts "
    "happens only when somebody closes it: it may stay open for three years."
)


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


def _timeouts_in_words(timeouts: ChatTimeouts) -> str:
    inactive = f"INACTIVE after {timeouts.inactive} min" if timeouts.inactive else "never INACTIVE"
    closed = f"CLOSED after {timeouts.closed} min" if timeouts.closed else "never CLOSED"
    return f"a silent chat becomes {inactive}, {closed}"
