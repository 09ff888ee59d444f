"""
The checks themselves: each gives what it found, a sentence for each thing that may go wrong.

A check's docstring is the question that it answers. Its level, risk, action and source are in
`table`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from ...errors import BridgeError, Cancelled
from ...words import counted
from ..channels.compose import Placed
from ..channels.rules import (
    ANY,
    CALL_TYPE,
    CALL_TYPES,
    call_type,
    covers,
    lacks,
    mirrored,
    plain,
    same,
)
from ..channels.words import rule_in_words
from .facts import Landing
from .situation import Handled, Situation, traffic_of

MOST_RULES: Final = 100
NEARLY_MOST_RULES: Final = 90
CHAT_ID: Final = "chat"
BY_PROFILE: Final = "GROUP_BY_PROFILE"
BY_ADDRESSES: Final = "GROUP_BY_PARTICIPANT_ADDRESSES"


@dataclass(frozen=True, slots=True)
class Hit:
    """
    One thing that a check found.

    Attributes:
        found: A sentence.
        new: Whether the change brings it. What was there before does not keep a change from
            being made: at most it is a warning.
    """

    found: str
    new: bool = True


Check: TypeAlias = Callable[[Situation], Iterator[Hit]]


# the same traffic twice


def bridged_address(at: Situation) -> Iterator[Hit]:
    """Does a rule take messages of an address that the bridged service handles?"""
    if not at.service_sid or not at.messages:
        return
    handled, failed = _all_of(at.handled())
    told = set()
    for placed in at.messages:
        for one in handled:
            key = placed.channel, one.address
            if one.channel != placed.channel or key in told:
                continue
            if at.met(placed.rule, one.traffic):
                told.add(key)
                yield Hit(
                    f"{placed.channel} of {one.address} comes over the bridge: {one.why}. "
                    f"The rule would take it as well: {_words(placed)}.",
                    placed.new,
                )
        yield from _bound_customer(at, placed)
    if failed is not None:
        raise failed


def _all_of(handled: Iterator[Handled]) -> tuple[list[Handled], BridgeError | None]:
    """What could be read, and the error that ended it."""
    found: list[Handled] = []
    try:
        for one in handled:
            found.append(one)
    except Cancelled:
        raise
    except BridgeError as error:
        return found, error
    return found, None


def _bound_customer(at: Situation, placed: Placed) -> Iterator[Hit]:
    """A rule for one customer: classic can be asked whether they talk in the service already."""
    rule = placed.rule
    customers = [end for end in (rule.from_, rule.to) if end != ANY and plain(end) not in at.own]
    if len(customers) != 1 or ANY in (rule.from_, rule.to):
        return
    other = rule.to if customers[0] == rule.from_ else rule.from_
    for binding in at.facts.open_with(at.service_sid, customers[0]):
        if binding.proxy_address and plain(binding.proxy_address) == plain(other):
            yield Hit(
                f"{customers[0]} talks with {other} in an open conversation of the bridged "
                f"service. The rule would take it as well: {_words(placed)}.",
                placed.new,
            )
            return


def not_all_looked_at(at: Situation) -> Iterator[Hit]:
    """Were all open conversations looked at for addresses that the service handles?"""
    if not at.service_sid or not any(one.new for one in at.messages):
        return
    seen = at.facts.bindings(at.service_sid)
    if not seen.complete:
        yield Hit(
            f"{counted(seen.looked_at, 'open conversation')} of the bridged service "
            "were looked at; there are more."
        )


def chat_rule(at: Situation) -> Iterator[Hit]:
    """Does a rule take CHAT?"""
    for placed in at.rules:
        if placed.channel == "CHAT":
            yield Hit(f"There is a rule for CHAT: {_words(placed)}.", placed.new)


def captured_elsewhere(at: Situation) -> Iterator[Hit]:
    """Does another configuration take the same traffic?"""
    for other in at.others if at.rules else ():
        for channel, placed in groupby(at.rules, lambda one: one.channel):
            traffic = traffic_of(other, channel)
            shared = [(one, met) for one in placed if (met := at.met(one.rule, traffic))]
            if shared:
                words = "; ".join(rule_in_words(channel, met) for _, met in shared[:3])
                yield Hit(
                    f"{other.display_name or other.id} captures it too: {words}.",
                    any(one.new for one, _ in shared),
                )


def covered_rule(at: Situation) -> Iterator[Hit]:
    """Does another rule of the configuration take all that a rule takes?"""
    for number, placed in enumerate(at.rules):
        for other_number, other in enumerate(at.rules):
            if number == other_number or placed.channel != other.channel:
                continue
            # Of two that take the same, the later one is the one too many.
            wider = not same(placed.rule, other.rule) or other_number < number
            if wider and covers(other.rule, placed.rule):
                yield Hit(
                    f"{_words(placed)} is taken by another rule already: {_words(other)}.",
                    placed.new or other.new,
                )
                break


def two_wildcards(at: Situation) -> Iterator[Hit]:
    """Is there a wildcard on both sides of a rule?"""
    for placed in at.rules:
        if placed.rule.from_ == placed.rule.to == ANY:
            yield Hit(f"{_words(placed)}: this is all there is.", placed.new)


def one_direction(at: Situation) -> Iterator[Hit]:
    """Are messages taken in one direction only?"""
    for placed in at.messages:
        back = mirrored(placed.rule)
        if not any(one.channel == placed.channel and covers(one.rule, back) for one in at.rules):
            yield Hit(f"{_words(placed)}, and nothing the other way.", placed.new)


# calls


def client_wildcard(at: Situation) -> Iterator[Hit]:
    """Is there a wildcard in a rule for CLIENT calls?"""
    for placed in at.calls:
        rule = placed.rule
        if call_type(rule) == "CLIENT" and ANY in (rule.from_, rule.to):
            yield Hit(f"{_words(placed)}.", placed.new)


def client_identity(at: Situation) -> Iterator[Hit]:
    """Are there CLIENT calls from single identities?"""
    for placed in at.calls:
        rule = placed.rule
        if call_type(rule) == "CLIENT" and ANY not in (rule.from_, rule.to):
            yield Hit(f"{_words(placed)}.", placed.new)


def call_type_unknown(at: Situation) -> Iterator[Hit]:
    """Is a call type one that Twilio does not name?"""
    for placed in at.calls:
        kind = call_type(placed.rule)
        if kind not in CALL_TYPES:
            meant = " PUBLIC_SIP is the name for SIP calls." if kind.upper() == "SIP" else ""
            yield Hit(
                f"{kind!r} is the call type of a rule; there are {', '.join(CALL_TYPES)}.{meant}",
                placed.new,
            )


def call_type_missing(at: Situation) -> Iterator[Hit]:
    """Does a rule for calls say no call type?"""
    for placed in at.calls:
        if not (placed.rule.metadata or {}).get("callType"):
            yield Hit(
                f"Calls from {placed.rule.from_} to {placed.rule.to} have no call type; "
                f"{CALL_TYPE} is taken.",
                placed.new,
            )


def paid_twice(at: Situation) -> Iterator[Hit]:
    """Do a URL, an application or a trunk answer the calls that a rule takes?"""
    wanted = {plain(end): one for one in at.calls for end in at.own_ends(one)}
    for number in at.facts.numbers() if wanted else ():
        placed = wanted.get(plain(number.phone_number))
        answers = (
            ("a SIP trunk", number.trunk_sid),
            ("a TwiML application", number.voice_application_sid),
            ("a voice URL", number.voice_url),
        )
        there = [words for words, value in answers if value]
        if placed is not None and there:
            yield Hit(
                f"{number.phone_number} is answered by {' and '.join(there)}, and its calls are "
                "captured by rule.",
                placed.new,
            )


# numbers and senders


def number_unfit(at: Situation) -> Iterator[Hit]:
    """Is a number not owned, or without voice or SMS?"""
    for placed, number in _numbers(at):
        why = lacks(placed.channel, number, at.facts.numbers())
        if why:
            yield Hit(why, placed.new)


def sender_unknown(at: Situation) -> Iterator[Hit]:
    """Is a sender one that cannot be looked up?"""
    told = set()
    for placed in at.messages:
        for end in at.own_ends(placed):
            number = placed.channel == "SMS" and end.startswith("+")
            if not number and plain(end) not in at.own and end not in told:
                told.add(end)
                yield Hit(f"Whether the account has the sender {end} is not known.", placed.new)


def feeds_another_service(at: Situation) -> Iterator[Hit]:
    """Do messages of a captured address also make conversations in another classic service?"""
    for placed, landing in _landed(at):
        if landing.service_sid != at.service_sid.lower():
            yield Hit(
                f"Messages to {plain(landing.address)} also make conversations in classic service "
                f"{landing.service_sid or 'that is the default one'}.",
                placed.new,
            )


def in_messaging_service(at: Situation) -> Iterator[Hit]:
    """Is a number of captured messages in a Messaging Service?"""
    wanted = {plain(end): one for one in at.messages for end in at.own_ends(one)}
    if not wanted or not at.facts.has_messaging:
        return
    for number in at.facts.numbers():
        service = at.facts.memberships().get(number.sid)
        placed = wanted.get(plain(number.phone_number))
        if service is not None and placed is not None:
            yield Hit(
                f"{number.phone_number} is in Messaging Service "
                f"{service.friendly_name or service.sid}.",
                placed.new,
            )


def messaging_not_asked(at: Situation) -> Iterator[Hit]:
    """Can Messaging Services be asked at all?"""
    if any(one.new for one in at.messages) and not at.facts.has_messaging:
        yield Hit("Messaging was not asked: TWILIO_MESSAGING_URL is not set beside the others.")


def url_beside_auto_creation(at: Situation) -> Iterator[Hit]:
    """Does a number have a URL for messages beside the conversations that they make?"""
    feeding = {
        plain(one.address) for one in at.facts.landings() if one.channel == "SMS" and one.address
    }
    for number in at.facts.numbers() if feeding else ():
        url = number.sms_url or number.sms_application_sid
        if url and plain(number.phone_number) in feeding:
            yield Hit(
                f"Messages to {number.phone_number} make conversations, and go to "
                f"{'its URL' if number.sms_url else 'its application'} as well."
            )


# the configuration


def too_many_rules(at: Situation) -> Iterator[Hit]:
    """Does a channel have more rules than Twilio's guidance allows, or nearly as many?"""
    for channel in dict.fromkeys(one.channel for one in at.rules):
        own = [one for one in at.rules if one.channel == channel]
        if len(own) >= NEARLY_MOST_RULES:
            yield Hit(f"{channel} has {counted(len(own), 'rule')}; {MOST_RULES} is the most.")


