"""What the checks look at: the account, the rules as they would be, and what the bridge carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from ...api.models import CaptureRule, Configuration
from ...errors import BridgeError, Cancelled
from ..channels.compose import Placed
from ..channels.rules import (
    ANY,
    MESSAGING,
    between,
    both_ways,
    captures_of,
    overlap,
    plain,
)
from .facts import Facts, Landing


@dataclass(frozen=True, slots=True)
class Handled:
    """
    An address whose messages the bridged service handles.

    Attributes:
        address: `plain`.
        why: How that was found, as a part of a sentence.
    """

    channel: str
    address: str
    why: str

    @property
    def traffic(self) -> tuple[CaptureRule, ...]:
        """What it carries, as rules: both directions."""
        return both_ways(self.channel, self.address).rules


@dataclass(frozen=True)
class Situation:
    """
    One configuration as it would be, in its account.

    Attributes:
        service_sid: The bridged service; empty where there is none.
        configuration_id: Itself, so that it is not compared with itself; empty: not made yet.
        rules: Every capture rule that it would have.
        timed: The channels that have timeouts.
    """

    facts: Facts
    service_sid: str
    configuration_id: str
    rules: tuple[Placed, ...]
    grouping: str = ""
    memory_store_id: str = ""
    timed: frozenset[str] = frozenset()

    @property
    def messages(self) -> tuple[Placed, ...]:
        """The rules that take messages, CHAT left out."""
        return tuple(one for one in self.rules if one.channel in MESSAGING)

    @property
    def calls(self) -> tuple[Placed, ...]:
        """The rules that take calls."""
        return tuple(one for one in self.rules if one.channel == "VOICE")

    @property
    def changes(self) -> bool:
        """Whether anything is captured that was not before."""
        return any(one.new for one in self.rules)

    @cached_property
    def own(self) -> frozenset[str]:
        """The account's own addresses, `plain`."""
        return self.facts.own()

    @property
    def others(self) -> tuple[Configuration, ...]:
        """The other configurations of the account."""
        return tuple(one for one in self.facts.configurations() if one.id != self.configuration_id)

    def landings(self, service_sid: str) -> tuple[Landing, ...]:
        """The addresses whose messages make conversations in a service."""
        wanted = service_sid.lower()
        return tuple(one for one in self.facts.landings() if one.service_sid == wanted)

    def handled(self) -> Iterator[Handled]:
        """
        The addresses that the bridged service handles; each may come more than once.

        Raises:
            BridgeError: After what could be read: address configurations or conversations could
                not be.
        """
        failed: BridgeError | None = None
        for source in (self._handled_by_address, self._handled_by_conversations):
            try:
                yield from source()
            except Cancelled:
                raise
            except BridgeError as error:
                failed = failed or error
        if failed is not None:
            raise failed

    def _handled_by_address(self) -> Iterator[Handled]:
        for landing in self.landings(self.service_sid):
            if landing.channel and landing.address:
                yield Handled(
                    landing.channel,
                    plain(landing.address),
                    "its address configuration makes conversations there",
                )

    def _handled_by_conversations(self) -> Iterator[Handled]:
        for (channel, address), count in self.facts.bindings(self.service_sid).addresses.items():
            if channel:
                several = f"{count} open conversations use it" if count > 1 else ""
                yield Handled(channel, address, several or "an open conversation uses it")

    def met(self, rule: CaptureRule, traffic: Iterable[CaptureRule]) -> CaptureRule | None:
        """What a rule shares with other traffic, beyond that between the account's addresses."""
        for one in traffic:
            shared = overlap(rule, one)
            if shared is not None and not between(shared, self.own):
                return shared
        return None

    def own_ends(self, placed: Placed) -> tuple[str, ...]:
        """
        The addresses of a rule that have to be the account's, as they are written.

        Who is written to or called by anybody is; who writes or calls may be a customer, and
        counts where the account is known to have the address.
        """
        rule = placed.rule
        known = [end for end in (rule.from_, rule.to) if plain(end) in self.own]
        return tuple(known) if known or rule.to == ANY else (rule.to,)


def traffic_of(configuration: Configuration, channel: str) -> tuple[CaptureRule, ...]:
    """What a configuration captures in one channel."""
    found = (one for one in captures_of(configuration) if one.channel == channel)
    return tuple(rule for one in found for rule in one.rules)
