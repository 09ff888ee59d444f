"""The pieces of HTML that panels are made of."""

from __future__ import annotations

import pytest

from bridge_helpers.errors import RateLimited
from bridge_helpers.panels.toolkit import text


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "<img src=x onerror=a()>", '"><b>x']
)
def test_text_from_outside_is_escaped(hostile: str) -> None:
    """No piece of HTML that panels are made of lets markup from outside through."""
    made = [
        text.html("<b>{}</b>", hostile),
        text.joined([hostile]),
        text.box("ok", hostile),
        text.link("https://example.com", hostile),
        text.copyable(hostile, hostile),
        text.code(hostile),
        text.block(hostile, hostile),
        text.facts([(hostile, hostile)]),
        text.table(hostile, [hostile], [[hostile]]),
        text.error_box(RateLimited(hostile, hostile, hostile, request_id=hostile)),
        text.error_box(ValueError(hostile)),
        text.notebook("00_start_here", hostile),
    ]
    for markup in made:
        assert hostile not in markup


def test_lines_with_a_dash_are_a_list_in_an_error() -> None:
    """What an error lists is read line by line; everything in it is escaped."""
    error = RateLimited("Refused.", "It stays:\n- one <b>\n- two\nand more.", "Run it again.")
    markup = text.error_box(error, "Send")
    assert "<p>It stays:</p><ul><li>one &lt;b&gt;</li><li>two</li></ul><p>and more.</p>" in markup
    assert "<p>Press Send.</p>" in markup


def test_only_what_is_long_breaks_in_the_middle() -> None:
    """An id or an address, in a narrow table; a word of a language never."""
    rows = [("CUSTOMER", "ana@example.com and others", "mem_profile_1bqjqbewzrvbwjf92", 7)]
    markup = text.table("One", ("Type", "Address", "Profile", "Count"), rows)
    assert "<td>CUSTOMER</td><td>ana@example.com and others</td>" in markup
    assert '<td class="bw-long">mem_profile_1bqjqbewzrvbwjf92</td><td>7</td>' in markup
