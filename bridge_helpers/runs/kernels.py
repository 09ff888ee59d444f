"""How a run's kernel is started."""

from __future__ import annotations

from jupyter_client.manager import AsyncKernelManager


class Encrypted(AsyncKernelManager):
    """A kernel that talks in the clear warns about it at every start, rightly."""

    transport_encryption = "auto"
