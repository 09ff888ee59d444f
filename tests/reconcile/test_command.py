"""The command `reconcile`: its artefacts, its words and its exit status."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import EVERYTHING, Planted

Plant = Callable[..., Planted]


def command(planted: Planted, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run it as an engineer would."""
    environment = {
        **os.environ,
        **planted.sandbox.environment(planted.account),
        "BRIDGE_HOME": str(folder / "home"),
    }
    given = ["--target", "twilio", "--service-sid", planted.service_sid, *options]
    return subprocess.run(
        [sys.executable, "-m", "bridge_helpers", "reconcile", *given],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_a_run_leaves_in_its_folder(plant: Plant, tmp_path: Path) -> None:
    """`reconcile.json` and a row for each gap, with what was planted; status 0 without --strict."""
    planted = plant(**EVERYTHING)
    done = command(planted, tmp_path, "--output", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "out/reconcile.json").read_text())
    for state, sids in planted.expected("full").items():
        assert sorted(told[state]) == sids
    assert (told["schema"], told["depth"], told["complete"]) == (1, "full", True)
    assert told["service_sid"] == planted.service_sid
    assert told["since_last"] is None
    expected = told["classic"] - len(told["before_bridge"])
    assert 0 <= 100 * told["matched"] / expected - told["percent"] < 0.1
    rows = list(csv.DictReader((tmp_path / "out/reconcile.csv").read_text().splitlines()))
    assert list(rows[0]) == [
        "conversation_sid",
        "conversation_id",
        "state",
        "detail",
        "classic_messages",
        "communications",
        "lag_seconds",
    ]
    assert len(rows) == sum(map(len, planted.expected("full").values()))
    assert "in sync" in done.stderr
    assert planted.expected("full")["missing"][0] in done.stdout
    again = command(planted, tmp_path, "--output", str(tmp_path / "out"), "--strict")
    assert again.returncode == 1
    told = json.loads((tmp_path / "out/reconcile.json").read_text())
    assert told["since_last"]["healed"] == told["since_last"]["broken"] == []


def test_strict_without_gaps(plant: Plant, tmp_path: Path) -> None:
    """Status 0, at each depth."""
    planted = plant(5)
    for depth in ("presence", "last"):
        done = command(planted, tmp_path, "--strict", "--depth", depth)
        assert done.returncode == 0, done.stderr


def test_a_watch(plant: Plant, tmp_path: Path) -> None:
    """A line a round; status 1 under --strict, because the gap stays."""
    planted, folder = plant(5, missing=1), tmp_path / "out"
    times = ("--every", "0.3", "--for", "0.5", "--output", str(folder))
    done = command(planted, tmp_path, "--strict", *times)
    assert done.returncode == 1, done.stderr
    rounds = [json.loads(line) for line in (folder / "watch.jsonl").read_text().splitlines()]
    assert [one["round"] for one in rounds] == [1, 2]
    assert rounds[0]["new"] == rounds[1]["stuck"] == planted.kinds["missing"]
    assert rounds[0]["latency_median"] == pytest.approx(0.8, abs=0.01)
    assert json.loads((folder / "reconcile.json").read_text())["missing"] == rounds[0]["new"]
    assert command(planted, tmp_path, *times).returncode == 0


def test_why(plant: Plant, tmp_path: Path) -> None:
    """`--explain` says state, reason and facts."""
    planted = plant(5, lagging=1)
    done = command(planted, tmp_path, "--explain", planted.kinds["lagging"][0])
    assert done.returncode == 0, done.stderr
    assert "lagging" in done.stderr
    assert "has not arrived" in done.stderr
    assert "who it would be" in done.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("--every", "5"),
        ("--for", "5"),
        ("--depth", "deep"),
        ("--grace", "-1"),
        ("--explain", "CH1"),
        ("--every", "0", "--for", "1"),
        ("--explain", "CH" + "0" * 32, "--output", "somewhere"),
        ("--explain", "CH" + "0" * 32, "--strict"),
        ("--explain", "CH" + "0" * 32, "--every", "1", "--for", "2"),
        ("--output", "/dev/null"),
        ("--output", "/proc/nowhere"),
    ],
)
def test_what_is_refused(wrong: tuple[str, ...], tmp_path: Path) -> None:
    """Status 2, a line, and no traceback; nothing is connected to."""
    given = ["--service-sid", "IS" + "0" * 32, "--target", "twilio", *wrong]
    done = subprocess.run(
        [sys.executable, "-m", "bridge_helpers", "reconcile", *given],
        env={**os.environ, "BRIDGE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "credentials" not in done.stderr


def test_a_service_that_is_not_bridged(plant: Plant, tmp_path: Path) -> None:
    """Status 1, and what to do."""
    planted = plant(1)
    made = planted.sandbox.control("seed", account_sid=planted.account.account_sid, services=1)
    given = ["--target", "twilio", "--service-sid", made["services"]["first"]]
    environment = {**os.environ, **planted.sandbox.environment(planted.account)}
    done = subprocess.run(
        [sys.executable, "-m", "bridge_helpers", "reconcile", *given],
        env={**environment, "BRIDGE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "not bridged" in done.stderr
