"""Owned phone numbers. Source: Twilio's OpenAPI for api v2010."""

from __future__ import annotations

import msgspec

from .records import Classic


class Capabilities(Classic, frozen=True, kw_only=True):
    voice: bool | None = None
    sms: bool | None = None
    mms: bool | None = None
    fax: bool | None = None


class PhoneNumber(Classic, frozen=True, kw_only=True):
    """An owned number, and what answers its calls and messages."""

    sid: str
    number: str | None = msgspec.field(default=None, name="phone_number")
    friendly_name: str | None = None
    capabilities: Capabilities | None = None
    status: str | None = None
    voice_url: str | None = None
    voice_application_sid: str | None = None
    trunk_sid: str | None = None
    sms_url: str | None = None
    sms_application_sid: str | None = None

    @property
    def phone_number(self) -> str:
        """E.164, or empty: the specification lets the service send none."""
        return self.number or ""

    @property
    def voice(self) -> bool:
        """Whether it takes calls."""
        return bool(self.capabilities and self.capabilities.voice)

    @property
    def sms(self) -> bool:
        """Whether it takes text messages."""
        return bool(self.capabilities and self.capabilities.sms)
