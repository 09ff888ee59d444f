"""Step 08: what memory and intelligence give for bridged conversations, and switching them on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from ...onboarding.benefits.customer import Known, know
from ...onboarding.benefits.look import SAMPLE, Benefits, benefits
from ...onboarding.change import Applied, Proposal, carry_out, propose_change
from ...onboarding.journal import Journal, Scope
from ...onboarding.options import (
    BORN_WITH,
    CHAT,
    SUGGESTED_TIMEOUTS,
    chat_setting,
    check_chat_timeouts,
)
from ...onboarding.undo import restore_command
from ...words import counted, sentence
from ..changing.views import differences
from ..toolkit import text
from ..toolkit.confirm import Question
from ..toolkit.connection import Connection
from ..toolkit.findings import findings
from ..toolkit.service import ServicePanel
from ..toolkit.widgets import Field, HtmlView, Picker, column, row, show
from . import views


class WhatItGives(ServicePanel):
    """
    The sentence, two columns with what is off and how it is switched on, and one customer.

    Attributes:
        found: What the look found, once there was one.
        proposal: A change that was looked at and not made yet.
        known: What memory knows of the customer that is open.
    """

    name = "What the bridge gives"
    command = "bridge-workbook benefits --service-sid IS…"
    lead = "Whether memory and intelligence work for bridged conversations. Looking writes nothing."
    reads = MappingProxyType({"intelligence": True})

    def __init__(self, connection: Connection, service_sid: str = "", sample: int = SAMPLE) -> None:
        super().__init__(service_sid)
        self.found: Benefits | None = None
        self.proposal: Proposal | None = None
        self.known: Known | None = None
        self._sample = sample
        self.go = self.button("Look", self.press, "primary")
        self.sentence = HtmlView(live=True)
        self.memory, self.intelligence = HtmlView(), HtmlView()
        self.extraction = self.button("Switch memory extraction on", self.switch_extraction)
        self.minutes = Field("Minutes to INACTIVE/CLOSED", value=SUGGESTED_TIMEOUTS)
        self.timeouts = self.button("Set CHAT timeouts", self.set_timeouts)
        self.choose = Picker("Intelligence configuration")
        self.link = self.button("Link it", self.link_intelligence)
        self.question = Question(self)
        self.difference = HtmlView()
        self.told = HtmlView()
        self.customer = Picker("Look into a customer's memory")
        self.memories = HtmlView()
        self.controls.children = [column(self.service, style="bw-short")]
        self.actions.children = [self.onward, self.go, self.stop]
        self.switches = row(
            column(self.memory, self.extraction, row(self.minutes, self.timeouts)),
            column(self.intelligence, self.choose, self.link),
            style="bw-row",
        )
        self._parts = [
            self.sentence,
            self.switches,
            self.difference,
            self.question.widget,
            self.told,
            self.customer,
            self.memories,
        ]
        self.on_change(self.customer, self._opened)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def press(self) -> None:
        """Look again at the chosen service."""
        if self.session is not None and not self.go.disabled:
            self._show_service()

    def switch_extraction(self) -> None:
        """Show what switching memory extraction on changes."""
        self._propose(lambda _: {"memoryExtractionEnabled": True})

    def set_timeouts(self) -> None:
        """Show what setting timeouts for CHAT changes; the rest of the channel stays."""
        timeouts = check_chat_timeouts(self.minutes.value)

        def changes(members: Mapping[str, Any]) -> dict[str, Any]:
            present = (members.get("channelSettings") or {}).get(CHAT)
            return {"channelSettings": {CHAT: chat_setting(present, timeouts)}}

        self._propose(changes)

    def link_intelligence(self) -> None:
        """Show what linking the chosen intelligence configuration changes."""
        chosen = self.choose.value

        def changes(members: Mapping[str, Any]) -> dict[str, Any]:
            linked = list(members.get("intelligenceConfigurationIds") or ())
            return {"intelligenceConfigurationIds": list(dict.fromkeys([*linked, chosen]))}

        self._propose(changes)

    def refresh(self) -> None:
        """Enable what can be used now, and show only what is off as something to switch on."""
        self.go.allow(self._unbridged())
        idle = "working" if self.busy else "answer below first" if self.question.asked else ""
        on = self.found.options if self.found else None
        for control, wanted in (
            (self.extraction, on is not None and not on.memory_extraction),
            (self.minutes, on is not None and on.chat_timeouts is None),
            (self.timeouts, on is not None and on.chat_timeouts is None),
            (self.choose, on is not None and bool(self.choose.options)),
            (self.link, on is not None and bool(self.choose.options)),
        ):
            show(control, wanted)
        self.extraction.allow(idle)
        self.timeouts.allow(idle)
        self.link.allow(idle or ("" if self.choose.value else "pick one"))
        show(self.customer, bool(self.customer.options))
        for control in (self.service, self.minutes, self.choose, self.customer):
            control.disabled = self.busy

    # ------------------------------------------------------------------ the worker

    def _forget(self) -> None:
        """What was shown of another service or account."""
        self.found = self.proposal = self.known = None
        self.question.withdraw()
        self.offer()
        self.difference.value = self.memories.value = ""
        self.result.children = []
        with self.filling():
            self.customer.clear()
            self.choose.clear()

    def _show_service(self) -> None:
        session, service_sid = self.session, self.service.value
        if session is None or not service_sid:
            self.enter("attention", sentence(self._unbridged()))
            return
        if self.contents.bridge(service_sid) is None:
            self._say_unbridged()
            return
        self.start(
            lambda: benefits(
                session,
                service_sid,
                sample=self._sample,
                on_progress=self.progress,
                cancel=self.cancel,
            ),
            self._show,
            "Looking at memory and intelligence.",
            cancellable="Stop looking",
        )

    def _show(self, found: Benefits) -> None:
        self.found = found
        self.sentence.value = views.verdict(found)
        self.memory.value = views.memory(found)
        self.intelligence.value = views.intelligence(found)
        # What is off stands in the columns already, with the button that switches it on.
        rest = [one for one in found.findings if not one.found.startswith(("On: ", "Off: "))]
        self.told.value = findings(rest)
        self.known = found.customer
        self.memories.value = views.customer(found.customer) if found.customer else ""
        with self.filling():
            self.choose.options = [
                {
                    "value": one.id,
                    "title": one.display_name or one.id,
                    "detail": counted(len(one.rules or ()), "rule"),
                    "mark": "",
                }
                for one in self.contents.intelligence
                if one.id not in found.intelligence.ids
            ]
            self.customer.options = [
                {
                    "value": one.conversation_id,
                    "title": one.address or one.conversation_id,
                    "detail": f"{one.state} · {one.conversation_id}",
                    "mark": "" if one.state == "known" else "unknown",
                }
                for one in found.sample.conversations
                if one.state == "known" or one.resolves
            ]
            self.customer.value = found.customer.conversation_id if found.customer else ""
        self.result.children = self._parts
        works = found.works and found.works == len(found.sample.conversations)
        looked = counted(len(found.sample.conversations), "conversation")
        state = "done" if works else "attention"
        if self.session is not None:
            scope = Scope.of(self.session, found.service_sid)
            Journal().record(scope, "benefits", state, found.verdict)
        self.enter(state, f"Looked into {looked}; nothing was written.")

    def _propose(self, changes: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        session, found = self.session, self.found
        if session is None or found is None:
            return
        self.difference.value = ""

        def look() -> Proposal:
            there = session.orchestrator.configuration_document(found.configuration.id)
            return propose_change(
                session,
                found.service_sid,
                changes(there.members),
                on_progress=self.progress,
                cancel=self.cancel,
            )

        self.start(look, self._ask, "Looking at what would change.", cancellable="Stop looking")

    def _ask(self, proposal: Proposal) -> None:
        self.proposal = proposal
        if proposal.nothing_to_do:
            self.enter("done", "It is so already. Nothing was sent.")
            return
        self.difference.value = text.html(
            '<div class="bw-stack">{}{}</div>',
            differences(proposal.differences, self.contents, "What would change"),
            findings(proposal.findings),
        )
        account = "" if self.session and self.session.target == "sandbox" else " of the customer"
        self.question.ask(
            f"This changes the configuration{account}. {BORN_WITH}",
            "Yes, switch it on",
            partial(self._apply, proposal),
        )
        self.enter("attention", "Nothing was sent yet: look at the difference.")

    def _apply(self, proposal: Proposal) -> None:
        session = self.session
        if session is None:
            return
        self.start(
            lambda: carry_out(session, proposal, on_progress=self.progress, cancel=self.cancel),
            self._applied,
            "Changing the configuration.",
            cancellable="Cancel waiting",
        )

    def _applied(self, applied: Applied) -> None:
        self.proposal = None
        words, back = "", text.html("")
        if applied.snapshot is not None and self.session is not None:
            sid, target = applied.proposal.service_sid, self.session.target
            words = " 07 takes it back, or: "
            back = text.code(restore_command(sid, target, applied.snapshot.id))
        self.difference.value = text.html(
            '<div class="bw-stack">{}{}</div>',
            text.box("ok", f"The configuration was changed ({applied.outcome}).{words}", back),
            findings(applied.findings),
        )
        for other in self.others():
            other.changed_elsewhere()
        self._show_service()

    def _opened(self) -> None:
        """Somebody picked a customer: read what memory knows."""
        session, found = self.session, self.found
        if session is None or found is None or found.store is None or self.busy:
            return
        chosen = next(
            (
                one
                for one in found.sample.conversations
                if one.conversation_id == self.customer.value
            ),
            None,
        )
        if chosen is None:
            return
        store_id = found.store.id
        profile_id = chosen.profile_id or next(profile for _, profile in chosen.resolves)
        self.start(
            lambda: know(session, store_id, profile_id, conversation_id=chosen.conversation_id),
            self._know,
            "Reading what memory knows of the customer.",
        )

    def _know(self, known: Known) -> None:
        self.known = known
        self.memories.value = views.customer(known)
        chosen = self.customer.chosen
        self.enter(
            "done",
            f"This is what memory knows of {chosen['title'] if chosen else known.profile_id}.",
        )
