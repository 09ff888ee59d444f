"""
What the guide's request leaves off, and how it is switched on.

Memory extraction, timeouts for CHAT, intelligence and status callbacks: each is parsed and
checked here, put into words, and turned into the members of a request. Nothing is switched
on unless somebody asks for it: the default is the guide's request.

Sources: Twilio docs: conversations/orchestrator/concepts/lifecycle and concepts/profiles for what
depends on them; `values` names those of the values.
"""

from .options import BORN_WITH, EXTRACTION_NEEDS_TIMEOUTS, FIELDS, Options, check_option
from .values import (
    CHAT,
    MOST_CALLBACKS,
    MOST_INTELLIGENCE,
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

__all__ = [
    "BORN_WITH",
    "CHAT",
    "EXTRACTION_NEEDS_TIMEOUTS",
    "FIELDS",
    "MOST_CALLBACKS",
    "MOST_INTELLIGENCE",
    "SUGGESTED_TIMEOUTS",
    "ChatTimeouts",
    "Options",
    "callback_members",
    "chat_setting",
    "check_chat_timeouts",
    "check_intelligence",
    "check_option",
    "check_status_callbacks",
    "check_switch",
    "place",
]
