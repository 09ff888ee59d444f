"""The command `conversations`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..words import counted
from .output import printable, target_option, tell

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@target_option
@click.option("--status", multiple=True, help="ACTIVE, INACTIVE or CLOSED; may be repeated.")
@click.option("--service-sid", default="", help="Only those bridged from this classic service.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.csv or .xlsx (for spreadsheets), .parquet or .jsonl (exact); default: stdout.",
)
def conversations(
    target: str, status: tuple[str, ...], service_sid: str, output: Path | None
) -> None:
    """List the account's Orchestrator conversations, all pages."""
    from ..data.export import check_output
    from ..onboarding.explore import check_status, explore, export_conversations
    from ..onboarding.plan import check_field
    from ..target import connect, describe

    statuses = [check_status(one) for one in status]
    service_sid = check_field("service_sid", service_sid)
    if output is not None:
        check_output(output)
    with connect(target) as session:
        tell(describe(session))
        if output is None:
            found = explore(session, status=statuses, service_sid=service_sid)
            error = found.error
            _print(found.table)
        else:
            written = export_conversations(
                session, output, status=statuses, service_sid=service_sid
            )
            error = written.error
            tell(f"{counted(written.rows, 'conversation')} in {written.path}")
        if not session.key_is_known:
            tell(
                f"Whether the key belongs to account {session.account.sid} could not be found "
                "out: what was read may be another account's."
            )
    if error is not None:
        where = "above" if output is None else "in the file"
        tell(f"Not all pages could be read; what was read is {where}.")
        raise error


def _print(table: pd.DataFrame) -> None:
    """A table for people, without the columns that make lines too long."""
    if table.empty:
        tell("No conversations.")
        return
    shown = table.drop(columns=["addresses", "channel_ids", "updated_at"])
    click.echo(printable(shown.to_string(index=False, na_rep="", max_colwidth=40)))
