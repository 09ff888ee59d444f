"""What was said last in a few conversations: for the rows that somebody looks at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Final

from ..api.fan_out import Outcome, fan_out
from ..api.models import Communication
from ..api.session import Session
from ..data.columns import moment
from ..progress import OnProgress, step_context

MOST: Final = 5000
"""Communications that are read of one conversation. No order of the list is documented, so that
the last one is known once all of them were read."""


@dataclass(frozen=True, slots=True)
class Activity:
    """
    What was said in a conversation.

    Attributes:
        messages: How many communications were read.
        complete: Whether these are all; if not, the last one is the last of those read.
        text: Of the last communication; None where it has none (media), or there is none.
        author: Its address; None where it has none.
        at: When it was; UTC.
    """

    conversation_id: str
    messages: int
    complete: bool = True
    text: str | None = None
    author: str | None = None
    at: datetime | None = None


def activity(session: Session, conversation_id: str) -> Activity:
    """
    Count a conversation's communications, and find the last one.

    Orchestrator has no count and no order for this list, so all of it is read, up to `MOST`.

    Raises:
        BridgeError: It could not be read.
    """
    listed = iter(session.orchestrator.communications(conversation_id))
    read = list(islice(listed, MOST))
    complete = next(listed, None) is None
    last = max(read, key=_at, default=None)
    if last is None:
        return Activity(conversation_id, 0)
    return Activity(
        conversation_id,
        len(read),
        complete,
        last.content.text if last.content else None,
        last.author.address if last.author else None,
        None if _at(last) == _NEVER else _at(last),
    )


def activities(
    session: Session,
    conversation_ids: Iterable[str],
    *,
    on_each: Callable[[Outcome[str, Activity]], None] = lambda _: None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> tuple[Outcome[str, Activity], ...]:
    """
    The activity of several conversations, with several requests at once.

    One that cannot be read does not keep the others from being read: its outcome has the error.

    Args:
        on_each: Called with each outcome as it comes, on the caller's thread.

    Raises:
        Cancelled: Stopped; what is under way is not waited for.
    """
    outcomes = []
    with step_context(on_progress, cancel):
        for outcome in fan_out(partial(activity, session), conversation_ids, in_order=False):
            on_each(outcome)
            outcomes.append(outcome)
    return tuple(outcomes)


def _at(one: Communication) -> datetime:
    return moment(one.occurred_at or one.created_at) or _NEVER


_NEVER: Final = datetime.min.replace(tzinfo=UTC)
