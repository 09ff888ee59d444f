"""The stages of a demonstration: done, waited for, and put on the timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from ...api.models import (
    Conversation,
    Observation,
    OperatorResult,
    Participant,
    Summary,
    Traits,
)
from ...errors import BridgeError, Cancelled, NotFound
from ...progress import current_context
from ..proof.conversation import ProofConversation, Written
from ..proof.write_once import write_once
from .linked import Linked
from .timeline import (
    CLOSED,
    CUSTOMER,
    MESSAGE,
    OBSERVATION,
    PROFILE,
    RECALL,
    RESULT,
    STAGES,
    SUMMARY,
    Timeline,
)

FACT: Final = "My name is Bridget. I like chamomile tea."
QUESTION: Final = "What does this customer like?"


class Show:
    """
    The stages one after another; one that fails does not keep those that can from coming.

    Made within the step that it is part of.

    Args:
        conversation: Not made yet.
        store_id: The memory store of the bridge.
        intelligence: What the bridge links.
        timeout: Seconds to wait for each stage.

    Attributes:
        timeline: What was seen.
        recalled: What recall gave, the best first; texts.
    """

    def __init__(
        self,
        conversation: ProofConversation,
        store_id: str,
        intelligence: Linked,
        timeout: float,
    ) -> None:
        self.timeline = Timeline()
        self.recalled: tuple[str, ...] = ()
        self._conversation = conversation
        self._session = conversation.session
        self._store_id = store_id
        self._intelligence = intelligence
        self._timeout = timeout
        self._context = current_context()
        self._profile_id = ""

    def run(self, traits: Traits) -> None:
        """
        All stages.

        Args:
            traits: Of the customer's profile.

        Raises:
            Cancelled: Stopped in between; what was made is still there.
        """
        stages: tuple[tuple[str, Callable[[], str]], ...] = (
            (PROFILE, lambda: self._make_profile(traits)),
            (MESSAGE, self._write),
            (CUSTOMER, self._recognised),
            (CLOSED, self._close),
        )
        for name, stage in stages:
            if not self._stage(name, stage):
                self.timeline.not_reached(f"It needs the stage before it: {name}.")
                return
        self._wait_for_what_is_made()
        self._stage(RECALL, self._recall)

    def _stage(self, name: str, stage: Callable[[], str]) -> bool:
        self._say(name, "begun")
        try:
            detail = stage()
        except Cancelled:
            raise
        except Missing as missing:
            self.timeline.failed(name, str(missing))
            return False
        except BridgeError as error:
            self.timeline.failed(name, f"{error.what} {error.why} {error.action}".strip())
            return False
        self._done(name, detail)
        return True

    # the stages

    def _make_profile(self, traits: Traits) -> str:
        self._profile_id = self._conversation.make_known(self._store_id, traits)
        return f"Profile {self._profile_id} for {self._conversation.names.customer}."

    def _write(self) -> str:
        self._conversation.make()
        message = self._conversation.write(self._conversation.names.customer, FACT)
        message.seen = self._until(MESSAGE, lambda: self._conversation.crossed(message))
        if not message.seen:
            raise Missing(_not_crossed(message, self._timeout))
        return f"“{FACT}” crossed to Orchestrator."

    def _recognised(self) -> str:
        """The customer becomes CUSTOMER by itself, or, where it stays UNKNOWN, by the test."""
        if self._until(CUSTOMER, lambda: self._customer() is not None):
            customer = self._customer()
            found = (customer.profile_id if customer else None) or ""
            if found != self._profile_id:
                self._profile_id = found or self._profile_id
                return f"The customer was matched with profile {found}."
            return "The customer was recognised by its profile."
        return self._made_customer()

    def _made_customer(self) -> str:
        api = self._session.orchestrator
        twin = self._twin()
        there = next((one for one in api.participants(twin.id) if self._is_customer(one)), None)
        waited = f"The customer stayed UNKNOWN for {self._timeout:.0f} s"
        if there is None:
            raise Missing(f"{waited}: it is not among the conversation's participants.")
        body = {
            "name": there.name or self._conversation.names.customer,
            "type": "CUSTOMER",
            "profileId": self._profile_id,
            "addresses": msgspec.to_builtins(there.addresses or ()),
        }
        try:
            api.replace_participant(twin.id, there.id, body)
        except Cancelled:
            raise
        except BridgeError as refused:
            raise Missing(
                f"{waited}, and could not be made CUSTOMER. {refused.what} {refused.why}".rstrip()
            ) from None
        return (
            f"{waited}, so the test made it CUSTOMER. A real customer would stay unknown: 08 says "
            "why, and what to do."
        )

    def _close(self) -> str:
        twin = self._twin()
        api = self._session.orchestrator

        def closed() -> Conversation:
            there = api.conversation(twin.id)
            if there.status != "CLOSED":
                raise StopIteration
            return there

        write_once(lambda: api.close_conversation(twin.id), closed)
        born = twin.configuration or api.conversation(twin.id).configuration
        if born is not None and not born.memory_extraction_enabled:
            raise Missing(
                "The conversation was born without memory extraction: the switch was perhaps set "
                "a moment ago. Try again."
            )
        return "The conversation is CLOSED, which is when memory is made of it."

    def _wait_for_what_is_made(self) -> None:
        """Observation, summary and operator result, in whatever order they come."""
        memory = self._session.memory
        looks: dict[str, Callable[[], str]] = {
            OBSERVATION: lambda: _first(memory.observations(self._store_id, self._profile_id)),
            SUMMARY: lambda: _first(memory.summaries(self._store_id, self._profile_id)),
        }
        if not self._intelligence.ids:
            self.timeline.left_out(RESULT, "No intelligence is linked, so no operator runs.")
        elif self._intelligence.unread and not self._intelligence.rules:
            self.timeline.left_out(RESULT, " ".join(self._intelligence.unread))
        elif not self._intelligence.configurations:
            self.timeline.left_out(RESULT, "What is linked is not there, so no operator runs.")
        elif not self._intelligence.rules:
            self.timeline.left_out(RESULT, "What is linked has no rule, so no operator runs.")
        else:
            looks[RESULT] = self._result
        until, pause = self._context.clock() + self._timeout, 0.3
        trouble: dict[str, str] = {}
        while looks:
            for name, look in list(looks.items()):
                try:
                    seen = look()
                except Cancelled:
                    raise
                except BridgeError as error:
                    trouble[name] = f" {error.what} {error.why}".rstrip()
                    continue
                trouble.pop(name, None)
                if seen:
                    self._done(name, seen)
                    del looks[name]
            left = until - self._context.clock()
            if left <= 0:
                break
            if looks:
                self._context.pause(min(pause, left), f"Waiting for {', '.join(looks)}")
                pause = min(2.0, pause * 1.3)
        for name in looks:
            self.timeline.failed(
                name, f"None came within {self._timeout:.0f} s.{trouble.get(name, '')}"
            )

    def _result(self) -> str:
        twin = self._twin()
        found = next(iter(self._session.intelligence.results(conversation_id=twin.id)), None)
        return _result_in_words(found, self._intelligence) if found else ""

    def _recall(self) -> str:
        def look() -> bool:
            try:
                told = self._session.memory.recall(self._store_id, self._profile_id, QUESTION)
            except NotFound:
                return False
            observed = [one.content for one in told.observations or ()]
            self.recalled = (*observed, *(one.content for one in told.summaries or ()))
            return bool(self.recalled)

        # What was made has come by now or not at all: there is little to wait for.
        if not self._until(RECALL, look):
            raise Missing(f"Asked “{QUESTION}”, memory gave nothing within {self._timeout:.0f} s.")
        return f"Asked “{QUESTION}”, memory gave: “{self.recalled[0]}”"

    # looks

    def _twin(self) -> Conversation:
        twin = self._conversation.twins.first
        if twin is None:
            raise Missing("Its conversation in Orchestrator is not known.")
        return twin

    def _customer(self) -> Participant | None:
        """The test's customer, once it is a CUSTOMER with a profile."""
        return next(
            (
                one
                for one in self._session.orchestrator.participants(self._twin().id)
                if self._is_customer(one) and one.type == "CUSTOMER" and one.profile_id
            ),
            None,
        )

    def _is_customer(self, participant: Participant) -> bool:
        mine = self._conversation.names.customer
        return any(address.address == mine for address in participant.addresses or ())

    # waiting and telling

    def _until(self, name: str, look: Callable[[], bool]) -> bool:
        begun, pause = self._context.clock(), 0.2
        while True:
            if look():
                return True
            waited = self._context.clock() - begun
            if waited >= self._timeout:
                return False
            self._context.pause(
                min(pause, self._timeout - waited),
                f"{name}: not seen yet, {waited:.1f} s of {self._timeout:.0f} s",
            )
            pause = min(1.0, pause * 1.2)

    def _done(self, name: str, detail: str) -> None:
        self.timeline.done(name, detail, self._context.elapsed)
        self._say(name, detail)

    def _say(self, name: str, words: str) -> None:
        done = sum(one.state != "not reached" for one in self.timeline.stages)
        self._context.say(f"{name}: {words}", done=done, total=len(STAGES))


class Missing(Exception):
    """A stage did not come; its text says what was waited for."""


def _first(listed: Iterable[Observation | Summary]) -> str:
    """What the newest one says; empty while there is none, or no profile to have one."""
    try:
        return next((f"“{one.content}”" for one in listed), "")
    except NotFound:
        return ""


def _not_crossed(message: Written, timeout: float) -> str:
    request = f" (request {message.request_id})" if message.request_id else ""
    return (
        f"Message {message.sid}{request} was not seen in Orchestrator within {timeout:.0f} s. "
        "Test the bridge first (03)."
    )


def _result_in_words(found: OperatorResult, intelligence: Linked) -> str:
    operator = found.operator.id if found.operator else "An operator"
    words = f"{intelligence.operators.get(operator, operator)} ran"
    if found.trigger:
        words += f" on {found.trigger}"
    if found.latency is not None:
        words += f", in {found.latency:.1f} s"
    return f"{words}."
