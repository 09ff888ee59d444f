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

from ...errors import BridgeError, RunInProgress
from ...progress import current_context

if TYPE_CHECKING:
    from filelock import FileLock

# One script for each version of the file: it makes that version from the one before. What an
# older file holds is kept. A script that has been in a release is never changed again.
_MIGRATIONS: Final = (
    """
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
    """,
    """
    ALTER TABLE attempt ADD COLUMN kind TEXT NOT NULL DEFAULT 'create';
    CREATE TABLE snapshot (
        id INTEGER PRIMARY KEY,
        attempt_id INTEGER NOT NULL UNIQUE REFERENCES attempt (id),
        at TEXT NOT NULL, reason TEXT NOT NULL,
        configuration_id TEXT NOT NULL, display_name TEXT NOT NULL, text TEXT NOT NULL
    );
    """,
    """
    CREATE TABLE profile_batch (
        id INTEGER PRIMARY KEY,
        account_sid TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL,
        store_id TEXT NOT NULL,
        at TEXT NOT NULL, state TEXT NOT NULL, identities TEXT NOT NULL
    );
    CREATE INDEX profile_batch_by_store
        ON profile_batch (account_sid, region, origin, store_id);
    """,
    """
    CREATE TABLE comparison (
        id INTEGER PRIMARY KEY,
        account_sid TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL,
        service_sid TEXT NOT NULL,
        depth TEXT NOT NULL, begun_at TEXT NOT NULL, looked_at REAL NOT NULL, ended_at TEXT,
        twins_next TEXT NOT NULL DEFAULT '', twins_read INTEGER NOT NULL DEFAULT 0,
        classic_next TEXT NOT NULL DEFAULT '', classic_read INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX comparison_by_scope
        ON comparison (account_sid, region, origin, service_sid, depth);
    CREATE TABLE compared (
        comparison_id INTEGER NOT NULL, conversation_sid TEXT NOT NULL,
        created TEXT, state TEXT,
        PRIMARY KEY (comparison_id, conversation_sid)
    ) WITHOUT ROWID;
    CREATE TABLE twin (
        comparison_id INTEGER NOT NULL, channel_id TEXT NOT NULL,
        conversation_id TEXT NOT NULL, status TEXT NOT NULL, ours INTEGER NOT NULL,
        PRIMARY KEY (comparison_id, channel_id, conversation_id)
    ) WITHOUT ROWID;
    CREATE INDEX twin_by_conversation ON twin (comparison_id, conversation_id);
    CREATE TABLE untold (
        comparison_id INTEGER NOT NULL, conversation_id TEXT NOT NULL,
        PRIMARY KEY (comparison_id, conversation_id)
    ) WITHOUT ROWID;
    CREATE TABLE gap (
        comparison_id INTEGER NOT NULL,
        conversation_sid TEXT NOT NULL, conversation_id TEXT NOT NULL,
        state TEXT NOT NULL, detail TEXT NOT NULL,
        classic_messages INTEGER, communications INTEGER, lag_seconds REAL,
        PRIMARY KEY (comparison_id, conversation_sid, state, conversation_id)
    ) WITHOUT ROWID;
    """,
)
VERSION: Final = len(_MIGRATIONS)
"""The version of the file that this package reads and writes (`PRAGMA user_version`)."""


class Database:
    """
    The journal's file.

    Args:
        path: Made, with the tables, when it is not there; brought up to date when it is older.

    Raises:
        BridgeError: It is no database, cannot be read or written, or is of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._make_private()
        if self._version() < VERSION:
            self._bring_up_to_date()

    def _make_private(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # SQLite gives its -wal and -shm files the same permissions.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise self.unusable(error) from None

    def _version(self) -> int:
        with self.open() as db:
            [(version,)] = db.execute("PRAGMA user_version").fetchall()
        if version > VERSION:
            raise BridgeError(
                f"The journal {self.path} was written by a newer version of this workbook.",
                f"It is of version {version}; this one knows versions up to {VERSION}.",
                "Nothing was sent. Update the workbook, or use the newer one that is installed "
                "elsewhere. Another folder in BRIDGE_HOME begins an empty journal, which does not "
                "know what is unfinished.",
            )
        return int(version)

    def _bring_up_to_date(self) -> None:
        """One process at a time: the others wait, and find it done."""
        try:
            with self.lock("journal").acquire(timeout=30):
                for number in range(self._version(), VERSION):
                    with self.open() as db:
                        # Not inside a transaction; it stays with the file.
                        db.execute("PRAGMA journal_mode = WAL")
                        # All of a version or nothing of it, whatever instant this is killed at.
                        db.executescript(
                            f"BEGIN IMMEDIATE; {_MIGRATIONS[number]}"
                            f"PRAGMA user_version = {number + 1}; COMMIT;"
                        )
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
    def alone(self, name: str, what: str, patience: float) -> Iterator[None]:
        """
        Hold a lock; whoever else wants it waits, visibly.

        Args:
            name: Of the lock.
            what: What is held, for messages.
            patience: Seconds to wait for another process or thread.

        Raises:
            RunInProgress: It is still held after that.
        """
        from filelock import Timeout

        lock = self.lock(name)
        context = current_context()
        begun = context.clock()
        while True:
            try:
                lock.acquire(timeout=0)
                break
            except OSError as error:
                # Timeout is one of these: the one that means "somebody else has it".
                if not isinstance(error, Timeout):
                    raise self.unusable(error) from None
                if context.clock() - begun >= patience:
                    raise RunInProgress(
                        f"Another run is working on {what}.",
                        f"It has not ended within {patience:.0f} s. Nothing was written.",
                        "Wait for it or stop it, then run this again; it will pick up from there.",
                    ) from None
                context.pause(min(0.5, max(0.05, patience)), f"Another run works on {what}")
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection with a transaction around it; closed at the end."""
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
        """The error that says which file cannot be used, and why."""
        return BridgeError(
            f"The journal {self.path} cannot be used.",
            f"{error}.",
            "Nothing is sent without it. Check space and permissions, or name another folder "
            "in BRIDGE_HOME.",
        )
