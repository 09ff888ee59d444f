"""
What a measurement is: contenders that take turns, medians, and bars that they have to clear.

A module with measurements has a tuple `MEASUREMENTS`; `__main__` names the modules.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from . import account

ROOT: Final = Path(__file__).parents[2]
ROUNDS: Final = 5


class Spoiled(Exception):
    """A contender failed, lost a row or changed a type: its figure is worth nothing."""


@dataclass(frozen=True)
class Figures:
    """
    What one run took.

    Attributes:
        seconds: Of the work alone where the contender tells it, else of the whole process.
        processor: Seconds of processor time, of the same.
        bytes: The most memory that its process had at once.
        told: What the contender printed, as JSON.
    """

    seconds: float
    processor: float
    bytes: int
    told: Mapping[str, Any] = field(default_factory=dict)


Medians = Mapping[str, Figures]


@dataclass(frozen=True)
class Contender:
    """
    Somebody who does the work.

    Attributes:
        name: As in the table.
        command: Of a process that does the work once.
        whole: Whether the whole process is measured, its start included; else the seconds that
            it prints.
        check: Looks at what a run produced, and raises Spoiled.
        rounds: How often; slow ones need not go as often as the others.
        server: The loopback server that it needs, when it is not that of the measurement.
        prepare: Called before each run, and not measured; adds to the environment.
    """

    name: str
    command: Callable[[Place], Sequence[str]]
    whole: bool = False
    check: Callable[[Place, Figures], None] = lambda place, figures: None
    rounds: int = ROUNDS
    server: Server | None = None
    prepare: Callable[[Place], Mapping[str, str]] = lambda place: {}


@dataclass(frozen=True)
class Bar:
    """
    What has to be true of the medians.

    Attributes:
        text: In words.
        value: Works it out of the medians; compared with `limit`.
        least: Whether it has to be at least the limit; else at most.
        unit: Behind the number.
    """

    text: str
    value: Callable[[Medians], float]
    limit: float
    least: bool = False
    unit: str = "×"

    def holds(self, medians: Medians) -> bool:
        """Whether it is cleared."""
        value = self.value(medians)
        return value >= self.limit if self.least else value <= self.limit


@dataclass(frozen=True)
class Server:
    """What is asked of the loopback server (`server.py`)."""

    conversations: int = account.BLOCK
    latency: float = 0.0
    refuse_every: int = 0

    def command(self) -> list[str]:
        """A process that says its address in its first line."""
        options = {
            "--conversations": self.conversations,
            "--latency": self.latency,
            "--refuse-every": self.refuse_every,
        }
        given = [str(one) for pair in options.items() for one in pair]
        return [sys.executable, "-m", "tests.benchmarks.server", *given]


@dataclass(frozen=True)
class Sandbox:
    """A sandbox without delays, in place of the loopback server."""

    def command(self) -> list[str]:
        """A process that says its address in its first line."""
        options = ("--port", "0", "--lag", "0", "--operation-seconds", "0")
        return [sys.executable, "-m", "bridge_helpers.sandbox", *options]


@dataclass(frozen=True)
class Measurement:
    """
    One piece of work.

    Attributes:
        title: As in the table.
        how: A sentence on how it is measured.
        contenders: Who does it, in turns.
        bars: What has to be true.
        server: The loopback server that it needs, if any.
    """

    title: str
    how: str
    contenders: Sequence[Contender]
    bars: Sequence[Bar]
    server: Server | Sandbox | None = field(default_factory=Server)

    def run(self, rounds: int, say: Callable[[str], None]) -> dict[str, Figures]:
        """
        Medians of each contender.

        Raises:
            Spoiled: One of them did not do the work.
        """
        taken: dict[str, list[Figures]] = {one.name: [] for one in self.contenders}
        with ExitStack() as stack:
            wanted = [one.server or self.server for one in self.contenders]
            places = {one: stack.enter_context(place_for(one)) for one in dict.fromkeys(wanted)}
            for number in range(rounds):
                for one, server in zip(self.contenders, wanted, strict=True):
                    if number < one.rounds:
                        figures = run_once(one, places[server])
                        taken[one.name].append(figures)
                        say(f"{one.name}: {figures.seconds:.2f} s, {figures.bytes / 1e6:.0f} MB")
        return {name: median(runs) for name, runs in taken.items()}


@dataclass(frozen=True)
class Place:
    """
    Where a contender works.

    Attributes:
        url: Of the loopback server; empty where there is none.
        folder: For its files; emptied after the measurement.
        server: What the server was asked for.
    """

    url: str
    folder: Path
    server: Server | Sandbox | None

    @property
    def environment(self) -> dict[str, str]:
        """What it gets: nothing of whoever measures but the search path."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        mine = {"BRIDGE_HOME": str(self.folder / "home"), "PYTHONPATH": str(ROOT)}
        return {**kept, **mine, **(account.environment(self.url) if self.url else {})}


