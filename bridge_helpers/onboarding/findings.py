"""What a check found: the one shape that preflight, verify and channels report in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from ..words import counted

Level = Literal["ok", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One check's result.

    Attributes:
        check: What was looked at, such as `memory store`.
        level: ok, info, warning (go on knowingly) or error (nothing is written).
        found: What is there.
        risk: What happens when it is ignored; empty when all is well.
        action: What to do; empty when nothing is.
        link: A page of Twilio's about it; may be empty.
    """

    check: str
    level: Level
    found: str
    risk: str = ""
    action: str = ""
    link: str = ""

    def as_dict(self) -> dict[str, str]:
        """The shape of `findings` in `result.json`."""
        values = asdict(self)
        del values["link"]
        return values


def count(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings there are of each level, worst last."""
    levels = [finding.level for finding in findings]
    return {level: levels.count(level) for level in ("ok", "info", "warning", "error")}


def summary(findings: Iterable[Finding]) -> str:
    """`8 ok, 1 warning, 0 errors`; what is there for information is counted where there is any."""
    counts = count(findings)
    told = f", {counts['info']} for information" if counts["info"] else ""
    bad = ", ".join(counted(counts[level], level) for level in ("warning", "error"))
    return f"{counts['ok']} ok, {bad}{told}"
