"""Look whether a write is done: once, or for a while, because what is shown may lag behind."""

from __future__ import annotations

from typing import Final

from ...errors import BridgeError, Cancelled
from ...progress import current_context
from .kinds import Seen, Write

SETTLING: Final = 15.0
"""Seconds for which a result that must be there is looked for."""


def look(
    write: Write, patience: float, *, named: str | None = None, despite_errors: bool = False
) -> Seen | None:
    """
    Look until it is seen or the time is over.

    Args:
        patience: Seconds; with 0 it is looked at once.
        named: A configuration that the service has named; looked at first.
        despite_errors: A look that cannot be read is one that has seen nothing.
    """
    context = current_context()
    begun = context.clock()
    wait = 0.5
    while True:
        seen = find_if_readable(write) if despite_errors else write.find(named)
        if seen is not None or context.clock() - begun >= patience:
            return seen
        named = None
        context.pause(wait, "Looking again whether it is done")
        wait = min(3.0, wait * 1.5)


def find_if_readable(write: Write) -> Seen | None:
    """Look once; where it cannot be read, the error that came before says more."""
    try:
        return write.find(None)
    except Cancelled:
        raise
    except BridgeError:
        return None
