"""Step 00: the map of the steps, with the state of each from the journal and the account."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..api.session import Session
from ..onboarding.journal import Attempt, Journal, Scope
from ..onboarding.journal import Step as Recorded
from ..onboarding.journal.earlier import gone_with_a_sandbox
from ..sandbox_process import sandbox_record
from .toolkit import text
from .toolkit.connection import Connection
from .toolkit.contents import Contents, load_account
from .toolkit.follow import follow
from .toolkit.step import StepPanel
from .toolkit.text import Html
from .toolkit.values import Choices
from .toolkit.widgets import HtmlView

STEPS = (
    (
        "01_preflight",
        "Check the prerequisites",
        "Pick service, store and number; see what is missing.",
    ),
    ("02_create_bridge", "Create the bridge", "See the request, send it, wait for it."),
    ("03_test_bridge", "Test the bridge", "A message in both directions, with its latency."),
    (
        "04_combine_channels",
        "Combine channels",
        "Add voice, SMS, WhatsApp or RCS beside the bridge.",
    ),
    ("05_explore_conversations", "Explore conversations", "Search, chart, drill down, export."),
    ("06_reconcile", "Reconcile", "Every classic conversation against its twin."),
    ("07_change_or_roll_back", "Change or roll back", "Difference, change, snapshot, restore."),
    (
        "08_memory_and_intelligence",
        "Memory and intelligence",
        "Whether they work for bridged conversations.",
    ),
)
RECORDED = {
    "04_combine_channels": "channels",
    "05_explore_conversations": "explore",
    "06_reconcile": "reconcile",
    "07_change_or_roll_back": "change",
    "08_memory_and_intelligence": "benefits",
}
"""What a step that needs a bridge is called in the journal."""

TAKEN_AWAY = {"disconnect": "Disconnected", "delete": "Deleted"}
"""Kinds of writes after which a service has no bridge, as it was wanted."""

WAY = ("01_preflight", "02_create_bridge", "03_test_bridge", "05_explore_conversations")
"""The steps that everybody takes; the others are for whoever needs them."""

WARNS = ("01_preflight", "03_test_bridge")
"""Steps that "need attention" when they are over with a warning."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One step on the map: its state, and why it is so."""

    notebook: str
    title: str
    purpose: str
    state: str
    words: str


class StartMap(StepPanel):
    """
    The steps whose notebooks are here, and where to go on.

    It follows what other notebooks do, through the journal that all of them write.
    """

    _newest_map: StartMap | None = None

    name = "Where you are"
    command = "bridge-workbook history"

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.stops: tuple[Stop, ...] = ()
        self.reload = self.button("Look again", self.again)
        self.actions.children = [self.onward, self.reload]
        self.attach(connection)
        # A cell that is run again has a new map: the old one need not look any more.
        StartMap._newest_map = self
        me = id(self)
        follow(self, alive=lambda: id(StartMap._newest_map) == me)

    def load(self, session: Session) -> None:
        """Read the journal, and look up what it names."""
        self.session = session
        self.start(
            lambda: survey(session),
            lambda stops: self._known(*stops),
            "Looking where you are.",
            # What could not be looked up is not shown as if it still were so.
            failed=lambda _: self._forget(),
        )

    def mark(self) -> object:
        """Changes when a notebook writes the journal, and when a sandbox starts or stops."""
        record = sandbox_record()
        return Journal().newest(), record.url if record else ""

    def changed(self) -> bool:
        """Look again, unless it is looking."""
        if self.busy:
            return False
        self.again()
        return True

    def lost(self) -> None:
        """Show all steps as not started."""
        self._forget()
        super().lost()

    def _forget(self) -> None:
        self.offer()
        self._draw(tuple(_stop(step, "not started", "") for step in steps_here()))

    def refresh(self) -> None:
        """Enable the button while there is a connection and nothing runs."""
        self.reload.allow("working" if self.busy else "" if self.session else "connect first")

    def _known(self, stops: tuple[Stop, ...], service: str) -> None:
        self._draw(stops)
        following = next_stop(stops)
        about = f"{service}: " if service else ""
        number = following.notebook[:2]
        self.enter("ready", f"{about}go on with {number}, {following.title}.")
        self.offer(following.notebook, f"Open {number}: {following.title.lower()}")

    def _draw(self, stops: tuple[Stop, ...]) -> None:
        rows = text.joined(map(_line, stops))
        self.result.children = [HtmlView(value=text.html('<ol class="bw-steps">{}</ol>', rows))]
        self.stops = stops


def steps_here() -> tuple[tuple[str, str, str], ...]:
    """The steps whose notebooks lie beside the one that is open; all where none do."""
    there = {path.stem for path in Path.cwd().glob("0*.ipynb")}
    return tuple(step for step in STEPS if step[0] in there) or STEPS


