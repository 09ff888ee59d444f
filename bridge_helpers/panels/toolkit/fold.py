"""Things that are closed at first: each behind a button of its own, one open at a time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import ipywidgets

from .panel import Panel
from .widgets import Button, column, show


class Folds:
    """
    Buttons, each of which opens something below them; what was open closes.

    Args:
        panel: The card that they belong to.
        contents: Label to what it opens.

    Attributes:
        buttons: Put them where the others are.
        below: What is open; put it below them.
    """

    def __init__(self, panel: Panel, contents: Mapping[str, ipywidgets.Widget]) -> None:
        self._contents = dict(contents)
        self._open = ""
        self.buttons = [Button(label, "link") for label in contents]
        for button in self.buttons:
            button.on_click(panel.guarded(partial(self.toggle, button.label)))
        self.below = column(*contents.values())
        self._draw()

    @property
    def any_open(self) -> bool:
        """Whether something is open."""
        return bool(self._open)

    def toggle(self, label: str) -> None:
        """Open what belongs to a button, or close it."""
        self.open("" if self._open == label else label)

    def open(self, label: str) -> None:
        """Open what belongs to a button, and close everything else."""
        self._open = label
        self._draw()

    def _draw(self) -> None:
        for button in self.buttons:
            opened = button.label == self._open
            button.expanded = "true" if opened else "false"
            show(self._contents[button.label], opened)
        show(self.below, bool(self._open))
