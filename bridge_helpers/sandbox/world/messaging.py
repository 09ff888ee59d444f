"""What happens to Messaging Services, whoever asks."""

from __future__ import annotations

from typing import Any

from .messaging_records import MessagingService
from .stable_list import StableList
from .state import Account

#: Members of a Messaging Service that can be written, and what they are in a new one.
BLANK: dict[str, Any] = {
    "inbound_request_url": None,
    "inbound_method": "POST",
    "fallback_url": None,
    "fallback_method": "POST",
    "status_callback": None,
    "sticky_sender": True,
    "mms_converter": True,
    "smart_encoding": True,
    "scan_message_content": "inherit",
    "fallback_to_long_code": True,
    "area_code_geomatch": True,
    "validity_period": 36_000,
    "synchronous_validation": False,
    "usecase": "undeclared",
    "use_inbound_webhook_on_number": False,
}


def add(account: Account, at: float, friendly_name: str, sid: str = "") -> MessagingService:
    """A new Messaging Service, without numbers."""
    service = MessagingService(
        sid=sid or account.ids.sid("MG"),
        friendly_name=friendly_name,
        settings=dict(BLANK),
        members=StableList(),
        created=at,
        updated=at,
    )
    account.messaging_services.put(service.sid, service)
    return service


def service_of(account: Account, number_sid: str) -> MessagingService | None:
    """The Messaging Service that a number is in; a number is in one at most."""
    return next((s for s in account.messaging_services if number_sid in s.members), None)


def leave(account: Account, number_sid: str) -> None:
    """Take a number out of the Messaging Service that it is in, if it is in one."""
    service = service_of(account, number_sid)
    if service is not None:
        service.members.remove(number_sid)
