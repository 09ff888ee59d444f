"""
Where a panel's value comes from.

One order for all of them: an injected notebook parameter, what was typed in this
kernel, the journal, the environment, the default. The panel shows which it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOURCES: Final = {
    "injected": "from the notebook's parameters",
    "typed": "as you chose it before",
    "journal": "from the journal",
    "environment": "from the environment",
    "default": "",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value and the source that it was taken from, a key of `SOURCES`."""

    text: str
    source: str

    @property
    def shown(self) -> str:
        """The source in words, for beside the label."""
        return SOURCES[self.source]


class Typed:
    """What was typed into panels of this kernel; a cell that is run again finds it."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], str] = {}

    def remember(self, account: str, name: str, value: str) -> None:
        self._values[account, name] = value

    def recall(self, account: str, name: str) -> str:
        return self._values.get((account, name), "")

    def forget(self) -> None:
        self._values.clear()


typed: Final = Typed()


def choose(
    *,
    injected: str = "",
    typed: str = "",
    journal: str = "",
    environment: str = "",
    default: str = "",
) -> Value:
    """The first of the five that is not empty, with its source."""
    for source, text in (
        ("injected", injected),
        ("typed", typed),
        ("journal", journal),
        ("environment", environment),
    ):
        if text:
            return Value(text, source)
    return Value(default, "default")
