"""
A create that is killed with SIGKILL at random instants, and run again to the end.

The service is the hardest one: it would bridge a service twice if it were asked twice with
different keys, and shows a configuration only once its operation is over.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from .children import Children
from .server import Server
from .world import Call, World

SEED = int(os.environ.get("CRASH_SEED", "4"))
TRIALS = 40
SOAK = 500
LANES = 4
OPERATION_SECONDS = 0.15


def latency(call: Call, dice: random.Random) -> float:
    """On each side of the work, so that an instant may fall before it, in it and after it."""
    return dice.uniform(0.02, 0.06) if call.method == "POST" else dice.uniform(0.002, 0.01)


def one_trial(
    children: Children, number: int, home: Path, whole: dict[str, float]
) -> dict[str, Any]:
    """
    Kill a create once to three times, run it to the end, and look at what there is.

    Args:
        whole: Seconds that an undisturbed create takes, by the `Retry-After` it is told.
    """
    dice = random.Random(SEED * 100_000 + number)
    world = World(
        OPERATION_SECONDS,
        one_bridge=dice.random() < 0.3,
        busy_key=dice.choice(["wait", "conflict"]),
    )
    world.retry_after = dice.choice(["0", "0", "1"])
    kills = [dice.uniform(0.0, whole[world.retry_after]) for _ in range(dice.choice([1, 1, 2, 3]))]
    home.mkdir()
    with Server(world, latency=lambda call: latency(call, dice)) as server:
        told = children.trial(server.url, home, kills)
        keys = {
            call.headers["idempotency-key"]
            for call in server.calls
            if call.method == "POST" and call.path.endswith("/Configurations")
        }
        return {**told, "bridging": world.bridging(), "keys": len(keys), "kills": kills}


def undisturbed(children: Children, home: Path, retry_after: str) -> float:
    """Seconds that a create takes when nobody kills it, on this machine, now."""
    world = World(OPERATION_SECONDS)
    world.retry_after = retry_after
    home.mkdir()
    with Server(world, latency=lambda call: latency(call, random.Random(1))) as server:
        told = children.trial(server.url, home, [])
        assert told["ended"].get("outcome") == "created", told
        return float(told["seconds"])


def check(trial: dict[str, Any]) -> str:
    """The properties of one trial; gives back where the last run found things."""
    assert len(trial["bridging"]) == 1, trial
    assert "error" not in trial["ended"], trial
    assert trial["ended"]["configuration_id"] == trial["bridging"][0], trial
    assert trial["keys"] == 1, trial
    before = trial["before"]
    state = before["state"] if before else "nothing"
    expected = {"nothing": "created", "completed": "adopted"}.get(state, "resumed")
    assert trial["ended"]["outcome"] == expected, trial
    return state


def run(count: int, folder: Path) -> Counter[str]:
    found: Counter[str] = Counter()

    def lane(number: int) -> list[dict[str, Any]]:
        with Children() as children:
            whole = {
                told: undisturbed(children, folder / f"lane-{number}-{told}", told)
                for told in ("0", "1")
            }
            return [
                one_trial(children, trial, folder / f"trial-{trial}", whole)
                for trial in range(number, count, LANES)
            ]

    with ThreadPoolExecutor(LANES) as pool:
        for trials in pool.map(lane, range(LANES)):
            for trial in trials:
                found[f"found {check(trial)}"] += 1
                found["kills"] += trial["killed"]
                found["trials"] += 1
    return found


def told(found: Counter[str]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(found.items()))


def test_killed_at_random_instants_there_is_one_bridge(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """
    Forty creates killed with SIGKILL, each run again to the end: exactly one configuration every
    time, under one key, and the outcome is what the journal had said before.
    """
    found = run(TRIALS, tmp_path)
    record_property("faults", told(found))
    assert found["trials"] == TRIALS
    # The window is real: kills fell between the key and the end of the operation.
    assert found["kills"] >= TRIALS // 2
    assert found["found posting"] + found["found accepted"] > 3


@pytest.mark.soak
def test_killed_five_hundred_times_there_is_one_bridge(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The same, five hundred times over, with every stage of a create among them."""
    found = run(SOAK, tmp_path)
    record_property("faults", told(found))
    assert found["trials"] == SOAK
    assert all(found[f"found {state}"] for state in ("nothing", "posting", "accepted"))
