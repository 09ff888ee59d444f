"""
What has been compared, on disk.

So memory does not grow with the account, a run that was broken off goes on where it was, and the
next one can say what has healed.

The two sides are joined here, in the journal's database. When a comparison has ended, its gaps
are kept and the rest is removed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, TypeVar

from ...errors import BadRequest, NotFound
from ..journal import Journal, Scope
from ..journal.database import Database
from .compare import Judged
from .records import BEFORE, MATCHED, STATES, Depth, Gap, ListedClassic, SinceLast, Twin

R = TypeVar("R")

LIFE: Final = timedelta(hours=24)
"""How old a comparison that was broken off may be and still be gone on with."""
KEPT: Final = 200
"""Comparisons of a service and depth whose gaps are kept."""
_CHUNK: Final = 500
_ORDER: Final = {state: rank for rank, state in enumerate(STATES)}


@dataclass(frozen=True, slots=True)
class Listed:
    """
    How far a list was read.

    Attributes:
        following: What leads to the next page (`Page.following`); empty for the first.
        whole: Whether it was read to its end.
    """

    following: str
    whole: bool


@dataclass(frozen=True, slots=True)
class NamedTwin:
    """A v2 conversation with a channel id that it carries."""

    channel_id: str
    conversation_id: str
    status: str
    ours: bool


@contextmanager
def comparing(journal: Journal, scope: Scope) -> Iterator[None]:
    """
    Hold the comparisons of a service for this run; writes to the bridge go on beside it.

    Raises:
        RunInProgress: Another run is comparing.
    """
    what = f"the comparison of {scope.service_sid}"
    with Database(journal.path).alone(f"compare-{scope.name}", what, 2.0):
        yield


class Ledger:
    """
    One comparison: a new one, or one that was broken off.

    Args:
        looked_at: The service's time now, seconds since 1970.
        fresh: Begin anew also where there is one to go on with.
    """

    def __init__(
        self, journal: Journal, scope: Scope, depth: Depth, looked_at: float, *, fresh: bool
    ) -> None:
        self._database = Database(journal.path)
        self._scope = (scope.account_sid, scope.region, scope.origin, scope.service_sid)
        self._depth = depth
        now = datetime.now(UTC)
        with self._database.open() as db:
            row = None
            if not fresh:
                row = db.execute(
                    f"SELECT * FROM comparison WHERE {_SAME} AND ended_at IS NULL"  # noqa: S608
                    " AND begun_at > ? ORDER BY id DESC LIMIT 1",
                    (*self._key, (now - LIFE).isoformat()),
                ).fetchone()
            self.continued = row is not None
            _drop(db, self._others(db, row["id"] if row else 0))
            if row is None:
                row = db.execute(
                    "INSERT INTO comparison (account_sid, region, origin, service_sid, depth,"
                    " begun_at, looked_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *",
                    (*self._key, now.isoformat(timespec="milliseconds"), looked_at),
                ).fetchone()
        self.id: int = row["id"]
        self.begun_at = datetime.fromisoformat(row["begun_at"])
        self.looked_at: float = row["looked_at"]
        self.twins = Listed(row["twins_next"], bool(row["twins_read"]))
        self.classic = Listed(row["classic_next"], bool(row["classic_read"]))

    @property
    def _key(self) -> tuple[str, ...]:
        return (*self._scope, self._depth)

    def _others(self, db: sqlite3.Connection, kept: int) -> list[int]:
        """Comparisons that nobody goes on with, and those that are older than is kept."""
        broken_off = db.execute(
            f"SELECT id FROM comparison WHERE {_SAME} AND ended_at IS NULL AND id <> ?",  # noqa: S608
            (*self._key, kept),
        ).fetchall()
        old = db.execute(
            f"SELECT id FROM comparison WHERE {_SAME} AND ended_at IS NOT NULL"  # noqa: S608
            " ORDER BY id DESC LIMIT -1 OFFSET ?",
            (*self._key, KEPT),
        ).fetchall()
        return [row["id"] for row in (*broken_off, *old)]

    # the lists

    def known(self, which: str) -> int:
        """How many rows a list has given."""
        tables = ("compared",) if which == "classic" else ("twin", "untold")
        return sum(
            self._one(f"SELECT count(*) FROM {table} WHERE comparison_id = ?")  # noqa: S608
            for table in tables
        )

    def forget_place(self, which: str) -> None:
        """Read a list from its first page again: the service has let go of the place."""
        with self._database.open() as db:
            db.execute(f"UPDATE comparison SET {which}_next = '' WHERE id = ?", (self.id,))  # noqa: S608

    def add_twins(self, twins: Iterable[NamedTwin], untold: Iterable[str], following: str) -> None:
        """A page of v2 conversations, those that do not tell what they mirror apart."""
        with self._database.open() as db:
            self._insert_twins(db, twins)
            db.executemany(
                "INSERT OR IGNORE INTO untold VALUES (?, ?)", ((self.id, one) for one in untold)
            )
            self._advance(db, "twins", following)

    def tell_twins(self, twins: Iterable[NamedTwin], told: Iterable[str]) -> None:
        """What was found out of v2 conversations that did not tell in the list."""
        with self._database.open() as db:
            self._insert_twins(db, twins)
            db.executemany(
                "DELETE FROM untold WHERE comparison_id = ? AND conversation_id = ?",
                ((self.id, one) for one in told),
            )

    def _insert_twins(self, db: sqlite3.Connection, twins: Iterable[NamedTwin]) -> None:
        db.executemany(
            "INSERT OR REPLACE INTO twin VALUES (?, ?, ?, ?, ?)",
            ((self.id, t.channel_id, t.conversation_id, t.status, t.ours) for t in twins),
        )

    def add_classic(
        self, listed: Sequence[ListedClassic], following: str
    ) -> list[tuple[ListedClassic, tuple[Twin, ...]]]:
        """A page of classic conversations; gives those that are new, with their twins."""
        with self._database.open() as db:
            new = [
                one
                for one in listed
                if db.execute(
                    "INSERT OR IGNORE INTO compared VALUES (?, ?, ?, NULL)",
                    (self.id, one.sid, one.date_created),
                ).rowcount
            ]
            self._advance(db, "classic", following)
            return [(one, self._twins(db, one.sid)) for one in new]

    def _advance(self, db: sqlite3.Connection, which: str, following: str) -> None:
        db.execute(
            f"UPDATE comparison SET {which}_next = ?, {which}_read = ? WHERE id = ?",  # noqa: S608
            (following, not following, self.id),
        )

    def _twins(self, db: sqlite3.Connection, sid: str) -> tuple[Twin, ...]:
        rows = db.execute(
            "SELECT conversation_id, status FROM twin WHERE comparison_id = ? AND channel_id = ?",
            (self.id, sid),
        )
        return tuple(Twin(row["conversation_id"], row["status"]) for row in rows)

    def pending(self) -> Iterator[list[tuple[ListedClassic, tuple[Twin, ...]]]]:
        """What was listed before and not compared yet, some at a time."""
        after = ""
        while True:
            with self._database.open() as db:
                rows = db.execute(
                    "SELECT conversation_sid, created FROM compared WHERE comparison_id = ?"
                    " AND state IS NULL AND conversation_sid > ? ORDER BY conversation_sid LIMIT ?",
                    (self.id, after, _CHUNK),
                ).fetchall()
                found = [
                    (
                        ListedClassic(sid=row["conversation_sid"], date_created=row["created"]),
                        self._twins(db, row["conversation_sid"]),
                    )
                    for row in rows
                ]
            if not found:
                return
            yield found
            after = found[-1][0].sid

    def untold(self) -> Iterator[str]:
        """V2 conversations of which it is not known what they mirror."""
        after = ""
        while True:
            with self._database.open() as db:
                rows = db.execute(
                    "SELECT conversation_id FROM untold WHERE comparison_id = ?"
                    " AND conversation_id > ? ORDER BY conversation_id LIMIT ?",
                    (self.id, after, _CHUNK),
                ).fetchall()
            if not rows:
                return
            yield from (row["conversation_id"] for row in rows)
            after = rows[-1]["conversation_id"]

    @property
    def has_untold(self) -> bool:
        """Whether list items were partial."""
        return self._one("SELECT EXISTS (SELECT 1 FROM untold WHERE comparison_id = ?)") > 0

    def alone(self) -> list[NamedTwin]:
        """V2 conversations bridged from this service, none of whose channels classic lists."""
        with self._database.open() as db:
            rows = db.execute(
                "SELECT * FROM twin WHERE comparison_id = :id AND ours AND NOT EXISTS ("
                " SELECT 1 FROM twin AS other JOIN compared ON"
                " compared.comparison_id = :id AND compared.conversation_sid = other.channel_id"
                " WHERE other.comparison_id = :id"
                " AND other.conversation_id = twin.conversation_id)",
                {"id": self.id},
            ).fetchall()
        return [
            NamedTwin(row["channel_id"], row["conversation_id"], row["status"], True)
            for row in rows
        ]

    # what was compared

    def settle(self, judged: Sequence[Judged], gone: Sequence[str] = ()) -> None:
        """What became of conversations; `gone` ones are no longer there."""
        with self._database.open() as db:
            db.executemany(
                "UPDATE compared SET state = ? WHERE comparison_id = ? AND conversation_sid = ?",
                ((one.state, self.id, one.conversation_sid) for one in judged),
            )
            self._insert_gaps(db, (gap for one in judged for gap in one.gaps))
            db.executemany(
                "DELETE FROM compared WHERE comparison_id = ? AND conversation_sid = ?",
                ((self.id, sid) for sid in gone),
            )

    def add_gaps(self, gaps: Iterable[Gap]) -> None:
        """Gaps of what is in Orchestrator alone."""
        with self._database.open() as db:
            self._insert_gaps(db, gaps)

    def _insert_gaps(self, db: sqlite3.Connection, gaps: Iterable[Gap]) -> None:
        db.executemany(
            "INSERT OR REPLACE INTO gap VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    self.id,
                    gap.conversation_sid,
                    gap.conversation_id,
                    gap.state,
                    gap.detail,
                    gap.classic_messages,
                    gap.communications,
                    gap.lag_seconds,
                )
                for gap in gaps
            ),
        )

    @property
    def done(self) -> int:
        """Conversations that were compared."""
        return self._one(
            "SELECT count(*) FROM compared WHERE comparison_id = ? AND state IS NOT NULL"
        )

    @property
    def matched(self) -> int:
        """Conversations without a gap."""
        return self._one(
            f"SELECT count(*) FROM compared WHERE comparison_id = ? AND state = '{MATCHED}'"  # noqa: S608
        )

    def before(self) -> tuple[str, ...]:
        """Conversations that nothing of should have crossed."""
        with self._database.open() as db:
            rows = db.execute(
                "SELECT conversation_sid FROM compared WHERE comparison_id = ? AND state = ?"
                " ORDER BY conversation_sid",
                (self.id, BEFORE),
            ).fetchall()
        return tuple(row["conversation_sid"] for row in rows)

    def gaps(self) -> tuple[Gap, ...]:
        """All gaps, worst state first, then by sid."""
        with self._database.open() as db:
            rows = db.execute("SELECT * FROM gap WHERE comparison_id = ?", (self.id,)).fetchall()
        found = [
            Gap(**{name: row[name] for name in row.keys() if name != "comparison_id"})  # noqa: SIM118
            for row in rows
        ]
        return tuple(sorted(found, key=lambda g: (_ORDER[g.state], g.conversation_sid)))

    def since_last(self) -> SinceLast | None:
        """What is different from the last comparison of this depth that came to its end."""
        with self._database.open() as db:
            last = db.execute(
                f"SELECT id, ended_at FROM comparison WHERE {_SAME} AND ended_at IS NOT NULL"  # noqa: S608
                " AND id < ? ORDER BY id DESC LIMIT 1",
                (*self._key, self.id),
            ).fetchone()
            if last is None:
                return None
            before, now = self._broken(db, last["id"]), self._broken(db, self.id)
            healed = [sid for sid in sorted(before - now) if self._is_there(db, sid)]
        at = datetime.fromisoformat(last["ended_at"])
        return SinceLast(at, tuple(healed), tuple(sorted(now - before)))

    def _is_there(self, db: sqlite3.Connection, sid: str) -> bool:
        found = db.execute(
            "SELECT 1 FROM compared WHERE comparison_id = ? AND conversation_sid = ?",
            (self.id, sid),
        ).fetchone()
        return found is not None

    @staticmethod
    def _broken(db: sqlite3.Connection, comparison_id: int) -> set[str]:
        rows = db.execute(
            "SELECT conversation_sid FROM gap WHERE comparison_id = ? AND state <> 'unexpected'",
            (comparison_id,),
        )
        return {row["conversation_sid"] for row in rows}

    def finish(self) -> None:
        """It came to its end: its gaps are kept, and what was only needed on the way is not."""
        with self._database.open() as db:
            for table in ("compared", "twin", "untold"):
                db.execute(f"DELETE FROM {table} WHERE comparison_id = ?", (self.id,))  # noqa: S608
            db.execute(
                "UPDATE comparison SET ended_at = ? WHERE id = ?",
                (datetime.now(UTC).isoformat(timespec="milliseconds"), self.id),
            )

    def _one(self, query: str) -> int:
        with self._database.open() as db:
            [(value,)] = db.execute(query, (self.id,)).fetchall()
        return int(value)


_SAME: Final = "account_sid = ? AND region = ? AND origin = ? AND service_sid = ? AND depth = ?"

_RESTARTS: Final = 20
"""How often a list is begun anew, at most."""


def restarting(
    ledger: Ledger, which: Literal["classic", "twins"], read: Callable[[str], Iterator[R]]
) -> Iterator[R]:
    """
    Read a list from where it was left; from its start where the service has let go of the place.

    That happens between two runs, and within one that takes hours. What is known already is
    recognised by the ledger. An error that comes back before anything new did is one.

    Args:
        read: Reads the list from a place (`Page.following`) on.
    """
    start = ledger.classic.following if which == "classic" else ledger.twins.following
    for left in reversed(range(_RESTARTS)):
        before = ledger.known(which)
        try:
            yield from read(start)
            return
        except (BadRequest, NotFound):
            if not left or (not start and ledger.known(which) <= before):
                raise
            ledger.forget_place(which)
            start = ""


def _drop(db: sqlite3.Connection, ids: Sequence[int]) -> None:
    for one in ids:
        for table in ("compared", "twin", "untold", "gap"):
            db.execute(f"DELETE FROM {table} WHERE comparison_id = ?", (one,))  # noqa: S608
        db.execute("DELETE FROM comparison WHERE id = ?", (one,))
