"""
What intelligence does with a conversation: rules run on their triggers, operators give results.

Which intelligence configurations a conversation has is pinned at its birth; what these say is
what they say when they run. What an operator finds is the sandbox's own choice (the assumption
"operator-results"). Source: Twilio's OpenAPI of intelligence v3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from ..clock import rfc3339
from ..memory.stages import later
from .records import Operator, OperatorResult, OperatorState

if TYPE_CHECKING:
    from ..records import Communication, Participant
    from ..state import Account, ConversationState, World
    from .records import IntelligenceConfiguration, OutputFormat, Rule, RuleOperator, TriggerName

#: Twilio's own operators in every account: name, format, prompt.
_OF_TWILIO: tuple[tuple[str, OutputFormat, str], ...] = (
    ("Sentiment", "CLASSIFICATION", "Is the customer positive, neutral or negative?"),
    ("Conversation Summary", "TEXT", "Sum the conversation up."),
)
_GLAD = re.compile(r"\b(thank|thanks|great|love|like|perfect|happy|good)\b", re.I)
_CROSS = re.compile(r"\b(bad|angry|broken|twice|hate|wrong|problem|unhappy|complain)\b", re.I)
_EMPTY: dict[str, Any] = {
    "string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {},
}  # fmt: skip


def furnish(account: Account, at: float) -> None:
    """Give a new account the operators that Twilio maintains."""
    for name, output_format, prompt in _OF_TWILIO:
        operator = Operator(
            id=account.ids.typed("intelligence_operator"),
            display_name=name,
            version=1,
            author="TWILIO",
            prompt=prompt,
            output_format=output_format,
        )
        state = OperatorState(versions=[operator], created=[rfc3339(at)])
        account.operators.put(operator.id, state)


def communicated(
    world: World, account: Account, conversation: ConversationState, at: float
) -> None:
    """A communication has come: the rules that wait for it run, each so-manieth time."""
    _trigger(world, account, conversation, "COMMUNICATION", at)


def status_changed(
    world: World, account: Account, conversation: ConversationState, at: float
) -> None:
    """A conversation has another status: the rules that wait for it run."""
    if conversation.record.status == "INACTIVE":
        _trigger(world, account, conversation, "CONVERSATION_INACTIVE", at)
    elif conversation.record.status == "CLOSED":
        _trigger(world, account, conversation, "CONVERSATION_END", at)


def execute(
    world: World,
    account: Account,
    conversation: ConversationState,
    configuration: IntelligenceConfiguration,
    rule: Rule,
    at: float,
) -> None:
    """Run a rule because somebody asked for it."""
    on: TriggerName = rule.triggers[0].on if rule.triggers else "COMMUNICATION"
    _run(world, account, conversation, configuration, rule, on, at)


def _trigger(
    world: World, account: Account, conversation: ConversationState, on: TriggerName, at: float
) -> None:
    for configuration_id in conversation.configuration.intelligence_configuration_ids:
        configuration = account.intelligence.get(configuration_id)
        for rule in configuration.rules if configuration else []:
            for trigger in rule.triggers:
                turn = on != "COMMUNICATION" or (
                    len(conversation.communications) % trigger.count == 0
                )
                if configuration and trigger.on == on and turn:
                    _run(world, account, conversation, configuration, rule, on, at)


def _run(
    world: World,
    account: Account,
    conversation: ConversationState,
    configuration: IntelligenceConfiguration,
    rule: Rule,
    on: TriggerName,
    at: float,
) -> None:
    """Let every operator of a rule give its result a while later, on what was said until now."""
    said = list(conversation.communications)

    def finish(then: float) -> None:
        for asked in rule.operators:
            operator = _version(account, asked)
            if operator is None:
                continue
            made = _result(account, conversation, operator, said)
            result = OperatorResult(
                output_format=operator.output_format,
                id=account.ids.typed("intelligence_operatorresult"),
                account_id=account.sid,
                intelligence_configuration={
                    "id": configuration.id,
                    "ruleId": rule.id,
                    "version": configuration.version,
                },
                conversation_id=conversation.record.id,
                operator={
                    "id": operator.id,
                    "version": operator.version,
                    "parameters": asked.parameters or {},
                },
                date_created=rfc3339(then),
                reference_ids=[conversation.record.id],
                execution_details=_details(conversation, operator, rule, on, at, said),
                metadata={"system": _cost(said, made)},
                result=made,
            )
            position = account.results.put(result.id, result)
            account.results.tag(("conversation", conversation.record.id), position)

    if said:
        later(world, account, conversation, at, "results", finish)


def _version(account: Account, asked: RuleOperator) -> Operator | None:
    state = account.operators.get(asked.id)
    if state is None or asked.version is UNSET:
        return state.newest if state else None
    return next((one for one in state.versions if one.version == asked.version), None)


def _result(
    account: Account,
    conversation: ConversationState,
    operator: Operator,
    said: list[Communication],
) -> dict[str, Any]:
    text = " ".join(map(_text, said))
    if operator.output_format == "CLASSIFICATION":
        glad, cross = len(_GLAD.findall(text)), len(_CROSS.findall(text))
        label = "neutral" if glad == cross else "positive" if glad > cross else "negative"
        return {"label": label}
    if operator.output_format == "TEXT":
        return {"text": f'{len(said)} messages, the last one: "{_text(said[-1])[:500]}"'}
    properties = (operator.output_schema or {}).get("properties", {})
    kinds = {
        name: schema.get("type") for name, schema in properties.items() if isinstance(schema, dict)
    }
    return {name: _EMPTY.get(str(kind)) for name, kind in kinds.items()} or {"messages": len(said)}


def _details(
    conversation: ConversationState,
    operator: Operator,
    rule: Rule,
    on: TriggerName,
    at: float,
    said: list[Communication],
) -> dict[str, Any]:
    people = conversation.record.participants
    details: dict[str, Any] = {
        "trigger": {"on": on, "timestamp": rfc3339(at)},
        "communications": {"first": said[0].id, "last": said[-1].id},
        "channels": sorted({one.author.channel for one in said}),
        "participants": [_participant(one) for one in people],
    }
    known = next((one.profile_id for one in people if one.profile_id is not UNSET), None)
    context = operator.context or None
    reads = context is not None and bool(context.memory and context.memory.enabled)
    if known and reads and rule.context and rule.context.uses_memory:
        store_id = conversation.configuration.memory_store_id
        details["resolvedContext"] = {
            "memory": {"profileId": known, "memoryStoreId": store_id},
            "knowledge": None,
        }
    return details


def _participant(participant: Participant) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": participant.id, "type": participant.type}
    known = participant.profile_id is not UNSET
    return {**shown, "profileId": participant.profile_id} if known else shown


def _cost(said: list[Communication], made: dict[str, Any]) -> dict[str, Any]:
    characters = sum(len(_text(one)) for one in said)
    return {
        "resolvedModel": "sandbox",
        "latencyMs": 120 + characters % 400,
        "inputCharacters": characters,
        "outputCharacters": sum(len(str(value)) for value in made.values()),
        "inputTruncated": False,
    }


def _text(communication: Communication) -> str:
    return str(communication.content.get("text") or "")
