"""
Writes that are killed with SIGKILL at random instants, and run again to the end.

The service is the hardest one: it would bridge a service twice if it were asked twice with
different keys, and shows a configuration only once its operation is over.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from .changes import CAPTURED, NUMBER, VOICE
from .children import Children, plan
from .server import Server
from .world import Call, World, patched

SEED = int(os.environ.get("CRASH_SEED", "4"))
TRIALS = 40
FEWER = 8
SOAK = 500
LANES = 4
ROUNDS = 5
LOOKING = {"channels": 0.4}
"""How much of a write is its look at what there is, in which nothing is begun."""
OPERATION_SECONDS = 0.15


def latency(call: Call, dice: random.Random) -> float:
    """On each side of the work, so that an instant may fall before it, in it and after it."""
    return dice.uniform(0.002, 0.01) if call.method == "GET" else dice.uniform(0.02, 0.06)


BEFORE = {
    **plan().body(),
    "newerThanUs": {"kept": [1, None, {"deep": 1.50}], "off": False},
    "statusCallbacks": [{"url": "https://example.com/a", "method": "POST"}],
    "channelSettings": {"VOICE": VOICE},
}
PATCHES: dict[str, dict[str, Any]] = {
    "change": {
        "displayName": "Renamed",
        "channelSettings": {"CHAT": {"statusTimeouts": {"closed": 60}}},
    },
    "channels": CAPTURED,
    "disconnect": {"conversationsV1Bridge": None},
}
"""The whole request of each kind."""
OUTCOMES = {
    "create": ("created", "adopted"),
    "change": ("changed", "unchanged"),
    "channels": ("applied", "unchanged"),
    "disconnect": ("changed", "unchanged"),
    "delete": ("deleted", "gone already"),
    # A restore of what was deleted.
    "again": ("changed", "unchanged"),
}
"""What a write ends with that did it, and one that finds it done."""


@dataclass(frozen=True)
class Trial:
    """What one trial came to: what is left, and what was sent."""

    told: dict[str, Any]
    world: World
    writes: list[Call]
    before: dict[str, Any] | None

    @property
    def state(self) -> str:
        """Where the last run found things, by the journal."""
        return self.told["before"]["state"] if self.told["before"] else "nothing"


def arranged(kind: str, world: World) -> tuple[list[Any], dict[str, Any] | None]:
    """What is asked for, and the configuration that is there before."""
    if kind == "create":
        return [kind], None
    if kind == "again":
        return [kind, "", BEFORE], None
    there = world.add_configuration(**BEFORE)
    if kind == "channels":
        world.numbers = [NUMBER]
        return [kind, "", [f"voice:{NUMBER}"]], there
    return [kind, there["id"], *([PATCHES[kind]] if kind in PATCHES else [])], there


def one_trial(
    kind: str, children: Children, number: int, home: Path, whole: dict[str, float]
) -> Trial:
    """
    Kill a write once to three times, run it to the end, and look at what there is.

    Args:
        whole: Seconds that an undisturbed one takes, by the `Retry-After` it is told.
    """
    dice = random.Random(SEED * 100_000 + number)
    world = World(
        OPERATION_SECONDS,
        one_bridge=dice.random() < 0.3,
        busy_key=dice.choice(["wait", "conflict"]),
    )
    world.retry_after = dice.choice(["0", "0", "1"])
    end = whole[world.retry_after]
    begin = LOOKING.get(kind, 0.0) * end
    kills = [dice.uniform(begin, end) for _ in range(dice.choice([1, 1, 2, 3]))]
    return carried_out(kind, children, world, home, kills, dice)


def carried_out(
    kind: str, children: Children, world: World, home: Path, kills: list[float], dice: random.Random
) -> Trial:
    home.mkdir()
    write, before = arranged(kind, world)
    with Server(world, latency=lambda call: latency(call, dice)) as server:
        told = children.trial(server.url, home, kills, write)
        return Trial(told, world, [one for one in server.calls if one.method != "GET"], before)


def undisturbed(kind: str, children: Children, home: Path, retry_after: str) -> float:
    """Seconds that a write takes when nobody kills it, on this machine, now."""
    world = World(OPERATION_SECONDS)
    world.retry_after = retry_after
    trial = carried_out(kind, children, world, home, [], random.Random(1))
    assert trial.told["ended"].get("outcome") == OUTCOMES[kind][0], trial.told
    return float(trial.told["seconds"])


def check(kind: str, trial: Trial) -> None:
    """The properties of one trial."""
    ended, world = trial.told["ended"], trial.world
    assert "error" not in ended, trial.told
    # One request, under one key, did it once.
    assert len({one.headers["idempotency-key"] for one in trial.writes}) == 1, trial.writes
    assert len(world.applied) == 1, trial.told
    done, found = OUTCOMES[kind]
    expected = {"nothing": done, "completed": found}.get(trial.state, "resumed")
    assert ended["outcome"] == expected, trial.told
    if kind in ("create", "again"):
        assert world.bridging() == [ended["configuration_id"]], trial.told
        return
    assert trial.before is not None
    if kind == "delete":
        assert world.configurations == {}, trial.told
        return
    # Exactly the new one: what the change names, and all else as it was, unknown or not.
    new = patched(trial.before, PATCHES[kind])
    assert new != trial.before
    [now] = world.configurations.values()
    shown = {name: value for name, value in now.items() if value is not None or name in new}
    assert shown == new, trial.told
    assert ended["notes"] == [], trial.told
    assert all(one.json() == PATCHES[kind] for one in trial.writes)


def run(kind: str, count: int, folder: Path, within: int = 2) -> Counter[str]:
    """
    So many trials, and further ones until kills fell between the key and the operation's end.

    A write that goes faster than it did when it was measured is over when the kills come.

    Args:
        within: How many trials have to show that.
    """
    found: Counter[str] = Counter()

    def lane(first: int, last: int) -> list[Trial]:
        with Children() as children:
            whole = {
                told: undisturbed(kind, children, folder / f"lane-{first}-{told}", told)
                for told in ("0", "1")
            }
            return [
                one_trial(kind, children, trial, folder / f"trial-{trial}", whole)
                for trial in range(first, last, LANES)
            ]

    with ThreadPoolExecutor(LANES) as pool:
        for first in range(0, ROUNDS * count, count):
            lanes = range(first, first + LANES)
            for trials in pool.map(partial(lane, last=first + count), lanes):
                for trial in trials:
                    check(kind, trial)
                    found[f"found {trial.state}"] += 1
                    found["kills"] += trial.told["killed"]
                    found["trials"] += 1
            if met(found) >= within:
                break
    return found


def met(found: Counter[str]) -> int:
    """Trials whose last run found a write that was under way."""
    return found["found posting"] + found["found accepted"]


def told(found: Counter[str]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(found.items()))


def test_killed_at_random_instants_there_is_one_bridge(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """
    Forty creates killed with SIGKILL, each run again to the end: exactly one configuration
    every time, under one key, and the outcome is what the journal had said before.
    """
    found = run("create", TRIALS, tmp_path, within=4)
    record_property("faults", told(found))
    assert found["trials"] >= TRIALS
    # The window is real: kills fell between the key and the end of the operation.
    assert found["kills"] >= TRIALS // 2
    assert met(found) >= 4


@pytest.mark.parametrize("kind", ["change", "channels", "disconnect", "delete", "again"])
def test_killed_at_random_instants_a_configuration_is_changed_once(
    kind: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """
    The same of a change, of channels beside the bridge, of a disconnection, of a deletion and of a
    restore of what was deleted: done once, by a request that names only what differs;
    what this package does not know of the configuration stays as it is.
    """
    found = run(kind, FEWER, tmp_path)
    record_property("faults", f"{kind}: {told(found)}")
    assert found["trials"] >= FEWER
    assert found["kills"] >= FEWER // 2
    assert met(found) >= 2


@pytest.mark.soak
@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("create", SOAK),
        *((kind, SOAK // 2) for kind in OUTCOMES if kind != "create"),
    ],
)
def test_killed_hundreds_of_times_it_is_done_once(
    kind: str, count: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The same, hundreds of times over, with every stage of a write among them."""
    found = run(kind, count, tmp_path)
    record_property("faults", f"{kind}: {told(found)}")
    assert found["trials"] == count
    assert all(found[f"found {state}"] for state in ("nothing", "posting", "accepted"))
