"""Somebody at the screen, whose clicks, scrolls and fields are counted."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from ..waiting import until
from .lab import Notebook


class Person:
    """
    Uses one notebook after the other, and does nothing but click, type and scroll.

    Attributes:
        clicks, scrolls, fields: How often each was needed: a scroll where what is to be
            clicked is not wholly in view, a field where something is typed.
    """

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.clicks = self.scrolls = self.fields = 0

    def click(self, what: Locator) -> None:
        """Click, after scrolling to it if one has to."""
        expect(what).to_be_visible()
        if not self.sees(what):
            self.scrolls += 1
        what.click()
        self.clicks += 1

    def type(self, label: str, text: str) -> None:
        """Fill a field."""
        self.notebook.page.get_by_label(label).fill(text)
        self.fields += 1

    def follow(self, title: str, link: str, name: str) -> None:
        """Click the link to another notebook in a panel."""
        self.click(self.notebook.card(title).get_by_role("link", name=link))
        self.notebook.arrived(name)

    def press(self, title: str, label: str) -> None:
        """Click a button of a panel, once its notebook has come to rest."""
        button = self.notebook.button(title, label)
        expect(button).to_be_enabled()
        self.click(button)

    def sees(self, what: Locator) -> bool:
        """Whether all of it comes to rest inside the part of the page that shows the notebook."""
        try:
            return until(lambda: self._in_view(what), seconds=3)
        except AssertionError:
            return False

    def _in_view(self, what: Locator) -> bool:
        box = what.bounding_box()
        area = self.notebook.page.locator(
            ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer"
        ).bounding_box()
        assert box is not None
        assert area is not None
        above = box["y"] < area["y"]
        below = box["y"] + box["height"] > area["y"] + area["height"]
        return not above and not below
