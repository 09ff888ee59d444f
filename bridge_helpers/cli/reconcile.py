"""The command `reconcile`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import table
from .live import progress
from .output import Folder, connected, facts, near, styled, target_option, tell, tell_error
from .table import Column

if TYPE_CHECKING:
    from ..api.session import Session
    from ..onboarding.reconcile import Reconciled, Round

_SHOWN = 50
"""Gaps that are printed; all of them are in `reconcile.csv`."""


@click.command()
@click.option("--service-sid", required=True, help="IS… of the classic service.")
@click.option(
    "--depth",
    type=click.Choice(["presence", "last", "full"]),
    default="full",
    show_default=True,
    help="presence: who is there at all, by the lists. last: the newest message of each. "
    "full: every message.",
)
@click.option("--strict", is_flag=True, help="Exit status 1 for any gap; see below for watches.")
@click.option(
    "--every", type=float, metavar="SECONDS", help="Watch: compare again so often, with --for."
)
@click.option("--for", "duration", type=float, metavar="SECONDS", help="How long to watch.")
@click.option(
    "--explain", "conversation", metavar="CH…", help="Say why one conversation is not there."
)
@click.option(
    "--grace",
    type=float,
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a message may be on its way.",
)
@click.option("--per-second", type=float, metavar="N", help="Begin at most so many requests.")
@click.option("--fresh", is_flag=True, help="Begin anew, also where a run was broken off.")
@target_option
@click.option(
    "--output", type=Folder(), help="Folder for reconcile.json, reconcile.csv and watch.jsonl."
)
def reconcile(
    service_sid: str,
    depth: str,
    strict: bool,
    every: float | None,
    duration: float | None,
    conversation: str | None,
    grace: float,
    per_second: float | None,
    fresh: bool,
    target: str,
    output: Path | None,
) -> None:
    """
    Compare every classic conversation with its twin in Orchestrator. Reads only.

    A run that was broken off goes on where it was. Under --strict a single comparison ends with
    status 1 where there is a gap, a watch where something had one in two rounds, one after
    another. A comparison that could not be done wholly ends with status 1 in any case.
    """
    from ..errors import InvalidInput
    from ..files import check_writable
    from ..onboarding.reconcile.explain import check_conversation
    from ..onboarding.reconcile.step import check_seconds
    from ..onboarding.verify import check_service

    service_sid = check_service(service_sid)
    check_seconds("grace", grace, least=0.0)
    if per_second is not None:
        check_seconds("per_second", per_second, least=0.001)
    if (every is None) != (duration is None):
        name = "every" if every is None else "for"
        raise InvalidInput(name, None, "a watch needs both --every and --for")
    if every is not None:
        check_seconds("every", every, least=0.1)
        check_seconds("for", duration, least=0.0)
    if conversation is not None:
        sid = check_conversation(conversation)
        if strict or output is not None or every is not None:
            rule = "it answers in words alone, without --strict, --output, --every and --for"
            raise InvalidInput("explain", conversation, rule)
        with connected(target) as session:
            _explain(session, service_sid, sid, grace)
        return
    options: dict[str, Any] = {
        "depth": depth,
        "grace": grace,
        "per_second": per_second,
        "fresh": fresh,
    }
    if output is not None:
        # A comparison may take an hour: that it cannot be written is told before it.
        check_writable("output", output / "reconcile.json")
    with connected(target) as session:
        if every is None or duration is None:
            failed = _once(session, service_sid, strict, output, options)
        else:
            failed = _watch(session, service_sid, strict, output, every, duration, options)
    sys.exit(1 if failed else 0)


def _once(
    session: Session, service_sid: str, strict: bool, output: Path | None, options: dict[str, Any]
) -> bool:
    from ..onboarding.reconcile import reconcile as compare

    with progress() as on_progress:
        result = compare(session, service_sid, on_progress=on_progress, **options)
    _show(result)
    _write(result, output)
    if result.error is not None:
        tell_error(result.error)
    return not result.complete or (strict and bool(result.gaps))


def _watch(
    session: Session,
    service_sid: str,
    strict: bool,
    output: Path | None,
    every: float,
    duration: float,
    options: dict[str, Any],
) -> bool:
    from ..onboarding.reconcile import watch
    from ..onboarding.reconcile.files import WatchFile

    file = WatchFile(output) if output is not None else None
    stuck = False

    def told(one: Round) -> None:
        nonlocal stuck
        stuck = stuck or bool(one.stuck)
        tell(styled(one.line, "attention" if one.new or one.stuck or one.error else "good"))
        if file is not None:
            file.add(one)
        if one.result is not None:
            _write(one.result, output, quiet=True)

    with progress() as on_progress:
        rounds = watch(
            session,
            service_sid,
            every=every,
            duration=duration,
            on_round=told,
            on_progress=on_progress,
            **options,
        )
    last = rounds[-1].result
    if last is not None:
        _show(last)
    if file is not None:
        tell(f"Written: {near(file.path.absolute())}")
    return last is None or not last.complete or (strict and stuck)


def _show(result: Reconciled) -> None:
    tell(styled(result.verdict, "strong"))
    since = result.since_last
    facts(
        (
            ("before the bridge", f"{len(result.before_bridge):,}"),
            (
                f"since {since.at:%Y-%m-%d %H:%M}Z" if since else "",
                since and f"{len(since.healed)} healed, {len(since.broken)} broken",
            ),
            ("requests", f"{result.requests:,} in {result.seconds:.1f} s"),
            (
                "went on with",
                result.continued and f"what was compared since {result.continued:%H:%M:%S}Z",
            ),
        )
    )
    if result.gaps:
        table.show(
            [Column("state"), Column("conversation"), Column("twin"), Column("detail", cut=True)],
            (
                (one.state, one.conversation_sid, one.conversation_id or "-", one.detail)
                for one in result.gaps[:_SHOWN]
            ),
        )
    if len(result.gaps) > _SHOWN:
        tell(f"{len(result.gaps) - _SHOWN:,} more are in reconcile.csv, with --output.")
    if result.gaps:
        first = next((g.conversation_sid for g in result.gaps if g.state != "unexpected"), "")
        if first:
            tell(f"Why? Add --explain {first}, or the sid of another one.")


def _write(result: Reconciled, output: Path | None, *, quiet: bool = False) -> None:
    from ..onboarding.reconcile.files import write_reconciled

    if output is None:
        return
    paths = write_reconciled(result, output)
    if not quiet:
        tell("Written: " + ", ".join(str(near(path.absolute())) for path in paths))


def _explain(session: Session, service_sid: str, sid: str, grace: float) -> None:
    from ..onboarding.reconcile import explain

    with progress() as on_progress:
        found = explain(session, service_sid, sid, grace=grace, on_progress=on_progress)
    tell(styled(f"{sid}: {found.state}", "strong"))
    tell(found.why)
    if found.action:
        tell(found.action)
    facts(found.facts)
