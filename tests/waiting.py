"""Waiting for what another process or thread does in its own time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], *, seconds: float = 10, what: str = "it") -> Found:
    """
    Look until something truthy is there, and return it.

    Args:
        look: Says what is there.
        seconds: How long to look.
        what: The words for it in the failure.

    Raises:
        AssertionError: Nothing was there in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.03)
    return found
