"""Step 02: the form, the request as it will be sent, the write and the wait for its operation."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from ..api.models import Configuration
from ..api.session import Session
from ..errors import BridgeDiffers, InvalidInput
from ..onboarding.create import Created, create
from ..onboarding.journal import Attempt, Journal, Scope
from ..onboarding.plan import (
    DEFAULT_DESCRIPTION,
    DEFAULT_GROUPING,
    DEFAULT_NAME,
    GROUPING_EXAMPLE,
    GROUPING_MEANING,
    GROUPING_REMARK,
    Plan,
    check_field,
)
from ..words import GLYPHS
from . import text
from .connection import Connection
from .contents import Contents, fill, load_account
from .step import StepPanel
from .text import Html
from .values import Choices
from .widgets import Choice, Field, HtmlView, Picker, column, row, show

GROUPING_TITLES = {
    "GROUP_BY_PROFILE": "By customer profile",
    "GROUP_BY_PARTICIPANT_ADDRESSES": "By participant addresses",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE": "By participant addresses and channel",
}
FIELD_NAMES = {
    "service_sid": "Classic service",
    "memory_store_id": "Memory store",
    "grouping": "Grouping",
    "display_name": "Display name",
    "description": "Description",
    "voice_number": "Voice number",
}


class CreateBridge(StepPanel):
    """
    The form with its request beside it, live; Create; the poll; what came of it.

    Attributes:
        created: The result of the step, once there is one.
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
        self.grouping = Choice("Grouping", options=_grouping_options())
        self.remark = HtmlView(value=text.html('<div class="bw-help">{}</div>', GROUPING_REMARK))
        self.preview = HtmlView()
        self.difference = HtmlView()
        self.confirm = Field("Type the display name to confirm")
        self.go = self.button("Create", self.press, "primary")
        self.match = self.button("Use the settings that exist", self.take_over)
        self.fields = {
            "service_sid": self.service,
            "memory_store_id": self.store,
            "display_name": self.title_field,
            "description": self.description,
            "grouping": self.grouping,
        }
        form = column(self.service, self.store, self.title_field, self.description)
        self.controls.children = [
            row(form, column(self.preview, style="bw-wide")),
            self.grouping,
            self.remark,
            self.difference,
            self.confirm,
        ]
        self.actions.children = [self.go, self.match, self.stop]
        for name, control in self.fields.items():
            self.on_change(control, partial(self._touched, name))
        self.on_change(self.confirm, self.refresh)
        self.confirm.on_submit(self.guarded(self.press))
        show(self.confirm, False)
        show(self.match, False)
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read what can be picked, and what the journal knows."""
        self.session = session
        self.created = None
        show(self.confirm, session.target == "twilio")
        self.start(
            lambda: load_account(session), self._loaded, "Reading services, stores, configurations."
        )

    def lost(self) -> None:
        """Remove contents, result and confirmation."""
        self.contents = Contents()
        self.created = self.attempt = None
        self.result.children = []
        with self.filling():
            for picker in (self.service, self.store):
                picker.clear()
            for control in (self.title_field, self.description, self.grouping):
                control.value = control.source = control.error = ""
            # A confirmation is for one account.
            self.confirm.value = ""
        self.preview.value = self.difference.value = ""
        self.go.label = "Create"
        show(self.match, False)
        super().lost()

    def press(self) -> None:
        """Create, adopt or resume: the step finds out which."""
        planned = self.planned()
        session = self.session
        if planned is None or session is None or self.go.disabled:
            return
        Choices(session).keep(
            service_sid=planned.service_sid,
            memory_store_id=planned.memory_store_id,
            display_name=planned.display_name,
            description=planned.description,
            grouping=planned.grouping,
        )
        self.result.children = []
        self.start(
            lambda: create(session, planned, on_progress=self.progress, cancel=self.cancel),
            self._done,
            "Creating the bridge.",
            failed=self._failed,
            cancellable="Cancel waiting",
        )

    def take_over(self) -> None:
        """Fill the form with the configuration that exists, so that it is adopted."""
        there = self.contents.bridge(self.service.value)
        if there is None:
            return
        with self.filling():
            self.store.value = there.memory_store_id or ""
            self.title_field.value = there.display_name or ""
            self.description.value = there.description or ""
            self.grouping.value = there.conversation_grouping_type or ""
            for control in self.fields.values():
                control.source = "" if control is self.service else "from what exists"
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
        if len(values) < len(self.fields):
            return None
        return Plan(**values, voice_number=check_field("voice_number", voice))

    def refresh(self) -> None:
        """Enable *Create* when the form is complete, and the form while nothing runs."""
        self.go.allow(self._reason())
        for control in (*self.fields.values(), self.confirm):
            control.disabled = self.busy
        self.match.allow("working" if self.busy else "")

    # ------------------------------------------------------------------ the worker

    def _loaded(self, contents: Contents) -> None:
        session = self.session
        if session is None:
            return
        self.contents = contents
        with self.filling():
            choices = Choices(session)
            fill(
                self.service,
                contents.service_options(),
                choices.value("service_sid", self._injected.get("service_sid", "")),
                "This account has no classic service, so there is nothing to bridge.",
            )
            fill(
                self.store,
                contents.store_options(),
                choices.value("memory_store_id", self._injected.get("memory_store_id", "")),
                "This account has no memory store; create one in the Console first.",
            )
            for name, default in (
                ("display_name", DEFAULT_NAME),
                ("description", DEFAULT_DESCRIPTION),
                ("grouping", DEFAULT_GROUPING),
            ):
                value = choices.value(name, self._injected.get(name, ""), default=default)
                self.fields[name].value, self.fields[name].source = value.text, value.shown
        self._edited()

    def _touched(self, name: str) -> None:
        """Somebody changed a field: from now on its value is what was typed."""
        control = self.fields[name]
        control.source = ""
        if self.session is not None:
            Choices(self.session).note(**{name: control.value})
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
        if planned is None or session is None:
            self.preview.value = text.html(
                '<div class="bw-help">The request appears here when the form is complete.</div>'
            )
            self.difference.value = ""
            show(self.match, False)
        else:
            key = self.attempt.key if self.attempt else "a fresh UUID, kept in the journal"
            warning = session.account.warning
            self.preview.value = text.html(
                '<div class="bw-stack">{}{}{}</div>',
                text.box("warning", warning) if warning else "",
                text.block("Request as JSON", json.dumps(planned.body(), indent=2)),
                text.block("Request as curl", planned.curl(session, key)),
            )
            self._compare(planned, there)
        self.go.label = self._label(planned, there)
        if not self.busy:
            self._say_where_it_stands(planned, there)
        self.refresh()

    def _compare(self, planned: Plan, there: Configuration | None) -> None:
        differences = planned.differences(there) if there else ()
        show(self.match, bool(differences))
        if there is None:
            self.difference.value = ""
        elif differences:
            self.difference.value = text.box(
                "warning", _difference_table(there.display_name or there.id, differences)
            )
        else:
            self.difference.value = text.box(
                "ok",
                text.html("This service is bridged by {} already, ", text.code(there.id)),
                "exactly as planned. Creating it again changes nothing.",
            )

    def _say_where_it_stands(self, planned: Plan | None, there: Configuration | None) -> None:
        if self.attempt is not None:
            begun = text.ago(self.attempt.begun_at)
            self.enter("attention", f"A creation begun {begun} is not over. Press Resume.")
        elif planned is None:
            self.enter("not started", self._reason())
        elif there is None:
            self.enter("ready", "Nothing has been written yet. Create sends the request above.")
        elif planned.differences(there):
            self.enter("attention", "The service is bridged already, with other settings.")
        else:
            self.enter("done", "The bridge stands as planned. Next: open 03 and test it.")

    def _unfinished(self, session: Session) -> Attempt | None:
        """This service's attempt that the journal holds and that is not over."""
        if not self.service.value:
            return None
        scope = Scope.of(session, self.service.value.lower().replace("is", "IS", 1))
        found = Journal().latest(scope, "create")
        return found if found is not None and found.unfinished else None

    def _done(self, created: Created) -> None:
        self.created = created
        self.attempt = None
        configuration = created.configuration
        known = [one for one in self.contents.configurations if one.id != configuration.id]
        self.contents = Contents(
            self.contents.services, self.contents.stores, (*known, configuration)
        )
        self.result.children = [HtmlView(value=_result(created))]
        planned = self.planned()
        if planned is not None:
            self._compare(planned, configuration)
        self.difference.value = ""
        self.go.label = self._label(planned, configuration)
        self.confirm.value = ""
        self.enter("done", f"The bridge stands ({created.outcome}). Next: open 03 and test it.")

    def _failed(self, error: Exception) -> None:
        session = self.session
        if isinstance(error, BridgeDiffers) and session is not None:
            # The service was bridged by somebody else after the last look.
            self.contents = load_account(session)
            there = self.contents.bridge(self.service.value)
            planned = self.planned()
            if there is not None and planned is not None:
                self._compare(planned, there)
        if session is not None:
            self.attempt = self._unfinished(session)
            self.go.label = self._label(self.planned(), None)

    def _label(self, planned: Plan | None, there: Configuration | None) -> str:
        if self.attempt is not None:
            return "Resume"
        return "Adopt" if planned and there and not planned.differences(there) else "Create"

    def _reason(self) -> str:
        """Why the button cannot be pressed; empty when it can."""
        if self.session is None:
            return "connect first"
        if self.busy:
            return "working"
        if not self.service.value:
            return "pick a classic service"
        if not self.store.value:
            return "pick a memory store"
        wrong = [FIELD_NAMES[name] for name, control in self.fields.items() if control.error]
        if wrong:
            return f"correct: {', '.join(wrong)}"
        there = self.contents.bridge(self.service.value)
        planned = self.planned()
        if self.attempt is None and there and planned and planned.differences(there):
            return "the service is bridged with other settings"
        if self.session.target == "twilio" and self.confirm.value != self.title_field.value:
            return "type the display name to confirm"
        return ""


