"""The base of panels about one classic service, which needs a bridge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ...api.session import Session
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
        self.service = Picker("Classic service", help=help)
        self.on_change(self.service, self._picked)

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
            Choices(self.session).keep(service_sid=self.service.value)
            self.service.source = ""
            self._forget()
            self._show_service()
            self.refresh()

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
