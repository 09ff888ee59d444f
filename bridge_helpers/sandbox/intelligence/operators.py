"""
Operators: list, create, fetch, replace, delete, and their versions.

Source: Twilio's OpenAPI of intelligence v3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from ..http.answers import Answer, Refusal, bad_request, empty, not_found, ok
from ..http.bodies import json_body
from ..http.pages import token_page
from ..world.clock import rfc3339
from ..world.intelligence.records import (
    Operator,
    OperatorContext,
    OperatorParameter,
    OperatorState,
    OutputFormat,
    TrainingExample,
)
from ..world.stable_list import StableList
from .configurations import DisplayName

if TYPE_CHECKING:
    from ..http.request import Call


class Request(Struct, kw_only=True, rename="camel"):
    display_name: DisplayName
    description: str | UnsetType = UNSET
    prompt: str
    output_format: OutputFormat
    output_schema: dict[str, Any] | UnsetType = UNSET
    training_examples: list[TrainingExample] | UnsetType = UNSET
    context: OperatorContext | UnsetType = UNSET
    parameters: dict[str, OperatorParameter] | UnsetType = UNSET


def list_all(call: Call) -> Answer:
    """GET /v3/ControlPlane/Operators: Twilio's and the account's own."""
    return token_page(call, call.account.operators, "items", view=lambda state: state.newest)


def create(call: Call) -> Answer:
    """POST /v3/ControlPlane/Operators."""
    request = _request(call)
    operator_id = call.account.ids.typed("intelligence_operator")
    operator = _operator(request, operator_id, 1)
    state = OperatorState(versions=[operator], created=[rfc3339(call.now)])
    call.account.operators.put(operator_id, state)
    return _shown(operator, 201)


def fetch(call: Call) -> Answer:
    """GET /v3/ControlPlane/Operators/{id}, with its version as ETag."""
    return _shown(_find(call).newest)


def replace(call: Call) -> Answer:
    """PUT /v3/ControlPlane/Operators/{id}: a new version."""
    state = _own(call)
    request = _request(call)
    wanted = call.headers.get("if-match")
    version = state.newest.version
    if wanted is not None and wanted not in ("*", f'"{version}"', str(version)):
        raise Refusal(412, 20412, f"If-Match {wanted} does not match version {version}")
    operator = _operator(request, state.newest.id, version + 1)
    state.versions.append(operator)
    state.created.append(rfc3339(call.now))
    return _shown(operator)


def delete(call: Call) -> Answer:
    """DELETE /v3/ControlPlane/Operators/{id}: rules that name it go on without it."""
    call.account.operators.remove(_own(call).newest.id)
    return empty()


def list_versions(call: Call) -> Answer:
    """GET /v3/ControlPlane/Operators/{id}/Versions."""
    state = _find(call)
    versions: StableList[dict[str, Any]] = StableList()
    for operator, created in zip(state.versions, state.created, strict=True):
        shown = {"version": operator.version, "status": "ACTIVE", "dateCreated": created}
        versions.put(str(operator.version), shown)
    return token_page(call, versions, "items")


def fetch_version(call: Call) -> Answer:
    """GET /v3/ControlPlane/Operators/{id}/Versions/{version}."""
    state = _find(call)
    for operator, created in zip(state.versions, state.created, strict=True):
        if str(operator.version) == call.names["version"]:
            whole = {**msgspec.to_builtins(operator), "status": "ACTIVE", "dateCreated": created}
            return ok(whole)
    raise not_found(call.path)


def _request(call: Call) -> Request:
    request = json_body(call, Request)
    if request.output_format == "JSON" and request.output_schema is UNSET:
        raise bad_request("outputSchema: must be given where outputFormat is JSON")
    return request


def _operator(request: Request, operator_id: str, version: int) -> Operator:
    members = msgspec.structs.asdict(request)
    return Operator(id=operator_id, version=version, author="SELF", **members)


def _shown(operator: Operator, status: int = 200) -> Answer:
    # An integer, without the quotes of HTTP: so the specification declares it.
    return ok(operator, status, headers={"ETag": str(operator.version)})


def _own(call: Call) -> OperatorState:
    state = _find(call)
    if state.newest.author != "SELF":
        name = state.newest.display_name
        raise Refusal(403, 20403, f"{name} is Twilio's own and cannot be changed")
    return state


def _find(call: Call) -> OperatorState:
    state = call.account.operators.get(call.names["id"])
    if state is None:
        raise not_found(call.path)
    return state
