"""
JupyterLab at `00_start_here`, with a sandbox beside it.

Lab runs in this process and the sandbox is its child, so they stop together however
this process ends. Both listen on the loopback interface only. Lab's token is never an
argument of a process, where other users could read it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any, Final

from ..errors import BridgeError, InvalidInput
from ..kept import VARIABLE
from ..sandbox_process import running_sandbox
from .imports import imports_of_jupyter
from .keeper import Keeper
from .notebooks import START, is_workbook, panel_code, working_folder

FIRST_PORT: Final = 8888
RETRIES: Final = 20
"""How many other ports are tried when the first free one is taken by the time that Lab binds it."""
LAB: Final = Path(__file__).parent / "lab"
"""
Holds Lab's settings (no news prompt, no kernel dialog, widget state never saved), and the
extension that runs the workbook's own notebooks when they are opened.
"""


def run(
    *,
    port: int | None = None,
    browser: bool = True,
    notebooks: Path | None = None,
    sandbox: bool = True,
    token: str | None = None,
    base_url: str = "/",
    scriptable: bool = False,
    say: Callable[[str], None] | None = None,
) -> int:
    """
    Open the workbook and stay until it is stopped.

    Args:
        port: Lab's port; default: the first free one from 8888 on.
        browser: Whether to open it in the browser; the address is printed in any case.
        notebooks: The folder that holds `00_start_here.ipynb`; default: `working_folder()`.
        sandbox: Whether to start a sandbox beside it when none is running.
        token: What Lab asks for; default: a fresh random one.
        base_url: The path that Lab is served below, as on a hub.
        scriptable: Whether the page offers Lab's commands to scripts, for browser tests.
        say: Where messages to people go; default: standard error.

    Returns:
        0 when it was stopped as intended.

    Raises:
        InvalidInput: `notebooks` has no start notebook, or the port is taken.
        BridgeError: JupyterLab is not installed, or the notebooks cannot be copied.
        SandboxUnavailable: The sandbox did not start.
    """
    tell = say or (lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    _require_lab()
    folder = (notebooks or working_folder()).resolve()
    if not is_workbook(folder):
        raise InvalidInput("notebooks", str(folder), f"the folder has to hold {START}")
    chosen = _free_port(port)
    token = token or secrets.token_urlsafe(24)
    keeper = Keeper()
    server: Any = None
    with _ends_heard() as ends:
        try:
            os.environ["JUPYTER_TOKEN"] = token
            # For the kernels: panels need Lab's root folder to link to other notebooks.
            os.environ["BRIDGE_WORKBOOK"] = str(folder)
            _add_path("JUPYTER_CONFIG_PATH", LAB)
            _trust(folder)
            if sandbox:
                # If it had to be started, it ends with this process.
                tell(f"A sandbox runs at {running_sandbox().url}")
            os.environ.update(keeper.start())
            # A port that nobody named may be taken by another workbook until Lab binds it.
            server = _lab(folder, chosen, 0 if port else RETRIES, browser, base_url, scriptable)
            tell(f"The notebooks are in {folder}")

            def announce() -> None:
                tell(f"The workbook is open at {_address(server.port, base_url, token)}")
                tell("Stop it with Ctrl-C.")

            # Lab listens from the first callback of its loop on: nobody may go there sooner.
            server.io_loop.add_callback(announce)
            _stop_in_order(server, ends)
            server.start()
        except KeyboardInterrupt:
            # Before Lab's loop could hear it, or where that is not possible.
            pass
        finally:
            for one in ends if server is not None else ():
                with suppress(NotImplementedError):
                    server.io_loop.asyncio_loop.remove_signal_handler(one)
            for one in ends:
                # Pressed once more, it would leave something behind.
                signal.signal(one, signal.SIG_IGN)
            if server is not None:
                _end_tasks(server.io_loop.asyncio_loop)
            keeper.stop()
            os.environ.pop(VARIABLE, None)
    tell("The workbook has stopped.")
    return 0


@contextmanager
def _ends_heard() -> Iterator[tuple[signal.Signals, ...]]:
    """
    The signals that end a workbook: Ctrl-C, and what a closed terminal and a service manager send.

    Within this they all come as KeyboardInterrupt; afterwards they are heard as before. What is
    ignored from the start, such as a closed terminal by `nohup`, stays ignored. A thread other
    than the main one hears none of them.
    """
    names = ("SIGINT", "SIGTERM", "SIGHUP") if current_thread() is main_thread() else ()
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {one: signal.getsignal(one) for one in known}
    ends = tuple(one for one in known if before[one] is not signal.SIG_IGN or one == signal.SIGINT)
    for one in ends:
        signal.signal(one, signal.default_int_handler)
    try:
        yield ends
    finally:
        for one in ends:
            signal.signal(one, before[one] or signal.SIG_DFL)


def _stop_in_order(server: Any, ends: Iterable[signal.Signals]) -> None:
    """
    Let them stop Lab in its own order, kernels first; a second one changes nothing.

    As an exception Ctrl-C can get lost in whatever Lab is doing; as a call it cannot. Windows
    cannot have it so.
    """
    stop = cache(server.stop)
    for one in ends:
        with suppress(NotImplementedError):
            server.io_loop.asyncio_loop.add_signal_handler(one, stop)


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """
    Let what Lab was doing come to its end.

    Lab stops its loop in the middle of things. The threads that read files for it end with the
    tasks that asked for them, and this process cannot end before these threads do.
    """
    if loop.is_closed():
        return
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    rest = asyncio.gather(*tasks, asyncio.sleep(0), return_exceptions=True)
    # A task that Ctrl-C met in the middle raises it once more when its end is told.
    for _ in range(len(tasks) + 1):
        with suppress(KeyboardInterrupt):
            loop.run_until_complete(rest)
            return


def _require_lab() -> None:
    if find_spec("jupyterlab") is None:
        raise BridgeError(
            "JupyterLab is not installed.",
            "Only this command needs it.",
            "Install it with: pip install 'bridge-workbook[workbook]'",
        )


def _lab(
    folder: Path, port: int, retries: int, browser: bool, base_url: str, scriptable: bool
) -> Any:
    """Lab's server, which listens when it is started; its token is read from `JUPYTER_TOKEN`."""
    with imports_of_jupyter():
        from jupyterlab.labapp import LabApp

    arguments = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.port_retries={retries}",
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.base_url={base_url}",
        f"--ServerApp.open_browser={browser}",
        "--ServerApp.answer_yes=True",
        "--ServerApp.terminals_enabled=False",
        # In a container everybody is root; the server is on loopback and asks for a token.
        "--ServerApp.allow_root=True",
        f"--LabApp.extra_labextensions_path={LAB / 'labextensions'}",
        f"--LabApp.expose_app_in_browser={scriptable}",
        f"--LabApp.default_url=/lab/tree/{START}?reset",
        # Messages between server and kernel are encrypted where that is possible.
        "--KernelManager.transport_encryption=auto",
        "--Application.log_level=ERROR",
    ]
    try:
        server = LabApp.initialize_server(argv=arguments)
    except SystemExit:
        # It ends the process where the port was taken since it was looked at.
        _free_port(port)
        raise
    # For the extension: it runs what is to the letter ours, and nothing else.
    settings = server.web_app.settings.setdefault("page_config_data", {})
    settings["bridgeWorkbook"] = panel_code()
    return server


