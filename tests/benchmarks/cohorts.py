"""Measurements of many runs: a cohort beside the command for one customer."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Final

from .registry import Bar, Figures, Measurement, Place, Sandbox, Spoiled, ours
from .starting import fresh_account, verified

CUSTOMERS: Final = 20
ONE: Final = "onboard --apply, one customer"
MANY: Final = f"cohort --apply --workers 2, {CUSTOMERS} customers"


def fresh_customers(place: Place) -> Mapping[str, str]:
    """Accounts that have not been onboarded yet, and the file that names them."""
    found = {}
    with (place.folder / "customers.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("name", "credentials"))
        for number in range(CUSTOMERS):
            account = fresh_account(place)
            found.update({f"C{number}_{name}": value for name, value in account.items()})
            writer.writerow((f"customer {number}", f"C{number}"))
    return found


def all_verified(place: Place, figures: Figures) -> None:
    """Every customer is."""
    with (place.folder / "many" / "summary.csv").open(newline="") as stream:
        statuses = [row["status"] for row in csv.DictReader(stream)]
    if statuses != ["verified"] * CUSTOMERS:
        raise Spoiled(str(statuses))


MEASUREMENTS: Final = (
    Measurement(
        "A cohort",
        "Whole processes on a sandbox without delays, a fresh account for each customer.",
        (
            ours(
                ONE,
                *("onboard", "--target", "twilio", "--apply", "--output", "{folder}/run"),
                check=verified,
                prepare=fresh_account,
            ),
            ours(
                MANY,
                *("cohort", "{folder}/customers.csv", "--target", "twilio", "--apply"),
                *("--workers", "2", "--output", "{folder}/many"),
                check=all_verified,
                prepare=fresh_customers,
                rounds=3,
            ),
        ),
        (
            Bar(
                "the customers of one run after another, in the same time",
                lambda medians: CUSTOMERS * medians[ONE].seconds / medians[MANY].seconds,
                1.7,
                least=True,
            ),
            Bar(
                "of the processor time of a single run, for each customer",
                lambda medians: medians[MANY].processor / CUSTOMERS / medians[ONE].processor,
                0.5,
            ),
        ),
        server=Sandbox(),
    ),
)
