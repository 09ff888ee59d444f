"""The traits of a profile one by one, with the time of each. Source: Twilio's OpenAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..http.pages import choice, token_page
from ..world.stable_list import StableList
from .finding import canonical, find
from .profiles import wanted_groups

if TYPE_CHECKING:
    from ..http.answers import Answer
    from ..http.request import Call

#: Traits that a page holds at most (Twilio's OpenAPI).
_MOST = 100


def list_all(call: Call) -> Answer:
    """GET …/Profiles/{profileId}/Traits, narrowed by traitGroups; the latest ones first."""
    store, profile = find(call)
    wanted = wanted_groups(call)
    times = store.memories[profile.id].trait_times
    found: list[dict[str, Any]] = [
        {"name": name, "value": value, "traitGroup": group, "timestamp": times[group, name]}
        for group, values in profile.traits.items()
        if wanted is None or group in wanted
        for name, value in values.items()
    ]
    traits: StableList[dict[str, Any]] = StableList()
    for one in sorted(found, key=lambda trait: str(trait["timestamp"])):
        traits.put(f"{one['traitGroup']}/{one['name']}", one)
    order = choice(call, "orderBy", ("ASC", "DESC"))
    newest_first = order[-1:] != ["ASC"]
    answer = token_page(call, traits, "traits", most=_MOST, newest_first=newest_first)
    answer.headers.update(canonical(profile))
    return answer
