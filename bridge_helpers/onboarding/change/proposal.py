"""
What a write to a configuration would do: looked at and told, and not done.

Source of what the findings say: Twilio docs, conversations/orchestrator (classic bridge guide,
lifecycle) and Twilio's OpenAPI for conversations v2.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ...api.curl import as_curl
from ...api.documents import ConfigurationDocument
from ...api.session import Session
from ...errors import ChecksFailed, InvalidInput
from ...progress import OnProgress, step_context
from ...words import counted
from ..findings import Finding
from ..journal import Journal, Kind, Scope, Snapshot
from ..writes.patches import Members, patch
from .differences import Difference, differences
from .open import OpenConversations, open_conversations
from .snapshots import not_bridged, standing

Action = Literal["channels", "change", "restore", "disconnect", "delete"]
Wanted = Callable[[Members], Mapping[str, Any]]
"""From a configuration's members to what is to be changed of them: member to value as in Twilio's
PATCH, None to remove, `channelSettings` by channel in the same way."""
Checks = Callable[[ConfigurationDocument, Mapping[str, Any]], Iterable[Finding]]
"""From a configuration and the PATCH that it would get to what is to be known about that."""

_NAMES: Final = {"channels": "change of channels"}
"""Actions whose name is not a noun that can be made."""

GROUPING: Final = "conversationGroupingType"
GROUPING_FIXED: Final = (
    "Twilio's word differs on whether grouping can be changed, so it is never changed here"
)
GROUPING_INSTEAD: Final = (
    "To have another grouping, disconnect this configuration and create a bridge with the "
    "grouping that is wanted; conversations that are open keep the old one."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """
    A write that has not been made.

    Attributes:
        configuration_id: What it is about; empty when the configuration is to be made again.
        there: The configuration as it is; None when it is gone.
        wanted: What is to be changed, asked again just before it is written; None for a
            deletion, and for a configuration that is made again.
        body: The request's body; empty when nothing differs, and for a deletion.
        differences: What changes, member by member; none when nothing would be sent.
        findings: What it means for whom, and what speaks against it.
        open: The conversations that it does not reach; None where nothing would be sent.
        restored: The snapshot that is gone back to.
    """

    action: Action
    service_sid: str
    configuration_id: str
    there: ConfigurationDocument | None
    wanted: Wanted | None
    body: dict[str, Any]
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]
    open: OpenConversations | None = None
    restored: Snapshot | None = None

    @property
    def kind(self) -> Kind:
        """What the journal calls it."""
        return "change" if self.action == "channels" else self.action

    @property
    def anew(self) -> bool:
        """Whether the configuration is made again, as it was deleted."""
        return self.action == "restore" and not self.configuration_id

    @property
    def display_name(self) -> str:
        """The configuration's name; empty when it has none or is gone."""
        return (self.there.record.display_name or "") if self.there else ""

    @property
    def name_to_confirm(self) -> str:
        """What has to be typed before it is disconnected or deleted."""
        return self.display_name.strip() or self.configuration_id

    @property
    def nothing_to_do(self) -> bool:
        """Whether it is as wanted already."""
        return not self.differences

    @property
    def ok(self) -> bool:
        """Whether nothing that was found speaks against it."""
        return all(finding.level != "error" for finding in self.findings)

    def require(self) -> None:
        """
        Stop here where something speaks against it.

        Raises:
            ChecksFailed: Names what was found.
        """
        against = [finding for finding in self.findings if finding.level == "error"]
        if against:
            raise ChecksFailed(
                f"The {_NAMES.get(self.action, self.action)} is not made: {against[0].found}",
                " ".join(
                    part for part in (against[0].risk, *(f.found for f in against[1:])) if part
                ),
                " ".join(finding.action for finding in against if finding.action),
            )

    def curl(self, session: Session) -> str:
        """The request as a curl command, credentials as the names of their variables."""
        return request_curl(session, self.method, self.configuration_id, self.body)

    @property
    def method(self) -> str:
        """POST, PATCH or DELETE."""
        if self.action == "delete":
            return "DELETE"
        return "POST" if self.anew else "PATCH"


def request_curl(
    session: Session, method: str, configuration_id: str, body: Mapping[str, Any]
) -> str:
    """A write to a configuration as a curl command, credentials as names of variables."""
    path = ("v2", "ControlPlane", "Configurations", *filter(None, [configuration_id]))
    return as_curl(
        method,
        session.http.url("conversations", path),
        json=dict(body) if method != "DELETE" else None,
        with_token=session.account.credentials.username == session.account.sid,
    )


