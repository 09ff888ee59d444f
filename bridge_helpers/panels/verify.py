"""Step 03: a test message in both directions, with its latency."""

from __future__ import annotations

from ..api.session import Session
from ..onboarding import links
from ..onboarding.journal import Journal, Scope
from ..onboarding.plan import Plan, check_field
from ..onboarding.round_trip import REPLY, TO_CLASSIC, TO_ORCHESTRATOR, Lane
from ..onboarding.verify import WHERE_TO_LOOK, Verified, verify
from ..progress import Progress
from . import text
from .connection import Connection
from .contents import Contents, fill, load_account
from .preflight import finding_line
from .step import StepPanel
from .text import Html
from .values import Choices
from .widgets import Choice, HtmlView, Picker, column, row

PROBES = [
    {"value": "1", "title": "Once", "detail": "One message each way: does it cross at all?"},
    {"value": "5", "title": "5 times", "detail": "Enough for a median."},
    {"value": "20", "title": "20 times", "detail": "Shows how much it varies."},
]


class ProveBridge(StepPanel):
    """
    One button, then the lanes.

    Attributes:
        verified: The result of the step, once there is one.
    """

    name = "Test the bridge"
    lead = (
        "Makes a classic conversation with two invented identities, sends through the bridge, "
        "and removes what it made. Nobody outside gets a message."
    )

    def __init__(
        self, connection: Connection, service_sid: str = "", sync_timeout: float = 30.0
    ) -> None:
        super().__init__()
        self.contents = Contents()
        self.verified: Verified | None = None
        self._injected = service_sid
        self._timeout = sync_timeout
        self.service = Picker("Classic service", help="Only a bridged service can be tested.")
        self.probes = Choice("How often", options=PROBES, value="1")
        self.go = self.button("Send a test message", self.press, "primary")
        self.reload = self.button("Look again", self.again)
        self.story = HtmlView()
        self._lanes: dict[str, str] = {}
        self.controls.children = [row(self.service, column(self.probes))]
        self.actions.children = [self.go, self.reload, self.stop]
        self.on_change(self.service, self._picked)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read the services, and which of them are bridged."""
        self.session = session
        self.result.children = []
        self.start(
            lambda: load_account(session), self._loaded, "Reading services and configurations."
        )

    def lost(self) -> None:
        self.contents = Contents()
        self.verified = None
        self.result.children = []
        self.story.value = ""
        with self.filling():
            self.service.clear()
        super().lost()

    def press(self) -> None:
        """Send and follow."""
        session = self.session
        if session is None or self.go.disabled:
            return
        planned = Plan(service_sid=check_field("service_sid", self.service.value))
        count, timeout = int(self.probes.value), self._timeout
        self._lanes = dict.fromkeys((TO_ORCHESTRATOR, REPLY, TO_CLASSIC), "not yet")
        self.result.children = [self.story]
        self.story.value = ""
        self.start(
            lambda: verify(
                session,
                planned,
                timeout=timeout,
                probes=count,
                on_progress=self._follow,
                cancel=self.cancel,
            ),
            self._done,
            "Sending test messages and following them.",
            cancellable="Stop the test",
        )

    def refresh(self) -> None:
        self.go.allow(self._reason())
        self.reload.allow("working" if self.busy or self.session is None else "")
        self.service.disabled = self.probes.disabled = self.busy

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
        self._say_ready()

    def _picked(self) -> None:
        if self.session is not None and not self.busy and self.service.value:
            Choices(self.session).keep(service_sid=self.service.value)
            self.service.source = ""
            self.result.children = []
            self._say_ready()
            self.refresh()

    def _say_ready(self) -> None:
        there = self.contents.bridge(self.service.value)
        if not self.service.value:
            self.enter("attention", "Pick a classic service.")
        elif there is None:
            self.enter("attention", "This service is not bridged yet. Open 02 and create it first.")
        else:
            self.enter("ready", f"Bridged by {there.display_name or there.id}. Ready to test.")

    def _follow(self, now: Progress) -> None:
        """Beside the bar, what each lane is doing; other messages are the bar's alone."""
        self.progress(now)
        lane, colon, words = now.message.partition(": ")
        if colon and lane in self._lanes:
            self._lanes[lane] = words
            rows = list(self._lanes.items())
            self.story.value = text.table("Lanes", ("Direction", "Now"), rows)

    def _done(self, verified: Verified) -> None:
        session = self.session
        if session is None:
            return
        self.verified = verified
        self.result.children = [HtmlView(value=_result(verified))]
        state = "done" if verified.verified else "failed"
        if verified.verified and any(one.level == "warning" for one in verified.findings):
            state = "attention"
        Journal().record(
            Scope.of(session, check_field("service_sid", self.service.value)),
            "verify",
            state,
            verified.verdict,
        )
        self.enter(
            state,
            "The bridge works. Next: open 05 and look at the conversations."
            if verified.verified
            else "The test message did not cross. See below what to look at.",
        )

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


def _result(verified: Verified) -> Html:
    parts: list[object] = [
        text.box(
            "ok" if verified.verified else "error",
            text.html("<strong>{}</strong>", verified.verdict),
        ),
        lanes_table(verified.lanes),
        lanes_chart(verified.lanes),
    ]
    if not verified.verified:
        parts.append(
            text.box(
                "warning",
                text.html("<p>{}</p>", WHERE_TO_LOOK),
                text.link(links.TROUBLESHOOTING, "Troubleshooting at Twilio"),
            )
        )
    if verified.findings:
        parts.append(
            text.html(
                '<ul class="bw-findings">{}</ul>',
                text.joined(map(finding_line, verified.findings)),
            )
        )
    parts.append(
        text.facts(
            [
                ("Classic conversation", text.code(verified.conversation_sid)),
                ("Orchestrator conversation", text.code(verified.conversation_id or "not seen")),
                ("Cleaned up", " ".join(verified.cleaned) or "nothing"),
            ]
        )
    )
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def lanes_table(lanes: tuple[Lane, ...]) -> Html:
    """One row for each direction."""
    return text.table(
        "Lanes",
        ("Direction", "Verdict", "Sent", "Seen", "Median", "95th percentile"),
        [
            (
                lane.name,
                text.level_pill("ok" if lane.ok else "error"),
                lane.sent,
                len(lane.seconds),
                text.seconds(lane.median),
                text.seconds(lane.p95),
            )
            for lane in lanes
        ],
    )


def lanes_chart(lanes: tuple[Lane, ...]) -> Html:
    """A strip for each direction, one mark a message; nothing where there is one message only."""
    if max((len(lane.seconds) for lane in lanes), default=0) < 2:
        return Html("")
    from ..data.charts import latency_chart

    words = "; ".join(f"{lane.name}: median {text.seconds(lane.median)}" for lane in lanes)
    return text.picture(
        latency_chart({lane.name: lane.seconds for lane in lanes}),
        f"Seconds from sent to seen. {words}.",
    )
