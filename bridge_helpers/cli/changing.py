"""How the commands that change a configuration run, and what they print."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..onboarding.undo import restore_command
from ..words import counted
from .live import progress
from .output import Folder, connected, facts, marked, near, target_option, tell, tell_finding

if TYPE_CHECKING:
    from ..api.session import Session
    from ..onboarding.change import Action, Proposal
    from ..onboarding.change.differences import Difference
    from ..onboarding.findings import Finding
    from ..progress import OnProgress
    from ..runs.change import ChangeRun

F = TypeVar("F", bound=Callable[..., Any])


def change_options(command: F) -> F:
    """The options of every command that changes a configuration."""
    for option in (
        click.option(
            "--output",
            type=Folder(),
            help="Folder for change.json, and open_conversations.csv where some are open.",
        ),
        click.option("--apply", is_flag=True, help="Write. Without it the run is a plan."),
        target_option,
        click.option("--service-sid", required=True, help="IS… of the classic service."),
    ):
        command = option(command)
    return command


confirm_option = click.option(
    "--confirm",
    metavar="NAME",
    default=None,
    help="The configuration's display name; needed with --apply on target twilio.",
)


def run_change(
    action: Action,
    look: Callable[[Session, str, OnProgress], Proposal],
    *,
    target: str,
    service_sid: str,
    apply: bool,
    output: Path | None,
    confirm: str | None = None,
) -> None:
    """
    Look, show, write where that was asked for, write `change.json`, and end with the status.

    Args:
        look: From a session, the service's sid in canonical form and whom to tell of waits, to
            what would be written.
    """
    from ..onboarding.verify import check_service
    from ..runs.change import ChangeRun

    sid = check_service(service_sid)
    run = ChangeRun(action, target, sid, apply=apply, confirm=confirm, output=output)
    with connected(target) as session, progress() as on_progress:
        run.run(
            session,
            lambda session: look(session, sid, on_progress),
            on_proposal=_show,
            on_progress=on_progress,
        )
    _show_end(run)
    if run.error is not None:
        raise run.error


def _show(proposal: Proposal) -> None:
    """What differs, and what it means for whom."""
    facts(
        (
            ("configuration", proposal.configuration_id),
            ("name", proposal.display_name),
            *((one.path, _change(one)) for one in proposal.differences),
        )
    )
    if proposal.nothing_to_do:
        tell("Nothing to change: it is like this already.")
    _tell_findings(proposal.findings)


def _tell_findings(findings: Iterable[Finding]) -> None:
    for one in findings:
        tell_finding(one.level, one.found, *(() if one.level == "ok" else (one.risk, one.action)))


def _show_end(run: ChangeRun) -> None:
    proposal, applied = run.proposal, run.applied
    if applied is not None:
        _tell_findings(applied.findings)
    if run.status == "planned" and proposal is not None:
        tell(f"Nothing was written; add --apply to {_VERBS[run.action]}.")
        if proposal.action in ("disconnect", "delete") and run.target == "twilio":
            tell(f"It also needs --confirm {shlex.quote(proposal.name_to_confirm)}.")
    elif applied is not None and run.status == "applied":
        how = ", resumed from an earlier run" if applied.outcome == "resumed" else ""
        told = f"{_DONE[run.action]}{how}: {applied.configuration_id} in {applied.seconds:.1f} s"
        tell(marked("done", told))
        if applied.snapshot is not None:
            back = restore_command(run.service_sid, run.target, applied.snapshot.id)
            tell(f"To go back: {back}")
    files = (
        (f"{counted(run.open_count or 0, 'open conversation')}", run.open_file),
        ("result", run.output / "change.json" if run.output else None),
    )
    facts((label, str(near(path))) for label, path in files if path is not None)


_VERBS = {
    "channels": "change the channels",
    "change": "change it",
    "restore": "restore it",
    "disconnect": "disconnect it",
    "delete": "delete it",
}
_DONE = {
    "channels": "Changed",
    "change": "Changed",
    "restore": "Restored",
    "disconnect": "Disconnected",
    "delete": "Deleted",
}


def _change(one: Difference) -> str:
    return f"{_shown(one.before)} → {_shown(one.after)}"


def _shown(value: Any) -> str:
    """A value on one line, cut when long; `-` where there is none."""
    if value is None:
        return "-"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 160 else f"{text[:157]}…"
