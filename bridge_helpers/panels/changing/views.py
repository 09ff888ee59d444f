"""What the panel of step 07 shows: what is there, what would change, what was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from ...api.documents import ConfigurationDocument
from ...api.models import StatusTimeouts
from ...api.session import Session
from ...onboarding.change import Action, Applied, Proposal
from ...onboarding.change.differences import Difference
from ...onboarding.change.proposal import GROUPING_FIXED, GROUPING_INSTEAD
from ...onboarding.change.stand import Stand
from ...onboarding.channels.words import settings_in_words, timeouts_in_words
from ...onboarding.findings import Finding, count
from ...onboarding.journal import Attempt, Snapshot
from ...onboarding.options import CHAT, Options
from ...onboarding.undo import restore_command
from ...words import GLYPHS, counted
from ..creating.views import GROUPING_TITLES
from ..toolkit import text
from ..toolkit.contents import Contents
from ..toolkit.findings import findings
from ..toolkit.text import Html
from .form import ChangeForm

ACTIONS: Final = [
    {"value": "change", "title": "Change settings", "detail": "Name, store, what is on"},
    {"value": "restore", "title": "Go back", "detail": "To what it was before"},
    {"value": "disconnect", "title": "Disconnect", "detail": "Only the bridge goes"},
    {"value": "delete", "title": "Delete", "detail": "All of it goes"},
]
BUTTONS: Final[dict[str, str]] = {
    "change": "Apply",
    "restore": "Restore",
    "disconnect": "Disconnect",
    "delete": "Delete",
}
DESTRUCTIVE: Final = ("disconnect", "delete")

NOT_BRIDGED: Final = "no configuration bridges this service now"

_NEXT: Final = {
    "change": "Change something, or choose what else is to be done.",
    "restore": "Pick a snapshot to see what it would bring back.",
    "disconnect": "Look at what would happen.",
    "delete": "Look at what would happen.",
}
_NAMES: Final = {
    "displayName": "Display name",
    "description": "Description",
    "memoryStoreId": "Memory store",
    "conversationGroupingType": "Grouping",
    "conversationsV1Bridge": "Bridge",
    "memoryExtractionEnabled": "Memory extraction",
    "intelligenceConfigurationIds": "Intelligence",
    "statusCallbacks": "Status callbacks",
}


def now(there: ConfigurationDocument, contents: Contents, *, briefly: bool = False) -> Html:
    """What exists now, in words; briefly: which configuration it is, and what it bridges."""
    record = there.record
    store = next((one for one in contents.stores if one.id == record.memory_store_id), None)
    stored = (
        f"{store.display_name or store.id} ({store.status or 'state unknown'})"
        if store
        else record.memory_store_id or "none"
    )
    grouping = record.conversation_grouping_type or ""
    # Timeouts are among the sentences about channels.
    on = [title for title, is_on, _ in Options.of(record).lines() if is_on and CHAT not in title]
    captured = settings_in_words(record.channel_settings)
    bridged = contents.service_name(there.service_sid) if there.service_sid else ""
    rows: list[tuple[str, object]] = [
        (
            "Configuration",
            text.html(
                "<strong>{}</strong> {} {}",
                record.display_name or "(no name)",
                text.code(there.id),
                text.copyable(there.id),
            ),
        ),
        (
            "Bridges",
            text.html(
                "{}, with memory store {}", bridged or "nothing: it was disconnected", stored
            ),
        ),
        (
            "Grouping",
            text.folded(
                f"{GROUPING_TITLES.get(grouping, grouping)}, fixed",
                text.html('<div class="bw-help">{}. {}</div>', GROUPING_FIXED, GROUPING_INSTEAD),
            ),
        ),
        ("Beside the bridge", "; ".join([*on, *captured]) or "nothing is on or captured"),
    ]
    return text.facts(rows[:2] if briefly else rows)


def unfinished(attempt: Attempt | None) -> Html:
    """What an earlier run has begun and not ended; empty where there is none."""
    if attempt is None:
        return Html("")
    where = (
        text.html("Open {} and resume it there.", text.notebook("02_create_bridge", "02"))
        if attempt.kind == "create"
        else "Resume sees it through."
    )
    return text.box(
        "warning",
        text.html(
            "<strong>A {} begun {} is not over.</strong> {}",
            {"create": "creation", "disconnect": "disconnection", "delete": "deletion"}.get(
                attempt.kind, attempt.kind
            ),
            text.ago(attempt.begun_at),
            where,
        ),
    )


def snapshot_options(kept: Iterable[Snapshot]) -> list[dict[str, Any]]:
    """Snapshots to pick from, the newest first: when, and before what."""
    return [
        {
            "value": str(one.id),
            "title": f"{one.at:%Y-%m-%d %H:%M:%S} UTC, before a {one.reason}",
            "detail": f"snapshot {one.id} · {text.ago(one.at)} · "
            + (one.display_name or one.configuration_id),
            "mark": {"failed": "that failed", "let go": "that did nothing"}.get(
                one.state, "" if one.state == "completed" else "not over"
            ),
        }
        for one in kept
    ]


def differences(differ: Iterable[Difference], contents: Contents, caption: str) -> Html:
    """What changes, setting by setting, with the names that people know them by."""
    rows = [
        (
            _named(one.path),
            _in_words(one.path, one.before, contents),
            _in_words(one.path, one.after, contents),
        )
        for one in differ
    ]
    return text.differences(caption, rows, ("Setting", "Now", "Afterwards")) if rows else Html("")


def _named(path: str) -> str:
    """A member of a configuration as a person calls it."""
    channel = path.removeprefix("channelSettings.")
    return f"Channel {channel}" if channel != path else _NAMES.get(path, path)


def _in_words(path: str, value: Any, contents: Contents) -> Any:
    """A member's value, with the names of what it refers to where they are known."""
    if path == "memoryStoreId":
        return contents.store_name(value)
    if path == "conversationGroupingType":
        return GROUPING_TITLES.get(value, value)
    if path == "conversationsV1Bridge" and isinstance(value, dict) and set(value) == {"serviceId"}:
        sid = value["serviceId"]
        name = contents.service_name(sid)
        return sid if name == sid else f"{name} ({sid})"
    if path.startswith("channelSettings.") and isinstance(value, dict):
        only = {name for name, known in value.items() if known not in (None, [])}
        if only == {"statusTimeouts"}:
            return timeouts_in_words(msgspec.convert(value["statusTimeouts"], StatusTimeouts))
    return value


