"""Measurements of comparing both sides of a bridge."""

from __future__ import annotations

from typing import Final

from .registry import Bar, Figures, Measurement, Place, Server, Spoiled, contender

CONVERSATIONS: Final = 2000
SAMPLE: Final = 100
LATENCY: Final = 0.05
AT_ONCE: Final = 32
OURS: Final = "reconcile"
SDK: Final = "SDK, one after another"
LARGE: Final = "50,000 conversations"
SMALL: Final = "1,000 conversations"


def whole(place: Place, figures: Figures) -> None:
    """Everything has to be in sync: the account has no gap."""
    count = place.server.conversations if isinstance(place.server, Server) else 0
    if figures.told["matched"] != count or figures.told["gaps"]:
        raise Spoiled(f"{figures.told}")


def sampled(place: Place, figures: Figures) -> None:
    """The SDK's script finds the same for those that it reads."""
    if figures.told["matched"] != SAMPLE:
        raise Spoiled(f"{figures.told}")


MEASUREMENTS: Final = (
    Measurement(
        f"Reconcile {CONVERSATIONS:,} conversations",
        f"In process, every message of both sides, each request answered after 50 ms; the SDK "
        f"reads the first {SAMPLE} conversations, and its seconds are multiplied.",
        (
            contender(OURS, "reconcile_ours", rounds=3, check=whole),
            contender(SDK, "reconcile_sdk", rounds=1, check=sampled),
        ),
        (
            Bar(
                "of requests × latency ÷ concurrency",
                lambda medians: (
                    medians[OURS].seconds / (medians[OURS].told["requests"] * LATENCY / AT_ONCE)
                ),
                1.25,
            ),
            Bar(
                "faster than the SDK",
                lambda medians: (
                    medians[SDK].seconds * (CONVERSATIONS / SAMPLE) / medians[OURS].seconds
                ),
                12,
                least=True,
            ),
        ),
        Server(conversations=CONVERSATIONS, latency=LATENCY),
    ),
    Measurement(
        "Memory of a comparison",
        "Every message of both sides, no delay; the most memory that the process had.",
        (
            contender(
                SMALL, "reconcile_ours", rounds=1, check=whole, server=Server(conversations=1000)
            ),
            contender(
                LARGE, "reconcile_ours", rounds=1, check=whole, server=Server(conversations=50_000)
            ),
        ),
        (
            Bar(
                "of the memory for 1,000",
                lambda medians: medians[LARGE].bytes / medians[SMALL].bytes,
                1.3,
            ),
        ),
        Server(conversations=1000),
    ),
)
