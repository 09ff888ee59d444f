"""The command `benefits`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

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
@click.option("--output", type=Folder(), help="Folder for benefits.json.")
def benefits(
    service_sid: str, target: str, sample: int, customer: str, output: Path | None
) -> None:
    """Tell whether memory and intelligence work for bridged conversations. Reads only."""
    from ..onboarding.benefits.look import benefits as look
    from ..onboarding.benefits.look import write_benefits
    from ..onboarding.benefits.sampling import check_sample
    from ..onboarding.plan import check_field

    check_sample(sample)
    service_sid = check_field("service_sid", service_sid)
    with connected(target) as session, progress() as on_progress:
        found = look(
            session, service_sid, sample=sample, customer=customer, on_progress=on_progress
        )
    tell(styled(found.verdict, "strong"))
    for finding in found.findings:
        tell_finding(
            finding.level, f"{finding.check}: {finding.found}", finding.risk, finding.action
        )
    _figures(found)
    if found.customer is not None:
        _customer(found.customer)
    if output is not None:
        tell(f"Written: {near(write_benefits(found, output).absolute())}")


def _figures(found: Benefits) -> None:
    told = found.as_dict()
    people = told["participants"]
    facts(
        (
            ("configuration", found.configuration.id),
            ("sampled", people["sampled"]),
            ("known", f"{people['with_profile']} with a profile"),
            ("unknown", f"{people['unknown']}, of which {people['would_resolve']} would resolve"),
            ("rules", told["intelligence"]["rules"]),
            ("results", told["intelligence"]["results"]),
        )
    )
    for operator, trigger, count, seconds in found.intelligence.by_operator():
        facts(((operator, f"{count} on {trigger or '?'}  {seconds_text(seconds)}".rstrip()),))


def _customer(known: Known) -> None:
    tell(f"What memory knows of {known.profile_id}:")
    identifiers = [
        f"{one.id_type} {value}" for one in known.identifiers for value in one.values or ()
    ]
    facts(
        (
            ("identifiers", ", ".join(identifiers)),
            (
                "traits",
                "; ".join(f"{group}.{name}: {value}" for group, name, value in known.traits),
            ),
            *(("observation", one.content) for one in known.observations),
            *(("summary", one.content) for one in known.summaries),
        )
    )
    if known.recall is not None:
        recalled = len(known.recall.observations or ()) + len(known.recall.summaries or ())
        facts((("recall", f"{recalled} of them would be given to an agent now"),))
    for sentence in known.unread:
        tell(f"  {sentence}")
