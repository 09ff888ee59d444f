"""Writes to a configuration that is there, and the rows of their fault matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bridge_helpers.onboarding.change import (
    Applied,
    Changed,
    Deleted,
    carry_out,
    write_change,
    write_deletion,
)
from bridge_helpers.onboarding.channels.intents import Intent
from bridge_helpers.onboarding.combine import Combination, combine
from bridge_helpers.onboarding.journal import Scope, Snapshot

from .matrix import both, operation
from .server import (
    Server,
    Spoil,
    drops_after,
    drops_before,
    empty,
    not_json,
    refuses,
    truncates,
)
from .world import SERVICE_SID, Call, patched

if TYPE_CHECKING:
    from .conftest import Client

NUMBER = "+15550001111"
GUIDE = {"from": "*", "to": NUMBER, "metadata": {"callType": "PSTN"}}
UNKNOWN = {"kept": [1, None, {"deep": "Ä \U0001f600"}], "off": False, "none": None}
CHANGES: dict[str, Any] = {"displayName": "Renamed", "description": "Another wording"}
VOICE: dict[str, Any] = {
    "newer": UNKNOWN,
    "captureRules": [{"from": "+15550003333", "to": "+15550002222", "metadata": {}, "newer": {}}],
}
CAPTURED: dict[str, Any] = {
    "channelSettings": {"VOICE": {**VOICE, "captureRules": [*VOICE["captureRules"], GUIDE]}}
}
"""What capturing the calls of `NUMBER` makes of `VOICE`: the whole request."""
SEND = r"^(PATCH|DELETE) /v2/ControlPlane/Configurations/"
POLL = r"^GET /v2/ControlPlane/Operations/"


@dataclass(frozen=True)
class Row:
    """
    A fault of a write to a configuration that is there.

    Attributes:
        expected: `done`, or the error's name.
        left: Whether the configuration is the `old` or the `new` one when the run has ended and
            what is pending has been done.
        then: How an undisturbed run ends: `resumed`, `done` or `nothing` to do.
    """

    name: str
    spoil: Callable[[Server], object]
    expected: str
    left: str
    then: str


def send(spoil: Spoil, times: int | None = 1) -> Callable[[Server], object]:
    return lambda server: server.spoil(spoil, SEND, times)


def poll(spoil: Spoil, times: int | None = 1) -> Callable[[Server], object]:
    return lambda server: server.spoil(spoil, POLL, times)


def forgotten(seconds: float) -> Callable[[Server], object]:
    return both(operation(seconds=seconds), poll(refuses(404, code=520052), times=None))


def silent(**more: Any) -> Callable[[Server], object]:
    """A 202 that names no operation."""
    return operation(headers=False, body=False, related=None, **more)


ROWS: tuple[Row, ...] = (
    Row("nothing", lambda server: None, "done", "new", "nothing"),
    Row("429 twice", send(refuses(429, Retry_After="3"), 2), "done", "new", "nothing"),
    Row("500 twice", send(refuses(500), 2), "done", "new", "nothing"),
    Row("503, for ever", send(refuses(503), None), "UnknownOutcome", "old", "resumed"),
    Row("drop before", send(drops_before), "done", "new", "nothing"),
    Row("drop before, for ever", send(drops_before, None), "UnknownOutcome", "old", "resumed"),
    Row("drop after the work", send(drops_after), "done", "new", "nothing"),
    Row("drop after, for ever", send(drops_after, None), "done", "new", "nothing"),
    Row(
        "drop after, slow operation",
        both(operation(seconds=60.0), send(drops_after, None)),
        "UnknownOutcome",
        "new",
        "resumed",
    ),
    Row(
        "lost, then 409 of its own key",
        both(operation(seconds=60.0), send(drops_after), send(refuses(409), None)),
        "Conflict",
        "new",
        "resumed",
    ),
    Row("truncated", send(truncates), "done", "new", "nothing"),
    Row("not JSON", send(not_json), "done", "new", "nothing"),
    Row("empty 202", send(empty), "done", "new", "nothing"),
    Row("no trace of an operation", silent(seconds=25.0), "done", "new", "nothing"),
    Row("400", send(refuses(400)), "BadRequest", "old", "done"),
    Row("401", send(refuses(401, code=20003)), "AuthenticationFailed", "old", "done"),
    Row("409", send(refuses(409)), "Conflict", "old", "done"),
    Row("operation fails", operation(fate="FAILED"), "OperationFailed", "old", "done"),
    Row("operation CANCELLED", operation(fate="CANCELLED"), "OperationFailed", "old", "done"),
    Row("operation hangs", operation(seconds=1e9), "OperationPending", "new", "resumed"),
    Row("operation takes 90 s", operation(seconds=90.0), "done", "new", "nothing"),
    Row("no related", operation(related=None), "done", "new", "nothing"),
    Row("poll: 503 twice", poll(refuses(503), 2), "done", "new", "nothing"),
    Row("poll: not known, but done", forgotten(8.0), "done", "new", "nothing"),
    Row("poll: not known", forgotten(60.0), "UnknownOutcome", "new", "resumed"),
)


@dataclass
class Existing:
    """A configuration that bridges the service, with a member that this package does not know."""

    client: Client
    id: str
    old: dict[str, Any]

    @property
    def now(self) -> dict[str, Any] | None:
        self.client.world.settle()
        return self.client.world.configurations.get(self.id)

    def new(self, kind: str) -> dict[str, Any] | None:
        """What a write of this kind makes of it, once; None: nothing."""
        changes = {"change": CHANGES, "channels": CAPTURED}.get(kind)
        return patched(self.old, changes) if changes else None

    @property
    def sent(self) -> list[Call]:
        return [call for call in self.client.server.calls if call.method in ("PATCH", "DELETE")]

    @property
    def snapshots(self) -> list[Snapshot]:
        scope = Scope.of(self.client.session, SERVICE_SID)
        return self.client.journal.snapshots(scope)

    def options(self) -> dict[str, Any]:
        client = self.client
        return {
            "service_sid": SERVICE_SID,
            "journal": client.journal,
            "on_progress": client.shown.append,
            "clock": client.clock,
            "sleep": client.clock.sleep,
        }

    def change(self, changes: dict[str, Any] | None = None, **more: Any) -> Changed:
        wanted = CHANGES if changes is None else changes
        return write_change(self.client.session, self.id, wanted, **self.options(), **more)

    def delete(self, **more: Any) -> Deleted:
        return write_deletion(self.client.session, self.id, **self.options(), **more)

    def proposed(self, *kinds_and_addresses: str) -> Combination:
        """Other channels beside the bridge, looked at."""
        wanted = map(Intent.checked, kinds_and_addresses or (f"voice:{NUMBER}",))
        return combine(self.client.session, SERVICE_SID, wanted, journal=self.client.journal)

    def captured(self, found: Combination | None = None) -> Applied:
        """Other channels beside the bridge, written; default: looked at just before."""
        options = self.options()
        del options["service_sid"]
        proposal = (found or self.proposed()).proposal
        return carry_out(self.client.session, proposal, **options)
