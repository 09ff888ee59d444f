"""Step 03: a test message in both directions, with its latency, and what tests left behind."""

from __future__ import annotations

from dataclasses import replace

from ..api.session import Session
from ..onboarding.findings import Finding
from ..onboarding.journal import Journal, Scope
from ..onboarding.plan import check_field
from ..onboarding.reactions import reactions
from ..onboarding.sweep import Swept, sweep
from ..onboarding.verify import LANES, Verified, remove_kept, verify
from ..progress import Progress
from . import proof_views, text
from .connection import Connection
from .contents import Contents, fill, load_account
from .step import StepPanel
from .values import Choices
from .widgets import Choice, HtmlView, Picker, column, row, show

ROUNDS = [
    {"value": "1", "title": "Once", "detail": "One message each way: does it cross at all?"},
    {"value": "5", "title": "5 times", "detail": "Enough for a median."},
    {"value": "20", "title": "20 times", "detail": "Shows how much it varies."},
]
AFTER_FAILURE = [
    {"value": "remove", "title": "Remove it all", "detail": "Nothing of the test stays."},
    {
        "value": "keep",
        "title": "Keep its conversations",
        "detail": "For Twilio's support to look at, until you remove them here.",
    },
]
SEND = "Send a test message"
SEND_KNOWING = "Yes, send the test message"


