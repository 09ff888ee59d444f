"""A run's kernel: where it talks, what is left of it, and what is said when it fails."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from bridge_helpers.errors import BridgeError
from bridge_helpers.runs import execute as onboard
from bridge_helpers.runs import kernels
from bridge_helpers.runs.kernels import Private, Quiet


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where kernels put their sockets."""
    # Not tmp_path itself: the path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="k") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        yield Path(short)


def test_it_talks_over_files_that_are_the_users(folders: Path) -> None:
    """No port is taken, others may not even look, and nothing is left behind."""
    kernel = Private(kernel_name="python3")
    kernel.start_kernel()
    client = kernel.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        [folder] = folders.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        sockets = [path for path in folder.iterdir() if path.is_socket()]
        assert len(sockets) == 5
        [other] = [path for path in folder.iterdir() if not path.is_socket()]
        assert other.stat().st_mode & 0o077 == 0
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
    assert list(folders.iterdir()) == []


def test_without_such_sockets_it_talks_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere ports are used, with keys."""
    monkeypatch.setattr(os, "name", "nt")
    kernel = Private(kernel_name="python3")
    assert (kernel.transport, kernel.transport_encryption) == ("tcp", "auto")


def test_with_files_deep_down_it_still_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A socket's path may be about a hundred characters long, a folder's four thousand."""
    deep = tmp_path / ("d" * 80)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    kernel = Private(kernel_name="python3")
    kernel.start_kernel()
    try:
        client = kernel.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        client.stop_channels()
        assert kernel.transport == "tcp"
    finally:
        kernel.shutdown_kernel(now=True)


PARAMETERS: dict[str, Any] = {"target": "sandbox"}


def failing(program: str) -> type[Quiet]:
    class Failing(Quiet):
        async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
            await super()._async_launch_kernel([sys.executable, "-c", program, *kernel_cmd], **kw)

    return Failing


def test_a_kernel_that_does_not_start_is_told(
    monkeypatch: pytest.MonkeyPatch, folders: Path, tmp_path: Path
) -> None:
    """No traceback: what failed, and that running it again is safe."""
    monkeypatch.setattr(kernels, "Quiet", failing("raise SystemExit(3)"))
    with pytest.raises(BridgeError) as failed:
        onboard.run(PARAMETERS, tmp_path / "run", progress=None)
    assert "kernel" in failed.value.why
    assert failed.value.why.endswith("It ended with status 3.")
    assert "Run it again" in failed.value.action
    assert list(folders.iterdir()) == []
    assert nbformat.read(tmp_path / "run" / "onboard.ipynb", as_version=4).cells


def test_a_kernel_that_dies_on_its_way_is_told(
    monkeypatch: pytest.MonkeyPatch, folders: Path, tmp_path: Path
) -> None:
    """As when the system kills it for its memory."""

    class Dying(Quiet):
        async def _async_post_start_kernel(self, **kw: Any) -> None:
            await super()._async_post_start_kernel(**kw)
            assert isinstance(self.provisioner, LocalProvisioner)
            assert self.provisioner.pid is not None
            os.kill(self.provisioner.pid, signal.SIGKILL)

    monkeypatch.setattr(kernels, "Quiet", Dying)
    with pytest.raises(BridgeError) as died:
        onboard.run(PARAMETERS, tmp_path / "run", progress=None)
    assert "kernel" in died.value.why.lower()
    assert "died" in died.value.why.lower()
    assert "ended by signal 9, as the system does where memory is short." in died.value.why
    assert list(folders.iterdir()) == []


def test_a_kernel_that_was_ended_for_its_cell_is_not_called_dead(tmp_path: Path) -> None:
    """The cell took too long; nothing is said of memory."""
    notebook = tmp_path / "hangs.ipynb"
    cell = nbformat.v4.new_code_cell("import re; re.match(r'(a+)+$', 'a' * 60 + 'b')")
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=metadata), notebook)
    done = onboard.execute(notebook, tmp_path / "out.ipynb", {}, limit=1, progress=None)
    assert "timed out" in done.trouble
    assert "signal" not in done.trouble
