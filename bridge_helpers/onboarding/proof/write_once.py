"""Writes that have no idempotency key, as those of classic: done once all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ...errors import BadAnswer, Conflict, ConnectionFailed, NotFound, ServerError
from ...progress import current_context

T = TypeVar("T")


def write_once(write: Callable[[], T], read: Callable[[], T]) -> T:
    """
    Write; when it is not known whether that was done, look, and write once more if it was not.

    Args:
        write: Sends the request.
        read: What the write makes, as the service has it; NotFound or StopIteration if not.
    """
    try:
        return write()
    except (ConnectionFailed, ServerError, BadAnswer) as lost:
        if isinstance(lost, ConnectionFailed) and not lost.sent:
            raise
    try:
        return read()
    except (NotFound, StopIteration):
        current_context().pause(1.0, "It was not done; it is tried again")
    try:
        return write()
    except Conflict:
        # It was done after all, later than we looked.
        return read()
