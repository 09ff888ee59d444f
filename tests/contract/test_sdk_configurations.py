"""Twilio's SDK drives Orchestrator's configurations and operations, create to delete."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest.conversations.v2.configuration import ConfigurationList

from .sdk_steps import create_configuration, finished, wanted

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account

CHAT_TIMEOUTS = {"CHAT": {"statusTimeouts": {"inactive": 15, "closed": 60}}}


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
