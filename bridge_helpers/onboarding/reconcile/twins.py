"""
Which v2 conversation mirrors which classic one.

The list of v2 conversations tells it by the `channelId` of addresses, as long as its items are
whole. They may be partial (Twilio's documentation): then each classic conversation is asked for
by `channelId`; and where that filter is not heeded, each v2 conversation is looked into. Which
way it is, is seen on the list and asked once.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

from ...api.fan_out import fan_out
from ...api.models import Conversation
from ...api.orchestrator import Orchestrator
from ...api.session import Session
from ...data.rows import ConversationRow
from ...errors import BadRequest, NotFound
from .ledger import Ledger, NamedTwin, restarting
from .records import Twin

R = TypeVar("R")


class Twins:
    """
    The v2 side of a comparison.

    Args:
        services: Configuration id to the classic service that it bridges, of all there are.
    """

    def __init__(
        self,
        session: Session,
        service_sid: str,
        services: Mapping[str, str | None],
        ledger: Ledger,
    ) -> None:
        self._api = session.orchestrator
        self._service_sid = service_sid
        self._services = services
        self._ledger = ledger
        self._heeded: bool | None = None
        self._lock = threading.Lock()
        self._told: list[NamedTwin] = []
        self.ask_each = False

    def read_list(self) -> None:
        """Read the list of v2 conversations, from where it was left."""
        if not self._ledger.twins.whole:
            for _ in restarting(self._ledger, "twins", self._read):
                pass

    def _read(self, start: str) -> Iterator[None]:
        listing = self._api.conversations().into(ConversationRow)
        for page in replace(listing, start=start).pages():
            named: list[NamedTwin] = []
            untold: list[str] = []
            for row in page.items:
                ours = self._is_ours(row)
                sids, told = _channels(row)
                if told:
                    status = row.status or ""
                    named += [NamedTwin(sid, row.id, status, bool(ours)) for sid in sids]
                elif ours is not False:
                    untold.append(row.id)
            self._ledger.add_twins(named, untold, page.following)
            yield

    def _is_ours(self, row: ConversationRow) -> bool | None:
        """Whether it is bridged from the service; None where that is not known."""
        bridge = row.configuration.conversations_v1_bridge if row.configuration else None
        service = (bridge and bridge.service_id) or self._services.get(row.configuration_id or "")
        return None if not service else service.lower() == self._service_sid.lower()

    def choose_way(self) -> None:
        """Where list items were partial: ask for each by its channel, or look into all."""
        if not self._ledger.has_untold:
            return
        if self.filter_is_heeded:
            self.ask_each = True
        else:
            self.look_into_all()

    @property
    def filter_is_heeded(self) -> bool:
        """Whether `channelId` filters the list: asked for a sid that nothing has."""
        with self._lock:
            if self._heeded is None:
                self._heeded = heeds_filter(self._api)
        return self._heeded

    def asked(self, sid: str) -> tuple[Twin, ...]:
        """The twins of a classic conversation, by the filter; none where it is not heeded."""
        if not self.filter_is_heeded:
            return ()
        found = _filtered(self._api, sid)
        with self._lock:
            self._told += [NamedTwin(sid, row.id, row.status or "", True) for row in found]
        twins = tuple(Twin(row.id, row.status or "") for row in found)
        return self.with_status(twins) if len(twins) > 1 else twins

    def save(self) -> None:
        """Write down what threads have found out since the last time."""
        with self._lock:
            told, self._told = self._told, []
        if told:
            self._ledger.tell_twins(told, [one.conversation_id for one in told])

    def with_status(self, twins: tuple[Twin, ...]) -> tuple[Twin, ...]:
        """The same; where several seem to be open, each as it is now, without those gone."""
        if not several_open(twins):
            return twins
        known: list[Twin] = []
        for one in twins:
            with suppress(NotFound):
                closed = one.status == "CLOSED"
                status = "CLOSED" if closed else self._api.conversation(one.conversation_id).status
                known.append(Twin(one.conversation_id, status or ""))
        return tuple(known)

    def look_into_all(self) -> None:
        """Fetch every v2 conversation singly that has not told what it mirrors."""
        for some in _chunks(fan_out(self._look_into, self._ledger.untold(), in_order=False)):
            self._ledger.tell_twins(
                [twin for one in some for twin in one.result], [one.item for one in some]
            )

    def _look_into(self, conversation_id: str) -> list[NamedTwin]:
        whole, sids = _looked_into(self._api, conversation_id)
        if whole is None:
            return []
        born = whole.configuration.service_sid if whole.configuration else None
        service = born or self._services.get(whole.configuration_id or "")
        ours = (service or "").lower() == self._service_sid.lower()
        status = whole.status or ""
        return [NamedTwin(sid, conversation_id, status, ours) for sid in sids]


def several_open(twins: Sequence[Twin]) -> bool:
    """Whether more than one of them may be open."""
    return sum(one.status != "CLOSED" for one in twins) > 1


def heeds_filter(api: Orchestrator) -> bool:
    """Whether `channelId` filters the list: asked for a sid that nothing has."""
    nobody = f"CH{secrets.token_hex(16)}"
    try:
        listing = api.conversations(channel_id=nobody, size=50).into(ConversationRow)
        # The first page may be empty, and others follow.
        with closing(listing.pages()) as pages:
            return not any(page.items for page in pages)
    except (BadRequest, NotFound):
        return False


def twins_of(api: Orchestrator, sid: str) -> list[Conversation]:
    """
    The twins of one classic conversation, whole.

    By the filter where it is heeded, else from the whole list; an item that does not tell what
    it mirrors is looked into.
    """
    ids: list[str] = []
    untold: list[str] = []
    if heeds_filter(api):
        ids = [row.id for row in _filtered(api, sid)]
    else:
        for row in api.conversations().into(ConversationRow):
            sids, told = _channels(row)
            if sid in sids:
                ids.append(row.id)
            elif not told:
                untold.append(row.id)
    found = []
    for one in ids:
        with suppress(NotFound):
            found.append(api.conversation(one))
    for outcome in fan_out(partial(_looked_into, api), untold):
        whole, sids = outcome.result
        if whole is not None and sid in sids:
            found.append(whole)
    return found


def _looked_into(api: Orchestrator, conversation_id: str) -> tuple[Conversation | None, list[str]]:
    """A v2 conversation, None where it is gone, and the classic ones that it mirrors."""
    try:
        whole = api.conversation(conversation_id)
    except NotFound:
        return None, []
    sids = list(whole.channel_ids)
    with suppress(NotFound):
        if not sids:
            sids = [
                address.channel_id
                for participant in api.participants(conversation_id)
                for address in participant.addresses or ()
                if address.channel_id
            ]
        if not sids:
            told = api.communications(conversation_id)
            sids = [one.channel_id for one in told if one.channel_id]
    return whole, [sid for sid in dict.fromkeys(sids) if sid.startswith("CH")]


def _filtered(api: Orchestrator, sid: str) -> list[ConversationRow]:
    rows = api.conversations(channel_id=sid, size=50).into(ConversationRow)
    return [row for row in rows if sid in _channels(row)[0] or not _channels(row)[1]]


def _channels(row: ConversationRow) -> tuple[list[str], bool]:
    """The classic sids that a list item carries; and whether it tells all of them."""
    sids: dict[str, None] = {}
    told = bool(row.participants)
    for participant in row.participants or ():
        if participant.addresses is None:
            told = False
        for address in participant.addresses or ():
            if address.channel_id:
                if address.channel_id.startswith("CH"):
                    sids[address.channel_id] = None
            elif address.channel == "CHAT":
                told = False
    return list(sids), told or bool(sids)


def _chunks(outcomes: Iterable[R], size: int = 100) -> Iterator[list[R]]:
    """So many at a time."""
    some: list[R] = []
    for one in outcomes:
        some.append(one)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
