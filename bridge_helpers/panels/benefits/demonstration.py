"""Step 03 and 08: memory and intelligence shown at work on a test conversation."""

from __future__ import annotations

from ...onboarding.demonstrate import STAGES, TIMEOUT, Demonstrated, announce, demonstrate
from ...onboarding.findings import Finding
from ...onboarding.options import Options
from ...progress import Progress
from ...words import sentence
from ..toolkit import text
from ..toolkit.confirm import Question
from ..toolkit.connection import Connection
from ..toolkit.findings import findings
from ..toolkit.service import ServicePanel
from ..toolkit.widgets import HtmlView, column
from . import views
from .panel import WhatItGives

OFF_ABOVE = "memory extraction is off: switch it on above, then press Look again"
OFF_ELSEWHERE = "memory extraction is off: open 08 and switch it on, then press Look again"
"""Where the notebook has no panel that switches it on, as 03 has none."""


class ShowItWork(ServicePanel):
    """
    What it costs and who reacts, one button, then the timeline.

    Attributes:
        named: What was said beforehand, once it was looked at.
        shown: What was seen, once it ran.
    """

    name = "Show it work"
    command = "bridge-workbook benefits --service-sid IS… --demonstrate --apply"
    lead = (
        "An invented customer states a fact, the conversation is closed, and what memory and "
        "intelligence make of it is waited for. Everything is removed again."
    )

    def __init__(
        self, connection: Connection, service_sid: str = "", timeout: float = TIMEOUT
    ) -> None:
        super().__init__(service_sid)
        self.named: tuple[Finding, ...] | None = None
        self.shown: Demonstrated | None = None
        self._timeout = timeout
        self._lines: dict[str, str] = {}
        self.go = self.button("Show it work", self.press, "primary")
        self.reload = self.button("Look again", self.again)
        self.question = Question(self)
        self.before, self.story = HtmlView(), HtmlView()
        self.controls.children = [column(self.service, style="bw-short")]
        self.actions.children = [self.onward, self.go, self.reload, self.stop]
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def press(self) -> None:
        """Say what it costs and who reacts; nothing is written before the second press."""
        session, service_sid = self.session, self.service.value
        bridge = self.contents.bridge(service_sid)
        if session is None or bridge is None or self.go.disabled:
            return
        self.start(
            lambda: announce(session, service_sid),
            self._ask,
            "Looking at what it costs and who will react.",
        )

    def changed_elsewhere(self) -> None:
        """Look again whether memory is on, unless something of a demonstration is in view."""
        if not self.question.asked and self.shown is None and not self.busy:
            self.worker.submit(self.guarded(self.again))

    def refresh(self) -> None:
        """Enable the button when there is a bridge with memory on."""
        self.go.allow(self._reason() or ("answer below first" if self.question.asked else ""))
        self.reload.allow("working" if self.busy or self.session is None else "")
        self.service.disabled = self.busy

    # ------------------------------------------------------------------ the worker

    def _forget(self) -> None:
        self.named = self.shown = None
        self.question.withdraw()
        self.offer()
        self.before.value = self.story.value = ""
        self.result.children = []

    def _show_service(self) -> None:
        reason = self._reason()
        if reason:
            self.enter("attention", sentence(reason))
            if reason == OFF_ELSEWHERE:
                self.offer("08_memory_and_intelligence", "Open 08 and switch memory extraction on")
        else:
            self.enter("ready", "Nothing was sent yet.")

    def _ask(self, named: tuple[Finding, ...]) -> None:
        self.named = named
        self.before.value = text.html("<h3>What it costs and who reacts</h3>{}", findings(named))
        self.result.children = [self.question.widget, self.before, self.story]
        self.question.ask(
            "This writes a test conversation and a profile, and removes them again. What it costs "
            "and who reacts is listed below.",
            "Yes, show it",
            self._run,
        )
        self.enter("attention", "Nothing was sent yet: read what it costs and who reacts.")

    def _run(self) -> None:
        session, service_sid = self.session, self.service.value
        if session is None:
            return
        self._lines = dict.fromkeys(STAGES, "not yet")
        self.start(
            lambda: demonstrate(
                session,
                service_sid,
                timeout=self._timeout,
                on_progress=self._follow,
                cancel=self.cancel,
            ),
            self._done,
            "Showing memory at work.",
            cancellable="Stop the demonstration",
        )

    def _follow(self, now: Progress) -> None:
        """Beside the bar, what each stage is doing."""
        self.progress(now)
        stage, colon, words = now.message.partition(": ")
        if colon and stage in self._lines:
            self._lines[stage] = words
            self.story.value = text.table("Stages", ("Stage", "Now"), list(self._lines.items()))

    def _done(self, shown: Demonstrated) -> None:
        self.shown = shown
        self.before.value = ""
        self.story.value = views.timeline(shown)
        state = "failed" if not shown.shown else "attention" if shown.findings else "done"
        self.enter(state, shown.verdict)

    def _reason(self) -> str:
        if reason := self._unbridged():
            return reason
        bridge = self.contents.bridge(self.service.value)
        if bridge is None or not Options.of(bridge).memory_extraction:
            above = any(isinstance(one, WhatItGives) for one in self.others())
            return OFF_ABOVE if above else OFF_ELSEWHERE
        return ""
