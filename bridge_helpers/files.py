"""Files that we write: for the user alone, and whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import BridgeError


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
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise BridgeError(
            f"{path} cannot be written.", f"{error}.", "Check the folder and its permissions."
        ) from None
    finally:
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
