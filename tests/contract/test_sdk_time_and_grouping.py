"""What happens by itself, seen through Twilio's SDK: capture, grouping, pinning, timeouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twilio.rest.conversations.v2.configuration import ConfigurationList
from twilio.rest.memory.v1.profile import ProfileList

from ..sandbox_process import SandboxProcess
from .sdk_steps import wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twilio.rest import Client

    from ..sandbox_process import Account

ADA = "+15551230071"
MINUTE = 60.0
ALL_CHANNELS = ("SMS", "WHATSAPP", "RCS", "VOICE")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    """A clock of its own, which stands still until a test moves it."""
    with SandboxProcess("--freeze-clock", "--lag", "1", "--operation-seconds", "1") as running:
        yield running


@pytest.fixture
def configure(sandbox: SandboxProcess, sdk: Client, account: Account) -> Any:
    """Create a configuration and let its operation end; returns its id."""

    def create(**changes: Any) -> str:
        request = ConfigurationList.CreateConfigurationRequest(wanted(account, **changes))
        accepted = sdk.conversations.v2.configurations.create(create_configuration_request=request)
        sandbox.advance(2)
        operation_id = accepted.status_url.rsplit("/", 1)[1]
        assert sdk.conversations.v2.operations(operation_id).fetch().status == "COMPLETED"
        return str(accepted.related["configurationId"])

    return create


@pytest.fixture
def arrive(sandbox: SandboxProcess, account: Account) -> Any:
    """Somebody writes to, or calls, the account's number."""

    def inbound(channel: str, address: str = ADA, **more: Any) -> dict[str, Any]:
        prefix = {"WHATSAPP": "whatsapp:", "RCS": "rcs:"}.get(channel, "")
        wish = {
            "account_sid": account.account_sid,
            "channel": channel,
            "from": prefix + address,
            "to": prefix + account.phone_number,
            "text": f"by {channel}",
        }
        answer: dict[str, Any] = sandbox.control("inbound", **(wish | more))
        sandbox.advance(2)
        return answer

    return inbound


def captured(account: Account, *channels: str) -> dict[str, Any]:
    """Channel settings that capture what comes in to the account's number."""
    prefix = {"WHATSAPP": "whatsapp:", "RCS": "rcs:"}
    return {
        channel: {
            "captureRules": [{"from": "*", "to": prefix.get(channel, "") + account.phone_number}]
        }
        for channel in channels
    }


def conversations(sdk: Client) -> list[Any]:
    return list(sdk.conversations.v2.conversations.list())


def texts(sdk: Client, conversation_id: str) -> list[str]:
    listed = sdk.conversations.v2.communications(conversation_id).list()
    return [communication.content["text"] for communication in listed]


@pytest.mark.parametrize(
    ("grouping", "count"),
    [
        ("GROUP_BY_PARTICIPANT_ADDRESSES", 1),
        ("GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE", 4),
    ],
)
def test_grouping_by_address(
    sdk: Client, account: Account, configure: Any, arrive: Any, grouping: str, count: int
) -> None:
    """One number on four channels is one conversation, or one for each channel."""
    configure(conversationGroupingType=grouping, channelSettings=captured(account, *ALL_CHANNELS))
    for channel in ALL_CHANNELS:
        assert arrive(channel)["captured"] is True
        assert arrive(channel)["captured"] is True
    found = conversations(sdk)
    assert len(found) == count
    heard = sorted(text for conversation in found for text in texts(sdk, conversation.id))
    assert heard == sorted(f"by {channel}" for channel in ALL_CHANNELS * 2)


def test_grouping_by_profile(sdk: Client, account: Account, configure: Any, arrive: Any) -> None:
    """Two numbers of one profile are one conversation; a stranger's is another."""
    configure(conversationGroupingType="GROUP_BY_PROFILE", channelSettings=captured(account, "SMS"))
    profiles = sdk.memory.v1.profiles(account.memory_store_id)
    data = ProfileList.ProfileData({"traits": {"Contact": {"phone": ADA}}})
    profile = profiles.create(profile_data=data)
    for address in (ADA, "+15551230072", ADA):
        arrive("SMS", address)
    found = conversations(sdk)
    assert len(found) == 2
    profile_ids = {
        participant.profile_id
        for participant in sdk.conversations.v2.participants(found[0].id).list()
        if participant.type == "CUSTOMER"
    }
    assert profile_ids == {profile.id}
    assert len(texts(sdk, found[0].id)) == 2


