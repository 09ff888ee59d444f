"""What is a gap, by what the two sides sent; no request is needed for that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bridge_helpers.api.models import Configuration
from bridge_helpers.errors import BadAnswer
from bridge_helpers.onboarding.reconcile.compare import (
    Window,
    bridged_since,
    instant,
    judge,
)
from bridge_helpers.onboarding.reconcile.records import Heard, Message, Text, Twin

SINCE = 1_700_000_000.0
WINDOW = Window(since=SINCE, now=SINCE + 10_000, grace=30.0)
TWIN = Twin("conv_conversation_1", "ACTIVE")


def at(seconds: float) -> str:
    return datetime.fromtimestamp(SINCE + seconds, UTC).isoformat()


def wrote(index: int, seconds: float, text: str = "ok") -> Message:
    return Message(sid=f"IM{index}", index=index, body=text, date_created=at(seconds))


def came(seconds: float, text: str = "ok") -> Heard:
    """A communication that does not say which message it carries."""
    return Heard(id=f"c{seconds}", content=Text(text=text), created_at=at(seconds))


@pytest.mark.parametrize(
    ("messages", "heard", "absent"),
    [
        ([wrote(0, -900), wrote(1, 100)], [came(101)], ""),
        ([wrote(0, 100), wrote(1, 500)], [came(101)], "IM1"),
        ([wrote(0, 100), wrote(1, 500)], [came(501)], "IM0"),
        ([wrote(0, 100), wrote(1, 500)], [came(101), came(501)], ""),
        ([wrote(0, 100), wrote(1, 500)], [came(502), came(503)], ""),
        ([wrote(5, 500)], [came(101)], "IM5"),
        ([wrote(5, 500)], [came(498)], ""),
    ],
    ids=[
        "one from before the bridge",
        "the second is lost",
        "the first is lost",
        "none is lost",
        "the first was late",
        "what came was another's, deleted since",
        "clocks that differ a little",
    ],
)
def test_texts_that_repeat(messages: list[Message], heard: list[Heard], absent: str) -> None:
    """A communication without a message's sid is no message that was written after it came."""
    judged = judge("CH1", at(50), messages, {TWIN: heard}, WINDOW)
    assert [gap.state for gap in judged.gaps] == ["lagging"] * bool(absent)
    assert all(gap.detail.endswith(f"has not arrived: {absent}.") for gap in judged.gaps)


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-14T22:13:20Z",
        "2023-11-14t22:13:20z",
        "2023-11-14T22:13:20",
        "2023-11-14 22:13:20+0000",
        "2023-11-14T23:13:20.000000123+01:00",
        "Tue, 14 Nov 2023 22:13:20 +0000",
        "Tue, 14 Nov 2023 22:13:20 GMT",
    ],
)
def test_times_in_all_their_forms(text: str) -> None:
    """The same instant, however it is written."""
    assert instant(text) == SINCE


@pytest.mark.parametrize("text", [None, "", "yesterday", "1700000000"])
def test_a_message_whose_time_cannot_be_read(text: str | None) -> None:
    """Nothing is claimed of it: neither that it is missing nor that it is not."""
    untimed = Message(sid="IM1", index=0, body="hello", date_created=text)
    sides: tuple[dict[Twin, list[Heard]], ...] = ({}, {TWIN: []})
    for heard in sides:
        with pytest.raises(BadAnswer, match="message IM1 of CH1"):
            judge("CH1", at(50), [untimed], heard, WINDOW)
    arrived = Heard(id="c", resource_id="IM1", created_at=at(100))
    assert judge("CH1", at(50), [untimed], {TWIN: [arrived]}, WINDOW).state == "matched"


def test_a_bridge_whose_time_cannot_be_read() -> None:
    """It is not taken for one that was always there."""
    assert bridged_since(Configuration(id="c1", created_at=at(0))) == SINCE
    for text in (None, "yesterday"):
        with pytest.raises(BadAnswer, match="configuration c1"):
            bridged_since(Configuration(id="c1", created_at=text))
