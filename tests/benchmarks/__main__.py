"""
The measurements: who takes how long, and whether the bars are cleared.

    python -m tests.benchmarks                     all of them, five rounds; docs/performance.md
    python -m tests.benchmarks --only frame        those with this word in the title
    python -m tests.benchmarks --rounds 1          a quick look; the page is left alone

Ends with 1 when a bar is missed, and when a contender lost a row or changed a type.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from . import cohorts, listing, reconciling, starting, waiting
from .registry import ROOT, ROUNDS, Figures, Measurement, Spoiled

MODULES: Final = (listing, starting, reconciling, cohorts, waiting)
PAGE: Final = ROOT / "docs" / "performance.md"
PACKAGES: Final = ("httpx", "msgspec", "pandas", "pyarrow", "twilio")


def main() -> int:
    """Measure, print and say whether all bars are cleared."""
    parser = argparse.ArgumentParser(description="Measure, and compare with the bars.")
    parser.add_argument("--only", default="", help="a word of the titles to measure")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--output", type=Path, help=f"where the page goes; default: {PAGE}")
    given = parser.parse_args()
    chosen = [
        one
        for module in MODULES
        for one in module.MEASUREMENTS
        if given.only.lower() in one.title.lower()
    ]
    sections: list[str] = []
    good = True
    for measurement in chosen:
        say(f"\n{measurement.title}")
        try:
            medians = measurement.run(given.rounds, lambda line: say(f"  {line}"))
        except Spoiled as spoiled:
            say(f"  SPOILED: {spoiled}")
            sections.append(f"## {measurement.title}\n\nSpoiled: {spoiled}\n")
            good = False
            continue
        good = good and all(bar.holds(medians) for bar in measurement.bars)
        sections.append(section(measurement, medians))
        say("\n" + sections[-1])
    whole = not given.only and given.rounds >= ROUNDS
    if given.output or whole:
        page = given.output or PAGE
        page.write_text(document(sections, given.rounds))
        say(f"written to {page}")
    say("All bars are cleared." if good else "A bar is missed.")
    return 0 if good else 1


def section(measurement: Measurement, medians: dict[str, Figures]) -> str:
    """A measurement as Markdown: its table and its bars."""
    first = next(iter(medians))
    base = medians.get("bridge_helpers", medians[first]).seconds
    rows = [
        (
            name,
            f"{one.seconds:.2f} s",
            f"{one.seconds / base:.2f} ×",
            f"{one.processor:.2f} s",
            f"{one.bytes / 1e6:.0f} MB",
        )
        for name, one in medians.items()
    ]
    header = ("", "time", "ratio", "processor", "peak memory")
    bars = [
        (
            bar.text,
            f"{bar.value(medians):.2f}{bar.unit}",
            f"{'at least' if bar.least else 'at most'} {bar.limit:g}{bar.unit}",
            "✓ cleared" if bar.holds(medians) else "× missed",
        )
        for bar in measurement.bars
    ]
    told = f"## {measurement.title}\n\n{measurement.how}\n\n{table(header, rows)}"
    return told + (f"\n{table(('bar', 'measured', 'asked for', ''), bars)}" if bars else "")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that is also readable as it stands."""
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |\n"
        for line in lines
    )


def document(sections: Sequence[str], rounds: int) -> str:
    """`docs/performance.md`."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"""# Performance

Measured by `make bench`, which wrote this page on {datetime.now(UTC):%Y-%m-%d}:
{os.cpu_count()} processors ({platform.machine()}), {platform.system()}, Python
{platform.python_version()}, {packages}.

In each section the contenders take turns for {rounds} rounds, each run in a process of its own;
the tables show medians. They read from a server on the loopback interface that sends pages of
1,000 conversations (about 1.5 kB each) which it encoded before, so that what is measured is the
clients'. Peak memory is the most that the process had at once. After each run what was read is
looked at: a row that is lost, a value or a type that changed spoils the measurement. Ratios of one
run can be compared with those of another machine; seconds cannot.

{chr(10).join(sections)}"""


def say(line: str) -> None:
    """To people, as it comes."""
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
