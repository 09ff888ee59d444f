"""
The first page of a report: what a customer keeps of a run.

It is made from what the steps came to, in words for a reader who has never seen the workbook.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from ..errors import BridgeError
from ..onboarding.channels.words import rules_in_words
from ..onboarding.findings import summary
from ..onboarding.options import Options
from ..onboarding.undo import WayBack, command_line, ways_back
from ..version import VERSION
from ..words import counted

if TYPE_CHECKING:
    from ..api.models import Configuration
    from ..api.session import Session
    from ..onboarding.create import Created
    from ..onboarding.findings import Finding
    from ..onboarding.plan import Plan
    from ..onboarding.preflight import Preflight
    from ..onboarding.verify import Lane, Verified
    from .request import Request

GROUPING_IN_WORDS: Final = {
    "GROUP_BY_PROFILE": "by profile",
    "GROUP_BY_PARTICIPANT_ADDRESSES": "by participant addresses",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE": "by participant addresses and channel",
}
LIMITS: Final = (
    "No back-fill: what was written before the bridge is not brought over. An older conversation "
    "appears in Orchestrator with its next message.",
    "No regrouping of chats: each classic conversation becomes one Orchestrator conversation, "
    "whichever grouping is chosen.",
    "Not for HIPAA or PCI work: Conversation Orchestrator is not covered by either.",
)
"""What a bridge does not do; the customer agrees to it. Twilio docs: the classic bridge guide."""


class Run(Protocol):
    """What is known of a run when its summary is made; `None` where it did not come to that."""

    customer: str
    started_at: datetime
    error: BridgeError | None
    request: Request | None
    session: Session | None
    checks: Preflight | None
    created: Created | None
    verified: Verified | None

    @property
    def status(self) -> str:
        """As in `result.json`."""

    @property
    def bridge(self) -> Configuration | None:
        """The configuration that bridges the service."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all steps."""


@dataclass(frozen=True, slots=True)
class Summary:
    """
    One page.

    Attributes:
        status: As in `result.json`.
        title: What it is about: customer and service, by name where they have one.
        verdict: How it ended, a sentence or two.
        advice: What to do about it; empty where all is well.
        facts: Label and value: account, service, who, when.
        changes_title: `What was changed`, or what would be.
        changes: What, before, after; empty when nothing was changed.
        unchanged: Why not, a sentence.
        lanes: The proof's directions; empty where nothing was tested.
        tested: What was sent for it and what became of that, sentences.
        options_known: Whether there is a bridge, or a plan of one, to say what is on and off of.
        off: Title and meaning of what is switched off.
        on: The same of what is on and not among the changes.
        undo: How the bridge is taken away again; empty where there is none.
        next_steps: What to do now: a sentence, and the command for it or nothing.
    """

    status: str
    title: str
    verdict: str
    advice: str
    facts: tuple[tuple[str, str], ...]
    changes_title: str
    changes: tuple[tuple[str, str, str], ...]
    unchanged: str
    lanes: tuple[Lane, ...]
    tested: tuple[str, ...]
    options_known: bool
    off: tuple[tuple[str, str], ...]
    on: tuple[tuple[str, str], ...]
    undo: tuple[WayBack, ...]
    next_steps: tuple[tuple[str, str], ...]

    @property
    def tested_lanes(self) -> tuple[Lane, ...]:
        """The directions in which something was sent, for the picture."""
        return tuple(lane for lane in self.lanes if lane.sent)


def summarize(run: Run) -> Summary:
    """The first page of a run that has ended, or that is as far as it got."""
    plan = run.checks.plan if run.checks else None
    service = run.checks.service if run.checks else None
    bridge = run.bridge
    options = Options.of(bridge) if bridge else plan.options if plan else Options()
    lines = options.lines()
    changes_title, changes, unchanged = _changes(run, plan)
    name = (service and service.friendly_name) or (service and service.sid) or ""
    return Summary(
        status=run.status,
        title=" · ".join(part for part in (run.customer, name) if part) or "Bridge report",
        verdict=_verdict(run),
        advice=_advice(run.error),
        facts=_facts(run, plan),
        changes_title=changes_title,
        changes=changes,
        unchanged=unchanged,
        lanes=run.verified.lanes if run.verified else (),
        tested=_tested(run.verified),
        options_known=bool(bridge or plan),
        off=tuple((title, meaning) for title, on, meaning in lines if not on),
        on=() if changes else tuple((title, meaning) for title, on, meaning in lines if on),
        undo=undo(run),
        next_steps=_next_steps(run),
    )


def _verdict(run: Run) -> str:
    if run.verified is not None and run.verified.verified:
        return f"The bridge works. {run.verified.verdict}"
    if run.status == "planned":
        return "This is a plan. Nothing was written, and nothing stands in its way."
    if run.status == "unverified":
        why = run.error.why if run.error else ""
        return f"The bridge stands, but it is not proven that messages cross. {why}".strip()
    parts = (run.error.what, run.error.why) if run.error else ()
    applied = run.request is not None and run.request.apply
    done = "The bridge was not created." if applied else "The plan could not be finished."
    return " ".join(part for part in (done, *parts) if part)


def _advice(error: BridgeError | None) -> str:
    return error.action if error else ""


