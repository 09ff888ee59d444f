"""
Small pieces of HTML for panels.

`html("<b>{}</b>", name)` escapes what it fills in. Panels build all their HTML with it.
"""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup

from ..errors import BridgeError, Cancelled, OperationPending
from ..words import counted, marked

Html = Markup

LEVEL_STATES = {"ok": "done", "info": "ready", "warning": "attention", "error": "failed"}


def html(pattern: str, *values: object, **named: object) -> Html:
    """A pattern of ours, filled with values that are escaped unless they are `Html`."""
    return Html(pattern).format(*values, **named)


def joined(parts: Iterable[object], between: str = "") -> Html:
    """Pieces one after another, each escaped unless it is `Html`."""
    return Html(between).join(parts)  # type: ignore[arg-type]


def pill(state: str) -> Html:
    """A state as glyph and word."""
    return html('<span class="bw-pill" data-state="{}">{}</span>', state, marked(state))


def level_pill(level: str) -> Html:
    """The level of a finding as glyph and word."""
    return html(
        '<span class="bw-pill" data-state="{}">{}</span>', LEVEL_STATES[level], marked(level)
    )


def box(level: str, *parts: object) -> Html:
    """A coloured box; what it is about is said in its text, not by its colour."""
    return html('<div class="bw-box" data-level="{}">{}</div>', level, joined(parts))


def link(url: str, words: str) -> Html:
    """A link that opens beside the notebook."""
    return html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>', url, words)


def notebook(name: str, words: str) -> Html:
    """
    A link to another notebook of the workbook, which lies beside the one that is open.

    Lab opens it in a tab of its own where our launcher said what Lab's root folder is
    (`BRIDGE_WORKBOOK`); elsewhere it is an ordinary link.
    """
    path = f"{name}.ipynb"
    root, here = os.environ.get("BRIDGE_WORKBOOK", ""), Path.cwd()
    if not root or not here.is_relative_to(root):
        return link(path, words)
    return html(
        '<a href="{}" data-commandlinker-command="docmanager:open" '
        'data-commandlinker-args="{}">{}</a>',
        path,
        json.dumps({"path": (here.relative_to(root) / path).as_posix()}),
        words,
    )


def copyable(text: str, words: str = "Copy") -> Html:
    """A button that puts `text` on the clipboard."""
    return html('<button type="button" class="bw-copy" data-copy="{}">{}</button>', text, words)


def code(text: str) -> Html:
    """An identifier or value, in the font of code."""
    return html("<code>{}</code>", text)


def block(title: str, text: str) -> Html:
    """A titled, copyable block of code."""
    return html(
        '<div><div class="bw-head"><h3>{}</h3>{}</div><pre>{}</pre></div>',
        title,
        copyable(text),
        text,
    )


def facts(pairs: Iterable[tuple[str, object]]) -> Html:
    """Labelled values."""
    rows = joined(html("<dt>{}</dt><dd>{}</dd>", name, value) for name, value in pairs)
    return html('<dl class="bw-facts">{}</dl>', rows)


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """A plain table with header cells."""
    head = joined(html('<th scope="col">{}</th>', name) for name in headings)
    body = joined(
        html("<tr>{}</tr>", joined(html("<td>{}</td>", cell) for cell in row)) for row in rows
    )
    return html(
        '<table class="bw-table"><caption>{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table>",
        caption,
        head,
        body,
    )


def error_box(error: BaseException) -> Html:
    """What happened, why, what to do, the request id, and a text for support."""
    if isinstance(error, BridgeError):
        level = "warning" if isinstance(error, (Cancelled, OperationPending)) else "error"
        parts = [html("<strong>{}</strong>", error.what)]
        parts += [html("<p>{}</p>", part) for part in (error.why, error.action) if part]
        parts.append(facts((label, code(value)) for label, value in error.details()))
        support = error.for_support()
    else:
        level = "error"
        parts = [
            html("<strong>This is a mistake in the workbook, not one of yours.</strong>"),
            html("<p>{}: {}</p>", type(error).__name__, error),
            html("<p>Nothing more was sent. Run the cell again; if it comes back, report it.</p>"),
        ]
        support = "".join(traceback.format_exception(error))
    if isinstance(error, Cancelled):
        return box(level, *parts)
    parts.append(
        html(
            "<details><summary>For support</summary><pre>{}</pre></details>{}",
            support,
            copyable(support, "Copy for support"),
        )
    )
    return box(level, *parts)


def picture(svg: str, words: str) -> Html:
    """An SVG picture of ours, with a sentence for those who do not see it."""
    return html(
        '<figure class="bw-chart" role="img" aria-label="{}">{}</figure>',
        words,
        Markup(svg),  # noqa: S704 - drawn by Vega, which escapes what it draws
    )


def seconds(value: float | None) -> str:
    """A duration for people: `1.2 s`, or `-` when there is none."""
    return "-" if value is None else f"{value:.1f} s"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago a moment was, roughly: `12 minutes ago`."""
    passed = ((now or datetime.now(UTC)) - moment).total_seconds()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if passed >= size:
            return f"{counted(int(passed // size), unit)} ago"
    return "just now"


def short(sid: str) -> str:
    """An identifier cut to what a person compares: `AC…1234`."""
    return sid if len(sid) <= 10 else f"{sid[:2]}…{sid[-4:]}"
