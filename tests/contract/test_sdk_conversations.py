"""Twilio's SDK drives Orchestrator's conversations and all that is in them, create to delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.conversations.v2.action import ActionList
from twilio.rest.conversations.v2.communication import CommunicationList
from twilio.rest.conversations.v2.conversation import ConversationList
from twilio.rest.conversations.v2.participant import ParticipantList

from ..waiting import until
from .sdk_steps import add_participant, create_conversation, finished

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account

CUSTOMER = {"channel": "SMS", "address": "+15551230001"}
AGENT = {"channel": "SMS", "address": "+15551230002"}


@pytest.mark.drives(
    "POST /v2/Conversations",
    "GET /v2/Conversations",
    "GET /v2/Conversations/{id}",
    "PUT /v2/Conversations/{id}",
    "PATCH /v2/Conversations/{id}",
    "DELETE /v2/Conversations/{id}",
)
def test_conversation_from_create_to_delete(sdk: Client, account: Account) -> None:
    """A conversation is created, listed by status, renamed, closed, and deleted for good."""
    conversations = sdk.conversations.v2.conversations
    made = create_conversation(sdk, account, metadata={"order": "17"})
    assert (made.status, made.name, made.metadata) == ("ACTIVE", "Ada's order", {"order": "17"})
    assert made.account_id == account.account_sid
    assert made.configuration.get("conversationsV1Bridge") is None
    assert made.configuration["displayName"] == "contract"

    assert conversations(made.id).fetch().id == made.id
    assert [c.id for c in conversations.list(status=["ACTIVE", "INACTIVE"])] == [made.id]
    assert conversations.list(status=["CLOSED"]) == []

    patched = conversations(made.id).patch(
        patch_conversation_by_id_request=ConversationList.PatchConversationByIdRequest(
            {
                "name": "Renamed",
                "metadata": {"agent": "Bo"},
                "configuration": {"statusCallbacks": []},
            }
        )
    )
    assert (patched.name, patched.status) == ("Renamed", "ACTIVE")
    assert patched.metadata == {"order": "17", "agent": "Bo"}

    closed = conversations(made.id).update(
        update_conversation_by_id_request=ConversationList.UpdateConversationByIdRequest(
            {"status": "CLOSED", "name": "Renamed"}
        )
    )
    assert closed.status == "CLOSED"
    assert [c.id for c in conversations.list(status=["CLOSED"])] == [made.id]

    accepted = conversations(made.id).delete()
    assert accepted["related"] == {"conversationId": made.id}
    assert finished(sdk, accepted["statusUrl"]).status == "COMPLETED"
    with pytest.raises(TwilioRestException) as refused:
        conversations(made.id).fetch()
    assert refused.value.status == 404


def test_closed_conversation_refuses_change(sdk: Client, account: Account) -> None:
    """A CLOSED conversation can neither be re-opened nor joined."""
    made = create_conversation(sdk, account)
    change = ConversationList.PatchConversationByIdRequest
    patch = sdk.conversations.v2.conversations(made.id).patch
    patch(patch_conversation_by_id_request=change({"status": "CLOSED"}))

    with pytest.raises(TwilioRestException) as reopened:
        patch(patch_conversation_by_id_request=change({"status": "ACTIVE"}))
    with pytest.raises(TwilioRestException) as joined:
        add_participant(sdk, made.id, addresses=[CUSTOMER])

    assert 400 <= reopened.value.status < 500
    assert 400 <= joined.value.status < 500
    assert sdk.conversations.v2.conversations(made.id).fetch().status == "CLOSED"


@pytest.mark.drives(
    "POST /v2/Conversations/{ConversationId}/Participants",
    "GET /v2/Conversations/{ConversationId}/Participants",
    "GET /v2/Conversations/{ConversationId}/Participants/{id}",
    "PUT /v2/Conversations/{ConversationId}/Participants/{id}",
)
def test_participants(sdk: Client, account: Account) -> None:
    """Participants are added, listed page by page, fetched, and replaced by PUT."""
    made = create_conversation(sdk, account)
    customer = add_participant(sdk, made.id, name="Ada", type="CUSTOMER", addresses=[CUSTOMER])
    agent = add_participant(sdk, made.id, type="UNKNOWN", addresses=[AGENT])

    participants = sdk.conversations.v2.participants(made.id)
    assert {p.id for p in participants.list(page_size=1)} == {customer.id, agent.id}
    fetched = participants(customer.id).fetch()
    assert (fetched.name, fetched.type, fetched.conversation_id) == ("Ada", "CUSTOMER", made.id)
    assert [(a["channel"], a["address"]) for a in fetched.addresses] == [("SMS", "+15551230001")]

    request = ParticipantList.UpdateParticipantInConversationRequest(
        {"type": "AI_AGENT", "name": "Bot", "addresses": [AGENT]}
    )
    replaced = participants(agent.id).update(update_participant_in_conversation_request=request)
    assert (replaced.id, replaced.type, replaced.name) == (agent.id, "AI_AGENT", "Bot")


@pytest.mark.drives(
    "POST /v2/Conversations/{ConversationId}/Communications",
    "GET /v2/Conversations/{ConversationId}/Communications",
    "GET /v2/Conversations/{ConversationId}/Communications/{id}",
)
def test_communications(sdk: Client, account: Account) -> None:
    """Communications keep what was sent, are filtered by channelId, and known ids update."""
    made = create_conversation(sdk, account)
    customer = add_participant(sdk, made.id, type="CUSTOMER", addresses=[CUSTOMER])
    agent = add_participant(sdk, made.id, type="AGENT", addresses=[AGENT])
    communications = sdk.conversations.v2.communications(made.id)

    def post(text: str, **more: Any) -> Any:
        request = CommunicationList.CreateCommunicationInConversationRequest(
            {
                "author": {**CUSTOMER, "participantId": customer.id},
                "recipients": [{**AGENT, "participantId": agent.id}],
                "content": {"type": "TEXT", "text": text},
            }
            | more
        )
        return communications.create(create_communication_in_conversation_request=request)

    first = post("one", channelId="SM" + "1" * 32, resourceId="SM" + "1" * 32)
    again = post("one, corrected", channelId="SM" + "1" * 32, resourceId="SM" + "1" * 32)
    second = post("two", channelId="SM" + "2" * 32)
    words = {"type": "TRANSCRIPTION", "text": "three", "transcription": {"confidence": 0.5}}
    third = post("", content=words)

    assert again.id == first.id
    assert [c.id for c in communications.list(page_size=1)] == [first.id, second.id, third.id]
    assert [c.id for c in communications.list(channel_id="SM" + "2" * 32)] == [second.id]
    fetched = communications(first.id).fetch()
    assert fetched.content["text"] == "one, corrected"
    assert fetched.author["participantId"] == customer.id
    assert fetched.recipients[0]["participantId"] == agent.id
    assert communications(third.id).fetch().content["transcription"]["confidence"] == 0.5


@pytest.mark.drives(
    "POST /v2/Conversations/{ConversationId}/Actions",
    "GET /v2/Conversations/{ConversationId}/Actions/{ActionId}",
)
def test_action_sends_a_message(sdk: Client, account: Account) -> None:
    """SEND_MESSAGE is accepted, completes, and its communication is in the conversation."""
    made = create_conversation(sdk, account)
    customer = add_participant(sdk, made.id, type="CUSTOMER", addresses=[CUSTOMER])
    agent = add_participant(sdk, made.id, type="AGENT", addresses=[AGENT])
    request = ActionList.CreateConversationActionRequest(
        {
            "type": "SEND_MESSAGE",
            "payload": {
                "from": {"participantId": agent.id, "channel": "SMS"},
                "to": [{"participantId": customer.id, "channel": "SMS"}],
                "content": {"text": "On its way"},
            },
        }
    )
    actions = sdk.conversations.v2.actions(made.id)
    accepted = actions.create(create_conversation_action_request=request)
    assert accepted.type == "SEND_MESSAGE"
    assert accepted.conversation_id == made.id

    def look() -> Any:
        action = actions(accepted.id).fetch()
        return action if action.status != "PENDING" else None

    action = until(look, what="the action")
    assert action.status == "COMPLETED"
    communication = sdk.conversations.v2.communications(made.id)(
        action.related["communicationId"]
    ).fetch()
    assert communication.content["text"] == "On its way"
