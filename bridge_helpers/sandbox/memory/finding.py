"""The store and the profile that a path names, and what is answered where they cannot be used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..http.answers import Answer, Refusal, bad_request, not_found, ok
from . import stores

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.records import Profile
    from ..world.state import MemoryStore

_PROFILE_ID = re.compile(r"mem_profile_[0-7][0-9a-z]{25}")


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


def usable_store(call: Call) -> MemoryStore:
    """The store that the path names, once it is ACTIVE."""
    store = stores.find(call)
    if store.record.status != "ACTIVE":
        raise Refusal(400, 520042, f"Memory store {store.record.id} is not ACTIVE yet")
    return store


def find(call: Call) -> tuple[MemoryStore, Profile]:
    """
    The profile that the path names, with its store.

    Raises:
        Refusal: 301 for reads and 308 for writes, with the canonical id, if it was merged.
    """
    store = usable_store(call)
    profile_id = call.names["profileId"]
    if not _PROFILE_ID.fullmatch(profile_id):
        raise bad_request("profileId: is not the id of a profile")
    if profile_id in store.merged:
        raise Moved(call, store.merged[profile_id], profile_id)
    profile = store.profiles.get(profile_id)
    if profile is None:
        raise not_found(call.path)
    return store, profile


def canonical(profile: Profile) -> dict[str, str]:
    """The header that answers about a profile carry."""
    return {"Canonical-Profile-Id": profile.id}


def accepted(**more: str) -> Answer:
    """202: done by now, or soon."""
    return ok({**more, "message": "Accepted"}, 202)
