"""The base of panels about one classic service, which needs a bridge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ...api.session import Session
from .connection import Connection
from .contents import Contents, fill, load_account
from .step import StepPanel
from .values import Choices
from .widgets import Picker


class ServicePanel(StepPanel):
    """
    A panel with a picker of services: those that are bridged stand out and come first.

    The choice is kept for the next notebook. A subclass overrides `_forget` and
    `_show_service`, and says in `reads` what it needs beside services and configurations.

    Args:
        service_sid: The notebook's parameter, or empty.
        help: A line below the picker.

    Attributes:
        contents: What the account holds; empty before it was read.
        reads: Options of `contents.load_account`.
    """

    reads: ClassVar[Mapping[str, bool]] = {}

    def __init__(self, service_sid: str, help: str = "") -> None:  # noqa: A002 - the widget's word
        super().__init__()
        self.contents = Contents()
        self._injected = service_sid
        self._by_hand = False
        self._connection: Connection | None = None
        self.service = Picker("Classic service", help=help)
        self.on_change(self.service, self._picked)

    def attach(self, connection: Connection) -> None:
        """Follow a connection, and what is picked in the other panels on it."""
        self._connection = connection
        # By its kind: a cell that was run again has made a new one.
        connection.together[type(self).__name__] = self
        super().attach(connection)

    def others(self) -> list[ServicePanel]:
        """The other panels about one service that work on the same connection."""
        there = self._connection.together.values() if self._connection else ()
        return [one for one in there if isinstance(one, ServicePanel) and one is not self]

    def changed_elsewhere(self) -> None:
        """Another panel has changed the configuration: nothing to do, unless a subclass says so."""

    def follow(self, service_sid: str) -> None:
        """Another panel's service was picked: take it, unless one was picked here by hand."""
        if not self._by_hand:
            self.worker.submit(self.guarded(lambda: self._take(service_sid)))

    def load(self, session: Session) -> None:
        """Read what can be picked, and go on with the service that is chosen."""
        self.session = session
        self._forget()
        self.start(
            lambda: load_account(session, **self.reads),
            self._loaded,
            "Reading services and configurations.",
        )

    def lost(self) -> None:
        """Remove contents and result."""
        self.contents = Contents()
        self._by_hand = False
        self._forget()
        with self.filling():
            self.service.clear()
        super().lost()

    def _forget(self) -> None:
        """Remove what was shown of another service or account."""
        raise NotImplementedError

    def _show_service(self) -> None:
        """Look at the service that is chosen now, or say what is missing."""
        raise NotImplementedError

    def _loaded(self, contents: Contents) -> None:
        if self.session is None:
            return
        self.contents = contents
        with self.filling():
            fill(
                self.service,
                contents.service_options(bridged_is_good=True),
                Choices(self.session).value("service_sid", self._injected),
                "This account has no classic service.",
            )
        self._show_service()

    def _picked(self) -> None:
        if self.session is not None and not self.busy and self.service.value:
            self._by_hand = True
            Choices(self.session).keep(service_sid=self.service.value)
            self.service.source = ""
            self._forget()
            self._show_service()
            self.refresh()
            for other in self.others():
                other.follow(self.service.value)

    def _take(self, service_sid: str) -> None:
        """On the worker: what was begun before ends first."""
        if self.busy:
            self.follow(service_sid)
            return
        known = service_sid in [one["value"] for one in self.service.options]
        if self._by_hand or not known or self.session is None or service_sid == self.service.value:
            return
        with self.filling():
            self.service.value, self.service.source = (
                service_sid,
                "as you picked it in this notebook",
            )
        self._forget()
        self._show_service()
        self.refresh()

    def _say_unbridged(self) -> None:
        """The service is not bridged: where that is done is what can be pressed."""
        self.enter("attention", "This service is not bridged yet. Open 02 and create it first.")
        self.offer("02_create_bridge", "Open 02 and create the bridge")

    def _unready(self) -> str:
        """Why nothing can be done with a service now; empty where one is chosen and idle."""
        if self.session is None:
            return "connect first"
        if self.busy:
            return "working"
        return "" if self.service.value else "pick a classic service"

    def _unbridged(self) -> str:
        """As `_unready`, and that the service is not bridged."""
        if reason := self._unready():
            return reason
        bridged = self.contents.bridge(self.service.value) is not None
        return "" if bridged else "this service is not bridged yet: open 02"
