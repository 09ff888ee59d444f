"""Why is it not there? What is known of one classic conversation on both sides. Reads only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from ...api.models import ClassicConversation, ClassicParticipant, Configuration, Conversation
from ...api.session import Session
from ...errors import BridgeError, Cancelled, InvalidInput, NotFound
from ...forms import CONVERSATION_SID
from ...progress import OnProgress, current_context, step_context
from ..verify import check_service, require_bridge
from .compare import Judged, Window, bridged_since, instant, judge
from .records import BEFORE, MATCHED, Gap, Heard, Message, Twin
from .step import GRACE, check_seconds
from .twins import twins_of

LOOKED_UP: Final = 5
"""Participants who are looked up in memory."""
AROUND: Final = timedelta(minutes=5)
"""How far from a message an alert of the monitor is taken to belong to it."""
_ALERTS: Final = 500

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Explained:
    """
    What is known of one conversation.

    Attributes:
        state: `matched`, `before`, or the state of its worst gap.
        why: A sentence or two.
        action: What to do; empty where there is nothing to do.
        facts: Labels and values, in the order in which they are shown.
        gaps: All of its gaps.
    """

    conversation_sid: str
    state: str
    why: str
    action: str
    facts: tuple[Fact, ...]
    gaps: tuple[Gap, ...]


def explain(
    session: Session,
    service_sid: str,
    conversation_sid: str,
    *,
    grace: float = GRACE,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Explained:
    """
    Tell why a classic conversation is, or is not, in Orchestrator.

    Args:
        conversation_sid: `CH…`.
        session, service_sid, grace: As in `reconcile`.

    Raises:
        InvalidInput: A malformed sid or grace.
        NotBridged: No configuration names the service.
        BridgeError: What it depends on cannot be read. What is only of help (memory, the
            monitor) and cannot be read is told among the facts.
    """
    service_sid = check_service(service_sid)
    sid = check_conversation(conversation_sid)
    check_seconds("grace", grace, least=0.0)
    with step_context(on_progress, cancel, clock, sleep):
        return _Explaining(session, service_sid, sid, grace).run()


class _Explaining:
    def __init__(self, session: Session, service_sid: str, sid: str, grace: float) -> None:
        self._session = session
        self._service_sid = service_sid
        self._sid = sid
        self._grace = grace

    def run(self) -> Explained:
        current_context().say(f"Reading {self._sid} on both sides")
        bridge = require_bridge(self._session, self._service_sid)
        twins = twins_of(self._session.orchestrator, self._sid)
        try:
            one = self._session.classic.conversation(self._service_sid, self._sid)
        except NotFound:
            return self._not_in_classic(bridge, twins)
        people = list(self._session.classic.participants(self._service_sid, self._sid))
        judged, messages = self._judged(one, bridge, twins)
        facts = [
            *self._classic(one, people, messages, bridge),
            *self._twins(twins, bridge),
            *self._memory(bridge, people),
            *self._alerts(judged, messages),
        ]
        why, action = _words(judged, one, bridge, bool(messages))
        return Explained(self._sid, judged.state, why, action, tuple(facts), judged.gaps)

    def _judged(
        self, one: ClassicConversation, bridge: Configuration, twins: Sequence[Conversation]
    ) -> tuple[Judged, Sequence[Message]]:
        messages = list(self._session.classic.messages(self._service_sid, self._sid).into(Message))
        heard: dict[Twin, Sequence[Heard]] = {}
        for twin in twins:
            told = self._session.orchestrator.communications(twin.id).into(Heard)
            # One that is gone by now holds nothing.
            with suppress(NotFound):
                heard[Twin(twin.id, twin.status or "")] = list(told)
        since = bridged_since(bridge)
        window = Window(since, self._session.http.now(), self._grace)
        return judge(self._sid, one.date_created, messages, heard, window), messages

    def _not_in_classic(self, bridge: Configuration, twins: Sequence[Conversation]) -> Explained:
        if not twins:
            raise NotFound(
                f"There is no conversation {self._sid} in service {self._service_sid}.",
                "Orchestrator has none that names it either.",
                "Check the sid, and that it belongs to this service.",
                status=404,
            )
        gap = Gap(self._sid, twins[0].id, "unexpected", "Its classic conversation does not exist.")
        return Explained(
            self._sid,
            gap.state,
            "The classic conversation was deleted; what it said stays in Orchestrator, because "
            "a deletion does not cross the bridge.",
            "Delete the Orchestrator conversation too, if the customer asked to be forgotten.",
            tuple(self._twins(twins, bridge)),
            (gap,),
        )

    def _classic(
        self,
        one: ClassicConversation,
        people: Sequence[ClassicParticipant],
        messages: Sequence[Message],
        bridge: Configuration,
    ) -> Iterator[Fact]:
        since = bridged_since(bridge)
        earlier = (instant(one.date_created) or since) < since
        yield "classic state", one.state or "not told"
        yield "created", f"{one.date_created}, {'before' if earlier else 'after'} the bridge"
        yield "bridge made", bridge.created_at or "not told"
        yield "participants", ", ".join(filter(None, map(_who, people))) or "none"
        after = sum(Window(since, 0, 0).crossed(message.date_created) for message in messages)
        yield "messages", f"{len(messages)}, of which {after} after the bridge was made"

    def _twins(self, twins: Sequence[Conversation], bridge: Configuration) -> Iterator[Fact]:
        if not twins:
            yield "in Orchestrator", "no conversation names it"
        for twin in twins:
            yield "in Orchestrator", f"{twin.id}, {twin.status or 'status not told'}"
            born = twin.configuration
            name = (born and born.display_name) or twin.configuration_id or "not told"
            same = twin.configuration_id == bridge.id
            yield "born with", f"{name}, {'the bridge as it is' if same else 'an earlier one'}"

    def _memory(
        self, bridge: Configuration, people: Sequence[ClassicParticipant]
    ) -> Iterator[Fact]:
        """The store, and who the participants would be."""
        store_id = bridge.memory_store_id
        if not store_id:
            yield "memory store", "none"
            return
        memory = self._session.memory
        try:
            yield "memory store", f"{store_id}, {memory.store(store_id).status or 'not told'}"
        except Cancelled:
            raise
        except BridgeError as error:
            yield "memory store", f"{store_id} could not be read: {error.what}"
            return
        for one in people[:LOOKED_UP]:
            who = _who(one)
            if not who:
                continue
            kind = "chat" if one.identity else "phone"
            try:
                found = memory.look_up(store_id, kind, who)
                yield "who it would be", f"{who}: {', '.join(found) or 'nobody that memory knows'}"
            except Cancelled:
                raise
            except BridgeError as error:
                yield "who it would be", f"{who} could not be looked up: {error.what}"

    def _alerts(self, judged: Judged, messages: Sequence[Message]) -> Iterator[Fact]:
        """What the debugger says of the time at which something went wrong."""
        if not judged.gaps:
            return
        lag = next((gap.lag_seconds for gap in judged.gaps if gap.lag_seconds is not None), None)
        times = [at for at in (instant(one.date_created) for one in messages) if at is not None]
        if lag is None and not times:
            return
        when = self._session.http.now() - lag if lag is not None else max(times)
        moment = datetime.fromtimestamp(when, UTC)
        first, last = ((moment + away).strftime("%Y-%m-%dT%H:%M:%SZ") for away in (-AROUND, AROUND))
        try:
            listed = self._session.monitor.alerts(start_date=first, end_date=last)
            alerts = list(islice(listed, _ALERTS))
        except Cancelled:
            raise
        except BridgeError as error:
            yield "alerts", f"could not be read: {error.what}"
            return
        ours = [one for one in alerts if self._concerns(one.resource_sid, one.alert_text)]
        for one in ours[:5]:
            said = (one.date_generated, one.error_code, one.alert_text)
            yield "alert", " ".join(filter(None, said))
        others = len(alerts) - len(ours)
        yield "alerts", f"{len(ours)} name it, {others} others around {first}"

    def _concerns(self, resource: str | None, text: str | None) -> bool:
        return self._sid in (resource or "") or self._sid in (text or "")


def check_conversation(value: object) -> str:
    """A classic conversation's sid in canonical form; InvalidInput for anything else."""
    sid = value.strip() if isinstance(value, str) else ""
    if not CONVERSATION_SID.fullmatch(sid):
        rule = "a conversation sid is CH and 32 hex digits"
        raise InvalidInput("conversation_sid", value, rule)
    return f"CH{sid[2:].lower()}"


