"""
One strict run of a notebook, headless; and of `onboard` with its three artefacts.

Parameters are checked against the declared ones (see `parameters`), no path of this machine
is left in the executed notebook's metadata, and it is kept also when it fails.

Of `onboard`, `DIR/onboard.ipynb` is the executed notebook, `DIR/result.json` what it came to,
`DIR/report.html` a page to mail.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from ..errors import BridgeError, InvalidInput
from ..files import checked_path, write_private
from ..onboarding.plan import check_sync_timeout
from ..onboarding.verify import LANES, TIMEOUT
from ..settings import Secret, home
from . import report
from .imports import imports_of_jupyter
from .notebooks import ONBOARD, is_workbook, notebook_path
from .parameters import declared, typed
from .request import Request

CELL_SECONDS: Final = 900
"""Seconds that a cell may run beside the waits that were asked for: the deadlines of locks,
operations and retries end well before, so something hangs."""
MARKER: Final = "papermill-error-cell-tag"
"""Of the cells that papermill adds around a cell that failed, which shows its error anyway."""
RESULT_PATH: Final = "result_path"


class Lines(Protocol):
    """Where a run's lines go as they come: a text file, or whatever can be written to."""

    def write(self, text: str, /) -> object:
        """Take a piece of text."""

    def flush(self) -> object:
        """Show what was taken."""


@dataclass(frozen=True, slots=True)
class Executed:
    """
    A notebook that ran.

    Attributes:
        path: The executed notebook.
        book: Its contents, as `nbformat` reads them.
        trouble: Why it did not come to its end, in one line; empty when it did.
    """

    path: Path
    book: Any
    trouble: str


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


def cell_limit(parameters: Mapping[str, Any]) -> int:
    """
    Seconds after which a cell is ended: longer than anything it was asked to wait for.

    The longest is the proof, which waits `sync_timeout` for a message in each direction.
    """
    timeout = check_sync_timeout(parameters.get("sync_timeout", TIMEOUT))
    return CELL_SECONDS + math.ceil(len(LANES) * timeout)


def run_notebook(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, object],
    *,
    secrets: Collection[Secret] = (),
    progress: Lines | None = sys.stderr,
) -> Executed:
    """
    Execute any notebook of ours with its own kernel.

    Args:
        output: The executed notebook; its folder is made, and what is there is replaced.
        parameters: By name; texts are read as the kind that the notebook declares.
        secrets: Those in use, see `sources.secrets`: no parameter may contain one.
        progress: Where the run's lines are written as they come; None: nowhere.

    Raises:
        InvalidInput: A parameter that the notebook does not declare, or of another type, or a
            secret; a notebook that cannot be read, or whose kernel is not here; an output that
            is one of the workbook's own notebooks or cannot be written.
    """
    values = typed(notebook, parameters, secrets)
    limit = cell_limit(values)
    _check_runs(notebook)
    if notebook.name == ONBOARD:
        _check_request(notebook, values)
    output = _checked_output(notebook, output)
    return execute(notebook, output, values, limit=limit, progress=progress)


def _check_request(notebook: Path, values: Mapping[str, object]) -> None:
    """What `onboard` would refuse in its first cell is refused before a kernel is started."""
    asked = {name: one.default for name, one in declared(notebook).items()} | dict(values)
    asked.pop(RESULT_PATH, None)
    Request.checked(**asked)


def run(
    parameters: Mapping[str, object],
    folder: Path,
    *,
    secrets: Collection[Secret] = (),
    show_names: bool = False,
    progress: Lines | None = sys.stderr,
    engine: str | None = None,
) -> Ran:
    """
    Execute the notebook `onboard` and write the artefacts.

    Args:
        parameters: The notebook's parameters; `result_path` is ours.
        folder: Made when it is not there; artefacts of an earlier run are replaced.
        secrets, progress: As `run_notebook` takes them.
        show_names: Whether the report shows end customers' names in full.
        engine: Papermill's name of what executes the cells; None: a kernel of its own.

    Raises:
        InvalidInput: A parameter that the notebook does not have, or a folder that cannot
            hold the artefacts: the workbook's own notebook is in it, or it is not a folder.
        BridgeError: The notebook ended without a result.
    """
    notebook = notebook_path()
    values = typed(notebook, parameters, secrets)
    limit = cell_limit(values)
    executed = _checked_output(notebook, checked_path("output", folder) / ONBOARD)
    folder = executed.parent
    result_path = folder / "result.json"
    try:
        for earlier in (executed, result_path, folder / "report.html"):
            earlier.unlink(missing_ok=True)
    except OSError as error:
        raise _no_folder(folder, error) from None
    values[RESULT_PATH] = str(result_path)
    done = execute(notebook, executed, values, limit=limit, progress=progress, engine=engine)
    if not result_path.is_file():
        raise BridgeError(
            "The notebook ended without a result.",
            done.trouble,
            f"Open {executed} and look at the last cell that ran. Run it again to resume: it"
            " looks first at what an earlier run began.",
        )
    result = msgspec.json.decode(result_path.read_bytes(), type=dict[str, Any])
    page = report.render(done.book, result, show_names=show_names)
    write_private(folder / "report.html", page.encode())
    return Ran(folder, result)


