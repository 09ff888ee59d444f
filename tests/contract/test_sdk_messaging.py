"""Twilio's SDK drives the Messaging Services and the numbers in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account

SERVICES = "/messaging/v1/Services"


@pytest.mark.drives(
    f"GET {SERVICES}",
    f"POST {SERVICES}",
    f"GET {SERVICES}/{{Sid}}",
    f"POST {SERVICES}/{{Sid}}",
    f"DELETE {SERVICES}/{{Sid}}",
)
def test_messaging_service_from_create_to_delete(sdk: Client) -> None:
    """A service is made, fetched, listed page by page, pointed elsewhere and deleted."""
    services = sdk.messaging.v1.services
    made = services.create(friendly_name="Alerts", inbound_request_url="https://example.com/in")
    assert (made.friendly_name, made.inbound_request_url) == ("Alerts", "https://example.com/in")
    assert made.use_inbound_webhook_on_number is False
    assert services(made.sid).fetch().sid == made.sid
    assert made.sid in {one.sid for one in services.list(page_size=1)}
    changed = services(made.sid).update(inbound_request_url="", sticky_sender=False)
    assert (changed.inbound_request_url, changed.sticky_sender) == (None, False)
    assert services(made.sid).delete() is True
    assert made.sid not in {one.sid for one in services.list()}


def test_the_default_service_of_classic_is_one_of_them(sdk: Client) -> None:
    """What classic's configuration names can be fetched, and has no numbers."""
    named = sdk.conversations.v1.configuration().fetch().default_messaging_service_sid
    service = sdk.messaging.v1.services(named)
    assert service.fetch().sid == named
    assert service.phone_numbers.list() == []


@pytest.mark.drives(
    f"GET {SERVICES}/{{ServiceSid}}/PhoneNumbers", f"POST {SERVICES}/{{ServiceSid}}/PhoneNumbers"
)
def test_a_number_is_in_one_service_at_most(sdk: Client, account: Account) -> None:
    """Adding it twice changes nothing, a second service is refused, and releasing takes it out."""
    number = sdk.incoming_phone_numbers.list(phone_number=account.phone_number)[0]
    first = sdk.messaging.v1.services.create(friendly_name="First")
    second = sdk.messaging.v1.services.create(friendly_name="Second")
    for _ in range(2):
        member = first.phone_numbers.create(phone_number_sid=number.sid)
        assert (member.phone_number, member.sid) == (account.phone_number, number.sid)
        assert set(member.capabilities) == {"Voice", "SMS", "MMS"}
    assert len(first.phone_numbers.list()) == 1
    with pytest.raises(TwilioRestException) as refused:
        second.phone_numbers.create(phone_number_sid=number.sid)
    assert (refused.value.status, refused.value.code) == (409, 21712)
    number.delete()
    assert first.phone_numbers.list() == []


def test_what_is_not_there_is_refused(sdk: Client) -> None:
    """An unknown service is 404, an unknown number 400, a name that is too long 400."""
    services = sdk.messaging.v1.services
    with pytest.raises(TwilioRestException) as missing:
        services("MG" + "0" * 32).fetch()
    assert missing.value.status == 404
    own = services.create(friendly_name="Own")
    with pytest.raises(TwilioRestException) as unknown:
        own.phone_numbers.create(phone_number_sid="PN" + "0" * 32)
    assert unknown.value.status == 400
    with pytest.raises(TwilioRestException) as long:
        services.create(friendly_name="x" * 65)
    assert long.value.status == 400
