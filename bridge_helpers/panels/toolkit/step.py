"""The base of the steps' panels, which work on the session of the *Connect* panel."""

from __future__ import annotations

from ...api.session import Session
from ...onboarding.journal import Scope
from .connection import Connection
from .panel import Panel


class StepPanel(Panel):
    """
    A panel that needs a connection.

    Attributes:
        session: What it works on; None while there is no connection.
    """

    def __init__(self) -> None:
        super().__init__()
        self.session: Session | None = None
        self._newest: Session | None = None

    def attach(self, connection: Connection) -> None:
        """Follow a connection: load now, and again whenever it changes."""
        self.lost()
        connection.subscribe(self._connected)

    def load(self, session: Session) -> None:
        """Read what the panel starts with; called with every new session."""
        raise NotImplementedError

    def again(self) -> None:
        """Read everything again: the action of a button."""
        if self.session is not None:
            self.load(self.session)

    def lost(self) -> None:
        """The connection is gone; a subclass also removes what it showed of that account."""
        self.session = None
        self.cancel.set()
        self.trouble.value = ""
        self.enter("not started", "Connect above first.")
        self.refresh()

    def _connected(self, session: Session | None) -> None:
        """Change the session after what still runs on the old one, which is told to stop."""
        self._newest = session
        self._queue()

    def _queue(self) -> None:
        if self.busy:
            self.cancel.set()
        self.worker.submit(self.guarded(self._change_session))

    def _change_session(self) -> None:
        """Take the newest session; what is shown of another account is removed first."""
        old, new = self.session, self._newest
        if new is old:
            return
        if self.busy:
            # A button was pressed in the meantime: let its work end first.
            self._queue()
            return
        if new is None or (old is not None and Scope.of(old) != Scope.of(new)):
            self.lost()
        if new is not None:
            self._pressed = ""
            self.load(new)