@contextmanager
def place_for(server: Server | Sandbox | None) -> Iterator[Place]:
    """A folder, and the server while it is needed."""
    with tempfile.TemporaryDirectory(prefix="bridge-bench-") as folder:
        if server is None:
            yield Place("", Path(folder), None)
            return
        with subprocess.Popen(
            server.command(),
            cwd=ROOT,
            env={**os.environ, "BRIDGE_HOME": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            said = process.stdout.readline().strip()
            yield Place(json.loads(said)["url"] if said[:1] == "{" else said, Path(folder), server)
            process.terminate()


def run_once(contender: Contender, place: Place) -> Figures:
    """
    One run in a process of its own.

    Raises:
        Spoiled: It failed, or what it did is not right.
    """
    out = place.folder / "stdout"
    err = place.folder / "stderr"
    environment = {**place.environment, **contender.prepare(place)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            list(contender.command(place)),
            env=environment,
            cwd=place.folder,
            stdout=stdout,
            stderr=stderr,
        )
        # Its own peak: what the parent has for all its children is the largest of them.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise Spoiled(f"{contender.name} ended with {process.returncode}: {err.read_text()[-800:]}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures = Figures(seconds, processor, used.ru_maxrss * 1024)
    if not contender.whole:
        told = json.loads(out.read_text())
        figures = Figures(told["seconds"], told["processor"], told["bytes"], told)
    contender.check(place, figures)
    return figures


def median(runs: Sequence[Figures]) -> Figures:
    """The median of each figure."""
    return Figures(
        statistics.median(one.seconds for one in runs),
        statistics.median(one.processor for one in runs),
        int(statistics.median(one.bytes for one in runs)),
        runs[-1].told,
    )


def contender(name: str, work: str, *files: str, **more: Any) -> Contender:
    """A piece of work of `contenders.py`, which tells its own seconds unless `whole` is given."""

    def command(place: Place) -> list[str]:
        paths = [str(place.folder / file) for file in files]
        return [sys.executable, "-m", "tests.benchmarks.contenders", work, place.url, *paths]

    return Contender(name, command, **more)


def ours(name: str, *arguments: str, **more: Any) -> Contender:
    """Our command, the whole process; `{folder}` in an argument is the folder for its files."""

    def command(place: Place) -> list[str]:
        given = [one.format(folder=place.folder) for one in arguments]
        return [sys.executable, "-m", "bridge_helpers", *given]

    return Contender(name, command, whole=True, **more)


def told_by(place: Place, work: str, *given: str) -> dict[str, Any]:
    """
    What a piece of work of `contenders.py` says; in another process, so that ours stays small.

    Children begin with the memory of their parent, as the system counts their peak.
    """
    command = [sys.executable, "-m", "tests.benchmarks.contenders", work, place.url, *given]
    done = subprocess.run(command, env=place.environment, capture_output=True, check=False)
    if done.returncode:
        raise Spoiled(f"{work}: {done.stderr.decode()[-800:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def times(one: str, other: str) -> Callable[[Medians], float]:
    """How many times longer `other` takes than `one`."""
    return lambda medians: medians[other].seconds / medians[one].seconds


def memory(one: str, other: str) -> Callable[[Medians], float]:
    """What share of the memory of `other` `one` takes."""
    return lambda medians: medians[one].bytes / medians[other].bytes
