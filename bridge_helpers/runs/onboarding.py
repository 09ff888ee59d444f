"""
A whole onboarding as one object: the steps in order, and the result.

The notebook `onboard` has a cell for each step. A step that fails does not end the notebook:
the steps after it say that they were skipped and why, and the result is written all the same.
The last cell raises the error, so that papermill fails as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from ..api.models import Configuration
from ..api.session import Session
from ..errors import BridgeError, Cancelled, InvalidInput
from ..files import check_writable, write_private
from ..onboarding.create import Created, create
from ..onboarding.explore import Explored, explore
from ..onboarding.findings import Finding
from ..onboarding.incoming import Incoming, incoming
from ..onboarding.journal import Journal, Scope
from ..onboarding.journal.service_names import keep_name
from ..onboarding.plan import Plan
from ..onboarding.preflight import Preflight, preflight
from ..onboarding.reactions import reactions
from ..onboarding.verify import Verified, verify
from ..progress import Progress
from ..target import connect, describe
from . import pages
from .pages import Rendered
from .request import Request
from .summary import summarize, undo

SCHEMA: Final = 1


class Onboarding:
    """
    One run. Construct it with the notebook's parameters, call the steps in order.

    Args:
        result_path: Where `finish` writes `result.json`; empty: nowhere.
        say: Called with a line of plain text at each turn of the run; default: `print`.
        parameters: `target`, `apply`, `sync_timeout` and the fields of `Wanted`.
    """

    PARAMETERS: Final = (
        "target",
        "service_sid",
        "memory_store_id",
        "display_name",
        "description",
        "grouping",
        "voice_number",
        "memory_extraction",
        "chat_timeouts",
        "intelligence",
        "status_callbacks",
        "apply",
        "sync_timeout",
        "result_path",
    )

    def __init__(
        self, *, result_path: str = "", say: Callable[[str], None] = print, **parameters: Any
    ) -> None:
        self.result_path = result_path
        self._result_file: Path | None = None
        self.started_at = datetime.now(UTC)
        self._begun = time.monotonic()
        self._say = say
        self._parameters = parameters
        self.error: BridgeError | None = None
        self.request: Request | None = None
        self.session: Session | None = None
        self.checks: Preflight | None = None
        self.created: Created | None = None
        self.verified: Verified | None = None
        self.explored: Explored | None = None
        self.customer = ""
        self._warnings: list[Finding] = []

    # the steps, in order

    def connect(self) -> Rendered:
        """Check the parameters and find the account. Sends nothing."""

        def step() -> Rendered:
            # Checked first: at the end of the run it would be too late.
            if self.result_path != "":
                self._result_file = check_writable("result_path", self.result_path)
            self.request = Request.checked(**self._parameters)
            self.session = connect(self.request.target)
            return pages.banner(describe(self.session), self.request)

        return self._step("connect", step)

    def preflight(self) -> Rendered:
        """Look at everything that the bridge needs."""

        def step() -> Rendered:
            session, request = self._ready()
            self.checks = preflight(session, request.wanted, on_progress=self._progress)
            if self.checks.service is not None:
                self.customer = _account_name(session)
            self._record("preflight", "done" if self.checks.ok else "failed", self.checks.summary)
            shown = pages.preflight(self.checks)
            try:
                self.checks.require()
            except BridgeError as error:
                self.error = error
            return shown

        return self._step("preflight", step)

    def plan(self) -> Rendered:
        """Show the request that creates the bridge."""

        def step() -> Rendered:
            session, request = self._ready()
            plan = self._plan()
            ways = self._incoming(session, plan)
            return pages.plan(plan, session, request.apply, ways)

        return self._step("plan", step)

    def create(self) -> Rendered:
        """Create the configuration and wait until it stands; without `apply` nothing is sent."""

        def step() -> Rendered:
            session, request = self._ready()
            if not request.apply:
                return pages.not_applied("create the configuration")
            self.created = create(session, self._plan(), on_progress=self._progress)
            return pages.created(self.created, undo(self))

        return self._step("create", step)

    def verify(self) -> Rendered:
        """Send a test message through the bridge and follow it; without `apply` nothing is sent."""

        def step() -> Rendered:
            session, request = self._ready()
            service_sid = self._plan().service_sid
            if not request.apply:
                bridge = self.checks.bridged_by if self.checks else None
                named = reactions(session, service_sid, bridge)
                return pages.not_applied("send a test message", named)
            self.verified = verify(
                session,
                service_sid,
                configuration=self.created.configuration if self.created else None,
                timeout=request.sync_timeout,
                on_progress=self._lanes,
            )
            state = "done" if self.verified.verified else "failed"
            try:
                self._record("verify", state, self.verified.verdict)
            except BridgeError as error:
                # It takes nothing from the proof, so it is a warning.
                self._warnings.append(_unrecorded(error))
            shown = pages.verified(self.verified)
            try:
                self.verified.require()
            except BridgeError as error:
                self.error = error
            return shown

        return self._step("verify", step)

    def explore(self) -> Rendered:
        """
        Read the account's conversations, also after a failed proof: they help to find out why.

        When they cannot be read, that is a warning: the bridge is not affected.
        """

        def step() -> Rendered:
            session, _ = self._ready()
            try:
                self.explored = explore(session, on_progress=self._progress)
            except BridgeError as error:
                self._warnings.append(_unlisted("could not be listed", error))
                return pages.failed("explore", error)
            if self.explored.error is not None:
                cut = f"could be listed in part only ({self.explored.count} of them)"
                self._warnings.append(_unlisted(cut, self.explored.error))
            return pages.explored(self.explored)

        # Skipped after a failure before the proof, not after a failed proof.
        return self._step("explore", step, despite=self.created is not None)

    def summary(self) -> Rendered:
        """Show on one page what the run did, what is off, and how to go back."""
        return pages.summary(summarize(self))

    def finish(self) -> None:
        """
        Write the result, where that is possible, and close the session.

        Raises:
            BridgeError: What made the run fail, so that papermill fails as well.
        """
        if self.session is not None:
            self.session.close()
        if self._result_file is not None:
            try:
                write_private(self._result_file, msgspec.json.format(encode(self.result())))
            except BridgeError as error:
                self.error = self.error or error
        if self.error is not None:
            raise self.error

    # the result

    @property
    def status(self) -> str:
        """How the run ended: planned, verified, unverified or failed."""
        if self.verified is not None and self.verified.verified:
            return "verified"
        if self.created is not None:
            return "unverified"
        applied = self.request is None or self.request.apply
        return "failed" if self.error is not None or applied else "planned"

    @property
    def bridge(self) -> Configuration | None:
        """The configuration that bridges the service, as far as the run has seen one."""
        if self.created is not None:
            return self.created.configuration
        return self.checks.bridged_by if self.checks else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks of all steps found."""
        return (
            *(self.checks.findings if self.checks else ()),
            *(self.verified.reactions if self.verified else ()),
            *(self.verified.findings if self.verified else ()),
            *self._warnings,
        )

    def result(self) -> dict[str, Any]:
        """What `result.json` holds."""
        wanted = self.request.wanted if self.request else None
        plan = self.checks.plan if self.checks else None
        known = plan or wanted
        return {
            "schema": SCHEMA,
            "status": self.status,
            "target": self.request.target if self.request else _text(self._parameters, "target"),
            "account_sid": self.session.account.sid if self.session else "",
            "service_sid": known.service_sid if known else _text(self._parameters, "service_sid"),
            "memory_store_id": known.memory_store_id
            if known
            else _text(self._parameters, "memory_store_id"),
            "grouping": known.grouping if known else _text(self._parameters, "grouping"),
            "configuration_id": self.bridge.id if self.bridge else None,
            "operation_id": self._operation_id(),
            "outcome": self.created.outcome if self.created else None,
            "findings": [finding.as_dict() for finding in self.findings],
            "sync": self._sync(),
            "conversations": self.explored.count
            if self.explored and self.explored.complete
            else None,
            "error": self.error.as_dict() if self.error else None,
            "started_at": self.started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "seconds": round(time.monotonic() - self._begun, 3),
        }

    def _operation_id(self) -> str | None:
        if self.created is not None:
            return self.created.operation_id
        return getattr(self.error, "operation_id", None) or None

    def _sync(self) -> dict[str, Any] | None:
        if self.verified is None:
            return None
        return {
            "to_orchestrator_seconds": _rounded(self.verified.to_orchestrator_seconds),
            "to_classic_seconds": _rounded(self.verified.to_classic_seconds),
            "conversation_sid": self.verified.conversation_sid,
            "conversation_id": self.verified.conversation_id,
        }

    # how a step runs

    def _step(self, name: str, step: Callable[[], Rendered], despite: bool = False) -> Rendered:
        if self.error is not None and not despite:
            return pages.skipped(name, self.error)
        try:
            return step()
        except BridgeError as error:
            self.error = self.error or error
            return pages.failed(name, error)

    def _ready(self) -> tuple[Session, Request]:
        if self.session is None or self.request is None:
            raise InvalidInput("onboarding", "not connected", "connect() comes first")
        return self.session, self.request

    def _plan(self) -> Plan:
        if self.checks is None:
            raise InvalidInput("onboarding", "not checked", "preflight() comes before this step")
        return self.checks.require()

    def _incoming(self, session: Session, plan: Plan) -> Incoming | BridgeError:
        """Where calls and messages go with this plan; the bridge does not depend on it."""
        try:
            settings = plan.body().get("channelSettings")
            return incoming(session, plan.service_sid, settings, on_progress=self._progress)
        except Cancelled:
            raise
        except BridgeError as error:
            return error

    def _record(self, step: str, state: str, detail: str) -> None:
        session, _ = self._ready()
        plan = self.checks.plan if self.checks else None
        if self.checks is not None and plan is not None:
            journal, scope = Journal(), Scope.of(session, plan.service_sid)
            journal.record(scope, step, state, detail)
            keep_name(journal, scope, self.checks.service)

    def _lanes(self, progress: Progress) -> None:
        """Of a test each message is told that leaves and arrives, though they are counted."""
        # A list that is read counts too, without a total, and is read at every look.
        counted = progress.done is not None and progress.total is None
        self._progress(progress if counted else replace(progress, done=None))

    def _progress(self, progress: Progress) -> None:
        if progress.state == "waiting" and progress.wait is not None and progress.wait >= 1:
            self._say(f"{progress.message}; next look in {progress.wait:.0f} s")
        elif progress.state != "waiting" and progress.done is None:
            self._say(progress.message)


def _account_name(session: Session) -> str:
    """What the account is called, for the report; many keys may not ask for it."""
    try:
        return session.accounts.name()
    except BridgeError:
        return ""


def _unlisted(how: str, error: BridgeError) -> Finding:
    return Finding(
        "conversations",
        "warning",
        " ".join(part for part in (f"The conversations {how}:", error.what, error.why) if part),
        "How many there are is not known; the bridge itself is not touched by it.",
        error.action,
    )


def _unrecorded(error: BridgeError) -> Finding:
    return Finding(
        "journal",
        "warning",
        " ".join(part for part in ("The proof was not recorded:", error.what, error.why) if part),
        "The history of this service lacks it; this result has it.",
        error.action,
    )


def encode(result: dict[str, Any]) -> bytes:
    """`result.json`'s bytes."""
    return msgspec.json.encode(result)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _text(parameters: dict[str, Any], name: str) -> str:
    return str(parameters.get(name, ""))
