"""
Find what killed tests left in a classic service, and remove it when asked.

All that a test makes is named `bridge-test-…` (`proof.names`). Looked through are the
service's classic conversations and Users, and the account's Orchestrator conversations, all
pages: neither API filters by name. A profile has no name: it is looked up by the identity of a
test's User. What belongs to one test is taken together.

A test that is running is left alone. It is recognised by its age: where anything of it (the
conversations, the newest message, a User) is younger than `older_than`, nothing of it is
touched. Ages compare the service's time stamps with this machine's clock, so minutes count
and seconds do not. What has no time stamp counts as young.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final, Literal

import msgspec

from ..api.documents import bridging
from ..api.models import ClassicConversation, Conversation, User
from ..api.session import Session
from ..data.columns import moment
from ..errors import AuthenticationFailed, BridgeError, Cancelled, InvalidInput, NotFound
from ..progress import OnProgress, current_context, step_context
from ..words import counted
from .findings import Finding
from .proof.names import Names, is_ours, token_of
from .proof.removal import Removal, named_profiles, strangers_in
from .verify import check_service

OLDER_THAN: Final = 15 * 60.0
"""Seconds: a test of the usual length is over by then, and never silent for so long."""
FETCHED_SINGLY: Final = 200
"""Orchestrator conversations whose list items are partial that are looked into."""

Kind = Literal["classic conversation", "Orchestrator conversation", "profile", "User"]
State = Literal["found", "young", "not ours alone", "removed", "left"]


@dataclass(frozen=True, slots=True)
class Leftover:
    """
    Something that a test made and did not remove.

    Attributes:
        id: Its sid or id.
        name: What it was recognised by.
        at: Its last sign of life as far as it is known, UTC.
        state: found (nothing was done), young (perhaps in use, left alone), not ours alone
            (left alone), removed, or left (removing it failed).
    """

    kind: Kind
    id: str
    name: str
    at: datetime | None
    state: State = "found"


@dataclass(frozen=True, slots=True)
class Swept:
    """
    What a sweep found and did.

    Attributes:
        applied: Whether removing was asked for.
        leftovers: Everything that was found, test by test.
        findings: What could not be looked at or removed.
    """

    service_sid: str
    applied: bool
    leftovers: tuple[Leftover, ...]
    findings: tuple[Finding, ...]

    def counted(self, *states: State) -> int:
        """How many leftovers are in one of these states."""
        return sum(one.state in states for one in self.leftovers)

    @property
    def ok(self) -> bool:
        """Everything was looked at, and what was to be removed is."""
        return not self.findings and not self.counted("left")

    @property
    def summary(self) -> str:
        """One sentence or two."""
        if not self.leftovers:
            words = "Nothing is left of earlier tests."
            if self.findings:
                words = "Nothing of earlier tests was found."
        elif self.applied:
            words = (
                f"{self.counted('removed')} of {counted(len(self.leftovers), 'leftover')} removed."
            )
        else:
            count = counted(len(self.leftovers), "leftover")
            words = f"{self.counted('found')} of {count} can be removed."
        if young := self.counted("young"):
            they = "1 is" if young == 1 else f"{young} are"
            words += f" {they} so young that a test may still be at work."
        if shared := self.counted("not ours alone"):
            they = "1 is" if shared == 1 else f"{shared} are"
            words += f" {they} left alone: somebody else takes part."
        return words if not self.findings else f"{words} Not everything could be looked at."


@dataclass
class _Test:
    """
    What was found of one test.

    Attributes:
        profiles: Memory store and profile, of its customer.
        signs: The last sign of life of each thing, by its sid or id.
        shared: Somebody takes part in its classic conversation whom no test made.
    """

    conversations: list[ClassicConversation] = field(default_factory=list)
    twins: list[Conversation] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    profiles: list[tuple[str, str]] = field(default_factory=list)
    signs: dict[str, datetime | None] = field(default_factory=dict)
    shared: bool = False

    def leftovers(self, youngest: datetime | None) -> list[Leftover]:
        """Everything of it, in the order in which it has to be removed."""
        state: State = "not ours alone" if self.shared else "found"
        if youngest and any(at is None or at > youngest for at in self.signs.values()):
            state = "young"
        sids = [one.sid for one in self.conversations]
        found: list[Leftover] = []
        for one in self.conversations:
            name = one.unique_name or one.friendly_name or ""
            found.append(
                Leftover("classic conversation", one.sid, name, self.signs[one.sid], state)
            )
        for twin in self.twins:
            ours = state
            if state == "found" and strangers_in(twin.participants or (), sids):
                ours = "not ours alone"
            found.append(
                Leftover(
                    "Orchestrator conversation", twin.id, twin.name or "", self.signs[twin.id], ours
                )
            )
        for _, profile_id in self.profiles:
            name = self.users[0].identity or ""
            found.append(
                Leftover("profile", profile_id, name, self.signs[self.users[0].sid], state)
            )
        for user in self.users:
            found.append(
                Leftover("User", user.sid, user.identity or "", self.signs[user.sid], state)
            )
        return found


def sweep(
    session: Session,
    service_sid: str,
    *,
    apply: bool = False,
    older_than: float = OLDER_THAN,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Swept:
    """
    Look for leftovers of tests in a service; without `apply` nothing is written.

    Args:
        older_than: Seconds since the last sign of life of a test; below that it is left
            alone. Raise it where tests with a long `sync_timeout` may be running.
        now: The time, UTC.

    Raises:
        InvalidInput: Names field, value and rule; nothing was sent.
        AuthenticationFailed: The key is refused, or another account's; nothing was removed.
        Cancelled: Stopped; what was removed before is gone.
    """
    service_sid = check_service(service_sid)
    check_older_than(older_than)
    with step_context(on_progress, cancel, clock, sleep):
        search = _Search(session, service_sid)
        tests = search.tests()
        # At 0 nothing is young, whatever the two clocks say.
        youngest = now() - timedelta(seconds=older_than) if older_than else None
        found: list[Leftover] = []
        removal = Removal(session, service_sid)
        for number, test in enumerate(tests, 1):
            current_context().say("Going through the leftovers", done=number, total=len(tests))
            items = test.leftovers(youngest)
            found += [_removed(removal, test, one) for one in items] if apply else items
    return Swept(service_sid, apply, tuple(found), (*search.findings, *removal.findings))


def check_older_than(value: object) -> float:
    """Seconds, from 0 to 30 days."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= 30 * 86400:  # type: ignore[operator]
        raise InvalidInput("older_than", value, "it has to be from 0 seconds to 30 days")
    return float(value)  # type: ignore[arg-type]


