"""The command `channels`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .changing import change_options, run_change
from .output import tell

if TYPE_CHECKING:
    from ..api.session import Session
    from ..onboarding.change import Proposal
    from ..progress import OnProgress


@click.command()
@click.option(
    "--capture",
    multiple=True,
    metavar="KIND:ADDRESS",
    help="voice:+… for inbound calls; sms:+…, whatsapp:+… or rcs:SENDER for messages both ways. "
    "May be repeated.",
)
@click.option(
    "--release",
    multiple=True,
    metavar="KIND:ADDRESS",
    help="Take away exactly what --capture of the same would add. May be repeated.",
)
@click.option(
    "--timeouts",
    multiple=True,
    metavar="KIND:INACTIVE/CLOSED",
    help="Minutes until conversations of a channel end, such as voice:10/60; KIND may also be "
    "chat. May be repeated.",
)
@change_options
def channels(
    service_sid: str,
    capture: tuple[str, ...],
    release: tuple[str, ...],
    timeouts: tuple[str, ...],
    target: str,
    apply: bool,
    output: Path | None,
) -> None:
    """Capture calls and messages of other channels beside the bridge, or release them."""
    from ..onboarding.channels.compose import check_timeouts
    from ..onboarding.channels.intents import check_intents
    from ..onboarding.combine import combine

    # Refused here, before anything is asked.
    wanted, unwanted = check_intents(capture, release)
    minutes = check_timeouts(timeouts)

    def look(session: Session, sid: str, on_progress: OnProgress) -> Proposal:
        found = combine(session, sid, wanted, unwanted, timeouts=minutes, on_progress=on_progress)
        tell("Captured beside the bridge afterwards:" if found.words else "Nothing is captured.")
        for line in found.words:
            tell(f"  {line}")
        return found.proposal

    run_change("channels", look, target=target, service_sid=service_sid, apply=apply, output=output)
