"""
The look itself: everything that memory and intelligence need, read and put together.

It reads only; `Lookup` and `Recall` are reads that are POSTs. Without a bridge there is nothing
to look at. Everything else that cannot be read becomes a finding, and the rest is told.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from ...api.models import Configuration, IdentitySettings, Store
from ...api.session import Session
from ...errors import BridgeError, Cancelled, NotFound
from ...files import write_private
from ...progress import OnProgress, current_context, step_context
from ..choose import only_service
from ..findings import Finding
from ..options import Options
from ..verify import check_service, require_bridge
from . import facts
from .customer import PROFILE_ID, Known, find, know
from .linked import Linked, linked
from .sampling import Sample, check_sample, look_up, take_sample

T = TypeVar("T")

SAMPLE: Final = 50
ALERTS_READ: Final = 200
SCHEMA: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefits:
    """
    What was found.

    Attributes:
        configuration: The one that bridges the service.
        store: Its memory store; None where there is none, without a status where it could not
            be read.
        identity: How the store tells who is who; None where it could not be read.
        sample: Recent bridged conversations and their customers.
        intelligence: What is linked, and what it found.
        customer: What memory knows of one customer; None where nobody is known.
        findings: With risk and action, in the order in which they are worth reading.
    """

    service_sid: str
    configuration: Configuration
    store: Store | None
    identity: IdentitySettings | None
    sample: Sample
    intelligence: Linked
    customer: Known | None
    findings: tuple[Finding, ...]

    @property
    def options(self) -> Options:
        """What is on and what is off."""
        return Options.of(self.configuration)

    @property
    def works(self) -> int:
        """In how many of the sampled conversations memory works."""
        return facts.works(self.options, self.store, self.sample)

    @property
    def verdict(self) -> str:
        """How it stands, in a sentence."""
        return facts.verdict(self.options, self.store, self.identity, self.sample)

    def as_dict(self) -> dict[str, Any]:
        """What `benefits.json` holds."""
        timeouts = self.options.chat_timeouts
        return {
            "schema": SCHEMA,
            "service_sid": self.service_sid,
            "configuration_id": self.configuration.id,
            "memory": {
                "extraction_enabled": self.options.memory_extraction,
                "store_status": (self.store.status if self.store else None) or "",
                "chat_timeouts": {"inactive": timeouts.inactive, "closed": timeouts.closed}
                if timeouts
                else None,
                "id_types": list(self.identity.id_types if self.identity else ()),
            },
            "intelligence": {
                "configuration_ids": list(self.intelligence.ids),
                "rules": self.intelligence.rules,
                "results": len(self.intelligence.results),
            },
            "participants": {
                "sampled": len(self.sample.conversations),
                "customer": self.sample.counted("known", "without profile"),
                "unknown": self.sample.counted("unknown"),
                "with_profile": self.sample.counted("known"),
                "would_resolve": self.sample.would_resolve,
            },
            "findings": [one.as_dict() for one in self.findings],
        }


def benefits(
    session: Session,
    service_sid: str = "",
    *,
    sample: int = SAMPLE,
    customer: str = "",
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Benefits:
    """
    Look whether memory and intelligence work for the bridged conversations of a service.

    Args:
        service_sid: `IS…`; empty: the only one there is. It has to be bridged.
        sample: How many recent conversations are looked into, 1 to 1000.
        customer: Whom to look up in memory: a profile's id, a chat identity, an e-mail address
            or a number; empty: the customer of the newest conversation that has a known one.

    Raises:
        InvalidInput: Names field, value and rule; nothing was asked.
        NotChosen: Several services, or none.
        NotBridged: No configuration names the service.
        NotFound: There is no such profile.
        ApiError, ConnectionFailed: Configurations or conversations could not be read.
        Cancelled: Stopped in between.
    """
    check_sample(sample)
    customer = customer.strip()
    if service_sid:
        service_sid = check_service(service_sid)
    with step_context(on_progress, cancel, clock, sleep):
        sid = check_service(service_sid or only_service(session))
        current_context().say("Looking at the configuration")
        looking = _Looking(session)
        configuration = require_bridge(session, sid)
        options = Options.of(configuration)
        store_id = configuration.memory_store_id or ""
        store = looking.store(store_id)
        identity = looking.identity(store)
        taken = take_sample(session, configuration, sample)
        if store is not None and identity is not None and facts.is_active(store):
            taken = look_up(session, store.id, identity, taken)
        found = linked(session, options.intelligence)
        known = looking.customer(store, identity, taken, customer)
        return Benefits(
            service_sid=sid,
            configuration=configuration,
            store=store,
            identity=identity,
            sample=taken,
            intelligence=found,
            customer=known,
            findings=(
                *facts.options(options, session, sid),
                *(facts.store(store, store_id) if looking.read("memory store") else ()),
                *facts.identity(identity),
                *facts.customers(options, identity, taken),
                *facts.intelligence(options, found),
                *looking.alerts(),
                *looking.findings,
            ),
        )


def write_benefits(found: Benefits, folder: Path) -> Path:
    """
    Write `benefits.json`; the folder is made, and what an earlier look left there is replaced.

    Raises:
        BridgeError: It cannot be written.
    """
    return write_private(
        folder / "benefits.json", msgspec.json.format(msgspec.json.encode(found.as_dict()))
    )


class _Looking:
    """Looks that a restricted key may be refused: what is refused is told, not raised."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.findings: list[Finding] = []

    def read(self, check: str) -> bool:
        """Whether a look was not refused."""
        return all(one.check != check for one in self.findings)

    def store(self, store_id: str) -> Store | None:
        if not store_id:
            return None
        try:
            return self._session.memory.store(store_id)
        except NotFound:
            return None
        except Cancelled:
            raise
        except BridgeError as error:
            # It may be there: what could not be read is not said to be missing.
            self._refused("memory store", error)
            return Store(id=store_id)

    def identity(self, store: Store | None) -> IdentitySettings | None:
        if store is None:
            return None
        return self._looked("identity", lambda: self._session.memory.identity_settings(store.id))

    def customer(
        self, store: Store | None, identity: IdentitySettings | None, sample: Sample, wanted: str
    ) -> Known | None:
        """The customer that somebody asked for, or the first one that is known."""
        if store is None:
            return None
        if wanted:
            return self._asked_for(store.id, identity, sample, wanted)
        first = next((one for one in sample.conversations if one.state == "known"), None)
        if first is None:
            return None
        return self._looked(
            "customer",
            lambda: know(
                self._session, store.id, first.profile_id, conversation_id=first.conversation_id
            ),
        )

    def alerts(self) -> tuple[Finding, ...]:
        """What the debugger says of profiles that were not found or not made."""
        found = self._looked(
            "alerts", lambda: list(islice(self._session.monitor.alerts(), ALERTS_READ))
        )
        return facts.alerts(found or ())

    def _asked_for(
        self, store_id: str, identity: IdentitySettings | None, sample: Sample, wanted: str
    ) -> Known | None:
        sampled = next(
            (one for one in sample.conversations if wanted in (one.conversation_id, one.address)),
            None,
        )
        profile_id = sampled.profile_id if sampled else ""
        if not profile_id:
            if identity is None and not PROFILE_ID.fullmatch(wanted):
                # Why is told of the identity: nobody can be looked up without it.
                return None
            found = self._looked(
                "customer",
                lambda: find(self._session, store_id, identity or IdentitySettings(), wanted),
            )
            if found is None:
                return None
            profile_id = found
        if profile_id:
            where = sampled.conversation_id if sampled else ""
            return know(self._session, store_id, profile_id, conversation_id=where)
        self.findings.append(
            Finding(
                "customer",
                "warning",
                f"Memory has no profile for {wanted}.",
                "Nothing is known of this customer, and nothing will be remembered.",
                "Make profiles of the classic Users (Known customers), or look another one up.",
            )
        )
        return None

    def _looked(self, check: str, look: Callable[[], T]) -> T | None:
        try:
            return look()
        except Cancelled:
            raise
        except BridgeError as error:
            self._refused(check, error)
            return None

    def _refused(self, check: str, error: BridgeError) -> None:
        self.findings.append(
            Finding(
                check,
                "warning",
                f"It could not be read. {error.what} {error.why}".rstrip(),
                "What is told here may lack something.",
                error.action or "Look again later, or use a key that may read it.",
            )
        )
