"""Conversations as a table or as a file: all pages, and what was read when a page fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..api.fan_out import Crew, result_of
from ..api.models import CONVERSATION_STATUSES
from ..api.paging import Page
from ..api.session import Session
from ..data import export, frames
from ..data.columns import CONVERSATIONS, schema
from ..data.rows import ConversationRow, conversation_batch
from ..errors import BridgeError, Cancelled, InvalidInput
from ..files import check_writable
from ..progress import OnProgress, step_context
from .plan import check_field

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_Batches = Iterator["pa.RecordBatch"]


@dataclass(frozen=True)
class Explored:
    """
    What was read.

    Attributes:
        batches: One row a conversation (`columns.CONVERSATIONS`), a record batch a page.
        complete: Whether all pages were read.
        error: Why not, when not.
    """

    batches: tuple[pa.RecordBatch, ...]
    complete: bool
    error: BridgeError | None = None

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows as a frame; made, and pandas imported, when it is first asked for."""
        return frames.from_batches(self.batches, CONVERSATIONS)

    @property
    def count(self) -> int:
        """How many conversations were read."""
        return sum(batch.num_rows for batch in self.batches)

    def head(self, rows: int) -> list[dict[str, Any]]:
        """The first rows, without pandas: text, whole numbers, times in UTC, or None."""
        found: list[dict[str, Any]] = []
        for batch in self.batches:
            if len(found) < rows:
                found += batch.slice(0, rows - len(found)).to_pylist()
        return found


@dataclass(frozen=True, slots=True)
class Exported:
    """
    What was written.

    Attributes:
        path: The file.
        rows: How many conversations are in it.
        complete: Whether all pages were read.
        error: Why not, when not.
    """

    path: Path
    rows: int
    complete: bool
    error: BridgeError | None = None


