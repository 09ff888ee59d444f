"""Measurements of reading 100,000 and 1,000,000 conversations: to a frame and to a file."""

from __future__ import annotations

from functools import cache
from typing import Final

from . import account
from .registry import (
    Bar,
    Figures,
    Measurement,
    Place,
    Server,
    Spoiled,
    contender,
    memory,
    ours,
    times,
    told_by,
)

COUNT: Final = account.BLOCK
MANY: Final = 1_000_000
LATENCY: Final = 0.03
OURS: Final = "bridge_helpers"
SDK: Final = "official SDK"
HTTPX: Final = "httpx and json_normalize"
FLOOR: Final = "bytes read and decoded"
READ: Final = "bytes read"
TYPES: Final = {
    "conversation_id": "string",
    "status": "category",
    "name": "string",
    "channels": "category",
    "participants": "Int64",
    "addresses": "string",
    "channel_ids": "string",
    "service_sid": "category",
    "configuration_id": "category",
    "created_at": "datetime64[us, UTC]",
    "updated_at": "datetime64[us, UTC]",
}


@cache
def expected(count: int) -> str:
    """What the rows of a whole table add up to."""
    return account.expected(count)


def all_rows(place: Place, figures: Figures) -> None:
    """No row was lost, and no value changed."""
    told = figures.told
    count = place.server.conversations if isinstance(place.server, Server) else 0
    if told["rows"] != count:
        raise Spoiled(f"{told['rows']} of {count} rows")
    if "digest" in told and told["digest"] != expected(count):
        raise Spoiled("a value is another")


def our_rows(place: Place, figures: Figures) -> None:
    """Nor did a type change."""
    all_rows(place, figures)
    if figures.told["types"] != TYPES:
        raise Spoiled(f"types {figures.told['types']}")


def our_file(place: Place, figures: Figures) -> None:
    """The file holds every row, with its values and types."""
    told = told_by(place, "digest", str(place.folder / "ours.parquet"))
    our_rows(place, Figures(0, 0, 0, told))


def our_many(place: Place, figures: Figures) -> None:
    """The file holds a million different rows."""
    told = told_by(place, "digest", str(place.folder / "ours.parquet"))
    if (told["rows"], told["ids"], told["types"]) != (MANY, MANY, TYPES):
        raise Spoiled(f"{told}")


COMMAND: Final = ("conversations", "--target", "twilio", "--output", "{folder}/ours.parquet")


MEASUREMENTS: Final = (
    Measurement(
        "100,000 conversations to a DataFrame",
        "In process: imports and connecting are left out; peak memory is of the whole process.",
        (
            contender(READ, "read_only"),
            contender(FLOOR, "decode_only", check=all_rows),
            contender(OURS, "frame_ours", check=our_rows),
            contender(SDK, "frame_sdk", check=all_rows),
            contender("official SDK, stream()", "frame_sdk_stream", check=all_rows),
            contender(HTTPX, "frame_httpx", check=all_rows),
        ),
        (
            Bar("faster than the official SDK", times(OURS, SDK), 8, least=True),
            Bar("of the official SDK's peak memory", memory(OURS, SDK), 0.35),
            Bar("of the time of reading and decoding alone", times(FLOOR, OURS), 1.8),
        ),
    ),
    Measurement(
        "100,000 conversations to a Parquet file",
        "Whole processes, from their start to their end: `bridge-workbook conversations "
        "--output FILE.parquet`, and scripts that do the same.",
        (
            ours(OURS, *COMMAND, check=our_file),
            contender(SDK, "file_sdk", "sdk.parquet", whole=True),
            contender(HTTPX, "file_httpx", "httpx.parquet", whole=True),
        ),
        (
            Bar("faster than the official SDK's script", times(OURS, SDK), 5, least=True),
            Bar("of its peak memory", memory(OURS, SDK), 0.35),
        ),
    ),
    Measurement(
        "The same with 30 ms for each request",
        "The whole process, against what cannot be less: each of the 101 requests takes 30 ms, "
        "because a page names the next one; and reading and decoding alone, without that.",
        (
            ours(OURS, *COMMAND, check=our_file),
            contender(FLOOR, "decode_only", check=all_rows, server=Server()),
        ),
        (
            Bar(
                "of requests × latency + decoding",
                lambda medians: medians[OURS].seconds / (101 * LATENCY + medians[FLOOR].seconds),
                1.15,
            ),
        ),
        Server(latency=LATENCY),
    ),
    Measurement(
        "1,000,000 conversations to a Parquet file",
        "Whole processes, as above; once with 100,000 and once with 1,000,000 conversations.",
        (
            ours(OURS, *COMMAND, check=our_file),
            ours(
                "bridge_helpers, 1,000,000",
                *COMMAND,
                check=our_many,
                rounds=3,
                server=Server(conversations=MANY),
            ),
        ),
        (
            Bar(
                "of the time per row with 100,000",
                lambda medians: times(OURS, "bridge_helpers, 1,000,000")(medians) / 10,
                1.15,
            ),
            Bar(
                "of peak memory",
                lambda medians: medians["bridge_helpers, 1,000,000"].bytes / 1e6,
                300,
                unit=" MB",
            ),
        ),
    ),
    Measurement(
        "100,000 rows to a workbook",
        "In process: a frame to an XLSX file.",
        (
            contender(OURS, "xlsx_ours", "ours.xlsx"),
            contender("DataFrame.to_excel", "xlsx_pandas", "pandas.xlsx", rounds=1),
        ),
        (Bar("seconds", lambda medians: medians[OURS].seconds, 8, unit=" s"),),
    ),
)
