"""Where Twilio documents nothing, the sandbox had to choose: every choice, in this one place.

Each assumption says what the sandbox does and why. The README shows the same list, and
``GET /_sandbox/`` answers with it.
"""

from __future__ import annotations

from msgspec import Struct


class Assumption(Struct, frozen=True):
    """One undocumented behaviour: what the sandbox does, and the reason for it."""

    id: str
    does: str
    why: str


ASSUMPTIONS: tuple[Assumption, ...] = ()
