"""The command `sweep`."""

from __future__ import annotations

import sys

import click

from . import table
from .live import progress
from .output import connected, target_option, tell, tell_finding
from .table import Column


@click.command()
@click.option("--service-sid", required=True, help="IS… of the classic service.")
@target_option
@click.option(
    "--older-than",
    type=click.FloatRange(0),
    default=15.0,
    show_default=True,
    metavar="MINUTES",
    help="Leave alone what showed a sign of life since: a test may be using it.",
)
@click.option("--apply", is_flag=True, help="Remove. Without it leftovers are only listed.")
def sweep(service_sid: str, target: str, older_than: float, apply: bool) -> None:
    """List what tests that were killed left in a service, or remove it."""
    from ..onboarding.sweep import check_older_than
    from ..onboarding.sweep import sweep as look
    from ..onboarding.verify import check_service

    service_sid = check_service(service_sid)
    seconds = check_older_than(older_than * 60)
    with connected(target) as session, progress() as on_progress:
        swept = look(session, service_sid, apply=apply, older_than=seconds, on_progress=on_progress)
    if swept.leftovers:
        table.show(
            [Column(one) for one in ("state", "kind", "id", "last sign (UTC)", "name")],
            (
                (
                    one.state,
                    one.kind,
                    one.id,
                    f"{one.at:%Y-%m-%d %H:%M}" if one.at else "-",
                    one.name,
                )
                for one in swept.leftovers
            ),
        )
    for finding in swept.findings:
        tell_finding(finding.level, finding.found, finding.action)
    tell(swept.summary)
    if not apply and swept.counted("found"):
        tell("Nothing was removed; add --apply to remove them.")
    sys.exit(0 if swept.ok else 1)
