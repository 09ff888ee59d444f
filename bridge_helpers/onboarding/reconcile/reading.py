"""Read one conversation on both sides, with no more requests than the depth takes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Final

from ...api.session import Session
from ...errors import NotFound
from .compare import Judged, Window, instant, judge, judge_presence
from .records import BEFORE, MATCHED, Depth, Heard, ListedClassic, Message, Twin
from .twins import Twins, several_open

GONE: Final = "gone"
"""The state of a conversation that was deleted after it was listed."""
Item = tuple[ListedClassic, tuple[Twin, ...]]


class Reading:
    """
    How conversations are read in one run; its methods may be called from any thread.

    Args:
        since: When the bridge was made, seconds since 1970.
        looked_at: When the list of v2 conversations was begun, likewise.
    """

    def __init__(
        self,
        session: Session,
        service_sid: str,
        depth: Depth,
        grace: float,
        since: float,
        looked_at: float,
        twins: Twins,
    ) -> None:
        self._session = session
        self._service_sid = service_sid
        self._depth = depth
        self._grace = grace
        self._since = since
        self._looked_at = looked_at
        self._twins = twins

    def by_lists(self, one: ListedClassic, twins: tuple[Twin, ...]) -> Judged | None:
        """What the lists alone tell; None where that is not enough."""
        if self._depth != "presence" or (self._twins.ask_each and not twins):
            return None
        if twins:
            # The list may be older than the end of one of them: they are asked before that is said.
            return None if several_open(twins) else judge_presence(one.sid, twins)
        created = instant(one.date_created)
        window = Window(self._since, self._looked_at, self._grace)
        if created is not None and not window.crossed(one.date_created):
            return Judged(one.sid, BEFORE)
        if created is not None and created > window.now - self._grace:
            return Judged(one.sid, MATCHED)
        # Whether it is missing depends on whether anything was written in it.
        return None

    def compare(self, item: Item) -> Judged:
        """
        A conversation and its twins, by as many requests as the depth takes.

        Its state is `GONE` where classic does not have it any more.

        Raises:
            BridgeError: It cannot be read.
        """
        one, twins = item
        if not twins and self._twins.ask_each:
            twins = self._twins.asked(one.sid)
            early = self.by_lists(one, twins) if twins else None
            if early is not None:
                return early
        elif len(twins) > 1:
            twins = self._twins.with_status(twins)
        if self._depth == "presence" and twins:
            return judge_presence(one.sid, twins)
        try:
            messages = self._messages(one.sid)
        except NotFound:
            return Judged(one.sid, GONE)
        judged = self._judge(one, twins, messages)
        if judged.state == "missing" and not self._twins.ask_each:
            # The list may have passed it over: it is missing if it is not found by name either.
            found = self._twins.asked(one.sid)
            if found and self._depth == "presence":
                return judge_presence(one.sid, found)
            judged = self._judge(one, found, messages) if found else judged
        return judged

    def _judge(
        self, one: ListedClassic, twins: tuple[Twin, ...], messages: Sequence[Message]
    ) -> Judged:
        newest = messages[0].sid if messages and self._depth != "full" else ""
        heard: dict[Twin, Sequence[Heard]] = {}
        for twin in twins:
            try:
                heard[twin] = self._heard(twin.conversation_id, newest)
            except NotFound:
                continue
        # Without a twin, what is newer than the list of v2 conversations says nothing.
        now = self._session.http.now() if heard else self._looked_at
        window = Window(self._since, now, self._grace)
        return judge(
            one.sid, one.date_created, messages, heard, window, whole=self._depth == "full"
        )

    def _messages(self, sid: str) -> Sequence[Message]:
        """All messages, or the newest that has a text: media alone does not cross."""
        listing = self._session.classic.messages(self._service_sid, sid, "desc").into(Message)
        if self._depth == "full":
            return list(listing)
        newest = replace(listing, size=1).first_page()
        # More may come than was asked for.
        spoken = next((message for message in newest.items if message.body), None)
        if spoken is not None or not newest.following:
            return newest.items if spoken is None else (spoken,)
        return next(((message,) for message in listing if message.body), newest.items)

    def _heard(self, conversation_id: str, newest: str) -> Sequence[Heard]:
        """All communications, or those up to the page with the newest message."""
        listing = self._session.orchestrator.communications(conversation_id).into(Heard)
        found: list[Heard] = []
        with closing(listing.pages()) as pages:
            for page in pages:
                found += page.items
                if newest and any(one.resource_id == newest for one in page.items):
                    break
        return found

    def in_classic(self, sid: str) -> bool:
        """Whether the classic service has a conversation."""
        try:
            self._session.classic.conversation(self._service_sid, sid)
        except NotFound:
            return False
        return True
