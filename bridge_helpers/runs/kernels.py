"""How a run's kernel is started."""

from __future__ import annotations

import subprocess
from typing import Any

from jupyter_client.manager import AsyncKernelManager


class Encrypted(AsyncKernelManager):
    """
    A kernel that talks encrypted, and to its notebook only.

    One that talks in the clear warns about it at every start, rightly. What a kernel
    writes to its own stderr is its housekeeping (a call stack when it is stopped in the
    middle of a message); what a notebook's code prints goes into the notebook.
    """

    transport_encryption = "auto"

    async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
        kw.setdefault("stderr", subprocess.DEVNULL)
        await super()._async_launch_kernel(kernel_cmd, **kw)
