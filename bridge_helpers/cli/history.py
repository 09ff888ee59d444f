"""The command `history`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from ..errors import InvalidInput
from ..forms import ACCOUNT_SID
from ..settings import is_loopback
from ..words import counted
from . import table
from .output import data, marked, tell
from .table import Column

if TYPE_CHECKING:
    from ..onboarding.journal import Attempt, Journal

WRITES: Final = (
    Column("begun (UTC)"),
    Column("target"),
    Column("kind"),
    Column("state"),
    Column("outcome"),
    Column("service"),
    Column("name", cut=True),
    Column("account"),
    Column("configuration"),
    Column("note", cut=True),
)
TURNS: Final = (Column("at (UTC)"), Column("write"), Column("state"), Column("detail"))


@click.command()
@click.option("--account-sid", default="", help="Only this account's runs.")
@click.option("--service-sid", default="", help="Only this classic service's runs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the request.")
def history(account_sid: str, service_sid: str, as_json: bool) -> None:
    """List every write that was begun, newest first; with --service-sid also each of its steps."""
    from ..onboarding.journal import Journal
    from ..onboarding.plan import check_field

    service_sid = check_field("service_sid", service_sid)
    account_sid = account_sid.strip()
    if account_sid and not ACCOUNT_SID.fullmatch(account_sid):
        raise InvalidInput("account_sid", account_sid, "an account sid is AC and 32 hex digits")
    journal = Journal()
    attempts = journal.history(account_sid, service_sid)
    if as_json:
        for one in attempts:
            data(json.dumps(_record(journal, one), default=str))
    elif attempts:
        table.show(WRITES, (_cells(journal, one) for one in attempts))
        if service_sid:
            data()
            table.show(TURNS, _turns(journal, attempts))
    if attempts:
        unfinished = sum(one.unfinished for one in attempts)
        open_ones = f", {unfinished} not over: the same command again resumes it"
        tell(f"{counted(len(attempts), 'write')}{open_ones if unfinished else ''}.")
    else:
        asked = "such entry" if account_sid or service_sid else "entry"
        tell(f"The journal has no {asked}: nothing was begun from here.")


def _record(journal: Journal, one: Attempt) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(one, name) for name in one.__slots__}
    values["turns"] = [(turn.at, turn.state, turn.detail) for turn in journal.turns(one)]
    return values


def _cells(journal: Journal, one: Attempt) -> Iterator[str]:
    from ..onboarding.journal import Scope
    from ..onboarding.journal.service_names import kept_name

    scope = Scope(one.account_sid, one.region, one.origin, one.service_sid)
    yield f"{one.begun_at:%Y-%m-%d %H:%M:%S}"
    yield "sandbox" if is_loopback(one.origin) else "twilio"
    yield one.kind
    yield marked(one.state)
    yield one.outcome or "-"
    yield one.service_sid
    yield kept_name(journal, scope) or "-"
    yield one.account_sid
    yield one.configuration_id or one.operation_id or "no answer yet"
    yield one.note or ""


def _turns(journal: Journal, attempts: list[Attempt]) -> Iterator[tuple[str, ...]]:
    for one in attempts:
        for turn in journal.turns(one):
            yield f"{turn.at:%H:%M:%S.%f}"[:-3], one.kind, marked(turn.state), turn.detail
