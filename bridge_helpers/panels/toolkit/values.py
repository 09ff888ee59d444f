"""
Where the value that a panel starts with comes from.

The first of these that has one: a notebook parameter, what was typed in this kernel, the
journal, the environment, the default. The panel shows which it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...api.session import Session
from ...onboarding.journal import Journal, Scope

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


_typed: dict[tuple[Scope, str], str] = {}


class Choices:
    """
    What was chosen for one account: typed in this kernel, or kept in the journal.

    Args:
        session: The account's; None for what is chosen before there is one, such as the target.
        service_sid: For what is chosen for one service and says nothing about another, such as
            the name of its configuration; empty: for what is chosen for the account.
    """

    def __init__(self, session: Session | None = None, service_sid: str = "") -> None:
        self._scope = Scope.of(session) if session else Scope("", "", "", "")
        self._suffix = f" of {service_sid.lower()}" if service_sid else ""
        self._journal = Journal()

    def value(
        self, name: str, injected: str = "", environment: str = "", default: str = ""
    ) -> Value:
        """A choice by its name, from the first source that has one."""
        key = name + self._suffix
        return choose(
            injected=injected,
            typed=_typed.get((self._scope, key), ""),
            journal=self._journal.recall(self._scope).get(key, ""),
            environment=environment,
            default=default,
        )

    def note(self, **choices: str) -> None:
        """Keep choices in this kernel, for when the cell is run again."""
        for name, value in choices.items():
            _typed[self._scope, name + self._suffix] = value

    def keep(self, **choices: str) -> None:
        """Keep choices in the journal too, for the next notebook. Never a secret."""
        self.note(**choices)
        kept = {name + self._suffix: value for name, value in choices.items()}
        self._journal.remember(self._scope, **kept)


def forget_typed() -> None:
    """Forget what was typed in this kernel, as restarting it does."""
    _typed.clear()
