"""Memory stores, profiles and what is known of them. Source: Twilio's OpenAPI for memory v1."""

from __future__ import annotations

from typing import Any

from .conversations import Content
from .records import Record

Traits = dict[str, dict[str, Any]]
"""Group to trait to value: a string, number, boolean or a list of these."""


class Store(Record, frozen=True, kw_only=True):
    """A memory store; usable only while `status` is ACTIVE."""

    id: str
    display_name: str | None = None
    description: str | None = None
    status: str | None = None
    intelligence_service_id: str | None = None
    version: int | None = None


class IdentifierConfig(Record, frozen=True, kw_only=True):
    """One kind of identifier of a store; `normalization` is phone, email, trim or none."""

    id_type: str = ""
    normalization: str | None = None
    enforce_unique: bool | None = None
    limit: int | None = None
    limit_policy: str | None = None
    matching_algo: str | None = None
    matching_threshold: int | None = None


class IdentitySettings(Record, frozen=True, kw_only=True):
    """
    How a store tells who is who.

    Attributes:
        matching_rules: The kinds of identifiers by which profiles are found, best first.
    """

    identifier_configs: tuple[IdentifierConfig, ...] | None = None
    matching_rules: tuple[str, ...] | None = None
    version: int | None = None

    @property
    def id_types(self) -> tuple[str, ...]:
        """The kinds of identifiers that the store has."""
        return tuple(one.id_type for one in self.identifier_configs or ())


class TraitDefinition(Record, frozen=True, kw_only=True):
    """
    A trait that profiles may have.

    Attributes:
        data_type: STRING, NUMBER, BOOLEAN or ARRAY.
        id_type_promotion: The kind of identifier that its value becomes, if any.
    """

    data_type: str | None = None
    description: str | None = None
    id_type_promotion: str | None = None


class TraitGroup(Record, frozen=True, kw_only=True):
    """A group of traits; `traits` is None unless they were asked for."""

    display_name: str = ""
    description: str | None = None
    traits: dict[str, TraitDefinition] | None = None
    version: int | None = None


class Profile(Record, frozen=True, kw_only=True):
    """A customer; one that was merged into another has the other's id."""

    id: str = ""
    created_at: str | None = None
    traits: Traits | None = None


class Trait(Record, frozen=True, kw_only=True):
    name: str = ""
    value: Any = None
    trait_group: str = ""
    timestamp: str | None = None


class IdentifierSet(Record, frozen=True, kw_only=True):
    """The values by which a profile is found, of one kind."""

    id_type: str = ""
    values: tuple[str, ...] | None = None


class Identifiers(Record, frozen=True, kw_only=True):
    identifiers: tuple[IdentifierSet, ...] | None = None


class Found(Record, frozen=True, kw_only=True):
    """
    What a lookup found.

    Attributes:
        normalized_value: The value that was looked for, as the store writes it.
        profiles: Ids, or objects that hold one: Twilio's sources differ.
    """

    normalized_value: str | None = None
    profiles: tuple[str | Profile, ...] | None = None

    @property
    def profile_ids(self) -> tuple[str, ...]:
        """The profiles that have the identifier; empty when there are none."""
        ids = (one if isinstance(one, str) else one.id for one in self.profiles or ())
        return tuple(filter(None, ids))


class Observation(Record, frozen=True, kw_only=True):
    """
    A fact about a customer.

    Attributes:
        score: How well it answers the query, 0 to 1; a recall with a query alone has one.
    """

    id: str = ""
    content: str = ""
    source: str | None = None
    conversation_ids: tuple[str, ...] | None = None
    occurred_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    score: float | None = None


class Summary(Record, frozen=True, kw_only=True):
    """What a conversation was about; `score` is as an observation's."""

    id: str = ""
    content: str = ""
    source: str | None = None
    conversation_id: str | None = None
    occurred_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    score: float | None = None


class RecalledParticipant(Record, frozen=True, kw_only=True):
    id: str = ""
    name: str | None = None
    type: str | None = None
    profile_id: str | None = None
    address: str | None = None
    channel: str | None = None


class RecalledCommunication(Record, frozen=True, kw_only=True):
    id: str = ""
    channel_id: str | None = None
    content: Content | None = None
    author: RecalledParticipant | None = None
    created_at: str | None = None


class Recall(Record, frozen=True, kw_only=True):
    """What memory gives an agent about a customer."""

    observations: tuple[Observation, ...] | None = None
    summaries: tuple[Summary, ...] | None = None
    communications: tuple[RecalledCommunication, ...] | None = None


class ProfileAccepted(Record, frozen=True, kw_only=True):
    """The profile that a create made, or that had one of the identifiers before."""

    id: str
    message: str | None = None
