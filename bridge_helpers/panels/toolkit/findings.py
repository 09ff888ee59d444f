"""Findings as HTML: all of them in their order, or what is open first."""

from __future__ import annotations

from collections.abc import Iterable

from ...onboarding.findings import Finding
from ...words import counted
from . import text
from .text import Html


def finding_lines(found: Iterable[Finding]) -> Html:
    """A list: level, check, what was found; unless all is well, risk, action and a link too."""
    return text.html('<ul class="bw-findings">{}</ul>', text.joined(map(_line, found)))


def findings(found: Iterable[Finding]) -> Html:
    """What is not as it should be first; what is well behind one line."""
    told = list(found)
    open_ones = [one for one in told if one.level != "ok"]
    passed = [one for one in told if one.level == "ok"]
    parts: list[object] = []
    if open_ones:
        parts.append(finding_lines(open_ones))
    if passed:
        are = "is as it" if len(passed) == 1 else "are as they"
        told_of = f"{counted(len(passed), 'thing')} {are} should be"
        parts.append(text.folded(told_of, finding_lines(passed)))
    return text.html('<div class="bw-stack">{}</div>', text.joined(parts))


def _line(finding: Finding) -> Html:
    more = [
        (name, words) for name, words in (("Risk", finding.risk), ("Do", finding.action)) if words
    ]
    return text.html(
        "<li>{}<div><strong>{}</strong>: {}{}{}</div></li>",
        text.level_pill(finding.level),
        finding.check,
        finding.found,
        text.facts(more) if more else "",
        text.html("<p>{}</p>", text.link(finding.link, "Read more at Twilio"))
        if finding.link
        else "",
    )
