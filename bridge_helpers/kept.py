"""
Credentials that were typed in one notebook, for the others of the same workbook.

`bridge-workbook workbook` keeps them in its own memory (`runs/keeper.py`) and gives them to its
kernels, which find it by a variable of their environment: the path of a socket in a folder that
nobody else may enter, and a token. The secret itself is in no variable, file or log, and is gone
when the workbook ends. Elsewhere there is no keeper, and nothing is kept.
"""

from __future__ import annotations

import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from .errors import BridgeError
from .settings import Credentials, Secret

VARIABLE: Final = "BRIDGE_KEEPER"
SECONDS: Final = 3.0
LONGEST: Final = 16_384
"""Bytes of a question or an answer, which end with a line feed."""


class Question(msgspec.Struct, frozen=True):
    """
    What a kernel asks of the keeper.

    Attributes:
        do: `get`, `keep` or `forget`.
    """

    token: str
    do: str
    account_sid: str = ""
    username: str = ""
    secret: str = ""
    region: str = ""

    def __repr__(self) -> str:
        return f"Question({self.do})"


class Answer(msgspec.Struct, frozen=True):
    """What the keeper answers; without an account it has nothing."""

    account_sid: str = ""
    username: str = ""
    secret: str = ""
    region: str = ""

    def __repr__(self) -> str:
        return "Answer()"


@dataclass(frozen=True, slots=True)
class Kept:
    """Typed credentials and the region that was typed with them."""

    credentials: Credentials
    region: str


def kept() -> Kept | None:
    """What the workbook keeps; None when it keeps nothing, or there is no workbook."""
    answer = _ask("get")
    if answer is None or not answer.account_sid:
        return None
    credentials = Credentials(answer.account_sid, answer.username, Secret(answer.secret))
    return Kept(credentials, answer.region)


def keep(credentials: Credentials, region: str) -> bool:
    """Give the workbook credentials to keep, in place of those it has; whether it took them."""
    answer = _ask(
        "keep",
        account_sid=credentials.account_sid,
        username=credentials.username,
        secret=credentials.secret.reveal(),
        region=region,
    )
    return answer is not None


def forget() -> None:
    """Have the workbook forget what it keeps."""
    _ask("forget")


def _ask(do: str, **more: str) -> Answer | None:
    """The keeper's answer; None without a keeper, or where it is not to be trusted."""
    token, _, path = os.environ.get(VARIABLE, "").partition(":")
    if not token or not _is_private(Path(path).parent):
        return None
    asked = msgspec.json.encode(Question(token, do, **more)) + b"\n"
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS)
            line.connect(path)
            line.sendall(asked)
            return msgspec.json.decode(read_line(line), type=Answer)
    except (OSError, msgspec.DecodeError, BridgeError):
        return None


def read_line(line: Any) -> bytes:
    """What arrives before a line feed, or OSError."""
    found = b""
    while not found.endswith(b"\n"):
        more = line.recv(LONGEST)
        if not more or len(found) + len(more) > LONGEST:
            raise OSError("no whole line")
        found += more
    return found


def _is_private(folder: Path) -> bool:
    """Whether a folder is this user's and nobody else may enter it."""
    if not hasattr(socket, "AF_UNIX"):
        return False
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not stat.S_IMODE(found.st_mode) & 0o077
    )
