"""
Classic Users as memory profiles: a dry table first, then profiles in bulk.

Reading only, until `apply`. A profile is made for a User whom no profile is found for; one that
shares an e-mail address or a number with a profile joins it, as the store's matching rules have
it. Sending is safe to repeat: a profile is found by its identifiers, so the same again makes no
second one (Twilio's OpenAPI for memory v1, Bulk). But a store takes a while to show what it
accepted, so what was sent lately is in the journal and is not sent again.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ...api.fan_out import fan_out
from ...api.memory import MOST_IN_BULK
from ...api.models import TraitDefinition, TraitGroup, Traits, User
from ...api.session import Session
from ...data import export
from ...errors import (
    BadAnswer,
    BridgeError,
    ChecksFailed,
    Conflict,
    ConnectionFailed,
    InvalidInput,
    NotFound,
    ServerError,
)
from ...progress import OnProgress, current_context, step_context
from ...words import counted
from ..choose import only_service
from ..journal import Journal, Scope
from ..verify import check_service, require_bridge
from . import facts
from .batches import Batches, Sent, fingerprint
from .candidates import Candidate, State, judged, looked_up
from .mapping import (
    Line,
    default_mapping,
    fitted,
    left_out,
    missing_traits,
    parse,
    promotions,
    traits_of,
    types_of,
)

SETTLING: Final = 30.0
"""Seconds to wait until profiles that were accepted are found."""
COLUMNS: Final = ("user_sid", "identity", "name", "state", "profile_id", "identifiers", "note")
"""Of `known_customers.csv`."""
PATIENCE: Final = 120.0
"""Seconds to wait for another run that makes profiles in the same store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCustomers:
    """
    The table, and what was written.

    Attributes:
        mapping: The lines that it was made by.
        candidates: One for each User, in the order in which the service lists them.
        missing: Traits that the store lacks, by group; made first when it is applied.
        applied: Whether anything was to be written.
        made: How many of those that were sent are found in the store now.
        pending: How many were accepted and are not found yet.
    """

    service_sid: str
    store_id: str
    mapping: str
    candidates: tuple[Candidate, ...]
    missing: dict[str, dict[str, TraitDefinition]] = field(default_factory=dict)
    applied: bool = False
    made: int = 0
    pending: int = 0

    def counted(self, *states: State) -> int:
        """How many Users are in one of these states."""
        return sum(one.state in states for one in self.candidates)

    @property
    def summary(self) -> str:
        """How it stands, in a sentence or two."""
        states: Counter[str] = Counter(one.state for one in self.candidates)
        users = counted(len(self.candidates), "classic User")
        known = (
            f"{states['known']:,} of {users} {'has' if states['known'] == 1 else 'have'} a profile"
        )
        rest = [
            counted(states[state], one, several)
            for state, one, several in (
                ("new", *["would get one"] * 2),
                ("joins", *["would join one that has their e-mail address or number"] * 2),
                (
                    "sent",
                    "was accepted and is not to be found yet",
                    "were accepted and are not to be found yet",
                ),
                ("left out", "is left out", "are left out"),
            )
            if states[state]
        ]
        if not self.applied:
            return "; ".join([known, *rest]) + "."
        done = f"{counted(self.made, 'profile')} made or completed"
        wait = f", {self.pending:,} accepted and not to be found yet" if self.pending else ""
        return f"{done}{wait}. {'; '.join([known, *rest])}."


