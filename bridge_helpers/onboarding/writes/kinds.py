"""
The kinds of writes: how each is sent, and how it is recognised as done by looking.

Creating, and making again what was deleted, look for the configuration that bridges the
service, whoever made it. Changing, restoring and disconnecting look whether the
configuration shows what the PATCH named. Deleting looks whether it is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from ...api.documents import ConfigurationDocument, bridging
from ...api.models import Accepted
from ...api.session import Session
from ...errors import BridgeError, NotFound
from .. import channels
from ..journal import Attempt, Kind
from ..plan import Plan
from .bridges import at_id, bridge_of
from .errors import bridged_otherwise, differs
from .patches import Members, unmet
from .wording import Words

How = Literal["written", "resumed", "found"]
"""By this run, by one that was interrupted, or it was so already."""


@dataclass(frozen=True, slots=True)
class Seen:
    """
    What a look found that ends a write.

    Attributes:
        configuration_id: Which configuration it is about.
        document: As it stands; None when it is gone.
    """

    configuration_id: str
    document: ConfigurationDocument | None

    @property
    def standing(self) -> ConfigurationDocument:
        """
        The configuration that is there.

        Raises:
            LookupError: It is gone.
        """
        if self.document is None:
            raise LookupError(f"configuration {self.configuration_id} is gone")
        return self.document


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """
    One write, as the protocol needs it.

    Attributes:
        configuration_id: The configuration that it is about; empty when it is to be made.
        body: What is sent; empty when nothing is.
        send: Sends a body under a key.
        find: Looks whether it is done. Takes the id of a configuration that the service named,
            or None.
        before: The configuration as it was looked at; kept in the journal before the write.
        seen: What that look found, if it is done already.
        check: What has to hold before anything is sent; raises where it does not.
        objection: Why what was found is not what was wanted; None when it is.
        adopts: Whether the journal remembers what was found and not written.
    """

    kind: Kind
    configuration_id: str
    body: dict[str, Any]
    words: Words
    send: Callable[[dict[str, Any], str], Accepted]
    find: Callable[[str | None], Seen | None]
    before: ConfigurationDocument | None = None
    seen: Seen | None = None
    check: Callable[[], None] = lambda: None
    objection: Callable[[Seen], BridgeError | None] = lambda seen: None
    adopts: bool = False

    def outcome(self, how: How) -> str:
        """The journal's word for how it came to be done."""
        return {"written": self.words.outcome, "found": self.words.found}.get(how, "resumed")


@dataclass(frozen=True, slots=True)
class Done:
    """
    A write at its end.

    Attributes:
        write: What was to be done.
        seen: What is there now.
        how: Who did it.
        attempt: The journal's entry; None when nothing was written, now or earlier.
        operation_id: The operation that did it, when one of ours did.
    """

    write: Write
    seen: Seen
    how: How
    attempt: Attempt | None
    operation_id: str | None

    @property
    def outcome(self) -> str:
        """The journal's word for it."""
        return self.write.outcome(self.how)


def creation(session: Session, plan: Plan) -> Write:
    """Make the configuration that bridges the plan's service."""

    def check() -> None:
        channels.refuse_messaging_capture(plan.all_captures)
        if plan.voice_number:
            channels.require_voice(session, plan.voice_number)

    def objection(seen: Seen) -> BridgeError | None:
        there = seen.standing.record
        differences = plan.differences(there)
        return differs(session, plan, there, differences) if differences else None

    return Write(
        kind="create",
        configuration_id="",
        body=plan.body(),
        words=Words(
            doing="Creating the configuration",
            outcome="created",
            found="adopted",
            done="the configuration was created",
            shown="its configuration is there",
            missing=f"no configuration bridges {plan.service_sid}",
            perhaps="somebody may have deleted it",
            again="creates only when there is none",
        ),
        send=session.orchestrator.create_configuration,
        find=partial(_bridge, session, plan.service_sid),
        check=check,
        objection=objection,
        adopts=True,
    )