def _who(one: ClassicParticipant) -> str:
    binding = one.messaging_binding
    return one.identity or (binding.address if binding and binding.address else "") or ""


def _words(
    judged: Judged, one: ClassicConversation, bridge: Configuration, spoken: bool
) -> tuple[str, str]:
    """Why it is as it is, and what to do."""
    details = " ".join(gap.detail for gap in judged.gaps)
    support = (
        "If it stays, give Twilio support the account, this sid, the message sids and the "
        "configuration id."
    )
    if judged.state == BEFORE:
        return (
            f"Nothing was written in it since the bridge was made ({bridge.created_at}), and what "
            "was there before is not carried over: there is no back-fill.",
            "Nothing needs to be done: it appears with its next message, and with that alone.",
        )
    if judged.state == MATCHED:
        if not spoken:
            return "It has no messages yet; it appears with its first one.", ""
        return "Everything that should have crossed has, or is still on its way.", ""
    if judged.state == "missing":
        closed = " It is closed, so that no further message can bring it." * (one.state == "closed")
        return (
            f"{details} The bridge stood when they were written.{closed}",
            "Test the bridge (03): if a new message crosses, what is missing was lost while it "
            f"did not, and is not sent again. {support}",
        )
    if judged.state == "lagging":
        return (
            details,
            "Compare again in a minute: what is late heals. If new messages cross and these do "
            f"not, they were lost. {support}",
        )
    if judged.state == "doubled":
        return (
            details,
            "Look for capture rules that take the same traffic a second time (04): a channel "
            "comes by bridge or by capture, never by both.",
        )
    return (
        details,
        "Order by `occurredAt` where it matters: the times at which messages were written are "
        f"kept. {support}",
    )
