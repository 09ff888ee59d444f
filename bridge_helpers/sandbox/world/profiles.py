"""
Who is who: addresses to memory profiles.

Source: Twilio docs, conversations/orchestrator/concepts/profiles. SMS and voice resolve by phone,
WhatsApp by whatsapp, chat by the chat identity (and, if it is one, by its e-mail or phone).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType

from .clock import rfc3339
from .records import Address, Profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .state import Account, MemoryStore

_PHONE = re.compile(r"\+[1-9]\d{6,14}")


def plain(address: str) -> str:
    """An address without the channel's prefix: ``whatsapp:+1555…`` is ``+1555…``."""
    return re.sub(r"^(whatsapp|rcs|sms|messenger):", "", address)


def normalize(store: MemoryStore, id_type: str, value: str) -> str:
    """A value as the store's identity resolution settings normalise it."""
    rules = {c["idType"]: c.get("normalization", "trim") for c in store.resolution["configs"]}
    rule = rules.get(id_type, "trim")
    if rule == "none":
        return value
    value = value.strip()
    if rule == "email":
        return value.lower()
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


def look_up(account: Account, store_id: str, addresses: list[Address]) -> str | None:
    """The profile that these addresses belong to, if the store knows one."""
    store = account.stores.get(store_id)
    if store is None or store.record.status != "ACTIVE":
        return None
    for address in addresses:
        for id_type, value in identifiers(address):
            held = store.holders.get((id_type, normalize(store, id_type, value)))
            if held:
                return held[0]
    return None


def profile_of(
    account: Account, store_id: str, addresses: list[Address], at: float
) -> str | UnsetType:
    """The profile of a CUSTOMER, created if there is none; unset where the store is unusable."""
    found = look_up(account, store_id, addresses)
    if found:
        return found
    store = account.stores.get(store_id)
    if store is None or store.record.status != "ACTIVE" or not addresses:
        return UNSET
    profile_id = create(account, store, at, traits={})
    for address in addresses:
        id_type, value = next(identifiers(address))
        identify(store, profile_id, id_type, value)
    return profile_id


def create(
    account: Account, store: MemoryStore, at: float, traits: dict[str, dict[str, Any]]
) -> str:
    profile_id = account.ids.typed("mem_profile")
    profile = Profile(id=profile_id, created_at=rfc3339(at), traits=traits)
    store.profiles.put(profile_id, profile)
    store.identifiers[profile_id] = {}
    return profile_id


def identify(store: MemoryStore, profile_id: str, id_type: str, value: str) -> None:
    """Give a profile an identifier."""
    value = normalize(store, id_type, value)
    values = store.identifiers[profile_id].setdefault(id_type, [])
    if value not in values:
        values.append(value)
    held = store.holders.setdefault((id_type, value), [])
    if profile_id not in held:
        held.append(profile_id)
