"""Step 02: the form, the request as it will be sent, the write and the wait for its operation."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

from ...api.curl import FRESH_KEY
from ...api.models import Configuration
from ...api.session import Session
from ...errors import BridgeDiffers, InvalidInput
from ...onboarding.create import Created, create
from ...onboarding.journal import Attempt, Journal, Scope
from ...onboarding.options import Options
from ...onboarding.plan import (
    DEFAULT_DESCRIPTION,
    DEFAULT_GROUPING,
    DEFAULT_NAME,
    Plan,
    check_field,
)
from ..toolkit import text
from ..toolkit.confirm import Question
from ..toolkit.connection import Connection
from ..toolkit.contents import Contents, fill, load_account
from ..toolkit.fold import Folds
from ..toolkit.step import StepPanel
from ..toolkit.values import Choices
from ..toolkit.widgets import Choice, Field, HtmlView, Picker, column, row, show
from . import views
from .switches import SWITCHES, OptionsForm
from .views import FIELD_NAMES

DEFAULTS = {
    "display_name": DEFAULT_NAME,
    "description": DEFAULT_DESCRIPTION,
    "grouping": DEFAULT_GROUPING,
}


class CreateBridge(StepPanel):
    """
    The form, live; whether the service is free; Create; the poll; what came of it.

    What is chosen is kept for each service: nothing of one is carried into another.

    Attributes:
        created: The result of the step, once there is one.
        more: What is seldom changed, closed at first.
    """

    name = "Create the bridge"
    command = "bridge-workbook onboard --service-sid IS… --memory-store-id mem_store_… --apply"
    lead = "One configuration in Orchestrator that names the classic service. Nothing else changes."

    def __init__(self, connection: Connection, **injected: str) -> None:
        super().__init__()
        self.contents = Contents()
        self.created: Created | None = None
        self.attempt: Attempt | None = None
        self._injected = injected
        self.service = Picker("Classic service")
        self.store = Picker("Memory store")
        self.title_field = Field("Display name", help="1 to 32 letters, digits, spaces, - and _")
        self.description = Field("Description", lines=2, help="1 to 512 characters")
        self.grouping = Choice("Grouping", options=views.grouping_options(), arrangement="row")
        self.verdict = HtmlView(live=True)
        self.as_json = HtmlView()
        self.as_curl = HtmlView()
        self.difference = HtmlView()
        self.warning = HtmlView()
        explained = HtmlView(value=views.grouping_explained())
        self.more = column(self.description, explained)
        self.options = OptionsForm(self, self._switched)
        self.folds = Folds(
            self,
            {
                SWITCHES: self.options.widget,
                "More settings": self.more,
                "Request as JSON": self.as_json,
                "Request as curl": self.as_curl,
            },
        )
        self.question = Question(self)
        self.go = self.button("Create", self.press, "primary")
        self.match = self.button("Use the settings that exist", self.take_over)
        self.fields = {
            "service_sid": self.service,
            "memory_store_id": self.store,
            "display_name": self.title_field,
            "description": self.description,
            "grouping": self.grouping,
        }
        self.controls.children = [
            self.warning,
            row(
                column(self.service, self.verdict, style="bw-short"),
                column(self.store, style="bw-short"),
                self.title_field,
            ),
            self.grouping,
            self.options.summary,
            self.difference,
        ]
        self.actions.children = [
            self.onward,
            self.go,
            self.match,
            self.stop,
            row(*self.folds.buttons, style="bw-folds"),
        ]
        self.add_below_actions(self.question.widget, self.folds.below)
        for name, control in self.fields.items():
            self.on_change(control, partial(self._touched, name))
        show(self.match, False)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read what can be picked, and what the journal knows."""
        self.session = session
        self.created = None
        warning = session.account.warning
        self.warning.value = text.box("warning", warning) if warning else ""
        self.start(
            lambda: load_account(session, intelligence=True),
            self._loaded,
            "Reading services, stores, configurations.",
        )

    def lost(self) -> None:
        """Remove contents and result."""
        self.contents = Contents()
        self.created = self.attempt = None
        self.result.children = []
        self.question.withdraw()
        with self.filling():
            for picker in (self.service, self.store):
                picker.clear()
            for control in (self.title_field, self.description, self.grouping):
                control.value = control.source = control.error = ""
            for name in self.options.controls:
                self.options.fill(name, "")
        for view in (self.verdict, self.as_json, self.as_curl, self.difference, self.warning):
            view.value = ""
        self._draw_actions(None, None)
        super().lost()

    def press(self) -> None:
        """Create, adopt or resume; on the customer's account only after asking."""
        planned, session = self.planned(), self.session
        if planned is None or session is None or self.go.disabled:
            return
        if session.target != "twilio" or self.attempt is not None:
            self._write(session, planned)
            return
        account = text.short(session.account.sid)
        name = self.contents.service_name(planned.service_sid)
        self.question.ask(
            text.html(
                "This writes to <strong>Twilio account {}</strong>: one configuration called "
                "<strong>{}</strong> that bridges <strong>{}</strong>. Its classic conversations "
                "appear in Orchestrator with their next message.",
                account,
                planned.display_name,
                name,
            ),
            f"Yes, {self.go.label.lower()} it in {account}",
            lambda: self._write(session, planned),
        )

    def take_over(self) -> None:
        """Fill the form with the configuration that exists, so that it is adopted."""
        there = self.contents.bridge(self.service.value)
        session = self.session
        if there is None or session is None:
            return
        with self.filling():
            self.store.value = there.memory_store_id or ""
            self.title_field.value = there.display_name or ""
            self.description.value = there.description or ""
            self.grouping.value = there.conversation_grouping_type or ""
            for name, value in Options.of(there).fields().items():
                self.options.fill(name, value, "from what exists")
            Choices(session, self.service.value).note(**self.options.texts())
            for name, control in self.fields.items():
                if control is not self.service:
                    control.source = "from what exists"
                    Choices(session, self.service.value).note(**{name: control.value})
        self._edited()

    def planned(self) -> Plan | None:
        """The plan as the form says, or None while something in it is wrong or missing."""
        values: dict[str, Any] = {}
        for name, control in self.fields.items():
            control.error = ""
            if name in ("service_sid", "memory_store_id") and not control.value:
                continue
            try:
                values[name] = check_field(name, control.value)
            except InvalidInput as error:
                control.error = error.rule
        voice = self._injected.get("voice_number", "")
        options = self.options.checked()
        if len(values) < len(self.fields) or options is None:
            return None
        return Plan(**values, **options, voice_number=check_field("voice_number", voice))

    def refresh(self) -> None:
        """Enable *Create* when the form is complete, and the form while nothing runs."""
        self.go.allow(self._reason())
        for control in self.fields.values():
            control.disabled = self.busy
        self.options.disable(self.busy)
        self.match.allow("working" if self.busy else "")

    # ------------------------------------------------------------------ the worker

    def _write(self, session: Session, planned: Plan) -> None:
        Choices(session).keep(service_sid=planned.service_sid)
        Choices(session, planned.service_sid).keep(
            memory_store_id=planned.memory_store_id,
            display_name=planned.display_name,
            description=planned.description,
            grouping=planned.grouping,
            **self.options.texts(),
        )
        self.result.children = []
        self.offer()
        self.start(
            lambda: create(session, planned, on_progress=self.progress, cancel=self.cancel),
            self._done,
            "Creating the bridge.",
            failed=self._failed,
            cancellable="Cancel waiting",
        )

    def _loaded(self, contents: Contents) -> None:
        session = self.session
        if session is None:
            return
        self.contents = contents
        with self.filling():
            fill(
                self.service,
                contents.service_options(),
                Choices(session).value("service_sid", self._injected.get("service_sid", "")),
                "This account has no classic service, so there is nothing to bridge.",
            )
        self._fill_settings(session)
        self._edited()

    def _fill_settings(self, session: Session) -> None:
        """What was chosen for the picked service, else the defaults."""
        choices = Choices(session, self.service.value)
        with self.filling():
            fill(
                self.store,
                self.contents.store_options(),
                choices.value("memory_store_id", self._injected.get("memory_store_id", "")),
                "This account has no memory store; create one in the Console first.",
            )
            for name, default in DEFAULTS.items():
                value = choices.value(name, self._injected.get(name, ""), default=default)
                self.fields[name].value, self.fields[name].source = value.text, value.shown
            self.options.offer(self.contents.intelligence)
            for name in self.options.controls:
                value = choices.value(name, self._injected.get(name, ""))
                self.options.fill(name, value.text, value.shown)

    def _touched(self, name: str) -> None:
        """Somebody changed a field: from now on its value is what was typed."""
        control, session = self.fields[name], self.session
        control.source = ""
        self.question.withdraw()
        if session is not None and name == "service_sid":
            Choices(session).note(service_sid=control.value)
            self._fill_settings(session)
        elif session is not None:
            Choices(session, self.service.value).note(**{name: control.value})
        self._edited()

    def _switched(self, name: str) -> None:
        """Somebody changed one of the options."""
        control, session = self.options.controls[name], self.session
        control.source = ""
        self.question.withdraw()
        if session is not None:
            Choices(session, self.service.value).note(**{name: control.value})
        self._edited()

    def _edited(self) -> None:
        """Something changed: check it, show its request, compare it with what exists."""
        session, planned = self.session, self.planned()
        if not self.busy:
            self.trouble.value = ""
            self.result.children = []
        there = self.contents.bridge(self.service.value) if self.service.value else None
        if session is not None:
            self.attempt = self._unfinished(session)
        self.options.draw()
        if self.description.error:
            self.folds.open("More settings")
        if self.options.wrong:
            self.folds.open(SWITCHES)
        begun = text.ago(self.attempt.begun_at) if self.attempt else ""
        self.verdict.value = views.verdict(self.service.value, planned, self.contents, begun)
        as_json = as_curl = ""
        if planned is not None and session is not None:
            as_json = json.dumps(planned.body(), indent=2)
            as_curl = planned.curl(session, self.attempt.key if self.attempt else FRESH_KEY)
        self.as_json.value = views.request(planned, as_json)
        self.as_curl.value = views.request(planned, as_curl)
        self._draw_actions(planned, there)
        if not self.busy:
            self._say_where_it_stands(planned, there)
        self.refresh()

    def _draw_actions(self, planned: Plan | None, there: Configuration | None) -> None:
        """The buttons that make sense now, what differs, and where to go on."""
        differs = bool(planned and there and planned.differences(there))
        stands = bool(planned and there and not differs and self.attempt is None)
        self.difference.value = (
            views.differences(planned, there) if planned and there and differs else ""
        )
        show(self.match, differs)
        self.go.label = "Resume" if self.attempt else "Adopt" if stands else "Create"
        show(self.go, not stands or not self._is_ours(there))
        self.offer(*(("03_test_bridge", "Open 03: test the bridge") if stands else ()))

    def _is_ours(self, there: Configuration | None) -> bool:
        """Whether the journal knows a configuration as made or adopted from here."""
        if there is None or self.session is None:
            return False
        found = Journal().latest(self._scope(self.session), "create")
        return found is not None and found.configuration_id == there.id

    def _say_where_it_stands(self, planned: Plan | None, there: Configuration | None) -> None:
        if self.attempt is not None:
            begun = text.ago(self.attempt.begun_at)
            self.enter("attention", f"A creation begun {begun} is not over. Press Resume.")
        elif planned is None:
            self.enter("attention", f"Before creating: {self._reason()}.")
        elif there is None:
            self.enter("ready", "Nothing has been written yet.")
        elif planned.differences(there):
            self.enter("attention", "The service is bridged already, with other settings.")
        elif self._is_ours(there):
            self.enter("done", "The bridge stands as planned. Next: open 03 and test it.")
        else:
            self.enter(
                "done",
                "The bridge stands as planned. Adopt writes that into the journal and nothing "
                "else. Next: open 03 and test it.",
            )

    def _scope(self, session: Session) -> Scope:
        return Scope.of(session, self.service.value.lower().replace("is", "IS", 1))

    def _unfinished(self, session: Session) -> Attempt | None:
        """This service's attempt that the journal holds and that is not over."""
        if not self.service.value:
            return None
        found = Journal().latest(self._scope(session), "create")
        return found if found is not None and found.unfinished else None

    def _done(self, created: Created) -> None:
        self.created = created
        self.attempt = None
        configuration = created.configuration
        known = [one for one in self.contents.configurations if one.id != configuration.id]
        self.contents = replace(self.contents, configurations=(*known, configuration))
        self._edited()
        self.result.children = [HtmlView(value=views.result(created, self.session))]
        self.enter("done", f"The bridge stands ({created.outcome}). Next: open 03 and test it.")

    def _failed(self, error: Exception) -> None:
        session = self.session
        there = None
        if isinstance(error, BridgeDiffers) and session is not None:
            # The service was bridged by somebody else after the last look.
            self.contents = load_account(session)
            there = self.contents.bridge(self.service.value)
        if session is not None:
            self.attempt = self._unfinished(session)
        self._draw_actions(self.planned(), there)

    def button_again(self, error: BaseException) -> str:
        """*Resume* where something was begun that is not over."""
        resumes = self.session is not None and self._unfinished(self.session) is not None
        return "Resume" if resumes else super().button_again(error)

    def _reason(self) -> str:
        """Why the button cannot be pressed; empty when it can."""
        if self.session is None:
            return "connect first"
        if self.busy:
            return "working"
        if self.question.asked:
            return "answer below"
        if not self.service.value:
            return "pick a classic service"
        if not self.store.value:
            return "pick a memory store"
        wrong = [FIELD_NAMES[name] for name, control in self.fields.items() if control.error]
        wrong += self.options.wrong
        if wrong:
            return f"correct: {', '.join(wrong)}"
        there = self.contents.bridge(self.service.value)
        planned = self.planned()
        if self.attempt is None and there and planned and planned.differences(there):
            return "the service is bridged with other settings"
        return ""
