"""
Listed conversations, with what a table needs of them and nothing else.

A list of hundreds of thousands is decoded into these instead of `api.models.Conversation`, which
takes four times as long. They are named alike, so that either can become a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import compress
from typing import TYPE_CHECKING

import msgspec

from .columns import CONVERSATIONS, batch

if TYPE_CHECKING:
    import pyarrow as pa

    from ..api.models import Conversation


# They hold no reference to each other in a circle, so the garbage collector need not look.
class _Row(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """A part of a listed conversation: lower camel case on the wire."""


class AddressRow(_Row, frozen=True, kw_only=True, gc=False):
    """An address of a participant."""

    channel: str | None = None
    address: str | None = None
    channel_id: str | None = None


class ParticipantRow(_Row, frozen=True, kw_only=True, gc=False):
    """A participant of a listed conversation."""

    addresses: tuple[AddressRow, ...] | None = None


class BridgeRow(_Row, frozen=True, kw_only=True, gc=False):
    """The bridge of a listed conversation's configuration."""

    service_id: str | None = None


class ConfigurationRow(_Row, frozen=True, kw_only=True, gc=False):
    """What a listed conversation keeps of its configuration."""

    conversations_v1_bridge: BridgeRow | None = None


class ConversationRow(_Row, frozen=True, kw_only=True, gc=False):
    """A listed conversation; list items may be partial."""

    id: str
    configuration_id: str | None = None
    status: str | None = None
    name: str | None = None
    configuration: ConfigurationRow | None = None
    participants: tuple[ParticipantRow, ...] | None = None
    created_at: str | None = None
    updated_at: str | None = None


def conversation_batch(
    rows: Iterable[ConversationRow | Conversation],
    services: Mapping[str, str | None],
    service_sid: str = "",
) -> pa.RecordBatch:
    """
    A row for each conversation, with the columns of `columns.CONVERSATIONS`.

    `service_sid` of a row is the classic service that the conversation is bridged from. It is
    that of the conversation's configuration, and where the list item carries none, that of the
    configuration as it is now. But a configuration that bridges a service may capture other
    traffic too, such as calls: where addresses are known and none of them carries a classic
    `CH…` sid as its channel id, the conversation was captured, and no service is named.

    Args:
        rows: Conversations as listed.
        services: Configuration id to the classic service that it bridges.
        service_sid: Only conversations bridged from this service; empty: all.
    """
    listed = list(rows)
    derived = [_derived(one, services) for one in listed]
    if service_sid:
        wanted = service_sid.lower()
        ours = [(service or "").lower() == wanted for *_, service in derived]
        listed, derived = list(compress(listed, ours)), list(compress(derived, ours))
    channels, addresses, channel_ids, sids = zip(*derived, strict=True) if derived else ((),) * 4
    people = [one.participants for one in listed]
    return batch(
        {
            "conversation_id": [one.id for one in listed],
            "status": [one.status for one in listed],
            "name": [one.name for one in listed],
            "channels": channels,
            "participants": [None if some is None else len(some) for some in people],
            "addresses": addresses,
            "channel_ids": channel_ids,
            "service_sid": sids,
            "configuration_id": [one.configuration_id for one in listed],
            "created_at": [one.created_at for one in listed],
            "updated_at": [one.updated_at for one in listed],
        },
        CONVERSATIONS,
    )


def _derived(
    one: ConversationRow | Conversation, services: Mapping[str, str | None]
) -> tuple[str | None, str | None, str | None, str | None]:
    """Channels, addresses and channel ids, joined, and the service that it is bridged from."""
    address = channel = channel_id = None
    mixed = False
    addresses: dict[str, None] = {}
    # In one pass without lists: it runs for every conversation of an account.
    for participant in one.participants or ():
        for address in participant.addresses or ():
            if address.address:
                addresses[address.address] = None
            if address.channel != channel:
                mixed = mixed or channel is not None
                channel = address.channel
            if address.channel_id != channel_id:
                mixed = mixed or channel_id is not None
                channel_id = address.channel_id
    if mixed:
        every = [each for some in one.participants or () for each in some.addresses or ()]
        channel = ", ".join(sorted({each.channel for each in every if each.channel}))
        channel_id = ", ".join(dict.fromkeys(each.channel_id for each in every if each.channel_id))
    service = None
    if address is None or (channel_id and (channel_id.startswith("CH") or ", CH" in channel_id)):
        configuration = one.configuration
        bridge = configuration.conversations_v1_bridge if configuration else None
        service = bridge.service_id if bridge else None
        service = service or services.get(one.configuration_id or "")
    return channel or None, ", ".join(addresses) or None, channel_id or None, service
