"""
What is wanted, checked before the network is touched, and the request it becomes.

`Wanted` is input: sids may be empty. `Plan` is complete: it is the request body
that Orchestrator gets, as JSON and as curl, and it can be compared with a
configuration that exists.

Rules of the fields: Twilio's OpenAPI for conversations v2 (configurations) and
v1 (service sids); that a description must not be empty is ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final
from unicodedata import category

import msgspec

from ..api.curl import as_curl
from ..api.models import GROUPING_TYPES, Configuration
from ..api.session import Session
from ..errors import InvalidInput
from ..forms import E164, SERVICE_SID, STORE_ID
from . import channels, options
from .channels import Capture
from .choose import only_service, only_store
from .options import Options, check_option, check_switch

DISPLAY_NAME: Final = re.compile(r"[a-zA-Z0-9_ -]{1,32}")

DEFAULT_NAME: Final = "classic-bridge-config"
DEFAULT_DESCRIPTION: Final = (
    "Bridges a Conversations (classic) service into Conversation Orchestrator"
)
DEFAULT_GROUPING: Final = "GROUP_BY_PARTICIPANT_ADDRESSES"

GROUPING_MEANING: Final = {
    "GROUP_BY_PROFILE": (
        "Everything from one customer profile falls into one conversation, "
        "whatever address or channel it comes from."
    ),
    "GROUP_BY_PARTICIPANT_ADDRESSES": (
        "Traffic between the same addresses falls into one conversation, across channels."
    ),
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE": (
        "Traffic between the same addresses falls into one conversation for each channel."
    ),
}
GROUPING_EXAMPLE: Final = {
    "GROUP_BY_PROFILE": (
        "Ana texts from her mobile and calls from her office: one conversation, "
        "because both numbers are on her profile."
    ),
    "GROUP_BY_PARTICIPANT_ADDRESSES": (
        "Ana texts and calls from her mobile: one conversation. "
        "Her call from the office is another one."
    ),
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE": (
        "Ana texts and calls from her mobile: two conversations, one for SMS and one for voice."
    ),
}
GROUPING_REMARK: Final = (
    "Grouping governs traffic outside classic only. Inside, every classic conversation "
    "becomes one Orchestrator conversation, whichever type is chosen."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    What somebody asked for. Empty sids mean "the only one there is".

    Attributes:
        service_sid: `IS…` of the classic service, or empty.
        memory_store_id: `mem_store_…`, or empty.
        display_name: 1..32 letters, digits, space, `-` and `_`.
        description: 1..512 characters.
        grouping: One of `GROUPING_TYPES`.
        voice_number: E.164 number whose inbound calls are captured too, or empty.
        memory_extraction: Whether memory is made of conversations when they end.
        chat_timeouts: Minutes until a silent chat is INACTIVE and CLOSED, like `15/60`, or empty.
        intelligence: Ids of intelligence configurations to link, with commas between, or empty.
        status_callbacks: HTTPS addresses to tell of every event, with commas between, or empty.
    """

    service_sid: str = ""
    memory_store_id: str = ""
    display_name: str = DEFAULT_NAME
    description: str = DEFAULT_DESCRIPTION
    grouping: str = DEFAULT_GROUPING
    voice_number: str = ""
    memory_extraction: bool = False
    chat_timeouts: str = ""
    intelligence: str = ""
    status_callbacks: str = ""

    @classmethod
    def checked(cls, **values: object) -> Wanted:
        """
        Checked values, in their canonical form (sids in lower case, as v2 wants them).

        Raises:
            InvalidInput: Names field, value and rule.
        """
        return cls(**_checked(values))

    @property
    def options(self) -> Options:
        """
        What is wanted beyond the guide's request.

        Raises:
            InvalidInput: One of these fields holds what it must not.
        """
        return Options.checked(**{name: getattr(self, name) for name in options.FIELDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Wanted):
    """
    A `Wanted` with nothing left open: what will be sent.

    Attributes:
        captures: What is captured beside the bridge, further to the calls to `voice_number`.
    """

    captures: tuple[Capture, ...] = ()

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> Plan:
        """The plan that a request was made from; its captures hold the voice number's too."""
        asked = Options.of(msgspec.convert({**body, "id": ""}, Configuration))
        return cls(
            display_name=body["displayName"],
            description=body["description"],
            grouping=body["conversationGroupingType"],
            memory_store_id=body["memoryStoreId"],
            service_sid=body["conversationsV1Bridge"]["serviceId"],
            captures=channels.captures_in(body.get("channelSettings") or {}),
            **asked.fields(),
        )

    @property
    def all_captures(self) -> tuple[Capture, ...]:
        """The calls to the voice number, when there is one, and everything else to capture."""
        voice = (channels.inbound_calls(self.voice_number),) if self.voice_number else ()
        return (*voice, *self.captures)

    def body(self) -> dict[str, Any]:
        """The JSON that creates the configuration, members in the guide's order."""
        body: dict[str, Any] = {
            "displayName": self.display_name,
            "description": self.description,
            "conversationGroupingType": self.grouping,
            "memoryStoreId": self.memory_store_id,
            "conversationsV1Bridge": {"serviceId": self.service_sid},
        }
        if self.all_captures:
            body["channelSettings"] = channels.channel_settings(self.all_captures)
        self.options.add_to(body)
        return body

    def curl(self, session: Session, key: str = "") -> str:
        """The same as a curl command, credentials as the names of their variables."""
        return as_curl(
            "POST",
            session.http.url("conversations", ("v2", "ControlPlane", "Configurations")),
            json=self.body(),
            headers={"Idempotency-Key": key} if key else None,
            with_token=session.account.credentials.username == session.account.sid,
        )

    def differences(self, configuration: Configuration) -> tuple[tuple[str, str, str], ...]:
        """
        `(field, planned, found)` for everything planned that the configuration lacks.

        What a configuration has beyond the plan (timeouts, callbacks, capture of other
        channels) is not a difference: the plan does not speak of it.
        """
        pairs = (
            ("service_sid", self.service_sid, (configuration.service_sid or "")),
            ("memory_store_id", self.memory_store_id, configuration.memory_store_id or ""),
            ("grouping", self.grouping, configuration.conversation_grouping_type or ""),
            ("display_name", self.display_name, configuration.display_name or ""),
            ("description", self.description, configuration.description or ""),
        )
        found = [
            (field, planned, there)
            for field, planned, there in pairs
            if _comparable(field, planned) != _comparable(field, there)
        ]
        if self.voice_number and not channels.captures_voice(configuration, self.voice_number):
            found.append(("voice_number", self.voice_number, "its calls are not captured"))
        found += [
            ("captures", _in_words(one), "not all of it is captured")
            for one in self.captures
            if not channels.captures_all(configuration, one)
        ]
        return (*found, *self.options.differences(Options.of(configuration)))


def plan(session: Session, wanted: Wanted) -> Plan:
    """
    Fill in what was left open: the only service and the only store there are.

    Raises:
        NotChosen: There is none, or there are several; lists them.
    """
    values = {field.name: getattr(wanted, field.name) for field in fields(Wanted)}
    values["service_sid"] = wanted.service_sid or only_service(session)
    values["memory_store_id"] = wanted.memory_store_id or only_store(session)
    return Plan(**_checked(values))


def check_field(name: str, value: object) -> str:
    """
    One field's value in canonical form; those of `options` are checked there.

    Raises:
        InvalidInput: Names field, value and rule.
    """
    if not isinstance(value, str):
        raise InvalidInput(
            name,
            value,
            "it has to be text",
            "papermill reads -p values as numbers where it can; use -r to pass text.",
        )
    if name in ("service_sid", "memory_store_id", "voice_number", "grouping"):
        value = value.strip()
    rule = _broken_rule(name, value)
    if rule:
        raise InvalidInput(name, value, rule)
    return f"IS{value[2:].lower()}" if name == "service_sid" and value else value


def check_sync_timeout(value: object) -> float:
    """Seconds to wait for a test message: a number above 0 and up to 3600."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # Not a number compares as false with everything, infinity is above 3600.
    if not number or not 0 < value <= 3600:  # type: ignore[operator]
        raise InvalidInput("sync_timeout", value, "it has to be above 0 and at most 3600 seconds")
    return float(value)  # type: ignore[arg-type]


def check_apply(value: object) -> bool:
    """True or False. The text `false` would count as true in Python, and a run would write."""
    return check_switch("apply", value)


def _checked(values: Mapping[str, object]) -> dict[str, Any]:
    return {
        name: check_option(name, value) if name in options.FIELDS else check_field(name, value)
        for name, value in values.items()
    }


def _broken_rule(name: str, value: str) -> str:
    """The rule that a value breaks; empty when it breaks none."""
    if name == "service_sid":
        return _unless(
            not value or SERVICE_SID.fullmatch(value), "a service sid is IS and 32 hex digits"
        )
    if name == "memory_store_id":
        return _unless(
            not value or STORE_ID.fullmatch(value),
            "a memory store id is mem_store_ and 26 lower-case letters and digits",
        )
    if name == "display_name":
        return _unless(
            DISPLAY_NAME.fullmatch(value) and value.strip(),
            "it has to be 1 to 32 letters, digits, spaces, - and _, and more than spaces",
        )
    if name == "description":
        return _unless(
            value.strip() and len(value) <= 512 and _is_text(value),
            "it has to be 1 to 512 characters of plain text, more than spaces and without "
            "control characters",
        )
    if name == "grouping":
        return _unless(value in GROUPING_TYPES, f"it has to be one of {', '.join(GROUPING_TYPES)}")
    if name == "voice_number":
        return _unless(
            not value or E164.fullmatch(value),
            "a number is written in E.164, like +15551234567",
        )
    raise TypeError(f"a plan has no field {name}")


def _in_words(capture: Capture) -> str:
    rules = ", ".join(f"{rule.from_} to {rule.to}" for rule in capture.rules)
    return f"{capture.channel} {rules}"


def _unless(kept: object, rule: str) -> str:
    return "" if kept else rule


def _is_text(value: str) -> bool:
    # Joiners between letters or emoji (category Cf) are text; half a surrogate pair is not.
    return all(char in "\r\n\t" or category(char) not in ("Cc", "Cs") for char in value)


def _comparable(field: str, value: str) -> str:
    return value.lower() if field == "service_sid" else value