class ProveBridge(StepPanel):
    """
    What will react, one button, then the lanes; and a look for leftovers.

    Attributes:
        named: What will react to a message in the chosen service, once it was looked at.
        verified: The result of the test, once there is one.
        swept: What the look for leftovers found, once there was one.
    """

    name = "Test the bridge"
    command = "bridge-workbook onboard --service-sid IS… --apply"
    lead = (
        "Makes a classic conversation with two invented identities, sends through the bridge, "
        "and removes what it made. Nobody outside gets a message."
    )

    def __init__(
        self, connection: Connection, service_sid: str = "", sync_timeout: float = 30.0
    ) -> None:
        super().__init__()
        self.contents = Contents()
        self.named: tuple[Finding, ...] | None = None
        self.verified: Verified | None = None
        self.swept: Swept | None = None
        self._injected = service_sid
        self._timeout = sync_timeout
        self._asked = False
        self._counted = Progress("running", "", 0.0)
        self.service = Picker("Classic service", help="Only a bridged service can be tested.")
        self.rounds = Choice("How often", options=ROUNDS, value="1")
        self.after_failure = Choice(
            "After a test that fails", options=AFTER_FAILURE, value="remove"
        )
        self.go = self.button(SEND, self.press, "primary")
        self.reload = self.button("Look again", self.again)
        self.search = self.button("Look for leftovers of earlier tests", self.look_for_leftovers)
        self.take_away = self.button("Remove the leftovers", self.remove_leftovers, "danger")
        self.end_keeping = self.button("Remove the test conversation", self.stop_keeping, "danger")
        self.reacts = HtmlView()
        self.story = HtmlView()
        self._lanes: dict[str, str] = {}
        self.controls.children = [
            row(self.service, column(self.rounds), column(self.after_failure)),
            self.reacts,
        ]
        self.actions.children = [
            self.go,
            self.reload,
            self.end_keeping,
            self.search,
            self.take_away,
            self.stop,
        ]
        self.on_change(self.service, self._picked)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read the services, and which of them are bridged."""
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
        """Send and follow; on the customer's account only after what reacts was shown."""
        session = self.session
        if session is None or self.go.disabled:
            return
        if session.target == "twilio" and not self._asked:
            self._ask()
            return
        service_sid = check_field("service_sid", self.service.value)
        rounds, timeout = int(self.rounds.value), self._timeout
        keep = self.after_failure.value == "keep"
        self._lanes = dict.fromkeys(LANES, "not yet")
        self._counted = Progress("running", "", 0.0)
        self.verified = self.swept = None
        self.result.children = [self.story]
        self.story.value = ""
        self.start(
            lambda: verify(
                session,
                service_sid,
                timeout=timeout,
                rounds=rounds,
                keep=keep,
                on_progress=self._follow,
                cancel=self.cancel,
            ),
            self._done,
            "Sending test messages and following them.",
            cancellable="Stop the test",
        )

    def stop_keeping(self) -> None:
        """Remove what a failed test kept for support."""
        session, verified = self.session, self.verified
        if session is None or verified is None:
            return
        self.start(
            lambda: remove_kept(session, verified, on_progress=self.progress, cancel=self.cancel),
            self._removed,
            "Removing the test conversation.",
        )

    def look_for_leftovers(self) -> None:
        """Look through the chosen service; nothing is removed."""
        self._sweep(apply=False, words="Looking for leftovers of earlier tests.")

    def remove_leftovers(self) -> None:
        """Look again, and remove what is there."""
        self._sweep(apply=True, words="Removing leftovers of earlier tests.")

    def refresh(self) -> None:
        """Enable what can be used, and name on the button what a press does."""
        self.go.label = SEND_KNOWING if self._asked else SEND
        self.go.allow(self._reason())
        idle = "working" if self.busy or self.session is None else ""
        self.reload.allow(idle)
        self.search.allow(idle or ("" if self.service.value else "pick a classic service"))
        self.take_away.allow(idle)
        self.end_keeping.allow(idle)
        show(self.take_away, bool(self.swept and self.swept.counted("found")))
        show(self.end_keeping, bool(self.verified and self.verified.kept))
        for control in (self.service, self.rounds, self.after_failure):
            control.disabled = self.busy

    # ------------------------------------------------------------------ the worker

    def _loaded(self, contents: Contents) -> None:
        if self.session is None:
            return
        self.contents = contents
        with self.filling():
            fill(
                self.service,
                contents.service_options(),
                Choices(self.session).value("service_sid", self._injected),
                "This account has no classic service.",
            )
        self._look()

    def _picked(self) -> None:
        if self.session is not None and not self.busy and self.service.value:
            Choices(self.session).keep(service_sid=self.service.value)
            self.service.source = ""
            self._forget()
            self._look()
            self.refresh()

    def _forget(self) -> None:
        """What was shown of another service or account."""
        self.named = self.verified = self.swept = None
        self._asked = False
        self.reacts.value = self.story.value = ""
        self.result.children = []

    def _look(self) -> None:
        """See what will react, before anything can be sent."""
        session, service_sid = self.session, self.service.value
        bridge = self.contents.bridge(service_sid)
        if session is None or bridge is None:
            self._say_ready()
            return
        self.start(
            lambda: reactions(session, service_sid, bridge),
            self._name,
            "Looking at what will react to a test message.",
        )

    def _name(self, named: tuple[Finding, ...]) -> None:
        self.named = named
        self.reacts.value = proof_views.reactions_list(named)
        self._say_ready()

    def _say_ready(self) -> None:
        there = self.contents.bridge(self.service.value)
        if not self.service.value:
            self.enter("attention", "Pick a classic service.")
        elif there is None:
            self.enter("attention", "This service is not bridged yet. Open 02 and create it first.")
        else:
            self.enter("ready", f"Bridged by {there.display_name or there.id}. Ready to test.")

    def _ask(self) -> None:
        """The first press on the customer's account sends nothing."""
        if self.named is None:
            # The look was stopped: who agrees has to have seen what reacts.
            self._look()
            return
        self._asked = True
        self.enter(
            "attention",
            "This sends messages in the customer's account. What reacts to them is listed "
            f"above. Nothing was sent yet: press “{SEND_KNOWING}” to send.",
        )
        self.refresh()

    def _follow(self, now: Progress) -> None:
        """Beside the bar, what each lane is doing; other messages are the bar's alone."""
        lane, colon, words = now.message.partition(": ")
        if now.total:
            self._counted = now
        elif colon and lane in self._lanes:
            # A wait counts nothing: the bar stays where it was.
            now = replace(now, done=self._counted.done, total=self._counted.total)
        self.progress(now)
        if colon and lane in self._lanes:
            self._lanes[lane] = words
            rows = list(self._lanes.items())
            self.story.value = text.table("Lanes", ("Direction", "Now"), rows)

    def _done(self, verified: Verified) -> None:
        session = self.session
        if session is None:
            return
        self._show(verified)
        state = "done" if verified.verified else "failed"
        doubts = any(one.level == "warning" for one in verified.findings)
        if verified.verified and (doubts or not verified.complete):
            state = "attention"
        scope = Scope.of(session, verified.service_sid)
        Journal().record(scope, "verify", state, verified.verdict)
        words = {
            "done": "The bridge works. Next: open 05 and look at the conversations.",
            "attention": "The bridge works, but not all went as planned: see below.",
            "failed": "The test message did not cross. See below what to look at.",
        }
        self.enter(state, words[state])

    def _removed(self, verified: Verified) -> None:
        self._show(verified)
        state = "attention" if verified.kept else "failed"
        self.enter(state, " ".join(verified.cleaned) or "Nothing was left to remove.")

    def _show(self, verified: Verified) -> None:
        self.verified = verified
        self._asked = False
        self.result.children = [HtmlView(value=proof_views.result(verified))]

    def _sweep(self, *, apply: bool, words: str) -> None:
        session = self.session
        if session is None:
            return
        service_sid = check_field("service_sid", self.service.value)
        self.start(
            lambda: sweep(
                session, service_sid, apply=apply, on_progress=self.progress, cancel=self.cancel
            ),
            self._found,
            words,
            cancellable="Stop looking",
        )

    def _found(self, swept: Swept) -> None:
        self.swept = swept
        self.result.children = [HtmlView(value=proof_views.leftovers(swept))]
        self.enter("done" if swept.ok else "attention", swept.summary)

    def _reason(self) -> str:
        if self.session is None:
            return "connect first"
        if self.busy:
            return "working"
        if not self.service.value:
            return "pick a classic service"
        if self.contents.bridge(self.service.value) is None:
            return "this service is not bridged yet: open 02"
        return ""
