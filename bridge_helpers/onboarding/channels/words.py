"""Rules and settings in sentences, for people who do not read JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ...api.models import CaptureRule, ChannelSetting, StatusTimeouts
from ...words import counted
from .rules import ANY, CALL_TYPE, call_type, mirrored, plain, same

CHANNEL_NAMES: Final = {
    "VOICE": "Calls",
    "SMS": "SMS",
    "WHATSAPP": "WhatsApp messages",
    "RCS": "RCS messages",
    "CHAT": "Chat messages",
}
_CALLS: Final = {
    CALL_TYPE: "Phone calls",
    "CLIENT": "Calls from apps (CLIENT)",
    "PUBLIC_SIP": "SIP calls (PUBLIC_SIP)",
}


def rule_in_words(channel: str, rule: CaptureRule) -> str:
    """One rule: `Phone calls from anybody to +15551234567`."""
    return f"{_what(channel, rule)} from {_who(rule.from_)} to {_who(rule.to)}"


def rules_in_words(channel: str, rules: Iterable[CaptureRule]) -> tuple[str, ...]:
    """All rules of a channel; two that are each other's mirror image are one sentence."""
    left, lines = list(rules), []
    while left:
        rule = left.pop(0)
        back = next((one for one in left if same(one, mirrored(rule))), None)
        ends = [end for end in (rule.from_, rule.to) if end != ANY]
        if back is not None and len(ends) == 1:
            left.remove(back)
            what = _what(channel, rule)
            lines.append(f"{what} from anybody to {plain(ends[0])}, and from there to anybody")
        else:
            lines.append(rule_in_words(channel, rule))
    return tuple(lines)


def settings_in_words(settings: Mapping[str, ChannelSetting | None] | None) -> tuple[str, ...]:
    """Everything that a configuration says of channels, a line for each."""
    lines: list[str] = []
    for channel, setting in (settings or {}).items():
        if setting is None:
            continue
        lines += rules_in_words(channel, setting.capture_rules or ())
        timeouts = timeouts_in_words(setting.status_timeouts)
        if timeouts:
            lines.append(f"{CHANNEL_NAMES.get(channel, channel)}: {timeouts}")
    return tuple(lines)


def timeouts_in_words(timeouts: StatusTimeouts | None) -> str:
    """`INACTIVE after 10 minutes, CLOSED after 60 minutes`; empty when there are none."""
    if timeouts is None:
        return ""
    ends = (("INACTIVE", timeouts.inactive), ("CLOSED", timeouts.closed))
    return ", ".join(
        f"{state} after {counted(minutes, 'minute')}" for state, minutes in ends if minutes
    )


def _what(channel: str, rule: CaptureRule) -> str:
    if channel == "VOICE":
        kind = call_type(rule)
        return _CALLS.get(kind, f"Calls of type {kind}")
    return CHANNEL_NAMES.get(channel, channel)


def _who(address: str) -> str:
    return "anybody" if address == ANY else plain(address)
