"""The journal file: what is kept in it, and what is read back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...api.documents import ConfigurationDocument
from ...settings import home
from .database import Database
from .records import Attempt, Kind, Scope, Snapshot, State, Step, Turn


class Journal:
    """The journal file. Safe to open from several processes and threads."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or home() / "journal.sqlite3"
        self._database = Database(self.path)

    # attempts

    def begin(
        self,
        scope: Scope,
        key: str,
        body: dict[str, Any],
        *,
        kind: Kind = "create",
        configuration_id: str | None = None,
        before: ConfigurationDocument | None = None,
    ) -> Attempt:
        """
        Write key, intent and snapshot, all or none; on disk when this returns.

        Args:
            configuration_id: What the write is about, unless it is to be made.
            before: The configuration as it is before the write.
        """
        return self._insert(scope, kind, key, body, "posting", configuration_id, None, before)

    def adopt(self, scope: Scope, key: str, body: dict[str, Any], configuration_id: str) -> Attempt:
        """Write that a configuration which somebody else made is the one planned."""
        return self._insert(scope, "create", key, body, "completed", configuration_id, "adopted")

    def _insert(
        self,
        scope: Scope,
        kind: Kind,
        key: str,
        body: dict[str, Any],
        state: State,
        configuration_id: str | None,
        outcome: str | None,
        before: ConfigurationDocument | None = None,
    ) -> Attempt:
        now = _now()
        written = (kind, key, json.dumps(body), state, now, now, configuration_id, outcome)
        with self._database.open() as db:
            row = db.execute(
                "INSERT INTO attempt (account_sid, region, origin, service_sid, kind, key, body,"
                " state, begun_at, changed_at, configuration_id, outcome)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *",
                (*_values(scope), *written),
            ).fetchone()
            attempt = _attempt(row)
            _turn(db, attempt.id, now, state, configuration_id or f"key {key}")
            if before is not None:
                kept = (attempt.id, now, kind, before.id, before.record.display_name or "")
                db.execute(
                    "INSERT INTO snapshot (attempt_id, at, reason, configuration_id, display_name,"
                    " text) VALUES (?, ?, ?, ?, ?, ?)",
                    (*kept, before.source.decode()),
                )
        return attempt

    def change(
        self,
        attempt: Attempt,
        state: State,
        *,
        operation_id: str | None = None,
        configuration_id: str | None = None,
        outcome: str | None = None,
        note: str | None = None,
    ) -> Attempt:
        """Write an attempt's new state; what is not given stays."""
        now = _now()
        with self._database.open() as db:
            row = db.execute(
                "UPDATE attempt SET state = ?, changed_at = ?,"
                " operation_id = coalesce(?, operation_id),"
                " configuration_id = coalesce(?, configuration_id),"
                " outcome = coalesce(?, outcome), note = coalesce(?, note)"
                " WHERE id = ? RETURNING *",
                (state, now, operation_id, configuration_id, outcome, note, attempt.id),
            ).fetchone()
            _turn(db, attempt.id, now, state, note or configuration_id or operation_id or "")
        return _attempt(row)

    def turns(self, attempt: Attempt) -> list[Turn]:
        """Every state that an attempt took, oldest first."""
        with self._database.open() as db:
            rows = db.execute(
                "SELECT at, state, detail FROM turn WHERE attempt_id = ? ORDER BY rowid",
                (attempt.id,),
            ).fetchall()
        return [
            Turn(datetime.fromisoformat(row["at"]), row["state"], row["detail"]) for row in rows
        ]

    def latest(self, scope: Scope, kind: Kind | None = None) -> Attempt | None:
        """The newest attempt for a service, of one kind when that is given."""
        found = self._attempts(
            "WHERE account_sid = ? AND region = ? AND origin = ? AND service_sid = ?"
            " AND (? = '' OR kind = ?) ORDER BY id DESC LIMIT 1",
            (*_values(scope), kind or "", kind or ""),
        )
        return found[0] if found else None

    def history(self, account_sid: str = "", service_sid: str = "") -> list[Attempt]:
        """
        All attempts, newest first, of one account or service when these are given.

        An account's sid is kept as the environment has it, in whatever case: it is found in any.
        """
        return self._attempts(
            "WHERE (? = '' OR account_sid = ? COLLATE NOCASE) AND (? = '' OR service_sid = ?)"
            " ORDER BY id DESC",
            (account_sid, account_sid, service_sid, service_sid),
        )

    # snapshots

    def snapshots(self, scope: Scope) -> list[Snapshot]:
        """What was kept of a service's configurations, newest first."""
        return self._snapshots(
            "WHERE account_sid = ? AND region = ? AND origin = ? AND service_sid = ?"
            " ORDER BY snapshot.id DESC",
            _values(scope),
        )

    def snapshot_of(self, attempt: Attempt) -> Snapshot | None:
        """What was kept before an attempt; None before one that made a configuration."""
        found = self._snapshots("WHERE attempt_id = ?", (attempt.id,))
        return found[0] if found else None

    # steps

    def record(self, scope: Scope, step: str, state: str, detail: str = "") -> None:
        """Write what a step came to: state as the panels name it, detail a sentence."""
        with self._database.open() as db:
            db.execute(
                "INSERT INTO step (account_sid, region, origin, service_sid, at, step, state,"
                " detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*_values(scope), _now(), step, state, detail),
            )

    def steps(self, scope: Scope) -> list[Step]:
        """Everything that was recorded for a service, oldest first."""
        with self._database.open() as db:
            rows = db.execute(
                "SELECT * FROM step WHERE account_sid = ? AND region = ? AND origin = ?"
                " AND service_sid = ? ORDER BY id",
                _values(scope),
            ).fetchall()
        return [_step(row) for row in rows]

    # choices

    def remember(self, scope: Scope, **choices: str) -> None:
        """Keep what was chosen for an account, for the next notebook. Never a secret."""
        with self._database.open() as db:
            db.executemany(
                "INSERT INTO choice VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at",
                [(*_values(scope)[:3], name, value, _now()) for name, value in choices.items()],
            )

    def recall(self, scope: Scope) -> dict[str, str]:
        """What was chosen for an account."""
        with self._database.open() as db:
            rows = db.execute(
                "SELECT name, value FROM choice"
                " WHERE account_sid = ? AND region = ? AND origin = ?",
                _values(scope)[:3],
            ).fetchall()
        return {row["name"]: row["value"] for row in rows}

    def newest(self) -> str:
        """When something was written last, of whatever kind; empty before that."""
        with self._database.open() as db:
            found = db.execute(
                "SELECT max(at) FROM (SELECT max(at) AS at FROM turn"
                " UNION ALL SELECT max(at) FROM step UNION ALL SELECT max(at) FROM choice)"
            ).fetchone()
        return found[0] or ""

    # one at a time

    @contextmanager
    def alone(self, scope: Scope, patience: float) -> Iterator[None]:
        """
        Hold the service for this run; the system lets go of it when a process dies.

        Args:
            patience: Seconds to wait for another run, visibly, before giving up.

        Raises:
            RunInProgress: Another run still holds it.
        """
        with self._database.alone(scope.name, scope.service_sid, patience):
            yield

    def _attempts(self, where: str, values: tuple[str, ...]) -> list[Attempt]:
        with self._database.open() as db:
            rows = db.execute(f"SELECT * FROM attempt {where}", values).fetchall()  # noqa: S608
        return [_attempt(row) for row in rows]

    def _snapshots(self, where: str, values: tuple[str | int, ...]) -> list[Snapshot]:
        with self._database.open() as db:
            rows = db.execute(
                "SELECT snapshot.*, attempt.state FROM snapshot"  # noqa: S608
                f" JOIN attempt ON attempt.id = snapshot.attempt_id {where}",
                values,
            ).fetchall()
        return [_snapshot(row) for row in rows]


def _values(scope: Scope) -> tuple[str, str, str, str]:
    return (scope.account_sid, scope.region, scope.origin, scope.service_sid)


def _turn(db: sqlite3.Connection, attempt_id: int, at: str, state: str, detail: str) -> None:
    db.execute("INSERT INTO turn VALUES (?, ?, ?, ?)", (attempt_id, at, state, detail))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _attempt(row: sqlite3.Row) -> Attempt:
    values = dict(row)
    values["body"] = json.loads(values["body"])
    for name in ("begun_at", "changed_at"):
        values[name] = datetime.fromisoformat(values[name])
    return Attempt(**values)


def _snapshot(row: sqlite3.Row) -> Snapshot:
    values = dict(row)
    return Snapshot(**{**values, "at": datetime.fromisoformat(values["at"])})


def _step(row: sqlite3.Row) -> Step:
    return Step(
        row["account_sid"],
        row["service_sid"],
        datetime.fromisoformat(row["at"]),
        row["step"],
        row["state"],
        row["detail"],
    )
