"""The command `conversations`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..words import counted
from . import table
from .live import progress
from .output import connected, marked, near, target_option, tell
from .table import Column

if TYPE_CHECKING:
    from ..api.session import Session
    from ..onboarding.explore import Explored

COLUMNS: Final = {
    "conversation_id": Column("conversation"),
    "status": Column("status"),
    "created_at": Column("created (UTC)"),
    "participants": Column("people"),
    "channels": Column("channels", cut=True),
    "name": Column("name", cut=True),
    "addresses": Column("addresses", cut=True),
    "service_sid": Column("bridged from"),
}
"""What is printed; files have all columns."""


@click.command()
@target_option
@click.option("--status", multiple=True, help="ACTIVE, INACTIVE or CLOSED; may be repeated.")
@click.option("--service-sid", default="", help="Only those bridged from this classic service.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.csv or .xlsx (for spreadsheets), .parquet or .jsonl (exact); default: stdout. "
    "What 05 shows as Messages, Last message and Last activity is not in it.",
)
def conversations(
    target: str, status: tuple[str, ...], service_sid: str, output: Path | None
) -> None:
    """List the account's Orchestrator conversations, all pages."""
    from ..data.export import check_output
    from ..onboarding.explore import check_status, explore, export_conversations
    from ..onboarding.plan import check_field

    statuses = [check_status(one) for one in status]
    service_sid = check_field("service_sid", service_sid)
    if output is not None:
        check_output(output)
    with connected(target) as session, progress() as on_progress:
        if output is None:
            found = explore(
                session, status=statuses, service_sid=service_sid, on_progress=on_progress
            )
            error = found.error
            if not found.count and error is None:
                _look_for(session, service_sid)
            _print(found)
        else:
            # Before the file: an empty one would take the place of what stands there.
            _look_for(session, service_sid)
            written = export_conversations(
                session, output, status=statuses, service_sid=service_sid, on_progress=on_progress
            )
            error = written.error
            file = near(written.path.absolute())
            tell(f"{counted(written.rows, 'conversation')} in {file}, without their messages.")
        if not session.key_is_known:
            tell(
                f"Whether the key belongs to account {session.account.sid} could not be found "
                "out: what was read may be another account's."
            )
    if error is not None:
        where = "above" if output is None else "in the file"
        tell(f"Not all pages could be read; what was read is {where}.")
        raise error


def _look_for(session: Session, service_sid: str) -> None:
    """A service that is not there at all has no conversations either, but that is an error."""
    from ..errors import BridgeError, Cancelled, NotFound
    from ..onboarding.choose import named_service

    if not service_sid:
        return
    try:
        named_service(session, service_sid)
    except (Cancelled, NotFound):
        raise
    except BridgeError:
        # A key that reads Orchestrator may not be allowed to read classic, and classic may fail
        # by itself: then it stays open.
        return


def _print(found: Explored) -> None:
    """The newest first, and how many there are."""
    rows = found.head(found.count)
    rows.sort(key=lambda row: row["created_at"] or _NEVER, reverse=True)
    if rows:
        table.show(list(COLUMNS.values()), map(_cells, rows))
    by_status = Counter(row["status"] or "without a status" for row in rows)
    several = ", ".join(f"{count:,} {status}" for status, count in by_status.most_common())
    tell(f"{counted(len(rows), 'conversation')}{f': {several}' if several else ''}.")


def _cells(row: dict[str, Any]) -> Iterator[str]:
    for name in COLUMNS:
        value = row[name]
        if value is None:
            yield "-"
        elif name == "status":
            yield marked(value)
        elif isinstance(value, datetime):
            yield f"{value:%Y-%m-%d %H:%M:%S}"
        else:
            yield str(value)


_NEVER: Final = datetime.min.replace(tzinfo=UTC)