def execute(
    notebook: Path,
    executed: Path,
    parameters: dict[str, Any],
    *,
    limit: int,
    progress: Lines | None,
    engine: str | None = None,
) -> Executed:
    """
    Run papermill with checked parameters.

    Args:
        limit: Seconds after which a cell is ended.
    """
    trouble = ""
    with imports_of_jupyter():
        import papermill

        from .kernels import Quiet

        class Kernel(Quiet):
            """This run's alone, and so is how it ended."""

        # Made private here, because papermill writes it after every cell.
        write_private(executed, b"")
        try:
            papermill.execute_notebook(
                str(notebook),
                str(executed),
                parameters=parameters,
                engine_name=engine,
                progress_bar=False,
                log_output=False,
                stdout_file=progress,
                execution_timeout=limit,
                kernel_manager_class=Kernel,
                # Whatever has to last is on disk by then, and asking politely takes a second.
                shutdown_kernel="immediate",
            )
        except papermill.PapermillExecutionError as error:
            told = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
            trouble = f"Cell [{error.exec_count}] failed: {told}"
        except (RuntimeError, OSError) as error:
            # A kernel that does not start, that dies, or that hangs.
            trouble = f"Its kernel failed: {str(error).strip().rstrip('.')}. {Kernel.ended}"
    return Executed(executed, _cleaned(executed, notebook.name), " ".join(trouble.split()))


def _check_runs(notebook: Path) -> None:
    """A notebook has to be one as `nbformat` reads it, and its kernel has to be installed."""
    with imports_of_jupyter():
        import nbformat
        from jupyter_client.kernelspec import KernelSpecManager

        try:
            book = nbformat.read(notebook, as_version=4)
            kernel = str(book.metadata.get("kernelspec", {}).get("name", ""))
        except Exception as error:
            # Whatever its converters of older versions run into.
            raise InvalidInput(
                "notebook", str(notebook), f"it has to be a notebook that can be read ({error})"
            ) from None
        there = sorted(KernelSpecManager().find_kernel_specs())
    if kernel not in there:
        named = f"its kernel, {kernel!r}, is none" if kernel else "it names no kernel, which is one"
        raise InvalidInput("notebook", str(notebook), f"{named} of {', '.join(there) or 'none'}")


def _checked_output(notebook: Path, output: Path) -> Path:
    """The file to write, absolute; its folder is made."""
    output = checked_path("output", output)
    folder = output.parent
    try:
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        output = folder / output.name
        if output.is_dir():
            raise IsADirectoryError(f"{output} is a folder")
        if is_workbook(folder) or (output.exists() and output.samefile(notebook)):
            raise InvalidInput(
                "output",
                str(folder),
                f"the workbook's own {output.name} is there and would be replaced",
                "Name another folder, or none for a new one under BRIDGE_HOME.",
            )
    except (OSError, RuntimeError) as error:
        raise _no_folder(folder, error) from None
    return output


def _no_folder(folder: Path, error: Exception) -> InvalidInput:
    return InvalidInput("output", str(folder), f"it has to be a folder for the artefacts ({error})")


def _cleaned(executed: Path, name: str) -> Any:
    """Take this machine's paths and the widgets' state out of the file; returns its contents."""
    with imports_of_jupyter():
        import nbformat

    book = nbformat.read(executed, as_version=4)
    told = book.metadata.get("papermill", {})
    for path in ("input_path", "output_path"):
        if path in told:
            told[path] = name
    told.get("parameters", {}).pop(RESULT_PATH, None)
    book.metadata.pop("widgets", None)
    book.cells = [cell for cell in book.cells if MARKER not in _tags(cell)]
    for cell in book.cells:
        if "injected-parameters" in _tags(cell):
            kept = [line for line in cell.source.splitlines() if not line.startswith(RESULT_PATH)]
            cell.source = "\n".join(kept)
    write_private(executed, nbformat.writes(book).encode())
    return book


def _tags(cell: Any) -> list[str]:
    return list(cell.get("metadata", {}).get("tags", []))
