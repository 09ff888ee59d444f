"""
The conversations that a change of their configuration does not reach.

A conversation keeps the configuration that it was born with; of it only the status callbacks
can change later (Twilio docs: conversations/orchestrator, lifecycle). The list of conversations
has no filter by configuration (Twilio's OpenAPI for conversations v2), so that all pages of what
is open in the account are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ...api.session import Session
from ...data import export
from ...data.columns import CONVERSATIONS, schema
from ...data.rows import ConversationRow, conversation_batch
from ...errors import BridgeError, Cancelled
from ...progress import current_context

if TYPE_CHECKING:
    import pyarrow as pa

OPEN: Final = ("ACTIVE", "INACTIVE")


@dataclass(frozen=True, slots=True)
class OpenConversations:
    """
    What is open of a configuration.

    Attributes:
        batches: A row for each conversation (`columns.CONVERSATIONS`).
        error: Why not all pages could be read; None when they were.
    """

    batches: tuple[pa.RecordBatch, ...] = ()
    error: BridgeError | None = None

    @property
    def known(self) -> int:
        """How many were read."""
        return sum(batch.num_rows for batch in self.batches)

    @property
    def count(self) -> int | None:
        """How many there are; None when not all pages could be read."""
        return None if self.error else self.known

    def head(self, rows: int) -> list[dict[str, Any]]:
        """The first rows: text, whole numbers, times in UTC, or None."""
        found: list[dict[str, Any]] = []
        for batch in self.batches:
            if len(found) < rows:
                found += batch.slice(0, rows - len(found)).to_pylist()
        return found

    def write(self, path: Path) -> Path:
        """
        Write them to a file as `export.table_file` does.

        Raises:
            InvalidInput: An ending that is not known.
            BridgeError: The file cannot be written.
        """
        with export.table_file(path, schema(CONVERSATIONS)) as file:
            for batch in self.batches:
                file.write(batch)
        return path


def open_conversations(
    session: Session, configuration_id: str, service_sid: str
) -> OpenConversations:
    """
    Read what is open of a configuration; what cannot be read is told in the result.

    Args:
        service_sid: The classic service that it bridges or bridged.

    Raises:
        Cancelled: The step was stopped.
    """
    context = current_context()
    context.say("Counting the open conversations of this configuration")
    batches: list[pa.RecordBatch] = []
    listing = session.orchestrator.conversations(OPEN).into(ConversationRow)
    try:
        for page in listing.pages():
            # The service filters by status; one that does not would make the count wrong.
            ours = [
                one
                for one in page.items
                if one.configuration_id == configuration_id and one.status != "CLOSED"
            ]
            if ours:
                batches.append(conversation_batch(ours, {configuration_id: service_sid}))
    except Cancelled:
        raise
    except BridgeError as error:
        return OpenConversations(tuple(batches), error)
    return OpenConversations(tuple(batches))
