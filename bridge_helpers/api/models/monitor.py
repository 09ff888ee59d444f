"""Alerts of the debugger. Source: Twilio's OpenAPI for monitor v1."""

from __future__ import annotations

from .records import Classic


class Alert(Classic, frozen=True, kw_only=True):
    """
    Something that went wrong, as the Console's debugger shows it.

    Attributes:
        log_level: error, warning, notice or debug.
    """

    sid: str
    alert_text: str | None = None
    error_code: str | None = None
    log_level: str | None = None
    more_info: str | None = None
    request_method: str | None = None
    request_url: str | None = None
    resource_sid: str | None = None
    service_sid: str | None = None
    date_generated: str | None = None
    date_created: str | None = None
