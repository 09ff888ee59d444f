"""
What a PATCH names, and whether a configuration shows it.

The rules are Twilio's (OpenAPI for conversations v2, PATCH of a configuration): members
that are named change, members that are not stay; `channelSettings` merges by channel;
everything else that is named is replaced as a whole; null removes. What was removed may
come back as null, as false, empty, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from ...api.documents import SERVICE_OWNED
from ...errors import InvalidInput

MERGED: Final = "channelSettings"
_BRIDGED: Final = "conversationsV1Bridge.serviceId"
_NEVER_NULL: Final[Mapping[str, Any]] = {
    "statusTimeouts": {"inactive": {}, "closed": {}},
    "captureRules": {"metadata": {}},
}
"""What a channel's setting may leave out and must not name as null in a request (the same
OpenAPI)."""

Members = Mapping[str, Any]


def patch(changes: Members, present: Members) -> dict[str, Any]:
    """
    The body of a PATCH: of the changes only those that make a difference.

    Args:
        changes: Member to value, None to remove; `channelSettings` by channel in the same way.
        present: The configuration's members as they are.

    Raises:
        InvalidInput: A change names what the service writes itself.
    """
    owned = sorted(SERVICE_OWNED & changes.keys())
    if owned:
        raise InvalidInput("changes", ", ".join(owned), "the service writes these members itself")
    if MERGED in changes and not isinstance(changes[MERGED], Mapping):
        raise InvalidInput(MERGED, changes[MERGED], "channels are changed and removed one by one")
    body: dict[str, Any] = {}
    for path, value in named(changes):
        there = _shown(present, path)
        if any(_unmet(value, there, there, ".".join(path))):
            if len(path) > 1:
                body.setdefault(path[0], {})[path[1]] = value
            else:
                body[path[0]] = value
    return body


def unmet(body: Members, present: Members, before: Members | None = None) -> tuple[str, ...]:
    """
    The paths that a PATCH named and that a configuration does not show; empty: all is done.

    Values that the service adds by itself are no difference. Values that were there before, and
    that replacing should have removed, are one.

    Args:
        body: The PATCH as it was sent.
        present: The configuration's members as they are now.
        before: Its members before the PATCH, when they are known.
    """
    return tuple(
        unmet_path
        for path, value in named(body)
        for unmet_path in _unmet(
            value, _shown(present, path), _shown(before or {}, path), ".".join(path)
        )
    )


def restoring(kept: Members, present: Members) -> dict[str, Any]:
    """
    The changes that make a configuration again what it was when it was kept.

    Args:
        kept: The members of a snapshot.
        present: The configuration's members as they are now.
    """
    changes: dict[str, Any] = {}
    for name in {**kept, **present}:
        if name in SERVICE_OWNED:
            continue
        if name == MERGED:
            then, now = kept.get(name) or {}, present.get(name) or {}
            changes[name] = {channel: then.get(channel) for channel in {**then, **now}}
        else:
            changes[name] = kept.get(name)
    return patch(changes, present)


def making(kept: Members) -> dict[str, Any]:
    """
    The request that makes a configuration as it was kept.

    Args:
        kept: The members of a snapshot.
    """
    body: dict[str, Any] = {}
    for path, value in named(kept):
        if path[0] in SERVICE_OWNED or value is None:
            continue
        if len(path) > 1:
            body.setdefault(path[0], {})[path[1]] = value
        else:
            body[path[0]] = value
    return body


def edited(before: Members, after: Members, body: Members) -> tuple[str, ...]:
    """
    The paths that changed between two looks although no PATCH of ours named them.

    Args:
        body: The PATCH that was sent in between.
    """
    ours = {path for path, _ in named(body)}
    there = {path for members in (before, after) for path, _ in named(members)}
    return tuple(
        ".".join(path)
        for path in sorted(there - ours)
        if path[0] not in SERVICE_OWNED and not _same(_shown(before, path), _shown(after, path))
    )


def named(members: Members) -> Iterator[tuple[tuple[str, ...], Any]]:
    """
    Each member with its path and value.

    Those that are merged by channel are told channel by channel, as a request may name them.
    """
    for name, value in members.items():
        if name == MERGED:
            for channel, setting in (value or {}).items():
                yield (name, channel), _setting(setting)
        else:
            yield (name,), value


def at(members: Members, path: Iterable[str]) -> Any:
    """The value at a path; None where there is nothing."""
    found: Any = members
    for name in path:
        found = _member(found, name)
    return found


def _shown(members: Members, path: tuple[str, ...]) -> Any:
    """The value at a path, to be compared with one that `named` tells."""
    found = at(members, path)
    return _setting(found) if path[0] == MERGED else found


def _setting(setting: Any) -> Any:
    """
    A channel's setting as a request may name it; None where nothing is left of it.

    The service may show null for what is not set.
    """
    said = _without_nulls(setting, _NEVER_NULL)
    return None if setting and not said else said


def _without_nulls(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_without_nulls(one, known) for one in value] if known else value
    if not isinstance(value, Mapping) or not known:
        return value
    return {
        name: _without_nulls(one, known.get(name, {}))
        for name, one in value.items()
        if one is not None or name not in known
    }


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _unmet(asked: Any, there: Any, before: Any, path: str) -> Iterator[str]:
    if _empty(asked) or _empty(there):
        if not (_empty(asked) and _empty(there)):
            yield path
    elif isinstance(asked, Mapping) and isinstance(there, Mapping):
        for name, value in asked.items():
            yield from _unmet(value, there.get(name), _member(before, name), f"{path}.{name}")
        for name in there.keys() - asked.keys():
            if not _empty(_member(before, name)) and not _empty(there[name]):
                yield f"{path}.{name}"
    elif isinstance(asked, list) and isinstance(there, list):
        if len(asked) != len(there):
            yield path
            return
        for number, (one, other) in enumerate(zip(asked, there, strict=True)):
            if _both(one, other, Mapping) or _both(one, other, list):
                # What an item had before is not known, as items have no names, unless what is
                # there is all that there has been.
                was = other if before is there else None
                yield from _unmet(one, other, was, f"{path}.{number}")
            elif not _same(one, other):
                # An item that is null or false is there: nothing was removed in its place.
                yield f"{path}.{number}"
    elif path == _BRIDGED and str(asked).lower() == str(there).lower():
        return
    elif not _same(asked, there):
        yield path


def _both(one: Any, other: Any, kind: type) -> bool:
    return isinstance(one, kind) and isinstance(other, kind)


def _empty(value: Any) -> bool:
    """What the service may show where something was removed."""
    return value is None or value is False or value in ("", [], {}, ())


def _same(one: Any, other: Any) -> bool:
    """As JSON: true is not 1, and the order of members does not matter."""
    return _canonical(one) == _canonical(other)


def _canonical(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")
