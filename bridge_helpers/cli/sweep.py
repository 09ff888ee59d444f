"""The command `sweep`."""

from __future__ import annotations

import sys

import click

from .output import printable, target_option, tell


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
    from ..target import connect, describe

    service_sid = check_service(service_sid)
    seconds = check_older_than(older_than * 60)
    with connect(target) as session:
        tell(describe(session))
        swept = look(session, service_sid, apply=apply, older_than=seconds)
    for one in swept.leftovers:
        at = f"{one.at:%Y-%m-%d %H:%M}Z" if one.at else "-"
        line = f"{one.state:<14}  {one.kind:<25}  {one.id:<44}  {at:<17}  {one.name}"
        click.echo(printable(line).rstrip())
    for finding in swept.findings:
        tell(f"{finding.level}: {finding.found} {finding.action}")
    tell(swept.summary)
    if not apply and swept.counted("found"):
        tell("Nothing was removed; add --apply to remove them.")
    sys.exit(0 if swept.ok else 1)
