"""Measurements of what it costs to start: imports, `--help`, and a whole run by command."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .registry import Bar, Contender, Figures, Measurement, Place, Sandbox, Spoiled, ours, times

SDK: Final = "from twilio.rest import Client"
TIMED: Final = """
import json, time
begun, started = time.perf_counter(), time.process_time()
{code}
seconds, processor = time.perf_counter() - begun, time.process_time() - started
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM"))
peak = int(peak.split()[1]) * 1024
print(json.dumps({{"seconds": seconds, "processor": processor, "bytes": peak}}))
"""


def statement(code: str) -> Contender:
    """A statement, timed in a fresh process from within."""
    return Contender(code, lambda place: [sys.executable, "-c", TIMED.format(code=code)])


def whole(code: str) -> Contender:
    """A process that runs a statement."""
    return Contender(f"python -c '{code}'", lambda place: [sys.executable, "-c", code], whole=True)


def fresh_account(place: Place) -> Mapping[str, str]:
    """An account of the sandbox that has not been onboarded yet."""
    # By the standard library: children begin with this process's memory, as it is counted.
    request = urllib.request.Request(
        f"{place.url}/_sandbox/accounts",
        data=b"{}",
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        made = json.load(answer)
    return {
        f"TWILIO_{name.upper()}": made[name] for name in ("account_sid", "api_key", "api_secret")
    }


def verified(place: Place, figures: Figures) -> None:
    """The run did what it is for."""
    result = (place.folder / "run" / "result.json").read_text()
    if '"verified"' not in result:
        raise Spoiled(result)


def papermill(place: Place) -> list[str]:
    """Papermill's own command on a notebook with one cell that does nothing."""
    empty = place.folder / "empty.ipynb"
    if not empty.exists():
        write_notebook(empty)
    return [str(Path(sys.executable).with_name("papermill")), str(empty), str(empty) + ".out"]


def write_notebook(path: Path) -> None:
    """A notebook with one cell that does nothing."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "one",
        "outputs": [],
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": [{**cell, "id": "one", "metadata": {"tags": []}, "source": "pass"}],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook))


HELP: Final = "bridge-workbook --help"
ONBOARD: Final = "onboard --apply"
PAPERMILL: Final = "papermill, an empty notebook"

MEASUREMENTS: Final = (
    Measurement(
        "Importing",
        "In a fresh process, the statement alone.",
        (statement("import bridge_helpers"), statement(SDK)),
        (Bar("of the SDK's import", times(SDK, "import bridge_helpers"), 0.1),),
        server=None,
    ),
    Measurement(
        "The command's help",
        "Whole processes.",
        (ours(HELP, "--help"), whole(SDK)),
        (Bar("of the SDK's import", times(f"python -c '{SDK}'", HELP), 2),),
        server=None,
    ),
    Measurement(
        "A whole run",
        "Whole processes: `bridge-workbook onboard --apply` on a sandbox without delays, a fresh "
        "account each time, and papermill's own command on an empty notebook.",
        (
            ours(
                ONBOARD,
                *("onboard", "--target", "twilio", "--apply", "--output", "{folder}/run"),
                check=verified,
                prepare=fresh_account,
            ),
            Contender(PAPERMILL, papermill, whole=True),
        ),
        (
            Bar("of papermill's time", times(PAPERMILL, ONBOARD), 1.5),
            Bar(
                "of its processor time",
                lambda medians: medians[ONBOARD].processor / medians[PAPERMILL].processor,
                1.5,
            ),
        ),
        server=Sandbox(),
    ),
)
