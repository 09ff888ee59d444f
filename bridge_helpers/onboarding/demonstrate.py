"""
A demonstration that memory and intelligence work, from a message to what is recalled of it.

An invented customer gets a profile and writes a message that states a fact. The conversation is
closed, which is when memory is made of it (Twilio docs: conversations/orchestrator/concepts/
lifecycle). Then an observation, a summary, a result of an operator and what recall gives are
waited for. Everything is removed again, whatever happened: operator results, both conversations,
the profile with all that is known of it, and the Users.

It writes, and Twilio bills it as it bills a customer's conversation of one message, so `announce`
says beforehand what it will cost and who will react.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ..api.models import Configuration, IdentitySettings, TraitGroup, Traits
from ..api.session import Session
from ..errors import Cancelled, ChecksFailed, NotFound
from ..progress import OnProgress, step_context
from ..words import counted
from . import links
from .benefits import facts
from .benefits.linked import Linked, linked
from .benefits.mapping import promotions
from .benefits.showing import Show
from .benefits.timeline import RECALL, STAGES, Stage
from .findings import Finding
from .options import Options
from .plan import check_sync_timeout
from .proof.conversation import ON_THEIR_WAY, ProofConversation
from .proof.names import Names
from .reactions import reactions
from .verify import check_service, require_bridge

__all__ = ["STAGES", "Demonstrated", "Stage", "announce", "demonstrate"]

TIMEOUT: Final = 60.0
"""Seconds to wait for each stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstrated:
    """
    What the demonstration saw.

    Attributes:
        shown: Whether memory recalled something of the conversation.
        test_name: The name of the test, `bridge-test-…`.
        stages: All of them, in the order of `STAGES`.
        recalled: What recall gave, the best first; texts.
        reactions: What was named before anything was sent.
        cleaned: What was removed again, sentences.
        findings: What could not be removed.
        started_at: When it began, UTC.
    """

    shown: bool
    service_sid: str
    test_name: str
    stages: tuple[Stage, ...]
    recalled: tuple[str, ...]
    reactions: tuple[Finding, ...]
    cleaned: tuple[str, ...]
    findings: tuple[Finding, ...]
    started_at: datetime

    def stage(self, name: str) -> Stage:
        """The stage of this name, one of `STAGES`."""
        return next(one for one in self.stages if one.name == name)

    @property
    def verdict(self) -> str:
        """How it ended, in a sentence or a few."""
        failed = [f"{one.name}: {one.detail}" for one in self.stages if one.state == "failed"]
        if self.shown:
            seconds = self.stage(RECALL).seconds
            return " ".join([f"Memory recalled the fact after {seconds:.1f} s.", *failed])
        return " ".join(["Memory did not recall the fact.", *failed])


def announce(
    session: Session, service_sid: str, configuration: Configuration | None = None
) -> tuple[Finding, ...]:
    """
    What a demonstration will cost, who will react, and what keeps it from working. Reads only.

    Raises:
        NotBridged: No configuration names the service.
        ApiError, ConnectionFailed: It could not be looked at.
        Cancelled: Stopped in between.
    """
    bridge = configuration or require_bridge(session, service_sid)
    on = Options.of(bridge)
    return _announced(session, service_sid, bridge, linked(session, on.intelligence))


