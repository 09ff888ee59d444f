"""
Identifiers of a profile: list, fetch those of a kind, add, replace, remove.

Source: Twilio's OpenAPI of memory v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct

from ..http.answers import Answer, bad_request, not_found, ok
from ..http.bodies import json_body
from ..http.pages import choice
from ..world.memory import profiles
from ..world.records import IdType
from .finding import accepted, find

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.records import Profile
    from ..world.state import MemoryStore

Value = Annotated[str, Meta(max_length=255)]


class Identifier(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    id_type: IdType
    value: Value


class Replace(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    id_type: IdType
    old_value: Value
    new_value: Value


def list_all(call: Call) -> Answer:
    """GET …/Profiles/{profileId}/Identifiers."""
    store, profile = find(call)
    known = store.identifiers[profile.id]
    return ok({"identifiers": [{"idType": t, "values": v} for t, v in known.items()]})


def create(call: Call) -> Answer:
    """POST …/Profiles/{profileId}/Identifiers: one that another profile has merges the two."""
    store, profile = find(call)
    request = json_body(call, Identifier)
    known_type(store, request.id_type)
    profiles.claim(store, profile.id, request.id_type, request.value)
    return accepted()


def fetch(call: Call) -> Answer:
    """GET …/Identifiers/{idType}."""
    store, profile, id_type = _of_a_type(call)
    values = store.identifiers[profile.id].get(id_type)
    if values is None:
        raise not_found(call.path)
    return ok({"idType": id_type, "values": values})


def replace(call: Call) -> Answer:
    """PATCH …/Identifiers/{idType}: one value for another; the old one has to be there."""
    store, profile, id_type = _of_a_type(call)
    request = json_body(call, Replace)
    if request.id_type != id_type:
        raise bad_request(f"idType: must be {id_type}, as in the path")
    old = profiles.normalize(store, id_type, request.old_value)
    if old not in store.identifiers[profile.id].get(id_type, []):
        raise not_found(call.path)
    profiles.drop(store, profile.id, id_type, old)
    profiles.claim(store, profile.id, id_type, request.new_value)
    return accepted()


def delete(call: Call) -> Answer:
    """DELETE …/Identifiers/{idType}: one value by the limitPolicy, or all with removeAll."""
    store, profile, id_type = _of_a_type(call)
    values = store.identifiers[profile.id].get(id_type)
    if values is None:
        raise not_found(call.path)
    every = choice(call, "removeAll", ("true", "false"))[-1:] == ["true"]
    for _ in range(len(values) if every else 1):
        profiles.drop(store, profile.id, id_type)
    return accepted()


def known_type(store: MemoryStore, id_type: str) -> None:
    """
    Make sure that the store has identifiers of this kind.

    Raises:
        Refusal: 400 if it does not.
    """
    if id_type not in profiles.configs(store):
        raise bad_request(f"idType: {id_type} is not configured in this store")


def _of_a_type(call: Call) -> tuple[MemoryStore, Profile, str]:
    store, profile = find(call)
    id_type = call.names["idType"]
    try:
        msgspec.convert(id_type, IdType)
    except msgspec.ValidationError:
        raise bad_request("idType: must be 2 to 30 characters long") from None
    known_type(store, id_type)
    return store, profile, id_type
