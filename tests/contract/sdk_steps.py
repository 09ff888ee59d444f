"""Steps with Twilio's SDK that several tests take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twilio.rest.conversations.v2.configuration import ConfigurationList
from twilio.rest.conversations.v2.conversation import ConversationList
from twilio.rest.conversations.v2.participant import ParticipantList

from ..waiting import until

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account


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
    return str(accepted.related["configurationId"])


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
