"""
What a person may change of a configuration, checked and turned into a PATCH.

A field that is not given stays as it is; an empty one is removed where it can be. A PATCH
replaces the setting of a channel as a whole (Twilio's OpenAPI for conversations v2), so that
what stands beside the CHAT timeouts is taken along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ...api.documents import ConfigurationDocument
from ...api.session import Session
from ...errors import InvalidInput, NotFound
from .. import links
from ..findings import Finding
from ..options import (
    CHAT,
    EXTRACTION_NEEDS_TIMEOUTS,
    SUGGESTED_TIMEOUTS,
    callback_members,
    chat_setting,
    check_chat_timeouts,
    check_intelligence,
    check_status_callbacks,
    check_switch,
)
from ..plan import check_field
from ..writes.patches import MERGED, Members, unmet
from .proposal import GROUPING_FIXED, GROUPING_INSTEAD, Checks, Wanted

_TEXTS: Final = {
    "display_name": "displayName",
    "description": "description",
    "memory_store_id": "memoryStoreId",
}
CALLBACKS: Final = "statusCallbacks"
FIELDS: Final = (
    *_TEXTS,
    "memory_extraction",
    "chat_timeouts",
    "intelligence",
    "status_callbacks",
)
"""What can be changed, by the names of the parameters."""


def wanted_changes(**fields: object) -> Wanted:
    """
    What is to be changed, checked before anything is sent.

    Args:
        fields: Any of `FIELDS`; texts as in `Wanted` and `Options`. Empty CHAT timeouts,
            intelligence and status callbacks remove what is there.

    Raises:
        InvalidInput: Names field, value and rule; also for the grouping, and for nothing at all.
    """
    if "grouping" in fields:
        raise InvalidInput("grouping", fields["grouping"], GROUPING_FIXED, GROUPING_INSTEAD)
    unknown = sorted(fields.keys() - set(FIELDS))
    if unknown:
        raise InvalidInput("changes", ", ".join(unknown), f"known are {', '.join(FIELDS)}")
    if not fields:
        raise InvalidInput(
            "changes", "", "at least one thing has to be named", f"There are {', '.join(FIELDS)}."
        )
    plain = {member: _text(name, fields[name]) for name, member in _TEXTS.items() if name in fields}
    checked: dict[str, Any] = dict(plain)
    if "memory_extraction" in fields:
        switch = check_switch("memory_extraction", fields["memory_extraction"])
        checked["memoryExtractionEnabled"] = switch
    if "intelligence" in fields:
        linked = list(check_intelligence(fields["intelligence"]))
        checked["intelligenceConfigurationIds"] = linked or None
    if "status_callbacks" in fields:
        callbacks = callback_members(check_status_callbacks(fields["status_callbacks"]))
    if "chat_timeouts" in fields:
        timeouts = check_chat_timeouts(fields["chat_timeouts"])

    def wanted(present: Members) -> Mapping[str, Any]:
        changes = dict(checked)
        if "status_callbacks" in fields:
            changes[CALLBACKS] = _callbacks(present.get(CALLBACKS), callbacks) or None
        if "chat_timeouts" in fields:
            there = (present.get(MERGED) or {}).get(CHAT)
            changes[MERGED] = {CHAT: chat_setting(there, timeouts)}
        return changes

    return wanted


def _callbacks(present: Any, wanted: Iterable[Members]) -> list[Members]:
    """The callbacks that are wanted; one that is there keeps what else the service shows of it."""
    there = [one for one in present or () if isinstance(one, Mapping)]
    return [
        next((one for one in there if not unmet(member, {"method": "POST", **one})), member)
        for member in wanted
    ]


def _text(name: str, value: object) -> str:
    checked = check_field(name, value)
    if not checked:
        raise InvalidInput(name, checked, "it cannot be taken away, only changed")
    return checked


def sense(session: Session) -> Checks:
    """What is to be known about a change before it is made: it looks at a new memory store."""

    def checks(there: ConfigurationDocument, body: Mapping[str, Any]) -> Iterable[Finding]:
        if store := body.get("memoryStoreId"):
            yield from _store(session, store)
        after = {**there.members, **body}
        settings = {**(there.members.get(MERGED) or {}), **(body.get(MERGED) or {})}
        timeouts = (settings.get(CHAT) or {}).get("statusTimeouts")
        if after.get("memoryExtractionEnabled") and not timeouts:
            yield Finding(
                "CHAT timeouts",
                "warning",
                "Memory extraction is on, and CHAT has no timeouts.",
                EXTRACTION_NEEDS_TIMEOUTS,
                f"Set CHAT timeouts; Twilio advises {SUGGESTED_TIMEOUTS} minutes.",
                links.LIFECYCLE,
            )
        if body.get("intelligenceConfigurationIds"):
            yield Finding(
                "intelligence",
                "info",
                "Intelligence runs on the conversations that begin from now on.",
                "Its operators are billed.",
            )

    return checks


def _store(session: Session, store_id: str) -> Iterator[Finding]:
    try:
        store = session.memory.store(store_id)
    except NotFound:
        yield Finding(
            "memory store",
            "error",
            f"There is no memory store {store_id}.",
            "Conversations would be without memory.",
            "Look at the id; 01 lists the stores of the account.",
        )
        return
    if store.status != "ACTIVE":
        yield Finding(
            "memory store",
            "error",
            f"Memory store {store_id} is {store.status or 'of unknown state'}, not ACTIVE.",
            "Conversations would be without memory until it is.",
            "Wait until it is ACTIVE, or take another one.",
        )
        return
    yield Finding(
        "memory store",
        "warning",
        f"Profiles, observations and summaries of the store until now stay where they are; "
        f"conversations that begin from now on use {store.display_name or store_id}.",
        "What memory knows of customers does not move along.",
        "Make sure that the customer wants to begin with another memory.",
    )
