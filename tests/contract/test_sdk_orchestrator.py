"""Twilio's SDK drives every endpoint of Conversation Orchestrator, create to delete."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.conversations.v2.action import ActionList
from twilio.rest.conversations.v2.communication import CommunicationList
from twilio.rest.conversations.v2.configuration import ConfigurationList
from twilio.rest.conversations.v2.conversation import ConversationList
from twilio.rest.conversations.v2.participant import ParticipantList

from contract.waiting import until

if TYPE_CHECKING:
    from twilio.rest import Client

    from contract.sandbox_process import Account

CHAT_TIMEOUTS = {"CHAT": {"statusTimeouts": {"inactive": 15, "closed": 60}}}
CUSTOMER = {"channel": "SMS", "address": "+15551230001"}
AGENT = {"channel": "SMS", "address": "+15551230002"}


def wanted(account: Account, **changes: Any) -> dict[str, Any]:
    return {
        "displayName": "contract",
        "description": "Made by the SDK",
        "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
        "memoryStoreId": account.memory_store_id,
    } | changes


def finished(sdk: Client, status_url: str) -> Any:
    """Poll the operation that a ``statusUrl`` names to its end."""
    operation_id = status_url.rsplit("/", 1)[1]

    def look() -> Any:
        operation = sdk.conversations.v2.operations(operation_id).fetch()
        return operation if operation.status != "PENDING" else None

    return until(look, what=f"the end of {operation_id}")


def create_configuration(sdk: Client, body: dict[str, Any]) -> str:
    accepted = sdk.conversations.v2.configurations.create(
        create_configuration_request=ConfigurationList.CreateConfigurationRequest(body)
    )
    assert finished(sdk, accepted.status_url).status == "COMPLETED"
    return accepted.related["configurationId"]


def create_conversation(sdk: Client, account: Account, **more: Any) -> Any:
    configuration_id = create_configuration(sdk, wanted(account))
    request = ConversationList.CreateConversationWithConfigRequest(
        {"configurationId": configuration_id, "name": "Ada's order"} | more
    )
    return sdk.conversations.v2.conversations.create(
        create_conversation_with_config_request=request
    )


def add_participant(sdk: Client, conversation_id: str, **body: Any) -> Any:
    request = ParticipantList.CreateParticipantInConversationRequest(body)
    return sdk.conversations.v2.participants(conversation_id).create(
        create_participant_in_conversation_request=request
    )


@pytest.mark.drives("POST /v2/ControlPlane/Configurations", "GET /v2/ControlPlane/Operations/{id}")
def test_configuration_creation_is_accepted_then_completed(sdk: Client, account: Account) -> None:
    """A creation answers 202 with its operation's headers; the operation ends and names the id."""
    request = ConfigurationList.CreateConfigurationRequest(wanted(account))
    answer = sdk.conversations.v2.configurations.create_with_http_info(
        idempotency_key=str(uuid.uuid4()), create_configuration_request=request
    )
    headers = {name.lower(): value for name, value in answer.headers.items()}

    assert answer.status_code == 202
    assert headers["operation-id"] == answer.data.status_url.rsplit("/", 1)[1]
    assert headers["location"] == answer.data.status_url
    assert int(headers["retry-after"]) >= 0

    operation = finished(sdk, answer.data.status_url)
    assert operation.status == "COMPLETED"
    assert operation.operation_id == headers["operation-id"]
    assert operation.completed_at is not None
    assert operation.related == answer.data.related


def test_operation_starts_pending(sdk: Client, account: Account) -> None:
    """An operation that was just accepted is PENDING, without an end, and not an error."""
    request = ConfigurationList.CreateConfigurationRequest(wanted(account))
    accepted = sdk.conversations.v2.configurations.create(create_configuration_request=request)
    operation_id = accepted.status_url.rsplit("/", 1)[1]

    operation = sdk.conversations.v2.operations(operation_id).fetch()

    assert (operation.status, operation.completed_at, operation.error) == ("PENDING", None, None)


@pytest.mark.drives(
    "GET /v2/ControlPlane/Configurations", "GET /v2/ControlPlane/Configurations/{id}"
)
def test_configuration_reads_back_as_sent(sdk: Client, account: Account) -> None:
    """What was sent is what is fetched and listed, with server-made members added."""
    sent = wanted(
        account,
        channelSettings={
            "VOICE": {"captureRules": [{"from": "*", "to": account.phone_number}]},
            **CHAT_TIMEOUTS,
        },
        statusCallbacks=[{"url": "https://example.com/events", "method": "POST"}],
        intelligenceConfigurationIds=["intelligence_configuration_1"],
        memoryExtractionEnabled=True,
        conversationsV1Bridge={"serviceId": account.service_sid},
    )
    configuration_id = create_configuration(sdk, sent)

    fetched = sdk.conversations.v2.configurations(configuration_id).fetch()
    listed = sdk.conversations.v2.configurations.list(memory_store_id=account.memory_store_id)

    assert fetched.id == configuration_id
    assert fetched.display_name == sent["displayName"]
    assert fetched.description == sent["description"]
    assert fetched.conversation_grouping_type == sent["conversationGroupingType"]
    assert fetched.memory_store_id == account.memory_store_id
    assert fetched.channel_settings == sent["channelSettings"]
    assert fetched.status_callbacks == sent["statusCallbacks"]
    assert fetched.intelligence_configuration_ids == sent["intelligenceConfigurationIds"]
    assert fetched.memory_extraction_enabled is True
    assert fetched.conversations_v1_bridge == sent["conversationsV1Bridge"]
    assert fetched.version == 1
    assert [item.id for item in listed] == [configuration_id]
    assert (listed[0].version, listed[0].channel_settings) == (1, fetched.channel_settings)


