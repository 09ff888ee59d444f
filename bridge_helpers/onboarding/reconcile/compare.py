"""
One classic conversation against its twins. No request is sent here.

What counts as a gap, and what does not:

* Only messages written after the bridge was made can be expected: there is no back-fill.
  Classic tells whole seconds, so what was written in the bridge's own second is not expected.
* Only text crosses (Twilio's skills): media alone is not expected.
* A message younger than the grace is still in flight.
* A communication without a classic message is one whose message was deleted.
* A communication that names no message is one of the same text, if it came after it was written.
* The `index` of messages orders them and counts nothing: it has gaps.
* A conversation may have several twins, one after another, because a closed one takes nothing
  any more. Two that are open at once are one too many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ...api.models import Configuration
from ...api.retries import moment
from ...errors import BadAnswer
from .records import BEFORE, MATCHED, Gap, Heard, Message, Twin

SKEW: Final = 5.0
"""Seconds by which the clocks of classic and Orchestrator may differ."""


@dataclass(frozen=True, slots=True)
class Window:
    """
    Which messages are expected on the other side.

    Attributes:
        since: When the bridge was made, seconds since 1970.
        now: The service's time when it was looked.
        grace: Seconds that a message may be on its way.
    """

    since: float
    now: float
    grace: float

    def crossed(self, text: str | None) -> bool:
        """Whether something of this time is after the bridge was made."""
        at = instant(text)
        return at is not None and int(at) > int(self.since)

    def expects(self, message: Message) -> bool:
        """Whether a message should have arrived by now."""
        at = instant(message.date_created)
        if not message.body or at is None:
            return False
        return int(at) > int(self.since) and at <= self.now - self.grace


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What became of a classic conversation.

    Attributes:
        state: `MATCHED`, `BEFORE`, or that of its worst gap.
        latencies: Seconds that its messages took over the bridge, with when they arrived.
    """

    conversation_sid: str
    state: str
    gaps: tuple[Gap, ...] = ()
    latencies: tuple[tuple[float, float], ...] = ()


def judge_presence(conversation_sid: str, twins: Sequence[Twin]) -> Judged:
    """A conversation with twins, by the lists alone."""
    gaps = _too_many(conversation_sid, twins)
    return Judged(conversation_sid, gaps[0].state if gaps else MATCHED, gaps)


def judge(
    conversation_sid: str,
    created: str | None,
    messages: Sequence[Message],
    heard: Mapping[Twin, Sequence[Heard]],
    window: Window,
    *,
    whole: bool = True,
) -> Judged:
    """
    A conversation by its messages.

    Args:
        created: When the classic one was created, as it was sent.
        messages: Its messages, in any order; all of them, or the newest alone.
        heard: Its twins and their communications.
        whole: Whether these are all messages, so that they can be counted.

    Raises:
        BadAnswer: Whether a message should have arrived cannot be told, for want of a time.
    """
    expected = [one for one in messages if window.expects(one)]
    named, arrivals = _arrived(conversation_sid, messages, heard)
    for one in messages:
        if one.body and one.sid not in arrivals and instant(one.date_created) is None:
            raise _untimed(f"message {one.sid} of {conversation_sid}", one.date_created)
    if not heard:
        return _without_twin(conversation_sid, created, messages, expected, window, whole)
    absent = [one for one in expected if one.sid not in arrivals]
    first = next(iter(heard)).conversation_id
    counted = len(messages) if whole else None
    there = sum(map(len, heard.values())) if whole else None
    gaps: list[Gap] = []

    def found(state: str, detail: str, lag: float | None = None) -> None:
        gaps.append(Gap(conversation_sid, first, state, detail, counted, there, lag))  # type: ignore[arg-type]

    if absent:
        found("lagging", _absent(absent, len(expected), whole), _lag(absent, window))
    twice = sorted(sid for sid, count in named.items() if count > 1)
    if twice:
        found("doubled", f"{_these(twice)} arrived more than once.")
    else:
        gaps += _too_many(conversation_sid, tuple(heard))
    swapped = _swapped(messages, heard)
    if swapped:
        found("disordered", f"{swapped[1]} comes before {swapped[0]}, which was written first.")
    return Judged(
        conversation_sid,
        gaps[0].state if gaps else MATCHED,
        tuple(gaps),
        _latencies(conversation_sid, heard),
    )


def _without_twin(
    sid: str,
    created: str | None,
    messages: Sequence[Message],
    expected: Sequence[Message],
    window: Window,
    whole: bool,
) -> Judged:
    if expected:
        detail = f"{_absent(expected, len(expected), whole)} No conversation names it."
        counted = len(messages) if whole else None
        gap = Gap(sid, "", "missing", detail, counted, 0, _lag(expected, window))
        return Judged(sid, "missing", (gap,))
    lively = window.crossed(created) or any(window.crossed(one.date_created) for one in messages)
    return Judged(sid, MATCHED if lively else BEFORE)


