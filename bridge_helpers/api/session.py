"""
One account: its services behind one object, and the certainty that it is this account.

Before its first request a session finds out whose key it has, see `identity`.
"""

from __future__ import annotations

from ..settings import Account
from .accounts import Accounts
from .classic import ClassicApi
from .identity import CheckedHttp
from .intelligence import Intelligence
from .memory import Memory
from .messaging import Messaging
from .monitor import Monitor
from .numbers import Numbers
from .orchestrator import Orchestrator
from .retries import Limits


class Session:
    """
    What a step works with.

    Attributes:
        account: Where it is and whose it is.
        orchestrator: Configurations, operations, conversations (v2).
        classic: Services, conversations, participants, messages (v1).
        memory: Stores, profiles and what is known of them.
        intelligence: What operators found in conversations.
        monitor: Alerts of the debugger.
        messaging: Messaging Services and the numbers in them.
        numbers: Owned phone numbers.
        accounts: The account itself.
    """

    def __init__(self, account: Account, limits: Limits | None = None) -> None:
        self.account = account
        self.http = CheckedHttp(account, limits)
        self.orchestrator = Orchestrator(self.http)
        self.classic = ClassicApi(self.http)
        self.memory = Memory(self.http)
        self.intelligence = Intelligence(self.http)
        self.monitor = Monitor(self.http)
        self.messaging = Messaging(self.http)
        self.numbers = Numbers(self.http)
        self.accounts = Accounts(self.http)

    @property
    def key_is_known(self) -> bool:
        """Whether the key was found to belong to the account; False before the first request."""
        return self.http.key_check.known

    @property
    def target(self) -> str:
        """`sandbox` or `twilio`."""
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
