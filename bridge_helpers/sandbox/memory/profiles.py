"""
Profiles of a memory store: list, create, many at once, fetch, patch, delete and lookup.

Source: Twilio docs, conversation memory API, and Twilio's OpenAPI of memory v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ..http.answers import Answer, bad_request, ok
from ..http.bodies import json_body
from ..http.pages import choice, token_page
from ..world.memory import profiles
from .finding import accepted, canonical, find, usable_store
from .identifiers import Identifier, known_type

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.state import MemoryStore

TraitGroup = Annotated[dict[str, Any], Meta(max_length=99)]


class Traits(Struct, kw_only=True, forbid_unknown_fields=True):
    traits: Annotated[dict[str, TraitGroup], Meta(max_length=50)] = {}


class Bulk(Struct, kw_only=True):
    profiles: Annotated[list[Traits], Meta(min_length=1, max_length=1000)]


def list_all(call: Call) -> Answer:
    """GET /v1/Stores/{storeId}/Profiles: ids only."""
    store = usable_store(call)
    order = choice(call, "orderBy", ("ASC", "DESC"))
    return token_page(
        call,
        store.profiles,
        "profiles",
        view=lambda profile: profile.id,
        newest_first=order[-1:] != ["ASC"],
    )


def create(call: Call) -> Answer:
    """POST /v1/Stores/{storeId}/Profiles: needs one trait that identifies somebody."""
    store = usable_store(call)
    request = json_body(call, Traits)
    problem = _unknown(store, request.traits)
    if problem:
        raise bad_request(problem)
    if not profiles.promoted(store, request.traits):
        known = ", ".join(profiles.configs(store))
        raise bad_request(f"traits: needs at least one that is promoted to one of {known}")
    return accepted(id=profiles.put(call.account, store, call.now, request.traits))


def put_many(call: Call) -> Answer:
    """PUT …/Profiles/Bulk: done after the time of an operation; what has no place is left out."""
    store = usable_store(call)
    request = json_body(call, Bulk)

    def work(at: float) -> None:
        for one in request.profiles:
            if not _unknown(store, one.traits) and profiles.promoted(store, one.traits):
                profiles.put(call.account, store, at, one.traits)

    call.world.schedule(call.now + call.world.settings.operation_seconds, work)
    return accepted()


def fetch(call: Call) -> Answer:
    """GET …/Profiles/{profileId}, narrowed by traitGroups; 301 if it was merged."""
    _, profile = find(call)
    wanted = wanted_groups(call)
    if wanted is not None:
        traits = {g: t for g, t in profile.traits.items() if g in wanted}
        profile = msgspec.structs.replace(profile, traits=traits)
    return ok(profile, headers=canonical(profile))


def wanted_groups(call: Call) -> set[str] | None:
    """The groups that ``traitGroups`` names; None where it is not given."""
    groups = call.query.get("traitGroups")
    if groups is None:
        return None
    if not 1 <= len(groups) <= 256:
        raise bad_request("traitGroups: must be 1 to 256 characters long")
    return {group.strip() for group in groups.split(",")}


def patch(call: Call) -> Answer:
    """PATCH …/Profiles/{profileId}: merges traits, null removes one."""
    store, profile = find(call)
    request = json_body(call, Traits)
    problem = _unknown(store, request.traits)
    if problem:
        raise bad_request(problem)
    profiles.change(store, profile.id, request.traits, call.now)
    return accepted()


def delete(call: Call) -> Answer:
    """DELETE …/Profiles/{profileId}, with all that is known of it."""
    store, profile = find(call)
    profiles.forget(store, profile.id)
    return accepted()


def look_up(call: Call) -> Answer:
    """POST /v1/Stores/{storeId}/Profiles/Lookup: who has this identifier."""
    store = usable_store(call)
    request = json_body(call, Identifier)
    known_type(store, request.id_type)
    value = profiles.normalize(store, request.id_type, request.value)
    held = profiles.holders(store, request.id_type, request.value)
    return ok({"normalizedValue": value[:255], "profiles": held[:100]})


def _unknown(store: MemoryStore, traits: profiles.Traits) -> str:
    """What keeps traits from being written to this store; empty for nothing."""
    for group, values in traits.items():
        known = store.trait_groups.get(group)
        if known is None:
            return f"traits: there is no trait group {group[:64]}"
        for name, value in values.items():
            definition = known.traits.get(name)
            if definition is None:
                return f"traits: group {group[:64]} has no trait {name[:64]}"
            if value is not None and not _fits(definition.data_type, value):
                return f"traits.{group[:64]}.{name[:64]}: must be of type {definition.data_type}"
    return ""


def _fits(data_type: str, value: Any) -> bool:
    if data_type == "NUMBER":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if data_type == "ARRAY":
        return isinstance(value, list) and not any(isinstance(v, list | dict) for v in value)
    return isinstance(value, str if data_type == "STRING" else bool)
