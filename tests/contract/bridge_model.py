"""What a bridge owes to whoever writes: the expectations that a random walk is held against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class Message:
    """
    A message with a text of its own.

    Attributes:
        owed: Whether the other side must have it once the lag is over. Sent while a bridge was
            coming or going, it may arrive or not.
        allowed: Whether it may arrive at all; sent without a bridge, it must not.
        erased: Whether its v2 conversation was deleted, so that v2 need not know it any more.
        action: The path of the action that sends it, if Orchestrator does. What the action says
            in the end is the truth: COMPLETED is on both sides, FAILED is on neither.
        failed: What the action said.
    """

    text: str
    sent_at: float
    from_orchestrator: bool
    owed: bool
    allowed: bool = True
    erased: bool = False
    action: str | None = None
    failed: bool = False


@dataclass
class Talk:
    """A classic conversation with all that was written to it, on either side."""

    sid: str
    service_sid: str
    messages: list[Message] = field(default_factory=list)
    deleted: bool = False
    erasing: bool = False
    closings: int = 0

    def forgive(self, since: float) -> None:
        """Owe nothing that was sent at or after ``since``: its way is being taken down."""
        for message in self.messages:
            if message.sent_at >= since:
                message.owed = False

    def delete(self, since: float) -> None:
        """Classic is gone: what Orchestrator sends may fail from now on, and say so."""
        self.deleted = True
        self.forgive(since)

    def close(self, since: float) -> None:
        """The v2 conversation is closed: what it was sending may fail, what it gets may not."""
        self.closings += 1
        for message in self.messages:
            if message.from_orchestrator and message.sent_at >= since:
                message.owed = False

    def fail(self, message: Message) -> None:
        """Its action says FAILED: nobody was promised otherwise, and nobody may have it."""
        assert not message.owed, f"{self.sid}: {message.text} failed without a reason"
        message.failed = True
        message.allowed = False

    def erase(self, since: float) -> None:
        """Its v2 conversation is being deleted, with all that is there and on its way there."""
        self.erasing = True
        self.forgive(since)
        for message in self.messages:
            message.erased = True

    def check_arrivals(self, arrived: list[str], *, from_orchestrator: bool, now: float) -> None:
        """Nothing lost, doubled, invented or out of order among what had the time to arrive."""
        sent = [m for m in self.messages if m.from_orchestrator is from_orchestrator]
        order = {message.text: place for place, message in enumerate(sent)}
        places = [order[text] for text in arrived if text in order]
        assert len(places) == len(set(places)), f"{self.sid}: doubled in {arrived}"
        assert places == sorted(places), f"{self.sid}: out of order, {arrived}"
        forbidden = {m.text for m in sent if not m.allowed} & set(arrived)
        assert not forbidden, f"{self.sid}: {forbidden} were sent without a bridge, yet arrived"
        owed = [m for m in sent if m.owed and (from_orchestrator or not m.erased)]
        lost = [m.text for m in owed if m.text not in arrived]
        assert not lost, f"{self.sid}: lost at {now}: {lost}; arrived: {arrived}"

    def check_own(self, there: list[str], *, from_orchestrator: bool) -> None:
        """The side that wrote a message has it once, in order, whatever the bridge does."""
        sent = [m for m in self.messages if m.from_orchestrator is from_orchestrator]
        kept = [m.text for m in sent if not m.failed and not (from_orchestrator and m.erased)]
        known = set(kept) | {m.text for m in sent if m.failed}
        found = [text for text in there if text in known]
        assert found == kept, f"{self.sid}: wrote {kept}, has {found}"

    def check_no_strangers(self, there: Iterable[str]) -> None:
        known = {message.text for message in self.messages}
        strangers = [text for text in there if text not in known]
        assert not strangers, f"{self.sid}: nobody wrote {strangers}"


@dataclass(frozen=True)
class Sent:
    """A write that was sent with an idempotency key, and its first answer."""

    method: str
    path: str
    key: str
    body: dict[str, Any] | None
    status: int
    answer: dict[str, Any]
    operation_id: str
    at: float
