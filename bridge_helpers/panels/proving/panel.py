"""Step 03: a test message in both directions, with its latency, and what tests left behind."""

from __future__ import annotations

from dataclasses import replace

from ...api.session import Session
from ...errors import InvalidInput, NotBridged
from ...onboarding.findings import Finding
from ...onboarding.journal import Journal, Scope
from ...onboarding.plan import check_field, check_sync_timeout
from ...onboarding.reactions import reactions
from ...onboarding.sweep import Swept, sweep
from ...onboarding.verify import LANES, Verified, remove_kept, verify
from ...progress import Progress
from ...words import counted
from ..toolkit import text
from ..toolkit.confirm import Question
from ..toolkit.connection import Connection
from ..toolkit.fold import Folds
from ..toolkit.service import ServicePanel
from ..toolkit.widgets import Choice, Field, HtmlView, column, row, show
from . import views

SEND = "Send a test message"
SEND_KNOWING = "Yes, send the test message"
NOT_YET = "not yet"


class ProveBridge(ServicePanel):
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
        super().__init__(service_sid, "Only a bridged service can be tested.")
        self.named: tuple[Finding, ...] | None = None
        self.verified: Verified | None = None
        self.swept: Swept | None = None
        self._counted = Progress("running", "", 0.0)
        self.rounds = Choice("How often", options=views.ROUNDS, value="1", arrangement="row")
        self.patience = Field(
            "Wait at most (seconds)",
            value=f"{sync_timeout:g}",
            help="For each message, up to 3600. One that arrives later counts as lost.",
        )
        self.after_failure = Choice(
            "After a test that fails",
            options=views.AFTER_FAILURE,
            value="remove",
            arrangement="row",
        )
        self.go = self.button(SEND, self.press, "primary")
        self.reload = self.button("Look again", self.again)
        self.search = self.button("Look for leftovers of earlier tests", self.look_for_leftovers)
        self.take_away = self.button("Remove the leftovers", self.remove_leftovers, "danger")
        self.end_keeping = self.button("Remove the test conversation", self.stop_keeping, "danger")
        self.reacts = HtmlView()
        self.story = HtmlView()
        self.found = HtmlView()
        self._lanes: dict[str, str] = {}
        self.question = Question(self)
        leftovers = column(
            HtmlView(value=views.LEFTOVERS_EXPLAINED),
            row(self.search, self.take_away, style="bw-actions"),
            self.found,
        )
        self.folds = Folds(
            self,
            {
                "More settings": row(self.patience, self.after_failure),
                "Leftovers": leftovers,
            },
        )
        self.controls.children = [
            row(column(self.service, style="bw-short"), self.rounds),
            self.reacts,
        ]
        self.actions.children = [
            self.onward,
            self.go,
            self.reload,
            self.end_keeping,
            self.stop,
            row(*self.folds.buttons, style="bw-folds"),
        ]
        self.add_below_actions(self.question.widget, self.folds.below)
        self.on_change(self.patience, self._timed)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def press(self) -> None:
        """Send and follow; on the customer's account only after asking."""
        session = self.session
        if session is None or self.go.disabled:
            return
        service_sid = check_field("service_sid", self.service.value)
        if session.target != "twilio":
            self._send(session, service_sid)
        elif self.named is None:
            # The look was stopped: who agrees has to have seen what reacts.
            self._show_service()
        else:
            self.question.ask(
                text.html(
                    "This sends messages in <strong>Twilio account {}</strong>. What reacts to "
                    "them is listed above. Nothing was sent yet.",
                    text.short(session.account.sid),
                ),
                SEND_KNOWING,
                lambda: self._send(session, service_sid),
            )

    def _send(self, session: Session, service_sid: str) -> None:
        rounds, timeout = int(self.rounds.value), self._timeout()
        keep = self.after_failure.value == "keep"
        self._lanes = dict.fromkeys(LANES, NOT_YET)
        self._counted = Progress("running", "", 0.0)
        self.verified = self.swept = None
        self.result.children = [self.story]
        self.story.value = self.found.value = ""
        self.offer()
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
            "Looking whether the bridge is there, then sending test messages.",
            failed=self._ended,
            cancellable="Stop the test",
        )

    def stop_keeping(self) -> None:
        """Remove what a failed test kept for support."""
        session, verified = self.session, self.verified
        if session is None or verified is None:
            return
        # What was found may be what is removed now, and so may what was asked about it.
        self.swept = None
        self.found.value = ""
        self.question.withdraw()
        self.start(
            lambda: remove_kept(session, verified, on_progress=self.progress, cancel=self.cancel),
            self._removed,
            "Removing the test conversation.",
        )

    def look_for_leftovers(self) -> None:
        """Look through the chosen service; nothing is removed."""
        self._sweep(apply=False, words="Looking for leftovers of earlier tests.")

    def remove_leftovers(self) -> None:
        """Look again, and remove what is there; on the customer's account only after asking."""
        session, swept = self.session, self.swept
        if session is None or swept is None:
            return

        def remove() -> None:
            self._sweep(apply=True, words="Removing leftovers of earlier tests.")

        if session.target != "twilio":
            remove()
            return
        count = counted(swept.counted("found"), "leftover")
        self.question.ask(
            text.html(
                "This removes {} of earlier tests, as listed below, from <strong>Twilio account "
                "{}</strong>.",
                count,
                text.short(session.account.sid),
            ),
            f"Yes, remove {count}",
            remove,
        )

    def refresh(self) -> None:
        """Enable what can be used, and say why the rest cannot."""
        self.go.allow(self._reason())
        idle = "working" if self.busy or self.session is None else ""
        self.reload.allow(idle)
        self.search.allow(idle or ("" if self.service.value else "pick a classic service"))
        self.take_away.allow(idle)
        self.end_keeping.allow(idle)
        show(self.take_away, bool(self.swept and self.swept.counted("found")))
        show(self.end_keeping, bool(self.verified and self.verified.kept))
        for control in (self.service, self.rounds, self.after_failure, self.patience):
            control.disabled = self.busy

    # ------------------------------------------------------------------ the worker

    def _forget(self) -> None:
        """What was shown of another service or account."""
        self.named = self.verified = self.swept = None
        self.question.withdraw()
        self.offer()
        self.reacts.value = self.story.value = self.found.value = ""
        self.result.children = []

    def _show_service(self) -> None:
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
        self.reacts.value = views.reactions_list(named)
        self._say_ready()

    def _say_ready(self) -> None:
        there = self.contents.bridge(self.service.value)
        if not self.service.value:
            self.enter("attention", "Pick a classic service.")
        elif there is None:
            self._say_unbridged()
        else:
            self.enter("ready", f"Bridged by {there.display_name or there.id}. Ready to test.")

    def _timed(self) -> None:
        """The wait was changed: say at once where it is no number of seconds."""
        self.patience.error = ""
        try:
            self._timeout()
        except InvalidInput as error:
            self.patience.error = error.rule
            self.folds.open("More settings")
        self.refresh()

    def _timeout(self) -> float:
        try:
            seconds: object = float(self.patience.value)
        except ValueError:
            seconds = self.patience.value
        return check_sync_timeout(seconds)

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
            self._tell_lanes()

    def _tell_lanes(self) -> None:
        rows = list(self._lanes.items())
        self.story.value = text.table("Lanes", ("Direction", "Now"), rows)

    def _ended(self, error: Exception) -> None:
        """No round came to its end: what was seen of the lanes stays, the others say so."""
        ended = "not tested: the test ended before"
        self._lanes = {
            lane: ended if words == NOT_YET else words for lane, words in self._lanes.items()
        }
        self._tell_lanes()
        if isinstance(error, NotBridged):
            bridges = self.contents.configurations
            gone = self.contents.bridge(self.service.value)
            self.contents = replace(
                self.contents, configurations=tuple(one for one in bridges if one is not gone)
            )

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
        if verified.verified:
            self.offer("05_explore_conversations", "Open 05: look at the conversations")

    def _removed(self, verified: Verified) -> None:
        self._show(verified)
        state = "attention" if verified.kept else "failed"
        self.enter(state, " ".join(verified.cleaned) or "Nothing was left to remove.")

    def _show(self, verified: Verified) -> None:
        self.verified = verified
        self.result.children = [HtmlView(value=views.result(verified))]

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
        self.found.value = views.leftovers(swept)
        left = swept.counted("found", "young", "not ours alone")
        self.enter("done" if swept.ok and not left else "attention", swept.summary)

    def _reason(self) -> str:
        if reason := self._unready():
            return reason
        if self.question.asked:
            return "answer below"
        if self.patience.error:
            return "correct: Wait at most"
        return self._unbridged()
