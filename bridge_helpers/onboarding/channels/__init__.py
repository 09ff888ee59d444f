"""
Other channels beside the bridge, without capturing the same traffic twice.

The bridge carries what the classic service carries: chat, and the messaging channels that are
connected to it. Everything else is captured by rule: `rules` says what a rule matches, `intents`
what a person asks for, `compose` turns one into the other, and `words` puts rules into sentences.
"""

from .rules import (
    BRIDGED_CHANNELS,
    VOICE_COST,
    Capture,
    captured_messaging,
    captures_all,
    captures_in,
    captures_voice,
    channel_settings,
    inbound_calls,
    refuse_messaging_capture,
    require_voice,
)

__all__ = [
    "BRIDGED_CHANNELS",
    "VOICE_COST",
    "Capture",
    "captured_messaging",
    "captures_all",
    "captures_in",
    "captures_voice",
    "channel_settings",
    "inbound_calls",
    "refuse_messaging_capture",
    "require_voice",
]
