"""Conversation Memory (v1): stores. Source: Twilio's OpenAPI for memory v1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .http import Http
from .models import Store
from .paging import token_pages

_STORES: Final = ("v1", "ControlPlane", "Stores")


class Memory:
    """The memory endpoints of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def store_ids(self) -> Iterator[str]:
        """The ids of all stores; the list tells no more than that."""
        return token_pages(self._http, "memory", _STORES, "stores", str, size=100)

    def stores(self) -> Iterator[Store]:
        """All stores with name and status, one request for each (an account has 15 at most)."""
        for store_id in self.store_ids():
            yield self.store(store_id)

    def store(self, store_id: str) -> Store:
        return self._http.send("GET", "memory", (*_STORES, store_id)).read(Store)
