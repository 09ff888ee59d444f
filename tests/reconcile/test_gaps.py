"""With known gaps planted, a comparison finds exactly these, however poor the lists are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge_helpers.api.retries import Limits
from bridge_helpers.errors import Forbidden, InvalidInput, NotBridged
from bridge_helpers.onboarding.reconcile import reconcile

from ..sandbox_process import SandboxProcess
from .conftest import EVERYTHING, Planted, found, session_of

DEPTHS = ("presence", "last", "full")
Plant = Callable[..., Planted]


def check(planted: Planted, depth: str, **options: Any) -> None:
    """Compare, and hold what was found against what was planted."""
    result = planted.reconcile(depth=depth, **options)
    assert result.complete
    assert result.error is None
    assert found(result) == planted.expected(depth)
    before = planted.kinds.get("before-bridge", [])
    assert len(result.before_bridge) == planted.seeded + len(before)
    assert set(before) <= set(result.before_bridge)
    broken = {sid for sids in planted.expected(depth).values() for sid in sids if sid[:2] == "CH"}
    assert result.classic - len(result.before_bridge) == result.matched + len(broken)
    assert planted.sandbox.writes() == []


@pytest.mark.parametrize("depth", DEPTHS)
def test_all_kinds_at_every_depth(plant: Plant, depth: str) -> None:
    """Exactly what the depth can see; what is no gap is none, and nothing is written."""
    check(plant(**EVERYTHING), depth)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("heeded", [True, False], ids=["filter heeded", "filter ignored"])
def test_partial_list_items(plant: Plant, depth: str, heeded: bool) -> None:
    """List items that tell no participants, with a filter by channelId and without one."""
    planted = plant(**EVERYTHING)
    planted.sandbox.control("settings", partial_lists=True, channel_filter=heeded)
    check(planted, depth)


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_filter_that_is_ignored(plant: Plant, depth: str) -> None:
    """What the filter gives is not believed where it gives everything."""
    planted = plant(**EVERYTHING)
    planted.sandbox.control("settings", channel_filter=False)
    check(planted, depth)


def test_refusals_and_failures_on_the_way(plant: Plant) -> None:
    """429s, 5xx and broken connections are waited out."""
    planted = plant(limits=Limits(first_wait=0.02), **EVERYTHING)
    planted.sandbox.fault("status", status=429, code=20429, path="/v", times=20, after=10)
    planted.sandbox.fault("status", status=503, path="/v", times=5, after=40)
    planted.sandbox.fault("drop-before", path="/v", times=5, after=60)
    check(planted, "full")


def test_one_that_may_not_be_read_keeps_none_of_the_others_from_it(plant: Plant) -> None:
    """It is named as not read, with the reason; a key that may read none gives up at once."""
    planted = plant(60, missing=1)
    planted.sandbox.fault("status", status=403, path="/Messages$", times=1, after=10)
    result = planted.reconcile()
    [unread] = result.unread
    assert not result.complete
    assert isinstance(result.error, Forbidden)
    assert unread not in {gap.conversation_sid for gap in result.gaps}
    assert result.refused
    assert f"1 could not be read: {unread}. This key may not read that" in result.verdict
    # To go on with it would leave out what is new since, for as long as the key stays.
    again = planted.reconcile()
    assert (again.complete, again.continued) == (True, None)
    assert again.classic == result.classic + 1
    planted.sandbox.fault("status", status=403, path="/Messages$", times=None)
    planted.sandbox.forget("requests")
    with pytest.raises(Forbidden):
        planted.reconcile(fresh=True)
    refused = [one for one in planted.sandbox.asked() if one.endswith("/Messages")]
    assert 20 <= len(refused) < 60


def test_pages_that_are_too_large(plant: Plant) -> None:
    """Lists are read in smaller pages where large ones fail; nothing comes twice."""
    planted = plant(300, limits=Limits(first_wait=0.02), **EVERYTHING)
    lists = "/Conversations$"
    planted.sandbox.fault("large-page", size=20, path=lists, times=None)
    check(planted, "full")


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("conversations", [30, 400, pytest.param(50_000, marks=pytest.mark.soak)])
def test_small_and_larger_services(plant: Plant, conversations: int, depth: str) -> None:
    """The same at any size; the lists alone are a few requests for hundreds."""
    kinds = dict(EVERYTHING)
    if conversations > 400:
        # Minutes go by until these are compared: what was on its way then is late by that time.
        del kinds["in-flight"]
    planted = plant(conversations, **kinds)
    check(planted, depth)
    if depth == "presence":
        counts = planted.sandbox.read("requests")["counts"]
        assert sum(counts.values()) <= 30 + conversations / 80


def test_ten_conversations(plant: Plant) -> None:
    """Also where half of them are broken."""
    planted = plant(10, missing=1, lagging=1, doubled=1, disordered=1, unexpected=1)
    check(planted, "full")


def test_nothing_is_wrong(plant: Plant) -> None:
    """A healthy service is 100 % in sync, in words too; so is one without conversations."""
    result = plant(20).reconcile()
    assert (result.percent, result.matched, result.gaps) == (100.0, 20, ())
    assert "no gaps" in result.verdict
    assert plant(1, before=0, empty=1).reconcile().percent == 100.0


def test_one_of_many_is_never_rounded_away(plant: Plant) -> None:
    """One gap in 4,000 is not 100 %."""
    result = plant(4000, missing=1).reconcile(depth="presence")
    assert result.percent == 99.9


def test_what_a_gap_says(plant: Plant) -> None:
    """Counts, the lag, and the ids of what is concerned."""
    planted = plant(lagging=1, missing=1)
    result = planted.reconcile()
    [lagging], [missing] = result.of("lagging"), result.of("missing")
    assert (lagging.classic_messages, lagging.communications) == (3, 2)
    assert lagging.conversation_id.startswith("conv_conversation_")
    assert "1 of 3 messages has not arrived: IM" in lagging.detail
    assert lagging.lag_seconds is not None
    assert 60 < lagging.lag_seconds < 3700
    assert (missing.classic_messages, missing.conversation_id) == (3, "")
    assert missing.lag_seconds is not None


def test_how_long_messages_take(plant: Plant) -> None:
    """The latency of real traffic: arrival after writing, as planted."""
    latencies = plant(20).reconcile().latencies
    assert len(latencies) == 60
    assert all(abs(seconds - 0.8) < 0.01 for _, seconds in latencies)


def test_what_is_refused_before_anything_is_sent(plant: Plant) -> None:
    """A depth, a grace or a rate that there is not, and a sid that is none."""
    planted = plant(1)
    for wrong in (
        {"depth": "deep"},
        {"grace": -1},
        {"grace": float("nan")},
        {"per_second": 0},
    ):
        with pytest.raises(InvalidInput):
            planted.reconcile(**wrong)
    with pytest.raises(InvalidInput):
        reconcile(planted.session, "IS1", journal=planted.journal)
    assert planted.sandbox.asked() == []


def test_a_service_without_a_bridge(hours: SandboxProcess, tmp_path: object) -> None:
    """Says so, and what to do."""
    account = hours.account()
    with session_of(hours.url, account) as session, pytest.raises(NotBridged):
        reconcile(session, account.service_sid)