def consequences(proposal: Proposal, contents: Contents) -> Html:
    """
    What happens to whom, before it can be pressed: a sentence for each thing.

    Service, configuration and memory store go by their names, which the customer knows.
    """
    name = proposal.display_name or proposal.configuration_id
    names = {
        proposal.service_sid: contents.service_name(proposal.service_sid),
        proposal.configuration_id: name,
        **{one.id: one.display_name for one in contents.stores if one.display_name},
    }
    lines = text.joined(
        text.html("<li>{}</li>", _by_name(one.found, names)) for one in proposal.findings
    )
    return text.box(
        "warning",
        text.html("<strong>{} {}</strong>", BUTTONS[proposal.action], name),
        text.html("<ul>{}</ul>", lines),
    )


def proposed(proposal: Proposal, contents: Contents, session: Session) -> Html:
    """What would change, what that means, and the request."""
    told = findings(proposal.findings)
    if proposal.action in DESTRUCTIVE:
        # What was found stands above the button already, without what to do about it.
        told = text.folded("Risks, and what to do", told)
    parts: list[object] = [told]
    if proposal.nothing_to_do:
        return text.html('<div class="bw-stack">{}</div>', text.joined(parts))
    parts.insert(0, differences(proposal.differences, contents, "What would change"))
    parts.append(text.folded("The request as curl", text.block("curl", proposal.curl(session))))
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def result(applied: Applied, session: Session) -> Html:
    """What was done, how to go back, and what is left."""
    proposal = applied.proposal
    pairs: list[tuple[str, object]] = [("Configuration", text.code(applied.configuration_id))]
    if applied.operation_id:
        pairs.append(("Operation", text.code(applied.operation_id)))
    if applied.snapshot is not None:
        command = restore_command(proposal.service_sid, session.target, applied.snapshot.id)
        pairs.append(
            (
                "Back",
                text.html(
                    "Choose <em>Go back</em> and snapshot {}, or: {} {}",
                    applied.snapshot.id,
                    text.code(command),
                    text.copyable(command),
                ),
            )
        )
    parts: list[object] = [
        text.box(
            "ok",
            text.html("<strong>{} {}</strong>", GLYPHS["done"], done_in_words(applied)),
            text.facts(pairs),
        )
    ]
    if proposal.action in DESTRUCTIVE and applied.findings:
        parts.append(_left(applied.findings))
    elif applied.findings:
        parts.append(findings(applied.findings))
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def done_in_words(applied: Applied) -> str:
    """A sentence about what was done."""
    proposal, document = applied.proposal, applied.document
    named = document.record.display_name if document else proposal.display_name
    name = named or applied.configuration_id
    if applied.outcome == "unchanged":
        return f"{name} is like this already: nothing was sent."
    restored = proposal.restored
    told: dict[Action, str] = {
        "change": f"{name} is changed.",
        "restore": f"{name} is again what it was"
        + (f" on {restored.at:%Y-%m-%d} at {restored.at:%H:%M:%S} UTC." if restored else "."),
        "disconnect": f"{name} is disconnected.",
        "delete": f"{name} is deleted.",
    }
    how = " An earlier run had begun it." if applied.outcome == "resumed" else ""
    return told.get(proposal.action, f"{name} is changed.") + how


