"""
What a step came to, as it is shown: HTML for notebook and report, text for terminals.

Each step has a template in `templates/`, which escapes everything that is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ..data import charts
from ..data.masking import masked as masked_text
from ..errors import BridgeError, Cancelled
from ..onboarding import links
from ..onboarding.incoming import HEADINGS, Incoming
from ..onboarding.plan import GROUPING_MEANING, GROUPING_REMARK
from ..words import GLYPHS, counted, marked, printable
from .summary import LIMITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2

    from ..api.session import Session
    from ..onboarding.create import Created
    from ..onboarding.explore import Explored
    from ..onboarding.findings import Finding
    from ..onboarding.plan import Plan
    from ..onboarding.preflight import Preflight
    from ..onboarding.undo import WayBack
    from ..onboarding.verify import Lane, Verified
    from .request import Request
    from .summary import Summary

ROWS_SHOWN: Final = 50
COLUMNS_SHOWN: Final = (
    "conversation_id", "status", "name", "channels", "service_sid", "created_at"
)  # fmt: skip

MASKED_NOTE: Final = "Names are shortened, because this page may be mailed."
MASKED: Final = "application/vnd.bridge-workbook.masked"
"""The media type under which a notebook's output holds what is `masked`."""

_HEADINGS: Final = {"created_at": "created (UTC)"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """
    What a cell of the notebook `onboard` shows.

    Attributes:
        state: done, attention, failed, skipped or ready: never told by colour alone.
        text: One line or a few, for terminals and for notebooks without HTML.
        html: A fragment without script.
        styled: Whether the style of all steps goes with it in a notebook; one that has is enough.
        masked: The same for a page that is mailed, where `html` names a customer's customers.
    """

    state: str
    text: str
    html: str
    masked: str = ""
    styled: bool = False

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = style() + self.html if self.styled else self.html
        bundle = {"text/plain": self.text, "text/html": html}
        return {**bundle, MASKED: self.masked} if self.masked else bundle


@cache
def templates() -> jinja2.Environment:
    """The templates, with escaping on and a missing name as an error."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("bridge_helpers.runs"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(glyphs=GLYPHS, marked=marked, links=links)
    return made


def _shown(value: Any) -> Any:
    """What is filled in, without characters that a page must not have."""
    # What was escaped already is our own: pictures, and pages within pages.
    return printable(value) if type(value) is str else value


@cache
def style() -> str:
    """The style of what the steps show, for an output of a notebook."""
    return f"<style>{templates().get_template('steps.css.j2').render()}</style>"


def show(name: str, state: str, text: str, **values: Any) -> Rendered:
    """A step's template, filled."""
    html = templates().get_template(f"{name}.html.j2").render(state=state, **values)
    return Rendered(state, text, html)


def banner(where: str, request: Request) -> Rendered:
    """Which target, unmistakably, and whether anything will be written."""
    what = (
        "This run writes: it creates a bridge and sends test messages."
        if request.apply
        else "This run writes nothing: it is a plan."
    )
    shown = show(
        "banner", "ready", f"{where}. {what}", where=where, what=what, target=request.target
    )
    return replace(shown, styled=True)


def preflight(checks: Preflight) -> Rendered:
    """The checks, one row each."""
    state = "done" if checks.ok else "failed"
    return show("preflight", state, f"Preflight: {checks.summary}", checks=checks)


def plan(
    planned: Plan, session: Session, apply: bool, ways: Incoming | BridgeError | None = None
) -> Rendered:
    """The request, as a table, as JSON and as curl; and where calls and messages go."""
    import json

    return show(
        "plan",
        "ready",
        f"Plan: bridge {planned.service_sid} into {planned.memory_store_id}",
        plan=planned,
        apply=apply,
        warning=session.account.warning,
        body=json.dumps(planned.body(), indent=2, ensure_ascii=False),
        curl=planned.curl(session),
        meaning=GROUPING_MEANING[planned.grouping],
        remark=GROUPING_REMARK,
        headings=HEADINGS,
        incoming=None if isinstance(ways, BridgeError) else ways,
        unread=ways if isinstance(ways, BridgeError) else None,
    )


def not_applied(what: str, named: Sequence[Finding] = ()) -> Rendered:
    """A step that was left out because the run does not write, and what would have reacted."""
    text = f"Not done: to {what}, run again with apply = True."
    return show("note", "skipped", text, note=text, reactions=named)


def skipped(step: str, error: BridgeError) -> Rendered:
    """A step that was left out because an earlier one failed."""
    text = f"Skipped: {step} needs what failed before ({error.what})"
    return show("note", "skipped", text, note=text, reactions=())


def failed(step: str, error: BridgeError) -> Rendered:
    """A step that failed: what happened, why, and what to do."""
    state = "attention" if isinstance(error, Cancelled) else "failed"
    return show("failed", state, f"{step} failed: {error}", step=step, error=error)


def created(result: Created, ways: Sequence[WayBack] = ()) -> Rendered:
    """The configuration, the operation that made it, and how to take the bridge away again."""
    text = f"Bridge {result.outcome}: {result.configuration.id} in {result.seconds:.1f} s"
    return show("created", "done", text, result=result, ways=ways)


def verified(result: Verified) -> Rendered:
    """The proof: verdict, lanes and latencies."""
    state = "done" if result.verified else "failed"
    return show(
        "verified",
        state,
        result.verdict,
        result=result,
        chart=_trusted(_latencies(result.lanes)),
        reactions=result.reactions,
    )


def explored(result: Explored) -> Rendered:
    """The number of conversations and the first of them."""
    text = f"{counted(result.count, 'conversation')} in Orchestrator"
    if not result.complete and result.error is not None:
        text += f", as far as they could be read: {result.error.what}"
    rows = [[_cell(one[name]) for name in COLUMNS_SHOWN] for one in result.head(ROWS_SHOWN)]
    named = COLUMNS_SHOWN.index("name")
    masked = [[*row[:named], masked_text(row[named]), *row[named + 1 :]] for row in rows]

    def page(rows: list[list[str]], note: str) -> Rendered:
        return show(
            "explored",
            "done" if result.complete else "attention",
            text,
            headline=text,
            columns=[_HEADINGS.get(name, name.replace("_", " ")) for name in COLUMNS_SHOWN],
            rows=rows,
            more=max(0, result.count - ROWS_SHOWN),
            note=note,
        )

    return replace(page(rows, ""), masked=page(masked, MASKED_NOTE).html)


def summary(page: Summary) -> Rendered:
    """What a customer keeps: one page."""
    state = {"verified": "done", "planned": "ready", "unverified": "attention"}
    text = " ".join(part for part in (page.verdict, page.advice) if part)
    return show(
        "summary",
        state.get(page.status, "failed"),
        text,
        page=page,
        limits=LIMITS,
        chart=_trusted(_latencies(page.lanes)),
    )


def _latencies(lanes: Sequence[Lane]) -> str:
    return charts.latency_chart({lane.name: lane.seconds for lane in lanes}) if lanes else ""


def _cell(value: Any) -> str:
    """A value as text: a time to the second, in UTC; empty where there is none."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def _trusted(svg: str) -> Any:
    """A picture that `charts` drew: the only markup that a template does not escape."""
    from markupsafe import Markup

    return Markup(svg)  # noqa: S704 - drawn here from numbers and our own names
