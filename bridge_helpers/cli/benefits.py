"""The command `benefits`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InvalidInput
from .live import progress
from .output import (
    Folder,
    connected,
    facts,
    near,
    seconds_text,
    styled,
    target_option,
    tell,
    tell_finding,
)

if TYPE_CHECKING:
    from ..api.session import Session
    from ..onboarding.benefits.customer import Known
    from ..onboarding.benefits.look import Benefits


@click.command()
@click.option("--service-sid", default="", help="IS… of the classic service; empty: the only one.")
@target_option
@click.option(
    "--sample",
    type=int,
    default=50,
    show_default=True,
    metavar="N",
    help="How many recent bridged conversations to look into, 1 to 1000.",
)
@click.option(
    "--customer",
    default="",
    help="Whom to look up in memory: a profile's id, a chat identity, an e-mail address or a "
    "number; empty: the first known one.",
)
@click.option(
    "--known-customers",
    is_flag=True,
    help="Show the classic Users as they would become profiles; with --apply make these.",
)
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of lines like `identity -> Chat.identity`, for --known-customers.",
)
@click.option(
    "--make-customers",
    is_flag=True,
    help="Show which unknown participants have a profile; with --apply make them CUSTOMER.",
)
@click.option(
    "--demonstrate",
    is_flag=True,
    help="Tell what a demonstration costs and who reacts; with --apply run it and clean up.",
)
@click.option("--apply", is_flag=True, help="Write. Without it everything is only shown.")
@click.option("--output", type=Folder(), help="Folder for benefits.json and known_customers.csv.")
def benefits(
    service_sid: str,
    target: str,
    sample: int,
    customer: str,
    known_customers: bool,
    mapping: Path | None,
    make_customers: bool,
    demonstrate: bool,
    apply: bool,
    output: Path | None,
) -> None:
    """Tell whether memory and intelligence work for bridged conversations."""
    from ..onboarding.benefits.look import write_benefits
    from ..onboarding.benefits.sampling import check_sample
    from ..onboarding.plan import check_field
    from . import customers

    check_sample(sample)
    service_sid = check_field("service_sid", service_sid)
    if apply and not (known_customers or make_customers or demonstrate):
        raise InvalidInput(
            "apply",
            True,
            "it needs something to write",
            "Add --known-customers, --make-customers or --demonstrate.",
        )
    lines = customers.read_mapping(mapping, known_customers)
    ok = True
    with connected(target) as session:
        if known_customers:
            ok = customers.profiles(session, service_sid, lines, apply, output) and ok
        if demonstrate:
            ok = customers.demonstration(session, service_sid, apply) and ok
        if make_customers or not (known_customers or demonstrate):
            found = _look(session, service_sid, sample, customer)
            if make_customers:
                ok = customers.upgrade(session, found, apply) and ok
            else:
                _tell(found)
            if output is not None:
                tell(f"Written: {near(write_benefits(found, output).absolute())}")
    sys.exit(0 if ok else 1)


def _look(session: Session, service_sid: str, sample: int, customer: str) -> Benefits:
    from ..onboarding.benefits.look import benefits as look

    with progress() as on_progress:
        return look(session, service_sid, sample=sample, customer=customer, on_progress=on_progress)


def _tell(found: Benefits) -> None:
    tell(styled(found.verdict, "strong"))
    for one in found.findings:
        tell_finding(one.level, f"{one.check}: {one.found}", one.risk, one.action)
    people = found.sample
    facts(
        (
            ("configuration", found.configuration.id),
            ("sampled", counted_text(len(people.conversations), people.bridged)),
            ("known", f"{people.counted('known')} with a profile"),
            ("unknown", f"{people.counted('unknown')}, {people.would_resolve} would resolve"),
            ("rules", found.intelligence.rules),
            ("results", len(found.intelligence.results)),
        )
    )
    facts(
        (operator, f"{count} on {trigger or '?'}  {seconds_text(seconds)}".rstrip())
        for operator, trigger, count, seconds in found.intelligence.by_operator()
    )
    if found.customer is not None:
        _customer(found.customer)


def counted_text(sampled: int, of: int) -> str:
    """`50 of 2,000 bridged conversations`."""
    return f"{sampled:,} of {of:,} bridged conversations"


def _customer(known: Known) -> None:
    tell(f"What memory knows of {known.profile_id}:")
    identifiers = [
        f"{one.id_type} {value}" for one in known.identifiers for value in one.values or ()
    ]
    traits = [f"{group}.{name}: {value}" for group, name, value in known.traits]
    facts(
        (
            ("identifiers", ", ".join(identifiers)),
            ("traits", "; ".join(traits)),
            *(("observation", one.content) for one in known.observations),
            *(("summary", one.content) for one in known.summaries),
        )
    )
    if known.recall is not None:
        recalled = len(known.recall.observations or ()) + len(known.recall.summaries or ())
        facts((("recall", f"would give an agent {recalled} of these now"),))
    for sentence in known.unread:
        tell(f"  {sentence}")
