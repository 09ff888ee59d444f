"""
The controls that panels are made of: a few small widgets with real labels.

Every one is an `anywidget`: a Python class with synchronised traits and a
module of plain JavaScript under `static/`. ipywidgets' own controls cannot
tie help and errors to an input, have no live region, and keep a password as
a trait; these do the first two and avoid the third. Callbacks registered here
run on whichever thread the kernel uses for messages, so a panel's callbacks
do no work themselves (see `panel.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from ...settings import Secret

STATIC = Path(__file__).parent / "static"


@cache
def _script(name: str) -> str:
    """A widget's JavaScript module, after the helper functions that all widgets share."""
    return f"{(STATIC / 'dom.js').read_text()}\n{(STATIC / name).read_text()}"


class _Widget(anywidget.AnyWidget):
    """A widget that `show` can hide without taking it out of the tree."""

    hidden = traitlets.Bool(False).tag(sync=True)


class HtmlView(_Widget):
    """
    A piece of HTML that its owner has escaped.

    Attributes:
        value: The HTML. A button with a `data-copy` attribute copies its text.
        live: Whether a screen reader announces changes.
    """

    _esm = _script("html.js")
    value = traitlets.Unicode("").tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)


class Title(HtmlView):
    """
    The first line of a card; it loads the style sheet of all widgets.

    Where the kernel that the card belongs to is gone, it says so.

    Attributes:
        stale: What it says then.
    """

    _esm = _script("title.js")
    stale = traitlets.Unicode("").tag(sync=True)
    _css = "".join(
        (STATIC / f"{name}.css").read_text() for name in ("panels", "controls", "results")
    )


class _Control(_Widget):
    """What every input has: a label, where its value comes from, help and an error."""

    label = traitlets.Unicode("").tag(sync=True)
    source = traitlets.Unicode("").tag(sync=True)
    help = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, **kwargs)
        self._submitted: list[Callable[[], None]] = []
        self.on_msg(self._hear)

    def on_submit(self, callback: Callable[[], None]) -> None:
        """Call back when Enter is pressed in the input."""
        self._submitted.append(callback)

    def submit(self) -> None:
        """What the Enter key does."""
        for callback in self._submitted:
            callback()

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("event") == "submit":
            self.submit()


