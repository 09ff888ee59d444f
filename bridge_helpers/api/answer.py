"""An answer of the service, and how a record is made of its body."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar, cast

import msgspec

from ..errors import BadAnswer
from .retries import retry_after

T = TypeVar("T")
_ESCAPES: Final = re.compile(
    rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>\\u[dD][89a-fA-F]..)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: status 2xx, whole body, lower-case header names."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    subject: str

    @property
    def request_id(self) -> str | None:
        """Twilio's id of the request, which support asks for."""
        return self.headers.get("twilio-request-id")

    @property
    def retry_after(self) -> float | None:
        """Seconds that the answer asks to wait, or None."""
        return retry_after(self.headers)

    def read(self, shape: type[T] | msgspec.json.Decoder[T]) -> T:
        """
        The body as a record.

        Args:
            shape: Its type, or a decoder that is made once for many answers.

        Raises:
            BadAnswer: It is not JSON, or not of this shape.
        """
        decoder = shape if isinstance(shape, msgspec.json.Decoder) else decoder_of(shape)
        try:
            try:
                return decoder.decode(self.body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                whole = _whole_characters(self.body)
                if whole is self.body:
                    raise
                return decoder.decode(whole)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            page = self.body[:200].lstrip()[:1] == b"<"
            raise with_id(
                BadAnswer(
                    f"The answer to {self.subject} cannot be read.",
                    "It is a web page: a proxy, firewall or login page stands between."
                    if page
                    else f"It is not what the service describes: {error}.",
                    "Check the network and the address that is configured, then run it again.",
                ),
                self.request_id,
            ) from None


@cache
def _decoder(shape: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, strict=False)


def decoder_of(shape: type[T]) -> msgspec.json.Decoder[T]:
    """A decoder, made once for each type; it takes `"5"` for 5 as well, as all of ours do."""
    return _decoder(cast("Hashable", shape))


def _whole_characters(body: bytes) -> bytes:
    """
    JSON without halves of characters: text that was cut within an emoji is written with one.

    They are not text, so that no parser takes them; one of them must not hide a whole page.
    """
    if rb"\ud" not in body and rb"\uD" not in body:
        return body
    return _ESCAPES.sub(lambda found: rb"\ufffd" if found["half"] else found[0], body)


def with_id(error: BadAnswer, request_id: str | None) -> BadAnswer:
    """The error, with Twilio's id of the request."""
    error.request_id = request_id
    return error