def next_stop(stops: tuple[Stop, ...]) -> Stop:
    """Where to go on: the step of the way after the last one that is over, or its last."""
    way = [stop for stop in stops if stop.notebook in WAY]
    last = max((n for n, stop in enumerate(way) if _is_over(stop)), default=-1)
    return way[min(last + 1, len(way) - 1)]


def _is_over(stop: Stop) -> bool:
    """Whether a step is over: done, or done with warnings, which do not keep from going on."""
    warned = stop.state == "attention" and stop.notebook in WARNS
    return stop.state == "done" or warned


def survey(session: Session) -> tuple[tuple[Stop, ...], str]:
    """
    The state of each step for the service that was chosen last, and that service's name.

    What the journal names is looked up in the account, where it may have been deleted.
    """
    contents = load_account(session)
    chosen = Choices(session).value("service_sid").text
    if not chosen and len(contents.services) == 1:
        chosen = contents.services[0].sid
    there = any(one.sid.lower() == chosen.lower() for one in contents.services)
    if not chosen or not there:
        first = "ready" if contents.services else "attention"
        words = "" if contents.services else "This account has no classic service."
        found = {"01_preflight": (first, words)}
        return _stops(found), ""
    scope = Scope.of(session, f"IS{chosen[2:].lower()}")
    journal = Journal()
    steps, attempt = journal.steps(scope), journal.latest(scope, "create")
    checked = _last(steps, "preflight")
    bridge = contents.bridge(chosen)
    found = {"01_preflight": _recorded(checked) or ("ready", "Not checked yet.")}
    last = journal.latest(scope)
    found["02_create_bridge"] = _creation(contents, chosen, attempt, last)
    if (
        bridge is None
        and attempt is None
        and (gone := gone_with_a_sandbox(session, scope.service_sid))
    ):
        when = text.ago(gone.changed_at)
        words = f"A bridge made {when} was in an earlier sandbox and is gone with it."
        found["02_create_bridge"] = ("ready", words)
    changed = _recorded(_last(steps, "change"))
    if bridge is None and changed is not None:
        # After a disconnection or a deletion 07 is the way back.
        found["07_change_or_roll_back"] = changed
    if bridge is not None:
        made = attempt.changed_at if attempt else None
        tested = _last(steps, "verify")
        if tested is not None and made is not None and tested.at < made:
            tested = None
        found["03_test_bridge"] = _recorded(tested) or ("ready", "Not tested yet.")
        for notebook, name in RECORDED.items():
            found[notebook] = _recorded(_last(steps, name)) or ("ready", "")
    return _stops(found), contents.service_name(chosen)


def _creation(
    contents: Contents, service_sid: str, attempt: Attempt | None, last: Attempt | None
) -> tuple[str, str]:
    bridge = contents.bridge(service_sid)
    if attempt is not None and attempt.unfinished:
        return "attention", f"Begun {text.ago(attempt.begun_at)} and not over: open it and resume."
    if bridge is not None:
        ours = attempt is not None and attempt.configuration_id == bridge.id
        when = f", created {text.ago(attempt.changed_at)}" if attempt and ours else ""
        return "done", f"{bridge.display_name or bridge.id}{when}."
    if last is not None and last.state == "completed" and last.kind in TAKEN_AWAY:
        when = text.ago(last.changed_at)
        return "ready", f"{TAKEN_AWAY[last.kind]} {when}; 07 can bring the bridge back."
    if attempt is not None and attempt.configuration_id:
        return (
            "attention",
            f"{attempt.configuration_id} is in the journal but gone from the account.",
        )
    if attempt is not None and attempt.state == "failed":
        return "failed", f"{attempt.note or 'It failed.'} ({text.ago(attempt.changed_at)})"
    return "ready", "Not bridged yet."


def _last(steps: list[Recorded], name: str) -> Recorded | None:
    return next((step for step in reversed(steps) if step.step == name), None)


def _recorded(step: Recorded | None) -> tuple[str, str] | None:
    return (step.state, f"{step.detail} ({text.ago(step.at)})") if step else None


def _stops(found: dict[str, tuple[str, str]]) -> tuple[Stop, ...]:
    return tuple(_stop(step, *found.get(step[0], ("not started", ""))) for step in steps_here())


def _stop(step: tuple[str, str, str], state: str, words: str) -> Stop:
    return Stop(*step, state, words)


def _line(stop: Stop) -> Html:
    return text.html(
        "<li>{}<div>{} <span class='bw-purpose'>{}</span>{}</div></li>",
        text.pill(stop.state),
        text.notebook(stop.notebook, f"{stop.notebook[:2]} {stop.title}"),
        stop.purpose,
        text.html("<br><span class='bw-help'>{}</span>", stop.words) if stop.words else "",
    )
