"""
The account that the measurements read: any number of conversations, each known by its number.

Whoever read them can be asked whether a row was lost or a value changed: `digest` says what the
ids and the contents of the first `count` conversations add up to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

ACCOUNT_SID: Final = "AC" + "9" * 32
SERVICE_SID: Final = "IS" + "a" * 32
CONFIGURATION_ID: Final = "conv_configuration_72wq8zq40f72bzpy1edy7caksa"
API_KEY: Final = "SK" + "5" * 32
API_SECRET: Final = "benchmarks-only"
PAGE: Final = 1000
BLOCK: Final = 100_000
"""Conversations whose pages are encoded once; further ones differ in their ids' first digits."""
PLACE: Final = "@block"
WRITTEN: Final = "2026-01-01T10:00:00Z"
"""When the messages of classic conversations were written."""

CONFIGURATION: Final = {
    "displayName": "classic-bridge-config",
    "description": "Bridges a Conversations (classic) service",
    "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
    "memoryStoreId": "mem_store_7pfhdmwyd4wfeja84j78j8qch6",
    "channelSettings": {},
    "statusCallbacks": [],
    "intelligenceConfigurationIds": [],
    "memoryExtractionEnabled": False,
    "conversationsV1Bridge": {"serviceId": SERVICE_SID},
}
STATUSES: Final = ("ACTIVE", "INACTIVE", "CLOSED")


def conversation(number: int) -> dict[str, Any]:
    """A conversation as Orchestrator lists it, about 1.5 kB: two participants, all members."""
    block, within = divmod(number, BLOCK)
    return _conversation(f"{block:06d}", within)


def pages(block: str = PLACE) -> Iterator[list[dict[str, Any]]]:
    """The conversations of a block, a page at a time."""
    for first in range(0, BLOCK, PAGE):
        yield [_conversation(block, within) for within in range(first, first + PAGE)]


def classic(number: int) -> str:
    """A classic conversation as its list has it, JSON."""
    block, within = divmod(number, BLOCK)
    sid = f"CH{block:06d}{within:026x}"
    return f'{{"sid":"{sid}","chat_service_sid":"{SERVICE_SID}","date_created":"{WRITTEN}"}}'


def said(classic_tail: str | None, twin_tail: str | None) -> bytes:
    """Three messages of a classic conversation, or the communications that they became."""
    if classic_tail is not None:
        sid = classic_tail
    else:
        block, within = str(twin_tail)[:6], int(str(twin_tail)[6:])
        sid = f"{block}{within:026x}"
    if classic_tail is not None:
        items = ",".join(
            f'{{"sid":"IM{turn}{sid[1:]}","index":{turn},"author":"customer","body":"text {turn}",'
            f'"date_created":"{WRITTEN}"}}'
            for turn in (2, 1, 0)
        )
        return f'{{"messages":[{items}],"meta":{{"key":"messages","next_page_url":null}}}}'.encode()
    items = ",".join(
        f'{{"id":"conv_communication_{turn}","channelId":"CH{sid}","resourceId":"IM{turn}{sid[1:]}",'
        f'"createdAt":"2026-01-01T10:00:0{turn}.500Z","occurredAt":"2026-01-01T10:00:0{turn}Z"}}'
        for turn in range(3)
    )
    return f'{{"communications":[{items}],"meta":{{"key":"communications"}}}}'.encode()


def digest(rows: Iterable[tuple[Any, ...]]) -> str:
    """What rows add up to, in whatever order they come."""
    total = 0
    for row in rows:
        packed = hashlib.blake2b(msgspec.json.encode(row), digest_size=8).digest()
        total += int.from_bytes(packed, "big")
    return f"{total % 2**64:016x}"


def expected(count: int) -> str:
    """The digest of the first conversations, as rows of a table with all its columns."""
    return digest(row(conversation(number)) for number in range(count))


def row(one: dict[str, Any]) -> tuple[Any, ...]:
    """A conversation as a row of our table; times as text."""
    addresses = [address for who in one["participants"] for address in who["addresses"]]
    return (
        one["id"],
        one["status"],
        one["name"],
        ", ".join(sorted({address["channel"] for address in addresses})),
        len(one["participants"]),
        ", ".join(address["address"] for address in addresses),
        addresses[0]["channelId"],
        one["configuration"]["conversationsV1Bridge"]["serviceId"],
        one["configurationId"],
        one["createdAt"][:19],
        one["updatedAt"][:19],
    )


def _conversation(block: str, within: int) -> dict[str, Any]:
    ident = f"conv_conversation_{block}{within:020d}"
    channel_id = f"CH{block}{within:026x}"
    day = f"2026-{1 + within % 12:02d}-{1 + within % 28:02d}"
    created = f"{day}T{within % 24:02d}:{within % 60:02d}:07.{within % 1000:03d}Z"

    def participant(number: int, kind: str, address: str) -> dict[str, Any]:
        return {
            "id": f"conv_participant_{block}{within:019d}{number}",
            "conversationId": ident,
            "accountId": ACCOUNT_SID,
            "name": address,
            "type": kind,
            "addresses": [{"channel": "CHAT", "address": address, "channelId": channel_id}],
            "createdAt": created,
            "updatedAt": created,
        }

    return {
        "id": ident,
        "accountId": ACCOUNT_SID,
        "configurationId": CONFIGURATION_ID,
        "status": STATUSES[within % 3],
        "name": None if within % 2 else f"Order {within}",
        "createdAt": created,
        "updatedAt": created,
        "configuration": CONFIGURATION,
        "participants": [
            participant(0, "CUSTOMER", f"customer-{block}-{within}"),
            participant(1, "AGENT", "agent"),
        ],
    }


def environment(url: str) -> dict[str, str]:
    """Where the account is and how to get in, as environment variables."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_API_KEY": API_KEY,
        "TWILIO_API_SECRET": API_SECRET,
        "TWILIO_CONVERSATIONS_URL": url,
    }