def _grouping_options() -> list[dict[str, str]]:
    return [
        {
            "value": value,
            "title": GROUPING_TITLES[value],
            "detail": text.html(
                "{}<br><em>Example: {}</em>", GROUPING_MEANING[value], GROUPING_EXAMPLE[value]
            ),
        }
        for value in GROUPING_TITLES
    ]


def _difference_table(name: str, differences: tuple[tuple[str, str, str], ...]) -> Html:
    rows = [
        (FIELD_NAMES.get(field, field), planned or "-", found or "-")
        for field, planned, found in differences
    ]
    return text.table(f"Differs from what exists ({name})", ("Field", "Planned", "There now"), rows)


def _result(created: Created) -> Html:
    configuration = created.configuration
    pairs: list[tuple[str, object]] = [
        (
            "Configuration",
            text.html("{} {}", text.code(configuration.id), text.copyable(configuration.id)),
        ),
        ("Outcome", created.outcome),
        ("Took", text.seconds(created.seconds)),
    ]
    if created.operation_id:
        pairs.append(("Operation", text.code(created.operation_id)))
    pairs.append(("Journal", "key, operation and configuration are written down"))
    return text.box(
        "ok",
        text.html(
            "<strong>{} The bridge stands: {}</strong>",
            GLYPHS["done"],
            configuration.display_name or "",
        ),
        text.facts(pairs),
        text.joined(text.html("<p>{}</p>", note) for note in created.notes),
    )
