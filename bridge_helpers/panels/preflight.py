"""Step 01: pick service, store and number, and run the checks."""

from __future__ import annotations

from ..api.session import Session
from ..onboarding.journal import Journal, Scope
from ..onboarding.journal.service_names import keep_name
from ..onboarding.plan import DEFAULT_DESCRIPTION, DEFAULT_GROUPING, DEFAULT_NAME, Wanted
from ..onboarding.preflight import Preflight, preflight
from ..words import counted
from .creating.views import differences
from .toolkit import text
from .toolkit.connection import Connection
from .toolkit.contents import Contents, fill, load_account
from .toolkit.findings import finding_lines
from .toolkit.step import StepPanel
from .toolkit.text import Html
from .toolkit.values import Choices
from .toolkit.widgets import HtmlView, Picker, column, row


class CheckPrerequisites(StepPanel):
    """
    Three pickers, one button, one line for each check.

    Attributes:
        found: The result of the step, once there is one.
    """

    name = "Check the prerequisites"
    command = "bridge-workbook onboard --service-sid IS… --memory-store-id mem_store_…"
    lead = "Reads only. Your picks are kept for the next notebook."

    def __init__(self, connection: Connection, **injected: str) -> None:
        super().__init__()
        self.contents = Contents()
        self.found: Preflight | None = None
        self._injected = injected
        self.service = Picker("Classic service", help="The service that the customer runs today.")
        self.store = Picker("Memory store", help="Where Orchestrator keeps customer profiles.")
        self.number = Picker(
            "Phone number", help="For trying voice and SMS. Chat is bridged without one."
        )
        self.pickers = {
            "service_sid": self.service,
            "memory_store_id": self.store,
            "phone_number": self.number,
        }
        self.check = self.button("Check", self.press, "primary")
        self.reload = self.button("Read the lists again", self.again)
        self.controls.children = [
            row(self.service, column(self.store, self.number, style="bw-short"))
        ]
        self.actions.children = [self.onward, self.check, self.reload, self.stop]
        for name, picker in self.pickers.items():
            self.on_change(picker, lambda name=name: self._picked(name))  # type: ignore[misc]
        self.attach(connection)

    # ------------------------------------------------------------------- callbacks

    def load(self, session: Session) -> None:
        """Read everything that can be picked, from all pages."""
        self.session = session
        self.result.children = []
        self.offer()
        self.start(
            lambda: load_account(session, counts=True, numbers=True),
            self._loaded,
            "Reading services, stores, numbers and configurations.",
        )

    def lost(self) -> None:
        """Remove contents and findings."""
        self.contents = Contents()
        self.found = None
        self.result.children = []
        with self.filling():
            for picker in self.pickers.values():
                picker.clear()
        super().lost()

    def press(self) -> None:
        """Run all checks for what is picked."""
        session = self.session
        if session is None or self.check.disabled:
            return
        Choices(session).keep(service_sid=self.service.value, phone_number=self.number.value)
        choices = Choices(session, self.service.value)
        choices.keep(memory_store_id=self.store.value)
        wanted = Wanted.checked(
            service_sid=self.service.value,
            memory_store_id=self.store.value,
            display_name=choices.value("display_name", default=DEFAULT_NAME).text,
            description=choices.value("description", default=DEFAULT_DESCRIPTION).text,
            grouping=choices.value("grouping", default=DEFAULT_GROUPING).text,
        )
        self.result.children = []
        self.offer()
        self.start(
            lambda: preflight(
                session,
                wanted,
                phone_number=self.number.value,
                on_progress=self.progress,
                cancel=self.cancel,
            ),
            self._checked,
            "Checking.",
            cancellable="Stop checking",
        )

    def refresh(self) -> None:
        """Enable *Check* when a service and a store are picked and nothing runs."""
        self.check.allow(self._reason())
        self.reload.allow("" if self.session and not self.busy else self._reason() or "working")
        for picker in self.pickers.values():
            picker.disabled = self.busy

    # ------------------------------------------------------------------ the worker

    def _loaded(self, contents: Contents) -> None:
        session = self.session
        if session is None:
            return
        self.contents = contents
        choices = Choices(session)
        filled = (
            (
                "service_sid",
                contents.service_options(),
                "This account has no classic service, so there is nothing to bridge. "
                "Check that these are the customer's credentials.",
                None,
            ),
            (
                "memory_store_id",
                contents.store_options(),
                "This account has no memory store. Create one in the Console first.",
                None,
            ),
            (
                "phone_number",
                contents.number_options(),
                f"{'' if contents.numbers_unread else 'No owned number was found. '}"
                "Chat is bridged without one.",
                contents.numbers_unread,
            ),
        )
        with self.filling():
            for name, options, empty, unread in filled:
                of = Choices(session, self.service.value) if name == "memory_store_id" else choices
                value = of.value(name, self._injected.get(name, ""))
                fill(self.pickers[name], options, value, empty, unread)
        reason = self._reason()
        if reason:
            self.enter("attention", f"Before checking: {reason}.")
        else:
            self.enter("ready", "Ready. Check looks at everything that a bridge needs.")

    def _picked(self, name: str) -> None:
        picker = self.pickers[name]
        if self.session is None or self.busy or not picker.value:
            return
        picker.error = ""
        if name != "memory_store_id":
            Choices(self.session).keep(**{name: picker.value})
        elif self.service.value:
            Choices(self.session, self.service.value).keep(memory_store_id=picker.value)
        picker.source = ""
        if name == "service_sid":
            self._recall_store(self.session)
        self.result.children = []
        self.offer()
        self.trouble.value = ""
        self.refresh()
        if not self._reason():
            self.enter("ready", "Ready to check.")

    def _recall_store(self, session: Session) -> None:
        """The store that was picked for this service, where one was."""
        kept = Choices(session, self.service.value).value("memory_store_id")
        if kept.text in {option["value"] for option in self.store.options}:
            with self.filling():
                self.store.value, self.store.source = kept.text, kept.shown

    def _checked(self, found: Preflight) -> None:
        session = self.session
        if session is None:
            return
        self.found = found
        self.result.children = [HtmlView(value=findings_list(found))]
        next_step = self._lead_on(found)
        warnings = any(one.level == "warning" for one in found.findings)
        state = "failed" if not found.ok else "attention" if warnings else "done"
        journal = Journal()
        scope = Scope.of(session, found.plan.service_sid if found.plan else self.service.value)
        journal.record(scope, "preflight", state, found.summary)
        keep_name(journal, scope, found.service)
        last = {
            "done": "All is well. ",
            "attention": "You can go on, knowing the warnings. ",
            "failed": "",
        }
        self.enter(state, f"{found.summary}. {last[state]}{next_step}")

    def _lead_on(self, found: Preflight) -> str:
        """Offer the notebook that comes next, and say what there is to do."""
        there, plan = found.bridged_by, found.plan
        if there is None and found.ok:
            self.offer("02_create_bridge", "Open 02: create the bridge")
            return "Next: open 02 and create the bridge."
        name = there.display_name or there.id if there else ""
        if found.ok:
            self.offer("03_test_bridge", "Open 03: test the bridge")
            return f"The service is bridged already by {name}, as planned. Next: open 03."
        errors = [one.check for one in found.findings if one.level == "error"]
        if there and plan and errors == ["bridge"]:
            self.offer("02_create_bridge", "Open 02: use the settings that exist")
            return (
                f"The service is bridged already by {name}, with other settings. Use those in 02, "
                "or change them in 07."
            )
        return "Correct the errors below, then check again."

    def _reason(self) -> str:
        if self.session is None:
            return "connect first"
        if self.busy:
            return "working"
        if not self.service.value:
            return "pick a classic service"
        if not self.store.value:
            return "pick a memory store"
        return ""


def findings_list(found: Preflight) -> Html:
    """What is wrong first, then how an existing bridge differs; what passed is folded."""
    passed = [one for one in found.findings if one.level == "ok"]
    told = [one for one in found.findings if one.level == "info"]
    wrong = [one for one in found.findings if one.level not in ("ok", "info")]
    wrong.sort(key=lambda one: one.level != "error")
    parts: list[object] = []
    if wrong:
        parts.append(finding_lines(wrong))
    if found.plan is not None and found.bridged_by is not None:
        parts.append(differences(found.plan, found.bridged_by))
    if told or passed:
        words = [f"{counted(len(passed), 'check')} passed"] if passed else []
        words += [f"{len(told)} for information"] if told else []
        parts.append(text.folded(", ".join(words), finding_lines([*told, *passed])))
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))
