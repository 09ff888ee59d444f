"""Twilio's own pages, for where a person would want to read on."""

from typing import Final

DOCS: Final = "https://www.twilio.com/docs"
ORCHESTRATOR: Final = f"{DOCS}/conversations/orchestrator"

GUIDE: Final = f"{ORCHESTRATOR}/guides/classic-bridge"
INGESTION: Final = f"{ORCHESTRATOR}/concepts/ingestion"
CHANNELS: Final = f"{ORCHESTRATOR}/concepts/channels"
LIFECYCLE: Final = f"{ORCHESTRATOR}/concepts/lifecycle"
PROFILES: Final = f"{ORCHESTRATOR}/concepts/profiles"
TROUBLESHOOTING: Final = f"{ORCHESTRATOR}/troubleshooting"
MEMORY: Final = f"{ORCHESTRATOR}/quickstart"
CLASSIC_SERVICES: Final = f"{DOCS}/conversations-classic/quickstart"
AUTO_CREATION: Final = f"{DOCS}/conversations-classic/inbound-autocreation"
CONSOLE: Final = "https://1console.twilio.com"
REGIONS: Final = f"{DOCS}/global-infrastructure/regional-product-and-feature-availability"
NUMBERS: Final = f"{CONSOLE}/phone-numbers/search"

WHAT_NEXT: Final = (
    ("Bring in more channels (ingestion)", INGESTION),
    ("Channels and capture rules", CHANNELS),
    ("How customers become profiles", PROFILES),
    ("When something does not show up (troubleshooting)", TROUBLESHOOTING),
)
