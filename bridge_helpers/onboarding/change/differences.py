"""What a write changes, member by member."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...api.documents import SERVICE_OWNED
from ..writes.patches import Members, at, named, patch

_USER: Final = re.compile(r"(?<=://)[^/?#\s]*@")
"""A user name and a password in an address."""


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One member that differs, to be shown: addresses are without user name and password.

    Attributes:
        path: `displayName`, or with its channel: `channelSettings.SMS`.
        before: Its value now; None where it has none.
        after: Its value afterwards; None where it is removed.
    """

    path: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        """The shape of `differences` in `change.json`."""
        return {"path": self.path, "from": self.before, "to": self.after}


def differences(body: Mapping[str, Any], present: Mapping[str, Any]) -> tuple[Difference, ...]:
    """
    What a request changes.

    Args:
        body: A PATCH that names only what differs, or a POST.
        present: The configuration's members as they are; empty where there is none.
    """
    return tuple(
        Difference(".".join(path), _shown(at(present, path)), _shown(value))
        for path, value in named(body)
    )


def would_change(changes: Members, present: Members) -> tuple[Difference, ...]:
    """
    What changes would change, before anything is asked of the service.

    Args:
        changes: Member to value as in Twilio's PATCH, None to remove; `channelSettings` by
            channel in the same way.
        present: The configuration's members as they are.

    Raises:
        InvalidInput: A change names what the service writes itself.
    """
    return differences(patch(changes, present), present)


def removal(present: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What goes when a configuration is deleted; not what the service counts itself."""
    return tuple(
        Difference(".".join(path), _shown(value), None)
        for path, value in named(present)
        if path[0] not in SERVICE_OWNED and value not in (None, False, "", [], {})
    )


def _shown(value: Any) -> Any:
    """A value without the secrets that an address in it may hold."""
    if isinstance(value, str):
        return _USER.sub("…@", value)
    if isinstance(value, Mapping):
        return {name: _shown(one) for name, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, list) else value