def _facts(run: Run, plan: Plan | None) -> tuple[tuple[str, str], ...]:
    session, bridge = run.session, run.bridge
    service = run.checks.service if run.checks else None
    store = run.checks.store if run.checks else None
    findings: Sequence[Finding] = run.findings
    known = (
        ("Customer", _named(run.customer, session.account.sid if session else "")),
        ("Classic service", _named(service.friendly_name, service.sid) if service else ""),
        ("Memory store", _named(store.display_name, store.id) if store else ""),
        ("Configuration", _named(bridge.display_name, bridge.id) if bridge else ""),
        ("Target", _target(run)),
        ("Grouping", GROUPING_IN_WORDS.get(plan.grouping, plan.grouping) if plan else ""),
        ("Checks", summary(findings) if findings else ""),
        ("Run", f"{both_times(run.started_at)}, by {_who()} with bridge-workbook {VERSION}"),
    )
    return tuple((label, value) for label, value in known if value)


def _changes(run: Run, plan: Plan | None) -> tuple[str, tuple[tuple[str, str, str], ...], str]:
    """Title, rows, and why there are none."""
    made = run.created
    there = run.checks.bridged_by if run.checks else None
    if made is not None and made.outcome == "adopted":
        words = "Nothing: the service was bridged like this already, and that bridge was kept."
        return "What was changed", (), words
    if made is None and there is not None:
        words = f"Nothing: the service is bridged already, by {there.display_name or there.id}."
        return "What would be changed" if _dry(run) else "What was changed", (), words
    if made is None and not _dry(run):
        refused = run.checks is None or not run.checks.ok
        words = "Nothing was written." if refused else "Not known: the step above did not end."
        return "What was changed", (), words
    if plan is None:
        return "What would be changed", (), "Not known: the checks did not come to their end."
    name = plan.display_name
    rows = [
        ("Configuration in Orchestrator", "none for this service", f"{name}: new"),
        (
            "Messages of the service",
            "in classic only",
            "in classic, and from now on in Orchestrator too",
        ),
    ]
    rows += [
        (
            f"{one.channel} beside the bridge",
            "not captured by this bridge",
            "; ".join(rules_in_words(one.channel, one.rules)),
        )
        for one in plan.all_captures
    ]
    rows += [(title, "–", meaning) for title, on, meaning in plan.options.lines() if on]
    return ("What was changed" if made else "What would be changed"), tuple(rows), ""


def _tested(verified: Verified | None) -> tuple[str, ...]:
    if verified is None:
        return ()
    sent = sum(lane.sent for lane in verified.lanes)
    told = [
        f"{counted(sent, 'test message')} in a conversation of its own ({verified.test_name}), "
        "between two made-up people, so that nobody was written to."
    ]
    if verified.kept:
        told.append(f"Its conversations were kept for support. To remove them: {verified.kept}")
    elif any((one.check, one.level) == ("clean-up", "warning") for one in verified.findings):
        told.append("Some of what the test made could not be removed; the appendix says what.")
    else:
        told.append("All that the test made was removed again.")
    return tuple(told)


def undo(run: Run) -> tuple[WayBack, ...]:
    """How the bridge is taken away again, as far as one stands."""
    bridge = run.bridge
    if run.session is None or bridge is None or not bridge.service_sid:
        return ()
    return ways_back(run.session, bridge.service_sid, bridge.id, bridge.display_name or "")


def _next_steps(run: Run) -> tuple[tuple[str, str], ...]:
    if run.status == "planned" and run.bridge is not None:
        return (("To prove that the bridge works, run the same again with --apply.", ""),)
    if run.status == "planned":
        return (("To build the bridge, run the same again with --apply.", ""),)
    if run.status == "verified":
        return (
            ("Keep replying through classic: the bridge carries the replies over.", ""),
            ("Watch for three days, every hour, whether everything arrives.", _watch(run)),
        )
    if run.status == "unverified":
        words = (
            "Keep replying through classic, which works as before. Do not rely on Orchestrator "
            "until a test has passed."
        )
        return ((words, ""),)
    return (("The customer's classic service works as before.", ""),)


def _watch(run: Run) -> str:
    """The command that compares again and again, for as long as the sentence before it says."""
    if run.session is None or run.bridge is None or not run.bridge.service_sid:
        return ""
    command = command_line("reconcile", run.bridge.service_sid, run.session.target)
    return f"{command} --every {60 * 60} --for {3 * 24 * 60 * 60}"


def _dry(run: Run) -> bool:
    return run.request is None or not run.request.apply


def _target(run: Run) -> str:
    if run.session is None:
        return run.request.target if run.request else ""
    account = run.session.account
    if account.target == "sandbox":
        return "sandbox: a rehearsal, nothing of it reached Twilio"
    return f"Twilio, region {account.region or 'us1'}"


def _named(name: str | None, sid: str | None) -> str:
    return f"{name} ({sid})" if name and sid else name or sid or ""


def _who() -> str:
    """The user of the machine; not everywhere does one have a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "an unnamed user"


def both_times(moment: datetime) -> str:
    """A moment in local time and in UTC: `24 November 2026, 19:34 CET (18:34 UTC)`."""
    local = moment.astimezone()
    utc = moment.astimezone(UTC)
    told = f"{local.day} {local:%B %Y, %H:%M} {local.tzname() or ''}".strip()
    if local.utcoffset() == utc.utcoffset():
        return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
    there = "" if local.date() == utc.date() else f"{utc.day} {utc:%B}, "
    return f"{told} ({there}{utc:%H:%M} UTC)"
