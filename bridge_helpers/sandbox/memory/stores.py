"""
Memory stores and their identity resolution settings.

Source: Twilio docs, conversation memory API, and Twilio's OpenAPI of memory v1.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..http import operations
from ..http.answers import Answer, Refusal, bad_request, not_found, ok
from ..http.bodies import json_body
from ..http.pages import choice, token_page
from ..http.request import Call
from ..world.memory.stores import MOST, add
from ..world.records import IdentifierConfig
from ..world.state import MemoryStore

StoreName = Annotated[str, Meta(max_length=64, pattern=r"^[a-zA-Z0-9-]+\Z")]
StoreDescription = Annotated[str, Meta(min_length=1, max_length=128)]
_STORE_ID = re.compile(r"mem_(store|service)_[0-7][0-9a-z]{25}")


class Create(Struct, kw_only=True, rename="camel"):
    display_name: StoreName
    description: StoreDescription | UnsetType = UNSET


class Patch(Struct, kw_only=True, rename="camel"):
    display_name: StoreName | UnsetType = UNSET
    description: StoreDescription | UnsetType = UNSET


class Resolution(Struct, kw_only=True, rename="camel"):
    identifier_configs: Annotated[list[IdentifierConfig], Meta(min_length=1, max_length=15)]
    matching_rules: Annotated[
        list[Annotated[str, Meta(max_length=30)]], Meta(min_length=1, max_length=15)
    ]


def list_all(call: Call) -> Answer:
    """GET /v1/ControlPlane/Stores: ids only, newest first unless orderBy=ASC."""
    order = choice(call, "orderBy", ("ASC", "DESC"))
    return token_page(
        call,
        call.account.stores,
        "stores",
        largest=100,
        view=lambda store: store.record.id,
        newest_first=order[-1:] != ["ASC"],
    )


def create(call: Call) -> Answer:
    """POST /v1/ControlPlane/Stores: QUEUED, PROVISIONING, and ACTIVE a while after the end."""
    request = json_body(call, Create)
    account = call.account
    if len(account.stores) >= MOST:
        raise Refusal(400, 520044, f"An account has at most {MOST} memory stores")
    _free_name(call, request.display_name)
    store = add(account, request.display_name, request.description, "QUEUED")
    half = call.world.settings.operation_seconds / 2

    def provision(at: float) -> None:
        if store.status == "QUEUED":
            store.status = "PROVISIONING"

    def activate(at: float) -> None:
        if store.status == "PROVISIONING":
            store.status = "ACTIVE"

    def complete(at: float) -> None:
        provision(at)
        call.world.schedule(at + half, activate)

    def abandon(at: float) -> None:
        store.status = "FAILED"

    call.world.schedule(call.now + half, provision)
    return operations.start(
        call, "store.create", result_id=store.id, complete=complete, abandon=abandon
    )


def fetch(call: Call) -> Answer:
    """GET /v1/ControlPlane/Stores/{storeId}, with its version as ETag."""
    store = find(call).record
    return ok(store, headers={"ETag": f'"{store.version}"'})


def patch(call: Call) -> Answer:
    """PATCH /v1/ControlPlane/Stores/{storeId}."""
    store = find(call).record
    request = json_body(call, Patch, optional=True)
    if_match(call, store.version)
    if request.display_name is not UNSET and request.display_name != store.display_name:
        _free_name(call, request.display_name)

    def complete(at: float) -> None:
        if request.display_name is not UNSET:
            store.display_name = request.display_name
        if request.description is not UNSET:
            store.description = request.description
        store.version += 1

    return operations.start(call, "store.patch", result_id=store.id, complete=complete)


def delete(call: Call) -> Answer:
    """DELETE /v1/ControlPlane/Stores/{storeId}: with all its profiles."""
    store = find(call).record

    def complete(at: float) -> None:
        call.account.stores.remove(store.id)

    return operations.start(call, "store.delete", result_id=store.id, complete=complete)


def fetch_resolution(call: Call) -> Answer:
    """GET …/Stores/{storeId}/IdentityResolutionSettings."""
    settings = find(call).resolution
    body = {
        "identifierConfigs": settings["configs"],
        "matchingRules": settings["rules"],
        "version": settings["version"],
    }
    return ok(body, headers={"ETag": f'"{settings["version"]}"'})


def replace_resolution(call: Call) -> Answer:
    """PUT …/Stores/{storeId}/IdentityResolutionSettings."""
    memory = find(call)
    request = json_body(call, Resolution)
    if_match(call, memory.resolution["version"])
    configured = {c.id_type for c in request.identifier_configs}
    if len(configured) < len(request.identifier_configs):
        raise bad_request("identifierConfigs: an idType is given twice")

    def complete(at: float) -> None:
        memory.resolution = {
            "configs": msgspec.to_builtins(request.identifier_configs),
            "rules": request.matching_rules,
            "version": memory.resolution["version"] + 1,
        }

    return operations.start(call, "store.resolution", result_id=memory.record.id, complete=complete)


def find(call: Call) -> MemoryStore:
    """The store that the path names."""
    store_id = call.names["storeId"]
    if not _STORE_ID.fullmatch(store_id):
        raise Refusal(400, 520049, "storeId: is not the id of a memory store")
    store = call.account.stores.get(store_id)
    if store is None:
        raise not_found(call.path)
    return store


def _free_name(call: Call, display_name: str) -> None:
    if any(s.record.display_name == display_name for s in call.account.stores):
        raise Refusal(400, 520045, f"displayName: a memory store {display_name} already exists")


def if_match(call: Call, version: int) -> None:
    wanted = call.headers.get("if-match")
    if wanted is not None and wanted not in ("*", f'"{version}"', str(version)):
        raise Refusal(412, 20412, f"If-Match {wanted} does not match version {version}")
