"""Messaging Services and the numbers in them, as the sandbox keeps them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from .stable_list import StableList


class Membership(Struct, frozen=True):
    """A number that is in a Messaging Service; ``number_sid`` is the number's own."""

    number_sid: str
    created: float


class MessagingService(Struct, kw_only=True):
    sid: str
    friendly_name: str
    settings: dict[str, Any]
    members: StableList[Membership]
    created: float
    updated: float
