"""Which handler answers which method of which path."""

from __future__ import annotations

from .account import accounts, numbers
from .classic import addresses, configuration, memberships, users, webhooks
from .classic import conversations as classic_conversations
from .classic import messages as classic_messages
from .classic import participants as classic_participants
from .classic import services as classic_services
from .http.endpoint import Handler
from .intelligence import configurations as rules
from .intelligence import conversations as analysed
from .intelligence import operators, results
from .memory import identifiers, observations, recall, stores, summaries, trait_groups, traits
from .memory import operations as memory_operations
from .memory import profiles as memory_profiles
from .messaging import numbers as messaging_numbers
from .messaging import services as messaging_services
from .monitor import alerts
from .orchestrator import (
    actions,
    communications,
    configurations,
    conversations,
    operations,
    participants,
)

_V2 = "/v2/Conversations/{ConversationId}"
_SERVICE = "/v1/Services/{ChatServiceSid}"
_CLASSIC = _SERVICE + "/Conversations/{ConversationSid}"
_STORE = "/v1/ControlPlane/Stores/{storeId}"
_PROFILES = "/v1/Stores/{storeId}/Profiles"
_PROFILE = _PROFILES + "/{profileId}"
_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
#: Messaging has a host of its own on Twilio; here it has a prefix, as its paths are classic's too.
_MESSAGING = "/messaging/v1/Services"

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
        "GET": configuration.fetch_account_configuration,
        "POST": configuration.update_account_configuration,
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
        "GET": configuration.fetch_configuration,
        "POST": configuration.update_configuration,
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
    "/v1/Configuration/Webhooks": {
        "GET": webhooks.fetch_of_account,
        "POST": webhooks.update_of_account,
    },
    _SERVICE + "/Configuration/Webhooks": {
        "GET": webhooks.fetch_of_service,
        "POST": webhooks.update_of_service,
    },
    "/v1/ParticipantConversations": {"GET": memberships.list_by_participant},
    _SERVICE + "/ParticipantConversations": {"GET": memberships.list_by_participant},
    _SERVICE + "/Users": {"GET": users.list_all, "POST": users.create},
    _SERVICE + "/Users/{Sid}": {
        "GET": users.fetch,
        "POST": users.update,
        "DELETE": users.delete,
    },
    _SERVICE + "/Users/{UserSid}/Conversations": {"GET": memberships.list_of_user},
    _SERVICE + "/Users/{UserSid}/Conversations/{ConversationSid}": {
        "GET": memberships.fetch,
        "DELETE": memberships.leave,
    },
    _CLASSIC + "/Webhooks": {"GET": webhooks.list_all, "POST": webhooks.create},
    _CLASSIC + "/Webhooks/{Sid}": {
        "GET": webhooks.fetch,
        "POST": webhooks.update,
        "DELETE": webhooks.delete,
    },
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
    "/v1/ControlPlane/Stores": {"GET": stores.list_all, "POST": stores.create},
    _STORE: {"GET": stores.fetch, "PATCH": stores.patch, "DELETE": stores.delete},
    _STORE + "/IdentityResolutionSettings": {
        "GET": stores.fetch_resolution,
        "PUT": stores.replace_resolution,
    },
    "/v1/ControlPlane/Operations/{operationId}": {"GET": memory_operations.fetch},
    _PROFILES: {"GET": memory_profiles.list_all, "POST": memory_profiles.create},
    _PROFILES + "/Lookup": {"POST": memory_profiles.look_up},
    _PROFILES + "/Bulk": {"PUT": memory_profiles.put_many},
    _PROFILE: {
        "GET": memory_profiles.fetch,
        "PATCH": memory_profiles.patch,
        "DELETE": memory_profiles.delete,
    },
    _STORE + "/TraitGroups": {"GET": trait_groups.list_all, "POST": trait_groups.create},
    _STORE + "/TraitGroups/{traitGroupName}": {
        "GET": trait_groups.fetch,
        "PATCH": trait_groups.patch,
        "DELETE": trait_groups.delete,
    },
    _PROFILE + "/Identifiers": {"GET": identifiers.list_all, "POST": identifiers.create},
    _PROFILE + "/Identifiers/{idType}": {
        "GET": identifiers.fetch,
        "PATCH": identifiers.replace,
        "DELETE": identifiers.delete,
    },
    _PROFILE + "/Traits": {"GET": traits.list_all},
    _PROFILE + "/Observations": {"GET": observations.list_all, "POST": observations.create},
    _PROFILE + "/Observations/{observationId}": {
        "GET": observations.fetch,
        "PATCH": observations.patch,
        "DELETE": observations.delete,
    },
    _PROFILE + "/ConversationSummaries": {"GET": summaries.list_all, "POST": summaries.create},
    _PROFILE + "/ConversationSummaries/{summaryId}": {
        "GET": summaries.fetch,
        "PATCH": summaries.patch,
        "DELETE": summaries.delete,
    },
    _PROFILE + "/Recall": {"POST": recall.recall},
}

_INTELLIGENCE = "/v3/ControlPlane/Configurations"
_OPERATOR = "/v3/ControlPlane/Operators/{id}"

INTELLIGENCE: dict[str, dict[str, Handler]] = {
    _INTELLIGENCE: {"GET": rules.list_all, "POST": rules.create},
    _INTELLIGENCE + "/{id}": {
        "GET": rules.fetch,
        "PUT": rules.replace,
        "DELETE": rules.delete,
    },
    "/v3/ControlPlane/Operators": {"GET": operators.list_all, "POST": operators.create},
    _OPERATOR: {"GET": operators.fetch, "PUT": operators.replace, "DELETE": operators.delete},
    _OPERATOR + "/Versions": {"GET": operators.list_versions},
    _OPERATOR + "/Versions/{version}": {"GET": operators.fetch_version},
    "/v3/OperatorResults": {"GET": results.list_all},
    "/v3/OperatorResults/{operatorResultId}": {"GET": results.fetch, "DELETE": results.delete},
    "/v3/Conversations": {"GET": analysed.list_all},
    "/v3/Conversations/{id}": {"GET": analysed.fetch},
    "/v3/RuleExecutions": {"POST": results.execute},
}

MONITOR: dict[str, dict[str, Handler]] = {
    "/v1/Alerts": {"GET": alerts.list_all},
    "/v1/Alerts/{Sid}": {"GET": alerts.fetch},
}

NUMBERS: dict[str, dict[str, Handler]] = {
    _ACCOUNT + "/IncomingPhoneNumbers.json": {"GET": numbers.list_all, "POST": numbers.create},
    _ACCOUNT + "/IncomingPhoneNumbers/{Sid}.json": {
        "GET": numbers.fetch,
        "POST": numbers.update,
        "DELETE": numbers.delete,
    },
    "/2010-04-01/Accounts/{Sid}.json": {
        "GET": accounts.fetch,
        "POST": accounts.update,
    },
}

MESSAGING: dict[str, dict[str, Handler]] = {
    _MESSAGING: {"GET": messaging_services.list_all, "POST": messaging_services.create},
    _MESSAGING + "/{Sid}": {
        "GET": messaging_services.fetch,
        "POST": messaging_services.update,
        "DELETE": messaging_services.delete,
    },
    _MESSAGING + "/{ServiceSid}/PhoneNumbers": {
        "GET": messaging_numbers.list_all,
        "POST": messaging_numbers.create,
    },
}

ROUTES: dict[str, dict[str, Handler]] = {
    **ORCHESTRATOR,
    **CLASSIC,
    **MEMORY,
    **INTELLIGENCE,
    **MONITOR,
    **NUMBERS,
    **MESSAGING,
}
