"""An account in which every path leads somewhere, and an allowed body for every write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .memory_world import (
    BODIES,
    INTELLIGENCE,
    OPERATOR,
    OPERATORS,
    QUERIES,
    furnish_intelligence,
    furnish_memory,
    rule_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from ..sandbox_process import Account, SandboxProcess

CONFIGURATIONS = "/v2/ControlPlane/Configurations"
CONVERSATIONS = "/v2/Conversations"
INSIDE = "/v2/Conversations/{ConversationId}"
SERVICE = "/v1/Services/{ChatServiceSid}"
TALK = "/v1/Services/{ChatServiceSid}/Conversations/{ConversationSid}"
ADDRESSES = "/v1/Configuration/Addresses"
MESSAGING = "/messaging/v1/Services"
NUMBERS = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers"

SMS = {"channel": "SMS", "address": "+15551230042", "channelId": "SM1"}
PARTY = {"channel": "SMS", "address": "+15551230043"}
HOOK = {"Target": "webhook", "Configuration.Url": "https://example.com/hook"}


@dataclass(frozen=True)
class World:
    """One of everything; ``paths`` gives the path of each template of the OpenAPI files."""

    http: httpx.Client
    account: Account
    configuration_id: str
    paths: dict[str, Any]


def furnish(sandbox: SandboxProcess, http: httpx.Client, account: Account) -> World:
    """Make one of everything in an account of a sandbox whose clock stands still."""

    def post(path: str, **body: Any) -> Any:
        answer = http.post(path, **body)
        assert answer.is_success, answer.text
        return answer.json()

    store_id, service = account.memory_store_id, f"/v1/Services/{account.service_sid}"
    configuration = {
        "displayName": "furniture",
        "description": "x",
        "conversationGroupingType": "GROUP_BY_PROFILE",
        "memoryStoreId": store_id,
    }
    accepted = post(CONFIGURATIONS, json=configuration)
    sandbox.advance(2)
    configuration_id = accepted["related"]["configurationId"]
    inside = (
        f"{CONVERSATIONS}/" + post(CONVERSATIONS, json={"configurationId": configuration_id})["id"]
    )
    participant = post(f"{inside}/Participants", json={"addresses": [PARTY]})
    talk = (
        f"{service}/Conversations/"
        + post(f"{service}/Conversations", data={"FriendlyName": "furniture"})["sid"]
    )
    message = post(f"{talk}/Messages", data={"Author": "ada", "Body": "x"})
    member = post(f"{talk}/Participants", data={"Identity": "ada"})
    hook = post(f"{talk}/Webhooks", data=HOOK)
    address = post(ADDRESSES, data={"Type": "sms", "Address": account.phone_number})
    memory = furnish_memory(post, http, store_id)
    intelligence = furnish_intelligence(post, inside.rpartition("/")[2])
    sandbox.advance(2)
    numbers = f"/2010-04-01/Accounts/{account.account_sid}/IncomingPhoneNumbers.json"
    number = http.get(numbers).json()["incoming_phone_numbers"][0]
    desk = f"{MESSAGING}/" + post(MESSAGING, data={"FriendlyName": "furniture"})["sid"]
    paths = {
        MESSAGING: MESSAGING,
        f"{MESSAGING}/{{Sid}}": desk,
        f"{MESSAGING}/{{ServiceSid}}/PhoneNumbers": f"{desk}/PhoneNumbers",
        "number": number["sid"],
        CONFIGURATIONS: CONFIGURATIONS,
        f"{CONFIGURATIONS}/{{id}}": f"{CONFIGURATIONS}/{configuration_id}",
        CONVERSATIONS: CONVERSATIONS,
        f"{CONVERSATIONS}/{{id}}": inside,
        f"{INSIDE}/Participants": f"{inside}/Participants",
        f"{INSIDE}/Participants/{{id}}": f"{inside}/Participants/{participant['id']}",
        f"{INSIDE}/Communications": f"{inside}/Communications",
        f"{INSIDE}/Actions": f"{inside}/Actions",
        "/v1/Services": "/v1/Services",
        "/v1/Configuration": "/v1/Configuration",
        ADDRESSES: ADDRESSES,
        f"{ADDRESSES}/{{Sid}}": f"{ADDRESSES}/{address['sid']}",
        f"{SERVICE}/Configuration": f"{service}/Configuration",
        f"{SERVICE}/Conversations": f"{service}/Conversations",
        f"{SERVICE}/Conversations/{{Sid}}": talk,
        f"{SERVICE}/Configuration/Webhooks": f"{service}/Configuration/Webhooks",
        "/v1/Configuration/Webhooks": "/v1/Configuration/Webhooks",
        f"{SERVICE}/Users": f"{service}/Users",
        f"{SERVICE}/Users/{{Sid}}": f"{service}/Users/ada",
        f"{SERVICE}/Users/{{UserSid}}/Conversations": f"{service}/Users/ada/Conversations",
        f"{SERVICE}/ParticipantConversations": f"{service}/ParticipantConversations",
        "/v1/ParticipantConversations": "/v1/ParticipantConversations",
        f"{TALK}/Webhooks": f"{talk}/Webhooks",
        f"{TALK}/Webhooks/{{Sid}}": f"{talk}/Webhooks/{hook['sid']}",
        f"{TALK}/Messages": f"{talk}/Messages",
        f"{TALK}/Messages/{{Sid}}": f"{talk}/Messages/{message['sid']}",
        f"{TALK}/Participants": f"{talk}/Participants",
        f"{TALK}/Participants/{{Sid}}": f"{talk}/Participants/{member['sid']}",
        **memory,
        **intelligence,
        f"{NUMBERS}.json": numbers,
        f"{NUMBERS}/{{Sid}}.json": numbers.replace(".json", f"/{number['sid']}.json"),
    }
    return World(http, account, configuration_id, paths)


def _configuration(world: World) -> dict[str, Any]:
    channel = {
        "statusTimeouts": {"inactive": 5, "closed": 10},
        "captureRules": [{"from": "*", "to": "+15551230099", "metadata": {"callType": "PSTN"}}],
    }
    return {
        "displayName": "allowed",
        "description": "An allowed body",
        "conversationGroupingType": "GROUP_BY_PROFILE",
        "memoryStoreId": world.account.memory_store_id,
        "channelSettings": {"VOICE": channel},
        "statusCallbacks": [{"url": "https://example.com/hook", "method": "POST"}],
        "intelligenceConfigurationIds": ["intelligence_1"],
        "memoryExtractionEnabled": False,
        "conversationsV1Bridge": {"serviceId": world.account.service_sid},
    }


def _participant(world: World) -> dict[str, Any]:
    return {"name": "Bo", "type": "AGENT", "addresses": [SMS]}


def _conversation(world: World) -> dict[str, Any]:
    return {
        "configurationId": world.configuration_id,
        "name": "allowed",
        "configuration": {"intelligenceConfigurationIds": ["intelligence_1"]},
        "participants": [
            {"name": "Cy", "type": "CUSTOMER", "addresses": [{**SMS, "address": "+15551230050"}]}
        ],
    }


def _communication(world: World) -> dict[str, Any]:
    return {
        "author": PARTY,
        "content": {"type": "TEXT", "text": "Hello"},
        "recipients": [{"channel": "SMS", "address": "+15551230042"}],
        "channelId": "SM1",
        "occurredAt": "2026-01-01T00:00:00Z",
    }


def _intelligence(world: World) -> dict[str, Any]:
    rules = [rule_of(world.paths["operator"])]
    return {"displayName": "allowed", "description": "x", "rules": rules}


def _always(body: dict[str, Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: body


# The members that are worth spoiling are all there.
ALLOWED: dict[str, Callable[[World], dict[str, Any]]] = {
    f"POST {CONFIGURATIONS}": _configuration,
    f"PUT {CONFIGURATIONS}/{{id}}": _configuration,
    f"PATCH {CONFIGURATIONS}/{{id}}": _configuration,
    f"POST {CONVERSATIONS}": _conversation,
    f"PUT {CONVERSATIONS}/{{id}}": _always({"status": "ACTIVE", "name": "renamed"}),
    f"PATCH {CONVERSATIONS}/{{id}}": _always(
        {
            "name": "renamed",
            "status": "ACTIVE",
            "configuration": {
                "statusCallbacks": [{"url": "https://example.com/x", "method": "GET"}]
            },
        }
    ),
    f"POST {INSIDE}/Participants": _participant,
    f"PUT {INSIDE}/Participants/{{id}}": _participant,
    f"POST {INSIDE}/Communications": _communication,
    f"POST {INSIDE}/Actions": _always(
        {
            "type": "SEND_MESSAGE",
            "payload": {"from": PARTY, "to": [PARTY], "content": {"text": "Hello"}},
        }
    ),
    **{name: _always(body) for name, body in BODIES.items()},
    f"POST {INTELLIGENCE}": _intelligence,
    f"PUT {INTELLIGENCE}/{{id}}": _intelligence,
    f"POST {OPERATORS}": _always(OPERATOR),
    f"PUT {OPERATORS}/{{id}}": _always(OPERATOR),
    "POST /v3/RuleExecutions": lambda world: dict(world.paths["execution"]),
    f"POST {MESSAGING}": _always({"FriendlyName": "desk", "InboundMethod": "POST"}),
    f"POST {MESSAGING}/{{Sid}}": _always({"FriendlyName": "desk", "InboundMethod": "GET"}),
    f"POST {MESSAGING}/{{ServiceSid}}/PhoneNumbers": lambda world: {
        "PhoneNumberSid": world.paths["number"]
    },
    "POST /v1/Services": _always({"FriendlyName": "desk"}),
    "POST /v1/Configuration": _always({"DefaultClosedTimer": "PT1H"}),
    f"POST {ADDRESSES}": _always({"Type": "sms", "Address": "+15551230044"}),
    f"POST {ADDRESSES}/{{Sid}}": _always({"FriendlyName": "desk"}),
    f"POST {SERVICE}/Configuration": _always({"ReachabilityEnabled": "true"}),
    "POST /v1/Configuration/Webhooks": _always({"Method": "POST", "Target": "webhook"}),
    f"POST {SERVICE}/Configuration/Webhooks": _always(
        {"Method": "POST", "PostWebhookUrl": "https://example.com/hook"}
    ),
    f"POST {SERVICE}/Users": _always({"Identity": "bo", "RoleSid": "RL" + "a" * 32}),
    f"POST {SERVICE}/Users/{{Sid}}": _always({"FriendlyName": "Ada", "RoleSid": "RL" + "b" * 32}),
    f"POST {TALK}/Webhooks": _always(
        {"Target": "studio", "Configuration.FlowSid": "FW" + "a" * 32}
    ),
    f"POST {TALK}/Webhooks/{{Sid}}": _always(
        {"Configuration.Url": "https://example.com/other", "Configuration.Method": "GET"}
    ),
    f"POST {SERVICE}/Conversations": _always({"FriendlyName": "x", "State": "active"}),
    f"POST {SERVICE}/Conversations/{{Sid}}": _always({"FriendlyName": "y"}),
    f"POST {TALK}/Messages": _always({"Author": "ada", "Body": "Hello"}),
    f"POST {TALK}/Messages/{{Sid}}": _always({"Body": "Hello again"}),
    f"POST {TALK}/Participants": _always({"Identity": "bo"}),
    f"POST {TALK}/Participants/{{Sid}}": _always({"Attributes": "{}"}),
    f"POST {NUMBERS}.json": _always({"PhoneNumber": "+15551230089"}),
    f"POST {NUMBERS}/{{Sid}}.json": _always({"FriendlyName": "desk"}),
}

# Every list with what bounds it; a query must be right but for what is spoiled.
QUERIED: dict[str, dict[str, str]] = {
    f"GET {CONFIGURATIONS}": {},
    f"GET {CONVERSATIONS}": {},
    f"GET {INSIDE}/Participants": {},
    f"GET {INSIDE}/Communications": {},
    "GET /v1/Services": {},
    f"GET {MESSAGING}": {},
    f"GET {MESSAGING}/{{ServiceSid}}/PhoneNumbers": {},
    f"GET {ADDRESSES}": {},
    f"GET {SERVICE}/Conversations": {},
    f"GET {SERVICE}/ParticipantConversations": {"Identity": "ada"},
    "GET /v1/ParticipantConversations": {"Identity": "ada"},
    f"GET {SERVICE}/Users": {},
    f"GET {SERVICE}/Users/{{UserSid}}/Conversations": {},
    f"GET {TALK}/Webhooks": {},
    f"GET {TALK}/Messages": {},
    f"GET {TALK}/Participants": {},
    **QUERIES,
    f"GET {NUMBERS}.json": {},
}
