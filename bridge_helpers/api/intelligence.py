"""
Conversation Intelligence (v3): which rules there are, and what their operators found.

Source: Twilio's OpenAPI for intelligence v3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from ..errors import NotFound
from .http import Http, Query
from .models import (
    IntelligenceConfiguration,
    IntelligenceConversation,
    Operator,
    OperatorResult,
)
from .paging import Listing, TokenListing

T = TypeVar("T")

_CONFIGURATIONS: Final = ("v3", "ControlPlane", "Configurations")
_OPERATORS: Final = ("v3", "ControlPlane", "Operators")
_RESULTS: Final = ("v3", "OperatorResults")
_CONVERSATIONS: Final = ("v3", "Conversations")


class Intelligence:
    """The intelligence endpoints of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def configurations(self) -> Listing[IntelligenceConfiguration]:
        """All intelligence configurations, with their rules."""
        return self._list(_CONFIGURATIONS, IntelligenceConfiguration)

    def configuration(self, configuration_id: str) -> IntelligenceConfiguration:
        """One by its `intelligence_configuration_…`."""
        return self._get((*_CONFIGURATIONS, configuration_id), IntelligenceConfiguration)

    def operators(self) -> Listing[Operator]:
        """All operators, the account's own and Twilio's."""
        return self._list(_OPERATORS, Operator)

    def operator(self, operator_id: str) -> Operator:
        """One by its `intelligence_operator_…`."""
        return self._get((*_OPERATORS, operator_id), Operator)

    def results(
        self, *, conversation_id: str = "", configuration_id: str = "", operator_id: str = ""
    ) -> Listing[OperatorResult]:
        """
        What operators found, lazily; arguments left empty do not filter.

        Args:
            conversation_id: `conv_conversation_…`.
            configuration_id: `intelligence_configuration_…`.
            operator_id: `intelligence_operator_…`.
        """
        filters = (
            ("conversationId", conversation_id),
            ("intelligenceConfigurationId", configuration_id),
            ("operatorId", operator_id),
        )
        return self._list(_RESULTS, OperatorResult, [pair for pair in filters if pair[1]])

    def result(self, result_id: str) -> OperatorResult:
        """One result by its `intelligence_operatorresult_…`."""
        return self._get((*_RESULTS, result_id), OperatorResult)

    def delete_result(self, result_id: str) -> bool:
        """Delete a result; False when it was gone already."""
        try:
            self._http.send("DELETE", "intelligence", (*_RESULTS, result_id))
        except NotFound:
            return False
        return True

    def conversations(
        self,
        *,
        configuration_id: str = "",
        status: str = "",
        channel_id: str = "",
        created_after: str = "",
        created_before: str = "",
    ) -> Listing[IntelligenceConversation]:
        """
        Conversations that intelligence has seen, lazily, without their communications.

        Args:
            configuration_id: Of Orchestrator, not of intelligence.
            status: ACTIVE, INACTIVE or CLOSED.
            channel_id: Of a bridged conversation this is the classic `CH…` sid.
            created_after: RFC 3339; `created_before` likewise, at most 31 days later.
        """
        filters = (
            ("conversationConfigurationId", configuration_id),
            ("status", status),
            ("channelId", channel_id),
            ("createdAtAfter", created_after),
            ("createdAtBefore", created_before),
        )
        query = [pair for pair in filters if pair[1]]
        return self._list(_CONVERSATIONS, IntelligenceConversation, query)

    def conversation(self, conversation_id: str) -> IntelligenceConversation:
        """One conversation with its communications; NotFound if intelligence never saw it."""
        return self._get((*_CONVERSATIONS, conversation_id), IntelligenceConversation)

    def execute_rule(self, configuration_id: str, rule_id: str, conversation_id: str) -> None:
        """
        Run a rule on a conversation now; its results are in `results` a while later.

        It is billed as any run, and there is no key: it is sent once. Where the answer was lost,
        `results` of the conversation tells whether it ran.

        Raises:
            ApiError: With status 422 where the conversation's configuration has no memory store.
        """
        self._http.send(
            "POST",
            "intelligence",
            ("v3", "RuleExecutions"),
            json={
                "intelligenceConfigurationId": configuration_id,
                "ruleId": rule_id,
                "conversationId": conversation_id,
            },
        )

    def _list(self, segments: Sequence[str], item: type[T], query: Query = ()) -> Listing[T]:
        return TokenListing(
            http=self._http,
            service="intelligence",
            segments=segments,
            key="items",
            item=item,
            query=query,
        )

    def _get(self, segments: Sequence[str], shape: type[T]) -> T:
        return self._http.send("GET", "intelligence", segments).read(shape)