def _trust(folder: Path) -> None:
    """
    Sign the notebooks, as `jupyter trust` does, so that Lab does not call them untrusted.

    Only those without outputs, as nothing in them can run by being opened. Those that cannot
    be read are skipped: Lab says so when they are opened.
    """
    with imports_of_jupyter():
        import nbformat
        from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    for path in sorted(folder.glob("*.ipynb")):
        # One that cannot be read must not keep the others from being opened.
        with suppress(Exception):
            book = nbformat.read(path, as_version=4)
            if not any(cell.get("outputs") for cell in book.cells):
                notary.sign(book)
    notary.store.close()


def _address(port: int, base_url: str, token: str) -> str:
    return f"http://127.0.0.1:{port}{base_url.rstrip('/')}/lab/tree/{START}?reset&token={token}"


def _free_port(wanted: int | None) -> int:
    """`wanted` if it is free, or the first free port from 8888 on."""
    for port in [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket() as probe:
            # Without this a port counts as taken for a minute after its last use.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise InvalidInput(
        "port", wanted or FIRST_PORT, "the port has to be free", "Name another with --port."
    )


def _add_path(variable: str, folder: Path) -> None:
    """Put a folder in front of a list of folders in the environment."""
    others = os.environ.get(variable)
    os.environ[variable] = f"{folder}{os.pathsep}{others}" if others else str(folder)
