"""What intelligence does with the conversations. Source: Twilio's OpenAPI for intelligence v3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import Final

from ...api.fan_out import fan_out
from ...api.models import IntelligenceConfiguration, OperatorResult
from ...api.session import Session
from ...errors import BridgeError, NotFound
from ...progress import current_context

RESULTS_READ: Final = 1000
"""Results that are read of each linked configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """
    The intelligence configurations that a configuration links, and what they found.

    Attributes:
        ids: As the configuration names them.
        configurations: Those that are there.
        missing: Ids of those that are not.
        results: What operators found, of any conversation; the first thousand of each.
        more: Whether there are results beyond these.
        operators: Operator id to its name, where it could be read.
        unread: What could not be read, and why; sentences.
    """

    ids: tuple[str, ...] = ()
    configurations: tuple[IntelligenceConfiguration, ...] = ()
    missing: tuple[str, ...] = ()
    results: tuple[OperatorResult, ...] = ()
    more: bool = False
    operators: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @property
    def rules(self) -> int:
        """How many rules they have."""
        return sum(len(one.rules or ()) for one in self.configurations)

    @property
    def triggers(self) -> tuple[str, ...]:
        """What their rules run on: COMMUNICATION, CONVERSATION_END, CONVERSATION_INACTIVE."""
        found = (
            trigger.on
            for one in self.configurations
            for rule in one.rules or ()
            for trigger in rule.triggers or ()
        )
        return tuple(dict.fromkeys(found))

    def by_operator(self) -> tuple[tuple[str, str, int, float | None], ...]:
        """`(operator, trigger, results, median seconds that it took)`, most results first."""
        counts = Counter((_operator(one), one.trigger) for one in self.results)
        return tuple(
            (
                self.operators.get(operator, operator),
                trigger,
                count,
                _median(
                    one.latency
                    for one in self.results
                    if (_operator(one), one.trigger) == (operator, trigger)
                ),
            )
            for (operator, trigger), count in counts.most_common()
        )


def linked(session: Session, ids: tuple[str, ...]) -> Linked:
    """
    Read the linked configurations, their operators and results. A look that is refused is told.

    Raises:
        Cancelled: Stopped in between.
    """
    if not ids:
        return Linked()
    api = session.intelligence
    current_context().say("Reading what intelligence found")
    configurations: list[IntelligenceConfiguration] = []
    missing: list[str] = []
    unread: list[str] = []
    for asked in fan_out(api.configuration, ids):
        if asked.error is None:
            configurations.append(asked.result)
        elif isinstance(asked.error, NotFound):
            missing.append(asked.item)
        else:
            unread.append(_unread(f"Intelligence configuration {asked.item}", asked.error))
    results: list[OperatorResult] = []
    more = False
    given: set[str] = set()
    for listed in fan_out(
        lambda one: list(islice(api.results(configuration_id=one), RESULTS_READ + 1)),
        [one.id for one in configurations],
    ):
        if listed.error is not None:
            unread.append(_unread(f"The results of {listed.item}", listed.error))
            continue
        more = more or len(listed.result) > RESULTS_READ
        for result in listed.result[:RESULTS_READ]:
            # A list that grows while it is read gives some of it twice.
            if result.id not in given:
                given.add(result.id)
                results.append(result)
    return Linked(
        ids=ids,
        configurations=tuple(configurations),
        missing=tuple(missing),
        results=tuple(results),
        more=more,
        operators=_names(session, configurations, results),
        unread=tuple(unread),
    )


def _names(
    session: Session,
    configurations: Iterable[IntelligenceConfiguration],
    results: Iterable[OperatorResult],
) -> dict[str, str]:
    """The names of the operators; one that cannot be read goes by its id."""
    ids = {
        operator.id
        for one in configurations
        for rule in one.rules or ()
        for operator in rule.operators or ()
    } | {_operator(one) for one in results}
    return {
        outcome.item: outcome.result.display_name or outcome.item
        for outcome in fan_out(session.intelligence.operator, sorted(filter(None, ids)))
        if outcome.error is None
    }


def _operator(result: OperatorResult) -> str:
    return result.operator.id if result.operator else ""


def _median(values: Iterable[float | None]) -> float | None:
    known = [one for one in values if one is not None]
    return median(known) if known else None


def _unread(what: str, error: Exception) -> str:
    if not isinstance(error, BridgeError):
        raise error
    return f"{what} could not be read. {error.what} {error.why}".rstrip()
