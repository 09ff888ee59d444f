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
)
