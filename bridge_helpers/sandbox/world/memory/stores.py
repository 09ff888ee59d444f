"""Memory stores, whoever makes them."""

from __future__ import annotations

import msgspec
from msgspec import UnsetType

from ..records import IdentifierConfig, Store, StoreStatus, Trait, TraitGroup
from ..stable_list import StableList
from ..state import Account, MemoryStore

#: Stores that one account can have (Twilio's OpenAPI).
MOST = 15

#: What identifies a profile in a new store (Twilio docs: concepts/profiles).
_ID_TYPES = (
    IdentifierConfig(id_type="chat"),
    IdentifierConfig(id_type="email", normalization="email"),
    IdentifierConfig(id_type="phone", normalization="phone"),
    IdentifierConfig(id_type="pushUserID"),
    IdentifierConfig(id_type="whatsapp", normalization="phone"),
)


#: Kinds of identifiers that are normalised in a way of their own.
_NORMALIZED = {config.id_type: config for config in _ID_TYPES}

#: The traits of a new store's one group (the assumption "trait-groups").
_CONTACT = {
    "firstName": Trait(data_type="STRING"),
    "lastName": Trait(data_type="STRING"),
    **{
        config.id_type: Trait(data_type="STRING", id_type_promotion=config.id_type)
        for config in _ID_TYPES
    },
}


def add(
    account: Account, display_name: str, description: str | UnsetType, status: StoreStatus
) -> Store:
    """A new store with the default identity resolution settings."""
    store = Store(
        display_name=display_name,
        description=description,
        id=account.ids.typed("mem_store"),
        status=status,
    )
    groups: StableList[TraitGroup] = StableList()
    groups.put("Contact", TraitGroup(display_name="Contact", traits=dict(_CONTACT)))
    memory = MemoryStore(
        record=store,
        profiles=StableList(),
        identifiers={},
        holders={},
        merged={},
        resolution={
            "configs": msgspec.to_builtins(_ID_TYPES),
            "rules": [config.id_type for config in _ID_TYPES],
            "version": 1,
        },
        trait_groups=groups,
    )
    account.stores.put(store.id, memory)
    return store


def identify_by(memory: MemoryStore, id_types: list[str]) -> None:
    """Let a store know these kinds of identifiers and no others, all of them by a rule."""
    kinds = [_NORMALIZED.get(name, IdentifierConfig(id_type=name)) for name in id_types]
    memory.resolution = {
        "configs": msgspec.to_builtins(kinds),
        "rules": list(id_types),
        "version": memory.resolution["version"] + 1,
    }
