"""Twilio's SDK drives every classic (v1) endpoint that a bridge touches, create to delete."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account

CONVERSATIONS = "/v1/Services/{ChatServiceSid}/Conversations"


@pytest.fixture
def service(sdk: Client, account: Account) -> Any:
    return sdk.conversations.v1.services(account.service_sid)


@pytest.mark.drives(
    "GET /v1/Services", "POST /v1/Services", "GET /v1/Services/{Sid}", "DELETE /v1/Services/{Sid}"
)
def test_services(sdk: Client, account: Account) -> None:
    """A service is created, fetched, listed page by page, and deleted with all that is in it."""
    services = sdk.conversations.v1.services
    made = services.create(friendly_name="Second desk")
    conversation = services(made.sid).conversations.create(friendly_name="inside")

    assert services(made.sid).fetch().friendly_name == "Second desk"
    assert {s.sid for s in services.list(page_size=1)} == {account.service_sid, made.sid}

    assert services(made.sid).delete() is True
    assert [s.sid for s in services.list()] == [account.service_sid]
    for gone in (services(made.sid), services(made.sid).conversations(conversation.sid)):
        with pytest.raises(TwilioRestException) as refused:
            gone.fetch()
        assert (refused.value.status, refused.value.code) == (404, 20404)


@pytest.mark.drives(
    "GET /v1/Services/{ChatServiceSid}/Configuration",
    "POST /v1/Services/{ChatServiceSid}/Configuration",
)
def test_service_configuration(service: Any) -> None:
    """What is set on a service's configuration is read back."""
    before = service.configuration().fetch()
    after = service.configuration().update(
        reachability_enabled=not before.reachability_enabled,
        default_conversation_role_sid="RL" + "a" * 32,
    )
    assert after.reachability_enabled is not before.reachability_enabled
    assert service.configuration().fetch().default_conversation_role_sid == "RL" + "a" * 32


@pytest.mark.drives("GET /v1/Configuration", "POST /v1/Configuration")
def test_account_configuration(sdk: Client, account: Account) -> None:
    """The account's default service and timers are set and read back."""
    configuration = sdk.conversations.v1.configuration()
    assert configuration.fetch().account_sid == account.account_sid
    configuration.update(default_chat_service_sid=account.service_sid, default_closed_timer="PT1H")
    after = configuration.fetch()
    assert (after.default_chat_service_sid, after.default_closed_timer) == (
        account.service_sid,
        "PT1H",
    )


@pytest.mark.drives(
    "GET /v1/Configuration/Addresses",
    "POST /v1/Configuration/Addresses",
    "GET /v1/Configuration/Addresses/{Sid}",
    "POST /v1/Configuration/Addresses/{Sid}",
    "DELETE /v1/Configuration/Addresses/{Sid}",
)
def test_addresses(sdk: Client, account: Account) -> None:
    """An address says which service inbound messages go to; it is changed and deleted."""
    addresses = sdk.conversations.v1.address_configurations
    made = addresses.create(
        type="sms",
        address=account.phone_number,
        friendly_name="desk",
        auto_creation_enabled=True,
        auto_creation_type="default",
        auto_creation_conversation_service_sid=account.service_sid,
    )
    assert made.auto_creation["conversation_service_sid"] == account.service_sid
    assert [a.sid for a in addresses.list(type="sms")] == [made.sid]
    assert addresses.list(type="whatsapp") == []

    changed = addresses(made.sid).update(friendly_name="front", auto_creation_enabled=False)
    assert changed.friendly_name == "front"
    assert addresses(made.sid).fetch().auto_creation["enabled"] is False

    assert addresses(made.sid).delete() is True
    assert addresses.list() == []


@pytest.mark.drives(
    f"GET {CONVERSATIONS}",
    f"POST {CONVERSATIONS}",
    f"GET {CONVERSATIONS}/{{Sid}}",
    f"POST {CONVERSATIONS}/{{Sid}}",
    f"DELETE {CONVERSATIONS}/{{Sid}}",
)
def test_conversations(service: Any) -> None:
    """A conversation is created, found by its unique name, closed, filtered for, and deleted."""
    already = {c.sid for c in service.conversations.list()}
    made = service.conversations.create(
        x_twilio_webhook_enabled="true",
        friendly_name="Ada",
        unique_name="order-17",
        attributes=json.dumps({"vip": True}),
        timers_inactive="PT5M",
        timers_closed="PT30M",
    )
    assert made.state == "active"
    assert json.loads(made.attributes) == {"vip": True}
    assert made.date_created.tzinfo is not None
    assert service.conversations("order-17").fetch().sid == made.sid
    assert {c.sid for c in service.conversations.list(page_size=5)} == already | {made.sid}

    closed = service.conversations(made.sid).update(state="closed", friendly_name="Ada L.")
    assert (closed.state, closed.friendly_name) == ("closed", "Ada L.")
    assert [c.sid for c in service.conversations.list(state="closed")] == [made.sid]

    assert service.conversations(made.sid).delete() is True
    with pytest.raises(TwilioRestException) as refused:
        service.conversations(made.sid).fetch()
    assert refused.value.status == 404
    assert {c.sid for c in service.conversations.list()} == already


