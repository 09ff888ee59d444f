"""
Other channels beside the bridge, without capturing the same traffic twice.

The bridge carries what the classic service carries: chat, and the messaging
channels that are connected to it. A capture rule for the same traffic would put
it into Orchestrator a second time, so beside a bridge only VOICE is captured
here (Twilio docs: conversations/orchestrator classic bridge guide).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..api.models import Configuration, PhoneNumber
from ..api.session import Session
from ..errors import ChecksFailed, InvalidInput

BRIDGED_CHANNELS: Final = ("SMS", "RCS", "WHATSAPP", "CHAT")
CALL_TYPE: Final = "PSTN"

VOICE_COST: Final = (
    "Capturing calls switches on Real-Time Transcription, which is billed; "
    "active transcription in TwiML beside it would be billed twice."
)


def voice_capture(number: str) -> dict[str, Any]:
    """The guide's `channelSettings`: inbound phone calls from anybody to this number."""
    rule = {"from": "*", "to": number, "metadata": {"callType": CALL_TYPE}}
    return {"VOICE": {"captureRules": [rule]}}


def captures_voice(configuration: Configuration, number: str) -> bool:
    """Whether a configuration captures inbound phone calls to this number."""
    setting = (configuration.channel_settings or {}).get("VOICE")
    return any(
        rule.from_ == "*"
        and rule.to in (number, "*")
        and (rule.metadata or {}).get("callType", CALL_TYPE) == CALL_TYPE
        for rule in (setting.capture_rules if setting else None) or ()
    )


def captured_messaging(configuration: Configuration) -> tuple[str, ...]:
    """Channels whose messages a configuration captures by rule, beside or without a bridge."""
    settings = configuration.channel_settings or {}
    return tuple(
        channel
        for channel in BRIDGED_CHANNELS
        if (setting := settings.get(channel)) and setting.capture_rules
    )


def refuse_messaging_capture(channel_settings: Mapping[str, Any]) -> None:
    """
    Refuse capture rules for messaging beside a bridge.

    Args:
        channel_settings: As in a request body: channel to `{captureRules, statusTimeouts}`.

    Raises:
        InvalidInput: Names the channels.
    """
    doubled = [
        channel
        for channel in BRIDGED_CHANNELS
        if (channel_settings.get(channel) or {}).get("captureRules")
    ]
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
