"""The walk-through of Twilio's bridge guide, done by Twilio's SDK alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.conversations.v2.action import ActionList

from ..waiting import until
from .sdk_steps import create_configuration, finished, wanted

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account, SandboxProcess


@pytest.fixture
def bridge(sdk: Client, account: Account) -> str:
    """A configuration that bridges the account's service; its id."""
    return create_configuration(
        sdk, wanted(account, conversationsV1Bridge={"serviceId": account.service_sid})
    )


def twin(sdk: Client, conversation_sid: str) -> Any:
    """Wait for the one v2 conversation of a classic one."""
    found = until(
        lambda: sdk.conversations.v2.conversations.list(channel_id=conversation_sid),
        what=f"the twin of {conversation_sid}",
    )
    assert len(found) == 1
    return found[0]


def texts(sdk: Client, conversation_id: str) -> list[str]:
    listed = sdk.conversations.v2.communications(conversation_id).list()
    return [communication.content["text"] for communication in listed]


def test_classic_message_arrives_in_orchestrator(
    sdk: Client, account: Account, bridge: str
) -> None:
    """A classic message is found by listing v2 conversations by channelId, with every link."""
    classic = sdk.conversations.v1.services(account.service_sid).conversations
    conversation = classic.create(friendly_name="bridge test")
    classic(conversation.sid).participants.create(identity="ada@example.com")
    message = classic(conversation.sid).messages.create(author="ada@example.com", body="Hello")

    found = twin(sdk, conversation.sid)
    assert found.configuration_id == bridge
    assert found.status == "ACTIVE"
    fetched = sdk.conversations.v2.conversations(found.id).fetch()
    assert fetched.configuration["conversationsV1Bridge"] == {"serviceId": account.service_sid}

    until(lambda: texts(sdk, found.id) == ["Hello"], what="the communication")
    communication = sdk.conversations.v2.communications(found.id).list()[0]
    assert communication.channel_id == conversation.sid
    assert communication.resource_id == message.sid
    assert communication.author["address"] == "ada@example.com"
    assert communication.author["channel"] == "CHAT"

    addresses = [
        address
        for participant in sdk.conversations.v2.participants(found.id).list()
        for address in participant.addresses
    ]
    author = next(a for a in addresses if a["address"] == "ada@example.com")
    assert (author["channel"], author["channelId"]) == ("CHAT", conversation.sid)


def test_orchestrator_reply_arrives_in_classic(sdk: Client, account: Account, bridge: str) -> None:
    """SEND_MESSAGE on a bridged conversation becomes one classic message, once on either side."""
    classic = sdk.conversations.v1.services(account.service_sid).conversations
    conversation = classic.create(friendly_name="and back")
    classic(conversation.sid).participants.create(identity="ada")
    classic(conversation.sid).messages.create(author="ada", body="Where is it?")
    found = twin(sdk, conversation.sid)
    until(lambda: texts(sdk, found.id) == ["Where is it?"], what="the question")

    request = ActionList.CreateConversationActionRequest(
        {
            "type": "SEND_MESSAGE",
            "payload": {
                "from": {"address": "agent", "channel": "CHAT"},
                "to": [{"address": "ada", "channel": "CHAT"}],
                "content": {"text": "On its way"},
                "channelSettings": {"channelId": conversation.sid},
            },
        }
    )
    sdk.conversations.v2.actions(found.id).create(create_conversation_action_request=request)

    def bodies() -> list[str]:
        return [message.body for message in classic(conversation.sid).messages.list()]

    both = ["Where is it?", "On its way"]
    until(lambda: bodies() == both, what="the classic reply")
    until(lambda: texts(sdk, found.id) == both, what="the reply's communication")
    # A reply that came back over the bridge would show after another lag.
    classic(conversation.sid).messages.create(author="ada", body="Thanks")
    until(lambda: texts(sdk, found.id)[-1] == "Thanks", what="the next message")
    assert texts(sdk, found.id) == [*both, "Thanks"] == bodies()


