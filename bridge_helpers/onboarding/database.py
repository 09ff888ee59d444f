"""
The journal's file: SQLite, readable by the user alone, shared by processes and threads.

Every change is on disk when its `with` ends (WAL, synchronous FULL): a run that is
killed right after has written it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import BridgeError

if TYPE_CHECKING:
    from filelock import FileLock

_VERSION: Final = 1
_SCHEMA: Final = f"""
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS attempt (
    id INTEGER PRIMARY KEY,
    account_sid TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL,
    service_sid TEXT NOT NULL,
    key TEXT NOT NULL, body TEXT NOT NULL,
    state TEXT NOT NULL, begun_at TEXT NOT NULL, changed_at TEXT NOT NULL,
    operation_id TEXT, configuration_id TEXT, outcome TEXT, note TEXT
);
CREATE INDEX IF NOT EXISTS attempt_by_scope
    ON attempt (account_sid, region, origin, service_sid);
CREATE TABLE IF NOT EXISTS turn (
    attempt_id INTEGER NOT NULL REFERENCES attempt (id),
    at TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS turn_by_attempt ON turn (attempt_id);
CREATE TABLE IF NOT EXISTS step (
    id INTEGER PRIMARY KEY,
    account_sid TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL,
    service_sid TEXT NOT NULL,
    at TEXT NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS step_by_scope
    ON step (account_sid, region, origin, service_sid);
CREATE TABLE IF NOT EXISTS choice (
    account_sid TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL,
    name TEXT NOT NULL, value TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (account_sid, region, origin, name)
);
PRAGMA user_version = {_VERSION};
"""


class Database:
    """
    Args:
        path: Made, with the tables, when it is not there.

    Raises:
        BridgeError: It is no database, or cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._make_private()
        with self.open() as db:
            [(version,)] = db.execute("PRAGMA user_version").fetchall()
        if version < _VERSION:
            self._set_up()

    def _make_private(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # SQLite gives its -wal and -shm files the same permissions.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise self.unusable(error) from None

    def _set_up(self) -> None:
        """One at a time: SQLite refuses, without waiting, a second change of a new file's mode."""
        try:
            with self.lock("journal").acquire(timeout=30), self.open() as db:
                db.executescript(_SCHEMA)
        except OSError as error:
            raise self.unusable(error) from None

    def lock(self, name: str) -> FileLock:
        """A lock that any process can hold, and that the system lets go of when it dies."""
        from filelock import FileLock

        folder = self.path.parent / "locks"
        try:
            folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise self.unusable(error) from None
        return FileLock(folder / f"{name}.lock", mode=0o600, thread_local=False)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self.path, timeout=30)
            try:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA synchronous = FULL")
                with db:
                    yield db
            finally:
                db.close()
        except sqlite3.Error as error:
            raise self.unusable(error) from None

    def unusable(self, error: Exception) -> BridgeError:
        return BridgeError(
            f"The journal {self.path} cannot be used.",
            f"{error}.",
            "Nothing is sent without it. Check space and permissions, or name another folder "
            "in BRIDGE_HOME.",
        )
