"""
Messaging Services (API v1) and the numbers in them.

Source: Twilio's OpenAPI for messaging v1.
"""

from __future__ import annotations

from .http import Http
from .models import MessagingService, NumberInService
from .paging import ClassicListing, Listing


class Messaging:
    """The messaging endpoints of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    @property
    def has_address(self) -> bool:
        """
        Whether messaging can be asked.

        A stand-in on this machine may have no address for it: its `/v1/Services` is classic's.
        """
        return bool(self._http.account.origins.messaging)

    def services(self) -> Listing[MessagingService]:
        """All Messaging Services of the account."""
        return ClassicListing(
            http=self._http,
            service="messaging",
            segments=("v1", "Services"),
            key="services",
            item=MessagingService,
        )

    def numbers(self, service_sid: str) -> Listing[NumberInService]:
        """The numbers in a Messaging Service (`MG…`)."""
        return ClassicListing(
            http=self._http,
            service="messaging",
            segments=("v1", "Services", service_sid, "PhoneNumbers"),
            key="phone_numbers",
            item=NumberInService,
        )
