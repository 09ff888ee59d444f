"""
The base of all panels: a card with title, state, controls, progress and result.

A callback validates, disables the buttons and hands a job to the panel's worker thread; the
job calls a step of `onboarding` and sets traits. On which thread a kernel runs callbacks
depends on its version, so a callback does no work itself. An error on either thread is caught
here and shown in the card. Screen readers announce the status line.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import ipywidgets

from ...errors import BridgeError, Cancelled, OperationPending
from ...progress import Progress, step_context
from . import text
from .widgets import Bar, Button, HtmlView, Title, column, row, show
from .worker import Worker

log = logging.getLogger(__name__)

T = TypeVar("T")


class Panel:
    """
    A card and the worker thread behind it.

    A subclass fills `controls`, `actions` and `result`, registers its buttons with
    `button`, and overrides `refresh` to say which of them can be used. `onward` is for the
    link to the next notebook, which takes the place of the main button after success.
    """

    name = "Panel"
    lead = ""
    command = ""
    """The command that does the same, for front ends that show no widgets."""

    def __init__(self) -> None:
        self.state = "not started"
        self.busy = False
        self._filling = False
        self._pressed = ""
        self.cancel = threading.Event()
        self.worker = Worker(self.name, self._broken)
        # Lists are read on several threads, which may report progress at the same time.
        self._showing = threading.Lock()
        self.title = Title(stale=text.STALE)
        self.controls = column()
        self.bar = Bar()
        self.status = HtmlView(live=True)
        self.trouble = HtmlView(live=True)
        self.result = column()
        self.onward = HtmlView()
        self.actions = row(style="bw-actions")
        self.stop = Button("Cancel waiting")
        self.stop.on_click(self.guarded(self.stopped))
        show(self.stop, False)
        self.widget = column(
            self.title,
            self.controls,
            self.actions,
            self.bar,
            self.status,
            self.trouble,
            self.result,
            style="bw-card",
        )
        self.widget.add_class("bw")
        self.enter("not started")

    # ------------------------------------------------------------- for subclasses

    def refresh(self) -> None:
        """Enable what can be used now and give the reason where something cannot."""

    def button(self, label: str, action: Callable[[], None], kind: str = "plain") -> Button:
        """A button whose action runs inside the error boundary."""
        press = Button(label, kind)

        def pressed() -> None:
            self._pressed = press.label
            action()

        press.on_click(self.guarded(pressed))
        return press

    def add_below_actions(self, *widgets: ipywidgets.Widget) -> None:
        """Put widgets below the buttons: what a button opens, and what it asks."""
        children = list(self.widget.children)
        at = children.index(self.actions) + 1
        self.widget.children = [*children[:at], *widgets, *children[at:]]

    def offer(self, notebook: str = "", words: str = "") -> None:
        """
        Show the link to the next notebook as the thing to press; without a name, none.

        The main button steps back while it is there.
        """
        self.onward.value = text.open_notebook(notebook, words) if notebook else ""
        for one in self.actions.children:
            if isinstance(one, Button) and one.kind in ("primary", "second"):
                one.kind = "second" if notebook else "primary"

    def button_again(self, error: BaseException) -> str:
        """The label of the button that does again what ended with an error; empty: none."""
        return self._pressed

    def enter(self, state: str, words: str = "") -> None:
        """Show a state in the title and, if there are any, words in the status line."""
        self.state = state
        lead = text.html('<div class="bw-lead">{}</div>', self.lead) if self.lead else ""
        self.title.value = text.html(
            '<div class="bw-title"><h2>{}</h2>{}</div>{}', self.name, text.pill(state), lead
        )
        if words:
            self.say(words)

    def say(self, words: object) -> None:
        """Put a sentence into the status line."""
        self.status.value = text.html("{}", words)

    def start(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        words: str,
        *,
        failed: Callable[[Exception], None] | None = None,
        cancellable: str = "",
    ) -> None:
        """
        Hand work to the worker; called from a callback.

        Args:
            work: Runs on the worker; may call `self.progress` and heed `self.cancel`.
            then: Gets its result, on the worker too.
            words: The status line while it runs.
            failed: Called after an error has been shown.
            cancellable: Label of the cancel button. Without one, a button to stop appears
                only when the work has to wait for the service.
        """
        if self.busy:
            return
        self.busy = True
        self.cancel.clear()
        self.trouble.value = ""
        self.enter("running", words)
        self.stop.label = cancellable or "Stop waiting"
        self.stop.allow()
        show(self.stop, bool(cancellable))
        self.refresh()
        self.worker.submit(lambda: self._work(work, then, failed))

    def progress(self, now: Progress) -> None:
        """`on_progress` of a step: the bar, its text, and the time to the next look."""
        counted = now.total and now.done is not None
        with self._showing, self.bar.hold_sync():
            self.bar.shown = True
            self.bar.running = now.state != "done"
            self.bar.elapsed = now.elapsed
            self.bar.wait = now.wait or 0.0
            self.bar.fraction = (now.done or 0) / now.total if counted and now.total else -1.0
            self.bar.text = now.message
            if now.state == "done":
                self.bar.fraction = 1.0

    def _waiting(self, now: Progress) -> None:
        """Progress of work that does not report to the bar itself: only its waits are shown."""
        if now.state == "waiting":
            show(self.stop)
            self.progress(now)

    def stopped(self) -> None:
        """The cancel button was pressed."""
        self.cancel.set()
        self.stop.allow("stopping")

    def guarded(self, action: Callable[[], None]) -> Callable[[], None]:
        """An action whose errors are shown in the card, as a callback's would be lost."""

        def safely() -> None:
            try:
                action()
            except Exception as error:
                self.fail(error)

        return safely

    def on_change(self, widget: ipywidgets.Widget, action: Callable[[], None]) -> None:
        """Run an action, guarded, whenever somebody changes a widget's value."""
        safely = self.guarded(action)
        widget.observe(lambda _: None if self._filling else safely(), names="value")

    @contextmanager
    def filling(self) -> Iterator[None]:
        """While the panel fills its controls itself, `on_change` does not call its actions."""
        self._filling = True
        try:
            yield
        finally:
            self._filling = False

    def fail(self, error: BaseException) -> None:
        """Show an error in the card, with its cause and what to do."""
        if not isinstance(error, BridgeError):
            log.error("a panel failed", exc_info=error)
        gentle = isinstance(error, (Cancelled, OperationPending))
        self.trouble.value = text.error_box(error, self.button_again(error))
        if gentle:
            self.enter("attention", "Not finished. What to do next is below.")
        else:
            self.enter("failed", "That did not work. What happened and what to do is below.")

    # ------------------------------------------------------------- for notebooks

    def settle(self, seconds: float = 8.0) -> None:
        """
        Wait for the first contents, so that a cell that has run shows them.

        Args:
            seconds: Longest wait; what takes longer goes on in the background.
        """
        self.worker.wait(seconds)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = self.widget._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data["text/plain"] = self.in_words
        return bundle

    @property
    def in_words(self) -> str:
        """What a front end without widgets shows, and a notebook without a kernel."""
        words = f"{self.name}: this is a panel, which JupyterLab shows when the cell is run."
        return f"{words} The command that does the same: {self.command}" if self.command else words

    def _ipython_display_(self) -> None:
        """
        Show the panel, after a line that is seen only where the panel is not.

        A front end whose kernel is a new one has an error of its own in the panel's place, or
        nothing; the line, which is saved with the notebook, says what to do.
        """
        from IPython.display import display

        bundle = self._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        display({"text/html": str(text.before_restart()), "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]
        display(data, raw=True)  # type: ignore[no-untyped-call]

    # ----------------------------------------------------------------- the worker

    def _work(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Exception], None] | None,
    ) -> None:
        try:
            with step_context(self._waiting, self.cancel):
                result = work()
            self._over()
            then(result)
        except Exception as error:
            self._over()
            self.fail(error)
            if failed is not None:
                self.guarded(partial(failed, error))()
        finally:
            self.guarded(self.refresh)()

    def _broken(self, error: BaseException) -> None:
        """A job ended the worker's way: its buttons can be used again, and the card says why."""
        self._over()
        self.fail(error)
        self.refresh()

    def _over(self) -> None:
        self.busy = False
        with self.bar.hold_sync():
            self.bar.running = False
            self.bar.shown = False
        show(self.stop, False)
