"""The bodies that controls take; what breaks a rule is refused by its name."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..world.inbound import CaptureChannel
from ..world.memory.stores import MOST
from ..world.records import IdType, StoreStatus
from ..world.seeds.planted import Kind
from ..world.state import BridgedParticipants

Count = Annotated[int, Meta(ge=0, le=1_000_000)]


class NewAccount(Struct, forbid_unknown_fields=True):
    name: str = ""
    services: Annotated[int, Meta(ge=0, le=100)] = 1
    conversations: Count = 12


class Switches(Struct, forbid_unknown_fields=True):
    terms_accepted: bool | UnsetType = UNSET
    orchestrator_enabled: bool | UnsetType = UNSET
    status: Literal["active", "suspended"] | UnsetType = UNSET


class Seed(Struct, forbid_unknown_fields=True):
    account_sid: str | None = None
    service_sid: str | None = None
    services: Annotated[int, Meta(ge=0, le=1000)] = 0
    conversations: Count = 0
    messages: Annotated[int, Meta(ge=0, le=10_000)] = 3
    orchestrator_conversations: Count = 0
    stores: Annotated[int, Meta(ge=0, le=MOST)] = 0
    numbers: Annotated[int, Meta(ge=0, le=1000)] = 0


class Plant(Struct, forbid_unknown_fields=True):
    """Gaps to plant: so many of each kind, drawn from the seed."""

    account_sid: str | None = None
    service_sid: str | None = None
    conversations: Annotated[int, Meta(ge=1, le=1_000_000)] = 100
    messages: Annotated[int, Meta(ge=2, le=10_000)] = 3
    seed: int = 7
    kinds: dict[Kind, Count] = {}


class CustomerWrites(Struct, forbid_unknown_fields=True):
    account_sid: str | None = None
    service_sid: str | None = None
    conversation_sid: str | None = None
    identity: Annotated[str, Meta(min_length=1)] | None = None
    body: str = "Hello, is anybody there?"
    times: Annotated[int, Meta(ge=1, le=10_000)] = 1


class InboundRequest(Struct, forbid_unknown_fields=True):
    channel: CaptureChannel
    from_: str = msgspec.field(name="from")
    to: str
    account_sid: str | None = None
    text: str = "Hello"
    call_type: Literal["PSTN", "CLIENT", "PUBLIC_SIP"] = "PSTN"


class StoreChange(Struct, forbid_unknown_fields=True):
    account_sid: str | None = None
    store_id: str | None = None
    status: StoreStatus | UnsetType = UNSET
    id_types: Annotated[list[IdType], Meta(min_length=1, max_length=15)] | UnsetType = UNSET
    known: Literal["none", "half", "all"] | UnsetType = UNSET


class NewAlert(Struct, forbid_unknown_fields=True):
    account_sid: str | None = None
    error_code: str = "530001"
    log_level: Literal["error", "warning", "notice", "debug"] = "warning"
    alert_text: str = ""
    resource_sid: Annotated[str, Meta(pattern=r"^[a-zA-Z]{2}[0-9a-fA-F]{32}\Z")] | None = None
    times: Annotated[int, Meta(ge=1, le=1000)] = 1


class NewSettings(Struct, forbid_unknown_fields=True):
    lag: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    jitter: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    operation_seconds: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    retry_after: Annotated[int, Meta(ge=0)] | UnsetType | None = UNSET
    rate_limit: Annotated[int, Meta(ge=1)] | UnsetType | None = UNSET
    configuration_limit: Annotated[int, Meta(ge=0)] | UnsetType | None = UNSET
    concurrent_limit: Annotated[int, Meta(ge=1)] | UnsetType | None = UNSET
    partial_lists: bool | UnsetType = UNSET
    channel_filter: bool | UnsetType = UNSET
    traffic: Count | UnsetType = UNSET
    bridged_participants: BridgedParticipants | UnsetType = UNSET


class NewClock(Struct, forbid_unknown_fields=True):
    advance: Annotated[float, Meta(ge=0)] | UnsetType = UNSET
    freeze: bool | UnsetType = UNSET
    now: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET


class Reset(Struct, forbid_unknown_fields=True):
    seed: int | None = None
