"""Conversation Intelligence. Source: Twilio's OpenAPI for intelligence v3."""

from __future__ import annotations

from typing import Any

from .conversations import Content
from .records import Record


class Trigger(Record, frozen=True, kw_only=True):
    """When a rule runs: COMMUNICATION, CONVERSATION_END or CONVERSATION_INACTIVE."""

    on: str = ""
    parameters: dict[str, Any] | None = None


class RuleOperator(Record, frozen=True, kw_only=True):
    """An operator of a rule; without a version the newest one runs."""

    id: str = ""
    version: int | None = None
    parameters: dict[str, Any] | None = None


class RuleAction(Record, frozen=True, kw_only=True):
    """Who is told the results: a WEBHOOK with its address."""

    type: str = ""
    method: str | None = None
    url: str | None = None


class IntelligenceRule(Record, frozen=True, kw_only=True):
    """Which operators run, when, and who is told."""

    id: str = ""
    operators: tuple[RuleOperator, ...] | None = None
    triggers: tuple[Trigger, ...] | None = None
    actions: tuple[RuleAction, ...] | None = None
    context: dict[str, Any] | None = None


class IntelligenceConfiguration(Record, frozen=True, kw_only=True):
    """Rules for conversations; one without rules does nothing."""

    id: str
    account_id: str | None = None
    display_name: str | None = None
    description: str | None = None
    version: int | None = None
    rules: tuple[IntelligenceRule, ...] | None = None
    date_created: str | None = None
    date_updated: str | None = None


class Operator(Record, frozen=True, kw_only=True):
    """
    What is asked of a conversation's text.

    Attributes:
        author: SELF or TWILIO.
        output_format: TEXT, JSON or CLASSIFICATION.
    """

    id: str = ""
    display_name: str | None = None
    description: str | None = None
    version: int | None = None
    author: str | None = None
    output_format: str | None = None


class ConfigurationReference(Record, frozen=True, kw_only=True):
    id: str = ""
    rule_id: str | None = None
    version: int | None = None


class OperatorReference(Record, frozen=True, kw_only=True):
    id: str = ""
    version: int | None = None
    parameters: dict[str, Any] | None = None


class Triggered(Record, frozen=True, kw_only=True):
    """What made a rule run, and when."""

    on: str | None = None
    timestamp: str | None = None


class AnalysedParticipant(Record, frozen=True, kw_only=True):
    id: str = ""
    profile_id: str | None = None
    type: str | None = None


class UsedMemory(Record, frozen=True, kw_only=True):
    profile_id: str = ""
    memory_store_id: str | None = None


class ResolvedContext(Record, frozen=True, kw_only=True):
    """What an operator knew besides the conversation."""

    memory: UsedMemory | None = None
    knowledge: Any = None


class ExecutionDetails(Record, frozen=True, kw_only=True):
    trigger: Triggered | None = None
    channels: tuple[str, ...] | None = None
    participants: tuple[AnalysedParticipant, ...] | None = None
    resolved_context: ResolvedContext | None = None


class SystemMetadata(Record, frozen=True, kw_only=True):
    """What a result cost; characters are what is billed."""

    resolved_model: str | None = None
    latency_ms: float | None = None
    input_characters: int | None = None
    output_characters: int | None = None
    input_truncated: bool | None = None


class ResultMetadata(Record, frozen=True, kw_only=True):
    system: SystemMetadata | None = None


class OperatorResult(Record, frozen=True, kw_only=True):
    """What an operator found; what `result` holds depends on `output_format` and the operator."""

    id: str
    account_id: str | None = None
    output_format: str | None = None
    intelligence_configuration: ConfigurationReference | None = None
    conversation_id: str | None = None
    operator: OperatorReference | None = None
    result: Any = None
    reference_ids: tuple[str, ...] | None = None
    execution_details: ExecutionDetails | None = None
    metadata: ResultMetadata | None = None
    date_created: str | None = None

    @property
    def trigger(self) -> str:
        """What made the rule run; empty when it was not told."""
        details = self.execution_details
        return (details.trigger.on if details and details.trigger else None) or ""

    @property
    def latency(self) -> float | None:
        """Seconds that the operator took, or None."""
        system = self.metadata.system if self.metadata else None
        known = system.latency_ms if system else None
        return None if known is None else known / 1000


class IntelligenceParticipant(Record, frozen=True, kw_only=True):
    id: str = ""
    name: str | None = None
    type: str | None = None
    address_values: tuple[str, ...] | None = None


class IntelligenceCommunication(Record, frozen=True, kw_only=True):
    id: str = ""
    participant_id: str | None = None
    content: Content | None = None
    created_at: str | None = None


class IntelligenceConversation(Record, frozen=True, kw_only=True):
    """A conversation as intelligence has it; a list leaves the communications out."""

    id: str
    account_id: str | None = None
    name: str | None = None
    status: str | None = None
    intelligence_configuration_ids: tuple[str, ...] | None = None
    conversation_configuration_id: str | None = None
    channels: tuple[str, ...] | None = None
    channel_ids: tuple[str, ...] | None = None
    participants: tuple[IntelligenceParticipant, ...] | None = None
    communications: tuple[IntelligenceCommunication, ...] | None = None
    operator_result_ids: tuple[str, ...] | None = None
    created_at: str | None = None
    updated_at: str | None = None
