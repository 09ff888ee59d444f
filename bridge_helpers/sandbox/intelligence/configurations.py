"""
Intelligence configurations: list, create, fetch, replace, delete.

Source: Twilio's OpenAPI of intelligence v3. What they do is in ``world/intelligence.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.answers import Answer, bad_request, empty, not_found, ok
from ..http.bodies import json_body
from ..http.pages import token_page
from ..world.clock import rfc3339
from ..world.intelligence.records import (
    IntelligenceConfiguration,
    Rule,
    RuleAction,
    RuleContext,
    RuleOperator,
    Trigger,
)

if TYPE_CHECKING:
    from ..http.request import Call

DisplayName = Annotated[str, Meta(min_length=1, max_length=128)]


class NewRule(Struct, kw_only=True):
    """A rule as it is sent; one with an id replaces that one."""

    id: str | UnsetType = UNSET
    operators: Annotated[list[RuleOperator], Meta(min_length=1, max_length=5)]
    triggers: Annotated[list[Trigger], Meta(max_length=1)] = []
    actions: Annotated[list[RuleAction], Meta(max_length=2)]
    context: RuleContext | UnsetType = UNSET


class Request(Struct, kw_only=True, rename="camel"):
    display_name: DisplayName
    description: str | UnsetType = UNSET
    rules: Annotated[list[NewRule], Meta(max_length=5)]


def list_all(call: Call) -> Answer:
    """GET /v3/ControlPlane/Configurations."""
    return token_page(call, call.account.intelligence, "items")


def create(call: Call) -> Answer:
    """POST /v3/ControlPlane/Configurations; without rules it does nothing."""
    request = json_body(call, Request)
    stamp = rfc3339(call.now)
    configuration = IntelligenceConfiguration(
        account_id=call.account.sid,
        id=call.account.ids.typed("intelligence_configuration"),
        display_name=request.display_name,
        description=request.description,
        version=1,
        rules=_rules(call, request, ()),
        date_created=stamp,
        date_updated=stamp,
    )
    call.account.intelligence.put(configuration.id, configuration)
    return ok(configuration, 201)


def fetch(call: Call) -> Answer:
    """GET /v3/ControlPlane/Configurations/{id}."""
    return ok(_find(call))


def replace(call: Call) -> Answer:
    """PUT /v3/ControlPlane/Configurations/{id}: rules that are not sent are gone."""
    before = _find(call)
    request = json_body(call, Request)
    configuration = msgspec.structs.replace(
        before,
        display_name=request.display_name,
        description=request.description,
        version=before.version + 1,
        rules=_rules(call, request, tuple(rule.id for rule in before.rules)),
        date_updated=rfc3339(call.now),
    )
    call.account.intelligence.put(configuration.id, configuration)
    return ok(configuration)


def delete(call: Call) -> Answer:
    """DELETE /v3/ControlPlane/Configurations/{id}; its results stay."""
    call.account.intelligence.remove(_find(call).id)
    return empty()


def _rules(call: Call, request: Request, known: tuple[str, ...]) -> list[Rule]:
    rules = []
    for number, one in enumerate(request.rules):
        if one.id is not UNSET and one.id not in known:
            raise bad_request(f"rules[{number}].id: there is no rule {one.id[:60]}")
        for operator in one.operators:
            if operator.id not in call.account.operators:
                raise bad_request(f"rules[{number}].operators: there is no {operator.id[:60]}")
        rules.append(
            Rule(
                id=one.id or call.account.ids.typed("intelligence_configurationrule"),
                operators=one.operators,
                triggers=one.triggers,
                actions=one.actions,
                context=one.context,
            )
        )
    return rules


def _find(call: Call) -> IntelligenceConfiguration:
    configuration = call.account.intelligence.get(call.names["id"])
    if configuration is None:
        raise not_found(call.path)
    return configuration