def known_customers(
    session: Session,
    service_sid: str = "",
    *,
    mapping: str = "",
    apply: bool = False,
    journal: Journal | None = None,
    settling: float = SETTLING,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> KnownCustomers:
    """
    Show classic Users as they would become profiles; with `apply` make these profiles.

    Args:
        service_sid: `IS…`; empty: the only one there is. It has to be bridged: profiles go into
            the memory store of its configuration.
        mapping: Lines as in `mapping.parse`; empty: three that fit the store.
        apply: Write. What was sent before is not sent again.
        journal: Where to write what is sent; None: the one under `BRIDGE_HOME`.
        settling: Seconds to wait until what was accepted is found.

    Raises:
        InvalidInput: The mapping breaks a rule; nothing was asked.
        NotBridged: No configuration names the service.
        ChecksFailed: The store is not ACTIVE, or knows no identifier that a User has.
        RunInProgress: Another run makes profiles in this store.
        ApiError, ConnectionFailed: The service refused or could not be reached; run it again to
            go on.
        Cancelled: Stopped in between; run it again to go on.
    """
    if mapping:
        parse(mapping)
    if service_sid:
        service_sid = check_service(service_sid)
    with step_context(on_progress, cancel, clock, sleep):
        sid = check_service(service_sid or only_service(session))
        store_id = _store(session, sid)
        book = journal or Journal()
        scope = Scope.of(session, store_id)
        batches = Batches(book.path, scope)
        if not apply:
            return _table(session, sid, store_id, mapping, batches.recent())
        with book.alone(scope, patience=PATIENCE):
            return _apply(session, sid, store_id, mapping, batches, settling)


def _store(session: Session, service_sid: str) -> str:
    store_id = require_bridge(session, service_sid).memory_store_id or ""
    try:
        there = session.memory.store(store_id) if store_id else None
    except NotFound:
        there = None
    trouble = next((one for one in facts.store(there, store_id) if one.level != "ok"), None)
    if trouble is not None:
        raise ChecksFailed(trouble.found, "No profile can be kept.", trouble.action)
    return store_id


def _table(
    session: Session, service_sid: str, store_id: str, mapping: str, sent: Sent
) -> KnownCustomers:
    """Read Users, traits and identifiers, and look everybody up."""
    context = current_context()
    context.say("Reading the identifiers and traits of the store")
    identity = session.memory.identity_settings(store_id)
    groups = list(session.memory.trait_groups(store_id))
    text = mapping or default_mapping(groups)
    lines = parse(text)
    users: list[User] = []
    for user in session.classic.users(service_sid):
        users.append(user)
        if len(users) % 200 == 0:
            context.say("Reading the classic Users", done=len(users))
    read = [(user, *traits_of(user, lines)) for user in users]
    missing = missing_traits(lines, groups, identity, _values(lines, read))
    promoted = {**promotions(groups), **_promised(missing)}
    if not set(promoted.values()) & {"chat", "email", "phone", "whatsapp"}:
        raise ChecksFailed(
            "The store knows no identifier that a chat customer has.",
            f"Its identifiers are: {', '.join(identity.id_types) or 'none'}.",
            "Add chat to the identity resolution settings of the store, in the Console.",
        )
    types = types_of(groups, missing)
    fitting = [
        (user, kept, (*notes, *odd))
        for user, traits, notes in read
        for kept, odd in [fitted(traits, types)]
    ]
    candidates = judged(fitting, promoted, identity, left_out(text))
    return KnownCustomers(
        service_sid=service_sid,
        store_id=store_id,
        mapping=text,
        candidates=tuple(looked_up(session, store_id, candidates, sent)),
        missing=missing,
    )


def _apply(
    session: Session,
    service_sid: str,
    store_id: str,
    mapping: str,
    batches: Batches,
    settling: float,
) -> KnownCustomers:
    context = current_context()
    sent = batches.recent()
    table = _table(session, service_sid, store_id, mapping, sent)
    if sent.unsure:
        # A run that was killed may have sent these; what it made shows after a while.
        unsure = [
            one
            for one in table.candidates
            if one.to_send and fingerprint(one.identity) in sent.unsure
        ]
        found = _await(session, store_id, unsure, settling, "Looking for what an earlier run sent")
        table = _with(table, found)
    to_send = [one for one in table.candidates if one.to_send]
    if to_send and table.missing:
        _make_traits(session, store_id, table.missing)
    for done in range(0, len(to_send), MOST_IN_BULK):
        context.check()
        context.say("Making profiles", done=done, total=len(to_send))
        _send(session, store_id, to_send[done : done + MOST_IN_BULK], batches, settling)
    # An earlier run's too: they may be on their way.
    sent_before = [one for one in table.candidates if one.state == "sent"]
    wanted = [*to_send, *sent_before]
    found = _await(session, store_id, wanted, settling, "Waiting until the profiles are found")
    settled = _with(table, found, accepted={one.user_sid for one in to_send})
    return replace(
        settled,
        applied=True,
        missing={} if to_send else table.missing,
        made=len(found),
        pending=len(wanted) - len(found),
    )


def _send(
    session: Session,
    store_id: str,
    some: Sequence[Candidate],
    batches: Batches,
    settling: float,
) -> None:
    """One request; where its answer is lost, look what came of it before it is sent again."""
    batch = batches.begin(one.identity for one in some)
    try:
        session.memory.put_profiles(store_id, [one.traits for one in some])
    except (ConnectionFailed, ServerError, BadAnswer) as lost:
        if isinstance(lost, ConnectionFailed) and not lost.sent:
            batches.end(batch, "refused")
            raise
        found = _await(session, store_id, some, settling, "The answer was lost; looking")
        rest = [one for one in some if one.user_sid not in found]
        if rest:
            # Repeating it makes nobody twice: who is there is found by the identifiers.
            session.memory.put_profiles(store_id, [one.traits for one in rest])
    except BridgeError:
        batches.end(batch, "refused")
        raise
    batches.end(batch, "accepted")


def _make_traits(
    session: Session, store_id: str, missing: dict[str, dict[str, TraitDefinition]]
) -> None:
    """The traits that the mapping names and the store lacks; an operation for each group."""
    memory = session.memory
    there = {group.display_name for group in memory.trait_groups(store_id)}
    for name, traits in missing.items():
        current_context().say(f"Adding {', '.join(traits)} to the trait group {name}")
        try:
            taken = (
                memory.add_traits(store_id, name, traits)
                if name in there
                else memory.create_trait_group(store_id, name, traits)
            )
        except Conflict:
            # Somebody made it since we looked; what it lacks is told by the next run.
            continue
        if taken.operation_id:
            memory.follow(taken.operation_id, first_look=taken.retry_after)


def _await(
    session: Session, store_id: str, wanted: Iterable[Candidate], patience: float, words: str
) -> dict[str, str]:
    """User sid to profile id of those that are found within the patience."""
    context = current_context()
    left = {one.user_sid: one for one in wanted}
    found: dict[str, str] = {}
    until, pause = context.clock() + patience, 0.5
    while left:
        for outcome in fan_out(
            lambda one: session.memory.look_up(store_id, *one.identifiers[0]), list(left.values())
        ):
            if outcome.result:
                found[outcome.item.user_sid] = outcome.result[0]
                del left[outcome.item.user_sid]
        rest = until - context.clock()
        if not left or rest <= 0:
            break
        context.say(words, done=len(found), total=len(found) + len(left))
        context.pause(min(pause, rest), f"{words}: {len(left):,} to go")
        pause = min(5.0, pause * 1.5)
    return found


def _with(
    table: KnownCustomers, found: dict[str, str], accepted: Iterable[str] = ()
) -> KnownCustomers:
    """The table once these profiles were found, and these Users accepted."""
    taken = set(accepted)

    def now(one: Candidate) -> Candidate:
        if one.user_sid in found:
            return replace(one, state="known", profile_id=found[one.user_sid])
        return replace(one, state="sent") if one.user_sid in taken else one

    return replace(table, candidates=tuple(map(now, table.candidates)))


def _values(
    lines: Iterable[Line], read: Iterable[tuple[User, Traits, tuple[str, ...]]]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {line.target: [] for line in lines}
    for _, traits, _ in read:
        for group, named in traits.items():
            for name, value in named.items():
                found[f"{group}.{name}"].append(value)
    return found


def _promised(missing: dict[str, dict[str, TraitDefinition]]) -> dict[str, str]:
    groups = [TraitGroup(display_name=name, traits=traits) for name, traits in missing.items()]
    return promotions(groups)


def check_mapping(value: object) -> str:
    """A mapping as text, checked; empty stays empty."""
    if not isinstance(value, str):
        raise InvalidInput("mapping", value, "it has to be text")
    if value.strip():
        parse(value)
    return value.strip()


def write_table(found: KnownCustomers, folder: Path) -> Path:
    """
    Write `known_customers.csv`, a row for each User; safe to open as a spreadsheet.

    Raises:
        BridgeError: It cannot be written.
    """
    import pyarrow as pa

    rows = [
        {
            "user_sid": one.user_sid,
            "identity": one.identity,
            "name": one.name,
            "state": one.state,
            "profile_id": one.profile_id,
            "identifiers": "; ".join(f"{kind} {value}" for kind, value in one.identifiers),
            "note": one.why,
        }
        for one in found.candidates
    ]
    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    path = folder / "known_customers.csv"
    with export.table_file(path, schema) as file:
        file.write(pa.RecordBatch.from_pylist(rows, schema=schema))
    return path
