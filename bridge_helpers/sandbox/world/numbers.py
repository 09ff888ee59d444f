"""Phone numbers, whoever buys them."""

from __future__ import annotations

from typing import Any

from .records import PhoneNumber
from .state import Account

#: Members of a number that can be written, and what they are in a new one.
BLANK: dict[str, Any] = {
    "address_sid": None,
    "api_version": "2010-04-01",
    "bundle_sid": None,
    "emergency_address_sid": None,
    "emergency_status": "Inactive",
    "identity_sid": None,
    "sms_application_sid": None,
    "sms_fallback_method": "POST",
    "sms_fallback_url": None,
    "sms_method": "POST",
    "sms_url": None,
    "status_callback": None,
    "status_callback_method": "POST",
    "trunk_sid": None,
    "voice_application_sid": None,
    "voice_caller_id_lookup": False,
    "voice_fallback_method": "POST",
    "voice_fallback_url": None,
    "voice_method": "POST",
    "voice_receive_mode": "voice",
    "voice_url": None,
}


def add(
    account: Account, at: float, phone_number: str | None = None, *, voice: bool
) -> PhoneNumber:
    """A new number: with voice, SMS and MMS, or with SMS alone."""
    if phone_number is None:
        area = 201 + account.ids.number("area code", 789)
        phone_number = f"+1{area}55501{account.ids.number('subscriber', 100):02d}"
    number = PhoneNumber(
        sid=account.ids.sid("PN"),
        phone_number=phone_number,
        friendly_name=f"({phone_number[2:5]}) {phone_number[5:8]}-{phone_number[8:]}",
        capabilities={"voice": voice, "sms": True, "mms": voice, "fax": False},
        created=at,
        updated=at,
        settings=dict(BLANK),
    )
    account.numbers.put(number.sid, number)
    return number
