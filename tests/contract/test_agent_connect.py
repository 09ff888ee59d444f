"""Twilio's Agent Connect, whose typed models are stricter than the SDK's, works on the sandbox."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tac.channels.chat import ChatChannel
from tac.context.base import BaseAPIClient
from tac.context.conversation import ConversationClient
from tac.core.tac import TAC
from tac.models.conversation import (
    ActionChannelSettings,
    ActionParticipantRef,
    ActionTextContent,
    CommunicationContent,
    CommunicationParticipant,
    CommunicationRequest,
    ParticipantAddress,
    ParticipantRequest,
    SendMessageActionPayload,
    SendMessageActionRequest,
)

from ..waiting import until

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ..sandbox_process import Account, SandboxProcess
    from .exchanges import Watch

ADA = ParticipantAddress(channel="SMS", address="+15551230011")
BOT = ParticipantAddress(channel="SMS", address="+15551230012")


class Redirected(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """httpx's own transports, sent to the sandbox: only scheme, host and port of a URL change."""

    def __init__(self, origin: str, watch: Watch) -> None:
        self._origin = httpx.URL(origin)
        self._watch = watch
        self._sync = httpx.HTTPTransport()
        self._async = httpx.AsyncHTTPTransport()

    def _aim(self, request: httpx.Request) -> httpx.Request:
        assert request.url.host.endswith(".twilio.com")
        request.url = request.url.copy_with(
            scheme=self._origin.scheme, host=self._origin.host, port=self._origin.port
        )
        request.headers["Host"] = f"{self._origin.host}:{self._origin.port}"
        return request

    def _see(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        path = request.url.raw_path.decode()
        self._watch.see(request.method, path, response.status_code, response.headers, response.text)
        return response

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._sync.handle_request(self._aim(request))
        response.read()
        return self._see(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._async.handle_async_request(self._aim(request))
        await response.aread()
        return self._see(request, response)

    def close(self) -> None:
        self._sync.close()

    async def aclose(self) -> None:
        await self._async.aclose()


@pytest.fixture
def configuration_id(http: httpx.Client, account: Account) -> str:
    """A bridge on the account's service."""
    accepted = http.post(
        "/v2/ControlPlane/Configurations",
        json={
            "displayName": "agent-connect",
            "description": "Bridged for Agent Connect",
            "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
            "memoryStoreId": account.memory_store_id,
            "channelSettings": {"CHAT": {"statusTimeouts": {"inactive": 15, "closed": 60}}},
            "statusCallbacks": [{"url": "https://example.com/webhook", "method": "POST"}],
            "conversationsV1Bridge": {"serviceId": account.service_sid},
        },
    )
    operation = f"/v2/ControlPlane/Operations/{accepted.headers['Operation-Id']}"
    until(lambda: http.get(operation).json()["status"] == "COMPLETED", what="the bridge")
    return str(accepted.json()["related"]["configurationId"])


@pytest.fixture
def tac(
    sandbox: SandboxProcess,
    account: Account,
    watch: Watch,
    configuration_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> TAC:
    """Agent Connect as it is published; its usage telemetry is off, its transport redirected."""
    monkeypatch.setenv("TAC_ANALYTICS_DISABLED", "true")
    monkeypatch.setattr("tac.core.analytics._disabled", None)

    def client(self: BaseAPIClient) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            auth=(self.api_key, self.api_secret), transport=Redirected(sandbox.url, watch)
        )

    def sync_client(self: BaseAPIClient) -> httpx.Client:
        return httpx.Client(
            auth=(self.api_key, self.api_secret), transport=Redirected(sandbox.url, watch)
        )

    monkeypatch.setattr(BaseAPIClient, "_get_client", client)
    monkeypatch.setattr(BaseAPIClient, "_get_sync_client", sync_client)
    return TAC(
        {
            "account_sid": account.account_sid,
            "auth_token": account.auth_token,
            "api_key": account.api_key,
            "api_secret": account.api_secret,
            "phone_number": account.phone_number,
            "conversation_configuration_id": configuration_id,
        }
    )


def client_of(tac: TAC) -> ConversationClient:
    client = tac.conversation_orchestrator_client
    assert client is not None
    return client


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def customer_writes(http: httpx.Client, account: Account, body: str = "Hello") -> str:
    """A chat customer opens a classic conversation and writes; its sid."""
    service = f"/v1/Services/{account.service_sid}/Conversations"
    sid = http.post(service, data={"FriendlyName": "agent connect"}).json()["sid"]
    http.post(f"{service}/{sid}/Participants", data={"Identity": "ada"})
    written = http.post(f"{service}/{sid}/Messages", data={"Author": "ada", "Body": body})
    assert written.status_code == 201
    return str(sid)


def classic_bodies(http: httpx.Client, account: Account, sid: str) -> list[str]:
    path = f"/v1/Services/{account.service_sid}/Conversations/{sid}/Messages"
    return [message["body"] for message in http.get(path).json()["messages"]]


def twin_of(client: Any, sid: str) -> Any:
    """Find the v2 conversation the way Agent Connect does: by statuses and channelId."""
    found = until(
        lambda: run(client.list_conversations(status=["ACTIVE", "INACTIVE"], channel_id=sid)),
        what="the twin",
    )
    assert len(found) == 1
    until(lambda: run(client.list_communications(found[0].id)), what="its communication")
    return found[0]


def test_it_starts_and_reads_the_configuration(tac: TAC, account: Account) -> None:
    """Agent Connect starts only if its strict model parses the configuration."""
    client = client_of(tac)
    assert client.configuration_id
    configuration = client.get_configuration(client.configuration_id)
    assert configuration.memory_store_id == account.memory_store_id
    assert configuration.channel_settings
    timeouts = configuration.channel_settings["CHAT"].status_timeouts
    assert timeouts
    assert timeouts.closed == 60
    assert configuration.status_callbacks
    assert configuration.status_callbacks[0].method == "POST"


def test_bridged_conversation_parses(tac: TAC, http: httpx.Client, account: Account) -> None:
    """Conversation, participants and communications of a bridged chat fit the strict models."""
    client = client_of(tac)
    sid = customer_writes(http, account)
    conversation = twin_of(client, sid)
    assert conversation.configuration_id == client.configuration_id

    participants = run(client.list_participants(conversation.id))
    communications = run(client.list_communications(conversation.id, channel_id=sid))

    ada = next(p for p in participants if p.addresses[0].address == "ada")
    assert (ada.addresses[0].channel, ada.addresses[0].channel_id) == ("CHAT", sid)
    assert [c.content.text for c in communications] == ["Hello"]
    assert communications[0].author.participant_id == ada.id
    assert communications[0].channel_id == sid


def test_inline_participants_conflict_names_the_conversation(tac: TAC) -> None:
    """POST with addresses of an open conversation is a 409 that names it, so it is used again."""
    client = client_of(tac)
    pair = [
        ParticipantRequest(type="CUSTOMER", addresses=[ADA]),
        ParticipantRequest(type="AI_AGENT", addresses=[BOT]),
    ]
    first, reused_first = run(client.create_or_reuse_conversation(pair))
    again, reused_again = run(client.create_or_reuse_conversation(pair))
    assert (reused_first, reused_again) == (False, True)
    assert again == first

    assert run(client.update_conversation(first, "CLOSED", name="done")).status == "CLOSED"
    third, reused_third = run(client.create_or_reuse_conversation(pair))
    assert (reused_third, third == first) == (False, False)


def test_put_closes_and_patch_silences(tac: TAC, http: httpx.Client) -> None:
    """PATCH with empty callbacks silences a conversation and nothing else; PUT closes it."""
    client = client_of(tac)
    made = run(client.create_conversation(name="hand-off"))
    before = http.get(f"/v2/Conversations/{made.id}").json()
    assert before["configuration"]["statusCallbacks"]

    run(client.clear_status_callbacks(made.id))

    after = http.get(f"/v2/Conversations/{made.id}").json()
    assert after["configuration"]["statusCallbacks"] == []
    assert (after["status"], after["name"]) == ("ACTIVE", "hand-off")
    assert run(client.update_conversation(made.id, "CLOSED", name="hand-off")).status == "CLOSED"


def test_put_makes_an_unknown_participant_the_agent(tac: TAC) -> None:
    """PUT with the current addresses turns UNKNOWN into AI_AGENT and keeps id and addresses."""
    client = client_of(tac)
    made = run(client.create_conversation(name="types"))
    unknown = run(client.add_participant(made.id, addresses=[BOT], participant_type="UNKNOWN"))

    agent = run(client.update_participant(made.id, unknown.id, "AI_AGENT", unknown.addresses))

    assert (agent.id, agent.type) == (unknown.id, "AI_AGENT")
    assert agent.addresses == unknown.addresses
    assert isinstance(agent.name, str)


def test_mapped_address_conflicts_on_adding(tac: TAC) -> None:
    """Adding a participant at an address that the conversation already has is a 409."""
    client = client_of(tac)
    made = run(client.create_conversation(name="twice"))
    there = run(client.add_participant(made.id, addresses=[BOT], participant_type="UNKNOWN"))
    with pytest.raises(httpx.HTTPStatusError) as refused:
        run(client.add_participant(made.id, addresses=[BOT], participant_type="AI_AGENT"))
    assert refused.value.response.status_code == 409
    assert refused.value.response.headers["X-Conflicting-Resource-Id"] in (there.id, made.id)


def test_communication_is_added_by_hand(tac: TAC) -> None:
    """A communication that Agent Connect writes itself reads back the same."""
    client = client_of(tac)
    made = run(client.create_conversation(name="by hand"))
    ada = run(client.add_participant(made.id, [ADA], "CUSTOMER"))
    bot = run(client.add_participant(made.id, [BOT], "AI_AGENT"))
    sent = CommunicationRequest(
        author=CommunicationParticipant(address=ADA.address, channel="SMS", participantId=ada.id),
        recipients=[
            CommunicationParticipant(address=BOT.address, channel="SMS", participantId=bot.id)
        ],
        content=CommunicationContent(type="TEXT", text="By hand"),
        channelId="SM" + "a" * 32,
    )
    written = run(client.create_communication(made.id, sent))
    listed = run(client.list_communications(made.id))
    assert [c.id for c in listed] == [written.id]
    assert listed[0].author == sent.author
    assert listed[0].content == sent.content


def test_send_message_on_chat(tac: TAC, http: httpx.Client, account: Account) -> None:
    """SEND_MESSAGE on CHAT with channelSettings.channelId becomes a classic message."""
    client = client_of(tac)
    sid = customer_writes(http, account)
    conversation = twin_of(client, sid)
    address = ParticipantAddress(channel="CHAT", address="bot", channelId=sid)
    bot = run(client.add_participant(conversation.id, [address], "AI_AGENT"))
    action = run(
        client.create_action(
            conversation.id,
            SendMessageActionRequest(
                payload=SendMessageActionPayload(
                    **{"from": ActionParticipantRef(channel="CHAT", participantId=bot.id)},
                    to=[ActionParticipantRef(channel="CHAT", address="ada")],
                    content=ActionTextContent(text="Hi Ada"),
                    channelSettings=ActionChannelSettings(channelId=sid),
                )
            ),
        )
    )
    assert action.conversation_id == conversation.id
    until(
        lambda: classic_bodies(http, account, sid) == ["Hello", "Hi Ada"],
        what="the classic message",
    )


def test_a_whole_agent_answers_a_bridged_chat(
    tac: TAC, http: httpx.Client, account: Account
) -> None:
    """Given the webhook of a bridged message, Agent Connect joins as AI_AGENT and replies once."""
    client = client_of(tac)
    sid = customer_writes(http, account, "Where is my order?")
    conversation = twin_of(client, sid)
    heard: list[str] = []
    failures: list[Exception] = []

    def answer(text: str, session: Any, memory: Any) -> str:
        heard.append(text)
        return "It left this morning."

    tac.on_message_ready(answer)
    tac.on_error(lambda error, context: failures.append(error))
    channel = ChatChannel(tac)
    data = http.get(f"/v2/Conversations/{conversation.id}/Communications").json()
    event = {"eventType": "COMMUNICATION_CREATED", "data": data["communications"][0]}
    run(channel.process_webhook(event, idempotency_token="one"))

    both = ["Where is my order?", "It left this morning."]
    until(lambda: classic_bodies(http, account, sid) == both, what="the agent's reply")
    assert heard == ["Where is my order?"]
    assert failures == []
    participants = run(client.list_participants(conversation.id))
    assert "AI_AGENT" in {p.type for p in participants if p.addresses[0].address == "ai-assistant"}
    until(
        lambda: [c.content.text for c in run(client.list_communications(conversation.id))] == both,
        what="the reply's communication",
    )
