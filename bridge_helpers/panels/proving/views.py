"""What the panel of step 03 shows: who reacts, the lanes, and leftovers."""

from __future__ import annotations

from ...data.charts import latency_chart
from ...onboarding import links
from ...onboarding.findings import Finding
from ...onboarding.sweep import Leftover, Swept
from ...onboarding.verify import Lane, Verified
from ..toolkit import text
from ..toolkit.findings import finding_lines
from ..toolkit.text import Html

ROUNDS = [
    {"value": "1", "title": "Once", "detail": "Does it cross?"},
    {"value": "5", "title": "5 times", "detail": "For a median."},
    {"value": "20", "title": "20 times", "detail": "How it varies."},
]
AFTER_FAILURE = [
    {"value": "remove", "title": "Remove it all", "detail": "Nothing of the test stays."},
    {
        "value": "keep",
        "title": "Keep its conversations",
        "detail": "For Twilio's support to look at, until you remove them here.",
    },
]
LEFTOVERS_EXPLAINED = text.html(
    "<p>A test removes what it made. One whose process was killed cannot: its conversations and "
    "Users are found by their names, which begin with <code>bridge-test-</code>.</p>"
)
LANE_LEVELS = {"crossed": "ok", "did not cross": "error"}


def reactions_list(named: tuple[Finding, ...]) -> Html:
    """What will react to a test message; what does not is one line."""
    reacting = [one for one in named if one.level != "ok"]
    quiet = ", ".join(one.check for one in named if one.level == "ok")
    parts: list[object] = [text.html("<h3>What reacts to a test message</h3>")]
    if reacting:
        parts.append(finding_lines(reacting))
    if quiet:
        parts.append(text.html("<p>Looked at, and nothing there: {}.</p>", quiet))
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def result(verified: Verified) -> Html:
    """The verdict, the lanes, what to look at after a failure, and what was cleaned up."""
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
                text.html("<p>{}</p>", verified.where_to_look),
                text.link(links.TROUBLESHOOTING, "Troubleshooting at Twilio"),
            )
        )
    if verified.findings:
        parts.append(finding_lines(verified.findings))
    parts.append(
        text.facts(
            [
                ("Begun", f"{verified.started_at:%Y-%m-%d %H:%M:%S} UTC"),
                ("Classic conversation", text.code(verified.conversation_sid)),
                ("Orchestrator conversation", text.code(verified.conversation_id or "not seen")),
                ("Cleaned up", " ".join(verified.cleaned) or "nothing"),
            ]
        )
    )
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def lanes_table(lanes: tuple[Lane, ...]) -> Html:
    """One row for each direction; one that was not tested says why."""
    return text.table(
        "Lanes",
        ("Direction", "Verdict", "Sent", "Seen", "Median", "95th percentile"),
        [
            (
                lane.name,
                f"not tested: {lane.not_tested}"
                if lane.state == "not tested"
                else text.level_pill(LANE_LEVELS[lane.state]),
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
    drawn = latency_chart({lane.name: lane.seconds for lane in lanes if lane.seconds})
    if not drawn:
        return Html("")
    words = "; ".join(
        f"{lane.name}: median {text.seconds(lane.median)}" for lane in lanes if lane.seconds
    )
    return text.picture(drawn, f"Seconds from sent to seen. {words}.")


def leftovers(swept: Swept) -> Html:
    """What was found, thing by thing, and what could not be looked at or removed."""
    parts: list[object] = []
    if swept.leftovers:
        parts.append(
            text.table(
                "Leftovers of earlier tests",
                ("What", "Id", "Name", "Last sign of life", "State"),
                [_leftover(one) for one in swept.leftovers],
            )
        )
    if swept.findings:
        parts.append(finding_lines(swept.findings))
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def _leftover(one: Leftover) -> tuple[object, ...]:
    at = f"{one.at:%Y-%m-%d %H:%M} UTC" if one.at else "not known"
    return one.kind, text.code(one.id), one.name, at, one.state
