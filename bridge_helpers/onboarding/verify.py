"""
Proof that messages cross: a test conversation, followed from side to side.

A fresh classic conversation with two chat identities is made, so nobody outside
gets a message. Then, as often as asked:

1. the customer writes in classic, and the message is looked for in Orchestrator;
2. the agent replies in classic, as the customer's application does, and that is
   looked for as well;
3. Orchestrator sends (action SEND_MESSAGE), and the message is looked for in classic.

The third way is Orchestrator's own; where an account's service refuses it, the
reply of the second stands as the way back and a finding says so.

Before anything is sent, what will react to it is named (`reactions`). What the test made is
removed again, whatever happened: the classic conversation, its twin, the two Users, and
profiles that were made for them. As a rule there is none: participants that the bridge
leaves UNKNOWN are looked up, and no profile is made for them (Twilio's error 530001). One
participant or an UNKNOWN type is no failure: that is how bridged conversations may begin.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from ..api.documents import bridging
from ..api.models import Configuration
from ..api.session import Session
from ..errors import BridgeError, Cancelled, InvalidInput, NotBridged, NotFound, NotProven
from ..progress import OnProgress, current_context, step_context
from .findings import Finding
from .plan import check_field, check_sync_timeout
from .proof.conversation import ON_THEIR_WAY, ProofConversation
from .proof.lanes import LANES, REPLY, TO_CLASSIC, TO_ORCHESTRATOR, Lane
from .proof.names import sweep_command
from .proof.removal import REMOVE_LATER
from .proof.round_trip import RoundTrip
from .reactions import conversation_reactions, reactions

__all__ = ["LANES", "REPLY", "TO_CLASSIC", "TO_ORCHESTRATOR", "Lane", "Verified", "verify"]

TIMEOUT: Final = 30.0
MOST_ROUNDS: Final = 100
LIST_LAG: Final = 2.0
"""Seconds after which a list that shows no bridge is read again: it may lag behind a write."""

DEBUGGER: Final = "does Twilio's Debugger (source conversation-orchestrator) show a diagnostic"
SUPPORT: Final = "then give Twilio support the account, the time, and the message and request ids."
WHERE_TO_LOOK: Final = {
    TO_ORCHESTRATOR: (
        "Look, in this order: does the configuration still name this service (02); has the "
        f"operation completed; {DEBUGGER}; {SUPPORT}"
    ),
    REPLY: (
        "The customer's message crossed, so the bridge stands and names this service; what the "
        "application writes did not. Look, in this order: does it arrive when the test waits "
        "longer; does the customer's application write by an identity, as the test does; "
        f"{DEBUGGER}; {SUPPORT}"
    ),
    TO_CLASSIC: (
        "Both messages of classic crossed, so the bridge stands; what Orchestrator sends does "
        "not reach classic. Replies that are written in classic go on working. Look, in this "
        "order: does it arrive when the test waits longer; does a pre-webhook of the classic "
        f"service refuse it (reactions, above); {DEBUGGER}; {SUPPORT}"
    ),
}
"""What to look at, by the first lane that failed: what crossed before it rules things out."""
SOME_CROSSED: Final = (
    "Some messages crossed and some did not within the time: the bridge stands. Test again with "
    f"a longer wait, to tell late from lost; {DEBUGGER}; {SUPPORT}"
)


@dataclass(frozen=True, slots=True)
class Verified:
    """
    What the test saw.

    Attributes:
        verified: Messages cross, both the customer's and the reply.
        service_sid: The service that was tested.
        test_name: The unique name of the classic test conversation, `bridge-test-…`.
        conversation_sid: The classic test conversation; gone again unless `kept`.
        conversation_id: Its Orchestrator twin, when one was seen; gone again unless `kept`.
        lanes: All three, in the order of the module's docstring.
        rounds: How many times each way messages were followed to the end.
        asked: How many times were asked for.
        complete: False when it was stopped, or could not go on, before all rounds were done.
        reactions: What was named before anything was sent.
        cleaned: What was removed again, sentences.
        kept: How to remove what was kept for support; empty when everything is gone.
        findings: What is worth knowing.
        started_at: When it began, UTC.
    """

    verified: bool
    service_sid: str
    test_name: str
    conversation_sid: str
    conversation_id: str | None
    lanes: tuple[Lane, ...]
    rounds: int
    asked: int
    complete: bool
    reactions: tuple[Finding, ...]
    cleaned: tuple[str, ...]
    kept: str
    findings: tuple[Finding, ...]
    started_at: datetime

    def lane(self, name: str) -> Lane:
        """The lane of this name, one of `LANES`."""
        return next(lane for lane in self.lanes if lane.name == name)

    @property
    def to_orchestrator_seconds(self) -> float | None:
        """Median of classic → Orchestrator."""
        return self.lane(TO_ORCHESTRATOR).median

    @property
    def to_classic_seconds(self) -> float | None:
        """Median of the way back: Orchestrator → classic, else the reply in classic."""
        sent = self.lane(TO_CLASSIC)
        return (sent if sent.sent else self.lane(REPLY)).median

    @property
    def verdict(self) -> str:
        """One sentence, two when the test was stopped."""
        if self.verified:
            words = (
                f"Messages cross: {self.to_orchestrator_seconds:.1f} s to Orchestrator, "
                f"{self.to_classic_seconds:.1f} s for the way back."
            )
        else:
            failures = [f"{lane.name}: {lane.failure}" for lane in self.lanes if lane.failure]
            words = " ".join(["Not proven.", *failures])
        if not self.complete:
            words += f" The test ended early, after {self.rounds} of {self.asked} rounds."
        return words

    @property
    def where_to_look(self) -> str:
        """What to do about the lane that failed, and whether the test's conversations exist."""
        advice = self._advice
        if not self.kept:
            stays = any((one.check, one.level) == ("clean-up", "warning") for one in self.findings)
            if stays:
                return f"{advice} What of the test could not be removed is told as well."
            return f"{advice} The test's conversations are gone."
        ids = ", ".join(one for one in (self.conversation_sid, self.conversation_id) if one)
        return f"{advice} Kept for support: {ids}. To remove them: {self.kept}"

    @property
    def _advice(self) -> str:
        failed = next((lane for lane in self.lanes if lane.failure), None)
        if failed is not None and failed.seconds:
            return SOME_CROSSED
        return WHERE_TO_LOOK[failed.name if failed else TO_ORCHESTRATOR]

    def require(self) -> None:
        """
        Take the proof for granted, or raise.

        Raises:
            NotProven: A lane failed.
        """
        if not self.verified:
            raise NotProven(
                "The test message was not seen on both sides.",
                self.verdict.removeprefix("Not proven. "),
                self.where_to_look,
            )


