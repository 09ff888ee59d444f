"""
What the sandbox knows: accounts with their resources, and the work that is still to come.

The world does nothing by itself. Work that takes time (an operation, a message crossing the
bridge, a timer) waits on the agenda with the instant at which it falls due; `World.run_due`,
called before each request, does everything that has fallen due, in order and as of its own
instant. The outcome therefore never depends on how often, or when, somebody looks.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Literal

from msgspec import Struct, field

from . import classic_records as classic
from . import messaging_records, records
from .clock import Clock
from .faults import FaultQueue
from .ids import IdGenerator
from .intelligence import records as intelligence
from .request_log import RequestLog
from .stable_list import StableList

#: How the participants of a bridged conversation arrive (see the assumption "bridged-types").
BridgedParticipants = Literal["unknown", "agent-omitted", "typed"]


class Settings(Struct, kw_only=True):
    """
    What can be set; seconds are seconds of the sandbox's clock.

    ``retry_after`` is the ``Retry-After`` of a 202 (``None`` leaves the header out);
    ``rate_limit`` is requests per second and account (``None``: no limit);
    ``configuration_limit`` is configurations per account (``None``: no limit);
    ``concurrent_limit`` is requests of an account at once (``None``: no limit).
    """

    lag: float = 1.0
    jitter: float = 0.0
    operation_seconds: float = 1.0
    retry_after: int | None = 1
    rate_limit: int | None = None
    configuration_limit: int | None = None
    concurrent_limit: int | None = None
    traffic: int = 0
    partial_lists: bool = False
    channel_filter: bool = True
    bridged_participants: BridgedParticipants = "unknown"


class ConversationState(Struct, kw_only=True):
    """
    A v2 conversation with what does not go over the wire.

    ``configuration`` is the one that was pinned at birth. ``classic`` is the classic
    conversation that it mirrors, if it came over the bridge; ``mirrors`` is the sid of one that
    was planted and that nobody has written to yet.
    """

    record: records.Conversation
    configuration: records.Configuration
    created: float
    active_at: float
    communications: StableList[records.Communication]
    by_resource: dict[str, str]
    actions: dict[str, records.Action]
    classic: classic.Conversation | None = None
    #: How many of its communications memory has learned from.
    looked_through: int = 0
    mirrors: str = ""
    #: When the lifecycle will look at it next.
    transition_due: float | None = None


class Memories(Struct, kw_only=True):
    """What is known of a profile besides its traits, and when each (group, trait) was set."""

    observations: StableList[records.Observation] = field(default_factory=StableList)
    summaries: StableList[records.Summary] = field(default_factory=StableList)
    trait_times: dict[tuple[str, str], str] = field(default_factory=dict)


class MemoryStore(Struct, kw_only=True):
    """
    A memory store with its profiles.

    ``holders`` maps (idType, value) to profile ids, ``merged`` a profile that is gone to the one
    that has what it had.
    """

    record: records.Store
    profiles: StableList[records.Profile]
    identifiers: dict[str, dict[str, list[str]]]
    holders: dict[tuple[str, str], list[str]]
    merged: dict[str, str]
    resolution: dict[str, Any]
    trait_groups: StableList[records.TraitGroup]
    memories: dict[str, Memories] = field(default_factory=dict)


class DeliveryQueue:
    """One direction of one bridged conversation: messages arrive in the order they were sent."""

    __slots__ = ("held_back", "last_due")

    def __init__(self) -> None:
        self.last_due = 0.0
        #: The arrival of a message that a fault holds back until another has overtaken it.
        self.held_back: Callable[[float], None] | None = None


class KeyedAnswer(Struct, frozen=True):
    """What a request with an ``Idempotency-Key`` was answered, for its repetition."""

    until: float
    fingerprint: str
    status: int
    body: bytes
    headers: dict[str, str]
    content_type: str
    fault: str | None


class Account:
    """One Twilio account: credentials, switches and everything it owns."""

    def __init__(self, seed: int, number: int, name: str) -> None:
        self.ids = IdGenerator(seed, f"account/{number}")
        self.random = random.Random(f"{seed}/{number}")
        self.sid = self.ids.sid("AC")
        self.name = name
        self.api_key = self.ids.sid("SK")
        self.api_secret = self.ids.secret("api secret")
        self.auth_token = self.ids.secret("auth token")
        self.status = "active"
        self.terms_accepted = True
        self.orchestrator_enabled = True
        self.created = 0.0
        self.services: StableList[classic.Service] = StableList()
        self.default_service_sid: str | None = None
        self.default_messaging_service_sid = self.ids.sid("MG")
        self.messaging_services: StableList[messaging_records.MessagingService] = StableList()
        self.default_timers: dict[str, str | None] = {"inactive": None, "closed": None}
        self.addresses: StableList[classic.AddressConfiguration] = StableList()
        self.webhooks = classic.Webhooks()
        self.numbers: StableList[records.PhoneNumber] = StableList()
        self.stores: StableList[MemoryStore] = StableList()
        self.alerts: StableList[records.Alert] = StableList()
        self.intelligence: StableList[intelligence.IntelligenceConfiguration] = StableList()
        self.operators: StableList[intelligence.OperatorState] = StableList()
        #: Tags: ("conversation", conversationId).
        self.results: StableList[intelligence.OperatorResult] = StableList()
        self.configurations: StableList[records.Configuration] = StableList()
        #: Which configuration holds each classic service, from acceptance on.
        self.service_holders: dict[str, str] = {}
        #: How many operations under way are about to bridge each classic service.
        self.pending_reservations: Counter[str] = Counter()
        #: Configurations and conversations whose deletion has been accepted.
        self.being_deleted: set[str] = set()
        self.operations: dict[str, records.Operation] = {}
        #: Tags: ("channel", channelId), ("address", without prefix), ("profile", profileId),
        #: ("intelligence", "") where intelligence is linked.
        self.conversations: StableList[ConversationState] = StableList(records.STATUSES)
        #: The open v2 conversation of each classic conversation that has crossed the bridge.
        self.twins: dict[str, ConversationState] = {}
        self.delivery_queues: dict[tuple[str, str], DeliveryQueue] = {}
        self.keyed_answers: dict[str, KeyedAnswer] = {}
        self.recent: deque[float] = deque()
        #: How many requests are being answered.
        self.in_flight = 0

    def bridging(self, service_sid: str) -> records.Configuration | None:
        """The configuration whose bridge to this classic service is up."""
        holder = self.service_holders.get(service_sid)
        configuration = self.configurations.get(holder) if holder else None
        bridge = configuration.conversations_v1_bridge if configuration else None
        return configuration if bridge and bridge.service_id == service_sid else None

    def twin_of(self, conversation: classic.Conversation) -> ConversationState | None:
        """The open v2 conversation that mirrors a classic one."""
        sid = conversation.sid
        for planted in () if sid in self.twins else self.tagged("channel", sid):
            if planted.mirrors == sid and planted.record.status != "CLOSED":
                planted.classic = conversation
                self.twins[sid] = planted
                break
        return self.twins.get(sid)

    def tag(self, conversation: ConversationState, kind: str, value: str) -> None:
        """Let a v2 conversation be found by a channel, an address or a profile."""
        position = self.conversations.position(conversation.record.id)
        self.conversations.tag((kind, value), position)

    def tagged(self, kind: str, value: str) -> Iterator[ConversationState]:
        """The v2 conversations that have, or once had, this channel, address or profile."""
        found = map(self.conversations.at, self.conversations.tagged((kind, value)))
        return (conversation for conversation in found if conversation is not None)


class World:
    """Everything: accounts, clock, settings, faults, request log and agenda."""

    def __init__(self, *, seed: int, settings: Settings, frozen: bool) -> None:
        self.seed = seed
        self.starting_settings = settings
        self.starts_frozen = frozen
        self.faults = FaultQueue()
        self.log = RequestLog()
        self.url = "http://127.0.0.1"
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """Forget everything; the caller seeds it anew."""
        self.seed = seed
        self.settings = Settings(**{f: getattr(self.starting_settings, f) for f in _SETTINGS})
        self.clock = Clock(frozen=self.starts_frozen)
        self.ids = IdGenerator(seed, "sandbox")
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

    def schedule(self, due: float, work: Callable[[float], None]) -> None:
        """Put work on the agenda; it is given the instant at which it fell due."""
        heapq.heappush(self._agenda, (round(due, 3), next(self._order), work))

    def run_due(self) -> float:
        """Do everything that has fallen due, and return the present instant."""
        now = self.clock.now()
        while self._agenda and self._agenda[0][0] <= now:
            due, _, work = heapq.heappop(self._agenda)
            work(due)
        return now


_SETTINGS = Settings.__struct_fields__
