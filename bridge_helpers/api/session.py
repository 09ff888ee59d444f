"""One account: its four services behind one object."""

from __future__ import annotations

from ..settings import Account
from .classic import ClassicApi
from .http import Http, Limits
from .memory import Memory
from .numbers import Numbers
from .orchestrator import Orchestrator


class Session:
    """
    What a step works with.

    Attributes:
        account: Where it is and whose it is.
        orchestrator: Configurations, operations, conversations (v2).
        classic: Services, conversations, participants, messages (v1).
        memory: Stores.
        numbers: Owned phone numbers.
    """

    def __init__(self, account: Account, limits: Limits | None = None) -> None:
        self.account = account
        self.http = Http(account, limits)
        self.orchestrator = Orchestrator(self.http)
        self.classic = ClassicApi(self.http)
        self.memory = Memory(self.http)
        self.numbers = Numbers(self.http)

    @property
    def target(self) -> str:
        return self.account.target

    def close(self) -> None:
        """Give the connections back."""
        self.http.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Session({self.account.sid} on {self.account.target})"
