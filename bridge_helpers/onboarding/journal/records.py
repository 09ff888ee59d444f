"""What the journal holds: attempts at writing, the snapshots before them, steps and their turns."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from ...api.documents import ConfigurationDocument
from ...api.session import Session
from ...settings import DEFAULT_REGION

KEY_LIFE: Final = timedelta(hours=24)
"""How long the service remembers an idempotency key (Twilio's OpenAPI, conversations v2)."""

Kind = Literal["create", "change", "restore", "disconnect", "delete"]
State = Literal["posting", "accepted", "completed", "failed", "let go"]
UNFINISHED: Final = ("posting", "accepted")

_TWILIO: Final = re.compile(
    r"https://conversations((\.[a-z0-9-]+)?\.(?P<region>[a-z0-9-]+))?\.twilio\.com"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an entry belongs to; idempotency keys have the same reach."""

    account_sid: str
    region: str
    origin: str
    service_sid: str

    @classmethod
    def of(cls, session: Session, service_sid: str = "") -> Scope:
        """What belongs to a session's account, where it is, and a service (canonical sid)."""
        account = session.account
        region, origin = account.region or DEFAULT_REGION, account.origins.conversations
        host = _TWILIO.fullmatch(origin)
        if host and (host["region"] or DEFAULT_REGION) == region:
            # A region has several hosts, with and without its name and that of an edge: they
            # are one place, and it goes by the shortest name.
            origin = "https://conversations.twilio.com"
        return cls(account.sid, region, origin, service_sid)

    @property
    def name(self) -> str:
        """A file name's worth of it."""
        text = "|".join((self.account_sid, self.region, self.origin, self.service_sid))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One go at writing to a configuration.

    Attributes:
        state: `posting` (the key is written, the outcome unknown), `accepted` (an operation
            runs), `completed`, `failed`, or `let go` (what it names is not there any more).
        body: The request body as it was sent, JSON; empty where there is none.
        begun_at: When the key was made; UTC.
        configuration_id: The configuration that it is about; None while it is to be made.
        outcome: What it came to, once completed: created, adopted, changed, deleted, …, or
            resumed when a later run saw it through.
    """

    id: int
    account_sid: str
    region: str
    origin: str
    service_sid: str
    kind: Kind
    key: str
    body: dict[str, Any]
    state: State
    begun_at: datetime
    changed_at: datetime
    operation_id: str | None
    configuration_id: str | None
    outcome: str | None
    note: str | None

    @property
    def unfinished(self) -> bool:
        """Whether how it ended is not known yet."""
        return self.state in UNFINISHED

    def is_about(self, kind: Kind, configuration_id: str) -> bool:
        """Whether it is a write of this kind to this configuration (empty: one to be made)."""
        return (self.kind, self.configuration_id or "") == (kind, configuration_id)

    @property
    def key_counts_until(self) -> datetime:
        """When the service may forget the key; a little early rather than late. UTC."""
        return self.begun_at + KEY_LIFE - timedelta(minutes=10)

    def key_is_fresh(self, now: datetime) -> bool:
        """Whether the service still remembers the key."""
        return now < self.key_counts_until


@dataclass(frozen=True, slots=True)
class Snapshot:
    """
    A configuration as it was before a write.

    Attributes:
        at: When it was kept; UTC.
        reason: The kind of the write that came after.
        display_name: The configuration's, for a person to recognise it.
        text: The whole configuration, JSON exactly as the service sent it.
        attempt_id: The attempt that came after.
        state: What that attempt came to.
    """

    id: int
    at: datetime
    reason: str
    configuration_id: str
    display_name: str
    text: str
    attempt_id: int
    state: State

    @property
    def document(self) -> ConfigurationDocument:
        """It as it was read then."""
        return ConfigurationDocument(self.text.encode(), f"snapshot {self.id}")


@dataclass(frozen=True, slots=True)
class Turn:
    """A state that an attempt took, when (UTC), and what is worth knowing about it."""

    at: datetime
    state: str
    detail: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a step came to, and when (UTC)."""

    account_sid: str
    service_sid: str
    at: datetime
    step: str
    state: str
    detail: str
