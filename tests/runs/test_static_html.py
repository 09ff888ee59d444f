"""What may be in a page that is mailed."""

from __future__ import annotations

import pytest

from bridge_helpers.runs.static_html import active_parts


@pytest.mark.parametrize(
    "page",
    [
        "<p>plain <a href='https://www.twilio.com/docs'>docs</a> <a href='#top'>up</a></p>",
        "<p title=\"onclick = '<script>'\">quoted</p>",
        "<p>escaped: &lt;script&gt;alert(1)&lt;/script&gt; onclick=1</p>",
        '<svg viewBox="0 0 1 1"><g aria-label="on a mark"><path d="M0 0"/></g></svg>',
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><style>p{color:red}</style>"
        "</head><body><p>x</p></body></html>",
    ],
)
def test_what_is_static_passes(page: str) -> None:
    """Prose, tables, pictures and links, also where they speak of scripts."""
    assert active_parts(page) == []


@pytest.mark.parametrize(
    "page",
    [
        "<script>alert(1)</script>",
        "<SCRIPT src=//evil.example>",
        "<p onclick='x()'>a</p>",
        "<svg onload=x()></svg>",
        "<svg/onload=x()>",
        "<p title='>' onmouseover=x()>a</p>",
        "<img src=x onerror=x()>",
        "<img src='https://evil.example/pixel.png'>",
        "<iframe></iframe>",
        "<object data=x></object>",
        "<embed>",
        "<link rel=stylesheet href=x>",
        "<form action=x></form>",
        "<base href=x>",
        "<body><meta http-equiv=refresh content=0></body>",
        "<body><style>p{color:red}</style></body>",
        "<style>p{background:url(https://evil.example)}</style>",
        "<style>@import 'https://evil.example'</style>",
        "<p style='background:url(https://evil.example)'>a</p>",
        "<a href='javascript:x()'>a</a>",
        "<a href=' JavaScript:x()'>a</a>",
        "<a href='data:text/html,<script>x()</script>'>a</a>",
        "<a ping='https://evil.example' href='#'>a</a>",
        "<svg><use href='https://evil.example#x'/></svg>",
        "<svg><a xlink:href='javascript:x()'><text>a</text></a></svg>",
        "<!-- <p> --!><script>x()</script>",
        "<?php x() ?>",
        "<video src=x></video>",
        "<math><mtext></mtext></math>",
    ],
)
def test_what_runs_or_is_fetched_is_found(page: str) -> None:
    """However it is written; a parser sees it, not a pattern."""
    assert active_parts(page) != []
