"""Messaging Services. Source: Twilio's OpenAPI for messaging v1."""

from __future__ import annotations

from .records import Classic


class MessagingService(Classic, frozen=True, kw_only=True):
    """
    A Messaging Service (`MG…`). Whether it creates classic conversations is in no member.

    Attributes:
        inbound_request_url: Gets what comes in.
        use_inbound_webhook_on_number: What comes in goes to each number's own URL instead.
    """

    sid: str
    friendly_name: str | None = None
    inbound_request_url: str | None = None
    use_inbound_webhook_on_number: bool | None = None


class NumberInService(Classic, frozen=True, kw_only=True):
    """A number that is in a Messaging Service; `sid` is the number's own `PN…`."""

    sid: str
    phone_number: str | None = None
