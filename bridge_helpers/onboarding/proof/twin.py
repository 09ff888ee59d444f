"""
The Orchestrator conversations that belong to one classic conversation.

What recognises a twin is what it carries: the classic sid as the `channelId` of a
participant's address, else a communication with one of the test's messages. No time stamp
is compared with our clock. List items may be partial (Twilio's documentation), and whether
`channelId` filters by the classic sid is not specified, so neither is relied on: an item
that does not tell is fetched singly, and where the filter finds nothing the list is read.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from itertools import islice
from typing import Final

from ...api.models import Communication, Conversation
from ...api.session import Session
from ...errors import BadRequest, NotFound
from ...progress import current_context

SCANNED: Final = 5000
"""Conversations that are read where the filter does not find the twin."""
PAGE: Final = 1000
SCAN_EVERY: Final = 1.0
"""Seconds between two such readings; five times as long where they take several pages."""
FETCHED_SINGLY: Final = 20
"""Partial list items that are looked into at a time."""


class Twins:
    """
    Finds them and remembers them.

    Attributes:
        found: The twins seen so far, by id; one, unless the service made another.
    """

    def __init__(self, session: Session) -> None:
        self._api = session.orchestrator
        self._sid = ""
        self._there_before: frozenset[str] = frozenset()
        self._of_others: set[str] = set()
        self._next_scan = 0.0
        self.found: dict[str, Conversation] = {}

    @property
    def first(self) -> Conversation | None:
        """The twin that was found first, or None."""
        return next(iter(self.found.values()), None)

    def look_before(self) -> None:
        """
        See what is listed for a sid that nothing has, before the classic conversation exists.

        Where the filter is not heeded that is everything there is. None of it needs a closer
        look later: it was there before the test.
        """
        nobody = f"CH{secrets.token_hex(16)}"
        self._there_before = frozenset(one.id for one in self._filtered(nobody))

    def existed_before(self, conversation_id: str) -> bool:
        """Whether a conversation was there before the test's was made."""
        return conversation_id in self._there_before

    def follow(self, sid: str) -> None:
        """From now on the twins of this classic conversation are looked for."""
        self._sid = sid
        self._next_scan = current_context().clock() + SCAN_EVERY

    def refresh(self, message_sid: str = "", body: str = "") -> bool:
        """
        Look for twins that are not known yet; whether there was one.

        Args:
            message_sid, body: Of a message; who has it is a twin too.
        """
        candidates = [one for one in self._filtered(self._sid) if one.id not in self.found]
        # Where the filter is heeded, what it lists is worth a look whatever it carries.
        new = self._among(candidates, message_sid, body, listed=not self._there_before)
        if not new and not self.found and current_context().clock() >= self._next_scan:
            new = self._among(self._scan(), message_sid, body)
        for one in new:
            self.found[one.id] = one
        return bool(new)

    def holding(self, message_sid: str, body: str) -> Conversation | None:
        """The twin that has a message, among those that are known; None when none has."""
        for one in list(self.found.values()):
            try:
                told = self._api.communications(one.id)
                if any(is_message(communication, message_sid, body) for communication in told):
                    return one
            except NotFound:
                continue
        return None

    def _filtered(self, sid: str) -> list[Conversation]:
        """What is listed for a `channelId`; nothing where the filter is refused."""
        try:
            return list(islice(self._api.conversations(channel_id=sid), SCANNED))
        except (BadRequest, NotFound):
            return []

    def _scan(self) -> list[Conversation]:
        listed = list(islice(self._api.conversations(status=("ACTIVE",)), SCANNED))
        pause = SCAN_EVERY if len(listed) <= PAGE else 5 * SCAN_EVERY
        self._next_scan = current_context().clock() + pause
        return listed

    def _among(
        self,
        candidates: list[Conversation],
        message_sid: str,
        body: str,
        *,
        listed: bool = False,
    ) -> list[Conversation]:
        told = [one for one in candidates if self._sid in one.channel_ids]
        if told:
            return told
        unclear = [
            one
            for one in candidates
            if (listed or not one.channel_ids)
            and one.id not in self._there_before
            and one.id not in self._of_others
        ]
        # The newest are last where lists come oldest first, and first where they do not.
        half = FETCHED_SINGLY // 2
        if len(unclear) > FETCHED_SINGLY:
            unclear = unclear[:half] + unclear[-half:]
        return [one for one in unclear if self._is_twin(one, message_sid, body, listed)]

    def _is_twin(self, partial: Conversation, message_sid: str, body: str, listed: bool) -> bool:
        """Look into one whose list item does not tell."""
        carried = self._carried(partial.id)
        if self._sid in carried:
            return True
        if carried and not listed:
            self._of_others.add(partial.id)
            return False
        try:
            told = list(self._api.communications(partial.id))
        except NotFound:
            return False
        return any(
            one.channel_id == self._sid or is_message(one, message_sid, body) for one in told
        )

    def _carried(self, conversation_id: str) -> tuple[str, ...]:
        """The channel ids of its participants, from the conversation or from their own list."""
        with suppress(NotFound):
            told = self._api.conversation(conversation_id).channel_ids
            if told:
                return told
        with suppress(NotFound):
            return tuple(
                address.channel_id
                for participant in self._api.participants(conversation_id)
                for address in participant.addresses or ()
                if address.channel_id
            )
        return ()


def is_message(communication: Communication, message_sid: str, body: str) -> bool:
    """Whether a communication is a message: by its sid, else by its text, which is unique."""
    text = communication.content.text if communication.content else None
    return bool(
        (message_sid and communication.resource_id == message_sid) or (body and text == body)
    )
