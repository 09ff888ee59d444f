"""Owned phone numbers (API 2010-04-01). Source: Twilio's OpenAPI for api v2010."""

from __future__ import annotations

from .http import Http
from .models import PhoneNumber
from .paging import ClassicListing, Listing


class Numbers:
    """The owned numbers of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def owned(self, phone_number: str = "") -> Listing[PhoneNumber]:
        """
        Owned numbers with their capabilities; the service filters by number only.

        Args:
            phone_number: Part of a number, or all of it; empty: every number.
        """
        return ClassicListing(
            http=self._http,
            service="api",
            segments=(
                "2010-04-01",
                "Accounts",
                self._http.account.sid,
                "IncomingPhoneNumbers.json",
            ),
            key="incoming_phone_numbers",
            item=PhoneNumber,
            query=[("PhoneNumber", phone_number)] if phone_number else [],
            size=1000,
        )
