"""The stages of a demonstration, each with when it was seen or why it was not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

PROFILE: Final = "profile"
MESSAGE: Final = "message"
CUSTOMER: Final = "customer"
CLOSED: Final = "closed"
OBSERVATION: Final = "observation"
SUMMARY: Final = "summary"
RESULT: Final = "operator result"
RECALL: Final = "recall"
STAGES: Final = (PROFILE, MESSAGE, CUSTOMER, CLOSED, OBSERVATION, SUMMARY, RESULT, RECALL)
"""In the order in which they come; observation, summary and operator result come in any order."""

State = Literal["not reached", "done", "failed", "left out"]


@dataclass(frozen=True, slots=True)
class Stage:
    """
    One stage.

    Attributes:
        state: `done`, `failed`, `left out` (there is nothing to wait for) or `not reached`.
        detail: What was seen, or why nothing was; sentences.
        seconds: Since the demonstration began; None unless done.
    """

    name: str
    state: State = "not reached"
    detail: str = ""
    seconds: float | None = None


class Timeline:
    """All stages, as they become known."""

    def __init__(self) -> None:
        self._stages = {name: Stage(name) for name in STAGES}

    def __getitem__(self, name: str) -> Stage:
        return self._stages[name]

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All of them, in their order."""
        return tuple(self._stages[name] for name in STAGES)

    def done(self, name: str, detail: str, seconds: float) -> None:
        """A stage was seen."""
        self._stages[name] = Stage(name, "done", detail, round(seconds, 3))

    def failed(self, name: str, detail: str) -> None:
        """A stage did not come."""
        self._stages[name] = Stage(name, "failed", detail)

    def left_out(self, name: str, detail: str) -> None:
        """There is nothing to wait for."""
        self._stages[name] = Stage(name, "left out", detail)

    def not_reached(self, detail: str) -> None:
        """Say why all others were not tried."""
        for name, stage in self._stages.items():
            if stage.state == "not reached":
                self._stages[name] = replace(stage, detail=detail)
