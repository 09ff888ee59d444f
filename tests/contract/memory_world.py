"""One of everything in memory and intelligence, and an allowed body for every write there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

STORE = "/v1/ControlPlane/Stores/{storeId}"
PROFILES = "/v1/Stores/{storeId}/Profiles"
PROFILE = f"{PROFILES}/{{profileId}}"
TRAITS = {"traits": {"Contact": {"phone": "+15551230060"}}}
CONVERSATION = "conv_conversation_" + "0" * 26
AT = "2026-01-01T00:00:00Z"

OBSERVATION = {
    "content": "Likes the blue one",
    "occurredAt": AT,
    "source": "contract",
    "conversationIds": [CONVERSATION],
}
SUMMARY = {
    "content": "Asked for the blue one",
    "occurredAt": AT,
    "source": "contract",
    "conversationId": CONVERSATION,
}
TRAIT = {
    "dataType": "STRING",
    "description": "What they call the customer",
    "validationRule": {"ruleType": "STRING", "pattern": "a+", "minLength": 1, "maxLength": 9},
    "idTypePromotion": "chat",
}


INTELLIGENCE = "/v3/ControlPlane/Configurations"
OPERATORS = "/v3/ControlPlane/Operators"
OPERATOR: dict[str, Any] = {
    "displayName": "Mood",
    "description": "How the customer feels",
    "prompt": "How does the customer feel?",
    "outputFormat": "JSON",
    "outputSchema": {"type": "object", "properties": {"mood": {"type": "string"}}},
    "trainingExamples": [{"input": "Thanks", "output": "glad"}],
    "context": {"memory": {"enabled": True}, "knowledge": {"enabled": False}},
    "parameters": {"tone": {"type": "STRING", "default": "x", "required": False}},
}


def rule_of(operator_id: str, on: str = "COMMUNICATION", **more: Any) -> dict[str, Any]:
    """A rule with one operator and every member."""
    return {
        "operators": [{"id": operator_id, "version": 1, "parameters": {"tone": "x"}}],
        "triggers": [{"on": on, "parameters": {"count": 1}}],
        "actions": [{"type": "WEBHOOK", "method": "POST", "url": "https://example.com/x"}],
        "context": {"memory": {"enabled": True}, "knowledge": {"bases": ["x"]}},
        **more,
    }


def furnish_intelligence(post: Callable[..., Any], conversation_id: str) -> dict[str, Any]:
    """One of everything in intelligence; paths by template, and the body of an execution."""
    operator = post(OPERATORS, json=OPERATOR)["id"]
    body = {"displayName": "furniture", "rules": [rule_of(operator)]}
    made = post(INTELLIGENCE, json=body)
    return {
        INTELLIGENCE: INTELLIGENCE,
        f"{INTELLIGENCE}/{{id}}": f"{INTELLIGENCE}/{made['id']}",
        OPERATORS: OPERATORS,
        f"{OPERATORS}/{{id}}": f"{OPERATORS}/{operator}",
        f"{OPERATORS}/{{id}}/Versions": f"{OPERATORS}/{operator}/Versions",
        "/v3/OperatorResults": "/v3/OperatorResults",
        "/v3/Conversations": "/v3/Conversations",
        "/v3/RuleExecutions": "/v3/RuleExecutions",
        "operator": operator,
        "execution": {
            "intelligenceConfigurationId": made["id"],
            "ruleId": made["rules"][0]["id"],
            "conversationId": conversation_id,
        },
    }


def furnish_memory(post: Callable[..., Any], http: httpx.Client, store_id: str) -> dict[str, str]:
    """Make one of everything in a store; returns the path of each template."""
    store, profiles = f"/v1/ControlPlane/Stores/{store_id}", f"/v1/Stores/{store_id}/Profiles"
    profile = f"{profiles}/{post(profiles, json=TRAITS)['id']}"
    post(f"{profile}/Observations", json={"observations": [OBSERVATION]})
    post(f"{profile}/ConversationSummaries", json={"summaries": [SUMMARY]})
    observation = http.get(f"{profile}/Observations").json()["observations"][0]["id"]
    summary = http.get(f"{profile}/ConversationSummaries").json()["summaries"][0]["id"]
    return {
        "/v1/Alerts": "/v1/Alerts",
        "/v1/ControlPlane/Stores": "/v1/ControlPlane/Stores",
        STORE: store,
        f"{STORE}/IdentityResolutionSettings": f"{store}/IdentityResolutionSettings",
        f"{STORE}/TraitGroups": f"{store}/TraitGroups",
        f"{STORE}/TraitGroups/{{traitGroupName}}": f"{store}/TraitGroups/Contact",
        PROFILES: profiles,
        f"{PROFILES}/Lookup": f"{profiles}/Lookup",
        f"{PROFILES}/Bulk": f"{profiles}/Bulk",
        PROFILE: profile,
        f"{PROFILE}/Identifiers": f"{profile}/Identifiers",
        f"{PROFILE}/Identifiers/{{idType}}": f"{profile}/Identifiers/phone",
        f"{PROFILE}/Traits": f"{profile}/Traits",
        f"{PROFILE}/Recall": f"{profile}/Recall",
        f"{PROFILE}/Observations": f"{profile}/Observations",
        f"{PROFILE}/Observations/{{observationId}}": f"{profile}/Observations/{observation}",
        f"{PROFILE}/ConversationSummaries": f"{profile}/ConversationSummaries",
        f"{PROFILE}/ConversationSummaries/{{summaryId}}": (
            f"{profile}/ConversationSummaries/{summary}"
        ),
    }


BODIES: dict[str, dict[str, Any]] = {
    "POST /v1/ControlPlane/Stores": {"displayName": "allowed", "description": "x"},
    f"PATCH {STORE}": {"displayName": "renamed", "description": "Renamed"},
    f"PUT {STORE}/IdentityResolutionSettings": {
        "identifierConfigs": [
            {
                "idType": "chat",
                "matchingAlgo": "exact",
                "matchingThreshold": 75,
                "limit": 5,
                "limitPolicy": "fifo",
                "enforceUnique": True,
                "normalization": "trim",
            }
        ],
        "matchingRules": ["chat"],
    },
    f"POST {STORE}/TraitGroups": {
        "displayName": "Chat",
        "description": "x",
        "traits": {"identity": TRAIT},
    },
    f"PATCH {STORE}/TraitGroups/{{traitGroupName}}": {
        "description": "x",
        "traits": {"identity": TRAIT},
    },
    f"POST {PROFILES}": {"traits": {"Contact": {"phone": "+15551230077"}}},
    f"PUT {PROFILES}/Bulk": {"profiles": [{"traits": {"Contact": {"phone": "+15551230077"}}}]},
    f"PATCH {PROFILE}": {"traits": {"Contact": {"firstName": "Ada"}}},
    f"POST {PROFILES}/Lookup": {"idType": "phone", "value": "+15551230060"},
    f"POST {PROFILE}/Identifiers": {"idType": "email", "value": "ada@example.com"},
    f"PATCH {PROFILE}/Identifiers/{{idType}}": {
        "idType": "phone",
        "oldValue": "+15551230060",
        "newValue": "+15551230061",
    },
    f"POST {PROFILE}/Observations": {"observations": [OBSERVATION]},
    f"PATCH {PROFILE}/Observations/{{observationId}}": OBSERVATION,
    f"POST {PROFILE}/ConversationSummaries": {"summaries": [SUMMARY]},
    f"PATCH {PROFILE}/ConversationSummaries/{{summaryId}}": SUMMARY,
    f"POST {PROFILE}/Recall": {
        "query": "blue",
        "beginDate": AT,
        "endDate": AT,
        "communicationsLimit": 1,
        "observationsLimit": 1,
        "summariesLimit": 1,
        "relevanceThreshold": 0.5,
    },
}

QUERIES: dict[str, dict[str, str]] = {
    "GET /v1/ControlPlane/Stores": {},
    f"GET {STORE}/TraitGroups": {},
    f"GET {STORE}/TraitGroups/{{traitGroupName}}": {},
    f"GET {PROFILES}": {},
    f"GET {PROFILE}/Traits": {},
    f"GET {PROFILE}/Observations": {},
    f"GET {PROFILE}/ConversationSummaries": {},
    f"GET {INTELLIGENCE}": {},
    f"GET {OPERATORS}": {},
    f"GET {OPERATORS}/{{id}}/Versions": {},
    "GET /v3/OperatorResults": {},
    "GET /v3/Conversations": {},
    "GET /v1/Alerts": {},
}