def verify(
    session: Session,
    service_sid: str,
    *,
    configuration: Configuration | None = None,
    timeout: float = TIMEOUT,
    rounds: int = 1,
    keep: bool = False,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Verified:
    """
    Send test messages through the bridge of a classic service and follow them.

    Args:
        service_sid: `IS…`; it has to be bridged.
        configuration: The one that bridges it, when it is known; None: it is looked for.
            Either way it is read before anything is sent.
        timeout: Seconds to wait for each message.
        rounds: How many times each way; several give a median and a 95th percentile.
        keep: Keep the conversations of a test that failed, for support.

    Returns:
        What was seen; a message that did not arrive is a result, not an error. A test that
        ends early, because it was stopped or because of an error, gives the rounds so far
        with `complete` False, if there was one.

    Raises:
        InvalidInput: Names field, value and rule; nothing was sent.
        NotBridged: No configuration names the service; nothing was written. Or it went while a
            message was waited for; what had been made is removed.
        ApiError, ConnectionFailed: The test could not be made; what it had made is removed.
        Cancelled: It was stopped before one round was over; what it had made is removed.
    """
    service_sid = check_service(service_sid)
    check_sync_timeout(timeout)
    check_rounds(rounds)
    started_at = datetime.now(UTC)
    with step_context(on_progress, cancel, clock, sleep):
        bridge = require_bridge(session, service_sid, configuration)
        named = reactions(session, service_sid, bridge)
        for one in named:
            if one.level != "ok":
                current_context().say(f"{one.check}: {one.found} {one.risk}")
        patience = min(ON_THEIR_WAY, timeout)
        analysed = bool(bridge.intelligence_configuration_ids)
        conversation = ProofConversation(session, service_sid, patience=patience, analysed=analysed)
        test = RoundTrip(
            conversation,
            timeout,
            rounds,
            look=lambda: _require_still(session, service_sid, bridge),
        )
        ended: BridgeError | None = None
        try:
            conversation.make()
            named += conversation_reactions(session, service_sid, conversation.sid)
            test.run()
        except BridgeError as error:
            ended = error
        except BaseException:
            _tidied(conversation, on_progress, clock, sleep)
            raise
        kept = keep and ended is None and not test.proven
        words = "" if kept else _tidied(conversation, on_progress, clock, sleep)
        if ended is not None and not test.rounds_done:
            ended.why = f"{ended.why}\n{words}".strip()
            raise ended
    twin = conversation.twins.first
    return Verified(
        verified=test.proven,
        service_sid=service_sid,
        test_name=conversation.names.unique_name,
        conversation_sid=conversation.sid,
        conversation_id=twin.id if twin else None,
        lanes=test.lanes,
        rounds=test.rounds_done,
        asked=rounds,
        complete=ended is None,
        reactions=named,
        cleaned=tuple(conversation.removal.removed),
        kept=sweep_command(session, service_sid, at_once=True) if kept else "",
        findings=(
            *test.findings,
            *_ended_early(ended),
            *conversation.findings,
            *conversation.removal.findings,
        ),
        started_at=started_at,
    )


def _ended_early(error: BridgeError | None) -> tuple[Finding, ...]:
    """What ended a test after some of its rounds, unless somebody stopped it."""
    if error is None or isinstance(error, Cancelled):
        return ()
    found = f"The test could not go on. {error.what} {error.why}".rstrip()
    return (Finding("rounds", "warning", found, "The figures are of fewer rounds.", error.action),)


def remove_kept(
    session: Session,
    verified: Verified,
    *,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Verified:
    """
    Remove what a failed test kept for support.

    Returns:
        The same result with what was removed, and with findings about what was not.

    Raises:
        Cancelled: It was stopped in between; removing again removes the rest.
    """
    with step_context(on_progress, cancel, clock, sleep):
        left = ProofConversation.left(session, verified.service_sid, verified.test_name)
        left.clean()
    return replace(
        verified,
        cleaned=tuple(left.removal.removed),
        kept=verified.kept if left.removal.findings else "",
        findings=(*verified.findings, *left.findings, *left.removal.findings),
    )


def _tidied(
    conversation: ProofConversation,
    on_progress: OnProgress | None,
    clock: Callable[[], float],
    sleep: Callable[[float], None] | None,
) -> str:
    """Remove what the test made; what to say of it. No cancel: that is for the waiting."""
    with step_context(on_progress, None, clock, sleep):
        conversation.clean()
    left = [finding.found for finding in conversation.removal.findings]
    if not left:
        return "What the test had made is removed."
    lines = "".join(f"\n- {one}" for one in left)
    return f"What the test had made could not all be removed:{lines}\n{REMOVE_LATER}"


def require_bridge(
    session: Session, service_sid: str, known: Configuration | None = None
) -> Configuration:
    """
    The configuration that bridges a service, read just now: a list may name one that is gone.

    Args:
        known: The one that should do so, when it is known.

    Raises:
        NotBridged: There is none.
    """
    there = _still(session, service_sid, known) or _listed(session, service_sid)
    if there is None:
        current_context().pause(LIST_LAG, "No configuration names this service; looking again")
        there = _listed(session, service_sid)
    if there is None:
        raise _not_bridged(service_sid, "Create the bridge first (02, or the command onboard)")
    return there


def _listed(session: Session, service_sid: str) -> Configuration | None:
    found = bridging(session.orchestrator.configurations(), service_sid)
    return _still(session, service_sid, found)


def _still(session: Session, service_sid: str, known: Configuration | None) -> Configuration | None:
    """A configuration as it is now, if it is there and bridges the service."""
    if known is None:
        return None
    try:
        now = session.orchestrator.configuration_document(known.id).record
    except NotFound:
        return None
    except BridgeError as error:
        if isinstance(error, Cancelled):
            raise
        # Whether it is gone is not known; the list named it.
        return known
    return bridging([now], service_sid)


def _require_still(session: Session, service_sid: str, bridge: Configuration) -> None:
    """NotBridged when a bridge went while a message was waited for."""
    if _still(session, service_sid, bridge) is None:
        raise _not_bridged(service_sid, "Look who took it away, create it again (02)", " any more")


def _not_bridged(service_sid: str, action: str, since: str = "") -> NotBridged:
    return NotBridged(
        f"Classic service {service_sid} is not bridged{since}.",
        "No configuration of Conversation Orchestrator names it, so no message can cross.",
        f"{action}, then test it.",
    )


def check_service(value: object) -> str:
    """A service sid in canonical form; InvalidInput for anything else, also for none."""
    if value == "":
        raise InvalidInput("service_sid", value, "a service sid is IS and 32 hex digits")
    return check_field("service_sid", value)


def check_rounds(value: object) -> int:
    """How many times each way: 1 to 100."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not 1 <= value <= MOST_ROUNDS:  # type: ignore[operator]
        raise InvalidInput("rounds", value, f"it has to be a whole number from 1 to {MOST_ROUNDS}")
    return value  # type: ignore[return-value]
