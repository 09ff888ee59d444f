"""
``Idempotency-Key``: the same key gives the first answer again, for 24 hours.

Source: Twilio's OpenAPI (configurations POST, PUT, PATCH, DELETE; conversations DELETE). Keys
belong to an account.
"""

from __future__ import annotations

from functools import wraps
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from ..world.clock import DAY
from ..world.state import KeyedAnswer
from .answers import Answer, conflict
from .bodies import idempotency_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from .request import Call


def idempotent(handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    """
    Let a handler do the same keyed request only once.

    An accepted request is remembered; a refused one is not, so it can be corrected and sent again
    with its key. The same key with another method, path or body is refused with 409.
    """

    @wraps(handler)
    def keyed(call: Call) -> Answer:
        key = idempotency_key(call)
        if key is None:
            return handler(call)
        known = call.account.keyed_answers.get(key.lower())
        fingerprint = _fingerprint(call)
        if known and call.now < known.until:
            if known.fingerprint != fingerprint:
                raise conflict(f"Idempotency-Key {key} was used for another request")
            return Answer(known.status, known.body, known.headers, known.content_type, known.fault)
        answer = handler(call)
        call.account.keyed_answers[key.lower()] = KeyedAnswer(
            until=call.now + DAY,
            fingerprint=fingerprint,
            status=answer.status,
            body=answer.body,
            headers=answer.headers,
            content_type=answer.content_type,
            fault=answer.fault,
        )
        return answer

    return keyed


def _fingerprint(call: Call) -> str:
    try:
        body = msgspec.json.encode(msgspec.json.decode(call.body), order="sorted")
    except msgspec.DecodeError:
        body = call.body
    return blake2b(f"{call.method} {call.path} ".encode() + body, digest_size=16).hexdigest()
