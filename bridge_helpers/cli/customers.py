"""What the command `benefits` does when it is asked to make customers known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import InvalidInput
from ..words import counted
from . import table
from .live import progress
from .output import marked, near, styled, tell, tell_finding
from .table import Column

if TYPE_CHECKING:
    from ..api.session import Session
    from ..onboarding.benefits.look import Benefits

SHOWN: Final = 50
"""Users that are printed; the file has all."""


def read_mapping(path: Path | None, wanted: bool) -> str:
    """
    The lines of a mapping's file, checked; empty where there is none.

    Raises:
        InvalidInput: It cannot be read, breaks a rule, or nothing uses it.
    """
    if path is None:
        return ""
    if not wanted:
        raise InvalidInput("mapping", str(path), "it is for --known-customers")
    from ..onboarding.benefits.mapping import parse

    try:
        lines = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("mapping", str(path), f"it has to be a text file ({error})") from None
    parse(lines)
    return lines


def profiles(
    session: Session, service_sid: str, mapping: str, apply: bool, output: Path | None
) -> bool:
    """Classic Users as profiles: the table, and what was made. Whether all of it was found."""
    from ..onboarding.benefits.known_customers import known_customers, write_table

    with progress() as on_progress:
        found = known_customers(
            session, service_sid, mapping=mapping, apply=apply, on_progress=on_progress
        )
    tell("By this mapping:")
    for line in found.mapping.splitlines():
        tell(f"  {line}")
    for group, traits in found.missing.items():
        tell(f"The store lacks {group}: {', '.join(traits)}. It is added with --apply.")
    if found.candidates:
        table.show(
            [
                Column("state"),
                Column("identity", cut=True),
                Column("name", cut=True),
                Column("identifiers", cut=True),
                Column("note", cut=True),
            ],
            (
                (
                    marked(one.state),
                    one.identity or "-",
                    one.name or "-",
                    ", ".join(f"{kind} {value}" for kind, value in one.identifiers) or "-",
                    one.why or one.profile_id or "-",
                )
                for one in found.candidates[:SHOWN]
            ),
        )
    if len(found.candidates) > SHOWN:
        tell(f"and {len(found.candidates) - SHOWN:,} more; --output writes all of them.")
    if output is not None:
        tell(f"Written: {near(write_table(found, output).absolute())}")
    tell(styled(found.summary, "strong"))
    if not apply and found.counted("new", "joins"):
        tell("Nothing was written; add --apply to make them.")
    if found.pending:
        tell("What was accepted shows after a while; run it again to see it.")
    return not found.pending


def upgrade(session: Session, found: Benefits, apply: bool) -> bool:
    """UNKNOWN participants as CUSTOMER; whether none was refused."""
    from ..onboarding.benefits.upgrade import make_customers

    with progress() as on_progress:
        done = make_customers(session, found.sample, apply=apply, on_progress=on_progress)
    if done:
        table.show(
            [Column(one) for one in ("state", "conversation", "participant", "profile", "note")],
            (
                (
                    marked(one.state),
                    one.conversation_id,
                    one.address or one.participant_id,
                    one.profile_id,
                    one.why or "-",
                )
                for one in done
            ),
        )
    made = sum(one.state == "made" for one in done)
    could = sum(one.state == "could be" for one in done)
    if apply:
        tell(f"{counted(made, 'participant')} made CUSTOMER, {len(done) - made} left.")
    else:
        tell(f"{counted(could, 'participant')} could be made CUSTOMER.")
        if could:
            tell("Nothing was written; add --apply to make them.")
    return not apply or made == len(done)


def demonstration(session: Session, service_sid: str, apply: bool) -> bool:
    """Memory at work on a test conversation; whether it recalled the fact."""
    from ..onboarding.choose import only_service
    from ..onboarding.demonstrate import announce, demonstrate

    service_sid = service_sid or only_service(session)
    if not apply:
        for one in announce(session, service_sid):
            tell_finding(one.level, f"{one.check}: {one.found}", one.risk, one.action)
        tell("Nothing was written; add --apply to run it.")
        return True
    with progress() as on_progress:
        shown = demonstrate(session, service_sid, on_progress=on_progress)
    table.show(
        [Column("stage"), Column("after"), Column("state"), Column("what was seen", cut=True)],
        (
            (
                one.name,
                "-" if one.seconds is None else f"{one.seconds:.1f} s",
                marked(one.state),
                one.detail,
            )
            for one in shown.stages
        ),
    )
    for finding in shown.findings:
        tell_finding(finding.level, finding.found, finding.action)
    tell(styled(shown.verdict, "strong"))
    return shown.shown and not shown.findings
