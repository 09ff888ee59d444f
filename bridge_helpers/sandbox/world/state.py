"""What the sandbox knows: accounts with their resources, and the work that is still to come.

The world does nothing by itself. Work that takes time (an operation, a message crossing the
bridge, a timer) waits on the agenda with the instant at which it falls due; `World.settle`, called
before each request, does everything that has fallen due, in order and as of its own instant. The
outcome therefore never depends on how often, or when, somebody looks.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, deque
from itertools import count
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..http.recording import Recorder
from .clock import Clock
from .ids import Mint
from .stable_list import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..http.answers import Answer
    from ..http.operations import Operation
    from ..http.requests import RequestLog
    from . import classic_records as classic
    from . import records
    from .bridge import Lane
    from .faults import FaultBook


class Settings(Struct, kw_only=True):
    """The sandbox's knobs; seconds are seconds of the sandbox's clock.

    ``retry_after`` is the ``Retry-After`` of a 202 (``None`` leaves the header out);
    ``rate_limit`` is requests per second and account (``None``: no limit);
    ``configuration_limit`` is configurations per account (``None``: no limit).
    """

    lag: float = 1.0
    jitter: float = 0.0
    operation_seconds: float = 1.0
    retry_after: int | None = 1
    rate_limit: int | None = None
    configuration_limit: int | None = None
    traffic: int = 0


class Thread(Struct, kw_only=True):
    """A v2 conversation with what does not go over the wire.

    ``configuration`` is the one that was pinned at birth. ``classic`` is the classic
    conversation that it mirrors, if it came over the bridge.
    """

    record: records.Conversation
    configuration: records.Configuration
    born: float
    active_at: float
    communications: Shelf[records.Communication]
    by_resource: dict[str, str]
    actions: dict[str, records.Action]
    classic: classic.Conversation | None = None
    #: When the lifecycle will look at it next.
    watched: float | None = None


class MemoryStore(Struct, kw_only=True):
    """A memory store with its profiles; ``holders`` maps (idType, value) to profile ids."""

    record: records.Store
    profiles: Shelf[records.Profile]
    identifiers: dict[str, dict[str, list[str]]]
    holders: dict[tuple[str, str], list[str]]
    merged: dict[str, str]
    resolution: dict[str, Any]


class Account:
    """One Twilio account: credentials, switches and everything it owns."""

    def __init__(self, seed: int, number: int, name: str) -> None:
        self.mint = Mint(seed, f"account/{number}")
        self.random = random.Random(f"{seed}/{number}")
        self.sid = self.mint.sid("AC")
        self.name = name
        self.api_key = self.mint.sid("SK")
        self.api_secret = self.mint.secret("api secret")
        self.auth_token = self.mint.secret("auth token")
        self.status = "active"
        self.terms_accepted = True
        self.orchestrator_enabled = True
        self.created = 0.0
        self.services: Shelf[classic.Service] = Shelf()
        self.default_service_sid: str | None = None
        self.default_messaging_service_sid = self.mint.sid("MG")
        self.default_timers: dict[str, str | None] = {"inactive": None, "closed": None}
        self.addresses: Shelf[classic.AddressConfiguration] = Shelf()
        self.numbers: Shelf[classic.PhoneNumber] = Shelf()
        self.stores: Shelf[MemoryStore] = Shelf()
        self.configurations: Shelf[records.Configuration] = Shelf()
        #: Which configuration has each classic service, from acceptance on (see configurations).
        self.claims: dict[str, str] = {}
        #: How many operations under way are about to bridge each classic service.
        self.pending_claims: Counter[str] = Counter()
        #: Configurations and conversations whose deletion has been accepted.
        self.doomed: set[str] = set()
        self.operations: dict[str, Operation] = {}
        self.threads: Shelf[Thread] = Shelf()
        self.by_channel: dict[str, list[str]] = {}
        self.by_address: dict[str, list[Thread]] = {}
        self.by_profile: dict[str, list[Thread]] = {}
        #: The open v2 conversation of each classic conversation that has crossed the bridge.
        self.twins: dict[str, Thread] = {}
        self.lanes: dict[tuple[str, str], Lane] = {}
        self.idempotent: dict[str, tuple[float, str, Answer]] = {}
        self.recent: deque[float] = deque()

    def bridging(self, service_sid: str) -> records.Configuration | None:
        """The configuration whose bridge to this classic service is up."""
        holder = self.claims.get(service_sid)
        configuration = self.configurations.get(holder) if holder else None
        bridge = configuration.conversations_v1_bridge if configuration else None
        return configuration if bridge and bridge.service_id == service_sid else None

    def remember_channel(self, channel_id: str, thread: Thread) -> None:
        """Let ``GET /v2/Conversations?channelId=`` find this conversation."""
        found = self.by_channel.setdefault(channel_id, [])
        if thread.record.id not in found:
            found.append(thread.record.id)


class World:
    """Everything: accounts, clock, settings, faults, request log and agenda."""

    def __init__(
        self, *, seed: int, settings: Settings, frozen: bool, faults: FaultBook, log: RequestLog
    ) -> None:
        self.seed = seed
        self.starting_settings = settings
        self.starts_frozen = frozen
        self.faults = faults
        self.log = log
        self.recorder = Recorder()
        self.url = "http://127.0.0.1"
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """Forget everything; the caller seeds it anew."""
        self.seed = seed
        self.settings = Settings(**{f: getattr(self.starting_settings, f) for f in _SETTINGS})
        self.clock = Clock(frozen=self.starts_frozen)
        self.mint = Mint(seed, "sandbox")
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, Account] = {}
        self._agenda: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = count()
        self.faults.clear()
        self.log.clear()

    def add_account(self, name: str = "") -> Account:
        """A new, empty account."""
        number = len(self.accounts)
        account = Account(self.seed, number, name or f"Sandbox {number + 1}")
        account.created = self.clock.now()
        self.accounts[account.sid] = account
        self.keys[account.api_key] = account
        return account

    @property
    def first_account(self) -> Account:
        return next(iter(self.accounts.values()))

    def at(self, due: float, work: Callable[[float], None]) -> None:
        """Put work on the agenda; it is given the instant at which it fell due."""
        heapq.heappush(self._agenda, (round(due, 3), next(self._order), work))

    def settle(self) -> float:
        """Do everything that has fallen due, and return the present instant."""
        now = self.clock.now()
        while self._agenda and self._agenda[0][0] <= now:
            due, _, work = heapq.heappop(self._agenda)
            work(due)
        return now


_SETTINGS = Settings.__struct_fields__
