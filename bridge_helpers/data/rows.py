"""
Listed conversations, with what a table needs of them and nothing else.

A list of hundreds of thousands is decoded into these instead of `api.models.Conversation`, which
takes four times as long. They are named alike, so that either can become a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    wanted = service_sid.lower()
    kept: list[ConversationRow | Conversation] = []
    channels: list[str | None] = []
    addresses: list[str | None] = []
    channel_ids: list[str | None] = []
    bridged: list[str | None] = []
    # In one pass, and with as few calls as can be: it runs for every conversation of an account.
    for one in rows:
        address = channel = channel_id = service = None
        mixed = False
        names: list[str] = []
        for participant in one.participants or ():
            for address in participant.addresses or ():
                text = address.address
                if text and text not in names:
                    names.append(text)
                text = address.channel
                if text != channel:
                    mixed = mixed or channel is not None
                    channel = text
                text = address.channel_id
                if text != channel_id:
                    mixed = mixed or channel_id is not None
                    channel_id = text
        if mixed:
            channel, channel_id = _joined(one)
        if address is None or (channel_id and (channel_id[:2] == "CH" or ", CH" in channel_id)):
            configuration = one.configuration
            bridge = configuration.conversations_v1_bridge if configuration else None
            service = (bridge and bridge.service_id) or services.get(one.configuration_id or "")
        if wanted and (service or "").lower() != wanted:
            continue
        kept.append(one)
        channels.append(channel or None)
        addresses.append(", ".join(names) or None)
        channel_ids.append(channel_id or None)
        bridged.append(service)
    people = [one.participants for one in kept]
    return batch(
        {
            "conversation_id": [one.id for one in kept],
            "status": [one.status for one in kept],
            "name": [one.name for one in kept],
            "channels": channels,
            "participants": [None if some is None else len(some) for some in people],
            "addresses": addresses,
            "channel_ids": channel_ids,
            "service_sid": bridged,
            "configuration_id": [one.configuration_id for one in kept],
            "created_at": [one.created_at for one in kept],
            "updated_at": [one.updated_at for one in kept],
        },
        CONVERSATIONS,
    )


def _joined(one: ConversationRow | Conversation) -> tuple[str, str]:
    """Channels, sorted, and channel ids of all addresses, each once, separated by commas."""
    every = [each for some in one.participants or () for each in some.addresses or ()]
    channels = sorted({each.channel for each in every if each.channel})
    channel_ids = dict.fromkeys(each.channel_id for each in every if each.channel_id)
    return ", ".join(channels), ", ".join(channel_ids)