def no_timeouts(at: Situation) -> Iterator[Hit]:
    """Does a captured channel have no timeouts?"""
    captured = dict.fromkeys(one.channel for one in at.rules)
    without = [channel for channel in captured if channel not in at.timed]
    if without:
        yield Hit(f"Nothing ends the conversations of {', '.join(without)} by itself.")


def no_chat_identifier(at: Situation) -> Iterator[Hit]:
    """Does the store of a grouping by profile know no chat identities?"""
    if at.grouping != BY_PROFILE or not at.memory_store_id:
        return
    known = at.facts.identity(at.memory_store_id).id_types
    if CHAT_ID not in known:
        yield Hit(
            f"Conversations are grouped by profile, and {at.memory_store_id} knows people by "
            f"{', '.join(known) or 'nothing'}, not by {CHAT_ID}."
        )


def agent_connect(at: Situation) -> Iterator[Hit]:
    """Is the grouping one that Agent Connect cannot use?"""
    if at.grouping and at.grouping != BY_ADDRESSES:
        yield Hit(f"Grouping is {at.grouping}.")


def store_not_active(at: Situation) -> Iterator[Hit]:
    """Is the memory store not ACTIVE?"""
    if not at.memory_store_id:
        return
    store = at.facts.store(at.memory_store_id)
    status = (store.status or "of unknown state").upper()
    if status != "ACTIVE":
        yield Hit(f"{store.display_name or at.memory_store_id} is {status}.", at.changes)


