"""
Configurations of Conversation Orchestrator: list, create, fetch, replace, patch, delete.

Source: Twilio docs, api/conversations/v2/configurations, and Twilio's OpenAPI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from ..http import operations
from ..http.answers import Answer, Refusal, bad_request, conflict, not_found, ok
from ..http.bodies import StoreId, json_body
from ..http.idempotency import idempotent
from ..http.pages import token_page
from ..world.clock import rfc3339
from ..world.records import Bridge, Configuration, Grouping, Url
from ..world.seeds import seeding

if TYPE_CHECKING:
    from ..http.request import Call

Name = Annotated[str, Meta(max_length=32, pattern=r"^[a-zA-Z0-9-_ ]+\Z")]
Description = Annotated[str, Meta(max_length=512)]
ChannelName = Literal["VOICE", "SMS", "RCS", "WHATSAPP", "CHAT"]
Minutes = Annotated[int, Meta(ge=1)]


class StatusTimeouts(Struct, frozen=True):
    """Minutes since the last communication."""

    inactive: Minutes | UnsetType = UNSET
    closed: Minutes | UnsetType = UNSET


class CaptureRule(Struct, frozen=True):
    from_: str = msgspec.field(name="from")
    to: str
    metadata: dict[str, str] | UnsetType = UNSET


class ChannelSetting(Struct, frozen=True, rename="camel"):
    status_timeouts: StatusTimeouts | UnsetType = UNSET
    capture_rules: Annotated[list[CaptureRule], Meta(max_length=100)] | UnsetType = UNSET


class StatusCallback(Struct, frozen=True):
    url: Url
    method: Literal["POST", "GET"] = "POST"


class BridgeRequest(Struct, frozen=True, rename="camel"):
    service_id: Annotated[str, Meta(pattern=r"^IS[0-9a-f]{32}\Z")]


Callbacks = Annotated[list[StatusCallback], Meta(max_length=2)]
IntelligenceIds = Annotated[list[str], Meta(max_length=5)]


class Create(Struct, kw_only=True, rename="camel"):
    display_name: Name
    description: Description
    conversation_grouping_type: Grouping
    memory_store_id: str
    channel_settings: dict[ChannelName, ChannelSetting] = {}
    status_callbacks: Callbacks = []
    intelligence_configuration_ids: IntelligenceIds = []
    memory_extraction_enabled: bool = False
    conversations_v1_bridge: BridgeRequest | UnsetType = UNSET


class Replace(Create, kw_only=True, rename="camel"):
    """PUT: ``channelSettings`` is required and ``displayName`` is not."""

    display_name: Name | UnsetType = UNSET  # type: ignore[assignment]
    channel_settings: dict[ChannelName, ChannelSetting]


class Patch(Struct, kw_only=True, rename="camel"):
    display_name: Name | UnsetType | None = UNSET
    description: Description | UnsetType | None = UNSET
    conversation_grouping_type: Grouping | UnsetType = UNSET
    memory_store_id: str | UnsetType | None = UNSET
    channel_settings: dict[ChannelName, ChannelSetting | None] | UnsetType = UNSET
    status_callbacks: Callbacks | UnsetType | None = UNSET
    intelligence_configuration_ids: IntelligenceIds | UnsetType | None = UNSET
    memory_extraction_enabled: bool | UnsetType | None = UNSET
    conversations_v1_bridge: BridgeRequest | UnsetType | None = UNSET


def list_all(call: Call) -> Answer:
    """GET /v2/ControlPlane/Configurations."""
    store = call.query.get("memoryStoreId")
    if store is not None:
        try:
            msgspec.convert(store, StoreId)
        except msgspec.ValidationError:
            raise bad_request("memoryStoreId: is not the id of a memory store") from None
    return token_page(
        call,
        call.account.configurations,
        "configurations",
        keep=(lambda c: c.memory_store_id == store) if store else None,
    )


def fetch(call: Call) -> Answer:
    """GET /v2/ControlPlane/Configurations/{id}."""
    return ok(_find(call))


@idempotent
def create(call: Call) -> Answer:
    """POST /v2/ControlPlane/Configurations: the configuration is there when its operation ends."""
    request = json_body(call, Create)
    account = call.account
    _need_store(call, request.memory_store_id)
    limit = call.world.settings.configuration_limit
    if limit is not None and len(account.configurations) >= limit:
        raise Refusal(400, 20001, f"An account has at most {limit} configurations")
    configuration_id = account.ids.typed("conv_configuration")
    service = _bridged_service(request.conversations_v1_bridge)
    _reserve_service(call, service, configuration_id)

    def complete(at: float) -> None:
        _need_service(call, service)
        stamp = rfc3339(at)
        configuration = Configuration(
            id=configuration_id,
            display_name=request.display_name,
            description=request.description,
            conversation_grouping_type=request.conversation_grouping_type,
            memory_store_id=request.memory_store_id,
            channel_settings=_plain(request.channel_settings),
            status_callbacks=_plain(request.status_callbacks),
            intelligence_configuration_ids=request.intelligence_configuration_ids,
            memory_extraction_enabled=request.memory_extraction_enabled,
            conversations_v1_bridge=Bridge(service) if service else UNSET,
            created_at=stamp,
            updated_at=stamp,
            version=1,
        )
        _put_in_force(call, configuration, at, service)

    return operations.start(
        call,
        "configuration.create",
        related={"configurationId": configuration_id},
        complete=complete,
        abandon=lambda at: _release_services(call, configuration_id, service),
    )


@idempotent
def replace(call: Call) -> Answer:
    """PUT /v2/ControlPlane/Configurations/{id}: what is left out is removed, the bridge too."""
    before = _find(call)
    request = json_body(call, Replace)
    service = _bridged_service(request.conversations_v1_bridge)
    changes = {
        "description": request.description,
        "conversation_grouping_type": request.conversation_grouping_type,
        "memory_store_id": request.memory_store_id,
        "channel_settings": _plain(request.channel_settings),
        "status_callbacks": _plain(request.status_callbacks),
        "intelligence_configuration_ids": request.intelligence_configuration_ids,
        "memory_extraction_enabled": request.memory_extraction_enabled,
        "conversations_v1_bridge": Bridge(service) if service else UNSET,
    }
    if request.display_name is not UNSET:
        changes["display_name"] = request.display_name
    return _change(call, before, "configuration.replace", changes, service)


@idempotent
def patch(call: Call) -> Answer:
    """PATCH /v2/ControlPlane/Configurations/{id}: present members change, null removes."""
    before = _find(call)
    request = json_body(call, Patch)
    changes: dict[str, Any] = {}
    for member in ("display_name", "description", "conversation_grouping_type", "memory_store_id"):
        value = getattr(request, member)
        if value is not UNSET and value is not None:
            changes[member] = value
    for member, nothing in (
        ("status_callbacks", []),
        ("intelligence_configuration_ids", []),
        ("memory_extraction_enabled", False),
    ):
        value = getattr(request, member)
        if value is not UNSET:
            changes[member] = nothing if value is None else _plain(value)
    if request.channel_settings is not UNSET:
        changes["channel_settings"] = request.channel_settings
    service: str | UnsetType | None = UNSET
    if request.conversations_v1_bridge is not UNSET:
        asked = request.conversations_v1_bridge
        service = asked.service_id if asked else None
        changes["conversations_v1_bridge"] = Bridge(service) if service else UNSET
    return _change(call, before, "configuration.patch", changes, service)


@idempotent
def delete(call: Call) -> Answer:
    """DELETE /v2/ControlPlane/Configurations/{id}."""
    configuration = _find(call)
    account = call.account

    def complete(at: float) -> None:
        account.configurations.remove(configuration.id)
        account.being_deleted.discard(configuration.id)
        _release_services(call, configuration.id)

    account.being_deleted.add(configuration.id)
    return operations.start(
        call,
        "configuration.delete",
        related={"configurationId": configuration.id},
        complete=complete,
        abandon=lambda at: account.being_deleted.discard(configuration.id),
    )


def _change(
    call: Call,
    before: Configuration,
    kind: str,
    changes: dict[str, Any],
    service: str | UnsetType | None,
) -> Answer:
    """
    Accept a PUT or PATCH; it is applied to what the configuration is when it falls due.

    ``service`` is the classic service to bridge, None for no bridge, UNSET to leave it alone.
    """
    if "memory_store_id" in changes:
        _need_store(call, changes["memory_store_id"])
    if before.id in call.account.being_deleted:
        raise conflict(f"Configuration {before.id} is being deleted", before.id)
    arriving = service if isinstance(service, str) else None
    _reserve_service(call, arriving, before.id)

    def complete(at: float) -> None:
        _need_service(call, arriving)
        now = call.account.configurations.get(before.id)
        if now is None:
            raise operations.Failure("Not Found", f"Configuration {before.id} is gone", status=404)
        fields = dict(changes)
        if kind == "configuration.patch" and "channel_settings" in fields:
            merged = {**now.channel_settings, **_plain(fields["channel_settings"])}
            fields["channel_settings"] = {k: v for k, v in merged.items() if v is not None}
        fields.update(updated_at=rfc3339(at), version=now.version + 1)
        _put_in_force(call, msgspec.structs.replace(now, **fields), at, arriving)

    return operations.start(
        call,
        kind,
        related={"configurationId": before.id},
        complete=complete,
        abandon=lambda at: _release_services(call, before.id, arriving),
    )


def _put_in_force(call: Call, configuration: Configuration, at: float, arrived: str | None) -> None:
    """Put a configuration in force from this instant on."""
    account = call.account
    was_bridging = account.configurations.get(configuration.id)
    account.configurations.put(configuration.id, configuration)
    _release_services(call, configuration.id, arrived)
    bridge = configuration.conversations_v1_bridge
    if bridge and (was_bridging is None or was_bridging.conversations_v1_bridge != bridge):
        seeding.start_traffic(call.world, account, bridge.service_id, at)


def _find(call: Call) -> Configuration:
    configuration = call.account.configurations.get(call.names["id"])
    if configuration is None:
        raise not_found(call.path)
    if call.method == "DELETE" and configuration.id in call.account.being_deleted:
        raise conflict(f"Configuration {configuration.id} is being deleted", configuration.id)
    return configuration


def _need_store(call: Call, store_id: str) -> None:
    if store_id not in call.account.stores:
        raise bad_request(f"memoryStoreId: memory store {store_id[:80]!r} does not exist")


def _need_service(call: Call, service_sid: str | None) -> None:
    if service_sid and service_sid not in call.account.services:
        raise operations.Failure(
            "Not Found",
            f"Conversations service {service_sid} does not exist in account {call.account.sid}",
            status=404,
            code=20404,
        )


def _bridged_service(bridge: BridgeRequest | UnsetType) -> str | None:
    return bridge.service_id if bridge is not UNSET else None


def _reserve_service(call: Call, service_sid: str | None, configuration_id: str) -> None:
    """Reserve a classic service: one configuration per service, from acceptance on."""
    if not service_sid:
        return
    holder = call.account.service_holders.get(service_sid)
    if holder and holder != configuration_id:
        raise conflict(
            f"Conversations service {service_sid} is already bridged by configuration {holder}",
            holder,
        )
    call.account.service_holders[service_sid] = configuration_id
    call.account.pending_reservations[service_sid] += 1


def _release_services(call: Call, configuration_id: str, arrived: str | None = None) -> None:
    """
    Hold the service that the configuration bridges, and those it is about to bridge.

    ``arrived`` is the service that the operation ending now had reserved.
    """
    account = call.account
    if arrived:
        account.pending_reservations[arrived] -= 1
    configuration = account.configurations.get(configuration_id)
    bridge = configuration.conversations_v1_bridge if configuration else None
    if bridge:
        account.service_holders[bridge.service_id] = configuration_id
    for service_sid, holder in list(account.service_holders.items()):
        current = bridge and bridge.service_id == service_sid
        if (
            holder == configuration_id
            and not current
            and not account.pending_reservations[service_sid]
        ):
            del account.service_holders[service_sid]


def _plain(value: Any) -> Any:
    """Requests as plain JSON values, unset members left out."""
    return msgspec.to_builtins(value)
