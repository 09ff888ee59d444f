"""Conversation Memory (v1): stores and profiles. Source: Twilio's OpenAPI for memory v1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..errors import NotFound
from .fan_out import fan_out
from .http import Http
from .models import Identifiers, Store
from .paging import Listing, TokenListing

_STORES: Final = ("v1", "ControlPlane", "Stores")


class Memory:
    """The memory endpoints of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def store_ids(self) -> Listing[str]:
        """The ids of all stores; the list tells no more than that."""
        return TokenListing(
            http=self._http, service="memory", segments=_STORES, key="stores", item=str, size=100
        )

    def stores(self) -> Iterator[Store]:
        """All stores with name and status: one request for each, several at once."""
        for outcome in fan_out(self.store, self.store_ids()):
            yield outcome.result

    def store(self, store_id: str) -> Store:
        """One store by its `mem_store_…`."""
        return self._http.send("GET", "memory", (*_STORES, store_id)).read(Store)

    def identifiers(self, store_id: str, profile_id: str) -> tuple[str, ...]:
        """The values by which a profile is found, of every kind; NotFound when it is gone."""
        segments = ("v1", "Stores", store_id, "Profiles", profile_id, "Identifiers")
        told = self._http.send("GET", "memory", segments).read(Identifiers)
        return tuple(value for one in told.identifiers or () for value in one.values or ())

    def delete_profile(self, store_id: str, profile_id: str) -> bool:
        """Delete a profile; False when it was gone already."""
        try:
            self._http.send("DELETE", "memory", ("v1", "Stores", store_id, "Profiles", profile_id))
        except NotFound:
            return False
        return True
