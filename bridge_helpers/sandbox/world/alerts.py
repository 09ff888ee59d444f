"""The account's debugger: alerts, which the sandbox never raises by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .records import Alert

if TYPE_CHECKING:
    from .state import Account


def add(
    account: Account,
    at: float,
    *,
    error_code: str,
    log_level: str,
    text: str,
    resource_sid: str | None,
) -> Alert:
    """A new alert."""
    alert = Alert(
        sid=account.ids.sid("NO"),
        created=at,
        error_code=error_code,
        log_level=log_level,
        alert_text=text,
        resource_sid=resource_sid,
    )
    account.alerts.put(alert.sid, alert)
    return alert
