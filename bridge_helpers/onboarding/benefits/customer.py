"""What memory knows of one customer. Source: Twilio's OpenAPI for memory v1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from ...api.fan_out import fan_out
from ...api.models import (
    IdentifierSet,
    IdentitySettings,
    Observation,
    Profile,
    Recall,
    Summary,
)
from ...api.session import Session
from ...errors import BridgeError, NotFound
from ...forms import E164
from ...progress import current_context

T = TypeVar("T")

PROFILE_ID: Final = re.compile(r"mem_profile_[0-7][0-9a-z]{25}")
NEWEST: Final = 20
"""Observations and summaries that are shown of a customer, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    One customer as memory has it.

    Attributes:
        profile: With its traits; None where it could not be read.
        observations: Facts, newest first, at most 20; summaries likewise.
        recall: What an agent would be given now; None where it could not be read.
        unread: What could not be read, and why; sentences.
    """

    profile_id: str
    conversation_id: str = ""
    profile: Profile | None = None
    identifiers: tuple[IdentifierSet, ...] = ()
    observations: tuple[Observation, ...] = ()
    summaries: tuple[Summary, ...] = ()
    recall: Recall | None = None
    unread: tuple[str, ...] = ()

    @property
    def traits(self) -> tuple[tuple[str, str, Any], ...]:
        """`(group, trait, value)`, in the order in which they were sent."""
        groups = (self.profile.traits if self.profile else None) or {}
        return tuple(
            (group, name, value)
            for group, traits in groups.items()
            for name, value in traits.items()
        )


def know(
    session: Session,
    store_id: str,
    profile_id: str,
    *,
    conversation_id: str = "",
    query: str = "",
) -> Known:
    """
    Read everything that memory has of a profile. Reads only; `Recall` is a read that is a POST.

    Args:
        conversation_id: The v2 conversation that recall is asked for; empty: none.
        query: What recall is asked; empty: what it gives by itself.

    Raises:
        NotFound: There is no such profile.
        Cancelled: Stopped in between.
    """
    memory = session.memory
    current_context().say(f"Reading what memory knows of {profile_id}")
    parts: dict[str, Callable[[], object]] = {
        "profile": lambda: memory.profile(store_id, profile_id),
        "identifiers": lambda: memory.identifiers(store_id, profile_id),
        "observations": lambda: _newest(memory.observations(store_id, profile_id)),
        "summaries": lambda: _newest(memory.summaries(store_id, profile_id)),
        "recall": lambda: memory.recall(
            store_id, profile_id, query, conversation_id=conversation_id
        ),
    }
    read: dict[str, Any] = {}
    unread: list[str] = []
    for outcome in fan_out(lambda name: parts[name](), parts):
        if outcome.error is None:
            read[outcome.item] = outcome.result
        elif outcome.item == "profile" and isinstance(outcome.error, NotFound):
            missing = outcome.error
            missing.what = f"There is no profile {profile_id} in memory store {store_id}."
            raise missing
        elif isinstance(outcome.error, BridgeError):
            unread.append(f"Its {outcome.item} could not be read. {outcome.error.what}")
        else:
            raise outcome.error
    return Known(
        profile_id=profile_id, conversation_id=conversation_id, unread=tuple(unread), **read
    )


def find(session: Session, store_id: str, identity: IdentitySettings, customer: str) -> str:
    """
    The profile that somebody means.

    Args:
        customer: A profile's id, a chat identity, an e-mail address or a number.

    Returns:
        The id of the first profile that has it as an identifier; empty when nobody has.
    """
    customer = customer.strip()
    if PROFILE_ID.fullmatch(customer):
        return customer
    kinds = ["chat", *(["email"] if "@" in customer else [])]
    if E164.fullmatch(customer):
        kinds = ["phone", "whatsapp", *kinds]
    for kind in kinds:
        if kind in identity.id_types:
            found = session.memory.look_up(store_id, kind, customer)
            if found:
                return found[0]
    return ""


def _newest(listed: Iterable[T]) -> tuple[T, ...]:
    return tuple(islice(listed, NEWEST))