def test_conversations_by_date(service: Any) -> None:
    """StartDate and EndDate bound the list by the day a conversation was created."""
    made = service.conversations.create(friendly_name="dated")
    day = made.date_created.astimezone(UTC).date()

    def between(first: int, last: int, ending: str) -> set[str]:
        dates = {
            "start_date": (day + timedelta(days=first)).isoformat() + ending,
            "end_date": (day + timedelta(days=last)).isoformat() + ending,
        }
        return {c.sid for c in service.conversations.list(**dates)}

    # Twilio's documentation writes the time; a day alone means the same.
    for ending in ("T00:00:00Z", ""):
        assert made.sid in between(-1, 1, ending)
        assert made.sid in between(0, 0, ending)
        assert made.sid not in between(1, 2, ending)
        assert made.sid not in between(-2, -1, ending)


@pytest.mark.drives(
    f"GET {CONVERSATIONS}/{{ConversationSid}}/Participants",
    f"POST {CONVERSATIONS}/{{ConversationSid}}/Participants",
    f"GET {CONVERSATIONS}/{{ConversationSid}}/Participants/{{Sid}}",
    f"POST {CONVERSATIONS}/{{ConversationSid}}/Participants/{{Sid}}",
    f"DELETE {CONVERSATIONS}/{{ConversationSid}}/Participants/{{Sid}}",
    "GET /v1/Services/{ChatServiceSid}/ParticipantConversations",
)
def test_participants(service: Any, account: Account) -> None:
    """Chat and SMS participants join, are found by who they are, change, and leave."""
    made = service.conversations.create(friendly_name="who")
    participants = service.conversations(made.sid).participants
    chat = participants.create(identity="ada@example.com", attributes='{"a": 1}')
    sms = participants.create(
        messaging_binding_address="+15551237777",
        messaging_binding_proxy_address=account.phone_number,
    )
    assert chat.identity == "ada@example.com"
    assert chat.messaging_binding is None
    assert sms.identity is None
    assert sms.messaging_binding["type"] == "sms"
    assert sms.messaging_binding["address"] == "+15551237777"
    assert sms.messaging_binding["proxy_address"] == account.phone_number

    assert {p.sid for p in participants.list(page_size=1)} == {chat.sid, sms.sid}
    assert participants(chat.sid).fetch().conversation_sid == made.sid
    changed = participants(chat.sid).update(attributes='{"a": 2}', last_read_message_index=0)
    assert changed.attributes == '{"a": 2}'

    for who in ({"identity": "ada@example.com"}, {"address": "+15551237777"}):
        found = service.participant_conversations.list(**who)
        assert [item.conversation_sid for item in found] == [made.sid]

    assert participants(chat.sid).delete() is True
    assert [p.sid for p in participants.list()] == [sms.sid]


@pytest.mark.drives(
    f"GET {CONVERSATIONS}/{{ConversationSid}}/Messages",
    f"POST {CONVERSATIONS}/{{ConversationSid}}/Messages",
    f"GET {CONVERSATIONS}/{{ConversationSid}}/Messages/{{Sid}}",
    f"POST {CONVERSATIONS}/{{ConversationSid}}/Messages/{{Sid}}",
    f"DELETE {CONVERSATIONS}/{{ConversationSid}}/Messages/{{Sid}}",
)
def test_messages(service: Any) -> None:
    """Messages are numbered in order, listed both ways, changed, and deleted."""
    made = service.conversations.create(friendly_name="talk")
    participant = service.conversations(made.sid).participants.create(identity="ada")
    messages = service.conversations(made.sid).messages
    first = messages.create(author="ada", body="one", attributes='{"k": "v"}')
    second = messages.create(body="two")
    third = messages.create(author="ada", body="three ✓ +15551234567 = & %")

    assert [m.index for m in (first, second, third)] == [0, 1, 2]
    assert (first.author, first.participant_sid) == ("ada", participant.sid)
    assert (second.author, second.participant_sid) == ("system", None)
    assert [m.body for m in messages.list(page_size=2)] == ["one", "two", third.body]
    assert [m.sid for m in messages.list(order="desc")] == [third.sid, second.sid, first.sid]

    changed = messages(first.sid).update(body="uno")
    assert (changed.body, changed.index) == ("uno", 0)
    assert messages(first.sid).fetch().body == "uno"

    assert messages(second.sid).delete() is True
    assert [m.index for m in messages.list()] == [0, 2]


def test_unknown_service_is_404(sdk: Client) -> None:
    """A service of nobody answers 404 with code 20404."""
    with pytest.raises(TwilioRestException) as refused:
        sdk.conversations.v1.services("IS" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_another_account_sees_nothing(sdk: Client, sandbox: Any) -> None:
    """One account's credentials do not reach another account's service."""
    other = sandbox.account(name="other")
    with pytest.raises(TwilioRestException) as refused:
        sdk.conversations.v1.services(other.service_sid).fetch()
    assert refused.value.status == 404
    assert other.service_sid not in {s.sid for s in sdk.conversations.v1.services.list()}


def test_dates_are_aware_and_recent(service: Any) -> None:
    """The SDK reads v1 timestamps as aware datetimes near the present."""
    made = service.conversations.create(friendly_name="now")
    assert abs(made.date_created - datetime.now(UTC)) < timedelta(minutes=5)
