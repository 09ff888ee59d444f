"""The tree of errors: the picture in the docstring of `errors` is the tree that is there."""

from __future__ import annotations

import re

from bridge_helpers import errors

LINE = re.compile(r"^ {4}(?P<bars>(?:[│ ] {3})*)(?P<branch>[├└]── )?(?P<name>\w+)(?:\s|$)")


def drawn(picture: str) -> list[tuple[str, str | None]]:
    """Each name in the picture, from top to bottom, with the name that it hangs from."""
    found: list[tuple[str, str | None]] = []
    path: list[str] = []
    for line in picture.splitlines():
        if (match := LINE.match(line)) is None:
            continue
        name, branch = match["name"], match["branch"]
        depth = len(match["bars"]) // 4 + bool(branch)
        assert bool(path) == bool(branch), f"a second root: {line}"
        assert depth <= len(path), f"hangs from nothing: {line}"
        path[depth:] = [name]
        found.append((name, path[depth - 1] if depth else None))
    return found


def classes() -> dict[str, type[errors.BridgeError]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.BridgeError)
    }


def test_the_picture_is_the_tree() -> None:
    """Every class is drawn once, below the class it derives from, and nothing else is drawn."""
    shown = drawn(errors.__doc__ or "")
    there = {
        name: None if one is errors.BridgeError else one.__base__.__name__
        for name, one in classes().items()
        if one.__base__ is not None
    }
    assert dict(shown) == there
    assert len(shown) == len(there)


def test_every_error_is_exported_in_order() -> None:
    """`__all__` names the classes, sorted."""
    assert errors.__all__ == sorted(classes())


def test_a_picture_is_read_with_its_nesting() -> None:
    """What is read hangs from the right name, also where branches end at different depths."""
    picture = """
    A            words │ that do not matter
    ├── B        of B
    │   └── C    of C
    ├── D
    │   ├── E
    │   │   └── F
    │   └── G
    └── H
        └── I
"""
    assert drawn(picture) == [
        ("A", None),
        ("B", "A"),
        ("C", "B"),
        ("D", "A"),
        ("E", "D"),
        ("F", "E"),
        ("G", "D"),
        ("H", "A"),
        ("I", "H"),
    ]
