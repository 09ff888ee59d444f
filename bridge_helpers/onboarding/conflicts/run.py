"""Make the checks of `table` and report what they found."""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import BridgeError, Cancelled
from ...progress import current_context
from ...words import counted
from .. import links
from ..findings import Finding
from .situation import Situation
from .table import CONFLICTS, Conflict

NAME = "combined channels"


def conflicts(
    at: Situation, table: Iterable[Conflict] = CONFLICTS, *, summarise: bool = True
) -> tuple[Finding, ...]:
    """
    Everything that may go wrong, in the order of the table; reads only.

    What could not be looked at is a warning that names the checks.

    Args:
        summarise: End with a line that says how many checks found nothing.

    Raises:
        Cancelled: Stopped in between.
        BridgeError: None of the checks could be made; the first reason why.
    """
    context = current_context()
    found: list[Finding] = []
    blind: dict[str, tuple[BridgeError, list[str]]] = {}
    chosen, clean = list(table), 0
    for done, one in enumerate(chosen):
        context.check()
        context.say(one.asks, done=done, total=len(chosen))
        before = len(found)
        try:
            # One by one: what was found before something could not be read counts.
            for hit in one.look(at):
                found.append(_finding(one, hit.found, hit.new))
        except Cancelled:
            raise
        except BridgeError as error:
            blind.setdefault(str(error), (error, []))[1].append(one.name)
            continue
        clean += len(found) == before
    if chosen and sum(len(names) for _, names in blind.values()) == len(chosen):
        raise next(iter(blind.values()))[0]
    found += [_not_looked_at(error, names) for error, names in blind.values()]
    if summarise and clean:
        found.append(Finding(NAME, "ok", f"{counted(clean, 'check')} found nothing."))
    return tuple(found)


def _finding(one: Conflict, words: str, new: bool) -> Finding:
    level = one.level if new or one.level != "error" else "warning"
    return Finding(one.name, level, words, one.risk, one.action, one.link)


def _not_looked_at(error: BridgeError, names: list[str]) -> Finding:
    return Finding(
        NAME,
        "warning",
        f"Not looked at: {', '.join(names)}. {error.what}",
        error.why or "What these checks would have found is not known.",
        error.action,
        links.TROUBLESHOOTING,
    )
