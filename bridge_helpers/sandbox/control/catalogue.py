"""What the controls under ``/_sandbox/`` and the faults do: the text of ``GET /_sandbox/``."""

from __future__ import annotations

from typing import Any

from ..world.faults import FaultName
from ..world.seeds.planted import KINDS

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
        "use": "POST /_sandbox/plant",
        "does": "An hour passes in which a bridged service has traffic, with gaps between its two "
        f"sides drawn from a seed; kinds: {', '.join(KINDS)}.",
        "example": {"conversations": 100, "kinds": {"missing": 2, "lagging": 1}, "seed": 7},
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
        "use": "POST /_sandbox/memory",
        "does": "Changes a memory store: its status, its kinds of identifiers, and which of the "
        "classic Users it has profiles of (none, half or all; its other profiles go).",
        "example": {"status": "ACTIVE", "id_types": ["chat", "email", "phone"], "known": "half"},
    },
    {
        "use": "POST /_sandbox/alerts",
        "does": "Adds alerts to the account's debugger, as Monitor lists them.",
        "example": {"error_code": "530001", "log_level": "warning", "alert_text": "Skipped"},
    },
    {
        "use": "POST /_sandbox/settings",
        "does": "Changes lag, jitter, operation time, Retry-After, limits (of requests a second "
        "and at once), whether items of v2 lists are partial and channelId filters them, and how "
        "bridged participants arrive (unknown, agent-omitted, typed); GET shows them.",
        "example": {"lag": 1.0, "rate_limit": None, "bridged_participants": "unknown"},
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

#: What each fault does, with an example: the text of ``GET /_sandbox/``.
FAULTS: dict[FaultName, tuple[str, dict[str, Any]]] = {
    "status": (
        "answers with an error status, nothing done; shape: classic, orchestrator, rfc9457, "
        "html, empty or truncated",
        {"status": 429, "code": 20429, "retry_after": "1", "shape": "classic"},
    ),
    "drop-before": ("closes the connection, nothing done", {}),
    "drop-after": ("does the work, then closes the connection without an answer", {}),
    "slow": (
        "waits this many real seconds before the answer; drip sends the body byte by byte "
        "over that time",
        {"seconds": 2.0, "drip": False},
    ),
    "truncate": ("promises more bytes than it sends, then closes the connection", {}),
    "not-json": ("answers 200 with a page of HTML, nothing done", {}),
    "redirect": ("answers 307 to location, nothing done", {"location": "http://127.0.0.1:1/"}),
    "operation-fails": (
        "the operation that this request starts ends FAILED",
        {"title": "Provisioning failed", "detail": "The bridge could not be set up."},
    ),
    "operation-hangs": ("the operation that this request starts stays PENDING", {}),
    "operation-state": (
        "the operation that this request starts reports this state: until its end, or with "
        "final instead of its end",
        {"state": "RUNNING", "final": False},
    ),
    "operation-no-related": ("neither the 202 nor the operation says what it is about", {}),
    "foreign-status-url": ("statusUrl names another host", {"url": "https://example.com/ops/1"}),
    "no-operation-headers": ("the 202 lacks Operation-Id, Retry-After and Location", {}),
    "repeat-token": ("the link to the next page leads back to the same page", {}),
    "sync-lost": (
        "the bridge loses the message; direction: to_orchestrator, to_classic or both",
        {"direction": "to_orchestrator"},
    ),
    "sync-lag": ("the bridge takes this many seconds longer", {"seconds": 30.0}),
    "sync-double": ("the bridge delivers the message twice", {}),
    "sync-reorder": ("the bridge holds a message back until the next one has gone ahead", {}),
    "large-page": ("a page larger than size answers 503", {"size": 100}),
    "memory-lost": (
        "what would follow from a conversation never comes; stage: resolution (an UNKNOWN "
        "participant becomes CUSTOMER), observations, summaries, results, or all without one",
        {"stage": "summaries"},
    ),
    "memory-lag": (
        "what follows from a conversation takes this many seconds longer; stage as above",
        {"stage": "observations", "seconds": 30.0},
    ),
}
