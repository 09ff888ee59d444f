"""
Profiles of a memory store: list, create, fetch, patch, delete, identifiers and lookup.

Source: Twilio docs, conversation memory API, and Twilio's OpenAPI of memory v1.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ..http.answers import Answer, Refusal, bad_request, not_found, ok
from ..http.bodies import json_body
from ..http.pages import choice, token_page
from ..world import profiles
from ..world.records import IdType
from . import stores

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.records import Profile
    from ..world.state import MemoryStore

_PROFILE_ID = re.compile(r"mem_profile_[0-7][0-9a-z]{25}")

TraitGroup = Annotated[dict[str, Any], Meta(max_length=99)]


class Identifier(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    id_type: IdType
    value: Annotated[str, Meta(max_length=255)]


class Traits(Struct, kw_only=True, forbid_unknown_fields=True):
    traits: Annotated[dict[str, TraitGroup], Meta(max_length=50)] = {}


def list_all(call: Call) -> Answer:
    """GET /v1/Stores/{storeId}/Profiles: ids only."""
    store = _usable(call)
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
    store = _usable(call)
    request = json_body(call, Traits)
    found = list(_identifying(store, request.traits))
    if not found:
        known = ", ".join(c["idType"] for c in store.resolution["configs"])
        raise bad_request(f"traits: needs at least one identifier, one of {known}")
    for id_type, value in found:
        held = store.holders.get((id_type, profiles.normalize(store, id_type, value)))
        if held:
            _merge_traits(store, held[0], request.traits)
            return _accepted(id=held[0])
    profile_id = profiles.create(call.account, store, call.now, request.traits)
    for id_type, value in found:
        profiles.identify(store, profile_id, id_type, value)
    return _accepted(id=profile_id)


def fetch(call: Call) -> Answer:
    """GET …/Profiles/{profileId}, narrowed by traitGroups; 301 if it was merged."""
    profile = _find(call)
    groups = call.query.get("traitGroups")
    if groups is not None:
        if not 1 <= len(groups) <= 256:
            raise bad_request("traitGroups: must be 1 to 256 characters long")
        wanted = {g.strip() for g in groups.split(",")}
        traits = {g: t for g, t in profile.traits.items() if g in wanted}
        profile = msgspec.structs.replace(profile, traits=traits)
    return ok(profile, headers={"Canonical-Profile-Id": profile.id})


def patch(call: Call) -> Answer:
    """PATCH …/Profiles/{profileId}: merges traits, null removes one."""
    profile = _find(call)
    store = stores.find(call)
    request = json_body(call, Traits)
    _merge_traits(store, profile.id, request.traits)
    for id_type, value in _identifying(store, request.traits):
        profiles.identify(store, profile.id, id_type, value)
    return _accepted()


def delete(call: Call) -> Answer:
    """DELETE …/Profiles/{profileId}."""
    profile = _find(call)
    store = stores.find(call)
    store.profiles.remove(profile.id)
    store.identifiers.pop(profile.id, None)
    for key, held in list(store.holders.items()):
        store.holders[key] = [h for h in held if h != profile.id]
        if not store.holders[key]:
            del store.holders[key]
    return _accepted()


def list_identifiers(call: Call) -> Answer:
    """GET …/Profiles/{profileId}/Identifiers."""
    profile = _find(call)
    known = stores.find(call).identifiers[profile.id]
    return ok({"identifiers": [{"idType": t, "values": v} for t, v in known.items()]})


def add_identifier(call: Call) -> Answer:
    """POST …/Profiles/{profileId}/Identifiers: one that another profile holds merges the two."""
    profile = _find(call)
    store = stores.find(call)
    request = json_body(call, Identifier)
    config = {c["idType"]: c for c in store.resolution["configs"]}.get(request.id_type)
    if config is None:
        raise bad_request(f"idType: {request.id_type} is not configured in this store")
    value = profiles.normalize(store, request.id_type, request.value)
    held = store.holders.get((request.id_type, value), [])
    other = next((h for h in held if h != profile.id), None)
    profiles.identify(store, profile.id, request.id_type, request.value)
    if other and config["enforceUnique"]:
        _merge(store, into=other, gone=profile)
    return _accepted()


def look_up(call: Call) -> Answer:
    """POST /v1/Stores/{storeId}/Profiles/Lookup: who has this identifier."""
    store = _usable(call)
    request = json_body(call, Identifier)
    value = profiles.normalize(store, request.id_type, request.value)
    held = store.holders.get((request.id_type, value), [])
    return ok({"normalizedValue": value[:255], "profiles": held[:100]})


def _identifying(store: MemoryStore, traits: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """The traits, of whatever group, that are named like an identifier of the store."""
    known = {c["idType"] for c in store.resolution["configs"]}
    return [
        (name, value)
        for group in traits.values()
        for name, value in group.items()
        if name in known and isinstance(value, str) and value
    ]


def _merge_traits(store: MemoryStore, profile_id: str, traits: dict[str, dict[str, Any]]) -> None:
    profile = store.profiles.get(profile_id)
    if profile is None:
        return
    for group, values in traits.items():
        merged = {**profile.traits.get(group, {}), **values}
        profile.traits[group] = {k: v for k, v in merged.items() if v is not None}


def _merge(store: MemoryStore, *, into: str, gone: Profile) -> None:
    for id_type, values in store.identifiers.pop(gone.id, {}).items():
        for value in values:
            held = store.holders.get((id_type, value), [])
            store.holders[id_type, value] = [h for h in held if h != gone.id]
            profiles.identify(store, into, id_type, value)
    _merge_traits(store, into, gone.traits)
    store.profiles.remove(gone.id)
    store.merged[gone.id] = into


def _find(call: Call) -> Profile:
    """
    The profile that the path names.

    Raises:
        Refusal: 301 for reads and 308 for writes, with the canonical id, if it was merged.
    """
    store = _usable(call)
    profile_id = call.names["profileId"]
    if not _PROFILE_ID.fullmatch(profile_id):
        raise bad_request("profileId: is not the id of a profile")
    if profile_id in store.merged:
        raise Moved(call, store.merged[profile_id], profile_id)
    profile = store.profiles.get(profile_id)
    if profile is None:
        raise not_found(call.path)
    return profile


class Moved(Refusal):
    """The profile was merged into another one."""

    def __init__(self, call: Call, canonical: str, gone: str) -> None:
        self.uri = call.base + call.path.replace(gone, canonical)
        super().__init__(
            301 if call.method == "GET" else 308,
            0,
            "This resource has moved.",
            headers={"Canonical-Profile-Id": canonical, "Location": self.uri},
        )

    def _body(self) -> dict[str, Any]:
        return {"message": self.message, "uri": self.uri}


def _usable(call: Call) -> MemoryStore:
    store = stores.find(call)
    if store.record.status != "ACTIVE":
        raise Refusal(400, 520042, f"Memory store {store.record.id} is not ACTIVE yet")
    return store


def _accepted(**more: str) -> Answer:
    return ok({**more, "message": "Accepted"}, 202)