def test_configurations_page_by_token(sdk: Client, account: Account) -> None:
    """Pages of one hold the same configurations as one page, each once."""
    made = {create_configuration(sdk, wanted(account, displayName=f"page {n}")) for n in range(3)}

    paged = [item.id for item in sdk.conversations.v2.configurations.list(page_size=1)]
    other_store = "mem_store_" + "0" * 26

    assert len(paged) == 3
    assert set(paged) == made
    assert sdk.conversations.v2.configurations.list(memory_store_id=other_store) == []


@pytest.mark.drives("PATCH /v2/ControlPlane/Configurations/{id}")
def test_patch_changes_only_what_it_names(sdk: Client, account: Account) -> None:
    """PATCH merges channel settings by channel and leaves the bridge where it is."""
    bridge = {"serviceId": account.service_sid}
    configuration_id = create_configuration(
        sdk, wanted(account, channelSettings=CHAT_TIMEOUTS, conversationsV1Bridge=bridge)
    )
    sms = {"SMS": {"statusTimeouts": {"closed": 60}}}
    request = ConfigurationList.PatchConfigurationRequest(
        {"description": "Changed", "channelSettings": sms}
    )

    accepted = sdk.conversations.v2.configurations(configuration_id).patch(
        idempotency_key=str(uuid.uuid4()), patch_configuration_request=request
    )
    assert finished(sdk, accepted.status_url).status == "COMPLETED"

    after = sdk.conversations.v2.configurations(configuration_id).fetch()
    assert after.description == "Changed"
    assert after.display_name == "contract"
    assert after.channel_settings == CHAT_TIMEOUTS | sms
    assert after.conversations_v1_bridge == bridge
    assert after.version == 2


@pytest.mark.drives("PUT /v2/ControlPlane/Configurations/{id}")
def test_put_removes_what_it_leaves_out(sdk: Client, account: Account) -> None:
    """PUT is a full replacement: channel settings, callbacks and the bridge go if not sent."""
    configuration_id = create_configuration(
        sdk,
        wanted(
            account,
            channelSettings=CHAT_TIMEOUTS,
            statusCallbacks=[{"url": "https://example.com/events"}],
            conversationsV1Bridge={"serviceId": account.service_sid},
        ),
    )
    request = ConfigurationList.UpdateConfigurationRequest(
        wanted(account, description="Replaced", channelSettings={})
    )

    accepted = sdk.conversations.v2.configurations(configuration_id).update(
        idempotency_key=str(uuid.uuid4()), update_configuration_request=request
    )
    assert finished(sdk, accepted.status_url).status == "COMPLETED"

    after = sdk.conversations.v2.configurations(configuration_id).fetch()
    assert after.description == "Replaced"
    assert not after.channel_settings
    assert not after.status_callbacks
    assert after.conversations_v1_bridge is None


@pytest.mark.drives("DELETE /v2/ControlPlane/Configurations/{id}")
def test_deleted_configuration_is_gone(sdk: Client, account: Account) -> None:
    """DELETE is an operation too; afterwards a fetch says 404 with code 20404."""
    configuration_id = create_configuration(sdk, wanted(account))

    accepted = sdk.conversations.v2.configurations(configuration_id).delete()
    assert accepted["related"] == {"configurationId": configuration_id}
    assert finished(sdk, accepted["statusUrl"]).status == "COMPLETED"

    with pytest.raises(TwilioRestException) as refused:
        sdk.conversations.v2.configurations(configuration_id).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)
    assert sdk.conversations.v2.configurations.list() == []


def test_idempotency_key_makes_one_configuration(sdk: Client, account: Account) -> None:
    """The same key and body gives the first operation again; another body is refused."""
    key = str(uuid.uuid4())

    def create(**changes: Any) -> Any:
        request = ConfigurationList.CreateConfigurationRequest(wanted(account, **changes))
        return sdk.conversations.v2.configurations.create(
            idempotency_key=key, create_configuration_request=request
        )

    first, again = create(), create()
    with pytest.raises(TwilioRestException) as refused:
        create(displayName="another")

    assert again.status_url == first.status_url
    assert again.related == first.related
    assert 400 <= refused.value.status < 500
    finished(sdk, first.status_url)
    assert len(sdk.conversations.v2.configurations.list()) == 1


def test_wrong_credentials_are_401(sdk: Client) -> None:
    """A wrong secret is refused with Twilio's code 20003."""
    sdk.password = "wrong"
    sdk.auth = (sdk.username, "wrong")
    with pytest.raises(TwilioRestException) as refused:
        sdk.conversations.v2.configurations("any").fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)


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