def recreation(session: Session, service_sid: str, body: dict[str, Any]) -> Write:
    """
    Make a configuration again that was deleted.

    Args:
        service_sid: The classic service that it bridges.
        body: What was kept of it, as a request.
    """

    def objection(seen: Seen) -> BridgeError | None:
        missing = unmet(body, seen.standing.members)
        if not missing:
            return None
        return bridged_otherwise(service_sid, seen.configuration_id, missing)

    return Write(
        kind="restore",
        configuration_id="",
        body=body,
        words=Words(
            doing="Making the configuration again",
            outcome="restored",
            found="unchanged",
            done="the configuration was made again",
            shown="its configuration is there",
            missing=f"no configuration bridges {service_sid}",
            perhaps="somebody may have deleted it",
            again="makes it only when there is none",
        ),
        send=session.orchestrator.create_configuration,
        find=partial(_bridge, session, service_sid),
        objection=objection,
    )


def change(
    session: Session,
    kind: Kind,
    configuration_id: str,
    body: dict[str, Any],
    before: Members | None,
) -> Write:
    """
    PATCH a configuration.

    Args:
        kind: change, restore or disconnect: the same to the service, not to a person.
        body: What the PATCH names.
        before: The configuration's members before it, when they are known.
    """
    api = session.orchestrator

    def find(_named: str | None) -> Seen | None:
        found = at_id(session, configuration_id)
        if found is None or unmet(body, found.members, before):
            return None
        return Seen(configuration_id, found)

    outcome = {"restore": "restored", "disconnect": "disconnected"}.get(kind, "changed")
    return Write(
        kind=kind,
        configuration_id=configuration_id,
        body=body,
        words=Words(
            doing=f"Sending the change to configuration {configuration_id}",
            outcome=outcome,
            found="unchanged",
            done=f"configuration {configuration_id} was {outcome}",
            shown=f"configuration {configuration_id} shows the change",
            missing=f"configuration {configuration_id} does not show the change",
            perhaps="somebody may have changed it again, or deleted it",
            again="sends only what differs then",
        ),
        send=lambda changes, key: api.update_configuration(configuration_id, changes, key),
        find=find,
    )


def deletion(session: Session, configuration_id: str) -> Write:
    """DELETE a configuration."""

    def send(_body: dict[str, Any], key: str) -> Accepted:
        try:
            return session.orchestrator.delete_configuration(configuration_id, key)
        except NotFound:
            # It is gone already: no operation to follow, and the look that comes next sees it.
            return Accepted()

    def find(_named: str | None) -> Seen | None:
        return None if at_id(session, configuration_id) else Seen(configuration_id, None)

    return Write(
        kind="delete",
        configuration_id=configuration_id,
        body={},
        words=Words(
            doing=f"Deleting configuration {configuration_id}",
            outcome="deleted",
            found="gone already",
            done=f"configuration {configuration_id} was deleted",
            shown=f"configuration {configuration_id} is gone",
            missing=f"configuration {configuration_id} is still there",
            perhaps="the service may show it a little longer",
            again="deletes only what is still there",
        ),
        send=send,
        find=find,
    )


def of_attempt(session: Session, attempt: Attempt, before: Mapping[str, Any] | None) -> Write:
    """
    The write that an entry of the journal is about.

    Args:
        before: The members of the snapshot that was kept before it, when there is one.
    """
    if attempt.kind == "create":
        return creation(session, Plan.of_body(attempt.body))
    target = attempt.configuration_id or ""
    if attempt.kind == "restore" and not target:
        return recreation(session, attempt.service_sid, attempt.body)
    if attempt.kind == "delete":
        return deletion(session, target)
    return change(session, attempt.kind, target, attempt.body, before)


def _bridge(session: Session, service_sid: str, named: str | None) -> Seen | None:
    """The configuration that bridges a service; one that was named is looked at first."""
    there = at_id(session, named) if named else None
    found = bridging([there], service_sid) if there else None
    found = found or bridge_of(session, service_sid)
    return Seen(found.id, found) if found else None
