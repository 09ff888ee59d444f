"""What the controls under ``/_sandbox/`` do: the text of ``--help`` and of ``GET /_sandbox/``."""

from __future__ import annotations

from typing import Any

#: What each control does and, where it takes a body, one that works as it stands.
CONTROLS: tuple[dict[str, Any], ...] = (
    {"use": "GET /_sandbox/health", "does": "Says whether it is ready, and its time."},
    {
        "use": "POST /_sandbox/accounts",
        "does": "Adds an account with credentials, a service, a store and two numbers.",
        "example": {"name": "ACME", "services": 1, "conversations": 12},
    },
    {"use": "GET /_sandbox/accounts", "does": "Lists the accounts, without secrets."},
    {
        "use": "POST /_sandbox/accounts/{sid}",
        "does": "Switches an account's terms of service, Orchestrator and status.",
        "example": {"terms_accepted": True, "orchestrator_enabled": True, "status": "active"},
    },
    {
        "use": "POST /_sandbox/seed",
        "does": "Adds classic services and conversations, v2 conversations, stores, numbers.",
        "example": {"conversations": 100, "messages": 3},
    },
    {
        "use": "POST /_sandbox/customer-writes",
        "does": "A customer writes into classic, in a new conversation or a given one.",
        "example": {"identity": "ana.silva@example.com", "body": "Hello", "times": 1},
    },
    {
        "use": "POST /_sandbox/inbound",
        "does": "An SMS, WhatsApp or RCS message or a call comes in and meets the capture rules.",
        "example": {"channel": "VOICE", "from": "+15552000001", "to": "+15005550006"},
    },
    {
        "use": "POST /_sandbox/settings",
        "does": "Changes lag, jitter, operation time, Retry-After and limits; GET shows them.",
        "example": {"lag": 1.0, "jitter": 0.0, "operation_seconds": 1.0, "rate_limit": None},
    },
    {
        "use": "POST /_sandbox/clock",
        "does": "Advances the clock, freezes or releases it, or sets it to an instant.",
        "example": {"advance": 3600},
    },
    {
        "use": "POST /_sandbox/faults",
        "does": "Asks for one fault, or a list of them; GET lists, DELETE clears.",
        "example": {"fault": "status", "status": 429, "path": "^/v2/", "times": 2},
    },
    {
        "use": "GET /_sandbox/requests",
        "does": "Counts of all requests and the last 1,000 of them; DELETE clears.",
    },
    {"use": "GET /_sandbox/state", "does": "Everything the sandbox holds; ?account_sid= for one."},
    {
        "use": "POST /_sandbox/reset",
        "does": "Back to the start, with the same seed or another.",
        "example": {"seed": 7},
    },
)
