"""
The forms of sids and ids, each once.

Sources: Twilio's OpenAPI for conversations v1 and v2, memory v1 and api v2010.
"""

from __future__ import annotations

import re
from typing import Final

ACCOUNT_SID: Final = re.compile(r"AC[0-9a-fA-F]{32}")
API_KEY: Final = re.compile(r"SK[0-9a-fA-F]{32}")
SERVICE_SID: Final = re.compile(r"IS[0-9a-fA-F]{32}")
CONVERSATION_SID: Final = re.compile(r"CH[0-9a-fA-F]{32}")
"""Of a classic service. Version 2 takes these in lower case only; version 1 takes both."""
STORE_ID: Final = re.compile(r"mem_(store|service)_[0-7][0-9a-z]{25}")
"""Of a memory store; `mem_service_` is the older prefix."""
PROFILE_ID: Final = re.compile(r"mem_profile_[0-7][0-9a-z]{25}")
E164: Final = re.compile(r"\+[1-9][0-9]{1,14}")
"""A phone number."""
