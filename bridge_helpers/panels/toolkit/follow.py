"""Notices what other notebooks do, so that nobody has to press a button to see it."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from typing import Final, Protocol

log = logging.getLogger(__name__)

EVERY: Final = 1.5
"""Seconds between two looks."""


class Follower(Protocol):
    """Who wants to know."""

    def mark(self) -> object:
        """Something cheap that is different when something has changed."""

    def changed(self) -> bool:
        """Called after a change; False: not now, ask again at the next look."""


def follow(
    owner: Follower, *, every: float = EVERY, alive: Callable[[], bool] = lambda: True
) -> threading.Thread:
    """
    Look every few seconds on a thread of its own, as long as the owner exists.

    Args:
        alive: Ends the thread when it answers False.
    """
    reference = weakref.ref(owner)
    known = owner.mark()
    del owner
    tick = threading.Event()

    def run() -> None:
        nonlocal known
        while not tick.wait(every):
            there = reference()
            if there is None or not alive():
                return
            try:
                now = there.mark()
                if now != known and there.changed():
                    known = now
            except Exception:
                # A journal that is locked or away for a moment; the next look will tell.
                log.debug("a look for changes failed", exc_info=True)
            del there

    thread = threading.Thread(target=run, name="follow", daemon=True)
    thread.start()
    return thread
