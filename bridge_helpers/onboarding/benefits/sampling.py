"""
A sample of a service's recent bridged conversations, and who the customer is in each.

A bridged conversation has one customer. The bridge may leave the agent UNKNOWN as well, so it
is conversations that are counted, not participants: one with a CUSTOMER has a customer who is
known, one with nobody but UNKNOWN and agents has one who is not. Only a CUSTOMER gets a profile
(Twilio docs: conversations/orchestrator/concepts/profiles).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import nlargest
from typing import Final, Literal

from ...api.fan_out import fan_out
from ...api.models import Address, Configuration, Conversation, IdentitySettings, Participant
from ...api.session import Session
from ...errors import BridgeError, InvalidInput, NotFound
from ...forms import E164
from ...progress import current_context
from ..proof.names import is_ours

LISTED: Final = 20_000
"""Conversations that are looked through for the newest: the list has no order and no filter."""
MOST_SAMPLED: Final = 1000
AGENTS: Final = ("HUMAN_AGENT", "AI_AGENT", "AGENT")

State = Literal["known", "without profile", "unknown", "nobody"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """
    One conversation of the sample.

    Attributes:
        state: Of its customer: `known` (CUSTOMER with a profile), `without profile` (CUSTOMER
            without one), `unknown` (UNKNOWN only), or `nobody` (nobody but agents).
        customer: The participant that this is about; None where there is nobody.
        candidates: Who may be the customer, where nobody is called one.
        resolves: `(participant id, profile id)` of candidates who have a profile.
        extraction: Whether memory is made of it, as it was born; None: not told.
        at: When it changed last, RFC 3339; empty: not told.
    """

    conversation_id: str
    channel_id: str
    status: str
    state: State
    customer: Participant | None
    candidates: tuple[Participant, ...]
    extraction: bool | None
    at: str
    resolves: tuple[tuple[str, str], ...] = ()

    @property
    def profile_id(self) -> str:
        """The customer's profile; empty where there is none."""
        return (self.customer.profile_id if self.customer else None) or ""

    @property
    def address(self) -> str:
        """What the customer writes from, for a person to recognise the conversation."""
        addresses = (self.customer.addresses if self.customer else None) or ()
        return next((one.address for one in addresses if one.address), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """
    What was sampled.

    Attributes:
        conversations: Newest first.
        bridged: How many bridged conversations there were to choose from.
        listed_all: Whether the whole list was looked through.
        failed: Why some of them could not be read; empty: all could.
        looked_up: Whether unknown customers were looked up.
        unlooked: Why addresses could not be looked up; empty: all were.
    """

    conversations: tuple[Sampled, ...] = ()
    bridged: int = 0
    listed_all: bool = True
    failed: tuple[BridgeError, ...] = ()
    looked_up: bool = True
    unlooked: str = ""

    def counted(self, *states: State) -> int:
        """How many conversations have a customer in one of these states."""
        return sum(one.state in states for one in self.conversations)

    @property
    def would_resolve(self) -> int:
        """How many of the unknown customers have a profile that they were not matched with."""
        return sum(bool(one.resolves) for one in self.conversations if one.state == "unknown")


def check_sample(value: object) -> int:
    """How many conversations to sample: 1 to 1000."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not 1 <= value <= MOST_SAMPLED:  # type: ignore[operator]
        rule = f"it has to be a whole number from 1 to {MOST_SAMPLED}"
        raise InvalidInput("sample", value, rule)
    return value  # type: ignore[return-value]


def take_sample(session: Session, configuration: Configuration, size: int) -> Sample:
    """
    The newest conversations that a configuration's bridge carried; tests' are left out.

    Raises:
        BridgeError: The list, or every one of the conversations, could not be read.
    """
    context = current_context()
    context.say("Reading the list of conversations")
    listing = _Counting(session.orchestrator.conversations(), configuration.id)
    newest = nlargest(size, listing, key=lambda one: one.updated_at or one.created_at or "")
    found: list[Sampled] = []
    failed: list[BridgeError] = []
    for number, outcome in enumerate(
        fan_out(lambda one: _look_into(session, one), newest), start=1
    ):
        context.say("Looking at who takes part", done=number, total=len(newest))
        if isinstance(outcome.error, NotFound):
            # Deleted since the list was read.
            continue
        if isinstance(outcome.error, BridgeError):
            failed.append(outcome.error)
        elif outcome.result is not None:
            found.append(outcome.result)
    if failed and not found:
        raise failed[0]
    return Sample(
        conversations=tuple(found),
        bridged=listing.bridged,
        listed_all=listing.whole,
        failed=tuple(failed),
        looked_up=False,
    )


def look_up(session: Session, store_id: str, identity: IdentitySettings, sample: Sample) -> Sample:
    """
    The sample with the profiles that unknown customers would be matched with.

    A look-up creates nothing. One that is refused is told in `unlooked`.
    """
    unknown = [one for one in sample.conversations if one.state == "unknown"]
    wanted = {key for one in unknown for key in _keys(one.candidates, identity)}
    profiles: dict[tuple[str, str], tuple[str, ...]] = {}
    unlooked = ""
    context = current_context()
    asked = sorted(wanted)
    for number, outcome in enumerate(
        fan_out(lambda key: session.memory.look_up(store_id, *key), asked), start=1
    ):
        context.say("Looking unknown customers up", done=number, total=len(asked))
        if isinstance(outcome.error, InvalidInput):
            # Longer than an identifier may be, so nobody has it.
            continue
        if isinstance(outcome.error, BridgeError):
            unlooked = unlooked or f"{outcome.error.what} {outcome.error.why}".rstrip()
        else:
            profiles[outcome.item] = outcome.result
    looked = tuple(
        replace(one, resolves=_found(one, identity, profiles)) if one.state == "unknown" else one
        for one in sample.conversations
    )
    return replace(sample, conversations=looked, looked_up=True, unlooked=unlooked)


def identifiers_of(address: Address) -> Iterator[tuple[str, str]]:
    """
    `(idType, value)` that an address may be found by, best first.

    Source: Twilio docs, conversations/orchestrator/concepts/profiles: SMS and voice by phone,
    WhatsApp by whatsapp, chat by its identity. That a chat identity which is an e-mail address
    or a number is found by that as well is told by one of Twilio's sources and denied by
    another, so it is looked up.
    """
    value = address.address.split(":", 1)[-1] if address.channel != "CHAT" else address.address
    if address.channel in ("SMS", "VOICE", "RCS"):
        yield "phone", value
    elif address.channel == "WHATSAPP":
        yield "whatsapp", value
        yield "phone", value
    elif value.strip():
        yield "chat", value
        if "@" in value:
            yield "email", value
        elif E164.fullmatch(value):
            yield "phone", value


class _Counting:
    """Bridged conversations of a configuration, counted while they are read."""

    def __init__(self, listed: Iterable[Conversation], configuration_id: str) -> None:
        self._listed = listed
        self._configuration_id = configuration_id
        self._given: set[str] = set()
        self.bridged = 0
        self.whole = True

    def __iter__(self) -> Iterator[Conversation]:
        context = current_context()
        for number, one in enumerate(self._listed, start=1):
            if number > LISTED:
                self.whole = False
                return
            if number % 1000 == 0:
                context.say("Reading the list of conversations", done=number)
            if one.configuration_id == self._configuration_id and not _left_out(one):
                # A list that changes while it is read gives some of it twice.
                if one.id in self._given:
                    continue
                self._given.add(one.id)
                self.bridged += 1
                yield one


def _left_out(one: Conversation) -> bool:
    """Whether it is a test's, or was captured by a rule; of a partial item nothing is known."""
    addresses = [address for part in one.participants or () for address in part.addresses or ()]
    if any(is_ours(address.address) for address in addresses):
        return True
    return bool(addresses) and not any(
        (address.channel_id or "").startswith("CH") for address in addresses
    )


def _look_into(session: Session, listed: Conversation) -> Sampled | None:
    api = session.orchestrator
    whole = listed if listed.configuration is not None else api.conversation(listed.id)
    participants = tuple(api.participants(listed.id))
    whole_list = [address for one in participants for address in one.addresses or ()]
    if any(is_ours(address.address) for address in whole_list):
        return None
    channel_ids = [one.channel_id for one in whole_list if (one.channel_id or "").startswith("CH")]
    if whole_list and not channel_ids:
        return None
    customers = [one for one in participants if one.type == "CUSTOMER"]
    known = [one for one in customers if one.profile_id]
    others = tuple(one for one in participants if one.type not in (*AGENTS, "CUSTOMER"))
    state: State = (
        "known" if known else "without profile" if customers else "unknown" if others else "nobody"
    )
    born = whole.configuration
    return Sampled(
        conversation_id=listed.id,
        channel_id=(channel_ids[0] if channel_ids else None) or "",
        status=whole.status or "",
        state=state,
        customer=next(iter((*known, *customers, *others)), None),
        candidates=() if customers else others,
        extraction=None if born is None else bool(born.memory_extraction_enabled),
        at=whole.updated_at or whole.created_at or "",
    )


def _keys(participants: Iterable[Participant], identity: IdentitySettings) -> list[tuple[str, str]]:
    """What these participants would be looked up by in a store."""
    return [
        key
        for one in participants
        for address in one.addresses or ()
        for key in identifiers_of(address)
        if key[0] in identity.id_types
    ]


def _found(
    one: Sampled, identity: IdentitySettings, profiles: dict[tuple[str, str], tuple[str, ...]]
) -> tuple[tuple[str, str], ...]:
    pairs = (
        (candidate.id, profile_id)
        for candidate in one.candidates
        for key in _keys([candidate], identity)
        for profile_id in profiles.get(key, ())
    )
    return tuple(dict.fromkeys(pairs))