def _arrived(
    sid: str, messages: Sequence[Message], heard: Mapping[Twin, Sequence[Heard]]
) -> tuple[Counter[str], set[str]]:
    """How often each resource is there; and which messages are, by sid or else by their text."""
    named: Counter[str] = Counter()
    unnamed: dict[str, list[float]] = {}
    for one in _of(sid, heard):
        if one.resource_id:
            named[one.resource_id] += 1
        elif one.content and one.content.text:
            at = instant(one.created_at)
            unnamed.setdefault(one.content.text, []).append(float("inf") if at is None else at)
    arrived = {one.sid for one in messages if one.sid in named}
    # The newest first: what came after it was written came after all older ones, too, but what
    # came earlier can only be one of these.
    for message in sorted(messages, key=_place, reverse=True):
        times = unnamed.get(message.body or "")
        if message.sid in arrived or not times:
            continue
        written, latest = instant(message.date_created), max(times)
        if written is None or latest + SKEW >= written:
            times.remove(latest)
            arrived.add(message.sid)
    return named, arrived


def _of(sid: str, heard: Mapping[Twin, Sequence[Heard]]) -> list[Heard]:
    """The communications of a classic conversation; a twin grouped by profile has others too."""
    return [
        one
        for some in heard.values()
        for one in some
        if not one.channel_id or one.channel_id == sid
    ]


def _too_many(sid: str, twins: Sequence[Twin]) -> tuple[Gap, ...]:
    """Twins that are open at once. Of those whose status was not told nothing is claimed."""
    opened = [one.conversation_id for one in twins if one.status not in ("CLOSED", "")]
    if len(opened) < 2:
        return ()
    detail = f"{len(opened)} conversations are open for it: {_these(sorted(opened))}."
    return (Gap(sid, opened[0], "doubled", detail),)


def _swapped(
    messages: Sequence[Message], heard: Mapping[Twin, Sequence[Heard]]
) -> tuple[str, str] | None:
    """Two messages, as they were written, that stand the other way round in their twins."""
    place = {one.sid: one.index for one in messages if one.index is not None}
    # What lists come in is not promised: times order them, and equal times say nothing.
    for time in ("created_at", "occurred_at"):
        seen: dict[str, float] = {}
        for some in heard.values():
            for one in some:
                at = instant(getattr(one, time))
                if at is not None and one.resource_id in place:
                    # Of one that arrived twice, the first time counts.
                    seen[one.resource_id] = min(at, seen.get(one.resource_id, at))
        written = sorted(seen, key=lambda sid: place[sid])
        latest, newest = float("-inf"), ""
        for sid in written:
            if seen[sid] < latest:
                return newest, sid
            latest, newest = seen[sid], sid
    return None


def _latencies(sid: str, heard: Mapping[Twin, Sequence[Heard]]) -> tuple[tuple[float, float], ...]:
    found = []
    for one in _of(sid, heard):
        created, occurred = instant(one.created_at), instant(one.occurred_at)
        if created is not None and occurred is not None and created >= occurred:
            found.append((created, created - occurred))
    return tuple(found)


def _lag(absent: Sequence[Message], window: Window) -> float:
    oldest = min(instant(one.date_created) or window.now for one in absent)
    return round(window.now - oldest, 1)


def _absent(absent: Sequence[Message], of: int, whole: bool) -> str:
    if not whole:
        return f"The newest message has not arrived: {absent[0].sid}."
    has = "has" if len(absent) == 1 else "have"
    noun = "message" if of == 1 else "messages"
    return f"{len(absent)} of {of} {noun} {has} not arrived: {_these([m.sid for m in absent])}."


def _these(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return ", ".join(ids[:3]) + more


def _place(message: Message) -> int:
    return message.index if message.index is not None else -1


def instant(text: str | None) -> float | None:
    """A timestamp as seconds since 1970; None for none, and for what cannot be read."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text.upper())
    except ValueError:
        # Twilio's oldest interface writes times as mail does.
        mailed = moment(text)
        if mailed is None:
            return None
        read = mailed
    try:
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def bridged_since(bridge: Configuration) -> float:
    """
    When the bridge was made, seconds since 1970.

    Raises:
        BadAnswer: It does not say, so that what is missing cannot be told from what is older.
    """
    at = instant(bridge.created_at)
    if at is None:
        raise _untimed(f"configuration {bridge.id}", bridge.created_at)
    return at


def _untimed(what: str, text: str | None) -> BadAnswer:
    return BadAnswer(
        f"When {what} was made cannot be read.",
        f"Its time is {text!r}." if text else "It has no time.",
        "What should have crossed cannot be told without it: give Twilio support these ids.",
    )
