"""
Who is who: addresses and traits to memory profiles, and profiles that turn out to be one.

Source: Twilio docs, conversations/orchestrator/concepts/profiles, and Twilio's OpenAPI of memory
v1. SMS and voice resolve by phone, WhatsApp by whatsapp, chat by the chat identity (and, if it is
one, by its e-mail or phone).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType

from ..clock import rfc3339
from ..records import Address, Profile
from ..stable_list import StableList
from ..state import Memories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..state import Account, MemoryStore

Traits = dict[str, dict[str, Any]]

_PHONE = re.compile(r"\+[1-9]\d{6,14}")


def plain(address: str) -> str:
    """An address without the channel's prefix: ``whatsapp:+1555…`` is ``+1555…``."""
    return re.sub(r"^(whatsapp|rcs|sms|messenger):", "", address)


def configs(store: MemoryStore) -> dict[str, dict[str, Any]]:
    """The kinds of identifiers that the store has, by name."""
    return {config["idType"]: config for config in store.resolution["configs"]}


def normalize(store: MemoryStore, id_type: str, value: str) -> str:
    """A value as the store's identity resolution settings normalise it."""
    rule = configs(store).get(id_type, {}).get("normalization", "trim")
    if rule == "none":
        return value
    value = value.strip()
    if rule == "email":
        return re.sub(r"\s", "", value).lower()
    if rule == "phone":
        digits = re.sub(r"[^\d+]", "", plain(value))
        return digits if digits.startswith("+") else f"+{digits}"
    return value


def identifiers(address: Address) -> Iterator[tuple[str, str]]:
    """The identifiers (idType, value) that an address can be found by, best first."""
    if address.channel in ("SMS", "VOICE", "RCS"):
        yield "phone", plain(address.address)
    elif address.channel == "WHATSAPP":
        yield "whatsapp", plain(address.address)
        yield "phone", plain(address.address)
    else:
        yield "chat", address.address
        if "@" in address.address:
            yield "email", address.address
        elif _PHONE.fullmatch(address.address):
            yield "phone", address.address


def holders(store: MemoryStore, id_type: str, value: str) -> list[str]:
    """The profiles that have this identifier."""
    return store.holders.get((id_type, normalize(store, id_type, value)), [])


def look_up(account: Account, store_id: str, addresses: list[Address]) -> str | None:
    """The profile that these addresses belong to, if the store knows one by its rules."""
    store = account.stores.get(store_id)
    if store is None or store.record.status != "ACTIVE":
        return None
    usable = set(configs(store)) & set(store.resolution["rules"])
    for address in addresses:
        for id_type, value in identifiers(address):
            held = holders(store, id_type, value) if id_type in usable else []
            if held:
                return held[0]
    return None


def profile_of(
    account: Account, store_id: str, addresses: list[Address], at: float
) -> str | UnsetType:
    """The profile of a CUSTOMER, created if there is none; unset where that cannot be done."""
    found = look_up(account, store_id, addresses)
    if found:
        return found
    store = account.stores.get(store_id)
    if store is None or store.record.status != "ACTIVE":
        return UNSET
    best = (next(identifiers(address)) for address in addresses)
    usable = [(id_type, value) for id_type, value in best if id_type in configs(store)]
    if not usable:
        return UNSET
    profile_id = create(account, store, at, traits={})
    for id_type, value in usable:
        identify(store, profile_id, id_type, value)
    return profile_id


def create(account: Account, store: MemoryStore, at: float, traits: Traits) -> str:
    """A new profile, whoever else there is."""
    profile_id = account.ids.typed("mem_profile")
    store.profiles.put(profile_id, Profile(id=profile_id, created_at=rfc3339(at), traits={}))
    store.identifiers[profile_id] = {}
    store.memories[profile_id] = Memories()
    set_traits(store, profile_id, traits, at)
    return profile_id


def promoted(store: MemoryStore, traits: Traits) -> list[tuple[str, str]]:
    """The identifiers (idType, value) that some of these traits become."""
    known = configs(store)
    found = []
    for group, values in traits.items():
        definitions = store.trait_groups.get(group)
        for name, value in values.items():
            definition = definitions.traits.get(name) if definitions else None
            id_type = definition.id_type_promotion if definition else UNSET
            if id_type in known and isinstance(value, str) and value.strip():
                found.append((str(id_type), value))
    return found


def put(account: Account, store: MemoryStore, at: float, traits: Traits) -> str:
    """
    The profile with these traits: the one that has one of the identifiers, or a new one.

    Rules are tried in their order; where they find several profiles, these become one.
    """
    found = promoted(store, traits)
    known = configs(store)
    matching = [
        holder
        for rule in store.resolution["rules"]
        for id_type, value in found
        if id_type == rule and known.get(rule, {}).get("enforceUnique", True)
        for holder in holders(store, id_type, value)
    ]
    profile_id = matching[0] if matching else create(account, store, at, {})
    for other in dict.fromkeys(matching):
        profile_id = merge(store, profile_id, other)
    return change(store, profile_id, traits, at)


