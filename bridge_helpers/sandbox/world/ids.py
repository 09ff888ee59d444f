"""
Identifiers of Twilio's shapes, the same for the same seed.

Each account has its own generator, and each kind of identifier its own counter, so what one
account does never changes what another one gets.
"""

from __future__ import annotations

from base64 import b32hexencode
from hashlib import blake2b

_CROCKFORD = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUV", b"0123456789abcdefghjkmnpqrstvwxyz"
)


class IdGenerator:
    """Makes the identifiers of one account (or of the sandbox as a whole)."""

    def __init__(self, seed: int, scope: str) -> None:
        self._key = f"{seed}/{scope}/"
        self._made: dict[str, int] = {}

    def _count(self, kind: str) -> int:
        count = self._made.get(kind, 0) + 1
        self._made[kind] = count
        return count

    def _digest(self, kind: str) -> bytes:
        text = f"{self._key}{kind}/{self._count(kind)}"
        return blake2b(text.encode(), digest_size=17).digest()

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

    def numbered(self, kind: str) -> NumberedIds:
        """Identifiers for a batch of seeded things."""
        return NumberedIds(f"{self._key}{kind} batch/{self._count(kind + ' batch')}/")


class NumberedIds:
    """
    Identifiers of seeded things: made from a number, and the number can be read from them.

    So a million things need no table of identifiers. The last eight digits hold the number,
    combined with the eight before them; whoever reads it makes the identifier again to compare.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def digits(self, number: int) -> str:
        """128 hexadecimal digits, enough for all identifiers of one thing."""
        return blake2b(f"{self._key}{number}".encode()).hexdigest()

    @staticmethod
    def sid(prefix: str, digits: str, number: int) -> str:
        """A classic sid that holds the number; takes 24 digits."""
        return f"{prefix}{digits[:24]}{number ^ int(digits[16:24], 16):08x}"

    @staticmethod
    def typed(prefix: str, digits: str, number: int) -> str:
        """An Orchestrator or memory id that holds the number; takes 18 digits."""
        head = f"{int(digits[0], 16) & 7}{digits[1:18]}"
        return f"{prefix}_{head}{number ^ int(head[10:18], 16):08x}"

    @staticmethod
    def number(identifier: str) -> int | None:
        """The number that an identifier of these holds; None for what cannot be one."""
        try:
            return int(identifier[-8:], 16) ^ int(identifier[-16:-8], 16)
        except ValueError:
            return None
