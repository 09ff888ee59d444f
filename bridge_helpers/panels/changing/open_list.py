"""The conversations that a write does not reach, as a list to close and as a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from ...onboarding.change.open import OpenConversations
from ...settings import home
from ...words import counted
from ..exploring.rows import free_path
from ..toolkit import text
from ..toolkit.inputs import DownloadButton
from ..toolkit.panel import Panel
from ..toolkit.widgets import HtmlView, column, show

SHOWN: Final = 10
"""Rows of the list; the file has all of them."""


class OpenList:
    """
    How many are open, the first of them, and a button for the file.

    Args:
        panel: The card that it belongs to.

    Attributes:
        widget: What the panel shows; empty while there is nothing to list.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._found: OpenConversations | None = None
        self._service_sid = ""
        self._list = HtmlView()
        self.saved = HtmlView(live=True)
        self.save = DownloadButton("Save them as CSV", "link")
        self.save.on_click(panel.guarded(self._write))
        self.save.on_failure(panel.fail)
        self.widget = column(self._list, self.save, self.saved)
        self.show(None, "")

    def show(self, found: OpenConversations | None, service_sid: str) -> None:
        """List what is open of a service's configuration; None: nothing."""
        self._found, self._service_sid = found, service_sid
        self.saved.value = ""
        self._list.value = _listed(found) if found is not None and found.known else ""
        show(self.save, bool(self._list.value))

    def _write(self) -> None:
        found = self._found
        if found is None or self._panel.busy:
            return
        name = f"open-{self._service_sid}-{datetime.now().astimezone():%Y-%m-%d}.csv"
        state, said = self._panel.state, self._panel.status.value

        def written(path: Path) -> None:
            self.save.offer(path)
            self.saved.value = text.html(
                "{} in {}.", counted(found.known, "conversation"), text.code(str(path))
            )
            self._panel.enter(state)
            self._panel.status.value = said

        self._panel.start(
            lambda: found.write(free_path(home() / "exports" / name)),
            written,
            "Writing the list of open conversations.",
        )


def _listed(found: OpenConversations) -> text.Html:
    rows = [
        (
            text.code(one["conversation_id"]),
            one["status"] or "-",
            one["channels"] or "-",
            one["addresses"] or "-",
            f"{one['updated_at']:%Y-%m-%d %H:%M}" if one["updated_at"] else "-",
        )
        for one in found.head(SHOWN)
    ]
    caption = f"The first {len(rows)}" if found.known > len(rows) else "All of them"
    keep = "keeps" if found.known == 1 else "keep"
    least = "at least " if found.error else ""
    return text.folded(
        f"{least}{counted(found.known, 'open conversation')} {keep} the configuration as it was",
        text.table(
            caption, ("Conversation", "Status", "Channels", "Addresses", "Changed (UTC)"), rows
        ),
    )
