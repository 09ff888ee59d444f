"""What somebody asked for in step 04 and has not applied yet."""

from __future__ import annotations

from dataclasses import dataclass

from ...onboarding.channels.intents import Intent
from ...onboarding.options import ChatTimeouts


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What was asked for and is not written yet.

    Attributes:
        capture: What is to be captured.
        release: What is to be captured no longer.
        timeouts: Channel to the minutes until its conversations end.
    """

    capture: tuple[Intent, ...] = ()
    release: tuple[Intent, ...] = ()
    timeouts: tuple[tuple[str, ChatTimeouts], ...] = ()

    def with_capture(self, intent: Intent, minutes: dict[str, ChatTimeouts]) -> Wish:
        """This, and an intent to capture; it is no longer to be released."""
        released = tuple(one for one in self.release if one != intent)
        captured = tuple(dict.fromkeys((*self.capture, intent)))
        return Wish(captured, released, tuple({**dict(self.timeouts), **minutes}.items()))

    def without(self, intent: Intent) -> Wish:
        """This, with what is captured released, and what was to be captured forgotten."""
        if intent in self.capture:
            kept = tuple(one for one in self.capture if one != intent)
            channels = {one.channel for one in kept}
            timeouts = tuple(one for one in self.timeouts if one[0] in channels)
            return Wish(kept, self.release, timeouts)
        return Wish(self.capture, (*self.release, intent), self.timeouts)
