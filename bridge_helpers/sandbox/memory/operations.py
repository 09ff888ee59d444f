"""
Operations of memory: what became of accepted work.

Source: Twilio docs, conversation memory API.
"""

from __future__ import annotations

from typing import Any

from ..http import operations
from ..http.answers import Answer, ok
from ..http.request import Call
from ..world.clock import rfc3339


def fetch(call: Call) -> Answer:
    """GET /v1/ControlPlane/Operations/{operationId}."""
    operation = operations.find(call, memory=True)
    body: dict[str, Any] = {
        "operationId": operation.id,
        "status": operations.reported(operation),
        "createdAt": rfc3339(operation.created),
        "statusUrl": operation.status_url,
    }
    headers = {"Operation-Id": operation.id}
    if operation.ended is not None:
        body["completedAt"] = rfc3339(operation.ended)
    elif call.world.settings.retry_after is not None:
        headers["Retry-After"] = str(call.world.settings.retry_after)
    if operation.status == "COMPLETED" and operation.result_id:
        body["result"] = {"type": "RESOURCE_ID", "id": operation.result_id}
    if operation.error:
        body["error"] = operation.error
    return operations.marked(operation, ok(body, headers=headers))
