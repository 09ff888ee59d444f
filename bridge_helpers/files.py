"""Files that we write: for the user alone, and whole or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from .errors import BridgeError, InvalidInput

ABANDONED: Final = 3600.0
"""Seconds without a change after which an unfinished file is taken for one of a killed writer."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """
    A name to write to; it takes the real name's place when the block ends well.

    The file is created readable for the user alone, and its folder is made. Each writer has a
    name of its own, so that of several who write at once the last one to end wins, whole.

    Raises:
        BridgeError: It cannot be written.
    """
    unfinished: Path | None = None
    try:
        unfinished = _begin(path)
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise BridgeError(
            f"{path} cannot be written.", f"{error}.", "Check the folder and its permissions."
        ) from None
    finally:
        if unfinished is not None:
            # An error in removing it must not hide the one that ended the block.
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
    try:
        if path.is_dir():
            raise IsADirectoryError("it is a folder")
        _begin(path).unlink()
    except OSError as error:
        raise InvalidInput(
            field, str(path), f"it has to be a file that can be written ({error})"
        ) from None
    return path


def _begin(path: Path) -> Path:
    """An empty file beside `path`, under a name that nobody else has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name that the system does not take is told now, not when everything is written.
    with suppress(FileNotFoundError):
        path.lstat()
    # A name may be 255 bytes long: of a long one a part is enough to tell whose it is.
    start, end = f".{path.name[:48]}.", ".part"
    with suppress(OSError):
        for left in path.parent.iterdir():
            ours = left.name.startswith(start) and left.name.endswith(end)
            if ours and time.time() - left.stat().st_mtime > ABANDONED:
                left.unlink()
    handle, name = tempfile.mkstemp(end, start, path.parent)
    os.close(handle)
    return Path(name)
