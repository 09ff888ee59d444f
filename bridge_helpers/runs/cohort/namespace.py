"""
A notebook's cells without a kernel: executed in this process, as papermill's engine `namespace`.

A kernel costs a process, its imports and a second for every run. Where a process is made for
one run anyway, IPython itself executes the cells, and what they show is kept as a kernel's
client would keep it: the executed notebook is the same.

The process has to be one that ends with the run: what the cells leave behind ends with it.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from ..imports import imports_of_jupyter

with imports_of_jupyter():
    import nbformat.v4
    import papermill.engines

ENGINE: Final = "namespace"


class Namespace(papermill.engines.Engine):  # type: ignore[misc]
    """Papermill's bookkeeping around cells that are executed here."""

    on_cell: Callable[[int], None] = staticmethod(lambda number: None)
    """Called with a cell's number before it runs, so that one that hangs can be noticed."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, stdout_file: Any = None, **kwargs: Any
    ) -> None:
        """Run the cells in order, up to the first that fails."""
        shell = CellShell.instance(config=_CONFIG)
        for number, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, number)
            cls.on_cell(number)
            failed = cell.cell_type == "code" and not shell.execute(cell, stdout_file)
            if failed:
                nb_man.cell_exception(cell, cell_index=number)
            nb_man.cell_complete(cell, cell_index=number)
            if failed:
                return


papermill.engines.papermill_engines.register(ENGINE, Namespace)


class _Stream(io.TextIOBase):
    """What a cell prints: into its outputs, and to whoever follows the run."""

    def __init__(self, name: str, outputs: list[Any], follower: Any) -> None:
        self._name, self._outputs, self._follower = name, outputs, follower

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        last = self._outputs[-1] if self._outputs else None
        if last is not None and last.output_type == "stream" and last.name == self._name:
            last.text += text
        elif text:
            self._outputs.append(nbformat.v4.new_output("stream", name=self._name, text=text))
        if self._follower is not None:
            self._follower.write(text)
            self._follower.flush()
        return len(text)


class CellPublisher(DisplayPublisher):
    """What a cell shows by `display`."""

    shell: Any

    def publish(self, data: Any, metadata: Any = None, *args: Any, **kwargs: Any) -> None:
        """What `display` shows."""
        self.shell.outputs.append(
            nbformat.v4.new_output("display_data", _plain(data), metadata=metadata or {})
        )

    def clear_output(self, wait: bool = False) -> None:
        """What `clear_output` takes away."""
        self.shell.outputs.clear()


class CellHook(DisplayHook):
    """The value of a cell's last expression."""

    shell: Any

    def write_output_prompt(self) -> None:
        """Nothing: the number is kept with the output."""

    def write_format_data(self, format_dict: Mapping[str, Any], md_dict: Any = None) -> None:
        """Keep the value in every form that it has."""
        self.shell.outputs.append(
            nbformat.v4.new_output(
                "execute_result",
                _plain(format_dict),
                metadata=md_dict or {},
                execution_count=self.shell.number,
            )
        )

    def finish_displayhook(self) -> None:
        """Nothing was printed, so that nothing is flushed."""
        self._is_active = False


class CellShell(InteractiveShell):
    """IPython without a terminal, a history file and colours of its own."""

    displayhook_class = Type(CellHook)
    display_pub_class = Type(CellPublisher)
    outputs: list[Any]
    number: int

    def execute(self, cell: Any, follower: Any) -> bool:
        """Run a cell and fill in its outputs and number; whether it came to its end."""
        cell.outputs = self.outputs = []
        cell.execution_count = self.number = self.execution_count
        if not cell.source.strip():
            return True
        shell: Any = self
        with _printing_to(self.outputs, follower):
            return bool(shell.run_cell(cell.source, store_history=True).success)

    def _showtraceback(self, etype: type, evalue: Any, stb: list[str]) -> None:
        self.outputs.append(
            nbformat.v4.new_output(
                "error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb)
            )
        )


_CONFIG: Final = Config(
    InteractiveShell={"history_length": 0, "cache_size": 0},
    HistoryManager={"enabled": False},
)


@contextmanager
def _printing_to(outputs: list[Any], follower: Any) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout = _Stream("stdout", outputs, follower)
    sys.stderr = _Stream("stderr", outputs, None)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """A bundle as JSON holds it: bytes, such as a picture's, in base 64."""
    return {
        kind: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for kind, value in data.items()
    }
