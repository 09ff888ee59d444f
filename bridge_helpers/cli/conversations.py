"""The command `conversations`."""

from __future__ import annotations

from pathlib import Path

import click

from ..words import counted
from .output import printable, target_option, tell


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
    from ..data import export
    from ..onboarding.explore import check_status, explore
    from ..onboarding.plan import check_field
    from ..target import connect, describe

    statuses = [check_status(one) for one in status]
    service_sid = check_field("service_sid", service_sid)
    if output is not None:
        export.check_output(output)
    with connect(target) as session:
        tell(describe(session))
        found = explore(session, status=statuses, service_sid=service_sid)
    if output is not None:
        written = export.write(found.table, output)
        tell(f"{counted(len(found.table), 'conversation')} in {written}")
    elif found.table.empty:
        tell("No conversations.")
    else:
        shown = found.table.drop(columns=["addresses", "channel_ids", "updated_at"])
        click.echo(printable(shown.to_string(index=False, na_rep="", max_colwidth=40)))
    if found.error is not None:
        tell("Not all pages could be read; what was read is above.")
        raise found.error