def explore(
    session: Session,
    *,
    status: Sequence[str] = (),
    service_sid: str = "",
    channel_id: str = "",
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Explored:
    """
    Read every page of the account's Orchestrator conversations.

    Args:
        session: The account.
        status: ACTIVE, INACTIVE, CLOSED; none: all of them.
        service_sid: Only conversations bridged from this classic service, not what its
            configuration captured besides (`rows.conversation_batch`). Orchestrator has no such
            filter, so all pages are read and the rest is left out.
        channel_id: Only those with this channel id, such as a classic `CH…` sid.
        on_progress: Shown how many were read.
        cancel: Stops the reading.

    Returns:
        The table. When a page fails or the wait is stopped after some pages were read, these
        are returned, `complete` is false and `error` says why.

    Raises:
        InvalidInput: An unknown status or a malformed sid.
        BridgeError: Nothing could be read.
    """
    reading = _Reading(session, status, service_sid, channel_id)
    with step_context(on_progress, cancel), reading.begun() as batches:
        read = tuple(batches)
    return Explored(read, reading.error is None, reading.error)


def export_conversations(
    session: Session,
    path: str | Path,
    *,
    status: Sequence[str] = (),
    service_sid: str = "",
    channel_id: str = "",
    on_progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
) -> Exported:
    """
    Read every page of the account's Orchestrator conversations into a file, as they come.

    Memory does not grow with the account. Arguments are those of `explore`, and so is what
    happens when a page fails: what was read before is in the file, which is a whole one.

    Args:
        session: The account.
        path: Its ending says the format (`export.table_file`).
        status: As in `explore`; `service_sid` and `channel_id` likewise.
        on_progress: Shown how many were read.
        cancel: Stops the reading.

    Raises:
        InvalidInput: Another ending, a place that cannot be written to, an unknown status or a
            malformed sid.
        BridgeError: Nothing could be read, or the file cannot be written to its end; what stood
            there before stays.
    """
    # Refused before anything is asked for.
    checked = check_writable("output", export.check_output(path))
    reading = _Reading(session, status, service_sid, channel_id)
    rows = 0
    with (
        step_context(on_progress, cancel),
        # Before the file: opening it imports Arrow, and the first page comes meanwhile.
        reading.begun() as batches,
        export.table_file(checked, schema(CONVERSATIONS)) as file,
    ):
        for batch in batches:
            file.write(batch)
            rows += batch.num_rows
    return Exported(checked, rows, reading.error is None, reading.error)


class _Reading:
    """
    The pages of the conversations as record batches.

    Attributes:
        error: Why there were no more pages, once `batches` has come to its end too early.
    """

    def __init__(
        self, session: Session, status: Sequence[str], service_sid: str, channel_id: str
    ) -> None:
        self._session = session
        self._status = [check_status(one) for one in status]
        self._service_sid = check_field("service_sid", service_sid)
        self._channel_id = channel_id
        self.error: BridgeError | None = None

    @contextmanager
    def begun(self) -> Iterator[Iterator[pa.RecordBatch]]:
        """
        A batch for each page; the first one is asked for at once, on a thread.

        A failure after the first page ends the batches, and is kept. Iterating raises
        BridgeError when nothing could be read.
        """
        with Crew(1) as ahead:
            yield self._batches(ahead.begin(self._first))

    def _first(self) -> tuple[_Batches, pa.RecordBatch | None]:
        api = self._session.orchestrator
        services = {one.id: one.service_sid for one in api.configurations()}
        listing = api.conversations(self._status, self._channel_id).into(ConversationRow)

        def batch(page: Page[ConversationRow]) -> pa.RecordBatch:
            return conversation_batch(page.items, services, self._service_sid)

        # A few, so that what is slow once (opening the file) does not keep the service waiting.
        batches = replace(listing, ahead=4).made(batch)
        return batches, next(batches, None)

    def _batches(
        self, first: Future[tuple[_Batches, pa.RecordBatch | None]]
    ) -> Iterator[pa.RecordBatch]:
        batches, batch = result_of(first)
        while batch is not None:
            yield batch
            try:
                batch = next(batches, None)
            except (BridgeError, Cancelled) as failed:
                self.error = failed
                return


def drill(session: Session, conversation_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A conversation's participants and communications, as frames."""
    return (
        frames.participants(session.orchestrator.participants(conversation_id)),
        frames.communications(session.orchestrator.communications(conversation_id)),
    )


def check_status(value: object) -> str:
    """A conversation status in capitals, or an error that lists them."""
    status = value.strip().upper() if isinstance(value, str) else ""
    if status not in CONVERSATION_STATUSES:
        raise InvalidInput(
            "status", value, f"it has to be one of {', '.join(CONVERSATION_STATUSES)}"
        )
    return status


def filter_rows(
    table: pd.DataFrame,
    *,
    status: str = "",
    channel: str = "",
    words: str = "",
    since: date | None = None,
    until: date | None = None,
    texts: pd.Series | None = None,
) -> pd.DataFrame:
    """
    The rows of a conversations table that pass all filters; empty ones pass everything.

    Args:
        table: As `explore` gives it.
        status: A status, in capitals.
        channel: One of the channels of a conversation.
        words: Each has to be in its name, addresses, channel ids or id, in whatever case.
        since: The first day on which it was created, in UTC.
        until: The last day.
        texts: `searched_texts(table)`, where a table is searched again and again.

    Raises:
        InvalidInput: The last day is before the first.
    """
    import pandas as pd

    if since and until and until < since:
        raise InvalidInput("Created until", until.isoformat(), "it has to be after the first day")
    # One after another: what a filter left out need not be searched by the next.
    if status:
        table = table[(table["status"] == status).fillna(False).astype(bool)]
    if channel:
        having = [one for one in table["channels"].cat.categories if channel in one.split(", ")]
        table = table[table["channels"].isin(having)]
    if since:
        table = table[table["created_at"] >= pd.Timestamp(since, tz="UTC")]
    if until:
        end = pd.Timestamp(until, tz="UTC") + pd.Timedelta(days=1)
        table = table[table["created_at"] < end]
    for word in words.lower().split():
        within = searched_texts(table) if texts is None else texts.loc[table.index]
        table = table[within.str.contains(word, regex=False).astype(bool)]
    return table.reset_index(drop=True)


def searched_texts(table: pd.DataFrame) -> pd.Series:
    """For each row of a conversations table what `words` are looked for in, in lower case."""
    others = table[["name", "addresses", "channel_ids"]].fillna("")
    # A word has no line break in it, so none is found across two of them.
    return table["conversation_id"].str.cat(others, sep="\n").str.lower()
