"""A request as a curl command that a person can read, paste and send to support."""

from __future__ import annotations

import json as _json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

KEY_VARIABLES = '"$TWILIO_API_KEY:$TWILIO_API_SECRET"'
TOKEN_VARIABLES = '"$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN"'  # noqa: S105 - names, not values


FRESH_KEY = "$(uuidgen)"
"""In place of an idempotency key that is not made yet: the shell makes one."""


def as_curl(
    method: str,
    url: str,
    *,
    json: Any = None,
    form: Sequence[tuple[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    with_token: bool = False,
) -> str:
    """
    The command, one option a line; credentials are the names of their variables.

    Args:
        method: HTTP method.
        url: Absolute URL.
        json: Body to send as JSON, or None.
        form: Fields to send as a form, or None.
        headers: Further headers; never Authorization.
        with_token: The account sid and auth token are used instead of an API key.
    """
    lines = [f"curl -X {method} {shlex.quote(url)}"]
    lines.append(f"-u {TOKEN_VARIABLES if with_token else KEY_VARIABLES}")
    for name, value in (headers or {}).items():
        header = f"{name}: {value}"
        # In double quotes the shell carries out the command.
        lines.append(f'-H "{header}"' if value == FRESH_KEY else f"-H {shlex.quote(header)}")
    if json is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(_json.dumps(json, indent=2, ensure_ascii=False))}")
    for field, value in form or ():
        lines.append(f"--data-urlencode {shlex.quote(f'{field}={value}')}")
    return " \\\n  ".join(lines)
