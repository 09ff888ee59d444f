"""``Idempotency-Key``: the same key gives the first answer again, for 24 hours.

Source: Twilio's OpenAPI (configurations POST, PUT, PATCH, DELETE; conversations DELETE). Keys
belong to an account.
"""

from __future__ import annotations

from functools import wraps
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from ..world.clock import DAY
from .answers import Answer, conflict
from .bodies import idempotency_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from .requests import Call


def once(handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    """Let a handler do the same keyed request only once.

    An accepted request is remembered; a refused one is not, so it can be mended and sent again
    with its key. The same key with another method, path or body is refused with 409.
    """

    @wraps(handler)
    def keyed(call: Call) -> Answer:
        key = idempotency_key(call)
        if key is None:
            return handler(call)
        remembered = call.account.idempotent.get(key.lower())
        fingerprint = _fingerprint(call)
        if remembered and call.now < remembered[0]:
            if remembered[1] != fingerprint:
                raise conflict(f"Idempotency-Key {key} was used for another request")
            return remembered[2]
        answer = handler(call)
        call.account.idempotent[key.lower()] = (call.now + DAY, fingerprint, answer)
        return answer

    return keyed


def _fingerprint(call: Call) -> str:
    try:
        body = msgspec.json.encode(msgspec.json.decode(call.body), order="sorted")
    except msgspec.DecodeError:
        body = call.body
    return blake2b(f"{call.method} {call.path} ".encode() + body, digest_size=16).hexdigest()
