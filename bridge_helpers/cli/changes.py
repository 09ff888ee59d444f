"""The commands `change`, `snapshots`, `restore`, `disconnect` and `delete`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..onboarding.options import SUGGESTED_TIMEOUTS
from . import table
from .changing import change_options, confirm_option, run_change
from .output import connected, marked, target_option, tell
from .table import Column


@click.command()
@change_options
@click.option("--display-name", default=None, help="1 to 32 letters, digits, spaces, - and _.")
@click.option("--description", default=None, help="1 to 512 characters.")
@click.option(
    "--memory-store-id",
    default=None,
    metavar="mem_store_…",
    help="The memory store of conversations that begin afterwards.",
)
@click.option(
    "--memory-extraction/--no-memory-extraction",
    default=None,
    help="Whether memory is made of conversations when they end.",
)
@click.option(
    "--chat-timeouts",
    default=None,
    metavar="INACTIVE/CLOSED",
    help=f"Minutes until a silent chat ends, such as {SUGGESTED_TIMEOUTS}; empty: none.",
)
@click.option(
    "--intelligence",
    multiple=True,
    metavar="ID",
    help="The intelligence configurations to link, in place of those there; empty: none.",
)
@click.option(
    "--status-callback",
    "status_callbacks",
    multiple=True,
    metavar="URL",
    help="The addresses that are told of every event, in place of those there; empty: none.",
)
def change(service_sid: str, target: str, apply: bool, output: Path | None, **given: Any) -> None:
    """Change members of the configuration that bridges a service; what is not named stays."""
    from ..onboarding.change import propose
    from ..onboarding.change.members import sense, wanted_changes

    # An empty text given once takes away what is there.
    fields = {name: value for name, value in given.items() if value not in (None, ())}
    # Refused here, before anything is sent.
    wanted = wanted_changes(**fields)
    run_change(
        "change",
        lambda session, sid, on_progress: propose(
            session, sid, wanted, checks=sense(session), on_progress=on_progress
        ),
        target=target,
        service_sid=service_sid,
        apply=apply,
        output=output,
    )


@click.command()
@click.option("--service-sid", required=True, help="IS… of the classic service.")
@target_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def snapshots(service_sid: str, target: str, as_json: bool) -> None:
    """List what was kept of a service's configuration before each write, newest first."""
    from ..onboarding.change.snapshots import snapshots as kept_of
    from ..onboarding.verify import check_service

    service_sid = check_service(service_sid)
    with connected(target) as session:
        kept = kept_of(session, service_sid)
    if not kept:
        tell(f"The journal has no snapshot of {service_sid}: nothing was changed from here.")
        return
    if as_json:
        for one in kept:
            values = {
                "id": str(one.id),
                "at": one.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "reason": one.reason,
                "configuration_id": one.configuration_id,
                "display_name": one.display_name,
                "state": one.state,
            }
            click.echo(json.dumps(values, ensure_ascii=False))
        return
    table.show(
        (
            Column("id"),
            Column("at (UTC)"),
            Column("kept before"),
            Column("configuration"),
            Column("name", cut=True),
        ),
        (
            (
                str(one.id),
                f"{one.at:%Y-%m-%d %H:%M:%S}",
                marked(one.state, f"{one.reason}, {one.state}"),
                one.configuration_id,
                one.display_name,
            )
            for one in kept
        ),
    )


@click.command()
@change_options
@click.option(
    "--snapshot",
    default="",
    metavar="ID",
    help="As `snapshots` lists it; default: the newest, the state before the last write.",
)
def restore(service_sid: str, target: str, snapshot: str, apply: bool, output: Path | None) -> None:
    """Make a configuration again what it was when a snapshot was kept."""
    from ..onboarding.change import propose_restoration

    run_change(
        "restore",
        lambda session, sid, on_progress: propose_restoration(
            session, sid, snapshot, on_progress=on_progress
        ),
        target=target,
        service_sid=service_sid,
        apply=apply,
        output=output,
    )


@click.command()
@change_options
@confirm_option
def disconnect(
    service_sid: str, target: str, confirm: str | None, apply: bool, output: Path | None
) -> None:
    """Take the bridge away and keep the configuration."""
    from ..onboarding.change import propose_disconnection

    run_change(
        "disconnect",
        lambda session, sid, on_progress: propose_disconnection(
            session, sid, on_progress=on_progress
        ),
        target=target,
        service_sid=service_sid,
        apply=apply,
        output=output,
        confirm=confirm,
    )


@click.command()
@change_options
@confirm_option
def delete(
    service_sid: str, target: str, confirm: str | None, apply: bool, output: Path | None
) -> None:
    """Delete the configuration; the classic service and its conversations stay."""
    from ..onboarding.change import propose_deletion

    run_change(
        "delete",
        lambda session, sid, on_progress: propose_deletion(session, sid, on_progress=on_progress),
        target=target,
        service_sid=service_sid,
        apply=apply,
        output=output,
        confirm=confirm,
    )
