"""Memory stores, whoever makes them."""

from __future__ import annotations

import msgspec
from msgspec import UnsetType

from .records import IdentifierConfig, Store
from .stable_list import StableList
from .state import Account, MemoryStore

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


def add(account: Account, display_name: str, description: str | UnsetType, status: str) -> Store:
    """A new store with the default identity resolution settings."""
    store = Store(
        display_name=display_name,
        description=description,
        id=account.ids.typed("mem_store"),
        status=status,  # type: ignore[arg-type]
    )
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
    )
    account.stores.put(store.id, memory)
    return store
