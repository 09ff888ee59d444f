"""
One strict run of the `onboard` notebook, headless, and its three artefacts.

`DIR/onboard.ipynb` is the executed notebook, `DIR/result.json` what it came to,
`DIR/report.html` a page to mail. Parameters that the notebook does not have are
an error here (papermill only warns), and no path of this machine is left in the
notebook's metadata.
"""

from __future__ import annotations

import math
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec

from ..errors import BridgeError, InvalidInput
from ..files import checked_path, write_private
from ..onboarding.plan import check_sync_timeout
from ..onboarding.verify import LANES, TIMEOUT
from ..settings import home
from . import report
from .notebooks import ONBOARD, is_workbook, notebook_path

CELL_SECONDS: Final = 900
"""Seconds that a cell may run beside the waits that were asked for: the deadlines of locks,
operations and retries end well before, so something hangs."""


@dataclass(frozen=True, slots=True)
class Ran:
    """
    Where a run's artefacts are and what it came to.

    Attributes:
        result: What `result.json` holds.
    """

    folder: Path
    result: dict[str, Any]

    @property
    def status(self) -> str:
        """The status in `result.json`."""
        return str(self.result["status"])

    @property
    def ok(self) -> bool:
        """Whether it was done as asked: planned or verified."""
        return self.status in ("planned", "verified")


def default_folder() -> Path:
    """A new folder under `BRIDGE_HOME` for a run that names none."""
    return home() / "runs" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"


def cell_limit(parameters: dict[str, Any]) -> int:
    """
    Seconds after which a cell is ended: longer than anything it was asked to wait for.

    The longest is the proof, which waits `sync_timeout` for a message in each direction.
    """
    timeout = check_sync_timeout(parameters.get("sync_timeout", TIMEOUT))
    return CELL_SECONDS + math.ceil(len(LANES) * timeout)


def run(parameters: dict[str, Any], folder: Path, *, progress: TextIO | None = sys.stderr) -> Ran:
    """
    Execute the notebook and write the artefacts.

    Args:
        parameters: The notebook's parameters; `result_path` is ours.
        folder: Made when it is not there; artefacts of an earlier run are replaced.
        progress: Where the run's lines are written as they come; None: nowhere.

    Raises:
        InvalidInput: A parameter that the notebook does not have, or a folder that cannot
            hold the artefacts: the workbook's own notebook is in it, or it is not a folder.
        BridgeError: The notebook ended without a result.
    """
    notebook = notebook_path()
    _refuse_unknown(parameters, notebook)
    limit = cell_limit(parameters)
    try:
        folder = checked_path("output", folder).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        executed, result_path = folder / ONBOARD, folder / "result.json"
        if is_workbook(folder) or (executed.exists() and executed.samefile(notebook)):
            raise InvalidInput(
                "output",
                str(folder),
                f"the workbook's own {ONBOARD} is there and would be replaced",
                "Name another folder, or none for a new one under BRIDGE_HOME.",
            )
        for earlier in (executed, result_path, folder / "report.html"):
            earlier.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        raise InvalidInput(
            "output", str(folder), f"it has to be a folder for the artefacts ({error})"
        ) from None
    trouble = _execute(
        notebook, executed, {**parameters, "result_path": str(result_path)}, limit, progress
    )
    book = _cleaned(executed)
    if not result_path.is_file():
        raise BridgeError(
            "The notebook ended without a result.",
            trouble,
            f"Open {executed} and look at the last cell that ran. Run it again to resume: it"
            " looks first at what an earlier run began.",
        )
    result = msgspec.json.decode(result_path.read_bytes(), type=dict[str, Any])
    page = report.render(book, result)
    write_private(folder / "report.html", page.encode())
    return Ran(folder, result)


def _execute(
    notebook: Path,
    executed: Path,
    parameters: dict[str, Any],
    limit: int,
    progress: TextIO | None,
) -> str:
    """Run papermill; returns what a cell raised or what went wrong with the kernel, or nothing."""
    with _deprecations_of_others_ignored():
        import papermill

        from .kernels import Quiet

        # Made private here, because papermill writes it after every cell.
        write_private(executed, b"")
        try:
            papermill.execute_notebook(
                str(notebook),
                str(executed),
                parameters=parameters,
                progress_bar=False,
                log_output=False,
                stdout_file=progress,
                execution_timeout=limit,
                kernel_manager_class=Quiet,
                # Whatever has to last is on disk by then, and asking politely takes a second.
                shutdown_kernel="immediate",
            )
        except papermill.PapermillExecutionError as error:
            return f"{error.ename}: {error.evalue}"
        except (RuntimeError, OSError) as error:
            # A kernel that does not start, that dies, or that hangs.
            return f"Its kernel failed: {error}."
    return ""


@contextmanager
def _deprecations_of_others_ignored() -> Iterator[None]:
    """Papermill's imports and jupyter's path migration warn, and we can do nothing about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _refuse_unknown(parameters: dict[str, Any], notebook: Path) -> None:
    known = parameters_of(notebook)
    for name, value in parameters.items():
        if name not in known:
            raise InvalidInput(
                name, value, f"the notebook's parameters are {', '.join(sorted(known))}"
            )


def parameters_of(notebook: Path) -> set[str]:
    """The names that a notebook's `parameters` cell declares."""
    with _deprecations_of_others_ignored():
        import papermill

        return set(papermill.inspect_notebook(str(notebook)))


def _cleaned(executed: Path) -> Any:
    """Take this machine's paths and the widgets' state out of the file; returns its contents."""
    import nbformat

    book = nbformat.read(executed, as_version=4)
    told = book.metadata.get("papermill", {})
    for name in ("input_path", "output_path"):
        if name in told:
            told[name] = ONBOARD
    told.get("parameters", {}).pop("result_path", None)
    book.metadata.pop("widgets", None)
    for cell in book.cells:
        if "injected-parameters" in cell.get("metadata", {}).get("tags", []):
            kept = [line for line in cell.source.splitlines() if not line.startswith("result_path")]
            cell.source = "\n".join(kept)
    write_private(executed, nbformat.writes(book).encode())
    return book
