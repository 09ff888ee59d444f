"""
The names of what a test makes. All begin with `bridge-test-`, so that they are found again.

One token is in all names of one test: `bridge-test-1a2b3c4d` is the unique name of the
classic conversation, `bridge-test-customer-1a2b3c4d` and `bridge-test-agent-1a2b3c4d` are
the identities. The Orchestrator twin has no name of ours: it is recognised by these
identities, by the classic conversation's sid, or by the friendly name where it took it over.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from ...api.session import Session

PREFIX: Final = "bridge-test-"
DOMAIN: Final = "example.invalid"
"""Of a test customer's e-mail address: reserved, so nothing ever arrives there (RFC 2606)."""
_TOKEN: Final = re.compile(
    rf"{PREFIX}(?:customer-|agent-)?([0-9a-f]{{8}})(?: \(.*|@{re.escape(DOMAIN)})?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Names:
    """
    The names of one test.

    Attributes:
        token: Eight hex digits, chosen at random.
    """

    token: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def unique_name(self) -> str:
        """Of the classic conversation."""
        return f"{PREFIX}{self.token}"

    def friendly_name(self, at: datetime | None = None) -> str:
        """The unique name and when the test began, for whoever sees it in the Console."""
        return f"{self.unique_name} ({at or datetime.now(UTC):%Y-%m-%d %H:%M} UTC)"

    @property
    def customer(self) -> str:
        """The chat identity that writes as the customer."""
        return f"{PREFIX}customer-{self.token}"

    @property
    def email(self) -> str:
        """The customer's e-mail address, for a store that knows nobody by a chat identity."""
        return f"{self.customer}@{DOMAIN}"

    @property
    def agent(self) -> str:
        """The chat identity that writes as the agent."""
        return f"{PREFIX}agent-{self.token}"


def is_ours(name: str | None) -> bool:
    """
    Whether a name is one that a test gave.

    The prefix alone does not tell: a customer may call something `bridge-test-results`, and
    what is ours gets removed.
    """
    return bool(name and _TOKEN.fullmatch(name))


def token_of(name: str) -> str:
    """The token in a test's name; the whole name where it is not one that a test gave."""
    found = _TOKEN.fullmatch(name)
    return found[1] if found else name


def sweep_command(session: Session, service_sid: str, *, at_once: bool = False) -> str:
    """
    The command that removes what tests left in a service.

    Args:
        at_once: Also what is so young that a test may still be using it.
    """
    target = "" if session.target == "sandbox" else f" --target {session.target}"
    age = " --older-than 0" if at_once else ""
    return f"bridge-workbook sweep --service-sid {service_sid}{target}{age} --apply"
