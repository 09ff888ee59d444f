"""
Other channels beside the bridge, without capturing the same traffic twice.

The bridge carries what the classic service carries: chat, and the messaging
channels that are connected to it. A capture rule for the same traffic would put
it into Orchestrator a second time, so beside a bridge only VOICE is captured
here (Twilio docs: conversations/orchestrator classic bridge guide).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ..api.models import CaptureRule, Configuration, PhoneNumber
from ..api.session import Session
from ..errors import ChecksFailed, InvalidInput

BRIDGED_CHANNELS: Final = ("SMS", "RCS", "WHATSAPP", "CHAT")
CALL_TYPE: Final = "PSTN"

VOICE_COST: Final = (
    "Capturing calls switches on Real-Time Transcription, which is billed; "
    "active transcription in TwiML beside it would be billed twice."
)


@dataclass(frozen=True, slots=True)
class Capture:
    """
    Traffic that a configuration takes in by rule, beside the bridge.

    Attributes:
        channel: One of `api.models.CHANNELS`.
        rules: What is captured there; a rule is for one direction.
    """

    channel: str
    rules: tuple[CaptureRule, ...]


def inbound_calls(number: str) -> Capture:
    """The guide's rule: phone calls from anybody to this number (E.164)."""
    rule = CaptureRule(from_="*", to=number, metadata={"callType": CALL_TYPE})
    return Capture("VOICE", (rule,))


def channel_settings(captures: Iterable[Capture]) -> dict[str, Any]:
    """`channelSettings` of a request: the rules of all captures, channel by channel."""
    settings: dict[str, Any] = {}
    for capture in captures:
        rules = settings.setdefault(capture.channel, {"captureRules": []})["captureRules"]
        rules.extend(msgspec.to_builtins(capture.rules))
    return settings


def captures_in(settings: Mapping[str, Any]) -> tuple[Capture, ...]:
    """The captures that `channelSettings` of a request hold, one for a channel."""
    return tuple(
        Capture(channel, msgspec.convert(setting["captureRules"], tuple[CaptureRule, ...]))
        for channel, setting in settings.items()
        if setting.get("captureRules")
    )


def captures_all(configuration: Configuration, capture: Capture) -> bool:
    """Whether a configuration takes in all that a capture asks for; `*` takes any address."""
    setting = (configuration.channel_settings or {}).get(capture.channel)
    there = (setting.capture_rules if setting else None) or ()
    return all(any(_covers(one, rule) for one in there) for rule in capture.rules)


def captures_voice(configuration: Configuration, number: str) -> bool:
    """Whether a configuration captures inbound phone calls to this number."""
    return captures_all(configuration, inbound_calls(number))


def _covers(there: CaptureRule, rule: CaptureRule) -> bool:
    return (
        there.from_ in (rule.from_, "*")
        and there.to in (rule.to, "*")
        and _call_type(there) == _call_type(rule)
    )


def _call_type(rule: CaptureRule) -> str:
    """PSTN where a rule names none, which is what the service takes then."""
    return (rule.metadata or {}).get("callType", CALL_TYPE)


def captured_messaging(configuration: Configuration) -> tuple[str, ...]:
    """Channels whose messages a configuration captures by rule, beside or without a bridge."""
    settings = configuration.channel_settings or {}
    return tuple(
        channel
        for channel in BRIDGED_CHANNELS
        if (setting := settings.get(channel)) and setting.capture_rules
    )


def refuse_messaging_capture(captures: Iterable[Capture]) -> None:
    """
    Refuse capture rules for messaging beside a bridge.

    Raises:
        InvalidInput: Names the channels.
    """
    doubled = sorted({one.channel for one in captures if one.channel in BRIDGED_CHANNELS})
    if doubled:
        raise InvalidInput(
            "channelSettings",
            ", ".join(doubled),
            "messaging beside a bridge is the same traffic and would be captured twice",
            "Leave these rules out: the bridge carries the messages.",
        )


def require_voice(session: Session, number: str, owned: Iterable[PhoneNumber] = ()) -> None:
    """
    Refuse to capture calls to a number that can have none.

    Args:
        owned: The account's numbers, when they have been read already.

    Raises:
        ChecksFailed: The account does not own the number, or it has no voice.
    """
    numbers = list(owned) or session.numbers.owned(number)
    found = next((one for one in numbers if one.phone_number == number), None)
    if found is not None and found.voice:
        return
    raise ChecksFailed(
        f"{number} is not owned by account {session.account.sid}."
        if found is None
        else f"{number} is owned, but it has no voice.",
        "No call to it would ever be captured.",
        "Pick an owned number that has voice.",
    )
