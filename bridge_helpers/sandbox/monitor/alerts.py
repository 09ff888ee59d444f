"""
Alerts of the debugger: list and fetch.

Source: Twilio's OpenAPI of monitor v1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..http.answers import Answer, bad_request, not_found, ok
from ..http.pages import classic_page
from ..world.clock import iso_seconds

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.records import Alert


def list_all(call: Call) -> Answer:
    """GET /v1/Alerts, by LogLevel, StartDate and EndDate; the newest first."""
    level = call.query.get("LogLevel")
    since, until = _date(call, "StartDate"), _date(call, "EndDate")
    return classic_page(
        call,
        call.account.alerts,
        "alerts",
        largest=1000,
        view=lambda alert: _view(call, alert),
        keep=lambda alert: (
            level in (None, alert.log_level)
            and (since is None or alert.created >= since)
            and (until is None or alert.created <= until)
        ),
        newest_first=True,
    )


def fetch(call: Call) -> Answer:
    """GET /v1/Alerts/{Sid}: with what was requested and answered, of which there is nothing."""
    alert = call.account.alerts.get(call.names["Sid"])
    if alert is None:
        raise not_found(call.path)
    nothing = ("request_variables", "response_body", "response_headers", "request_headers")
    return ok({**_view(call, alert), **dict.fromkeys(nothing)})


def _view(call: Call, alert: Alert) -> dict[str, Any]:
    stamp = iso_seconds(alert.created)
    return {
        "sid": alert.sid,
        "account_sid": call.account.sid,
        "alert_text": alert.alert_text,
        "api_version": "2010-04-01",
        "date_created": stamp,
        "date_generated": stamp,
        "date_updated": stamp,
        "error_code": alert.error_code,
        "log_level": alert.log_level,
        "more_info": f"https://www.twilio.com/docs/errors/{alert.error_code}",
        "request_method": None,
        "request_url": None,
        "resource_sid": alert.resource_sid,
        "service_sid": None,
        "url": f"{call.base}/v1/Alerts/{alert.sid}",
    }


def _date(call: Call, name: str) -> float | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"{name}: must be like 2026-01-31 or 2026-01-31T00:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
