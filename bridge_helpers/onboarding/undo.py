"""How to go back after a write, or to change what stands: the command, for some also the curl."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ..api.curl import as_curl
from ..api.session import Session

BRIDGE = "conversationsV1Bridge"


@dataclass(frozen=True, slots=True)
class WayBack:
    """
    One way to undo a bridge.

    Attributes:
        what: What it does to whom, a sentence.
        command: Our command.
        curl: The same without this package; credentials as the names of their variables.
    """

    what: str
    command: str
    curl: str


def ways_back(
    session: Session, service_sid: str, configuration_id: str, display_name: str
) -> tuple[WayBack, ...]:
    """
    How a bridge is taken away: the gentle way first.

    Args:
        display_name: The configuration's, which has to be named on target twilio.
    """
    target = session.target
    named = f" --confirm {shlex.quote(display_name)}" if target == "twilio" else ""
    path = ("v2", "ControlPlane", "Configurations", configuration_id)
    url = session.http.url("conversations", path)
    with_token = session.account.credentials.username == session.account.sid
    return (
        WayBack(
            "Disconnect: the bridge is taken away and the configuration stays. Classic goes on as "
            "it is.",
            f"{command_line('disconnect', service_sid, target)}{named} --apply",
            as_curl("PATCH", url, json={BRIDGE: None}, with_token=with_token),
        ),
        WayBack(
            "Delete: the configuration goes as well. Classic goes on as it is.",
            f"{command_line('delete', service_sid, target)}{named} --apply",
            as_curl("DELETE", url, with_token=with_token),
        ),
    )


def restore_command(service_sid: str, target: str, snapshot_id: int) -> str:
    """The command that brings back what a configuration was before a write."""
    return f"{command_line('restore', service_sid, target)} --snapshot {snapshot_id} --apply"


def adopt_or_change(session: Session, service_sid: str) -> str:
    """What to do where a service is bridged with other settings than planned."""
    change = command_line("change", service_sid, session.target)
    return (
        f"Plan the same settings to adopt it, or change it knowingly: `{change}` with an option "
        "for each setting. Capture rules are changed by `bridge-workbook channels`; the grouping "
        "stays."
    )


def command_line(name: str, service_sid: str, target: str) -> str:
    """A command of ours for a service, without options of its own."""
    return f"bridge-workbook {name} --service-sid {service_sid} --target {target}"
