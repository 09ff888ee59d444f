"""
Which Users were sent to a memory store, and whether that was accepted.

Kept in the journal's file, written before a request goes out and after its answer came, so that
a run that is killed in between is taken up by the next. Of an identity only a fingerprint is
kept: the file says who was sent to nobody who does not have the identities already.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from ..journal import Scope
from ..journal.database import Database

State = Literal["sending", "accepted", "refused"]

REMEMBERED: Final = timedelta(minutes=15)
"""How long a profile that was accepted may take to be found; after that it was not made."""


@dataclass(frozen=True, slots=True)
class Sent:
    """
    What is known of the identities that were sent lately.

    Attributes:
        accepted: Fingerprints of those that the service took; they are made, now or soon.
        unsure: Of those whose answer never came; they may be made.
    """

    accepted: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()


class Batches:
    """
    The batches of one memory store.

    Args:
        path: The journal's file.
        scope: Account, region and origin, and the store in place of a service.
    """

    def __init__(self, path: Path, scope: Scope) -> None:
        self._database = Database(path)
        self._scope = (scope.account_sid, scope.region, scope.origin, scope.service_sid)

    def begin(self, identities: Iterable[str]) -> int:
        """Write what is about to be sent; on disk when this returns. The batch's number."""
        marks = json.dumps([fingerprint(one) for one in identities])
        with self._database.open() as db:
            row = db.execute(
                "INSERT INTO profile_batch (account_sid, region, origin, store_id, at, state,"
                " identities) VALUES (?, ?, ?, ?, ?, 'sending', ?) RETURNING id",
                (*self._scope, datetime.now(UTC).isoformat(), marks),
            ).fetchone()
        return int(row["id"])

    def end(self, batch: int, state: State) -> None:
        """Write what became of a batch."""
        with self._database.open() as db:
            db.execute("UPDATE profile_batch SET state = ? WHERE id = ?", (state, batch))

    def recent(self) -> Sent:
        """What was sent so lately that it need not be found yet; a later batch counts more."""
        since = (datetime.now(UTC) - REMEMBERED).isoformat()
        with self._database.open() as db:
            rows = db.execute(
                "SELECT state, identities FROM profile_batch WHERE account_sid = ? AND region = ?"
                " AND origin = ? AND store_id = ? AND at > ? ORDER BY id",
                (*self._scope, since),
            ).fetchall()
        last = {mark: row["state"] for row in rows for mark in json.loads(row["identities"])}
        return Sent(
            frozenset(mark for mark, state in last.items() if state == "accepted"),
            frozenset(mark for mark, state in last.items() if state == "sending"),
        )


def fingerprint(identity: str) -> str:
    """What is kept of an identity."""
    return hashlib.sha256(identity.encode()).hexdigest()[:24]
