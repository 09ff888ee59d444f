"""
The map of what comes in: each number and sender, and where its calls and messages go.

Today, and as it would be after a change; what is handled twice is marked. Reads only. What answers
a number: Twilio docs, phone numbers API (a SIP trunk comes before an application, an application
before a URL) and Twilio's page on inbound auto-creation.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from ..api.documents import bridging
from ..api.models import (
    ChannelSetting,
    Configuration,
    MessagingService,
    PhoneNumber,
    Service,
    Webhooks,
)
from ..api.session import Session
from ..errors import BridgeError, Cancelled
from ..progress import OnProgress, step_context
from .channels.rules import ANY, between, both_ways, inbound_calls, overlap, plain
from .conflicts.facts import Bindings, Facts, Landing
from .conflicts.situation import traffic_of

T = TypeVar("T")

HEADINGS: Final = ("Number or sender", "What comes in", "Goes today to", "Afterwards", "Twice")
NOWHERE: Final = "nowhere"
NEW: Final = "the new bridge"
"""What a configuration that does not exist yet is called."""

_FLOW: Final = re.compile(r"https://webhooks\.twilio\.com/v1/Accounts/AC\w+/Flows/(FW\w+)")
_TRAFFIC: Final = {
    "VOICE": "calls",
    "SMS": "SMS",
    "WHATSAPP": "WhatsApp",
    "RCS": "RCS",
    "CHAT": "chat",
}


@dataclass(frozen=True, slots=True)
class Taker:
    """
    Somebody who gets what comes in.

    Attributes:
        name: In words, such as `classic service Support chat, bridged`.
        orchestrator: Whether it brings it into Orchestrator.
        answers: Whether it may answer.
    """

    name: str
    orchestrator: bool = False
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """
    One kind of traffic to one address.

    Attributes:
        address: A number in E.164, or a sender without its channel's prefix.
        traffic: `calls`, `SMS`, `WhatsApp`, `RCS`, `chat`, or a type that only classic has.
        today: Who gets it now.
        after: Who would get it after the change.
    """

    address: str
    traffic: str
    today: tuple[Taker, ...]
    after: tuple[Taker, ...]

    @property
    def twice(self) -> str:
        """What is handled twice after the change, as a sentence; empty where nothing is."""
        into = [one.name for one in self.after if one.orchestrator]
        if len(into) > 1:
            return f"Comes into Orchestrator twice: by {' and by '.join(into)}."
        answering = [one.name for one in self.after if one.answers]
        if self.traffic == "calls":
            captured = into and answering
            return "May be transcribed and paid twice." if captured else ""
        if len(answering) > 1:
            return f"Answered twice: by {' and by '.join(answering)}."
        return ""

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        """Under `HEADINGS`."""
        today, after = (
            "; ".join(one.name for one in ways) or NOWHERE for ways in (self.today, self.after)
        )
        return self.address, self.traffic, today, after, self.twice


@dataclass(frozen=True, slots=True)
class Incoming:
    """
    All ways into an account.

    Attributes:
        ways: By address.
        notes: What could not be read, and what holds for all of them; sentences.
    """

    ways: tuple[Way, ...]
    notes: tuple[str, ...]

    @property
    def twice(self) -> tuple[Way, ...]:
        """The ways on which something is handled twice."""
        return tuple(one for one in self.ways if one.twice)


def incoming(
    session: Session,
    service_sid: str,
    settings: Mapping[str, Any] | None = None,
    *,
    facts: Facts | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Incoming:
    """
    Where the account's calls and messages go, today and with the service bridged.

    Args:
        service_sid: The classic service that is bridged, or is to be.
        settings: `channelSettings` as they would be, also of a bridge that does not exist yet;
            None: as they are.
        facts: What has been read already.

    Raises:
        ApiError, ConnectionFailed: The configurations could not be read.
        Cancelled: The step was stopped.
    """
    with step_context(on_progress, cancel) as context:
        context.say("Looking where calls and messages go")
        return _Map(facts or Facts(session), service_sid, settings).draw()


class _Map:
    """Draws the map: reads what there is, and puts together who takes what."""

    def __init__(self, facts: Facts, service_sid: str, settings: Mapping[str, Any] | None) -> None:
        self.facts = facts
        self.service_sid = service_sid.lower()
        self.notes: list[str] = []
        self.configurations = facts.configurations()
        mine = bridging(self.configurations, service_sid)
        self.after = list(self.configurations)
        typed = msgspec.convert(settings or {}, dict[str, ChannelSetting | None], strict=False)
        if mine is None and settings:
            new = Configuration(id="", display_name=NEW, channel_settings=typed)
            self.after.append(new)
        elif mine is not None and settings is not None:
            changed = msgspec.structs.replace(mine, channel_settings=typed)
            self.after[self.after.index(mine)] = changed
        self.numbers: tuple[PhoneNumber, ...] = self._read(facts.numbers, ())
        self.landings: tuple[Landing, ...] = self._read(facts.landings, ())
        services: tuple[Service, ...] = self._read(facts.services, ())
        self.services = {one.sid.lower(): one.friendly_name or one.sid for one in services}
        self.members: dict[str, MessagingService] = (
            self._read(facts.memberships, {}) if facts.has_messaging else {}
        )
        bound: Bindings | None = self._read(lambda: facts.bindings(service_sid), None)
        self.bound = bound.addresses if bound else {}
        if bound and not bound.complete:
            self.notes.append(
                f"Of the open conversations {bound.looked_at} were looked at; there are more."
            )
        if not facts.has_messaging:
            self.notes.append(
                "Messaging Services were not asked: TWILIO_MESSAGING_URL is not set beside the "
                "other addresses."
            )
        webhooks: Webhooks | None = self._read(facts.webhooks, None)
        if webhooks and (webhooks.target or "").lower() == "flex":
            self.notes.append("Events of classic conversations go to Flex, which may handle them.")

    def draw(self) -> Incoming:
        """All ways, those of numbers first."""
        keys = dict.fromkeys([*self._of_numbers(), *self._of_landings(), *self._of_rules()])
        ways = tuple(self._way(channel, kind, address) for channel, kind, address in keys)
        return Incoming(ways, tuple(dict.fromkeys(self.notes)))

    def _of_numbers(self) -> Iterable[tuple[str, str, str]]:
        for number in self.numbers:
            if number.phone_number and number.voice:
                yield "VOICE", "", number.phone_number
            if number.phone_number and number.sms:
                yield "SMS", "", number.phone_number

    def _of_landings(self) -> Iterable[tuple[str, str, str]]:
        for one in self.landings:
            if one.address:
                yield one.channel, "" if one.channel else one.type, plain(one.address)
        for channel, address in self.bound:
            if channel:
                yield channel, "", address

    def _of_rules(self) -> Iterable[tuple[str, str, str]]:
        for configuration in (*self.configurations, *self.after):
            for channel in configuration.channel_settings or {}:
                for rule in traffic_of(configuration, channel):
                    if rule.from_ == ANY and rule.to != ANY:
                        yield channel, "", plain(rule.to)

    def _way(self, channel: str, kind: str, address: str) -> Way:
        traffic = _TRAFFIC.get(channel, kind or channel)
        number = next((one for one in self.numbers if plain(one.phone_number) == address), None)
        now = {(one.service_sid or "").lower() for one in self.configurations}
        own = partial(self._own, channel, kind, address, number)
        return Way(
            address,
            traffic,
            (*own(now), *self._capturing(channel, address, self.configurations)),
            (*own(now | {self.service_sid}), *self._capturing(channel, address, self.after)),
        )

    def _own(
        self,
        channel: str,
        kind: str,
        address: str,
        number: PhoneNumber | None,
        bridged: set[str],
    ) -> tuple[Taker, ...]:
        """Who takes it beside capture rules, with these services bridged."""
        if channel == "VOICE":
            return tuple(_answering(number)) if number else ()
        found = self._conversations(channel, kind, address, bridged)
        if channel == "SMS" and number:
            found += self._numbers_own(number)
        return tuple(dict.fromkeys(found))

    def _capturing(
        self, channel: str, address: str, configurations: Iterable[Configuration]
    ) -> tuple[Taker, ...]:
        """The configurations that capture what comes in to an address."""
        capture = inbound_calls(address) if channel == "VOICE" else both_ways(channel, address)
        inbound, own = capture.rules[0], self.facts.own()
        return tuple(
            Taker(f"Orchestrator, captured by {one.display_name or one.id}", orchestrator=True)
            for one in configurations
            if any(
                shared is not None and not between(shared, own | {plain(address)})
                for rule in traffic_of(one, channel)
                for shared in [overlap(inbound, rule)]
            )
        )

    def _conversations(
        self, channel: str, kind: str, address: str, bridged: set[str]
    ) -> list[Taker]:
        """The classic services whose conversations take the messages."""
        sids = [
            (one.service_sid, one.handler)
            for one in self.landings
            if plain(one.address) == address
            and one.channel == channel
            and (channel or one.type == kind)
        ]
        if (channel, address) in self.bound and self.service_sid not in [sid for sid, _ in sids]:
            sids.append((self.service_sid, "open conversations"))
        found = []
        for sid, handler in sids:
            name = self.services.get(sid) or sid or "the default one"
            how = {"studio": ", Studio flow", "webhook": ", webhook"}.get(handler, "")
            how = ", by open conversations" if handler == "open conversations" else how
            over = ", bridged" if sid in bridged else ""
            found.append(Taker(f"classic service {name}{how}{over}", sid in bridged, answers=True))
        return found

    def _numbers_own(self, number: PhoneNumber) -> list[Taker]:
        """What the number itself does with messages, or the Messaging Service that it is in."""
        found = []
        service = self.members.get(number.sid)
        if service is not None:
            name = service.friendly_name or service.sid
            found.append(Taker(f"Messaging Service {name}"))
            if not service.use_inbound_webhook_on_number:
                if service.inbound_request_url:
                    found.append(_url(service.inbound_request_url))
                return found
        if number.sms_application_sid:
            found.append(Taker(f"application {number.sms_application_sid}", answers=True))
        elif number.sms_url:
            found.append(_url(number.sms_url))
        return found

    def _read(self, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except Cancelled:
            raise
        except BridgeError as error:
            self.notes.append(f"Not all could be read. {error.what}")
            return otherwise


def _answering(number: PhoneNumber) -> list[Taker]:
    if number.trunk_sid:
        return [Taker(f"SIP trunk {number.trunk_sid}", answers=True)]
    if number.voice_application_sid:
        return [Taker(f"application {number.voice_application_sid}", answers=True)]
    return [_url(number.voice_url)] if number.voice_url else []


def _url(url: str) -> Taker:
    """Who answers at a URL, without what may be secret in it."""
    flow = _FLOW.match(url)
    if flow:
        return Taker(f"Studio flow {flow[1]}", answers=True)
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return Taker(f"URL at {host}" if host else "a URL", answers=True)
