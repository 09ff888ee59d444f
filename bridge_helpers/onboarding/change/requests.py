"""The four writes as proposals: change, restore, disconnect, delete."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from ...api.documents import ConfigurationDocument
from ...api.session import Session
from ...progress import OnProgress, step_context
from ...words import counted
from ..findings import Finding
from ..journal import Journal, Snapshot
from ..writes.bridges import at_id, bridge_of
from ..writes.patches import MERGED, Members, making, restoring
from .differences import differences, removal
from .open import open_conversations
from .proposal import (
    GROUPING,
    GROUPING_FIXED,
    GROUPING_INSTEAD,
    Action,
    Proposal,
    about_open,
    patching,
    propose,
    unfinished,
)
from .snapshots import chosen, standing

BRIDGE = "conversationsV1Bridge"


def propose_change(
    session: Session,
    service_sid: str,
    changes: Mapping[str, Any],
    *,
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Proposal:
    """
    Change members of the configuration that bridges a service.

    Args:
        service_sid: In canonical form.
        changes: Member to value as in Twilio's PATCH, None to remove; `channelSettings` by
            channel in the same way.

    Raises:
        As `propose`.
    """
    return propose(
        session,
        service_sid,
        lambda _: changes,
        journal=journal,
        on_progress=on_progress,
        cancel=cancel,
    )


def propose_restoration(
    session: Session,
    service_sid: str,
    snapshot_id: str = "",
    *,
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Proposal:
    """
    Make a configuration again what it was when a snapshot of it was kept.

    Where it has been deleted, the configuration that bridges the service now is made like it;
    where none does, one is made anew, under another id.

    Args:
        service_sid: In canonical form.
        snapshot_id: Empty: the newest one, see `snapshots.chosen`.

    Raises:
        InvalidInput: There is no such snapshot.
        NotChosen: There is none at all.
        ApiError, ConnectionFailed: The service refused or could not be reached.
        Cancelled: The step was stopped.
    """
    book = journal or Journal()
    with step_context(on_progress, cancel) as context:
        kept = chosen(session, service_sid, snapshot_id, journal=book)
        context.say(f"Looking at configuration {kept.configuration_id}")
        told = Finding(
            "snapshot",
            "info",
            f"Snapshot {kept.id} of {kept.at:%Y-%m-%d %H:%M} UTC, kept before a {kept.reason} of "
            f"{kept.configuration_id}.",
        )
        there = at_id(session, kept.configuration_id)
        found = [told]
        if there is None:
            there = bridge_of(session, service_sid)
            if there is None:
                return _anew(session, service_sid, kept, told, book)
            found.append(_successor(kept, there))
        found += _against(session, service_sid, kept, there)
        return patching(
            session,
            "restore",
            service_sid,
            there,
            lambda members: _without_grouping(restoring(kept.document.members, members)),
            findings=found,
            journal=book,
            restored=kept,
        )


def _without_grouping(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in changes.items() if name != GROUPING}


def _against(
    session: Session, service_sid: str, kept: Snapshot, there: ConfigurationDocument
) -> Iterator[Finding]:
    """What stands in the way of going back, and what cannot be brought back."""
    now, then = there.service_sid, kept.document.service_sid
    if now and now.lower() != service_sid.lower():
        yield Finding(
            "bridge",
            "error",
            f"Configuration {there.id} bridges {now} by now.",
            f"Going back would take the bridge away from {now}.",
            f"Disconnect {now} first, or create a new bridge for {service_sid}.",
        )
    elif then and not now:
        yield from _bridged_elsewhere(session, service_sid)
    grouping = (there.members.get(GROUPING), kept.document.members.get(GROUPING))
    if grouping[0] != grouping[1]:
        yield Finding(
            "grouping",
            "warning",
            f"It was {grouping[1]} then and is {grouping[0]} now; that is left as it is.",
            f"{GROUPING_FIXED}.",
            GROUPING_INSTEAD,
        )


def _successor(kept: Snapshot, there: ConfigurationDocument) -> Finding:
    return Finding(
        "configuration",
        "info",
        f"Configuration {kept.configuration_id} is gone. The one that bridges the service now, "
        f"{there.id}, is made like it.",
    )


def _bridged_elsewhere(session: Session, service_sid: str) -> Iterator[Finding]:
    holder = bridge_of(session, service_sid)
    if holder is not None:
        yield Finding(
            "bridge",
            "error",
            f"{service_sid} is bridged by another configuration by now: {holder.id}.",
            "A service has one bridge, so that Twilio would refuse a second one.",
            "Disconnect or delete that one first, and restore then.",
        )


def _anew(
    session: Session, service_sid: str, kept: Snapshot, told: Finding, journal: Journal
) -> Proposal:
    """The configuration was deleted: what was kept of it is the request that makes it again."""
    body = making(kept.document.members)
    found = [told, *unfinished(session, service_sid, journal)]
    found.append(
        Finding(
            "configuration",
            "warning",
            f"Configuration {kept.configuration_id} is gone, so one like it is made, under "
            "another id.",
            "Whatever names the old id, such as an application that asks for its conversations, "
            "does not find the new one.",
            "Give the new id to those who use the old one.",
        )
    )
    if (kept.document.service_sid or "").lower() != service_sid.lower():
        found.append(
            Finding(
                "bridge",
                "error",
                f"Snapshot {kept.id} does not bridge {service_sid}.",
                "What it would make could not be told from other configurations.",
                "Restore a snapshot that has the bridge: `bridge-workbook snapshots` lists them.",
            )
        )
    return Proposal(
        action="restore",
        service_sid=service_sid,
        configuration_id="",
        there=None,
        wanted=None,
        body=body,
        differences=differences(body, {}),
        findings=tuple(found),
        restored=kept,
    )


def propose_disconnection(
    session: Session,
    service_sid: str,
    *,
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Proposal:
    """
    Take the bridge away and keep the configuration.

    Args:
        service_sid: In canonical form.

    Raises:
        NotBridged: No configuration bridges the service, and the journal knows of none that did.
        ApiError, ConnectionFailed: The service refused or could not be reached.
        Cancelled: The step was stopped.
    """
    book = journal or Journal()
    with step_context(on_progress, cancel) as context:
        context.say("Looking at the configuration")
        stands = standing(session, service_sid, book)
        there = stands.document
        if there is None:
            return gone("disconnect", service_sid, stands.configuration_id)
        return patching(
            session,
            "disconnect",
            service_sid,
            there,
            lambda _: {BRIDGE: None},
            findings=tuple(_disconnecting(service_sid, there)) if stands.bridged else (),
            journal=book,
        )


def propose_deletion(
    session: Session,
    service_sid: str,
    *,
    journal: Journal | None = None,
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Proposal:
    """
    Delete the configuration that bridges a service, or that did until it was disconnected.

    Args:
        service_sid: In canonical form.

    Raises:
        NotBridged: No configuration bridges the service, and the journal knows of none that did.
        ApiError, ConnectionFailed: The service refused or could not be reached.
        Cancelled: The step was stopped.
    """
    book = journal or Journal()
    with step_context(on_progress, cancel) as context:
        context.say("Looking at the configuration")
        stands = standing(session, service_sid, book)
        there = stands.document
        if there is None:
            return gone("delete", service_sid, stands.configuration_id)
        found = open_conversations(session, there.id, service_sid)
        return Proposal(
            action="delete",
            service_sid=service_sid,
            configuration_id=there.id,
            there=there,
            wanted=None,
            body={},
            differences=removal(there.members),
            findings=(
                *unfinished(session, service_sid, book),
                *_deleting(service_sid, there),
                about_open(found, "delete"),
            ),
            open=found,
        )


def gone(action: Action, service_sid: str, configuration_id: str) -> Proposal:
    """Nothing to do, as the configuration is not there any more."""
    return Proposal(
        action=action,
        service_sid=service_sid,
        configuration_id=configuration_id,
        there=None,
        wanted=None,
        body={},
        differences=(),
        findings=(
            Finding("configuration", "info", f"Configuration {configuration_id} is gone already."),
        ),
    )


def _disconnecting(service_sid: str, there: ConfigurationDocument) -> Iterator[Finding]:
    yield _no_crossing(service_sid)
    yield _classic(service_sid)
    more = _captured(there.members)
    stays = f"Configuration {there.id} stays"
    yield Finding(
        "configuration", "ok", f"{stays}, and goes on capturing {more}." if more else f"{stays}."
    )


def _deleting(service_sid: str, there: ConfigurationDocument) -> Iterator[Finding]:
    if there.service_sid:
        yield _no_crossing(service_sid)
    yield _classic(service_sid)
    members = there.members
    parts = [f"its capture of {more}" if (more := _captured(members)) else ""]
    for name, noun in (
        ("statusCallbacks", "status callback"),
        ("intelligenceConfigurationIds", "link to intelligence|links to intelligence"),
    ):
        one, _, several = noun.partition("|")
        if members.get(name):
            parts.append(counted(len(members[name]), one, several))
    lost = ", ".join(part for part in parts if part)
    yield Finding(
        "configuration",
        "warning",
        f"Configuration {there.id} is removed" + (f", and with it {lost}." if lost else "."),
        "Its id never comes back: restoring a snapshot makes another one like it.",
        "Disconnect instead where the configuration may be wanted again.",
    )
    if there.record.memory_store_id:
        yield Finding(
            "memory store",
            "ok",
            f"Memory store {there.record.memory_store_id} and its profiles stay.",
        )


def _no_crossing(service_sid: str) -> Finding:
    return Finding(
        "bridge",
        "warning",
        f"Messages of {service_sid} no longer reach Orchestrator, and messages of Orchestrator "
        "no longer reach classic.",
        "Whoever answers in Orchestrator is not heard any more; memory and intelligence learn "
        "nothing more from these conversations.",
        "See that those who answer work in the classic application again.",
    )


def _classic(service_sid: str) -> Finding:
    return Finding(
        "classic service",
        "ok",
        f"{service_sid} goes on as it is: its conversations and the application are not touched.",
    )


def _captured(members: Members) -> str:
    """The channels that a configuration captures by rule, in words."""
    settings = members.get(MERGED) or {}
    return ", ".join(
        channel
        for channel, setting in settings.items()
        if isinstance(setting, Mapping) and setting.get("captureRules")
    )
