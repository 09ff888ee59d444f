"""
An opt-in record of every answer, for those who check the sandbox against the OpenAPI.

With ``BRIDGE_SANDBOX_RECORD=DIR`` in the environment each answer of the four APIs is appended to
``DIR/sandbox-<pid>.jsonl`` as one JSON object: ``method, path`` (with its query), ``status,
headers, body, request_content_type, request_body, fault``. ``fault`` names the fault that made
the answer what it is, if one did. The account resource is left out: it carries the auth token.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from starlette.requests import Request

    from .answers import Answer


class Recorder:
    """Appends answers to a file in the folder that the environment names, if it names one."""

    def __init__(self) -> None:
        folder = os.environ.get("BRIDGE_SANDBOX_RECORD")
        self._path = Path(folder) / f"sandbox-{os.getpid()}.jsonl" if folder else None

    def record(
        self, request: Request, sent: bytes, answer: Answer, headers: dict[str, str]
    ) -> None:
        """Append one answer; each is written through at once."""
        if self._path is None or b'"auth_token"' in answer.body:
            return
        query = request.url.query
        line = msgspec.json.encode(
            {
                "method": request.method,
                "path": request.url.path + (f"?{query}" if query else ""),
                "status": answer.status,
                "headers": {k.lower(): v for k, v in headers.items()},
                "body": answer.body.decode() if answer.body else None,
                "request_content_type": request.headers.get("content-type"),
                "request_body": sent.decode("utf-8", "replace") if sent else None,
                "fault": answer.fault,
            }
        )
        with self._path.open("ab") as file:
            file.write(line + b"\n")
