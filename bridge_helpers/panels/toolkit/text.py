"""
Small pieces of HTML for panels.

`html("<b>{}</b>", name)` escapes what it fills in. Panels build all their HTML with it.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from markupsafe import Markup

from ...errors import BridgeError, Cancelled, OperationPending
from ...words import counted, marked

Html = Markup

UNBROKEN: Final = 16
"""Characters of a word that a narrow column of a table never breaks."""
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


def before_restart() -> Html:
    """
    The line for a panel that is not there any more; a panel that is there hides it.

    Its style comes with it: the style sheet of the panels is not there either.
    """
    return html(
        "<style>{}</style><p class='bw-before' role='note'>{}</p>", Html(_BEFORE_STYLE), STALE
    )


STALE: Final = "This panel is from before the restart: run its cell."
_BEFORE_STYLE: Final = """
.bw-before { animation: 2s step-end bw-before; }
@keyframes bw-before { from { position: absolute; visibility: hidden; } }
.jp-OutputArea:has(.bw-card) .bw-before,
.jp-OutputArea-child:has(.bw-before) + .jp-OutputArea-child:has(.jupyter-widgets):not(:has(.bw)) {
  display: none;
}
"""


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


def open_notebook(name: str, words: str) -> Html:
    """The next thing to press: a link to another notebook that looks like a primary button."""
    return html('<div class="bw-onward">{}</div>', notebook(name, words))


def folded(summary: object, *parts: object) -> Html:
    """What is closed at first, behind one line."""
    return html("<details><summary>{}</summary>{}</details>", summary, joined(parts))


def value(given: object) -> Html:
    """A setting's value, of any JSON type, for a table."""
    if given is None or given == "":
        return html("<em>not set</em>")
    if isinstance(given, bool):
        return html("{}", "on" if given else "off")
    if isinstance(given, dict | list | tuple):
        return code(json.dumps(given, indent=1, ensure_ascii=False))
    return html("{}", given)


def differences(
    caption: str,
    rows: Iterable[tuple[object, object, object]],
    headings: tuple[str, str, str] = ("Setting", "Now", "Planned"),
) -> Html:
    """
    What is there beside what is wanted, one row for each setting.

    Args:
        rows: `(setting, now, planned)`; values of any JSON type, None for one that is not set.
    """
    cells = [(name, value(now), value(planned)) for name, now, planned in rows]
    return html('<div class="bw-differences">{}</div>', table(caption, headings, cells))


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Html:
    """A plain table with header cells."""
    head = joined(html('<th scope="col">{}</th>', name) for name in headings)
    body = joined(html("<tr>{}</tr>", joined(_data(cell) for cell in row)) for row in rows)
    return html(
        '<table class="bw-table"><caption>{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table>",
        caption,
        head,
        body,
    )


def _data(cell: object) -> Html:
    """A cell; one with an id or an address may break in the middle of it, other words may not."""
    if not isinstance(cell, Html) and any(len(word) > UNBROKEN for word in str(cell).split()):
        return html('<td class="bw-long">{}</td>', cell)
    return html("<td>{}</td>", cell)


def error_box(error: BaseException, button: str = "") -> Html:
    """
    What it means, why and what to do; ids, request and a text for support behind one line.

    Args:
        button: The label of the button that does it again; see `for_button`.
    """
    if not isinstance(error, BridgeError):
        support = "".join(traceback.format_exception(error))
        return box(
            "error",
            html("<strong>This is a mistake in the workbook, not one of yours.</strong>"),
            html("<p>{}: {}</p>", type(error).__name__, error),
            html("<p>Nothing more was sent. Run the cell again; if it comes back, report it.</p>"),
            folded("Details", html("<pre>{}</pre>", support)),
            copyable(support, "Copy for support"),
        )
    level = "warning" if isinstance(error, (Cancelled, OperationPending)) else "error"
    parts = [html("<strong>{}</strong>", error.meaning or error.what)]
    parts += [_paragraphs(for_button(part, button)) for part in (error.why, error.action)]
    if not isinstance(error, Cancelled):
        support = error.for_support()
        technical = html("<p>{}</p>", error.what) if error.meaning else ""
        facts_known = facts((label, code(known)) for label, known in error.details())
        parts.append(folded("Details", technical, facts_known, html("<pre>{}</pre>", support)))
        parts.append(copyable(support, "Copy for support"))
    return box(level, *parts)


def _paragraphs(words: str) -> Html:
    """Words of an error: what stands there as lines that begin with a dash, as a list."""
    told: list[object] = []
    for dashed, lines in groupby(words.splitlines(), lambda line: line.startswith("- ")):
        if dashed:
            items = joined(html("<li>{}</li>", line.removeprefix("- ")) for line in lines)
            told.append(html("<ul>{}</ul>", items))
        else:
            told += [html("<p>{}</p>", line) for line in lines]
    return joined(told)


def for_button(words: str, button: str) -> str:
    """
    What an error says about doing it again, as somebody does it here: with a button.

    Steps say "run it again", which is right where a command was run.
    """
    again = f"press {button}" if button else "try it again"
    return _AGAIN.sub(
        lambda found: again[0].upper() + again[1:] if found[1] == "Run" else again, words
    )


_AGAIN: Final = re.compile(r"\b([Rr]un) (?:it|this|the step|the same command) again\b")


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
