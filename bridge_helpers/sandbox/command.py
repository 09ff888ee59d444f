"""The command line of the sandbox."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .control.catalogue import CONTROLS

if TYPE_CHECKING:
    from .world.state import BridgedParticipants


def home() -> Path:
    """``BRIDGE_HOME``, or the user's data folder."""
    named = os.environ.get("BRIDGE_HOME")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_data_path("bridge-workbook")


class _Seconds(click.FloatRange):
    """Seconds that pass: a range lets NaN through, and infinity is never over."""

    def __init__(self) -> None:
        super().__init__(min=0)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return seconds


class _WithControls(click.Command):
    """A command whose help ends with the sandbox's controls."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Controls, over HTTP while it runs (GET /_sandbox/ has examples)"):
            formatter.write_dl([(control["use"], control["does"]) for control in CONTROLS])


@click.command(cls=_WithControls)
@click.option(
    "--port",
    default=0,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port; 0 takes a free one.",
)
@click.option("--host", default="127.0.0.1", hidden=True)
@click.option("--seed", default=7, show_default=True, help="Same seed, same identifiers.")
@click.option(
    "--lag",
    default=1.0,
    show_default=True,
    type=_Seconds(),
    help="Seconds that a message takes over the bridge.",
)
@click.option(
    "--jitter",
    default=0.0,
    show_default=True,
    type=_Seconds(),
    help="Up to so many seconds more, at random (by the seed).",
)
@click.option(
    "--operation-seconds",
    default=1.0,
    show_default=True,
    type=_Seconds(),
    help="Seconds until an accepted operation ends.",
)
@click.option(
    "--traffic",
    default=0,
    show_default=True,
    type=click.IntRange(min=0),
    help="Seeded customers who write once a bridge is up.",
)
@click.option(
    "--bridged-participants",
    default="unknown",
    show_default=True,
    type=click.Choice(["unknown", "agent-omitted", "typed"]),
    help="How the participants of a bridged conversation arrive in Orchestrator.",
)
@click.option("--freeze-clock", is_flag=True, help="Time stands still until it is advanced.")
@click.option("--parent", type=int, hidden=True, help="Stop when this process is gone.")
def sandbox(
    port: int,
    host: str,
    seed: int,
    lag: float,
    jitter: float,
    operation_seconds: float,
    traffic: int,
    bridged_participants: BridgedParticipants,
    freeze_clock: bool,
    parent: int | None,
) -> None:
    """
    Twilio on the loopback interface: classic, Orchestrator, memory and numbers behind one URL.

    Prints one JSON object (url, account_sid, api_key, api_secret, service_sid, memory_store_id,
    phone_number, ...) when it is ready, and runs until Ctrl-C or until its parent ends.
    """
    from . import server
    from .http.loopback import is_loopback
    from .world.state import Settings

    if not is_loopback(host):
        click.echo(f"sandbox: it serves the loopback interface only, not {host}", err=True)
        sys.exit(2)
    try:
        folder = home()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as problem:
        # A RuntimeError: the ~ of BRIDGE_HOME names nobody.
        click.echo(
            f"sandbox: cannot keep its record: {problem}; "
            "set BRIDGE_HOME to a folder that you can write to",
            err=True,
        )
        sys.exit(1)
    try:
        listener = server.bind(host, port)
    except OSError as problem:
        click.echo(
            f"sandbox: cannot listen on {host}:{port}: {problem.strerror}; try --port 0", err=True
        )
        sys.exit(1)
    settings = Settings(
        lag=lag,
        jitter=jitter,
        operation_seconds=operation_seconds,
        retry_after=int(operation_seconds),
        traffic=traffic,
        bridged_participants=bridged_participants,
    )
    world = server.new_world(
        seed=seed, settings=settings, frozen=freeze_clock, url=server.url_of(listener)
    )
    server.serve(listener, world, home=folder, parent=parent)
