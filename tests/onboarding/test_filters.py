"""Which conversations pass the filters."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from bridge_helpers.data import columns, frames
from bridge_helpers.errors import InvalidInput
from bridge_helpers.onboarding.explore import filter_rows, searched_texts


def frame() -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"conversation_id": "a", "status": "ACTIVE", "channels": "CHAT, SMS", "name": "Ana"},
        {"conversation_id": "b", "status": "CLOSED", "channels": "SMS", "addresses": "+15550001"},
        {"conversation_id": "c", "channels": None, "created_at": "2026-03-01T23:59:59Z"},
    ]
    return frames.frame(rows, columns.CONVERSATIONS)


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({}, "abc"),
        ({"status": "ACTIVE"}, "a"),
        ({"channel": "SMS"}, "ab"),
        ({"channel": "CHAT"}, "a"),
        ({"words": "ANA"}, "a"),
        ({"words": "+1555"}, "b"),
        ({"words": "ana 555"}, ""),
        ({"words": "aana"}, ""),
        ({"words": "555 b"}, "b"),
        ({"since": date(2026, 3, 1)}, "c"),
        ({"until": date(2026, 3, 1)}, "c"),
        ({"until": date(2026, 2, 28)}, ""),
    ],
)
def test_which_rows_pass(filters: dict[str, Any], kept: str) -> None:
    """Each filter on rows with missing values: a row without the value does not pass it."""
    found = filter_rows(frame(), **filters)
    again = filter_rows(frame(), **filters, texts=searched_texts(frame()))
    pd.testing.assert_frame_equal(found, again)
    assert list(found["conversation_id"]) == list(kept)
    assert list(found.columns) == list(columns.CONVERSATIONS)
    assert list(found.index) == list(range(len(kept)))


def test_the_last_day_is_not_before_the_first() -> None:
    """A range that ends before it begins is refused."""
    with pytest.raises(InvalidInput):
        filter_rows(frame(), since=date(2026, 3, 2), until=date(2026, 3, 1))
