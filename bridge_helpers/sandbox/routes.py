"""Which handler answers which method of which path."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from .account import numbers
from .classic import addresses
from .classic import conversations as classic_conversations
from .classic import messages as classic_messages
from .classic import participants as classic_participants
from .classic import services as classic_services
from .http import operations
from .http.answers import Answer
from .http.requests import Call
from .memory import profiles as memory_profiles
from .memory import stores as memory
from .orchestrator import actions, communications, configurations, conversations, participants

Handler: TypeAlias = Callable[[Call], Answer]

_V2 = "/v2/Conversations/{ConversationId}"
_SERVICE = "/v1/Services/{ChatServiceSid}"
_CLASSIC = _SERVICE + "/Conversations/{ConversationSid}"
_STORE = "/v1/ControlPlane/Stores/{storeId}"
_PROFILES = "/v1/Stores/{storeId}/Profiles"
_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"

ORCHESTRATOR: dict[str, dict[str, Handler]] = {
    "/v2/ControlPlane/Configurations": {
        "GET": configurations.list_all,
        "POST": configurations.create,
    },
    "/v2/ControlPlane/Configurations/{id}": {
        "GET": configurations.fetch,
        "PUT": configurations.replace,
        "PATCH": configurations.patch,
        "DELETE": configurations.delete,
    },
    "/v2/ControlPlane/Operations/{id}": {"GET": operations.fetch},
    "/v2/Conversations": {"GET": conversations.list_all, "POST": conversations.create},
    "/v2/Conversations/{id}": {
        "GET": conversations.fetch,
        "PUT": conversations.replace,
        "PATCH": conversations.patch,
        "DELETE": conversations.delete,
    },
    _V2 + "/Participants": {"GET": participants.list_all, "POST": participants.create},
    _V2 + "/Participants/{id}": {"GET": participants.fetch, "PUT": participants.replace},
    _V2 + "/Communications": {"GET": communications.list_all, "POST": communications.create},
    _V2 + "/Communications/{id}": {"GET": communications.fetch},
    _V2 + "/Actions": {"POST": actions.create},
    _V2 + "/Actions/{ActionId}": {"GET": actions.fetch},
}

CLASSIC: dict[str, dict[str, Handler]] = {
    "/v1/Configuration": {
        "GET": classic_services.fetch_account_configuration,
        "POST": classic_services.update_account_configuration,
    },
    "/v1/Configuration/Addresses": {"GET": addresses.list_all, "POST": addresses.create},
    "/v1/Configuration/Addresses/{Sid}": {
        "GET": addresses.fetch,
        "POST": addresses.update,
        "DELETE": addresses.delete,
    },
    "/v1/Services": {"GET": classic_services.list_all, "POST": classic_services.create},
    "/v1/Services/{Sid}": {"GET": classic_services.fetch, "DELETE": classic_services.delete},
    _SERVICE + "/Configuration": {
        "GET": classic_services.fetch_configuration,
        "POST": classic_services.update_configuration,
    },
    _SERVICE + "/Conversations": {
        "GET": classic_conversations.list_all,
        "POST": classic_conversations.create,
    },
    _SERVICE + "/Conversations/{Sid}": {
        "GET": classic_conversations.fetch,
        "POST": classic_conversations.update,
        "DELETE": classic_conversations.delete,
    },
    _SERVICE + "/ParticipantConversations": {"GET": classic_conversations.list_by_participant},
    _CLASSIC + "/Participants": {
        "GET": classic_participants.list_all,
        "POST": classic_participants.create,
    },
    _CLASSIC + "/Participants/{Sid}": {
        "GET": classic_participants.fetch,
        "POST": classic_participants.update,
        "DELETE": classic_participants.delete,
    },
    _CLASSIC + "/Messages": {"GET": classic_messages.list_all, "POST": classic_messages.create},
    _CLASSIC + "/Messages/{Sid}": {
        "GET": classic_messages.fetch,
        "POST": classic_messages.update,
        "DELETE": classic_messages.delete,
    },
}

MEMORY: dict[str, dict[str, Handler]] = {
    "/v1/ControlPlane/Stores": {"GET": memory.list_all, "POST": memory.create},
    _STORE: {"GET": memory.fetch, "PATCH": memory.patch, "DELETE": memory.delete},
    _STORE + "/IdentityResolutionSettings": {
        "GET": memory.fetch_resolution,
        "PUT": memory.replace_resolution,
    },
    "/v1/ControlPlane/Operations/{operationId}": {"GET": operations.fetch_memory},
    _PROFILES: {"GET": memory_profiles.list_all, "POST": memory_profiles.create},
    _PROFILES + "/Lookup": {"POST": memory_profiles.look_up},
    _PROFILES + "/{profileId}": {
        "GET": memory_profiles.fetch,
        "PATCH": memory_profiles.patch,
        "DELETE": memory_profiles.delete,
    },
    _PROFILES + "/{profileId}/Identifiers": {
        "GET": memory_profiles.list_identifiers,
        "POST": memory_profiles.add_identifier,
    },
}

NUMBERS: dict[str, dict[str, Handler]] = {
    _ACCOUNT + "/IncomingPhoneNumbers.json": {"GET": numbers.list_all, "POST": numbers.create},
    _ACCOUNT + "/IncomingPhoneNumbers/{Sid}.json": {
        "GET": numbers.fetch,
        "POST": numbers.update,
        "DELETE": numbers.delete,
    },
    "/2010-04-01/Accounts/{Sid}.json": {
        "GET": numbers.fetch_account,
        "POST": numbers.update_account,
    },
}

ROUTES: dict[str, dict[str, Handler]] = {**ORCHESTRATOR, **CLASSIC, **MEMORY, **NUMBERS}