class Field(_Control):
    """One line of text, or several when `lines` is more than one."""

    _esm = _script("field.js")
    value = traitlets.Unicode("").tag(sync=True)
    placeholder = traitlets.Unicode("").tag(sync=True)
    lines = traitlets.Int(1).tag(sync=True)

    def _hear(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        value = content.get("value")
        if content.get("event") == "value" and isinstance(value, str):
            # As if the state had come: what is typed is not sent back over what is typed next.
            self.set_state({"value": value})
        super()._hear(widget, content, buffers)


class SecretField(_Control):
    """
    A password that is never a trait, so no saved notebook and no widget state holds it.

    It travels from the browser as a message and rests in the kernel's memory as a `Secret`.
    """

    _esm = _script("secret.js")

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self._secret = Secret("")
        self._typed: list[Callable[[], None]] = []

    @property
    def secret(self) -> Secret:
        """What was typed; empty before."""
        return self._secret

    def type(self, text: str) -> None:
        """What the browser does at each keystroke."""
        self._secret = Secret(text)
        for callback in self._typed:
            callback()

    def on_type(self, callback: Callable[[], None]) -> None:
        """Call back at each keystroke, without the text."""
        self._typed.append(callback)

    def clear(self) -> None:
        """Forget it, here and in the browser."""
        self._secret = Secret("")
        self.send({"event": "clear"})

    def _hear(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        if content.get("event") == "typed":
            self.type(str(content.get("secret", "")))
        else:
            super()._hear(widget, content, buffers)


class Choice(_Control):
    """
    Radio buttons in a fieldset.

    Attributes:
        options: Dictionaries with `value`, `title` and `detail` (HTML, escaped by the owner).
        arrangement: `column` or `row`.
    """

    _esm = _script("choice.js")
    options = traitlets.List(traitlets.Dict()).tag(sync=True)
    value = traitlets.Unicode("").tag(sync=True)
    arrangement = traitlets.Unicode("column").tag(sync=True)


class Picker(_Control):
    """
    Search as you type over a list that stays in place.

    Attributes:
        options: Dictionaries with `value`, `title`, `detail` and perhaps `mark` (a badge), which
            are text, and `good` for a mark that is good news.
        value: The chosen option's value, or empty.
        empty: What to say when there is nothing to choose from.
    """

    _esm = _script("picker.js")
    options = traitlets.List(traitlets.Dict()).tag(sync=True)
    value = traitlets.Unicode("").tag(sync=True)
    empty = traitlets.Unicode("").tag(sync=True)

    @property
    def chosen(self) -> dict[str, Any] | None:
        """The chosen option, or None."""
        return next((option for option in self.options if option["value"] == self.value), None)

    def clear(self) -> None:
        """Remove options, choice and messages."""
        self.options = []
        self.value = self.source = self.empty = self.error = ""


class Button(_Widget):
    """
    A button that says why it cannot be pressed.

    Attributes:
        kind: `primary`, `second` (a primary one while there is something better to press),
            `plain`, `danger` or `link`, which looks like one.
        reason: Shown beside it; used while it is disabled.
        expanded: `true` or `false` for a button that opens and closes something.
    """

    _esm = _script("button.js")
    label = traitlets.Unicode("").tag(sync=True)
    kind = traitlets.Unicode("plain").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)
    reason = traitlets.Unicode("").tag(sync=True)
    expanded = traitlets.Unicode("").tag(sync=True)

    def __init__(self, label: str, kind: str = "plain", **kwargs: Any) -> None:
        super().__init__(label=label, kind=kind, **kwargs)
        self._clicked: list[Callable[[], None]] = []
        self.on_msg(self._hear)

    def on_click(self, callback: Callable[[], None]) -> None:
        """Call back at every click while the button is enabled."""
        self._clicked.append(callback)

    def click(self) -> None:
        """What a mouse click does; nothing while disabled."""
        if not self.disabled:
            for callback in self._clicked:
                callback()

    def allow(self, reason: str = "") -> None:
        """Enable it, or disable it for `reason`."""
        with self.hold_sync():
            self.disabled = bool(reason)
            self.reason = reason

    def _hear(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("event") == "click":
            self.click()


class Bar(_Widget):
    """
    A progress bar with its text beside it, which a screen reader announces.

    Attributes:
        fraction: 0 to 1; negative while the end is not known.
        elapsed: Seconds since the work began, at the time of the last change.
        wait: Seconds until the next look, or 0.
        running: Whether the seconds tick.
        shown: Whether the bar is there at all.
    """

    _esm = _script("progress.js")
    text = traitlets.Unicode("").tag(sync=True)
    fraction = traitlets.Float(-1.0).tag(sync=True)
    elapsed = traitlets.Float(0.0).tag(sync=True)
    wait = traitlets.Float(0.0).tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)
    shown = traitlets.Bool(False).tag(sync=True)


def column(*children: ipywidgets.Widget, style: str = "") -> ipywidgets.VBox:
    """Widgets one below the other."""
    box = ipywidgets.VBox(children)
    if style:
        box.add_class(style)
    return box


def row(*children: ipywidgets.Widget, style: str = "bw-row") -> ipywidgets.HBox:
    """Widgets side by side; they wrap when the window is narrow."""
    box = ipywidgets.HBox(children)
    box.add_class(style)
    return box


def show(widget: ipywidgets.Widget, shown: bool = True) -> None:
    """Show or hide a widget without moving it elsewhere in the tree."""
    if isinstance(widget, _Widget):
        widget.hidden = not shown
    else:
        (widget.remove_class if shown else widget.add_class)("bw-hidden")
