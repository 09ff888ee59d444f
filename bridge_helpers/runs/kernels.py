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
    A kernel that only the user can reach: over sockets that are files in a folder of its own.

    Over TCP a kernel's ports are picked first and bound a second later, and it does not start
    if another process takes one of them in between. Socket files have no such gap. Where the
    system has none, or their path would be too long, the kernel talks over encrypted TCP.
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
        """Remove the folder of the sockets too."""
        super().cleanup_connection_file()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class Quiet(Private, AsyncKernelManager):
    """
    A kernel for papermill, whose own stderr is not shown.

    It holds messages about the kernel itself, such as a call stack when it is stopped in the
    middle of a message. What a notebook's code prints goes into the notebook all the same.
    """

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        kw.setdefault("stderr", subprocess.DEVNULL)
        await super()._async_launch_kernel(kernel_cmd, **kw)
