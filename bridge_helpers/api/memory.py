"""
Conversation Memory (v1): stores, profiles and what is known of them.

A profile that was merged into another answers with a redirect that names the other one. Single
reads and writes go there; lists and deletions do not, they raise ProfileMerged: a deletion would
take away the profile of somebody else. Writes take effect a while after they were accepted.

Source: Twilio's OpenAPI for memory v1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from ..errors import InvalidInput, NotFound, ProfileMerged
from .answer import Answer
from .fan_out import fan_out
from .http import Http, Query
from .models import (
    Accepted,
    Found,
    Identifiers,
    IdentifierSet,
    IdentitySettings,
    Observation,
    Operation,
    Profile,
    ProfileAccepted,
    Recall,
    Store,
    Summary,
    Trait,
    TraitDefinition,
    TraitGroup,
    Traits,
)
from .operations import Operations, accepted
from .paging import Listing, TokenListing

T = TypeVar("T")

MOST_IN_BULK: Final = 1000
"""Profiles in one request of `put_profiles` (Twilio's OpenAPI)."""

LONGEST_IDENTIFIER: Final = 255
"""Characters of an identifier's value (Twilio's OpenAPI); classic's identities may have 256."""

_STORES: Final = ("v1", "ControlPlane", "Stores")
_OPERATIONS: Final = ("v1", "ControlPlane", "Operations")


class Memory:
    """The memory endpoints of one account. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._operations = Operations(http, "memory", _OPERATIONS)

    # stores

    def store_ids(self) -> Listing[str]:
        """The ids of all stores; the list tells no more than that."""
        return self._list(_STORES, "stores", str, size=100)

    def stores(self) -> Iterator[Store]:
        """All stores with name and status: one request for each, several at once."""
        for outcome in fan_out(self.store, self.store_ids()):
            yield outcome.result

    def store(self, store_id: str) -> Store:
        """One store by its `mem_store_…`."""
        return self._send("GET", (*_STORES, store_id)).read(Store)

    def identity_settings(self, store_id: str) -> IdentitySettings:
        """Which kinds of identifiers a store has, and which of them find a profile."""
        segments = (*_STORES, store_id, "IdentityResolutionSettings")
        return self._send("GET", segments).read(IdentitySettings)

    def trait_groups(self, store_id: str) -> Listing[TraitGroup]:
        """The trait groups of a store, with their traits."""
        segments = (*_STORES, store_id, "TraitGroups")
        query = [("includeTraits", "true")]
        return self._list(segments, "traitGroups", TraitGroup, query, size=100)

    def create_trait_group(
        self, store_id: str, name: str, traits: Mapping[str, TraitDefinition]
    ) -> Accepted:
        """
        POST a trait group; an operation follows, see `follow`.

        There is no key for it. A store has at most one group of a name: where the answer was
        lost, `trait_groups` tells whether it was made.
        """
        segments = (*_STORES, store_id, "TraitGroups")
        body = msgspec.to_builtins({"displayName": name, "traits": traits})
        return accepted(self._send("POST", segments, json=body))

    def add_traits(
        self, store_id: str, group: str, traits: Mapping[str, TraitDefinition]
    ) -> Accepted:
        """PATCH a trait group: traits are added or replaced, others stay; an operation follows."""
        segments = (*_STORES, store_id, "TraitGroups", group)
        body = msgspec.to_builtins({"traits": traits})
        return accepted(self._send("PATCH", segments, json=body, repeatable=True))

    def follow(
        self, operation_id: str, *, first_look: float | None = None, deadline: float = 120.0
    ) -> Operation:
        """Poll an operation of a store to its end; see `operations.follow`."""
        return self._operations.follow(operation_id, first_look=first_look, deadline=deadline)

    # profiles

    def profile_ids(self, store_id: str) -> Listing[str]:
        """The ids of all profiles of a store, newest first; the list tells no more than that."""
        return self._list(_profiles(store_id), "profiles", str)

    def profile(self, store_id: str, profile_id: str) -> Profile:
        """One profile with its traits; of a merged one, the profile that it became part of."""
        return self._of("GET", store_id, profile_id).read(Profile)

    def look_up(self, store_id: str, id_type: str, value: str) -> tuple[str, ...]:
        """
        The profiles that have an identifier; empty when nobody has it.

        Args:
            id_type: One of `identity_settings(…).id_types`, such as `chat` or `phone`.
            value: The store normalises it before it compares.

        Raises:
            InvalidInput: The value has more than `LONGEST_IDENTIFIER` characters.
            BadRequest: The store has no such kind of identifier, or it is not ACTIVE.
        """
        _short(value)
        segments = (*_profiles(store_id), "Lookup")
        asked = {"idType": id_type, "value": value}
        # A read, although it is a POST.
        return self._send("POST", segments, json=asked, repeatable=True).read(Found).profile_ids

    def create_profile(self, store_id: str, traits: Traits) -> str:
        """
        The id of a profile with these traits; one with the same identifier is taken instead.

        Args:
            traits: Group to trait to value; one trait at least has to be an identifier, see
                `TraitDefinition.id_type_promotion`.
        """
        # Identity is resolved before it is answered, so that the same request again finds
        # the profile that it made (Twilio's OpenAPI).
        answer = self._send("POST", _profiles(store_id), json={"traits": traits}, repeatable=True)
        return answer.read(ProfileAccepted).id

    def put_profiles(self, store_id: str, profiles: Sequence[Traits]) -> None:
        """
        Create or update many profiles in one request.

        Each is as in `create_profile`: where an identifier is known, the traits are merged into
        its profile. Nothing tells when the work is done but the profiles themselves.

        Raises:
            InvalidInput: None, or more than `MOST_IN_BULK`.
        """
        if not 1 <= len(profiles) <= MOST_IN_BULK:
            raise InvalidInput("profiles", len(profiles), f"a request takes 1 to {MOST_IN_BULK}")
        body = {"profiles": [{"traits": traits} for traits in profiles]}
        self._send("PUT", (*_profiles(store_id), "Bulk"), json=body)

    def update_traits(self, store_id: str, profile_id: str, traits: Traits) -> None:
        """Set traits of a profile; others stay, and None removes one."""
        self._of("PATCH", store_id, profile_id, json={"traits": traits}, repeatable=True)

    def delete_profile(self, store_id: str, profile_id: str) -> bool:
        """
        Delete a profile with all that is known of it; False when it was gone already.

        Raises:
            ProfileMerged: It is part of another profile now, which was left alone.
        """
        try:
            self._send("DELETE", (*_profiles(store_id), profile_id))
        except NotFound:
            return False
        return True

    def identifiers(self, store_id: str, profile_id: str) -> tuple[IdentifierSet, ...]:
        """The values by which a profile is found, by kind; NotFound when it is gone."""
        told = self._of("GET", store_id, profile_id, "Identifiers").read(Identifiers)
        return told.identifiers or ()

    def add_identifier(self, store_id: str, profile_id: str, id_type: str, value: str) -> None:
        """
        Give a profile an identifier; a profile that has it already may be merged with it.

        Raises:
            InvalidInput: The value has more than `LONGEST_IDENTIFIER` characters.
        """
        _short(value)
        asked = {"idType": id_type, "value": value}
        self._of("POST", store_id, profile_id, "Identifiers", json=asked, repeatable=True)

    # what is known of a profile

    def traits(self, store_id: str, profile_id: str) -> Listing[Trait]:
        """The traits of a profile, one by one, with the time of each."""
        # The specification allows pages of 1,000 and lists of 100.
        return self._list((*_profiles(store_id), profile_id, "Traits"), "traits", Trait, size=100)

    def observations(
        self, store_id: str, profile_id: str, conversation_id: str = ""
    ) -> Listing[Observation]:
        """Facts about a customer, newest first: all, or those from one v2 conversation."""
        return self._known(
            store_id, profile_id, "Observations", "observations", Observation, conversation_id
        )

    def summaries(
        self, store_id: str, profile_id: str, conversation_id: str = ""
    ) -> Listing[Summary]:
        """Summaries of a customer's conversations: all, or those of one v2 conversation."""
        return self._known(
            store_id, profile_id, "ConversationSummaries", "summaries", Summary, conversation_id
        )

    def recall(
        self,
        store_id: str,
        profile_id: str,
        query: str = "",
        *,
        conversation_id: str = "",
        observations: int = 20,
        summaries: int = 5,
        communications: int = 0,
    ) -> Recall:
        """
        What memory would give an agent about a customer.

        Args:
            query: What is looked for; empty: what the conversation is about, or the newest.
            conversation_id: The v2 conversation that it is for.
            observations: How many at most, up to 100; `summaries` and `communications` likewise.
        """
        asked: dict[str, Any] = {
            "observationsLimit": observations,
            "summariesLimit": summaries,
            "communicationsLimit": communications,
        }
        if query:
            asked["query"] = query
        if conversation_id:
            asked["conversationId"] = conversation_id
        # A read, although it is a POST.
        answer = self._of("POST", store_id, profile_id, "Recall", json=asked, repeatable=True)
        return answer.read(Recall)

    # requests

    def _of(
        self, method: str, store_id: str, profile_id: str, *below: str, **options: Any
    ) -> Answer:
        """Ask a profile, or the one that it was merged into."""
        profiles = _profiles(store_id)
        try:
            return self._send(method, (*profiles, profile_id, *below), **options)
        except ProfileMerged as merged:
            return self._send(method, (*profiles, merged.profile_id, *below), **options)

    def _known(
        self,
        store_id: str,
        profile_id: str,
        what: str,
        key: str,
        item: type[T],
        conversation_id: str,
    ) -> Listing[T]:
        query = [("conversationId", conversation_id)] if conversation_id else []
        # The specification allows pages of 1,000 and lists of 50.
        return self._list((*_profiles(store_id), profile_id, what), key, item, query, size=50)

    def _list(
        self,
        segments: Sequence[str],
        key: str,
        item: type[T],
        query: Query = (),
        size: int = 1000,
    ) -> Listing[T]:
        return TokenListing(
            http=self._http,
            service="memory",
            segments=segments,
            key=key,
            item=item,
            query=query,
            size=size,
        )

    def _send(self, method: str, segments: Sequence[str], **options: Any) -> Answer:
        return self._http.send(method, "memory", segments, **options)


def _profiles(store_id: str) -> tuple[str, ...]:
    return ("v1", "Stores", store_id, "Profiles")


def _short(value: str) -> None:
    if len(value) > LONGEST_IDENTIFIER:
        rule = f"an identifier has at most {LONGEST_IDENTIFIER} characters, this has {len(value)}"
        raise InvalidInput("value", value, rule)
