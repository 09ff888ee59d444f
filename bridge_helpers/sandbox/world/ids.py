"""Identifiers of Twilio's shapes, the same for the same seed.

Each account has its own mint, and each kind of identifier its own counter, so what one account
does never changes what another one gets.
"""

from __future__ import annotations

from base64 import b32hexencode
from hashlib import blake2b

_CROCKFORD = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUV", b"0123456789abcdefghjkmnpqrstvwxyz"
)


class Mint:
    """Strikes identifiers for one account (or for the sandbox as a whole)."""

    def __init__(self, seed: int, scope: str) -> None:
        self._key = f"{seed}/{scope}/"
        self._struck: dict[str, int] = {}

    def _digest(self, kind: str) -> bytes:
        count = self._struck.get(kind, 0) + 1
        self._struck[kind] = count
        return blake2b(f"{self._key}{kind}/{count}".encode(), digest_size=17).digest()

    def sid(self, prefix: str) -> str:
        """A classic sid: two capitals and 32 lower-case hexadecimal digits."""
        return prefix + self._digest(prefix)[:16].hex()

    def typed(self, prefix: str) -> str:
        """An Orchestrator or memory id: a prefix and 26 characters, the first of them 0 to 7."""
        raw = self._digest(prefix)
        tail = b32hexencode(raw[:16])[:25].translate(_CROCKFORD)
        return f"{prefix}_{raw[16] & 7}{tail.decode()}"

    def secret(self, kind: str) -> str:
        """A credential: 32 hexadecimal digits."""
        return self._digest(kind)[:16].hex()

    def number(self, kind: str, below: int) -> int:
        """A whole number from 0 up to, not including, ``below``."""
        return int.from_bytes(self._digest(kind)[:8]) % below
