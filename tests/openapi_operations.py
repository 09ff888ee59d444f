"""
The operations of Twilio's APIs that the sandbox implements: what its tests ask of it.

Twilio's OpenAPI files declare more than a bridge needs. An operation that is not in this list is
neither demanded of the sandbox nor allowed to succeed there.
"""

from __future__ import annotations

_TALK = "/v1/Services/{ChatServiceSid}/Conversations/{ConversationSid}"
_PROFILE = "/v1/Stores/{storeId}/Profiles/{profileId}"

METHODS_BY_PATH = {
    "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json": "GET POST",
    "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json": "GET POST DELETE",
    "/2010-04-01/Accounts/{Sid}.json": "GET POST",
    "/v1/Alerts": "GET",
    "/v1/Alerts/{Sid}": "GET",
    "/v1/Configuration": "GET POST",
    "/v1/Configuration/Addresses": "GET POST",
    "/v1/Configuration/Addresses/{Sid}": "GET POST DELETE",
    "/v1/Configuration/Webhooks": "GET POST",
    "/v1/ControlPlane/Operations/{operationId}": "GET",
    "/v1/ControlPlane/Stores": "GET POST",
    "/v1/ControlPlane/Stores/{storeId}": "GET PATCH DELETE",
    "/v1/ControlPlane/Stores/{storeId}/IdentityResolutionSettings": "GET PUT",
    "/v1/ControlPlane/Stores/{storeId}/TraitGroups": "GET POST",
    "/v1/ControlPlane/Stores/{storeId}/TraitGroups/{traitGroupName}": "GET PATCH DELETE",
    "/v1/ParticipantConversations": "GET",
    "/v1/Services": "GET POST",
    "/v1/Services/{ChatServiceSid}/Configuration": "GET POST",
    "/v1/Services/{ChatServiceSid}/Configuration/Webhooks": "GET POST",
    "/v1/Services/{ChatServiceSid}/Conversations": "GET POST",
    f"{_TALK}/Messages": "GET POST",
    f"{_TALK}/Messages/{{Sid}}": "GET POST DELETE",
    f"{_TALK}/Participants": "GET POST",
    f"{_TALK}/Participants/{{Sid}}": "GET POST DELETE",
    f"{_TALK}/Webhooks": "GET POST",
    f"{_TALK}/Webhooks/{{Sid}}": "GET POST DELETE",
    "/v1/Services/{ChatServiceSid}/Conversations/{Sid}": "GET POST DELETE",
    "/v1/Services/{ChatServiceSid}/ParticipantConversations": "GET",
    "/v1/Services/{ChatServiceSid}/Users": "GET POST",
    "/v1/Services/{ChatServiceSid}/Users/{Sid}": "GET POST DELETE",
    "/v1/Services/{ChatServiceSid}/Users/{UserSid}/Conversations": "GET",
    "/v1/Services/{ChatServiceSid}/Users/{UserSid}/Conversations/{ConversationSid}": "GET DELETE",
    "/v1/Services/{Sid}": "GET DELETE",
    "/v1/Stores/{storeId}/Profiles": "GET POST",
    "/v1/Stores/{storeId}/Profiles/Lookup": "POST",
    "/v1/Stores/{storeId}/Profiles/Bulk": "PUT",
    _PROFILE: "GET PATCH DELETE",
    f"{_PROFILE}/ConversationSummaries": "GET POST",
    f"{_PROFILE}/ConversationSummaries/{{summaryId}}": "GET PATCH DELETE",
    f"{_PROFILE}/Identifiers": "GET POST",
    f"{_PROFILE}/Identifiers/{{idType}}": "GET PATCH DELETE",
    f"{_PROFILE}/Observations": "GET POST",
    f"{_PROFILE}/Observations/{{observationId}}": "GET PATCH DELETE",
    f"{_PROFILE}/Recall": "POST",
    f"{_PROFILE}/Traits": "GET",
    "/messaging/v1/Services": "GET POST",
    "/messaging/v1/Services/{ServiceSid}/PhoneNumbers": "GET POST",
    "/messaging/v1/Services/{Sid}": "GET POST DELETE",
    "/v2/ControlPlane/Configurations": "GET POST",
    "/v2/ControlPlane/Configurations/{id}": "GET PUT PATCH DELETE",
    "/v2/ControlPlane/Operations/{id}": "GET",
    "/v2/Conversations": "GET POST",
    "/v2/Conversations/{ConversationId}/Actions": "POST",
    "/v2/Conversations/{ConversationId}/Actions/{ActionId}": "GET",
    "/v2/Conversations/{ConversationId}/Communications": "GET POST",
    "/v2/Conversations/{ConversationId}/Communications/{id}": "GET",
    "/v2/Conversations/{ConversationId}/Participants": "GET POST",
    "/v2/Conversations/{ConversationId}/Participants/{id}": "GET PUT",
    "/v2/Conversations/{id}": "GET PUT PATCH DELETE",
    "/v3/ControlPlane/Configurations": "GET POST",
    "/v3/ControlPlane/Configurations/{id}": "GET PUT DELETE",
    "/v3/ControlPlane/Operators": "GET POST",
    "/v3/ControlPlane/Operators/{id}": "GET PUT DELETE",
    "/v3/ControlPlane/Operators/{id}/Versions": "GET",
    "/v3/ControlPlane/Operators/{id}/Versions/{version}": "GET",
    "/v3/Conversations": "GET",
    "/v3/Conversations/{id}": "GET",
    "/v3/OperatorResults": "GET",
    "/v3/OperatorResults/{operatorResultId}": "GET DELETE",
    "/v3/RuleExecutions": "POST",
}

OPERATIONS = {
    f"{method} {path}" for path, methods in METHODS_BY_PATH.items() for method in methods.split()
}

SAME_AS = {
    "GET /v1/ParticipantConversations": (
        "GET /v1/Services/{ChatServiceSid}/ParticipantConversations"
    )
}
"""Operations of the SDK that the files leave out, and those whose description holds for them."""
