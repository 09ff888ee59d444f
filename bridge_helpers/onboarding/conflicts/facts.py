"""What an account has, read when a check asks for it, and once only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any, Final, TypeVar

from ...api.fan_out import fan_out
from ...api.models import (
    AddressConfiguration,
    ClassicConversation,
    Configuration,
    IdentitySettings,
    MessagingBinding,
    MessagingService,
    PhoneNumber,
    Service,
    Store,
    Webhooks,
)
from ...api.session import Session
from ...errors import BridgeError, Cancelled, NotFound
from ...progress import current_context
from ..channels.rules import plain

T = TypeVar("T")

LOOKED_AT: Final = 50
"""Open conversations of a service whose participants are read: each is a request."""

CHANNELS_OF_TYPES: Final = {"sms": "SMS", "whatsapp": "WHATSAPP", "rcs": "RCS", "chat": "CHAT"}
"""Types of classic addresses with the channel they are in Orchestrator; others have none."""


@dataclass(frozen=True, slots=True)
class Landing:
    """
    An address whose inbound messages make conversations in a classic service.

    Attributes:
        type: As classic has it, such as `sms`.
        channel: Orchestrator's channel; empty where it has none.
        service_sid: The service; empty where the account has told no default one.
        handler: `webhook`, `studio` or `default`: what is told of a new conversation.
    """

    address: str
    type: str
    channel: str
    service_sid: str
    handler: str


@dataclass(frozen=True, slots=True)
class Bindings:
    """
    The addresses that open conversations of a service send from.

    Attributes:
        addresses: `(channel, plain address)` to the number of conversations it was seen in.
        looked_at: How many conversations were read.
        complete: Whether these were all that are open.
    """

    addresses: dict[tuple[str, str], int]
    looked_at: int
    complete: bool


class Facts:
    """
    Reads of one account. What could not be read fails each time it is asked for, and is asked once.

    Args:
        known: What has been read already, by the name of the method that reads it; with what
            that method was asked for, where it takes something.
    """

    def __init__(self, session: Session, known: Mapping[Any, object] | None = None) -> None:
        self.session = session
        self._kept: dict[Any, Any] = dict(known or {})

    def configurations(self) -> tuple[Configuration, ...]:
        """All configurations of Orchestrator."""
        return self._once(
            "configurations", lambda: tuple(self.session.orchestrator.configurations())
        )

    def numbers(self) -> tuple[PhoneNumber, ...]:
        """All owned numbers."""
        return self._once("numbers", lambda: tuple(self.session.numbers.owned()))

    def numbers_read(self) -> tuple[PhoneNumber, ...]:
        """The owned numbers where they have been read already; none otherwise."""
        kept = self._kept.get("numbers")
        return kept if isinstance(kept, tuple) else ()

    def services(self) -> tuple[Service, ...]:
        """All classic services."""
        return self._once("services", lambda: tuple(self.session.classic.services()))

    def addresses(self) -> tuple[AddressConfiguration, ...]:
        """All address configurations of classic."""
        return self._once("addresses", lambda: tuple(self.session.classic.addresses()))

    def webhooks(self) -> Webhooks:
        """Where the account sends the events of classic."""
        return self._once("webhooks", lambda: self.session.classic.account_webhooks())

    def store(self, store_id: str) -> Store:
        """A memory store."""
        return self._once(("store", store_id), lambda: self.session.memory.store(store_id))

    def identity(self, store_id: str) -> IdentitySettings:
        """By which kinds of identifiers a memory store knows people."""
        return self._once(
            ("identity", store_id), lambda: self.session.memory.identity_settings(store_id)
        )

    def landings(self) -> tuple[Landing, ...]:
        """Where inbound messages make conversations; an address that names no service: default."""
        return self._once("landings", self._landings)

    def memberships(self) -> dict[str, MessagingService]:
        """`PN…` of a number to the Messaging Service that it is in; ask `has_messaging` before."""
        return self._once("memberships", self._memberships)

    @property
    def has_messaging(self) -> bool:
        """Whether messaging can be asked at all."""
        return self.session.messaging.has_address

    def bindings(self, service_sid: str) -> Bindings:
        """The addresses of open conversations in a service, `LOOKED_AT` conversations at most."""
        return self._once(("bindings", service_sid), lambda: self._bindings(service_sid))

    def open_with(self, service_sid: str, customer: str) -> tuple[MessagingBinding, ...]:
        """The bindings of a customer's address in conversations that are not closed."""
        return self._once(
            ("open_with", service_sid, customer),
            lambda: tuple(
                one.participant_messaging_binding
                for one in self.session.classic.participant_conversations(service_sid, customer)
                if one.conversation_state != "closed" and one.participant_messaging_binding
            ),
        )

    def own(self) -> frozenset[str]:
        """The account's own addresses, `plain`, as far as they can be read."""
        found: set[str] = set()
        for read in (self._own_numbers, self._own_addresses):
            try:
                found.update(map(plain, read()))
            except Cancelled:
                raise
            except BridgeError:
                # Without them an overlap between own addresses is told, which is on the safe side.
                continue
        return frozenset(found)

    def _own_numbers(self) -> Iterable[str]:
        return [one.phone_number for one in self.numbers() if one.phone_number]

    def _own_addresses(self) -> Iterable[str]:
        return [one.address for one in self.addresses() if one.address]

    def _landings(self) -> tuple[Landing, ...]:
        made = [
            (one, one.auto_creation)
            for one in self.addresses()
            if one.auto_creation and one.auto_creation.enabled
        ]
        default = ""
        if not all(creation.conversation_service_sid for _, creation in made):
            default = self.session.classic.default_service_sid() or ""
        return tuple(
            Landing(
                one.address or "",
                (one.type or "").lower(),
                CHANNELS_OF_TYPES.get((one.type or "").lower(), ""),
                (creation.conversation_service_sid or default).lower(),
                (creation.type or "default").lower(),
            )
            for one, creation in made
        )

    def _memberships(self) -> dict[str, MessagingService]:
        services = list(self.session.messaging.services())
        listed = fan_out(
            lambda service: [one.sid for one in self.session.messaging.numbers(service.sid)],
            services,
        )
        return {sid: outcome.item for outcome in listed for sid in outcome.result}

    def _bindings(self, service_sid: str) -> Bindings:
        current_context().say("Looking at which addresses the service's open conversations use")
        classic = self.session.classic
        listed = chain(
            classic.conversations(service_sid, state="active"),
            classic.conversations(service_sid, state="inactive"),
        )
        chosen = list(islice(listed, LOOKED_AT + 1))
        found: dict[tuple[str, str], int] = {}
        for outcome in fan_out(partial(self._bound, service_sid), chosen[:LOOKED_AT]):
            if isinstance(outcome.error, NotFound):
                # Deleted since it was listed.
                continue
            for binding in outcome.result:
                found[binding] = found.get(binding, 0) + 1
        return Bindings(found, min(len(chosen), LOOKED_AT), len(chosen) <= LOOKED_AT)

    def _bound(self, service_sid: str, conversation: ClassicConversation) -> set[tuple[str, str]]:
        participants = self.session.classic.participants(service_sid, conversation.sid)
        return {
            bound
            for one in participants
            if one.messaging_binding and (bound := proxy_of(one.messaging_binding))
        }

    def _once(self, name: Any, read: Callable[[], T]) -> T:
        if name not in self._kept:
            try:
                self._kept[name] = read()
            except Cancelled:
                raise
            except BridgeError as error:
                self._kept[name] = error
        kept = self._kept[name]
        if isinstance(kept, BridgeError):
            raise kept
        return kept  # type: ignore[no-any-return]


def proxy_of(binding: MessagingBinding) -> tuple[str, str] | None:
    """`(channel, plain address)` of the account's end of a binding; None without an address."""
    if not binding.proxy_address:
        return None
    kind = (binding.type or "sms").lower()
    return CHANNELS_OF_TYPES.get(kind, ""), plain(binding.proxy_address)
