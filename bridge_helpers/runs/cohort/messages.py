"""
What goes to a worker and what comes back.

None of it holds a secret: an order names the prefix of the variables that the worker reads in
its own environment.
"""

from __future__ import annotations

import struct
from typing import Any, BinaryIO, Final

import msgspec

_LENGTH: Final = struct.Struct(">I")


class Order(msgspec.Struct, frozen=True):
    """
    One customer's run.

    Attributes:
        name: The customer's.
        credentials: The prefix of its variables; empty: the plain ones.
        parameters: Of the notebook `onboard`, checked.
        cell_seconds: Seconds after which a cell is taken for hanging.
    """

    name: str
    credentials: str
    parameters: dict[str, Any]
    cell_seconds: float


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The worker has imported what a run needs."""


class Cell(msgspec.Struct, frozen=True, tag=True):
    """A cell begins."""

    number: int


class Said(msgspec.Struct, frozen=True, tag=True):
    """A line that the run printed."""

    text: str


class Delivered(msgspec.Struct, frozen=True, tag=True):
    """
    The end of a run.

    Attributes:
        files: Name to content of the artefacts that there are.
        error: As in `result.json`, where the run ended without a result.
        lost: Whether its process died or was ended, so that the run may be begun again.
    """

    files: dict[str, bytes] = {}
    error: dict[str, Any] | None = None
    lost: bool = False


Message = Ready | Cell | Said | Delivered

_ENCODER: Final = msgspec.msgpack.Encoder()
_MESSAGES: Final = msgspec.msgpack.Decoder(Message)
_ORDERS: Final = msgspec.msgpack.Decoder(Order)


def write(stream: BinaryIO, message: Message | Order) -> None:
    """
    Send one message: its length in four bytes, and the message.

    Raises:
        OSError: Nobody reads any more.
    """
    body = _ENCODER.encode(message)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def read(stream: BinaryIO) -> Message | None:
    """The next message from a worker; None when it has ended, also in the middle of one."""
    body = _body(stream)
    return None if body is None else _MESSAGES.decode(body)


def read_order(stream: BinaryIO) -> Order | None:
    """The next order; None when no more will come."""
    body = _body(stream)
    return None if body is None else _ORDERS.decode(body)


def _body(stream: BinaryIO) -> bytes | None:
    head = _exactly(stream, _LENGTH.size)
    return None if head is None else _exactly(stream, _LENGTH.unpack(head)[0])


def _exactly(stream: BinaryIO, count: int) -> bytes | None:
    """So many bytes, however few come at once; None when the stream ends before."""
    parts = []
    while count:
        part = stream.read(count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
