"""
What goes wrong inside the sandbox itself: told to whoever asked, and kept where it is found.

A traceback goes to stderr and into ``sandbox.log`` in ``BRIDGE_HOME``, which only its owner can
read and which never grows past two files of a megabyte; the answer names the file.
"""

from __future__ import annotations

import logging
import os
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOGGER = logging.getLogger("bridge_helpers.sandbox")
_LARGEST = 1_000_000


class _PrivateFile(RotatingFileHandler):
    """A log file that only its owner can read."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        return open(os.open(self.baseFilename, flags, 0o600), "a", encoding="utf-8")  # noqa: PTH123


def keep_in(home: Path) -> None:
    """Write what goes wrong from now on, in the sandbox or its server, to stderr and a file."""
    written = "%(asctime)s %(levelname)s %(message)s"
    formatter = logging.Formatter(written)
    file = _PrivateFile(home / "sandbox.log", maxBytes=_LARGEST, backupCount=1, delay=True)
    for handler in (file, logging.StreamHandler(sys.stderr)):
        handler.setFormatter(formatter)
        for logger in (_LOGGER, logging.getLogger("uvicorn")):
            logger.addHandler(handler)


def report(request_id: str, method: str, path: str) -> str:
    """Log the exception that is being handled; returns what to answer."""
    _LOGGER.exception("request %s: %s %s", request_id, method, path)
    files = [h.baseFilename for h in _LOGGER.handlers if isinstance(h, _PrivateFile)]
    kept = f"; the reason is in {files[0]}" if files else ""
    return f"An internal error of the sandbox, request {request_id}{kept}"
