"""
Capture rules: what one matches, what two of them both match, and what a request says.

Addresses are compared without the prefix of their channel: `whatsapp:+1…` and `+1…` are the same
sender (Twilio's OpenAPI writes the prefix, its guides leave it out). `*` matches any address. A
voice rule without `callType` takes phone calls (PSTN).

Sources: Twilio's OpenAPI for conversations v2 (capture rules); Twilio docs:
conversations/orchestrator classic bridge guide, concepts/channels and concepts/ingestion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ...api.models import CaptureRule, Configuration, PhoneNumber
from ...api.session import Session
from ...errors import ChecksFailed, InvalidInput

MESSAGING: Final = ("SMS", "RCS", "WHATSAPP")
BRIDGED_CHANNELS: Final = (*MESSAGING, "CHAT")
ANY: Final = "*"
CALL_TYPE: Final = "PSTN"
CALL_TYPES: Final = (CALL_TYPE, "CLIENT", "PUBLIC_SIP")
PREFIXES: Final = {"WHATSAPP": "whatsapp:", "RCS": "rcs:"}

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


# what rules match


def plain(address: str) -> str:
    """An address as it is compared: without its channel's prefix, in lower case."""
    address = address.strip().lower()
    for prefix in PREFIXES.values():
        address = address.removeprefix(prefix)
    return address


def call_type(rule: CaptureRule) -> str:
    """`PSTN` where a rule names none, which is what the service takes then."""
    return str((rule.metadata or {}).get("callType") or CALL_TYPE)


def matches(rule: CaptureRule, sender: str, receiver: str, kind: str = CALL_TYPE) -> bool:
    """Whether a rule of the right channel takes in traffic between two addresses."""
    ends = ((rule.from_, sender), (rule.to, receiver))
    return call_type(rule) == kind and all(
        wanted == ANY or plain(wanted) == plain(given) for wanted, given in ends
    )


def covers(wide: CaptureRule, narrow: CaptureRule) -> bool:
    """Whether a rule takes in all that another one of the same channel does."""
    ends = ((wide.from_, narrow.from_), (wide.to, narrow.to))
    return call_type(wide) == call_type(narrow) and all(
        one == ANY or (other != ANY and plain(one) == plain(other)) for one, other in ends
    )


def same(one: CaptureRule, other: CaptureRule) -> bool:
    """Whether two rules of one channel take in the same, however their addresses are written."""
    return covers(one, other) and covers(other, one)


def overlap(one: CaptureRule, other: CaptureRule) -> CaptureRule | None:
    """What two rules of the same channel both take in, as a rule; None when that is nothing."""
    if call_type(one) != call_type(other):
        return None
    ends = []
    for mine, theirs in ((one.from_, other.from_), (one.to, other.to)):
        if mine != ANY and theirs != ANY and plain(mine) != plain(theirs):
            return None
        ends.append(theirs if mine == ANY else mine)
    return CaptureRule(from_=ends[0], to=ends[1], metadata=one.metadata or other.metadata)


def between(rule: CaptureRule, own: Iterable[str]) -> bool:
    """Whether a rule takes in nothing but traffic between two of these (`plain`) addresses."""
    known = set(own)
    return all(end != ANY and plain(end) in known for end in (rule.from_, rule.to))


def mirrored(rule: CaptureRule) -> CaptureRule:
    """The rule for the other direction."""
    return CaptureRule(from_=rule.to, to=rule.from_, metadata=rule.metadata)


# rules to write


def inbound_calls(number: str) -> Capture:
    """The guide's rule: phone calls from anybody to this number (E.164)."""
    rule = CaptureRule(from_=ANY, to=number, metadata={"callType": CALL_TYPE})
    return Capture("VOICE", (rule,))


def both_ways(channel: str, address: str) -> Capture:
    """Messages from anybody to an address, and from it to anybody: one rule for each direction."""
    inbound = CaptureRule(from_=ANY, to=address)
    return Capture(channel, (inbound, mirrored(inbound)))


def channel_settings(captures: Iterable[Capture]) -> dict[str, Any]:
    """`channelSettings` of a request: the rules of all captures, channel by channel."""
    settings: dict[str, Any] = {}
    for capture in captures:
        rules = settings.setdefault(capture.channel, {"captureRules": []})["captureRules"]
        rules.extend(msgspec.to_builtins(capture.rules))
    return settings


# rules that are there


def captures_in(settings: Mapping[str, Any]) -> tuple[Capture, ...]:
    """The captures that `channelSettings` of a request hold, one for a channel."""
    return tuple(
        Capture(channel, msgspec.convert(setting["captureRules"], tuple[CaptureRule, ...]))
        for channel, setting in settings.items()
        if (setting or {}).get("captureRules")
    )


def captures_of(configuration: Configuration) -> tuple[Capture, ...]:
    """What a configuration captures by rule, one capture for a channel."""
    settings = (configuration.channel_settings or {}).items()
    return tuple(
        Capture(channel, setting.capture_rules)
        for channel, setting in settings
        if setting and setting.capture_rules
    )


def captures_all(configuration: Configuration, capture: Capture) -> bool:
    """Whether a configuration takes in all that a capture asks for; `*` takes any address."""
    setting = (configuration.channel_settings or {}).get(capture.channel)
    there = (setting.capture_rules if setting else None) or ()
    return all(any(covers(one, rule) for one in there) for rule in capture.rules)


def captures_voice(configuration: Configuration, number: str) -> bool:
    """Whether a configuration captures inbound phone calls to this number."""
    return captures_all(configuration, inbound_calls(number))


def captured_messaging(configuration: Configuration) -> tuple[str, ...]:
    """Channels whose messages a configuration captures by rule, beside or without a bridge."""
    there = {one.channel for one in captures_of(configuration)}
    return tuple(channel for channel in BRIDGED_CHANNELS if channel in there)


# what a new bridge must not have


def refuse_messaging_capture(captures: Iterable[Capture]) -> None:
    """
    Refuse capture rules for messaging in the request that makes a bridge.

    What the service handles is looked at when channels are added to a bridge that stands.

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
    why = lacks("VOICE", number, list(owned) or session.numbers.owned(number))
    if not why:
        return
    raise ChecksFailed(
        why.replace("the account", f"account {session.account.sid}"),
        "No call to it would ever be captured.",
        "Pick an owned number that has voice.",
    )


def lacks(channel: str, number: str, owned: Iterable[PhoneNumber]) -> str:
    """Why a number cannot take calls (VOICE) or messages (SMS); empty when it can."""
    found = next((one for one in owned if one.phone_number == number), None)
    if found is None:
        return f"{number} is not owned by the account."
    able, word = (found.voice, "voice") if channel == "VOICE" else (found.sms, "SMS")
    return "" if able else f"{number} is owned, but it has no {word}."