def _removed(removal: Removal, test: _Test, one: Leftover) -> Leftover:
    if one.state != "found":
        return one
    if one.kind == "classic conversation":
        outcome = removal.conversation(one.id)
    elif one.kind == "User":
        outcome = removal.user(one.id)
    elif one.kind == "profile":
        store_id = next(store for store, profile_id in test.profiles if profile_id == one.id)
        outcome = removal.profile(store_id, one.id)
    else:
        twin = next(twin for twin in test.twins if twin.id == one.id)
        outcome = removal.twin(twin, [known.sid for known in test.conversations])
    return replace(one, state="left" if outcome == "left" else "removed")


class _NoService(Exception):
    """The account has no such classic service."""


class _Search:
    """
    Reads everything and puts together what belongs to one test.

    Attributes:
        findings: What could not be read.
    """

    def __init__(self, session: Session, service_sid: str) -> None:
        self._session = session
        self._service_sid = service_sid
        self._found: dict[str, _Test] = {}
        self.findings: list[Finding] = []

    def tests(self) -> list[_Test]:
        try:
            self._read("classic conversations", self._conversations)
            self._read("Users", self._users)
        except _NoService:
            # Its Orchestrator conversations may outlive it.
            account = self._session.account.sid
            self._unseen(
                f"There is no classic service {self._service_sid} in account {account}.",
                "Pick one of the account's services, or use the other account's credentials.",
            )
        self._read("Orchestrator conversations", self._twins)
        self._read("profiles", self._profiles)
        return list(self._found.values())

    def _read(self, what: str, read: Callable[[], None]) -> None:
        try:
            read()
        except (Cancelled, AuthenticationFailed, _NoService):
            # Without access nothing can be looked at, and another account's is not.
            raise
        except BridgeError as error:
            self._unseen(f"The {what} could not all be read. {error.what} {error.why}".rstrip())

    def _unseen(self, found: str, action: str = "Look again later.") -> None:
        risk = "There may be leftovers."
        self.findings.append(Finding("sweep", "warning", found, risk, action))

    def _of(self, name: str) -> _Test:
        return self._found.setdefault(token_of(name), _Test())

    def _conversations(self) -> None:
        api = self._session.classic
        # Read to the end first: looking into one takes time, and pages move meanwhile.
        try:
            named = [
                (one, name)
                for one in api.conversations(self._service_sid)
                if (name := next(filter(is_ours, (one.unique_name, one.friendly_name)), None))
            ]
        except NotFound as error:
            raise _NoService from error
        for one, name in named:
            try:
                people = list(api.participants(self._service_sid, one.sid))
                newest = islice(api.messages(self._service_sid, one.sid, order="desc"), 1)
                spoken = [message.date_created for message in newest]
            except NotFound:
                continue
            test = self._of(name)
            test.conversations.append(one)
            test.signs[one.sid] = _latest(one.date_created, one.date_updated, *spoken)
            test.shared = test.shared or not all(is_ours(person.identity) for person in people)

    def _users(self) -> None:
        for one in self._session.classic.users(self._service_sid):
            if is_ours(one.identity):
                test = self._of(one.identity or "")
                test.users.append(one)
                test.signs[one.sid] = _latest(one.date_created, one.date_updated)

    def _twins(self) -> None:
        api = self._session.orchestrator
        services = {one.id: one.service_sid for one in api.configurations()}
        names = {
            one.sid: token for token, test in self._found.items() for one in test.conversations
        }
        # By the filter first, where it is heeded: then partial list items cost little.
        listed = [one for sid in names for one in islice(api.conversations(channel_id=sid), 20)]
        seen: set[str] = set()
        partial = 0
        for one in (*listed, *api.conversations()):
            if one.id in seen:
                continue
            seen.add(one.id)
            if one.participants is None:
                partial += 1
                if partial > FETCHED_SINGLY:
                    continue
                whole = self._whole(one)
            else:
                whole = one
            token = _token_in(whole, names) if whole else None
            if whole is None or token is None:
                continue
            settings = whole.configuration
            service = settings.service_sid if settings else services.get(one.configuration_id or "")
            known = set(names) & set(whole.channel_ids)
            if known or service is None or service.lower() == self._service_sid.lower():
                test = self._found.setdefault(token, _Test())
                test.twins.append(whole)
                test.signs[one.id] = _latest(whole.created_at, whole.updated_at)
        if partial > FETCHED_SINGLY:
            self._unseen(
                f"{partial} Orchestrator conversations are listed without their participants; "
                f"{FETCHED_SINGLY} of them were looked into."
            )

    def _profiles(self) -> None:
        with_users = {token: test for token, test in self._found.items() if test.users}
        if not with_users:
            return
        bridge = bridging(self._session.orchestrator.configurations(), self._service_sid)
        born = (twin.configuration for test in with_users.values() for twin in test.twins)
        stores = [one.memory_store_id for one in (bridge, *born) if one and one.memory_store_id]
        for store_id in dict.fromkeys(stores):
            for token, test in with_users.items():
                try:
                    found = named_profiles(self._session.memory, store_id, Names(token))
                except NotFound:
                    # The store is gone, and its profiles with it.
                    break
                test.profiles += [(store_id, one) for one in found]

    def _whole(self, partial: Conversation) -> Conversation | None:
        """A conversation with its participants; None when it is gone."""
        api = self._session.orchestrator
        try:
            whole = api.conversation(partial.id)
            if whole.participants is None:
                people = tuple(api.participants(partial.id))
                whole = msgspec.structs.replace(whole, participants=people)
        except NotFound:
            return None
        return whole


def _token_in(one: Conversation, names: dict[str, str]) -> str | None:
    """Which test an Orchestrator conversation is of, by all that can tell; None: of none."""
    known = [names[sid] for sid in one.channel_ids if sid in names]
    addresses = [
        address.address for person in one.participants or () for address in person.addresses or ()
    ]
    told = [token_of(name) for name in (*addresses, one.name) if name and is_ours(name)]
    return next(iter([*known, *told]), None)


def _latest(*moments: str | None) -> datetime | None:
    """The latest of time stamps as the services write them; None where none can be read."""
    return max(filter(None, map(moment, moments)), default=None)
