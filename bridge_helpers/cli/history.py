"""The command `history`."""

from __future__ import annotations

import json

import click

from .output import printable, tell


@click.command()
@click.option("--account-sid", default="", help="Only this account's runs.")
@click.option("--service-sid", default="", help="Only this classic service's runs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the request.")
def history(account_sid: str, service_sid: str, as_json: bool) -> None:
    """List every write that was begun, newest first; with --service-sid also each of its steps."""
    from ..onboarding.journal import Journal
    from ..onboarding.plan import check_field

    journal = Journal()
    attempts = journal.history(account_sid, check_field("service_sid", service_sid))
    if not attempts:
        tell("The journal is empty: nothing was begun from here.")
    for one in attempts:
        if as_json:
            values = {name: getattr(one, name) for name in one.__slots__}
            values["turns"] = [(turn.at, turn.state, turn.detail) for turn in journal.turns(one)]
            click.echo(json.dumps(values, default=str))
            continue
        what = one.configuration_id or one.operation_id or "no answer yet"
        click.echo(
            f"{one.begun_at:%Y-%m-%d %H:%M:%S}Z  {one.kind:<10}  {one.state:<9}  "
            f"{one.outcome or '-':<12}  "
            f"{one.service_sid}  {what}" + (f"  ({printable(one.note)})" if one.note else "")
        )
        for turn in journal.turns(one) if service_sid else ():
            line = f"    {turn.at:%H:%M:%S.%f}Z  {turn.state:<9}  {turn.detail}"
            click.echo(printable(line).rstrip())
