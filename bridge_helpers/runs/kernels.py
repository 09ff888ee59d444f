"""How a run's kernel is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, ClassVar, Final

from jupyter_client.manager import AsyncKernelManager, KernelManager

LONGEST: Final = 70
"""Characters of a temporary folder's path: a socket's has about a hundred, with name and all."""
KILLED: Final = 9
"""The signal that cannot be caught; Windows has no name for it."""


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

    Attributes:
        ended: How the last kernel of this class ended that was not asked to, in one line; empty:
            none did. Papermill makes the kernel and says of it only that it died.
    """

    ended: ClassVar[str] = ""

    _asked = False

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        kw.setdefault("stderr", subprocess.DEVNULL)
        await super()._async_launch_kernel(kernel_cmd, **kw)

    async def _async_interrupt_kernel(self) -> None:
        self._asked = True
        await super()._async_interrupt_kernel()

    async def _async_kill_kernel(self, restart: bool = False) -> None:
        self._asked = True
        await super()._async_kill_kernel(restart)

    async def _async_is_alive(self) -> bool:
        alive = await super()._async_is_alive()
        if not alive and not self._asked and self.provisioner is not None:
            type(self).ended = _how_it_ended(await self.provisioner.poll() or 0)
        return alive


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"It ended with status {status}."
    short = ", as the system does where memory is short" if -status == KILLED else ""
    return f"It was ended by signal {-status}{short}."
