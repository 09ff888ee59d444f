"""
The resources of intelligence as they go over the wire.

Source: Twilio's OpenAPI of intelligence v3.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from ..records import Url

TriggerName = Literal["COMMUNICATION", "CONVERSATION_END", "CONVERSATION_INACTIVE"]
OutputFormat = Literal["TEXT", "JSON", "CLASSIFICATION"]
ParameterType = Literal["STRING", "INTEGER", "NUMBER", "BOOLEAN", "KNOWLEDGE_BASE_AND_SOURCE_IDS"]


class RuleOperator(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An operator of a rule; without a version the newest runs."""

    id: str
    version: int | UnsetType = UNSET
    parameters: dict[str, Any] | UnsetType = UNSET


class TriggerParameters(Struct, frozen=True, kw_only=True):
    count: Annotated[int, Meta(ge=1, le=20)] = 1


class Trigger(Struct, frozen=True, kw_only=True, omit_defaults=True):
    on: TriggerName
    parameters: TriggerParameters | UnsetType = UNSET

    @property
    def count(self) -> int:
        """How many communications make it run once."""
        return self.parameters.count if self.parameters else 1


class RuleAction(Struct, frozen=True, kw_only=True):
    type: Literal["WEBHOOK"]
    method: Literal["POST"]
    url: Url


class MemorySwitch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    enabled: bool | UnsetType = UNSET


class KnowledgeBases(Struct, frozen=True, kw_only=True):
    bases: Annotated[list[str], Meta(min_length=1)]


class RuleContext(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a rule's operators are told besides the conversation."""

    memory: MemorySwitch | UnsetType = UNSET
    knowledge: KnowledgeBases | UnsetType = UNSET

    @property
    def uses_memory(self) -> bool:
        return bool(self.memory and self.memory.enabled)


class Rule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which operators run, and when; ``triggers`` may be empty."""

    id: str
    operators: list[RuleOperator]
    triggers: list[Trigger]
    actions: list[RuleAction]
    context: RuleContext | UnsetType = UNSET


class IntelligenceConfiguration(Struct, frozen=True, kw_only=True, rename="camel"):
    account_id: str
    id: str
    display_name: str
    description: str | UnsetType = UNSET
    version: int
    rules: list[Rule]
    date_created: str
    date_updated: str


class OperatorParameter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    type: ParameterType
    default: Any = UNSET
    required: bool | UnsetType = UNSET
    description: str | UnsetType = UNSET


class TrainingExample(Struct, frozen=True, kw_only=True):
    input: str
    output: str


class OperatorContext(Struct, frozen=True, kw_only=True, omit_defaults=True):
    memory: MemorySwitch | UnsetType = UNSET
    knowledge: MemorySwitch | UnsetType = UNSET


class Operator(Struct, frozen=True, kw_only=True, rename="camel"):
    """One version of an operator."""

    id: str
    display_name: str
    description: str | UnsetType = UNSET
    version: int
    author: Literal["SELF", "TWILIO"]
    prompt: str
    output_format: OutputFormat
    output_schema: dict[str, Any] | UnsetType = UNSET
    training_examples: list[TrainingExample] | UnsetType = UNSET
    context: OperatorContext | UnsetType = UNSET
    parameters: dict[str, OperatorParameter] | UnsetType = UNSET


class OperatorState(Struct, kw_only=True):
    """An operator with all its versions, the newest last, and when each was made."""

    versions: list[Operator]
    created: list[str]

    @property
    def newest(self) -> Operator:
        return self.versions[-1]


class OperatorResult(Struct, frozen=True, kw_only=True, rename="camel"):
    """What an operator found; the members below ``result`` depend on ``outputFormat``."""

    output_format: str
    id: str
    account_id: str
    intelligence_configuration: dict[str, Any]
    conversation_id: str
    operator: dict[str, Any]
    date_created: str
    reference_ids: list[str]
    execution_details: dict[str, Any]
    metadata: dict[str, Any]
    result: dict[str, Any]
