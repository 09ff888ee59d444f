"""A panel of a step: it works on the session of the connect panel above it."""

from __future__ import annotations

from ..api.session import Session
from .connect import Connection
from .panel import Panel


class Step(Panel):
    """
    A panel that needs a connection.

    Attributes:
        session: What it works on; None while there is no connection.
    """

    def __init__(self) -> None:
        super().__init__()
        self.session: Session | None = None

    def attach(self, connection: Connection) -> None:
        """Follow a connection: load now, and again whenever it changes."""
        self.lost()
        connection.subscribe(self._connected)

    def load(self, session: Session) -> None:
        """Read what the panel starts with; called with every new session."""
        raise NotImplementedError

    def again(self) -> None:
        """Read it anew, for a button."""
        if self.session is not None:
            self.load(self.session)

    def lost(self) -> None:
        """There is no connection any more; a subclass removes what it showed of it."""
        self.session = None
        self.cancel.set()
        self.trouble.value = ""
        self.enter("not started", "Connect above first.")
        self.refresh()

    def _connected(self, session: Session | None) -> None:
        """Queued behind what still runs on the old session, which is told to stop."""
        if self.busy:
            self.cancel.set()
        if session is None:
            self.worker.submit(self.guarded(self.lost))
        else:
            self.worker.submit(self.guarded(lambda: self.load(session)))
