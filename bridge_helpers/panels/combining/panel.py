"""Step 04: what is captured beside the bridge, what would change, and what may go wrong."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from ...api.models import PhoneNumber
from ...api.session import Session
from ...errors import InvalidInput
from ...onboarding.change import Applied, carry_out
from ...onboarding.channels.compose import check_timeouts
from ...onboarding.channels.intents import KINDS, Intent
from ...onboarding.combine import Combination, bridge_that_stands, captured_now, combine
from ...onboarding.findings import count, summary
from ...onboarding.journal import Journal, Scope
from ...onboarding.options import ChatTimeouts
from ...words import counted
from ..toolkit import text
from ..toolkit.confirm import Question
from ..toolkit.connection import Connection
from ..toolkit.contents import Contents, fill, load_account
from ..toolkit.findings import finding_lines
from ..toolkit.step import StepPanel
from ..toolkit.text import Html
from ..toolkit.values import Choices
from ..toolkit.widgets import Button, Choice, Field, HtmlView, Picker, column, row, show
from . import views
from .wish import Wish

SHOWN_RELEASES: Final = 12
"""Buttons to release what is captured; the command releases any."""

_KIND_OPTIONS: Final = [
    {"value": "voice", "title": "Inbound calls", "detail": ""},
    {"value": "sms", "title": "SMS", "detail": ""},
    {"value": "whatsapp", "title": "WhatsApp", "detail": ""},
    {"value": "rcs", "title": "RCS", "detail": ""},
]
_NO_BRIDGE: Final = "Of this account no service is bridged yet: create a bridge in 02 first."


class CombineChannels(StepPanel):
    """
    Intents on the left, rules in words on the right, findings and the change below.

    Attributes:
        found: What the change would be, once it was looked at.
        applied: What was written, once it was.
    """

    name = "Combine channels"
    command = "bridge-workbook channels --service-sid IS… --capture voice:+… --apply"
    lead = "Calls and messages beside the bridge. Only Apply writes."  # the service is added

    def __init__(self, connection: Connection, **injected: str) -> None:
        super().__init__()
        self.contents = Contents()
        self.wish = Wish()
        self.found: Combination | None = None
        self.applied: Applied | None = None
        self._injected = injected
        self.service = Picker("Classic service", help="Services that are bridged.")
        self.kind = Choice("Also capture", options=_KIND_OPTIONS, arrangement="row", value="voice")
        self.address = Field("Number or sender")
        self.minutes = Field(
            "Timeouts in minutes",
            placeholder="10/60",
            help="To INACTIVE and CLOSED; may be empty.",
        )
        self.add = self.button("Add", self.press_add)
        self.lists = column(style="bw-actions")
        self.words = HtmlView(live=True)
        self.findings = HtmlView()
        self.preview = HtmlView()
        self.map = HtmlView()
        self.question = Question(self)
        self.go = self.button("Apply", self.press, "primary")
        self.undo = self.button("Start over", self.start_over)
        self.controls.children = [
            self.service,
            self.kind,
            row(self.address, self.minutes, column(self.words, self.lists)),
        ]
        self.actions.children = [self.add, self.go, self.undo, self.stop]
        self.on_change(self.service, self._picked)
        self.on_change(self.kind, self._kind_chosen)
        self.address.on_submit(self.guarded(self.press_add))
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read services, numbers and configurations, then what is captured now."""
        self.session = session
        self.wish, self.found, self.applied = Wish(), None, None
        self.start(
            lambda: load_account(session, numbers=True),
            self._loaded,
            "Reading services, numbers and configurations.",
        )

    def lost(self) -> None:
        """Remove everything that was shown of the account."""
        self.contents = Contents()
        self.wish, self.found, self.applied = Wish(), None, None
        self.question.withdraw()
        with self.filling():
            self.service.clear()
            self._name_service()
            self.address.value = self.address.source = self.address.error = ""
            self.minutes.value = self.minutes.error = ""
        self._clear()
        super().lost()

    def press_add(self) -> None:
        """Add what is typed to what is to be captured, and look what that means."""
        if self.add.disabled:
            return
        self.address.error = self.minutes.error = ""
        try:
            intent = Intent.checked(f"{self.kind.value}:{self.address.value}", "number")
        except InvalidInput as error:
            self.address.error = error.rule
            return
        minutes: dict[str, ChatTimeouts] = {}
        if self.minutes.value.strip():
            try:
                minutes = check_timeouts([f"{self.kind.value}:{self.minutes.value}"])
            except InvalidInput as error:
                self.minutes.error = error.rule
                return
        self.wish = self.wish.with_capture(intent, minutes)
        self.look()

    def release(self, intent: Intent) -> None:
        """Take something back, or have it released, and look what that means."""
        self.wish = self.wish.without(intent)
        self.look()

    def start_over(self) -> None:
        """Forget what was asked for."""
        self.wish = Wish()
        self.look()

    def look(self) -> None:
        """Look what the change would be; reads only."""
        session, wish = self.session, self.wish
        if session is None or not self.service.value:
            return
        self.question.withdraw()
        self.applied = None
        self.offer()
        self.start(
            lambda: combine(
                session,
                self.service.value,
                wish.capture,
                wish.release,
                timeouts=dict(wish.timeouts),
                with_incoming=True,
                on_progress=self.progress,
                cancel=self.cancel,
            ),
            self._looked,
            "Looking at what would change, and what may go wrong.",
            failed=lambda _: self._clear(),
            cancellable="Stop looking",
        )

    def press(self) -> None:
        """Apply; on Twilio after a second button was pressed."""
        session, found = self.session, self.found
        if session is None or found is None or self.go.disabled:
            return
        if session.target != "twilio":
            self._apply()
            return
        name = found.proposal.display_name or found.proposal.configuration_id
        self.question.ask(
            f"This changes the channels of {name} in account {session.account.sid}.",
            "Change the channels",
            self._apply,
        )

    def refresh(self) -> None:
        """Say why something cannot be used now."""
        reason = self._reason()
        self.add.allow(reason)
        waiting = self.question.asked and "answer the question below"
        self.go.allow(reason or waiting or self._not_applicable())
        self.undo.allow("working" if self.busy else "")
        show(self.undo, self.wish != Wish())
        for control in (self.service, self.kind, self.address, self.minutes):
            control.disabled = self.busy
        for one in self.lists.children:
            one.allow("working" if self.busy else "")

    # ------------------------------------------------------------------ the worker

    def _loaded(self, contents: Contents) -> None:
        session = self.session
        if session is None:
            return
        self.contents = contents
        bridged = [
            one for one in contents.service_options() if contents.bridge(one["value"]) is not None
        ]
        choices = Choices(session)
        with self.filling():
            fill(
                self.service,
                bridged,
                choices.value("service_sid", self._injected.get("service_sid", "")),
                _NO_BRIDGE,
            )
            # One that was asked for and is not bridged has to be seen, and another one picked.
            show(self.service, len(bridged) != 1 or not self.service.value)
            self._name_service()
            number = choices.value("phone_number", self._injected.get("voice_number", ""))
            fit = [one for one in contents.numbers if one.voice and one.sms]
            first = fit[0].phone_number if fit else ""
            self.address.value = number.text or first
            self.address.source = number.shown if number.text else "owned, with voice and SMS"
        self._kind_chosen()
        self._clear()
        if not bridged:
            self.enter("attention", _NO_BRIDGE)
            self.offer("02_create_bridge", "Open 02 and create the bridge")
            self.result.children = [self.onward]
        elif self.service.value:
            self.worker.submit(self.guarded(self.look))
        else:
            self.enter("attention", "Before anything else: pick a classic service.")

    def _name_service(self) -> None:
        """The picker is not shown where there is one bridged service: the title names it."""
        name = self.contents.service_name(self.service.value) if self.service.value else ""
        whose = f" of {name}" if name else ""
        self.lead = f"Calls and messages beside the bridge{whose}. Only Apply writes."

    def _picked(self) -> None:
        if self.session is None or self.busy or not self.service.value:
            return
        Choices(self.session).keep(service_sid=self.service.value)
        self.service.source = ""
        self._name_service()
        self.wish = Wish()
        self.look()

    def _kind_chosen(self) -> None:
        kind = self.kind.value
        self.address.error = ""
        self.address.help = {
            "voice": "From anybody to this number. Transcription is switched on, and billed.",
            "sms": f"Both directions. {_owned(self.contents.numbers)}",
            "whatsapp": "Both directions; the number of the WhatsApp sender.",
            "rcs": "Both directions; the name of the RCS sender.",
        }.get(kind, "")
        self.add.label = f"Capture {dict(_titles())[kind]}"

    def _looked(self, found: Combination) -> None:
        self.found = found
        present = captured_now(bridge_that_stands(found.proposal).record)
        self.words.value = views.in_words(found)
        self.lists.children = [
            *(
                self._small(f"Leave out {one}", partial(self.release, one))
                for one in self.wish.capture
            ),
            *(
                self._small(f"Release {one}", partial(self.release, one))
                for one in present[:SHOWN_RELEASES]
                if one not in self.wish.release
            ),
        ]
        self.findings.value = finding_lines(views.worst_first(found))
        self.preview.value = self._preview(found)
        self.map.value = views.ways(found.incoming)
        self.result.children = [self.question.widget, self.findings, self.preview, self.map]
        self._tell(found)

    def _tell(self, found: Combination) -> None:
        proposal = found.proposal
        told = summary(proposal.findings)
        if not proposal.ok:
            self.enter("attention", f"{told}. This cannot be applied: see the errors below.")
        elif proposal.nothing_to_do and self.wish != Wish():
            self.enter("ready", "Nothing to change: it is like this already.")
        elif proposal.nothing_to_do:
            self.enter("ready", "Add what else is to be captured, or release something.")
        else:
            changes = counted(len(proposal.differences), "channel changes", "channels change")
            self.enter("ready", f"{told}. {changes} when you press Apply.")

    def _apply(self) -> None:
        session, found = self.session, self.found
        if session is None or found is None:
            return
        self.start(
            lambda: carry_out(
                session, found.proposal, on_progress=self.progress, cancel=self.cancel
            ),
            partial(self._done, session),
            "Changing the channels.",
            cancellable="Cancel waiting",
        )

    def _done(self, session: Session, applied: Applied) -> None:
        proposal = applied.proposal
        words = f"The channels of {proposal.display_name or applied.configuration_id} are changed"
        Journal().record(Scope.of(session, proposal.service_sid), "channels", "done", f"{words}.")
        self.wish = Wish()
        self.applied = applied
        how = " (resumed from an earlier run)" if applied.outcome == "resumed" else ""
        self.worker.submit(self.guarded(partial(self._look_again, f"{words}{how}.")))

    def _look_again(self, words: str) -> None:
        """Show what is captured now, and keep the sentence about what was done."""
        applied = self.applied
        session = self.session
        if session is None:
            return

        def looked(found: Combination) -> None:
            self.applied = applied
            self._looked(found)
            back = "07 can go back to what it was before."
            self.enter("done", f"{words} {back}")
            self.offer("05_explore_conversations", "Open 05 and look at what comes in")
            self.result.children = [self.onward, *self.result.children]

        self.start(
            lambda: combine(
                session, self.service.value, with_incoming=True, on_progress=self.progress
            ),
            looked,
            f"{words} Looking at it.",
        )

    def _preview(self, found: Combination) -> Html:
        proposal, session = found.proposal, self.session
        if proposal.nothing_to_do or session is None:
            return text.html("")
        rows = [(one.path, one.before, one.after) for one in proposal.differences]
        return text.html(
            "{}{}",
            text.differences("What Apply changes", rows, ("Setting", "Now", "Afterwards")),
            text.folded("The request as curl", text.block("curl", proposal.curl(session))),
        )

    def _clear(self) -> None:
        self.found = None
        self.words.value = self.findings.value = self.preview.value = self.map.value = ""
        self.lists.children = []
        self.result.children = []
        self.offer()

    def _small(self, label: str, action: Any) -> Button:
        return self.button(label, action, "link")

    def _reason(self) -> str:
        if self.session is None:
            return "connect first"
        if self.busy:
            return "working"
        if not self.service.options:
            return "no service is bridged"
        return "" if self.service.value else "pick a classic service"

    def _not_applicable(self) -> str:
        if self.found is None or self.found.proposal.nothing_to_do:
            return "nothing would change"
        errors = count(self.found.proposal.findings)["error"]
        return f"{counted(errors, 'error')} below" if errors else ""


def _titles() -> list[tuple[str, str]]:
    words = {"voice": "inbound calls", "sms": "SMS", "whatsapp": "WhatsApp", "rcs": "RCS"}
    return [(kind, words[kind]) for kind in KINDS]


def _owned(numbers: tuple[PhoneNumber, ...]) -> str:
    shown = [one.phone_number for one in numbers if one.sms][:3]
    return f"Owned: {', '.join(shown)}." if shown else ""
