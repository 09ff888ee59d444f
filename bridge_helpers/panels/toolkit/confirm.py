"""
Two ways to ask before something is written.

`ConfirmName` has a name typed, for what takes something away. `Question` puts a second button
where the first one is not, so that a double click agrees to nothing, for everything else.
"""

from __future__ import annotations

from collections.abc import Callable

from . import text
from .panel import Panel
from .widgets import Button, Field, HtmlView, column, row, show


class ConfirmName:
    """
    A field in which the name of what is about to go has to be typed.

    The name stands beside the field. Spaces around it, and how many there are in it, do
    not matter; capitals do.

    Args:
        panel: The card that it belongs to; its `refresh` is called at every keystroke.
        label: What the field asks for.
        submit: What the Enter key does.

    Attributes:
        widget: Put it above the buttons.
        field: The input.
    """

    def __init__(
        self,
        panel: Panel,
        label: str = "Type its name to confirm",
        submit: Callable[[], None] | None = None,
    ) -> None:
        self._panel = panel
        self.field = Field(label)
        self._name = ""
        self._shown = HtmlView()
        self.widget = column(self._shown, self.field, style="bw-confirm")
        show(self.widget, False)
        panel.on_change(self.field, panel.refresh)
        if submit is not None:
            self.field.on_submit(panel.guarded(submit))

    @property
    def name(self) -> str:
        """What has to be typed; empty: nothing, and the field is hidden."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        if name == self._name:
            return
        self._name = name
        # What was typed was about something else.
        self.field.value = ""
        self._shown.value = text.html("<span>The name is {}</span>", text.code(name))
        show(self.widget, bool(name))
        self._panel.refresh()

    @property
    def reason(self) -> str:
        """Why it is not confirmed; empty when it is."""
        if not self._name or _spaced(self.field.value) == _spaced(self._name):
            return ""
        return "type the name to confirm"

    def clear(self) -> None:
        """Forget what was typed."""
        self.field.value = ""


class Question:
    """
    A box that says what is about to be written, with a button to agree and one not to.

    Args:
        panel: The card that it belongs to.

    Attributes:
        widget: Put it below the actions; hidden until something is asked.
        asked: Whether it waits for an answer. While it does, the button that asked should
            not be allowed.
    """

    def __init__(self, panel: Panel) -> None:
        self.asked = False
        self._panel = panel
        self._then: Callable[[], None] = _nothing
        self._words = HtmlView(live=True)
        self.yes = Button("Yes", "primary")
        self.yes.on_click(panel.guarded(self._agree))
        self.no = Button("No, go back")
        self.no.on_click(panel.guarded(self.withdraw))
        self.widget = column(
            self._words, row(self.yes, self.no, style="bw-actions"), style="bw-question"
        )
        show(self.widget, False)

    def ask(self, words: object, yes: str, then: Callable[[], None]) -> None:
        """
        Ask, and do it when somebody agrees.

        Args:
            words: What will be written and where; escaped unless it is `Html`.
            yes: The label of the button that agrees; it names what it does.
            then: What is agreed to; called from a callback.
        """
        self.asked = True
        self._then = then
        self._words.value = text.html("{}", words)
        self.yes.label = yes
        show(self.widget)
        self._panel.refresh()

    def withdraw(self) -> None:
        """Ask nothing any more, for example because something else was picked."""
        if self.asked:
            self.asked = False
            self._then = _nothing
            self._words.value = ""
            show(self.widget, False)
            self._panel.refresh()

    def _agree(self) -> None:
        then = self._then
        self.withdraw()
        then()


def _spaced(name: str) -> str:
    return " ".join(name.split())


def _nothing() -> None:
    """What is agreed to when nothing was asked."""
