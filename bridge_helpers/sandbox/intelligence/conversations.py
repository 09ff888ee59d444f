"""
Conversations as intelligence has them: list and fetch.

Source: Twilio's OpenAPI of intelligence v3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.answers import Answer, bad_request, not_found, ok
from ..http.bodies import moment, query_values
from ..http.pages import choice, token_page
from ..world.clock import DAY
from ..world.records import STATUSES
from .results import ConfigurationId, OperatorId

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.state import ConversationState

_CHANNELS = ("VOICE", "SMS", "RCS", "EMAIL", "WHATSAPP", "CHAT", "API", "SYSTEM")
_LONGEST = 31 * DAY


def list_all(call: Call) -> Answer:
    """GET /v3/Conversations: those with an intelligence configuration, without communications."""
    statuses = set(choice(call, "status", STATUSES))
    channels = set(choice(call, "channels", _CHANNELS))
    after, before = moment(call, "createdAtAfter"), moment(call, "createdAtBefore")
    if after is not None and before is not None and before - after > _LONGEST:
        raise bad_request("createdAtBefore: must be at most 31 days after createdAtAfter")
    channel_id = call.query.get("channelId")
    configuration = call.query.get("conversationConfigurationId")
    ids = set(query_values(call, "intelligenceConfigurationIds", ConfigurationId))
    operators = set(query_values(call, "operatorIds", OperatorId))

    def wanted(one: ConversationState) -> bool:
        ran = {result.operator["id"] for result in _results(call, one)} if operators else set()
        return (
            (after is None or one.created > after)
            and (before is None or one.created < before)
            and configuration in (None, one.record.configuration_id)
            and (channel_id is None or channel_id in _channel_ids(one))
            and (not channels or not channels.isdisjoint(_channels(one)))
            and (not ids or not ids.isdisjoint(one.configuration.intelligence_configuration_ids))
            and (not operators or not operators.isdisjoint(ran))
        )

    conversations = call.account.conversations
    return token_page(
        call,
        conversations,
        "items",
        view=lambda one: _view(call, one),
        keep=wanted,
        groups=statuses or None,
        among=conversations.tagged(("intelligence", "")),
    )


def fetch(call: Call) -> Answer:
    """GET /v3/Conversations/{id}, with its communications."""
    conversation = call.account.conversations.get(call.names["id"])
    if conversation is None or not conversation.configuration.intelligence_configuration_ids:
        raise not_found(call.path)
    communications = [
        {
            "id": one.id,
            "participantId": one.author.participant_id,
            "content": {"text": str(one.content.get("text") or "")},
            "createdAt": one.created_at,
        }
        for one in conversation.communications
    ]
    return ok({**_view(call, conversation), "communications": communications})


def _view(call: Call, conversation: ConversationState) -> dict[str, Any]:
    record = conversation.record
    return {
        "id": record.id,
        "accountId": record.account_id,
        "name": record.name,
        "status": record.status,
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
        "intelligenceConfigurationIds": [
            one
            for one in conversation.configuration.intelligence_configuration_ids
            if one in call.account.intelligence
        ],
        "conversationConfigurationId": record.configuration_id,
        "channels": _channels(conversation),
        "channelIds": _channel_ids(conversation),
        "participants": [
            {
                "id": one.id,
                "name": one.name,
                "type": one.type,
                "addressValues": [address.address for address in one.addresses],
            }
            for one in record.participants
        ],
        "operatorResultIds": [result.id for result in _results(call, conversation)],
    }


def _channels(conversation: ConversationState) -> list[str]:
    people = conversation.record.participants
    return sorted({address.channel for one in people for address in one.addresses})


def _channel_ids(conversation: ConversationState) -> list[str]:
    people = conversation.record.participants
    return sorted({a.channel_id for one in people for a in one.addresses if a.channel_id})


def _results(call: Call, conversation: ConversationState) -> list[Any]:
    results = call.account.results
    tagged = results.tagged(("conversation", conversation.record.id))
    return [one for one in map(results.at, tagged) if one is not None]
