"""
A test conversation and what becomes of the messages in it; `verify` tells its story.
"""

from __future__ import annotations

import logging
import secrets
import statistics
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from ..api.models import ClassicConversation, ClassicMessage, Communication, Conversation
from ..api.session import Session
from ..errors import (
    ApiError,
    BadAnswer,
    BadRequest,
    BridgeError,
    ConnectionFailed,
    NotFound,
    ServerError,
)
from ..progress import StepContext
from . import links
from .findings import Finding
from .write_once import read_back

log = logging.getLogger(__name__)

SCAN_EVERY: Final = 5.0
SCANNED: Final = 5000

TO_ORCHESTRATOR: Final = "classic → Orchestrator"
REPLY: Final = "reply in classic → Orchestrator"
TO_CLASSIC: Final = "Orchestrator → classic"


@dataclass(frozen=True, slots=True)
class Lane:
    """
    One direction.

    Attributes:
        name: From where to where.
        seconds: From sent to seen, one for each probe that arrived.
        sent: How many were sent.
        failure: Why it did not work, a sentence; empty when it did.
    """

    name: str
    seconds: tuple[float, ...] = ()
    sent: int = 0
    failure: str = ""

    @property
    def ok(self) -> bool:
        return self.sent > 0 and len(self.seconds) == self.sent and not self.failure

    @property
    def median(self) -> float | None:
        return statistics.median(self.seconds) if self.seconds else None

    @property
    def p95(self) -> float | None:
        """Nearest-rank 95th percentile: the smallest that 95 of 100 do not exceed."""
        rank = -(-95 * len(self.seconds) // 100)
        return sorted(self.seconds)[rank - 1] if rank else None


@dataclass
class RoundTrip:
    """The test while it runs: prepare, run, clean, whatever happens in between."""

    session: Session
    service_sid: str
    timeout: float
    context: StepContext
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    classic: ClassicConversation | None = None
    twin: Conversation | None = None
    lanes: dict[str, Lane] = field(default_factory=dict)
    cleaned: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _unique: str = ""
    _scanned_at: float = 0.0
    _strangers: frozenset[str] = frozenset()

    @property
    def customer(self) -> str:
        return f"bridge-test-customer-{self.token}"

    @property
    def agent(self) -> str:
        return f"bridge-test-agent-{self.token}"

    @property
    def sid(self) -> str:
        return self.classic.sid if self.classic else ""

    # the test

    def prepare(self) -> None:
        """A classic conversation with two chat identities; nobody outside is in it."""
        api = self.session.classic
        unique = f"bridge-test-{self.token}"
        name = f"Bridge test {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
        self.context.say("Making a classic test conversation")
        self._unique = unique
        self.classic = read_back(
            lambda: api.create_conversation(self.service_sid, name, unique),
            lambda: api.conversation(self.service_sid, unique),
        )
        for identity in (self.customer, self.agent):
            self._join(identity)

    def _join(self, identity: str) -> None:
        api = self.session.classic
        read_back(
            lambda: api.add_chat_participant(self.service_sid, self.sid, identity),
            lambda: next(
                one
                for one in api.participants(self.service_sid, self.sid)
                if one.identity == identity
            ),
        )

    def run(self, probes: int) -> None:
        self._scanned_at = self.context.clock()
        # Nothing has this channel id yet: whoever is listed under it is there because the
        # filter is not heeded, and is not the twin.
        self._strangers = frozenset(one.id for one in self._filtered())
        for number in range(1, probes + 1):
            if not self._classic_lane(TO_ORCHESTRATOR, self.customer, f"Hello {number}"):
                return
            self._classic_lane(REPLY, self.agent, f"Reply {number}")
            # Refused once, it is not tried again: the lane is gone.
            if number == 1 or TO_CLASSIC in self.lanes:
                self._orchestrator_lane(f"From Orchestrator {number}")

    def _classic_lane(self, name: str, author: str, text: str) -> bool:
        """Send in classic, look in Orchestrator."""
        body = f"{text} (bridge test {self.token})"
        self.context.say(f"{name}: sending")
        message = self._send(author, body)
        sent = self.context.clock()
        found = self._wait(name, sent, lambda: self._communication(message, body))
        self._note(
            name,
            sent,
            found,
            f"{name}: message {message.sid} was not seen within {self.timeout:.0f} s.",
        )
        return found

    def _orchestrator_lane(self, text: str) -> None:
        """Send by an action of Orchestrator, look in classic."""
        body = f"{text} (bridge test {self.token})"
        self.context.say(f"{TO_CLASSIC}: sending")
        action_id, failed, unsure = None, list[str](), ""
        try:
            action_id = self._act(body)
        except (ConnectionFailed, ServerError, BadAnswer) as lost:
            # Perhaps it was taken: what arrives tells.
            unsure = lost.what
        except ApiError as refused:
            self._no_way_back(refused.why or refused.what)
            return
        sent = self.context.clock()
        found = self._wait(
            TO_CLASSIC, sent, lambda: self._message(body) or self._action_over(action_id, failed)
        )
        if failed or (unsure and not found):
            self._no_way_back(failed[0] if failed else unsure)
            return
        self._note(
            TO_CLASSIC,
            sent,
            found,
            f"{TO_CLASSIC}: the message was not seen in classic within {self.timeout:.0f} s.",
        )

    def _no_way_back(self, reason: str) -> None:
        self.lanes.pop(TO_CLASSIC, None)
        self.findings.append(
            Finding(
                "send from Orchestrator",
                "warning",
                f"Orchestrator did not take a SEND_MESSAGE for this conversation. {reason}",
                "Replies that agents send from Orchestrator's side may not reach the customer.",
                "Keep replying through classic, which works; ask Twilio when Orchestrator is "
                "to reply.",
                links.TROUBLESHOOTING,
            )
        )

    # sending

    def _send(self, author: str, body: str) -> ClassicMessage:
        api = self.session.classic
        return read_back(
            lambda: api.send_message(self.service_sid, self.sid, author, body),
            lambda: next(
                one
                for one in api.messages(self.service_sid, self.sid, order="desc")
                if one.body == body
            ),
        )

    def _act(self, body: str) -> str | None:
        """SEND_MESSAGE in the twin; some accounts want the classic service named as well."""
        settings = {"channelId": self.sid}
        payload = {
            "from": {"address": self.agent, "channel": "CHAT"},
            "to": [{"address": self.customer, "channel": "CHAT"}],
            "content": {"text": body},
            "channelSettings": settings,
        }
        twin = self.twin.id if self.twin else ""
        try:
            return self.session.orchestrator.send_message(twin, payload).id
        except BadRequest as refused:
            if "chatservice" not in refused.why.lower():
                raise
        settings["chatService"] = self.service_sid
        return self.session.orchestrator.send_message(twin, payload).id

    # looking

    def _wait(self, name: str, sent: float, look: Callable[[], bool]) -> bool:
        pause = 0.2
        while True:
            if look():
                return True
            waited = self.context.clock() - sent
            if waited >= self.timeout:
                return False
            self.context.pause(
                min(pause, self.timeout - waited), f"{name}: not seen yet, {waited:.1f} s"
            )
            pause = min(1.0, pause * 1.2)

    def _communication(self, message: ClassicMessage, body: str) -> bool:
        """Whether the message is in Orchestrator: by its sid, else by its text."""
        candidates = [self.twin] if self.twin else self._candidates()
        for one in candidates:
            try:
                for communication in self.session.orchestrator.communications(one.id):
                    if _is_twin(communication, message, body):
                        self.twin = one
                        return True
            except NotFound:
                continue
        return False

    def _candidates(self) -> list[Conversation]:
        """Conversations that may be the twin: by `channelId`, else by a scan now and then."""
        found = [one for one in self._filtered() if one.id not in self._strangers]
        if found:
            found.sort(key=lambda one: self.sid not in one.channel_ids)
            return found[:10]
        if self.context.clock() - self._scanned_at < SCAN_EVERY:
            return []
        self._scanned_at = self.context.clock()
        api = self.session.orchestrator
        scanned = list(islice(api.conversations(status=("ACTIVE",)), SCANNED))
        return [one for one in scanned if self.sid in one.channel_ids]

    def _filtered(self) -> list[Conversation]:
        """What is listed under the classic sid as `channelId`."""
        listed = self.session.orchestrator.conversations(channel_id=self.sid)
        try:
            return list(islice(listed, SCANNED))
        except (BadRequest, NotFound):
            return []

    def _message(self, body: str) -> bool:
        messages = self.session.classic.messages(self.service_sid, self.sid, order="desc")
        return any(one.body == body for one in messages)

    def _action_over(self, action_id: str | None, failed: list[str]) -> bool:
        """Whether the action failed, so that waiting for its message is pointless."""
        if action_id is None or self.twin is None:
            return False
        try:
            action = self.session.orchestrator.action(self.twin.id, action_id)
        except ApiError:
            return False
        if (action.status or "").upper() == "FAILED":
            failed.append(action.failure_reason or "The action ended FAILED, without a reason.")
        return bool(failed)

    def _note(self, name: str, sent: float, found: bool, failure: str) -> None:
        lane = self.lanes.get(name, Lane(name))
        seconds = (*lane.seconds, max(0.0, self.context.clock() - sent)) if found else lane.seconds
        self.lanes[name] = Lane(name, seconds, lane.sent + 1, lane.failure if found else failure)
        if found:
            self.context.say(f"{name}: seen after {seconds[-1]:.1f} s")

    # afterwards

    def clean(self) -> None:
        """Remove what the test made: classic first, or a late message makes the twin anew."""
        self._find_lost()
        if self.classic is None:
            return
        self.context.say("Removing the test conversation")
        self._remove(
            f"classic conversation {self.sid}",
            lambda: self.session.classic.delete_conversation(self.service_sid, self.sid),
        )
        if self.twin is None and self.lanes:
            self._look_for_a_late_twin()
        if self.twin is not None:
            twin = self.twin.id
            self._remove(f"Orchestrator conversation {twin}", lambda: self._delete_twin(twin))

    def _find_lost(self) -> None:
        """What was asked for and then not waited for may be there all the same."""
        if self.classic is not None or not self._unique:
            return
        try:
            self.classic = self.session.classic.conversation(self.service_sid, self._unique)
        except BridgeError:
            # What ended the test says why; there is nothing to add to it.
            log.info("no test conversation %s to remove", self._unique)

    def _look_for_a_late_twin(self) -> None:
        try:
            listed = [one for one in self._filtered() if self.sid in one.channel_ids]
        except BridgeError:
            listed = []
        if listed:
            self.twin = listed[0]
            return
        self.findings.append(
            Finding(
                "clean-up",
                "info",
                "Nothing of the test was seen in Orchestrator; it may still appear there.",
                "",
                f"A conversation with channelId {self.sid} is the test's and can be removed.",
            )
        )

    def _delete_twin(self, conversation_id: str) -> bool:
        api = self.session.orchestrator
        try:
            accepted = api.delete_conversation(conversation_id, str(uuid.uuid4()))
            if accepted.operation_id:
                api.follow(accepted.operation_id, first_look=accepted.retry_after, deadline=30.0)
        except NotFound:
            return False  # Deleting the classic side took it along.
        return True

    def _remove(self, what: str, remove: Callable[[], bool | None]) -> None:
        try:
            gone_already = remove() is False
        except BridgeError as error:
            self.findings.append(
                Finding(
                    "clean-up",
                    "warning",
                    f"The {what} of the test could not be removed. {error.what}",
                    "It stays in the customer's account.",
                    "Remove it in the Console.",
                )
            )
        else:
            self.cleaned.append(
                f"The {what} was gone already." if gone_already else f"Removed {what}."
            )

    @property
    def ordered_lanes(self) -> tuple[Lane, ...]:
        names = (TO_ORCHESTRATOR, REPLY, TO_CLASSIC)
        return tuple(self.lanes[name] for name in names if name in self.lanes)

    @property
    def proven(self) -> bool:
        """The customer's message and the reply crossed, and nothing that was tried did not."""
        tried = {TO_ORCHESTRATOR, REPLY} <= self.lanes.keys()
        return tried and all(lane.ok for lane in self.lanes.values())


def _is_twin(communication: Communication, message: ClassicMessage, body: str) -> bool:
    text = communication.content.text if communication.content else None
    return communication.resource_id == message.sid or text == body
