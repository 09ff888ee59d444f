"""The measurements of `make bench` notice what would make a figure worthless."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import islice

import pytest

from ..benchmarks import account
from ..benchmarks.__main__ import MODULES, PAGE, section
from ..benchmarks.registry import (
    Bar,
    Contender,
    Figures,
    Spoiled,
    median,
    memory,
    place_for,
    run_once,
    times,
)

MEDIANS = {"ours": Figures(1.0, 1.0, 100), "theirs": Figures(8.0, 8.0, 400)}


def test_a_lost_row_and_a_changed_value_change_the_digest() -> None:
    """Whatever the order of the rows, every one of them counts with all its values."""
    rows = [account.row(account.conversation(number)) for number in range(50)]
    whole = account.digest(rows)
    assert account.digest(reversed(rows)) == whole == account.expected(50)
    assert account.digest(rows[1:]) != whole
    assert account.digest([*rows[1:], ("CLOSED", *rows[0][1:])]) != whole


def test_the_pages_are_the_conversations() -> None:
    """What the server sends is what the digest is made of, from the first block to the last."""
    page = next(islice(account.pages("000007"), 3, None))
    assert page[5] == account.conversation(7 * account.BLOCK + 3005)


def test_a_contender_that_fails_spoils_the_measurement() -> None:
    """Also when it only did the wrong thing."""
    code = 'print(\'{"seconds": 1, "processor": 1, "bytes": 5, "rows": 3}\')'
    good = Contender("good", lambda place: [sys.executable, "-c", code])

    def lost(place: object, figures: Figures) -> None:
        raise Spoiled(f"{figures.told['rows']} of 4 rows")

    with place_for(None) as place:
        assert run_once(good, place).bytes == 5
        assert run_once(replace(good, whole=True), place).seconds < 30
        with pytest.raises(Spoiled, match="3 of 4"):
            run_once(replace(good, check=lost), place)
        with pytest.raises(Spoiled, match="ended with 3"):
            run_once(
                Contender("bad", lambda place: [sys.executable, "-c", "raise SystemExit(3)"]), place
            )


def test_bars_compare_medians() -> None:
    """At least and at most; the median of each figure for itself."""
    assert Bar("faster", times("ours", "theirs"), 8, least=True).holds(MEDIANS)
    assert not Bar("faster", times("ours", "theirs"), 8.1, least=True).holds(MEDIANS)
    assert Bar("memory", memory("ours", "theirs"), 0.25).holds(MEDIANS)
    assert not Bar("memory", memory("ours", "theirs"), 0.24).holds(MEDIANS)
    runs = [Figures(1, 9, 5), Figures(2, 7, 6), Figures(9, 8, 1)]
    assert median(runs) == Figures(2, 8, 5)


def test_the_page_has_every_measurement() -> None:
    """`docs/performance.md` is what `make bench` wrote last; a new measurement belongs in it."""
    page = PAGE.read_text()
    for module in MODULES:
        for measurement in module.MEASUREMENTS:
            assert f"## {measurement.title}\n\n{measurement.how}\n" in page
            assert all(f"| {bar.text} " in page for bar in measurement.bars)


def test_a_missed_bar_is_said() -> None:
    """In the table, beside what was asked for."""
    measurement = replace(
        MODULES[0].MEASUREMENTS[0],
        bars=[Bar("faster", times("ours", "theirs"), 9, least=True)],
    )
    assert "| faster | 8.00×    | at least 9× | × missed |" in section(measurement, MEDIANS)
