"""The test conversation: made, written into, looked for on the other side, and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ...api.models import ClassicConversation, Traits
from ...api.session import Session
from ...errors import ApiError, BadRequest, BridgeError, NotFound
from ...progress import current_context
from ..findings import Finding
from .names import Names, sweep_command, token_of
from .removal import Removal
from .twin import Twins
from .write_once import write_once

ON_THEIR_WAY: Final = 10.0
"""Seconds for which messages on their way are waited for before the twin is removed."""
REFRESH_EVERY: Final = 2.0
"""Seconds between two looks for another twin once one is known."""
FOUND_AGAIN: Final = 3
"""How often a twin that a late message made anew is removed."""


@dataclass
class Written:
    """
    A message that was written in classic, or may have been.

    Attributes:
        body: Its text, which no other message has.
        sid: `IM…`; empty while the answer is not there.
        request_id: Twilio's id of the request that wrote it, when it is known.
        seen: Whether it was seen in Orchestrator.
    """

    body: str
    sid: str = ""
    request_id: str | None = None
    seen: bool = False


class ProofConversation:
    """
    One classic conversation with two chat identities, and its twin.

    Args:
        patience: Seconds for which `clean` waits for messages that were not seen.
        analysed: Whether the bridge links intelligence, so that operators may find something.

    Attributes:
        classic: The classic conversation; None before it is made.
        twins: Its Orchestrator conversations.
        removal: What `clean` removed and could not remove.
        findings: What else is worth knowing after `clean`.
        store_id: The memory store that a profile was made in for the customer; empty: none.
    """

    def __init__(
        self,
        session: Session,
        service_sid: str,
        names: Names | None = None,
        *,
        patience: float = ON_THEIR_WAY,
        analysed: bool = False,
    ) -> None:
        self.session = session
        self.service_sid = service_sid
        self.names = names or Names()
        self.classic: ClassicConversation | None = None
        self.twins = Twins(session)
        self.removal = Removal(session, service_sid, analysed=analysed)
        self.findings: list[Finding] = []
        self._patience = patience
        self._written: list[Written] = []
        self._joined: list[str] = []
        self.store_id = ""
        self._asked_for = False
        self._next_refresh = 0.0

    @classmethod
    def left(cls, session: Session, service_sid: str, unique_name: str) -> ProofConversation:
        """That of an earlier test, by the name of its classic conversation, for `clean`."""
        earlier = cls(session, service_sid, Names(token_of(unique_name)))
        earlier._asked_for = True
        earlier._joined = [earlier.names.customer, earlier.names.agent]
        return earlier

    @property
    def sid(self) -> str:
        """The classic conversation's `CH…`; empty before it is made."""
        return self.classic.sid if self.classic else ""

    # made and written into

    def make(self) -> None:
        """The conversation and its identities; nobody outside is in it."""
        api = self.session.classic
        current_context().say("Making a classic test conversation")
        self.twins.look_before()
        unique, friendly = self.names.unique_name, self.names.friendly_name()
        self._asked_for = True
        self.classic = write_once(
            lambda: api.create_conversation(self.service_sid, friendly, unique),
            lambda: api.conversation(self.service_sid, unique),
        )
        self.twins.follow(self.sid)
        for identity in (self.names.customer, self.names.agent):
            self._join(identity)

    def make_known(self, store_id: str, traits: Traits) -> str:
        """
        A profile for the customer, and its User, by which a killed test's profile is found.

        Args:
            traits: One of them has to be an identifier; all identifiers are the test's names.
        """
        api = self.session.classic
        identity = self.names.customer
        self._joined.append(identity)
        write_once(
            lambda: api.create_user(self.service_sid, identity),
            lambda: api.user(self.service_sid, identity),
        )
        self.store_id = store_id
        return self.session.memory.create_profile(store_id, traits)

    def _join(self, identity: str) -> None:
        api = self.session.classic
        if identity not in self._joined:
            self._joined.append(identity)
        write_once(
            lambda: api.add_chat_participant(self.service_sid, self.sid, identity),
            lambda: next(
                one
                for one in api.participants(self.service_sid, self.sid)
                if one.identity == identity
            ),
        )

    def write(self, author: str, text: str) -> Written:
        """A message in classic. It is noted before it is sent, as its answer may be lost."""
        api = self.session.classic
        body = self.body(text)
        noted = Written(body)
        self._written.append(noted)
        try:
            message = write_once(
                lambda: api.send_message(self.service_sid, self.sid, author, body),
                lambda: next(
                    one
                    for one in api.messages(self.service_sid, self.sid, order="desc")
                    if one.body == body
                ),
            )
        except ApiError as refused:
            if not refused.uncertain:
                self._written.remove(noted)
            raise
        noted.sid, noted.request_id = message.sid, message.request_id
        return noted

    def send_from_orchestrator(self, text: str) -> str | None:
        """SEND_MESSAGE in the twin; the id of the action."""
        settings = {"channelId": self.sid}
        payload = {
            "from": {"address": self.names.agent, "channel": "CHAT"},
            "to": [{"address": self.names.customer, "channel": "CHAT"}],
            "content": {"text": self.body(text)},
            "channelSettings": settings,
        }
        twin = self.twins.first.id if self.twins.first else ""
        try:
            return self.session.orchestrator.send_message(twin, payload).id
        except BadRequest as refused:
            if "chatservice" not in refused.why.lower():
                raise
        # Some accounts want the classic service named as well.
        settings["chatService"] = self.service_sid
        return self.session.orchestrator.send_message(twin, payload).id

    def body(self, text: str) -> str:
        """The text with this test's name: no other test has the same."""
        return f"{text} ({self.names.unique_name})"

    # looked for

    def crossed(self, written: Written) -> bool:
        """Whether a message of classic is in Orchestrator."""
        clock = current_context().clock
        if self.twins.holding(written.sid, written.body):
            return True
        if self.twins.first and clock() < self._next_refresh:
            return False
        self._next_refresh = clock() + REFRESH_EVERY
        new = self.twins.refresh(written.sid, written.body)
        return new and self.twins.holding(written.sid, written.body) is not None

    def in_classic(self, text: str) -> bool:
        """Whether a message that Orchestrator sent is in classic."""
        messages = self.session.classic.messages(self.service_sid, self.sid, order="desc")
        return any(one.body == self.body(text) for one in messages)

    def failure_of(self, action_id: str | None) -> str:
        """Why an action failed; empty while it has not."""
        if action_id is None or self.twins.first is None:
            return ""
        try:
            action = self.session.orchestrator.action(self.twins.first.id, action_id)
        except ApiError:
            return ""
        if (action.status or "").upper() != "FAILED":
            return ""
        return action.failure_reason or "The action ended FAILED, without a reason."

    # removed

    def clean(self) -> None:
        """
        Remove what the test made.

        Classic first, so that nothing new can be written; the twins when every message has
        arrived, as one that comes later makes a twin anew; then profiles; then the Users.
        """
        if self.classic is None:
            self._find_lost()
        if self.classic is not None:
            self.removal.conversation(self.sid)
            try:
                self._remove_twins()
            except BridgeError as error:
                self._may_appear(f"Orchestrator could not be looked at. {error.what}", "warning")
        if self.store_id:
            self.removal.profiles_named(self.store_id, self.names)
        for identity in self._joined:
            self.removal.user(identity)

    def _find_lost(self) -> None:
        """A conversation that was asked for and whose answer was lost may be there all the same."""
        if not self._asked_for:
            return
        unique = self.names.unique_name
        try:
            self.classic = self.session.classic.conversation(self.service_sid, unique)
        except NotFound:
            return
        except BridgeError as error:
            self.removal.leave(
                f"classic conversation {unique}",
                f"may have been made, and could not be looked for. {error.what}",
            )
        else:
            self.twins.follow(self.sid)

    def _remove_twins(self) -> None:
        missing = self._wait_for_the_rest()
        handled: set[str] = set()
        for _ in range(FOUND_AGAIN):
            self.twins.refresh()
            new = [one for one in self.twins.found.values() if one.id not in handled]
            if not new:
                break
            for twin in new:
                handled.add(twin.id)
                if self.twins.existed_before(twin.id):
                    self.removal.leave(
                        f"Orchestrator conversation {twin.id}",
                        "was not removed, because it was there before the test.",
                    )
                else:
                    self.removal.twin(twin, (self.sid,))
        if missing:
            self._may_appear(
                f"{missing} of the test's messages were not seen in Orchestrator."
                if missing > 1
                else "One of the test's messages was not seen in Orchestrator.",
                "info",
            )

    def _wait_for_the_rest(self) -> int:
        """Wait for messages that are on their way; how many did not arrive."""
        context = current_context()
        until = context.clock() + self._patience
        pause = 0.2
        while True:
            for one in self._written:
                one.seen = one.seen or self.crossed(one)
            missing = sum(not one.seen for one in self._written)
            left = until - context.clock()
            if not missing or left <= 0:
                return missing
            context.pause(min(pause, left), "Waiting for the test's last messages to arrive")
            pause = min(1.0, pause * 1.5)

    def _may_appear(self, found: str, level: Literal["info", "warning"]) -> None:
        self.findings.append(
            Finding(
                "clean-up",
                level,
                found,
                "A message that arrives later makes a conversation there.",
                f"It has channelId {self.sid}. To find and remove it: "
                f"{sweep_command(self.session, self.service_sid)}",
            )
        )