# the bridged service


def address_without_channel(at: Situation) -> Iterator[Hit]:
    """Does the bridged service take messages that Orchestrator has no channel for?"""
    if not at.service_sid:
        return
    for landing in at.landings(at.service_sid):
        if not landing.channel:
            yield Hit(
                f"{landing.address or 'An address'} ({landing.type or 'no type'}) makes "
                "conversations in the bridged service."
            )


def flex(at: Situation) -> Iterator[Hit]:
    """Do the account's events go to Flex?"""
    if (at.facts.webhooks().target or "").lower() == "flex":
        yield Hit("The account's webhooks have the target flex.")


def _numbers(at: Situation) -> Iterator[tuple[Placed, str]]:
    """The numbers that the rules need, each once for a channel; short codes are not listed."""
    told = set()
    for placed in at.rules:
        phone = placed.channel == "SMS" or (
            placed.channel == "VOICE" and call_type(placed.rule) == CALL_TYPE
        )
        for end in at.own_ends(placed) if phone else ():
            key = placed.channel, end
            if end.startswith("+") and key not in told:
                told.add(key)
                yield placed, end


def _landed(at: Situation) -> Iterator[tuple[Placed, Landing]]:
    """The rules for messages with the addresses of theirs that make classic conversations."""
    told = set()
    for placed in at.messages:
        ends = {plain(end) for end in at.own_ends(placed)}
        for landing in at.facts.landings() if ends else ():
            key = placed.channel, landing.address
            fed = landing.channel == placed.channel and plain(landing.address) in ends
            if fed and key not in told:
                told.add(key)
                yield placed, landing


def _words(placed: Placed) -> str:
    return rule_in_words(placed.channel, placed.rule)
