"""
Keeps typed credentials in the memory of the workbook's process, for its kernels.

Who may ask: a process of the same user that knows the token. The socket is in a folder that only
this user may enter, and the token is in the environment of the kernels, made anew at each start.
What is kept is never written anywhere, and is gone when this process ends. The kernels' side, and
what is said, is in `kept.py`.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
import shutil
import socket
import socketserver
import struct
import tempfile
import threading
from pathlib import Path

import msgspec

from ..kept import SECONDS, VARIABLE, Answer, Question, read_line
from ..settings import Secret

log = logging.getLogger(__name__)


class Keeper:
    """
    A listener on a socket of its own, with one set of credentials at most.

    Where the system has no such sockets it does nothing, and each notebook asks for itself.
    """

    def __init__(self) -> None:
        self._token = Secret(secrets.token_urlsafe(32))
        self._kept: tuple[Answer, Secret] | None = None
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._server: socketserver.BaseServer | None = None

    def start(self) -> dict[str, str]:
        """Listen; what the kernels have to find in their environment, empty where it cannot."""
        if not hasattr(socketserver, "ThreadingUnixStreamServer"):
            return {}
        self._folder = Path(tempfile.mkdtemp(prefix="bridge-", dir=_folder()))
        path = str(self._folder / "keeper")
        try:
            self._server = _server(path, self)
        except OSError as error:
            # A path that is too long for a socket, for example: then nothing is kept.
            log.warning("typed credentials are not kept between notebooks: %s", error)
            self.stop()
            return {}
        threading.Thread(target=self._server.serve_forever, name="keeper", daemon=True).start()
        return {VARIABLE: f"{self._token.reveal()}:{path}"}

    def stop(self) -> None:
        """Forget, and listen no more."""
        self._kept = None
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def answer(self, question: Question) -> Answer | None:
        """What a question is answered with; None for one without the token."""
        if not hmac.compare_digest(question.token.encode(), self._token.reveal().encode()):
            return None
        with self._lock:
            if question.do == "keep":
                told = Answer(question.account_sid, question.username, "", question.region)
                self._kept = (told, Secret(question.secret))
            elif question.do == "forget":
                self._kept = None
            elif question.do == "get" and self._kept is not None:
                told, secret = self._kept
                return msgspec.structs.replace(told, secret=secret.reveal())
        return Answer()


class _Handler(socketserver.BaseRequestHandler):
    """One question, one answer; whoever has no token is hung up on."""

    keeper: Keeper

    def handle(self) -> None:
        line = self.request
        line.settimeout(SECONDS)
        try:
            if not _is_same_user(line):
                return
            answer = self.keeper.answer(msgspec.json.decode(read_line(line), type=Question))
            if answer is not None:
                line.sendall(msgspec.json.encode(answer) + b"\n")
        except (OSError, ValueError):
            # Without its words, which may quote what was sent.
            log.info("a question to the keeper could not be read")


def _server(path: str, keeper: Keeper) -> socketserver.BaseServer:
    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: a traceback may show what was sent."""

    return Server(path, type("Handler", (_Handler,), {"keeper": keeper}))


def _folder() -> str | None:
    """
    The user's own folder for sockets where the system has one; None: that for temporary files.

    Other users may see that there is a folder, and cannot enter it.
    """
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    return named if named and Path(named).is_dir() and os.access(named, os.W_OK) else None


def _is_same_user(line: socket.socket) -> bool:
    """Whether it is this user who asks, where the system tells it."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    _, user, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return bool(user == os.getuid())
