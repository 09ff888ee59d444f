"""
What operators found: list, fetch, delete; and rules that run because somebody asks for it.

Source: Twilio's OpenAPI of intelligence v3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from ..http.answers import Answer, Refusal, empty, not_found, ok
from ..http.bodies import json_body, query_value
from ..http.pages import token_page
from ..world.intelligence import evaluation as intelligence

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.intelligence.records import OperatorResult

ConversationId = Annotated[str, Meta(pattern=r"^conv_conversation_[0-7][0-9a-z]{25}\Z")]
ConfigurationId = Annotated[str, Meta(pattern=r"^intelligence_configuration_[0-7][0-9a-z]{25}\Z")]
OperatorId = Annotated[str, Meta(pattern=r"^intelligence_operator_[0-7][0-9a-z]{25}\Z")]
RuleId = Annotated[str, Meta(pattern=r"^intelligence_configurationrule_[0-7][0-9a-z]{25}\Z")]


class Execute(Struct, kw_only=True, rename="camel"):
    intelligence_configuration_id: ConfigurationId
    rule_id: RuleId
    conversation_id: ConversationId


def list_all(call: Call) -> Answer:
    """GET /v3/OperatorResults, by conversation, intelligence configuration and operator."""
    conversation = query_value(call, "conversationId", ConversationId)
    configuration = query_value(call, "intelligenceConfigurationId", ConfigurationId)
    operator = query_value(call, "operatorId", OperatorId)
    results = call.account.results

    def wanted(result: OperatorResult) -> bool:
        return configuration in (None, result.intelligence_configuration["id"]) and (
            operator in (None, result.operator["id"])
        )

    return token_page(
        call,
        results,
        "items",
        keep=wanted,
        among=None if conversation is None else results.tagged(("conversation", conversation)),
    )


def fetch(call: Call) -> Answer:
    """GET /v3/OperatorResults/{operatorResultId}."""
    result = call.account.results.get(call.names["operatorResultId"])
    if result is None:
        raise not_found(call.path)
    return ok(result)


def delete(call: Call) -> Answer:
    """DELETE /v3/OperatorResults/{operatorResultId}."""
    if call.account.results.remove(call.names["operatorResultId"]) is None:
        raise not_found(call.path)
    return empty()


def execute(call: Call) -> Answer:
    """POST /v3/RuleExecutions: its results come later; 422 where no store can be derived."""
    request = json_body(call, Execute)
    account = call.account
    configuration = account.intelligence.get(request.intelligence_configuration_id)
    rules = configuration.rules if configuration else []
    rule = next((one for one in rules if one.id == request.rule_id), None)
    conversation = account.conversations.get(request.conversation_id)
    if configuration is None or rule is None or conversation is None:
        raise not_found(call.path)
    if conversation.configuration.memory_store_id not in account.stores:
        raise Refusal(422, 20422, "The conversation's configuration has no memory store")
    intelligence.execute(call.world, account, conversation, configuration, rule, call.now)
    return empty(202)
