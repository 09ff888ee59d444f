"""Step 03 and 08: memory and intelligence shown at work on a test conversation."""

from __future__ import annotations

from ..api.session import Session
from ..onboarding.demonstrate import STAGES, TIMEOUT, Demonstrated, announce, demonstrate
from ..onboarding.findings import Finding
from ..onboarding.options import Options
from ..progress import Progress
from ..words import sentence
from . import benefit_views, text
from .confirm import Question
from .connection import Connection
from .contents import Contents, fill, load_account
from .step import StepPanel
from .values import Choices
from .widgets import HtmlView, Picker


class ShowItWork(StepPanel):
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
        super().__init__()
        self.contents = Contents()
        self.named: tuple[Finding, ...] | None = None
        self.shown: Demonstrated | None = None
        self._injected = service_sid
        self._timeout = timeout
        self._lines: dict[str, str] = {}
        self.service = Picker("Classic service")
        self.go = self.button("Show it work", self.press, "primary")
        self.reload = self.button("Look again", self.again)
        self.question = Question(self)
        self.before, self.story = HtmlView(), HtmlView()
        self.controls.children = [self.service]
        self.actions.children = [self.go, self.reload, self.stop]
        self.on_change(self.service, self._picked)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read the services, and whether memory is on."""
        self.session = session
        self._forget()
        self.start(
            lambda: load_account(session), self._loaded, "Reading services and configurations."
        )

    def lost(self) -> None:
        """Remove contents and result."""
        self.contents = Contents()
        self._forget()
        with self.filling():
            self.service.clear()
        super().lost()

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

    def refresh(self) -> None:
        """Enable the button when there is a bridge with memory on."""
        self.go.allow(self._reason() or ("answer below first" if self.question.asked else ""))
        self.reload.allow("working" if self.busy or self.session is None else "")
        self.service.disabled = self.busy

    # ------------------------------------------------------------------ the worker

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
        self._say_ready()

    def _picked(self) -> None:
        if self.session is not None and not self.busy and self.service.value:
            Choices(self.session).keep(service_sid=self.service.value)
            self.service.source = ""
            self._forget()
            self._say_ready()
            self.refresh()

    def _forget(self) -> None:
        self.named = self.shown = None
        self.question.withdraw()
        self.before.value = self.story.value = ""
        self.result.children = []

    def _say_ready(self) -> None:
        reason = self._reason()
        if reason:
            self.enter("attention", sentence(reason))
        else:
            self.enter("ready", "Nothing was sent yet.")

    def _ask(self, named: tuple[Finding, ...]) -> None:
        self.named = named
        self.before.value = text.html(
            "<h3>What it costs and who reacts</h3>{}", benefit_views.findings(named)
        )
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
        self.story.value = benefit_views.timeline(shown)
        state = "failed" if not shown.shown else "attention" if shown.findings else "done"
        self.enter(state, shown.verdict)

    def _reason(self) -> str:
        if self.session is None:
            return "connect first"
        if self.busy:
            return "working"
        if not self.service.value:
            return "pick a classic service"
        bridge = self.contents.bridge(self.service.value)
        if bridge is None:
            return "this service is not bridged yet: open 02"
        if not Options.of(bridge).memory_extraction:
            return "memory extraction is off: switch it on in 08, then press Look again"
        return ""
