"""What the records of a service share: how their members are written."""

from __future__ import annotations

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A record of v2, memory or intelligence: lower camel case on the wire."""


class Classic(msgspec.Struct, frozen=True, kw_only=True):
    """A record of v1 or 2010: snake case on the wire."""
