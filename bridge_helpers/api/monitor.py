"""Alerts of the debugger (Monitor, v1). Source: Twilio's OpenAPI for monitor v1."""

from __future__ import annotations

from .http import Http
from .models import Alert
from .paging import ClassicListing, Listing


class Monitor:
    """The alerts of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def alerts(
        self, *, level: str = "", start_date: str = "", end_date: str = ""
    ) -> Listing[Alert]:
        """
        Alerts, lazily; those of more than 30 days ago cannot be asked for.

        Args:
            level: error, warning, notice or debug; empty: all.
            start_date: `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`; `end_date` likewise.
        """
        filters = (("LogLevel", level), ("StartDate", start_date), ("EndDate", end_date))
        return ClassicListing(
            http=self._http,
            service="monitor",
            segments=("v1", "Alerts"),
            key="alerts",
            item=Alert,
            query=[pair for pair in filters if pair[1]],
            size=1000,
        )
