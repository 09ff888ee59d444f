"""
Trait groups of a memory store: which traits there are, and which of them identify somebody.

Source: Twilio docs, conversation memory API (520053 and 520055: limit and duplicate), and Twilio's
OpenAPI of memory v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http import operations
from ..http.answers import Answer, Refusal, bad_request, not_found, ok
from ..http.bodies import json_body
from ..http.pages import choice, token_page, whole_number
from ..world.records import Trait, TraitGroup
from . import stores

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.state import MemoryStore

#: Groups that a page, and so a store, holds at most (Twilio's OpenAPI).
_MOST = 50

GroupName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_\-\.]+\Z")]
Description = Annotated[str, Meta(max_length=1024)]
TraitName = Annotated[str, Meta(min_length=1, max_length=64)]
TraitMap = Annotated[dict[TraitName, Trait], Meta(max_length=95)]


class Create(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    display_name: GroupName
    description: Description | UnsetType = UNSET
    traits: TraitMap = {}


class Patch(Struct, kw_only=True, rename="camel", forbid_unknown_fields=True):
    description: Description | UnsetType = UNSET
    traits: TraitMap = {}


def list_all(call: Call) -> Answer:
    """GET …/Stores/{storeId}/TraitGroups, with traits if includeTraits says so."""
    store = stores.find(call)
    order = choice(call, "orderBy", ("ASC", "DESC"))
    whole = _asked_for(call, default="false")
    return token_page(
        call,
        store.trait_groups,
        "traitGroups",
        largest=100,
        most=_MOST,
        view=lambda group: _view(group, whole=whole),
        newest_first=order[-1:] != ["ASC"],
    )


def create(call: Call) -> Answer:
    """POST …/TraitGroups: the group is there when its operation ends."""
    store = stores.find(call)
    request = json_body(call, Create)
    if any(trait.data_type == "" for trait in request.traits.values()):
        raise bad_request("traits: a new group has no trait to take out")
    if len(store.trait_groups) >= _MOST:
        raise Refusal(400, 520053, f"A memory store has at most {_MOST} trait groups")
    if request.display_name in store.trait_groups:
        raise Refusal(400, 520055, f"displayName: trait group {request.display_name} exists")

    def complete(at: float) -> None:
        if request.display_name in store.trait_groups:
            raise operations.Failure("Duplicate", "The trait group exists by now", code=520055)
        group = TraitGroup(
            display_name=request.display_name,
            description=request.description,
            traits=dict(request.traits),
        )
        store.trait_groups.put(group.display_name, group)

    return operations.start(
        call, "store.traits.create", result_id=request.display_name, complete=complete
    )


def fetch(call: Call) -> Answer:
    """GET …/TraitGroups/{traitGroupName}, with traits unless includeTraits says no."""
    _, group = _find(call)
    whole = _asked_for(call, default="true")
    whole_number(call, "pageSize", 50, 1, 100)
    if call.query.get("pageToken"):
        raise bad_request("pageToken: is not a token of this list, which has one page")
    choice(call, "orderBy", ("ASC", "DESC"))
    body = {
        "traitGroup": _view(group, whole=whole),
        "meta": {"key": "traitGroup", "pageSize": len(group.traits) if whole else 0},
    }
    return ok(body, headers={"ETag": f'"{group.version}"'})


def patch(call: Call) -> Answer:
    """PATCH …/TraitGroups/{traitGroupName}: traits are added, replaced or taken out."""
    store, group = _find(call)
    request = json_body(call, Patch)
    stores.if_match(call, group.version)

    def complete(at: float) -> None:
        now = store.trait_groups.get(group.display_name)
        if now is None:
            raise operations.Failure("Not Found", "The trait group is gone", status=404)
        merged = {**now.traits, **request.traits}
        now.traits = {name: trait for name, trait in merged.items() if trait.data_type}
        if request.description is not UNSET:
            now.description = request.description
        now.version += 1

    return operations.start(
        call, "store.traits.patch", result_id=group.display_name, complete=complete
    )


def delete(call: Call) -> Answer:
    """DELETE …/TraitGroups/{traitGroupName}: the traits of profiles go with it."""
    store, group = _find(call)

    def complete(at: float) -> None:
        store.trait_groups.remove(group.display_name)
        for profile in store.profiles:
            for name in profile.traits.pop(group.display_name, {}):
                store.memories[profile.id].trait_times.pop((group.display_name, name), None)

    return operations.start(
        call, "store.traits.delete", result_id=group.display_name, complete=complete
    )


def _asked_for(call: Call, *, default: str) -> bool:
    given = choice(call, "includeTraits", ("true", "false"))
    return (given[-1] if given else default) == "true"


def _view(group: TraitGroup, *, whole: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"displayName": group.display_name, "version": group.version}
    if group.description is not UNSET:
        shown["description"] = group.description
    if whole:
        shown["traits"] = group.traits
    return shown


def _find(call: Call) -> tuple[MemoryStore, TraitGroup]:
    store = stores.find(call)
    group = store.trait_groups.get(call.names["traitGroupName"])
    if group is None:
        raise not_found(call.path)
    return store, group
