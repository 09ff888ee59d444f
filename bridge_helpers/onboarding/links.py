"""Twilio's own pages, for where a person would want to read on."""

from typing import Final

DOCS: Final = "https://www.twilio.com/docs/conversations"

GUIDE: Final = f"{DOCS}/orchestrator/guides/classic-bridge"
INGESTION: Final = f"{DOCS}/orchestrator/quickstart/ingestion"
CHANNELS: Final = f"{DOCS}/orchestrator/concepts/channels"
PROFILES: Final = f"{DOCS}/orchestrator/concepts/profiles"
LIFECYCLE: Final = f"{DOCS}/orchestrator/concepts/lifecycle"
TROUBLESHOOTING: Final = f"{DOCS}/orchestrator/troubleshooting"
MEMORY: Final = "https://www.twilio.com/docs/conversations/memory"
API_KEYS: Final = "https://www.twilio.com/docs/iam/api-keys"
NUMBERS: Final = "https://www.twilio.com/docs/phone-numbers"
CLASSIC_SERVICES: Final = f"{DOCS}/api/service-resource"
CONSOLE: Final = "https://1console.twilio.com"

WHAT_NEXT: Final = (
    ("Bring in more channels (ingestion)", INGESTION),
    ("Channels and capture rules", CHANNELS),
    ("How customers become profiles", PROFILES),
    ("When something does not show up (troubleshooting)", TROUBLESHOOTING),
)
