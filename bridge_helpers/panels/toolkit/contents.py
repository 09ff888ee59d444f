"""What an account holds, as far as somebody has to pick from it, and the pickers' options."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from ...api.documents import bridging
from ...api.fan_out import Crew, fan_out, result_of
from ...api.models import Configuration, IntelligenceConfiguration, PhoneNumber, Service, Store
from ...api.session import Session
from ...errors import BridgeError, Cancelled
from ...words import counted
from .values import Value
from .widgets import Picker

T = TypeVar("T")

COUNTED_SERVICES: Final = 20
COUNTED_CONVERSATIONS: Final = 100
"""Counting means reading, so a picker counts one page of conversations of a few services."""


@dataclass(frozen=True, slots=True)
class Contents:
    """
    Everything that can be picked, from all pages.

    Attributes:
        counts: Conversations by service sid, as words like `12 conversations`;
            empty for services that were not counted.
        intelligence: The intelligence configurations that could be linked, where they were read.
        numbers_unread: Why the phone numbers could not be read: it is not known then whether
            there are any.
    """

    services: tuple[Service, ...] = ()
    stores: tuple[Store, ...] = ()
    configurations: tuple[Configuration, ...] = ()
    numbers: tuple[PhoneNumber, ...] = ()
    counts: dict[str, str] = field(default_factory=dict)
    intelligence: tuple[IntelligenceConfiguration, ...] = ()
    numbers_unread: BridgeError | None = None

    def bridge(self, service_sid: str) -> Configuration | None:
        """The configuration that bridges a service, or None."""
        return bridging(self.configurations, service_sid)

    def service_name(self, service_sid: str) -> str:
        """A service's friendly name, or its sid when it has none or is unknown."""
        found = next((one for one in self.services if one.sid.lower() == service_sid.lower()), None)
        return (found.friendly_name if found else None) or service_sid

    def store_name(self, store_id: Any) -> Any:
        """A memory store's name with its id; what was given where it is unknown."""
        found = next((one for one in self.stores if one.id == store_id), None)
        return f"{found.display_name} ({store_id})" if found and found.display_name else store_id

    def service_options(self, *, bridged_is_good: bool = False) -> list[dict[str, Any]]:
        """
        Services by name; those that are bridged already say by what.

        Args:
            bridged_is_good: For a step that needs a bridge: then those without one stand out,
                and come last.
        """
        options = []
        for one in sorted(self.services, key=lambda one: (one.friendly_name or "").lower()):
            bridge = self.bridge(one.sid)
            name = bridge.display_name or bridge.id if bridge else ""
            mark = f"already bridged by {name}" if bridge else ""
            if bridged_is_good:
                mark = f"bridged by {name}" if bridge else "not bridged"
            options.append(
                {
                    "value": one.sid,
                    "title": one.friendly_name or "(no name)",
                    "detail": _dotted(one.sid, self.counts.get(one.sid, "")),
                    "mark": mark,
                    "good": bool(bridge) and bridged_is_good,
                }
            )
        return sorted(options, key=lambda one: not one["good"])

    def store_options(self) -> list[dict[str, Any]]:
        """Stores by name; those that cannot be used yet say why."""
        return [
            {
                "value": one.id,
                "title": one.display_name or "(no name)",
                "detail": _dotted(one.id, one.status or "state unknown"),
                "mark": "" if one.status == "ACTIVE" else "not usable yet",
            }
            for one in sorted(self.stores, key=lambda one: (one.display_name or "").lower())
        ]

    def number_options(self) -> list[dict[str, Any]]:
        """Numbers with what they can do, those with voice and SMS first."""
        return [
            {
                "value": one.phone_number,
                "title": one.phone_number,
                "detail": _dotted(one.friendly_name or "", _abilities(one)),
                "mark": "" if one.voice and one.sms else "voice and SMS wanted",
            }
            for one in sorted(self.numbers, key=lambda one: (not (one.voice and one.sms), one.sid))
        ]


def load_account(
    session: Session,
    *,
    counts: bool = False,
    numbers: bool = False,
    intelligence: bool = False,
) -> Contents:
    """
    Read everything that can be picked, the lists side by side.

    Args:
        counts: Count conversations as well, where there are not too many services.
        numbers: Read the phone numbers as well. A key that may not read them gives none, and
            `numbers_unread` says why.
        intelligence: Read the intelligence configurations as well; none where the product is
            not there, or the key may not read them.
    """
    with Crew() as crew:
        services = crew.begin(lambda: tuple(session.classic.services()))
        stores = crew.begin(lambda: tuple(session.memory.stores()))
        configurations = crew.begin(lambda: tuple(session.orchestrator.configurations()))
        owned = crew.begin(lambda: _readable(session.numbers.owned, numbers))
        linkable = crew.begin(lambda: _readable(session.intelligence.configurations, intelligence))
        found = result_of(services)
        counted = [one.sid for one in found] if counts and len(found) <= COUNTED_SERVICES else []
        phone_numbers, numbers_unread = result_of(owned)
        return Contents(
            found,
            result_of(stores),
            result_of(configurations),
            phone_numbers,
            {one.item: one.result for one in fan_out(partial(_count, session), counted)},
            result_of(linkable)[0],
            numbers_unread,
        )


def fill(
    picker: Picker,
    options: list[dict[str, Any]],
    value: Value,
    empty: str,
    unread: BridgeError | None = None,
) -> None:
    """
    Give a picker its options and choose: the value if it is among them, else the only one.

    Where a step needs a bridge, the only bridged one is chosen as well. A value
    that is not there any more is said so and not chosen. Where the options are `unread`, that is
    said, and the value stays: nothing tells that it is not there.
    """
    if unread is not None:
        kept = {"value": value.text, "title": value.text, "detail": "", "mark": "not looked up"}
        options = [kept] if value.text else []
    there = {option["value"].lower(): option["value"] for option in options}
    wanted = there.get(value.text.lower())
    good = [option["value"] for option in options if option.get("good")]
    with picker.hold_sync():
        picker.options = options
        picker.empty = empty
        picker.error = f"The list could not be read: {_in_short(unread)}" if unread else ""
        if wanted:
            picker.value, picker.source = wanted, value.shown
        elif value.text:
            picker.value, picker.source = "", ""
            picker.error = f"{value.text} ({value.shown}) is not in this account; pick another"
        elif len(options) == 1:
            picker.value, picker.source = options[0]["value"], "the only one there is"
        elif len(good) == 1:
            picker.value, picker.source = good[0], "the only one that is bridged"
        else:
            picker.value, picker.source = "", ""


def _readable(
    read: Callable[[], Iterable[T]], wanted: bool
) -> tuple[tuple[T, ...], BridgeError | None]:
    """What there is, or why it could not be read: a refusal does not say that there is none."""
    try:
        return tuple(read()) if wanted else (), None
    except Cancelled:
        raise
    except BridgeError as error:
        return (), error


def _in_short(error: BridgeError) -> str:
    """Beside a picker there is no room for the request."""
    return f"HTTP status {error.status}." if error.status else error.what


def _count(session: Session, service_sid: str) -> str:
    found = sum(
        1 for _ in islice(session.classic.conversations(service_sid), COUNTED_CONVERSATIONS)
    )
    if found == COUNTED_CONVERSATIONS:
        return f"{found} or more conversations"
    return counted(found, "conversation")


def _abilities(number: PhoneNumber) -> str:
    able = number.capabilities
    words = [name for name in ("voice", "sms", "mms") if able and getattr(able, name)]
    return ", ".join(words) or "no voice, no messages"


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