def change(store: MemoryStore, profile_id: str, traits: Traits, at: float) -> str:
    """Set traits, and the identifiers that they become; returns the profile that has them now."""
    set_traits(store, profile_id, traits, at)
    for id_type, value in promoted(store, traits):
        profile_id = claim(store, profile_id, id_type, value)
    return profile_id


def set_traits(store: MemoryStore, profile_id: str, traits: Traits, at: float) -> None:
    """Add or replace traits; null removes one."""
    profile = store.profiles.get(profile_id)
    if profile is None:
        return
    times = store.memories[profile_id].trait_times
    for group, values in traits.items():
        merged = {**profile.traits.get(group, {}), **values}
        profile.traits[group] = {k: v for k, v in merged.items() if v is not None}
        for name, value in values.items():
            if value is None:
                times.pop((group, name), None)
            else:
                times[group, name] = rfc3339(at)


def identify(store: MemoryStore, profile_id: str, id_type: str, value: str) -> None:
    """Give a profile an identifier; the store's limit may take another one away."""
    value = normalize(store, id_type, value)
    values = store.identifiers[profile_id].setdefault(id_type, [])
    if value not in values:
        values.append(value)
    held = store.holders.setdefault((id_type, value), [])
    if profile_id not in held:
        held.append(profile_id)
    config = configs(store).get(id_type, {})
    if len(values) > config.get("limit", 100):
        drop(store, profile_id, id_type)


def drop(store: MemoryStore, profile_id: str, id_type: str, value: str | None = None) -> None:
    """Take an identifier away; without a value the one that the store's limitPolicy names."""
    values = store.identifiers[profile_id].get(id_type, [])
    if not values:
        return
    newest = configs(store).get(id_type, {}).get("limitPolicy") == "lifo"
    value = value if value is not None else values[-1 if newest else 0]
    values.remove(value)
    if not values:
        del store.identifiers[profile_id][id_type]
    held = [one for one in store.holders.get((id_type, value), []) if one != profile_id]
    if held:
        store.holders[id_type, value] = held
    else:
        store.holders.pop((id_type, value), None)


def claim(store: MemoryStore, profile_id: str, id_type: str, value: str) -> str:
    """
    Give a profile an identifier; another one that has it becomes one with it, where it is unique.

    Returns:
        The profile that has the identifier now.
    """
    others = [held for held in holders(store, id_type, value) if held != profile_id]
    identify(store, profile_id, id_type, value)
    if configs(store).get(id_type, {}).get("enforceUnique", True):
        for other in others:
            profile_id = merge(store, profile_id, other)
    return profile_id


def merge(store: MemoryStore, one: str, other: str) -> str:
    """Make two profiles one, and return its id: that of the earlier one."""
    into, gone = sorted((one, other), key=store.profiles.position)
    kept, lost = store.profiles.get(into), store.profiles.get(gone)
    if kept is None or lost is None or kept is lost:
        return into
    for id_type, values in list(store.identifiers[gone].items()):
        for value in list(values):
            drop(store, gone, id_type, value)
            identify(store, into, id_type, value)
    ours, theirs = store.memories[into], store.memories.pop(gone)
    for group, traits in lost.traits.items():
        # What the canonical profile says of itself counts for more.
        kept.traits[group] = {**traits, **kept.traits.get(group, {})}
    ours.trait_times = {**theirs.trait_times, **ours.trait_times}
    ours.observations = _in_order(ours.observations, theirs.observations)
    ours.summaries = _in_order(ours.summaries, theirs.summaries)
    store.profiles.remove(gone)
    del store.identifiers[gone]
    for before, after in store.merged.items():
        if after == gone:
            store.merged[before] = into
    store.merged[gone] = into
    return into


def forget(store: MemoryStore, profile_id: str) -> None:
    """Delete a profile with all that is known of it."""
    for id_type, values in list(store.identifiers.pop(profile_id).items()):
        for value in values:
            held = [one for one in store.holders[id_type, value] if one != profile_id]
            if held:
                store.holders[id_type, value] = held
            else:
                del store.holders[id_type, value]
    del store.memories[profile_id]
    store.profiles.remove(profile_id)


def _in_order(*lists: StableList[Any]) -> StableList[Any]:
    merged: StableList[Any] = StableList()
    for thing in sorted((one for known in lists for one in known), key=lambda o: o.created_at):
        merged.put(thing.id, thing)
    return merged
