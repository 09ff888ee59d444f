"""Measurements of many small requests, and of waiting for operations."""

from __future__ import annotations

import sys
from typing import Final

from .registry import Bar, Contender, Measurement, Place, Server, contender

REQUESTS: Final = 4000
LATENCY: Final = 0.05
AT_ONCE: Final = 32
FAN_OUT: Final = "fan_out"
POLLING: Final = "polling"
PANEL: Final = "05 in JupyterLab"


def browser(place: Place) -> list[str]:
    """A real JupyterLab and a real Chromium."""
    return [sys.executable, "-m", "tests.benchmarks.explore_panel"]


MEASUREMENTS: Final = (
    Measurement(
        f"{REQUESTS:,} small requests",
        f"In process: through `fan_out`, {AT_ONCE} at once, each answered after 50 ms.",
        (contender(FAN_OUT, "fan_out_ours"),),
        (
            Bar(
                "of requests × latency ÷ concurrency",
                lambda medians: medians[FAN_OUT].seconds / (REQUESTS * LATENCY / AT_ONCE),
                1.25,
            ),
        ),
        Server(conversations=1000, latency=LATENCY),
    ),
    Measurement(
        "Waiting for operations",
        "Computed, with a clock that is not waited for: operations that take 0.5 to 60 s, with "
        "and without `Retry-After`. Late is how long after its end one is noticed, as a share of "
        "what is allowed: the server's hint, or a tenth of the duration and a second at least. "
        "Requests are counted with the 5 s that Twilio's description gives as an example.",
        (contender(POLLING, "polling", rounds=1),),
        (
            Bar("of the allowed lateness", lambda medians: medians[POLLING].told["late"], 1.0),
            Bar(
                "of the requests of a fixed 2 s loop, from 6 s on",
                lambda medians: medians[POLLING].told["looks"],
                0.999,
            ),
        ),
        server=None,
    ),
    Measurement(
        "05 with 100,000 conversations",
        "From Run All to a table that can be used, in a real JupyterLab and Chromium, with a "
        "sandbox behind it; then typing in Search, and the kernel's peak memory.",
        (Contender(PANEL, browser, rounds=3),),
        (
            Bar("from Run All", lambda medians: medians[PANEL].seconds, 5, unit=" s"),
            Bar(
                "from the last keystroke to the table, at worst",
                lambda medians: medians[PANEL].told["keystroke"],
                0.3,
                unit=" s",
            ),
            Bar("of the kernel", lambda medians: medians[PANEL].bytes / 1e6, 350, unit=" MB"),
        ),
        server=None,
    ),
)