def check_confirmed(name: str, proposal: Proposal) -> None:
    """
    The name that somebody typed before something is taken away; spaces around it do not matter.

    Raises:
        InvalidInput: It is another one.
    """
    if name.strip() != proposal.name_to_confirm:
        raise InvalidInput(
            "confirm",
            name,
            f"configuration {proposal.configuration_id} is named {proposal.name_to_confirm!r}",
            "Nothing was written. Look whether it is the right service, and type that name.",
        )


def propose(
    session: Session,
    service_sid: str,
    wanted: Wanted,
    *,
    action: Action = "change",
    checks: Checks | None = None,
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Proposal:
    """
    Look at the configuration that bridges a service, and at what would be changed of it.

    Args:
        service_sid: In canonical form.
        wanted: What is to be changed, given what is there.
        checks: What is to be known about it, given what is there and the PATCH.
        journal: Where writes are kept; default: the one under `BRIDGE_HOME`.

    Raises:
        InvalidInput: The grouping, or something that the service writes itself, is to be changed.
        NotBridged: No configuration bridges the service.
        ApiError, ConnectionFailed: The service refused or could not be reached.
        Cancelled: The step was stopped.
    """
    with step_context(on_progress, cancel) as context:
        context.say("Looking at the configuration")
        book = journal or Journal()
        # A bridge that was made a moment ago may not be in the list yet; the journal knows it.
        there = standing(session, service_sid, book).document
        if there is None or not there.service_sid:
            raise not_bridged(session, service_sid)
        return patching(session, action, service_sid, there, wanted, checks=checks, journal=book)


def patching(
    session: Session,
    action: Action,
    service_sid: str,
    there: ConfigurationDocument,
    wanted: Wanted,
    *,
    findings: Iterable[Finding] = (),
    checks: Checks | None = None,
    journal: Journal,
    restored: Snapshot | None = None,
) -> Proposal:
    """The proposal of a PATCH to a configuration that is there; `findings` are known before."""
    body = patch(wanted(there.members), there.members)
    if GROUPING in body:
        raise InvalidInput(GROUPING, body[GROUPING], GROUPING_FIXED, GROUPING_INSTEAD)
    told = [*unfinished(session, service_sid, journal), *findings]
    found = None
    if body:
        told += checks(there, body) if checks else ()
        found = open_conversations(session, there.id, service_sid)
        told.append(about_open(found, action))
    return Proposal(
        action=action,
        service_sid=service_sid,
        configuration_id=there.id,
        there=there,
        wanted=wanted,
        body=body,
        differences=differences(body, there.members),
        findings=tuple(told),
        open=found,
        restored=restored,
    )


def unfinished(session: Session, service_sid: str, journal: Journal) -> Iterable[Finding]:
    """A write that the journal holds and that is not over."""
    last = journal.latest(Scope.of(session, service_sid))
    if last is not None and last.unfinished:
        yield Finding(
            "journal",
            "info",
            f"A {last.kind} that was begun at {last.begun_at:%Y-%m-%d %H:%M} UTC has not ended.",
            "What is shown here may be what it has not reached yet.",
            "It is seen through, or let go, before anything else is written.",
        )


def about_open(found: OpenConversations, action: Action) -> Finding:
    """How many conversations the write does not reach."""
    if found.error is not None:
        return Finding(
            "open conversations",
            "warning",
            f"How many are open could not be counted: {found.error.what}",
            "Those that are open keep the configuration that they were born with.",
            found.error.action,
        )
    if not found.known:
        return Finding(
            "open conversations", "ok", "No open conversation was born with this configuration."
        )
    have = counted(found.known, "conversation")
    are = "is" if found.known == 1 else "are"
    if action in ("disconnect", "delete"):
        return Finding(
            "open conversations",
            "info",
            f"{have} of this configuration {are} open, and will stay in Orchestrator.",
            "Twilio does not say whether it closes them; timeouts go on where some are set.",
            "Close those that are not wanted any more; they are listed.",
        )
    return Finding(
        "open conversations",
        "info",
        f"{have} that {are} open will keep the configuration as it was when they began.",
        "Only conversations that begin afterwards follow the change.",
        "Where that matters, close them; they are listed.",
    )
