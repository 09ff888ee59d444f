"""Files that we write: for the user alone, and whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import BridgeError, InvalidInput


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """
    A name to write to; it takes the real name's place when the block ends well.

    The file is created readable for the user alone, and its folder is made.

    Raises:
        BridgeError: It cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        _begin(unfinished)
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise BridgeError(
            f"{path} cannot be written.", f"{error}.", "Check the folder and its permissions."
        ) from None
    finally:
        # What kept it from being made keeps it from being removed as well.
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def write_private(path: Path, data: bytes) -> Path:
    """
    Write bytes to a file, as `whole_file` does.

    Raises:
        BridgeError: It cannot be written.
    """
    with whole_file(path) as unfinished:
        unfinished.write_bytes(data)
    return path


def checked_path(field: str, value: object) -> Path:
    """
    A path as somebody gave it, `~` resolved.

    Raises:
        InvalidInput: No system could have a file of that name, or ours could not say it.
    """
    if not isinstance(value, str | Path):
        raise InvalidInput(field, value, "it has to be a path, as text")
    try:
        if b"\0" in str(value).encode():
            raise ValueError("a null character is in it")
        return Path(value).expanduser()
    except (ValueError, RuntimeError) as error:
        # Text that is not UTF-8 is one of these; its own words are about codecs.
        reason = "not UTF-8" if isinstance(error, UnicodeError) else error
        raise InvalidInput(field, str(value), f"it has to be a path ({reason})") from None


def check_writable(field: str, value: object) -> Path:
    """
    A path that `whole_file` will be able to write to; its folder is made.

    Raises:
        InvalidInput: It will not.
    """
    path = checked_path(field, value)
    unfinished = path.with_name(f".{path.name}.part") if path.name else path
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        _begin(unfinished)
        unfinished.unlink()
    except OSError as error:
        raise InvalidInput(
            field, str(path), f"it has to be a file that can be written ({error})"
        ) from None
    return path


def _begin(unfinished: Path) -> None:
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
