"""What a comparison leaves in a folder: `reconcile.json`, `reconcile.csv`, `watch.jsonl`."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import astuple, fields
from pathlib import Path
from typing import Final

import msgspec

from ...data.csv_file import safe_for_spreadsheets
from ...errors import BridgeError
from ...files import write_private
from .records import Gap, Reconciled
from .watch import Round

COLUMNS: Final = tuple(field.name for field in fields(Gap))
"""Of `reconcile.csv`, a row for each gap."""


def write_reconciled(result: Reconciled, folder: Path) -> tuple[Path, Path]:
    """
    Write `reconcile.json` and `reconcile.csv`; what an earlier run left there is replaced.

    Raises:
        BridgeError: They cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(result.as_dict()))
    return (
        write_private(folder / "reconcile.json", text),
        write_private(folder / "reconcile.csv", gaps_as_csv(result).encode()),
    )


def gaps_as_csv(result: Reconciled) -> str:
    """The gaps as CSV, safe for spreadsheets."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe_for_spreadsheets(cell) for cell in astuple(gap)] for gap in result.gaps)
    return made.getvalue()


class WatchFile:
    """
    `watch.jsonl`: a line for each round, on disk as soon as the round is over.

    Raises:
        BridgeError: It cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "watch.jsonl"
        write_private(self.path, b"")

    def add(self, one: Round) -> None:
        """Write a round."""
        try:
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(one.as_dict()) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise BridgeError(
                f"{self.path} cannot be written.", f"{error}.", "Check space and permissions."
            ) from None
