"""
From what somebody wants captured to the members of a PATCH, and nothing beside it.

Each channel that changes is named whole, with every member that it has already, known here or
not: a PATCH replaces a channel's setting (Twilio's OpenAPI for conversations v2). Channels that do
not change are not named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ...api.models import CaptureRule
from ...errors import InvalidInput
from ..options import ChatTimeouts, check_chat_timeouts
from .intents import KINDS, Intent
from .rules import covers, same

RULES: Final = "captureRules"
TIMEOUTS: Final = "statusTimeouts"
TIMED: Final = {**KINDS, "chat": "CHAT"}
"""What has timeouts: everything that is captured, and the chats that the bridge carries."""


@dataclass(frozen=True, slots=True)
class Placed:
    """
    One rule where it stands.

    Attributes:
        new: Whether the change brings it; else it is there already.
    """

    channel: str
    rule: CaptureRule
    new: bool


@dataclass(frozen=True, slots=True)
class Composition:
    """
    What becomes of `channelSettings`.

    Attributes:
        changes: Channel to its whole new setting, None where nothing is left of it; only
            channels that change.
        settings: All channels as they will be.
        rules: Every capture rule as it will be.
        removed: The rules that are taken away.
        notes: What was asked for and makes no difference, sentences.
    """

    changes: Mapping[str, Any]
    settings: Mapping[str, Any]
    rules: tuple[Placed, ...]
    removed: tuple[Placed, ...]
    notes: tuple[str, ...]

    @property
    def body(self) -> dict[str, Any]:
        """The members of the PATCH; empty when nothing changes."""
        return {"channelSettings": dict(self.changes)} if self.changes else {}


def compose(
    present: Mapping[str, Any] | None,
    capture: Iterable[Intent] = (),
    release: Iterable[Intent] = (),
    timeouts: Mapping[str, ChatTimeouts] | None = None,
) -> Composition:
    """
    Add what is to be captured, and take away exactly the rules of what is to be released.

    Args:
        present: `channelSettings` as the service shows them.
        timeouts: Channel to the minutes until its conversations are INACTIVE and CLOSED.
    """
    # Deep enough: lists of rules are made anew, everything else is passed on as it is.
    settings = {name: dict(setting) for name, setting in (present or {}).items() if setting}
    added: list[tuple[str, CaptureRule]] = []
    removed: list[Placed] = []
    notes: list[str] = []
    for intent in release:
        gone = _release(settings, intent)
        removed += gone
        if not gone:
            notes.append(f"{intent} is not captured by a rule of its own: nothing to release.")
    for intent in capture:
        fresh = _capture(settings, intent)
        added += [(intent.channel, rule) for rule in fresh]
        if not fresh:
            notes.append(f"{intent} is captured already.")
    for channel, minutes in (timeouts or {}).items():
        settings.setdefault(channel, {})[TIMEOUTS] = {
            **(settings.get(channel, {}).get(TIMEOUTS) or {}),
            **minutes.member(),
        }
    after = {name: setting for name, setting in settings.items() if _says(setting)}
    return Composition(
        changes=_changes(present or {}, after),
        settings=after,
        rules=tuple(_placed(after, added)),
        removed=tuple(removed),
        notes=tuple(notes),
    )


def check_timeouts(values: Iterable[object]) -> dict[str, ChatTimeouts]:
    """
    Timeouts of channels, from `KIND:INACTIVE/CLOSED` such as `voice:10/60`.

    Raises:
        InvalidInput: One is of another form, or two of a channel differ.
    """
    found: dict[str, ChatTimeouts] = {}
    for value in values:
        kind, colon, minutes = value.partition(":") if isinstance(value, str) else ("", "", "")
        channel = TIMED.get(kind.strip().lower())
        checked = check_chat_timeouts(minutes, "timeouts") if colon and channel else None
        if channel is None or checked is None:
            raise InvalidInput(
                "timeouts",
                value,
                "it has to be KIND:INACTIVE/CLOSED in minutes, with a KIND of " + ", ".join(TIMED),
                "For instance voice:10/60.",
            )
        if found.setdefault(channel, checked) != checked:
            raise InvalidInput("timeouts", value, f"{channel} has other timeouts as well")
    return found


def _release(settings: dict[str, Any], intent: Intent) -> list[Placed]:
    setting = settings.get(intent.channel, {})
    kept: list[Any] = []
    gone: list[CaptureRule] = []
    for raw in setting.get(RULES) or ():
        rule = _read(raw)
        if any(same(rule, one) for one in intent.capture.rules):
            gone.append(rule)
        else:
            kept.append(raw)
    if gone:
        setting[RULES] = kept
        if not kept:
            del setting[RULES]
    return [Placed(intent.channel, rule, False) for rule in gone]


def _capture(settings: dict[str, Any], intent: Intent) -> list[CaptureRule]:
    setting = settings.setdefault(intent.channel, {})
    there = list(setting.get(RULES) or ())
    missing = [
        rule for rule in intent.capture.rules if not any(covers(_read(raw), rule) for raw in there)
    ]
    if missing:
        setting[RULES] = there + [msgspec.to_builtins(rule) for rule in missing]
    return missing


def _changes(present: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: setting for name, setting in present.items() if _says(setting)}
    return {
        name: after.get(name) for name in {**said, **after} if said.get(name) != after.get(name)
    }


def _says(setting: Mapping[str, Any] | None) -> bool:
    """Whether anything is set in a channel's setting; a service may show null for what is not."""
    return any(value is not None for value in (setting or {}).values())


def _placed(settings: Mapping[str, Any], added: list[tuple[str, CaptureRule]]) -> Iterable[Placed]:
    for channel, setting in settings.items():
        for raw in setting.get(RULES) or ():
            rule = _read(raw)
            new = any(name == channel and same(rule, one) for name, one in added)
            yield Placed(channel, rule, new)


def _read(raw: Any) -> CaptureRule:
    return msgspec.convert(raw, CaptureRule, strict=False)
