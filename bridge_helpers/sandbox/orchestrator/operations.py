"""
Operations of v2: what became of accepted work.

Source: Twilio docs, conversations/orchestrator, async operations.
"""

from __future__ import annotations

from typing import Any

from ..http import operations
from ..http.answers import Answer, ok
from ..http.request import Call
from ..world.clock import rfc3339


def fetch(call: Call) -> Answer:
    """GET /v2/ControlPlane/Operations/{id}."""
    operation = operations.find(call, memory=False)
    body: dict[str, Any] = {
        "operationId": operation.id,
        "status": operations.reported(operation),
        "createdAt": rfc3339(operation.created),
        "completedAt": rfc3339(operation.ended) if operation.ended is not None else None,
        "statusUrl": operation.status_url,
        "error": operation.error,
        "related": operation.related,
    }
    return operations.marked(operation, ok(body))
