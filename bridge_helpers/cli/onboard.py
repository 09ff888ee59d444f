"""The command `onboard`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from ..api.models import GROUPING_TYPES
from ..onboarding.findings import Finding, summary
from ..onboarding.options import SUGGESTED_TIMEOUTS
from ..onboarding.plan import DEFAULT_DESCRIPTION, DEFAULT_GROUPING, DEFAULT_NAME
from .output import (
    Folder,
    connected,
    facts,
    marked,
    near,
    seconds_text,
    styled,
    target_option,
    tell,
)

SEVERAL: Final = ("intelligence", "status_callbacks")
"""Options that may be given several times."""


@click.command()
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
    "--memory-extraction", is_flag=True, help="Make memory of conversations when they end."
)
@click.option(
    "--chat-timeouts",
    default="",
    metavar="INACTIVE/CLOSED",
    help=f"Minutes until a silent chat ends; Twilio advises {SUGGESTED_TIMEOUTS}.",
)
@click.option(
    "--intelligence",
    multiple=True,
    metavar="ID",
    help="An intelligence configuration to link; up to five.",
)
@click.option(
    "--status-callback",
    "status_callbacks",
    multiple=True,
    metavar="URL",
    help="An HTTPS address that is told of every event; up to two.",
)
@click.option(
    "--sync-timeout",
    type=float,
    default=30.0,
    show_default=True,
    help="Seconds to wait for each test message.",
)
@click.option("--apply", is_flag=True, help="Write. Without it the run is a plan.")
@click.option(
    "--show-names", is_flag=True, help="Show end customers' names in the report; else shortened."
)
@click.option(
    "--output",
    type=Folder(),
    help="Folder for onboard.ipynb, report.html and result.json; default: a new one under "
    "BRIDGE_HOME.",
)
def onboard(output: Path | None, show_names: bool, **parameters: Any) -> None:
    """Check, plan, create, prove and list, in one run without a question."""
    from ..runs import execute
    from ..runs.parameters import refuse_secret
    from ..runs.request import Request
    from ..target import secrets_in_use

    # The notebook takes text, with commas between several values.
    parameters.update({name: ",".join(parameters[name]) for name in SEVERAL})
    # Refused here, before a kernel is started or anything is sent.
    request = Request.checked(**parameters)
    secrets = secrets_in_use()
    for name, value in parameters.items():
        refuse_secret(name, value, secrets)
    folder = output or execute.default_folder()
    with connected(request.target):
        ran = execute.run(parameters, folder, show_names=show_names)
    report = ("report", str(near(ran.folder / "report.html")))
    facts([*outcome_lines(ran.result), report])
    error = ran.result["error"]
    if error:
        tell(styled("Error:", "bad"), f"{error['message']} {error['action']}".rstrip())
    sys.exit(0 if ran.ok else 1)


def outcome_lines(result: dict[str, Any]) -> tuple[tuple[str, object], ...]:
    """What `result.json` says, as a short table of labels and values."""
    sync = result["sync"] or {}
    return (
        ("status", marked(result["status"])),
        ("service", result["service_sid"]),
        ("memory store", result["memory_store_id"]),
        ("checks", summary(Finding(**finding) for finding in result["findings"])),
        ("configuration", result["configuration_id"]),
        ("outcome", result["outcome"]),
        ("to Orchestrator", seconds_text(sync.get("to_orchestrator_seconds"))),
        ("way back", seconds_text(sync.get("to_classic_seconds"))),
        ("conversations", result["conversations"]),
        ("took", seconds_text(result["seconds"])),
    )
