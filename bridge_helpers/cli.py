"""
The command line: `python -m bridge_helpers COMMAND`.

Exit status: 0 done as asked; 1 it was not, and says why; 2 the input was refused
before anything was sent. Messages to people go to stderr.
"""

from __future__ import annotations

import importlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import click

from .api.models import GROUPING_TYPES
from .errors import BridgeError, InvalidInput
from .onboarding.plan import DEFAULT_DESCRIPTION, DEFAULT_GROUPING, DEFAULT_NAME
from .settings import TARGETS

ELSEWHERE: Final = {"sandbox": "bridge_helpers.sandbox.command:sandbox"}
"""Commands that are loaded when they are called: the client side never imports the sandbox."""


class Commands(click.Group):
    """A group that loads some commands late and tells errors of ours in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = ELSEWHERE[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            # A terminal that lacks a name's letters gets them as escapes, not a traceback.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except BridgeError as error:
            tell(f"Error: {error}")
            for label, value in error.details():
                tell(f"  {label}: {value}")
            ctx.exit(error.exit_status)
        except KeyboardInterrupt:
            tell(
                "Stopped. What the service has accepted goes on there; "
                "run the same command again to resume."
            )
            ctx.exit(1)


class Folder(click.Path):
    """A folder to write to, that was named: the empty name would be the one we are in."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            raise InvalidInput("output", value, "it has to name a folder")
        return super().convert(value, param, ctx)


def tell(line: str) -> None:
    """A line for people: stderr, so that stdout stays for data."""
    click.echo(printable(line), err=True)


def printable(text: str) -> str:
    """Text from outside without what commands a terminal; line breaks and tabs stay."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bridge-workbook")
def main() -> None:
    """Bridge Conversations (classic) into Conversation Orchestrator, safely and provably."""


target_option = click.option(
    "--target",
    type=click.Choice(TARGETS),
    default="sandbox",
    show_default=True,
    help="sandbox: nothing reaches Twilio; started if none runs. twilio: the account of "
    "TWILIO_ACCOUNT_SID.",
)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Lab's port; default: a free one.")
@click.option("--browser/--no-browser", default=True, help="Open the browser, or print the URL.")
def workbook(port: int | None, browser: bool) -> None:
    """Open JupyterLab at 00_start_here, with a sandbox beside it."""
    from .runs import workbook as lab

    sys.exit(lab.run(port=port, browser=browser))


@main.command()
@target_option
@click.option("--service-sid", default="", help="IS… of the classic service; empty: the only one.")
@click.option("--memory-store-id", default="", help="mem_store_…; empty: the only one.")
@click.option(
    "--grouping",
    default=DEFAULT_GROUPING,
    show_default=True,
    metavar="TYPE",
    help=f"For traffic outside classic: {', '.join(GROUPING_TYPES)}.",
)
@click.option("--display-name", default=DEFAULT_NAME, show_default=True)
@click.option("--description", default=DEFAULT_DESCRIPTION, show_default=True)
@click.option("--voice-number", default="", help="E.164; inbound calls to it are captured too.")
@click.option(
    "--sync-timeout",
    type=float,
    default=30.0,
    show_default=True,
    help="Seconds to wait for each test message.",
)
@click.option("--apply", is_flag=True, help="Write. Without it the run is a plan.")
@click.option(
    "--output",
    type=Folder(),
    help="Folder for onboard.ipynb, report.html and result.json; default: a new one under "
    "BRIDGE_HOME.",
)
def onboard(output: Path | None, **parameters: Any) -> None:
    """Check, plan, create, prove and list, in one run without a question."""
    from .runs import execute as headless
    from .runs.onboarding import Request
    from .target import connect, describe

    # Refused here, before a kernel is started or anything is sent.
    request = Request.checked(**parameters)
    folder = output or headless.default_folder()
    with connect(request.target) as session:
        tell(describe(session))
        ran = headless.run(parameters, folder)
    for label, value in outcome_lines(ran.result):
        tell(f"  {label:<16} {value}")
    tell(f"  {'report':<16} {_near(ran.folder / 'report.html')}")
    error = ran.result["error"]
    if error:
        tell(f"Error: {error['message']} {error['action']}".rstrip())
    sys.exit(0 if ran.ok else 1)


@main.command()
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
    from .data import frames as tables
    from .onboarding.explore import check_status, explore
    from .onboarding.plan import check_field
    from .target import connect, describe

    statuses = [check_status(one) for one in status]
    service_sid = check_field("service_sid", service_sid)
    if output is not None:
        tables.check_output(output)
    with connect(target) as session:
        tell(describe(session))
        found = explore(session, status=statuses, service_sid=service_sid)
    if output is not None:
        tell(f"{len(found.table)} conversations in {tables.write(found.table, output)}")
    elif found.table.empty:
        tell("No conversations.")
    else:
        shown = found.table.drop(columns=["addresses", "channel_ids", "updated_at"])
        click.echo(printable(shown.to_string(index=False, na_rep="", max_colwidth=40)))
    if found.error is not None:
        tell("Not all pages could be read; what was read is above.")
        raise found.error


@main.command()
@click.option("--account-sid", default="", help="Only this account's runs.")
@click.option("--service-sid", default="", help="Only this classic service's runs.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the request.")
def history(account_sid: str, service_sid: str, as_json: bool) -> None:
    """List every attempt at a bridge, newest first; of one service, with every step it took."""
    from .onboarding.journal import Journal
    from .onboarding.plan import check_field

    journal = Journal()
    attempts = journal.history(account_sid, check_field("service_sid", service_sid))
    if not attempts:
        tell("The journal is empty: no bridge was begun from here.")
    for one in attempts:
        if as_json:
            values = {name: getattr(one, name) for name in one.__slots__}
            values["turns"] = [(turn.at, turn.state, turn.detail) for turn in journal.turns(one)]
            click.echo(json.dumps(values, default=str))
            continue
        what = one.configuration_id or one.operation_id or "no answer yet"
        click.echo(
            f"{one.begun_at:%Y-%m-%d %H:%M:%S}Z  {one.state:<9}  {one.outcome or '-':<8}  "
            f"{one.service_sid}  {what}" + (f"  ({printable(one.note)})" if one.note else "")
        )
        for turn in journal.turns(one) if service_sid else ():
            line = f"    {turn.at:%H:%M:%S.%f}Z  {turn.state:<9}  {turn.detail}"
            click.echo(printable(line).rstrip())


def outcome_lines(result: dict[str, Any]) -> list[tuple[str, str]]:
    """A result as a short table: label and value."""
    sync = result["sync"] or {}
    levels = [finding["level"] for finding in result["findings"]]
    lines = (
        ("status", result["status"]),
        ("service", result["service_sid"]),
        ("memory store", result["memory_store_id"]),
        (
            "checks",
            f"{levels.count('ok') + levels.count('info')} ok, "
            f"{levels.count('warning')} warnings, {levels.count('error')} errors",
        ),
        ("configuration", result["configuration_id"]),
        ("outcome", result["outcome"]),
        ("to Orchestrator", _seconds(sync.get("to_orchestrator_seconds"))),
        ("way back", _seconds(sync.get("to_classic_seconds"))),
        ("conversations", result["conversations"]),
        ("took", _seconds(result["seconds"])),
    )
    return [(label, str(value)) for label, value in lines if value not in (None, "")]


def _near(path: Path) -> Path:
    """A path as short as it can be said from here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} s"
