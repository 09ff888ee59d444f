"""Controls for one line of filters and for files, beside those of `widgets`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final

import traitlets

from .widgets import Button, Field, _Control, _script

PART: Final = 1 << 20
"""Bytes of a file that travel in one message."""


class Select(_Control):
    """
    A list that opens when it is clicked: a choice that takes one line.

    Attributes:
        options: Dictionaries with `value` and `title`, both text.
    """

    _esm = _script("select.js")
    options = traitlets.List(traitlets.Dict()).tag(sync=True)
    value = traitlets.Unicode("").tag(sync=True)


class DateField(Field):
    """A day, as `YYYY-MM-DD`; browsers offer a calendar for it."""

    kind = traitlets.Unicode("date").tag(sync=True)

    def day(self) -> date | None:
        """What was typed; None while it is empty or wrong, and then the field says so."""
        self.error = ""
        if not self.value.strip():
            return None
        try:
            return date.fromisoformat(self.value.strip())
        except ValueError:
            self.error = "a day is written like 2026-11-22"
            return None


class DownloadButton(Button):
    """
    A button whose file the browser saves, in the tab in which it was pressed.

    `on_click` gets the file ready; `offer` then hands it over, a part for each message with
    which the browser asks for more.
    """

    _esm = _script("download.js")

    def __init__(self, label: str, kind: str = "plain", **kwargs: Any) -> None:
        super().__init__(label, kind, **kwargs)
        self._asker = ""
        self._offered: dict[str, tuple[Path, int]] = {}
        self._failed: Callable[[Exception], None] = lambda _: None

    def on_failure(self, callback: Callable[[Exception], None]) -> None:
        """Call back with the error when the file cannot be read any more."""
        self._failed = callback

    def offer(self, path: Path) -> None:
        """Hand a file to the tab that asked last, which saves it under its name."""
        if self._asker:
            self._offered[self._asker] = path, 0
            self.send({"event": "begin", "for": self._asker})

    def _hear(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        asker = str(content.get("for", ""))
        if content.get("event") == "click":
            self._asker = asker
        if content.get("event") == "more":
            self._next_part(asker)
        else:
            super()._hear(widget, content, buffers)

    def _next_part(self, asker: str) -> None:
        path, sent = self._offered.pop(asker, (None, 0))
        if path is None:
            return
        try:
            with path.open("rb") as file:
                file.seek(sent)
                part = file.read(PART)
        except OSError as error:
            self._failed(error)
            return
        if part:
            self._offered[asker] = path, sent + len(part)
            self.send({"event": "part", "for": asker}, buffers=[part])
        else:
            self.send({"event": "end", "for": asker, "name": path.name})