def where_it_stands(action: str, stand: Stand, proposal: Proposal | None) -> tuple[str, str]:
    """The panel's state, and a sentence for its status line, while nothing runs."""
    if stand.unfinished is not None:
        return "attention", "Something that was begun is not over: see above."
    if proposal is None and action == "change" and not stand.bridged:
        return "attention", f"Nothing to change: {NOT_BRIDGED}."
    if proposal is None:
        return "ready", f"Nothing has been written. {_NEXT[action]}"
    if proposal.nothing_to_do:
        return "ready", "Nothing to do: it is like this already."
    if not proposal.ok:
        return "attention", "This cannot be done: see the errors below."
    if action in DESTRUCTIVE:
        return "ready", f"Nothing was written. Type the name, then press {BUTTONS[action]}."
    settings = counted(len(proposal.differences), "setting changes", "settings change")
    return "ready", f"{settings} when you press {BUTTONS[action]}."


def nothing_to_look_at(action: str, stand: Stand, snapshot: str, form: ChangeForm) -> str:
    """Why there is nothing that could be looked at; empty when there is."""
    if action == "restore":
        return "" if snapshot else "pick a snapshot"
    if action in DESTRUCTIVE:
        return ""
    if not stand.bridged:
        return NOT_BRIDGED
    if wrong := form.wrong:
        return f"correct: {', '.join(wrong)}"
    return "" if form.changed else "change something first"


def not_now(proposal: Proposal | None) -> str:
    """Why a proposal cannot be written; empty when it can."""
    if proposal is None:
        return "look at it first"
    if proposal.nothing_to_do:
        return "nothing would change"
    errors = count(proposal.findings)["error"]
    return f"{counted(errors, 'error')} below" if errors else ""


def _by_name(words: str, names: Mapping[str, str]) -> str:
    for sid, name in names.items():
        words = words.replace(sid, name)
    return words


def _left(found: Iterable[Finding]) -> Html:
    """What is left after something was taken away: all of it, not only what is not well."""
    lines = text.joined(
        text.html(
            "<li>{}<div>{}{}</div></li>",
            text.level_pill(one.level),
            one.found,
            text.html('<div class="bw-help">{} {}</div>', one.risk, one.action)
            if one.risk or one.action
            else "",
        )
        for one in found
    )
    return text.html('<div><h3>What is left</h3><ul class="bw-findings">{}</ul></div>', lines)
