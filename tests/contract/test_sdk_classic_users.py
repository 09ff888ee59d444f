"""Twilio's SDK drives classic's users and webhooks, which outlive or watch conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account

SERVICE = "/v1/Services/{ChatServiceSid}"
TALK = "/v1/Services/{ChatServiceSid}/Conversations/{ConversationSid}"


@pytest.fixture
def service(sdk: Client, account: Account) -> Any:
    return sdk.conversations.v1.services(account.service_sid)


@pytest.mark.drives(
    f"GET {SERVICE}/Users",
    f"POST {SERVICE}/Users",
    f"GET {SERVICE}/Users/{{Sid}}",
    f"POST {SERVICE}/Users/{{Sid}}",
    f"DELETE {SERVICE}/Users/{{Sid}}",
)
def test_users(service: Any) -> None:
    """A user is created, found by sid and by identity, changed, listed once, and deleted."""
    already = {u.identity for u in service.users.list(page_size=3)}
    made = service.users.create(identity="ada@example.com", friendly_name="Ada")
    for key in (made.sid, "ada@example.com"):
        assert service.users(key).fetch().sid == made.sid
    changed = service.users("ada@example.com").update(attributes='{"vip": true}')
    assert (changed.friendly_name, changed.attributes) == ("Ada", '{"vip": true}')
    assert {u.identity for u in service.users.list()} == already | {"ada@example.com"}
    with pytest.raises(TwilioRestException) as refused:
        service.users.create(identity="ada@example.com")
    assert refused.value.status == 409

    assert service.users("ada@example.com").delete() is True
    with pytest.raises(TwilioRestException) as gone:
        service.users(made.sid).fetch()
    assert gone.value.status == 404


@pytest.mark.drives(
    f"GET {SERVICE}/Users/{{UserSid}}/Conversations",
    f"GET {SERVICE}/Users/{{UserSid}}/Conversations/{{ConversationSid}}",
    f"DELETE {SERVICE}/Users/{{UserSid}}/Conversations/{{ConversationSid}}",
    "GET /v1/ParticipantConversations",
)
def test_where_a_user_takes_part(sdk: Client, service: Any) -> None:
    """A user's conversations are found and left; the short path means the default service."""
    first, second = (service.conversations.create(friendly_name=n) for n in ("one", "two"))
    for made in (first, second):
        service.conversations(made.sid).participants.create(identity="ada")
    user = service.users("ada")
    assert {c.conversation_sid for c in user.user_conversations.list()} == {first.sid, second.sid}
    assert user.user_conversations(first.sid).fetch().friendly_name == "one"
    whole = sdk.conversations.v1.participant_conversations.list(identity="ada")
    assert {c.conversation_sid for c in whole} == {first.sid, second.sid}
    assert {c.participant_user_sid for c in whole} == {user.fetch().sid}

    assert user.user_conversations(first.sid).delete() is True
    assert [c.conversation_sid for c in user.user_conversations.list()] == [second.sid]
    assert user.fetch().identity == "ada"


@pytest.mark.drives(
    "GET /v1/Configuration/Webhooks",
    "POST /v1/Configuration/Webhooks",
    f"GET {SERVICE}/Configuration/Webhooks",
    f"POST {SERVICE}/Configuration/Webhooks",
)
def test_webhooks_of_account_and_service(sdk: Client, service: Any) -> None:
    """What is set is read back; Flex shows as the account's target."""
    account = sdk.conversations.v1.configuration.webhooks()
    assert account.fetch().target == "webhook"
    account.update(target="flex", post_webhook_url="https://example.com/a")
    assert account.fetch().target == "flex"
    assert account.fetch().post_webhook_url == "https://example.com/a"

    own = service.configuration.webhooks()
    assert own.fetch().post_webhook_url is None
    own.update(pre_webhook_url="https://example.com/b", filters=["onMessageAdd"], method="GET")
    assert own.fetch().pre_webhook_url == "https://example.com/b"
    assert (own.fetch().filters, own.fetch().method) == (["onMessageAdd"], "GET")


@pytest.mark.drives(
    f"GET {TALK}/Webhooks",
    f"POST {TALK}/Webhooks",
    f"GET {TALK}/Webhooks/{{Sid}}",
    f"POST {TALK}/Webhooks/{{Sid}}",
    f"DELETE {TALK}/Webhooks/{{Sid}}",
)
def test_webhooks_of_a_conversation(service: Any) -> None:
    """A URL and a Studio flow are listed, changed and deleted; a sixth is refused."""
    talk = service.conversations(service.conversations.create(friendly_name="hooked").sid)
    hook = talk.webhooks.create(
        target="webhook",
        configuration_url="https://example.com/hook",
        configuration_filters=["onMessageAdded"],
    )
    flow = talk.webhooks.create(target="studio", configuration_flow_sid="FW" + "a" * 32)
    assert {w.sid: w.target for w in talk.webhooks.list(page_size=1)} == {
        hook.sid: "webhook",
        flow.sid: "studio",
    }
    changed = talk.webhooks(hook.sid).update(configuration_url="https://example.com/other")
    assert changed.configuration["url"] == "https://example.com/other"
    assert talk.webhooks(hook.sid).fetch().configuration["filters"] == ["onMessageAdded"]
    for _ in range(3):
        talk.webhooks.create(target="webhook", configuration_url="https://example.com/more")
    with pytest.raises(TwilioRestException) as refused:
        talk.webhooks.create(target="webhook", configuration_url="https://example.com/sixth")
    assert refused.value.status == 400
    assert talk.webhooks(hook.sid).delete() is True
    assert hook.sid not in {w.sid for w in talk.webhooks.list()}