def test_what_no_rule_matches_is_not_captured(
    sdk: Client, account: Account, configure: Any, arrive: Any
) -> None:
    """Another channel, another number, another kind of call: nothing is captured."""
    settings = captured(account, "VOICE", "SMS")
    settings["SMS"]["captureRules"][0]["from"] = "+15559999999"
    configure(channelSettings=settings)
    assert arrive("WHATSAPP")["captured"] is False
    assert arrive("SMS")["captured"] is False
    assert arrive("VOICE", call_type="CLIENT", **{"from": "client:ada"})["captured"] is False
    assert conversations(sdk) == []
    assert arrive("VOICE")["captured"] is True


def test_configuration_is_pinned_at_birth(
    sandbox: SandboxProcess, sdk: Client, account: Account, configure: Any, arrive: Any
) -> None:
    """A later change of the configuration does not touch a conversation that is open."""
    configuration_id = configure(channelSettings=captured(account, "SMS"))
    arrive("SMS")
    request = ConfigurationList.PatchConfigurationRequest({"displayName": "changed"})
    sdk.conversations.v2.configurations(configuration_id).patch(patch_configuration_request=request)
    sandbox.advance(2)
    arrive("SMS", "+15551230073")

    first, second = (
        sdk.conversations.v2.conversations(found.id).fetch() for found in conversations(sdk)
    )
    assert first.configuration["displayName"] == "contract"
    assert second.configuration["displayName"] == "changed"


def test_timeouts_make_inactive_then_closed(
    sandbox: SandboxProcess, sdk: Client, account: Account, configure: Any, arrive: Any
) -> None:
    """ACTIVE, INACTIVE and CLOSED by the minutes since the last communication; then anew."""
    settings = captured(account, "SMS")
    settings["SMS"]["statusTimeouts"] = {"inactive": 10, "closed": 60}
    configure(channelSettings=settings)
    arrive("SMS")
    first = conversations(sdk)[0]

    def status() -> str:
        return str(sdk.conversations.v2.conversations(first.id).fetch().status)

    sandbox.advance(9 * MINUTE)
    assert status() == "ACTIVE"
    sandbox.advance(2 * MINUTE)
    assert status() == "INACTIVE"
    arrive("SMS")
    assert status() == "ACTIVE"
    sandbox.advance(55 * MINUTE)
    assert status() == "INACTIVE"
    sandbox.advance(10 * MINUTE)
    assert status() == "CLOSED"

    arrive("SMS")
    assert status() == "CLOSED"
    opened = sdk.conversations.v2.conversations.list(status=["ACTIVE"])
    assert [texts(sdk, found.id) for found in opened] == [["by SMS"]]
    assert opened[0].id != first.id


def test_operation_takes_its_time(sandbox: SandboxProcess, sdk: Client, account: Account) -> None:
    """An operation is PENDING until its seconds are over, and failure can be asked for."""
    asked = {"fault": "operation-fails", "account_sid": account.account_sid}
    sandbox.control("faults", **asked)
    request = ConfigurationList.CreateConfigurationRequest(wanted(account))
    accepted = sdk.conversations.v2.configurations.create(create_configuration_request=request)
    operation = sdk.conversations.v2.operations(accepted.status_url.rsplit("/", 1)[1])

    assert operation.fetch().status == "PENDING"
    sandbox.advance(0.5)
    assert operation.fetch().status == "PENDING"
    sandbox.advance(1)
    ended = operation.fetch()
    assert ended.status == "FAILED"
    assert ended.error["title"]
    assert ended.completed_at is not None
    assert sdk.conversations.v2.configurations.list() == []


def test_key_lives_for_a_day(sandbox: SandboxProcess, sdk: Client, account: Account) -> None:
    """An idempotency key is known for 24 hours, and new after that."""
    key = "11111111-2222-3333-4444-555555555555"
    request = ConfigurationList.CreateConfigurationRequest(wanted(account))

    def create() -> str:
        configurations = sdk.conversations.v2.configurations
        answer = configurations.create(idempotency_key=key, create_configuration_request=request)
        return str(answer.status_url)

    first = create()
    sandbox.advance(23 * 60 * MINUTE)
    assert create() == first
    sandbox.advance(2 * 60 * MINUTE)
    assert create() != first
