"""
What a person wants to capture: calls to a number, or messages both ways with a sender.

An intent is written `KIND:ADDRESS`, such as `voice:+15551234567` or `whatsapp:+15551234567`.
Calls are those of anybody to the number over the telephone network (`*`, callType PSTN): the
guide's example. Messages are both directions, which needs two rules (Twilio's OpenAPI for
conversations v2, and Twilio docs: conversations/orchestrator/concepts/ingestion).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from ...api.models import CaptureRule
from ...errors import InvalidInput
from ...forms import E164
from .rules import PREFIXES, Capture, both_ways, inbound_calls, plain, same

KINDS: Final = {"voice": "VOICE", "sms": "SMS", "whatsapp": "WHATSAPP", "rcs": "RCS"}
"""Each kind with its channel."""

_SHORT_CODE: Final = re.compile(r"[0-9]{3,8}", re.ASCII)
_AGENT: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Intent:
    """
    Traffic that somebody wants captured, or no longer captured.

    Attributes:
        kind: A key of `KINDS`.
        address: The number or sender, as rules of its channel write it.
    """

    kind: str
    address: str

    @classmethod
    def checked(cls, text: object, field: str = "capture") -> Intent:
        """
        An intent from `KIND:ADDRESS`.

        Args:
            field: What the text is called where it was given.

        Raises:
            InvalidInput: Names field, value and rule.
        """
        kind, colon, address = text.partition(":") if isinstance(text, str) else ("", "", "")
        kind, address = kind.strip().lower(), address.strip()
        if not colon or kind not in KINDS:
            raise InvalidInput(
                field,
                text,
                "it has to be KIND:ADDRESS, with a KIND of " + ", ".join(KINDS),
                "For instance voice:+15551234567 or whatsapp:+15551234567.",
            )
        # A prefix may have been typed twice: whatsapp:whatsapp:+1…
        prefix = PREFIXES.get(KINDS[kind], "")
        if prefix and address.lower().startswith(prefix):
            address = address[len(prefix) :]
        rule = _RULES[kind](address)
        if rule:
            raise InvalidInput(field, text, rule)
        return cls(kind, prefix + address)

    @classmethod
    def of_rule(cls, channel: str, rule: CaptureRule) -> Intent | None:
        """The intent that a rule for what comes in belongs to; None where there is none."""
        kind = next((kind for kind, name in KINDS.items() if name == channel), "")
        try:
            found = cls.checked(f"{kind}:{plain(rule.to)}")
        except InvalidInput:
            return None
        return found if any(same(rule, one) for one in found.capture.rules) else None

    @property
    def channel(self) -> str:
        """The channel of its rules."""
        return KINDS[self.kind]

    @property
    def capture(self) -> Capture:
        """Its rules: one for calls, one for each direction of messages."""
        if self.kind == "voice":
            return inbound_calls(self.address)
        return both_ways(self.channel, self.address)

    def __str__(self) -> str:
        return f"{self.kind}:{self.address.removeprefix(PREFIXES.get(self.channel, ''))}"


def check_intents(
    capture: Iterable[object], release: Iterable[object]
) -> tuple[tuple[Intent, ...], tuple[Intent, ...]]:
    """
    What is to be captured and what is to be released, each named once.

    Raises:
        InvalidInput: One of them cannot be read, or is to be captured and released at once.
    """
    wanted = _once(Intent.checked(one, "capture") for one in capture)
    unwanted = _once(Intent.checked(one, "release") for one in release)
    both = [one for one in wanted if _key(one) in map(_key, unwanted)]
    if both:
        raise InvalidInput("release", str(both[0]), "the same is to be captured")
    return wanted, unwanted


def _once(intents: Iterable[Intent]) -> tuple[Intent, ...]:
    return tuple({_key(one): one for one in intents}.values())


def _key(intent: Intent) -> tuple[str, str]:
    return intent.kind, plain(intent.address)


def _number(address: str) -> str:
    return "" if E164.fullmatch(address) else "a number is written in E.164, like +15551234567"


def _sms(address: str) -> str:
    if E164.fullmatch(address) or _SHORT_CODE.fullmatch(address):
        return ""
    return "it has to be a number in E.164, like +15551234567, or a short code"


def _agent(address: str) -> str:
    if E164.fullmatch(address) or _AGENT.fullmatch(address):
        return ""
    return "an RCS sender is a name of letters, digits, -, _ and ., or a number in E.164"


_RULES: Final[dict[str, Callable[[str], str]]] = {
    "voice": _number,
    "sms": _sms,
    "whatsapp": _number,
    "rcs": _agent,
}
