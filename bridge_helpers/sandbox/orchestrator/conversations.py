"""
Conversations, participants and communications of Conversation Orchestrator.

Source: Twilio docs, api/conversations/v2, and Twilio's OpenAPI; the 409s as Agent Connect, whose
models parse real answers, expects them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from ..http import operations
from ..http.answers import Answer, bad_request, conflict, not_found, ok
from ..http.bodies import json_body
from ..http.idempotency import idempotent
from ..http.pages import choice, token_page
from ..world import lifecycle
from ..world import orchestrator_writes as writes
from ..world.clock import rfc3339
from ..world.memory.profiles import plain
from ..world.records import STATUSES, Address, ParticipantType, Status
from .configurations import IntelligenceIds, StatusCallback

if TYPE_CHECKING:
    from ..http.request import Call
    from ..world.state import ConversationState

MetadataKey = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._-]+\Z")]
Metadata = dict[MetadataKey, Annotated[str, Meta(max_length=512)]]


class InlineParticipant(Struct, kw_only=True, rename="camel"):
    name: str = ""
    type: ParticipantType = "UNKNOWN"
    profile_id: str | UnsetType = UNSET
    addresses: list[Address] = []


class InlineConfiguration(Struct, kw_only=True, rename="camel"):
    intelligence_configuration_ids: IntelligenceIds | UnsetType = UNSET


class Create(Struct, kw_only=True, rename="camel"):
    configuration_id: str
    name: str | UnsetType = UNSET
    configuration: InlineConfiguration | UnsetType = UNSET
    participants: Annotated[list[InlineParticipant], Meta(max_length=50)] = []
    metadata: Annotated[Metadata, Meta(max_length=8)] | UnsetType = UNSET


class Replace(Struct, kw_only=True, rename="camel"):
    status: Status
    name: str | UnsetType = UNSET
    metadata: Annotated[Metadata, Meta(max_length=8)] | UnsetType = UNSET


class PatchedConfiguration(Struct, kw_only=True, rename="camel"):
    status_callbacks: Annotated[list[StatusCallback], Meta(max_length=20)] | UnsetType | None = (
        UNSET
    )


class Patch(Struct, kw_only=True, rename="camel"):
    name: str | UnsetType | None = UNSET
    status: Status | UnsetType = UNSET
    configuration: PatchedConfiguration | UnsetType = UNSET
    metadata: dict[MetadataKey, Annotated[str, Meta(max_length=512)] | None] | UnsetType = UNSET


def list_all(call: Call) -> Answer:
    """GET /v2/Conversations, by status (repeat it) and channelId."""
    statuses = set(choice(call, "status", STATUSES))
    settings = call.world.settings
    channel_id = call.query.get("channelId") if settings.channel_filter else None
    conversations = call.account.conversations
    return token_page(
        call,
        conversations,
        "conversations",
        view=_partial if settings.partial_lists else lambda conversation: conversation.record,
        groups=statuses or None,
        among=None if channel_id is None else conversations.tagged(("channel", channel_id)),
    )


def _partial(conversation: ConversationState) -> dict[str, str]:
    """No more than what the specification requires of a list item."""
    record = conversation.record
    return {
        "id": record.id,
        "accountId": record.account_id,
        "configurationId": record.configuration_id,
    }


def create(call: Call) -> Answer:
    """POST /v2/Conversations; 409 if its participants already talk in an open conversation."""
    request = json_body(call, Create)
    configuration = call.account.configurations.get(request.configuration_id)
    if configuration is None:
        raise not_found(f"/v2/ControlPlane/Configurations/{request.configuration_id[:80]}")
    addresses = [a for p in request.participants for a in p.addresses]
    distinct(addresses)
    if addresses:
        other = _talking(call, configuration.id, addresses)
        if other is not None:
            raise conflict(
                f"The participants already have an open conversation: {other.record.id}",
                other.record.id,
            )
    inline = request.configuration or InlineConfiguration()
    if inline.intelligence_configuration_ids is not UNSET:
        configuration = msgspec.structs.replace(
            configuration, intelligence_configuration_ids=inline.intelligence_configuration_ids
        )
    conversation = writes.create(
        call.account,
        configuration,
        call.now,
        name=request.name or None,
        metadata=request.metadata,
    )
    for one in request.participants:
        writes.add_participant(
            call.account,
            conversation,
            call.now,
            one.addresses,
            name=one.name,
            kind=one.type,
            profile_id=one.profile_id,
        )
    lifecycle.schedule_transition(call.world, call.account, conversation)
    return ok(conversation.record, 201)


def fetch(call: Call) -> Answer:
    """GET /v2/Conversations/{id}."""
    return ok(find(call).record)


def replace(call: Call) -> Answer:
    """PUT /v2/Conversations/{id}: status is required, a name left out is removed."""
    request = json_body(call, Replace)
    conversation = find_open(call)
    conversation.record.name = request.name if request.name is not UNSET else None
    conversation.record.metadata = request.metadata
    return _updated(call, conversation, request.status)


def patch(call: Call) -> Answer:
    """PATCH /v2/Conversations/{id}: name, status, status callbacks, metadata."""
    request = json_body(call, Patch)
    conversation = find_open(call)
    if request.metadata is not UNSET:
        before = conversation.record.metadata or {}
        merged = {**before, **request.metadata}
        kept = {k: v for k, v in merged.items() if v is not None}
        if len(kept) > 8:
            raise bad_request("metadata: holds at most 8 entries")
        conversation.record.metadata = kept
    if request.name is not UNSET:
        conversation.record.name = request.name
    callbacks = request.configuration.status_callbacks if request.configuration else UNSET
    if callbacks is not UNSET:
        shown = msgspec.json.decode(conversation.record.configuration)
        shown["statusCallbacks"] = msgspec.to_builtins(callbacks or [])
        conversation.record.configuration = Raw(msgspec.json.encode(shown))
    return _updated(call, conversation, request.status)


def _updated(call: Call, conversation: ConversationState, status: Status | UnsetType) -> Answer:
    conversation.record.updated_at = rfc3339(call.now)
    if status is not UNSET and status != conversation.record.status:
        lifecycle.set_status(call.world, call.account, conversation, status, call.now)
        if status == "ACTIVE":
            conversation.active_at = call.now
        if status != "CLOSED":
            lifecycle.schedule_transition(call.world, call.account, conversation)
    return ok(conversation.record)


@idempotent
def delete(call: Call) -> Answer:
    """DELETE /v2/Conversations/{id}: gone, with all that was in it, when its operation ends."""
    conversation = find(call)
    account, conversation_id = call.account, conversation.record.id
    if conversation_id in account.being_deleted:
        raise conflict(f"Conversation {conversation_id} is being deleted", conversation_id)
    account.being_deleted.add(conversation_id)

    def complete(at: float) -> None:
        account.being_deleted.discard(conversation_id)
        account.conversations.remove(conversation_id)
        if conversation.classic and account.twins.get(conversation.classic.sid) is conversation:
            del account.twins[conversation.classic.sid]

    return operations.start(
        call,
        "conversation.delete",
        related={"conversationId": conversation_id},
        complete=complete,
        abandon=lambda at: account.being_deleted.discard(conversation_id),
    )


def find(call: Call) -> ConversationState:
    """The conversation that the path names."""
    key = call.names.get("ConversationId") or call.names["id"]
    known = call.account.conversations
    conversation = known.look(key) if call.method == "GET" else known.get(key)
    if conversation is None:
        raise not_found(call.path)
    return conversation


def find_open(call: Call) -> ConversationState:
    """The conversation that the path names, if it may still change."""
    conversation = find(call)
    if conversation.record.status == "CLOSED":
        raise bad_request(f"Conversation {conversation.record.id} is CLOSED and cannot be changed")
    return conversation


def distinct(addresses: list[Address]) -> None:
    """Refuse a request that gives an address twice."""
    seen = {(a.channel, a.address) for a in addresses}
    if len(seen) < len(addresses):
        raise bad_request("addresses: an address is given twice")


def _talking(
    call: Call, configuration_id: str, addresses: list[Address]
) -> ConversationState | None:
    """An open conversation of the configuration in which all these addresses already live."""
    wanted = {_key(a) for a in addresses}
    everywhere = call.account.conversations
    tagged = (everywhere.tagged(("address", plain(a.address))) for a in addresses)
    for position in min(tagged, key=len):
        conversation = everywhere.at(position)
        if conversation is None:
            continue
        record = conversation.record
        if record.status == "CLOSED" or record.configuration_id != configuration_id:
            continue
        if wanted <= {_key(a) for p in record.participants for a in p.addresses}:
            return conversation
    return None


def _key(address: Address) -> tuple[str, str, str]:
    return address.channel, plain(address.address), address.channel_id or ""