def demonstrate(
    session: Session,
    service_sid: str,
    *,
    configuration: Configuration | None = None,
    timeout: float = TIMEOUT,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] | None = None,
) -> Demonstrated:
    """
    Show memory and intelligence at work on a test conversation, and remove all of it again.

    Args:
        service_sid: `IS…`; it has to be bridged, with memory extraction on.
        configuration: The one that bridges it, when it is known; None: it is looked for.
        timeout: Seconds to wait for each stage.

    Returns:
        What was seen. A stage that does not come, or that is refused, is a result, not an error.

    Raises:
        InvalidInput: Names field, value and rule; nothing was sent.
        NotBridged: No configuration names the service; nothing was written.
        ChecksFailed: Extraction is off, the store is not ACTIVE, or it has no identifier for a
            test customer; nothing was written.
        ApiError, ConnectionFailed: What is needed could not be read; nothing was written.
        Cancelled: It was stopped; what it had made is removed.
    """
    service_sid = check_service(service_sid)
    check_sync_timeout(timeout)
    started_at = datetime.now(UTC)
    with step_context(on_progress, cancel, clock, sleep) as context:
        context.say("Looking at what the demonstration needs")
        bridge = configuration or require_bridge(session, service_sid)
        on = Options.of(bridge)
        store_id, identity = _require(session, bridge, on)
        groups = list(session.memory.trait_groups(store_id))
        found = linked(session, on.intelligence)
        named = _announced(session, service_sid, bridge, found)
        for one in named:
            if one.level != "ok":
                context.say(f"{one.check}: {one.found} {one.risk}")
        conversation = ProofConversation(
            session,
            service_sid,
            patience=min(ON_THEIR_WAY, timeout),
            analysed=bool(on.intelligence),
        )
        show = Show(conversation, store_id, found, timeout)
        traits = _traits(conversation.names, groups, identity)
        ended: Cancelled | None = None
        try:
            show.run(traits)
        except Cancelled as stopped:
            ended = stopped
        finally:
            # No cancel: that is for the waiting.
            with step_context(on_progress, None, clock, sleep):
                conversation.clean()
        if ended is not None:
            left = [one.found for one in conversation.removal.findings]
            words = " ".join(left) if left else "What the demonstration had made is removed."
            ended.why = f"{ended.why} {words}".strip()
            raise ended
    return Demonstrated(
        shown=show.timeline[RECALL].state == "done",
        service_sid=service_sid,
        test_name=conversation.names.unique_name,
        stages=show.timeline.stages,
        recalled=show.recalled,
        reactions=named,
        cleaned=tuple(conversation.removal.removed),
        findings=(*conversation.findings, *conversation.removal.findings),
        started_at=started_at,
    )


def _announced(
    session: Session, service_sid: str, bridge: Configuration, found: Linked
) -> tuple[Finding, ...]:
    """Who will react, as before any test, and what it costs."""
    reacting = [
        one for one in reactions(session, service_sid, bridge) if one.check != "memory extraction"
    ]
    operators = sum(
        len(rule.operators or ()) for one in found.configurations for rule in one.rules or ()
    )
    runs = f" {counted(operators, 'operator runs', 'operators run')} on it." if operators else ""
    if found.unread:
        runs += " Operators that could not be read may run on it too."
    cost = Finding(
        "cost",
        "info",
        f"A test conversation of one message is made, closed, and memory is made of it.{runs}",
        "Twilio bills extraction, summary and operators as for a customer's conversation of that "
        "length.",
        "Leave it out where nothing may be billed.",
        links.ORCHESTRATOR,
    )
    return (*reacting, cost)


def _require(session: Session, bridge: Configuration, on: Options) -> tuple[str, IdentitySettings]:
    """The store that memory is kept in, and how it tells who is who."""
    if not on.memory_extraction:
        raise ChecksFailed(
            "Memory extraction is off, so there is nothing to demonstrate.",
            "No memory is made of any conversation. Nothing was written.",
            "Switch it on first (08, 07, or the command change).",
        )
    store_id = bridge.memory_store_id or ""
    try:
        store = session.memory.store(store_id) if store_id else None
    except NotFound:
        store = None
    trouble = next((one for one in facts.store(store, store_id) if one.level != "ok"), None)
    if trouble is not None:
        raise ChecksFailed(trouble.found, "Nothing was written.", trouble.action)
    return store_id, session.memory.identity_settings(store_id)


def _traits(names: Names, groups: Iterable[TraitGroup], identity: IdentitySettings) -> Traits:
    """
    The traits of the invented customer's profile: one at least becomes an identifier.

    Raises:
        ChecksFailed: No trait of the store becomes the identifier chat or email.
    """
    values = {"chat": names.customer, "email": names.email}
    promoted = {kind: target for target, kind in promotions(groups).items()}
    traits: Traits = {}
    for kind, value in values.items():
        if kind in promoted and kind in identity.id_types:
            group, _, name = promoted[kind].rpartition(".")
            traits.setdefault(group, {})[name] = value
    if traits:
        return traits
    raise ChecksFailed(
        "The memory store has no trait that becomes the identifier chat or email.",
        "A profile is made with such a trait. Nothing was written.",
        "Make profiles of the classic Users (Known customers in 08), which adds one, or add one "
        "in the Console.",
    )
