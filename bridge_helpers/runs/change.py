"""
One run of `channels`, `change`, `restore`, `disconnect` or `delete`, and its `change.json`.

Looked at first; written only with `apply`. The file is written however the run ends, once the
account is known, so that a program finds what a person read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from ..api.session import Session
from ..errors import BridgeError, InvalidInput
from ..files import check_writable, write_private
from ..onboarding.change import Action, Applied, Proposal, carry_out
from ..onboarding.change.open import OpenConversations
from ..onboarding.change.proposal import check_confirmed
from ..onboarding.findings import Finding
from ..progress import OnProgress

SCHEMA: Final = 1
DESTRUCTIVE: Final = ("disconnect", "delete")
OPEN_FILE: Final = "open_conversations.csv"

Status = Literal["planned", "applied", "unchanged", "failed"]
Look = Callable[[Session], Proposal]


class ChangeRun:
    """
    One run: construct it, call `run`, look at what it came to.

    Args:
        action: What is asked for.
        target: `sandbox` or `twilio`.
        service_sid: In canonical form.
        apply: Whether to write; without it the run is a plan.
        confirm: The name that was typed, or None; for what is destructive.
        output: The folder for `change.json` and `open_conversations.csv`; None: none.

    Raises:
        InvalidInput: The name is missing where it has to be typed, or the folder cannot be
            written to; nothing was sent.
    """

    def __init__(
        self,
        action: Action,
        target: str,
        service_sid: str,
        *,
        apply: bool,
        confirm: str | None = None,
        output: Path | None = None,
    ) -> None:
        self.action = action
        self.target = target
        self.service_sid = service_sid
        self.apply = apply
        self.confirm = confirm
        self.output = output
        self.started_at = datetime.now(UTC)
        self._begun = time.monotonic()
        self.account_sid = ""
        self.proposal: Proposal | None = None
        self.applied: Applied | None = None
        self.error: BridgeError | None = None
        if action in DESTRUCTIVE and apply and target == "twilio" and not (confirm or "").strip():
            raise InvalidInput(
                "confirm",
                confirm or "",
                f"on target twilio a {action} is applied only with the configuration's display "
                "name",
                "Run it without --apply first: it shows the name. Then add --confirm NAME.",
            )
        if output is not None:
            check_writable("output", output / "change.json")

    def run(
        self,
        session: Session,
        look: Look,
        *,
        on_proposal: Callable[[Proposal], None] = lambda proposal: None,
        on_progress: OnProgress | None = None,
    ) -> None:
        """
        Look, write where that was asked for, and write the files; an error is kept in `error`.

        Args:
            look: From a session to what would be written.
            on_proposal: Called before anything is written.
        """
        self.account_sid = session.account.sid
        try:
            self.proposal = look(session)
            on_proposal(self.proposal)
            # Of what is gone already nobody can tell the name.
            taken_away = self.action in DESTRUCTIVE and not self.proposal.nothing_to_do
            if self.confirm is not None and taken_away:
                check_confirmed(self.confirm, self.proposal)
            self.proposal.require()
            if self.apply:
                self.applied = carry_out(session, self.proposal, on_progress=on_progress)
        except BridgeError as error:
            self.error = error
        except KeyboardInterrupt:
            self.error = BridgeError(
                "The run was stopped.",
                "Twilio goes on with what it has accepted.",
                "Run the same command again to resume.",
            )
            self._write()
            raise
        self._write()

    @property
    def status(self) -> Status:
        """How it ended."""
        if self.error is not None:
            return "failed"
        if self.applied is not None:
            return "unchanged" if self.applied.outcome == "unchanged" else "applied"
        return "unchanged" if self.proposal and self.proposal.nothing_to_do else "planned"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found before and after."""
        return (
            *(self.proposal.findings if self.proposal else ()),
            *(self.applied.findings if self.applied else ()),
        )

    @property
    def open_count(self) -> int | None:
        """How many conversations keep the configuration as it was; None where not known."""
        return self._open.count if self._open else None

    @property
    def open_file(self) -> Path | None:
        """Where the open conversations were written; None where there are none to list."""
        found = self._open
        if self.output is None or found is None or not found.known:
            return None
        return self.output / OPEN_FILE

    def result(self) -> dict[str, Any]:
        """What `change.json` holds."""
        proposal, applied = self.proposal, self.applied
        snapshot = applied.snapshot if applied else None
        configuration_id = applied.configuration_id if applied else None
        return {
            "schema": SCHEMA,
            "action": self.action,
            "status": self.status,
            "target": self.target,
            "account_sid": self.account_sid,
            "service_sid": self.service_sid,
            "configuration_id": configuration_id
            or (proposal.configuration_id if proposal else None)
            or None,
            "operation_id": applied.operation_id
            if applied
            else getattr(self.error, "operation_id", None) or None,
            "snapshot_id": str(snapshot.id) if snapshot else None,
            "differences": [one.as_dict() for one in (proposal.differences if proposal else ())],
            "findings": [finding.as_dict() for finding in self.findings],
            "open_conversations": self.open_count,
            "error": self.error.as_dict() if self.error else None,
            "started_at": self.started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "seconds": round(time.monotonic() - self._begun, 3),
        }

    @property
    def _open(self) -> OpenConversations | None:
        if self.applied is not None and self.applied.open is not None:
            return self.applied.open
        return self.proposal.open if self.proposal else None

    def _write(self) -> None:
        if self.output is None:
            return
        try:
            if self.open_file is None:
                # That of an earlier run in this folder would be taken for this one's.
                with suppress(OSError):
                    (self.output / OPEN_FILE).unlink(missing_ok=True)
            if self._open is not None and self.open_file is not None:
                self._open.write(self.open_file)
        except BridgeError as error:
            self.error = self.error or error
        try:
            data = msgspec.json.format(msgspec.json.encode(self.result()))
            write_private(self.output / "change.json", data)
        except BridgeError as error:
            self.error = self.error or error