def test_second_bridge_is_refused(
    sdk: Client, account: Account, bridge: str, sandbox: SandboxProcess
) -> None:
    """A service bridges once: the second configuration is a 409, and the first stays alone."""
    again = wanted(
        account, displayName="second", conversationsV1Bridge={"serviceId": account.service_sid}
    )
    with pytest.raises(TwilioRestException) as refused:
        create_configuration(sdk, again)
    assert refused.value.status == 409
    bridged = [
        c.id for c in sdk.conversations.v2.configurations.list() if c.conversations_v1_bridge
    ]
    assert bridged == [bridge]


def test_nothing_is_filled_in_from_before(sdk: Client, account: Account) -> None:
    """Conversations from before the bridge have no twin until their next message."""
    classic = sdk.conversations.v1.services(account.service_sid).conversations
    before = classic.list()[0]
    spoken = len(classic(before.sid).messages.list())
    create_configuration(
        sdk, wanted(account, conversationsV1Bridge={"serviceId": account.service_sid})
    )
    assert sdk.conversations.v2.conversations.list(channel_id=before.sid) == []

    classic(before.sid).messages.create(author="someone", body="After")

    found = twin(sdk, before.sid)
    until(lambda: texts(sdk, found.id), what="the communication")
    assert spoken > 0
    assert texts(sdk, found.id) == ["After"]


def test_deletion_of_the_classic_conversation(sdk: Client, account: Account, bridge: str) -> None:
    """Deleting a bridged classic conversation cleans classic only; v2 keeps what it had."""
    classic = sdk.conversations.v1.services(account.service_sid).conversations
    conversation = classic.create(friendly_name="short")
    classic(conversation.sid).messages.create(author="ada", body="Hello")
    found = twin(sdk, conversation.sid)
    until(lambda: texts(sdk, found.id) == ["Hello"], what="the communication")

    assert classic(conversation.sid).delete() is True

    assert [c.sid for c in classic.list() if c.sid == conversation.sid] == []
    assert texts(sdk, found.id) == ["Hello"]


def test_deletion_while_a_message_is_on_its_way(
    sdk: Client, account: Account, bridge: str, sandbox: SandboxProcess
) -> None:
    """A message that is crossing when classic is deleted makes no second twin."""
    classic = sdk.conversations.v1.services(account.service_sid).conversations
    conversation = classic.create(friendly_name="hasty")
    classic(conversation.sid).messages.create(author="ada", body="one")
    found = twin(sdk, conversation.sid)
    classic(conversation.sid).messages.create(author="ada", body="two")
    classic(conversation.sid).delete()
    # Another conversation's message that arrives was written later than the one on its way.
    later = classic.create(friendly_name="later")
    classic(later.sid).messages.create(author="bo", body="three")
    twin(sdk, later.sid)

    listed = sdk.conversations.v2.conversations.list(channel_id=conversation.sid)
    assert [c.id for c in listed] == [found.id]
    assert texts(sdk, found.id) in (["one"], ["one", "two"])


def test_deletion_of_the_twin(sdk: Client, account: Account, bridge: str) -> None:
    """Deleting the v2 conversation leaves classic whole; the next message starts a new twin."""
    classic = sdk.conversations.v1.services(account.service_sid).conversations
    conversation = classic.create(friendly_name="long")
    messages = classic(conversation.sid).messages
    messages.create(author="ada", body="one")
    first = twin(sdk, conversation.sid)
    finished(sdk, sdk.conversations.v2.conversations(first.id).delete()["statusUrl"])
    assert sdk.conversations.v2.conversations.list(channel_id=conversation.sid) == []

    messages.create(author="ada", body="two")

    second = twin(sdk, conversation.sid)
    until(lambda: texts(sdk, second.id) == ["two"], what="the communication")
    assert second.id != first.id
    assert [message.body for message in messages.list()] == ["one", "two"]
