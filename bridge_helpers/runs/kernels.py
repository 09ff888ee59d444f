"""How a run's kernel is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from jupyter_client.manager import AsyncKernelManager, KernelManager

LONGEST: Final = 70
"""Characters of a temporary folder's path: a socket's has about a hundred, with name and all."""


class Private(KernelManager):
    """
    A kernel that nobody else can reach, over sockets in a folder of its own.

    The ports of one that talks over TCP are picked first and bound a second later; whatever
    takes one of them in between keeps the kernel from starting. Files have no such gap, and
    only the user may open them. Where the system has no such sockets, or temporary files are
    too deep down for them, it talks over TCP, encrypted: one that talks in the clear warns
    about it at every start, rightly.
    """

    transport_encryption = "auto"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._folder: Path | None = None
        if os.name == "posix" and len(os.fsencode(tempfile.gettempdir())) < LONGEST:
            self._folder = Path(tempfile.mkdtemp(prefix="bridge-"))
            self.transport = "ipc"
            self.connection_file = str(self._folder / "kernel.json")

    def cleanup_connection_file(self) -> None:
        super().cleanup_connection_file()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class Quiet(Private, AsyncKernelManager):
    """
    One whose own stderr is not shown, for papermill.

    What a kernel writes there is its housekeeping (a call stack when it is stopped in the
    middle of a message); what a notebook's code prints goes into the notebook.
    """

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        kw.setdefault("stderr", subprocess.DEVNULL)
        await super()._async_launch_kernel(kernel_cmd, **kw)
