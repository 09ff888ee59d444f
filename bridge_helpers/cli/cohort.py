"""The command `cohort`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .live import progress
from .output import Folder, facts, marked, near, seconds_text, styled, target_option, tell

if TYPE_CHECKING:
    from ..runs.cohort.executors import Crew
    from ..runs.cohort.rows import Row


@click.command()
@click.argument("customers", type=click.Path(path_type=Path))
@click.option(
    "--output", type=Folder(), required=True, help="DIR for NAME/… of each customer and summary.*."
)
@target_option
@click.option("--apply", is_flag=True, help="Write. Without it every run is a plan.")
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Runs at the same time on this machine; default: two for each processor, at most 8.",
)
@click.option("--scheduler", metavar="URL", help="Of Dask: run on its workers. tls://… or tcp://…")
@click.option("--only-failed", is_flag=True, help="Leave alone whoever is verified already.")
@click.option(
    "--stop-after",
    type=click.IntRange(1),
    metavar="K",
    help="Begin no further run after K failures, one after another.",
)
def cohort(
    customers: Path,
    output: Path,
    target: str,
    apply: bool,
    workers: int | None,
    scheduler: str | None,
    only_failed: bool,
    stop_after: int | None,
) -> None:
    """
    Onboard every customer of a file.

    CUSTOMERS is a CSV with the columns name, credentials, service_sid, memory_store_id, grouping,
    display_name and voice_number; credentials is the prefix of the customer's variables. The
    whole file is checked before the first run. Without --apply it is told what would happen for
    each: create, adopt, change or refuse.
    """
    from ..errors import InvalidInput
    from ..runs.cohort import summary
    from ..runs.cohort.customers import read
    from ..runs.cohort.manager import run_cohort
    from ..target import secrets_in_use

    if workers and scheduler:
        raise InvalidInput("workers", workers, "it goes with no --scheduler, which has its own")
    with _stopping() as cancel, closing(_crew(workers, scheduler)) as crew:
        listed = read(customers, target, apply, identify=crew.identify, secrets=secrets_in_use())
        with progress() as on_progress:
            done = run_cohort(
                listed,
                output,
                crew,
                target=target,
                apply=apply,
                only_failed=only_failed,
                stop_after=stop_after or 0,
                on_row=_tell_row,
                on_progress=on_progress,
                cancel=cancel,
            )
    tell(summary.in_words(done.rows))
    if done.stopped:
        tell(styled("Stopped:", "bad"), done.stopped, "Repeat it with --only-failed.")
    facts([("took", seconds_text(done.seconds)), ("summary", near(output / "summary.html"))])
    sys.exit(0 if done.ok else 1)


def _crew(workers: int | None, scheduler: str | None) -> Crew:
    from ..runs.cohort.executors import Dask, Local

    if scheduler is None:
        return Local(workers)
    crew = Dask(scheduler)
    if not crew.encrypted:
        tell(styled("The scheduler is reached without encryption; tls:// has it.", "attention"))
    return crew


def _tell_row(row: Row) -> None:
    parts: list[str] = [marked(row.status), row.name]
    done = row.outcome or row.would
    parts += [done] if done else []
    if row.to_orchestrator_seconds is not None:
        parts.append(f"{seconds_text(row.to_orchestrator_seconds)} to Orchestrator")
    if row.to_classic_seconds is not None:
        parts.append(f"{seconds_text(row.to_classic_seconds)} back")
    tell(*parts, *([row.error] if row.error else []))


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """
    Ctrl-C lets the runs that are going on come to their end; a second one ends them too.

    Further ones are not heeded: they would keep the workers from being ended.
    """
    stop, end = threading.Event(), threading.Event()

    def interrupted(number: int, frame: Any) -> None:
        if stop.is_set():
            if not end.is_set():
                end.set()
                raise KeyboardInterrupt
            return
        stop.set()
        print(  # noqa: T201 - `tell` may hold its lock just now
            "\nNo further run is begun. Those that are going on come to their end; Ctrl-C once "
            "more ends them too.",
            file=sys.stderr,
        )

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
