"""What memory knows of one customer. Source: Twilio's OpenAPI for memory v1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

from ...api.fan_out import fan_out
from ...api.memory import LONGEST_IDENTIFIER
from ...api.models import (
    IdentifierSet,
    IdentitySettings,
    Observation,
    Profile,
    Recall,
    Summary,
)
from ...api.session import Session
from ...errors import BridgeError, Cancelled, NotFound
from ...forms import E164
from ...progress import current_context
from .mapping import normalized

T = TypeVar("T")

PROFILE_ID: Final = re.compile(r"mem_profile_[0-7][0-9a-z]{25}")
_DIALLED: Final = re.compile(r"\+[0-9 ().-]+")
NEWEST: Final = 20
"""Observations and summaries that are shown of a customer, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    One customer as memory has it.

    Attributes:
        profile_id: Of a profile that was merged, that of the one it became part of.
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

    The profile comes first: participants keep the id of one that was merged later, and its lists
    are read under the id that it has now.

    Args:
        conversation_id: The v2 conversation that recall is asked for; empty: none.
        query: What recall is asked; empty: what it gives by itself.

    Raises:
        NotFound: There is no such profile.
        Cancelled: Stopped in between.
    """
    memory = session.memory
    current_context().say(f"Reading what memory knows of {profile_id}")
    read: dict[str, Any] = {}
    unread: list[str] = []
    try:
        read["profile"] = memory.profile(store_id, profile_id)
    except NotFound as missing:
        missing.what = f"There is no profile {profile_id} in memory store {store_id}."
        raise
    except Cancelled:
        raise
    except BridgeError as error:
        unread.append(f"Its profile could not be read. {error.what}")
    else:
        profile_id = read["profile"].id or profile_id
    parts: dict[str, Callable[[], object]] = {
        "identifiers": lambda: memory.identifiers(store_id, profile_id),
        "observations": lambda: _newest(memory.observations(store_id, profile_id)),
        "summaries": lambda: _newest(memory.summaries(store_id, profile_id)),
        "recall": lambda: memory.recall(
            store_id, profile_id, query, conversation_id=conversation_id
        ),
    }
    for outcome in fan_out(lambda name: parts[name](), parts):
        if outcome.error is None:
            read[outcome.item] = outcome.result
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
    if PROFILE_ID.fullmatch(customer):
        return customer
    if len(customer) > LONGEST_IDENTIFIER:
        # Classic's identities may be longer than an identifier, so nobody has it.
        return ""
    kinds = ["chat", *(["email"] if "@" in customer else [])]
    # As people write it, too: the store takes the spaces out.
    if _DIALLED.fullmatch(customer) and E164.fullmatch(normalized(customer, "phone")):
        kinds = ["phone", "whatsapp", *kinds]
    for kind in kinds:
        if kind in identity.id_types:
            found = session.memory.look_up(store_id, kind, customer)
            if found:
                return found[0]
    return ""


def _newest(listed: Iterable[T]) -> tuple[T, ...]:
    return tuple(islice(listed, NEWEST))
