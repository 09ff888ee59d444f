"""
A real JupyterLab and a real Chromium, driven with plain Playwright.

The server is the product's own launcher (`bridge_helpers.runs.workbook.run`) in a
process of its own, with its own settings, runtime and data folders, on copies of the
notebooks. See `conftest.py` for the fixtures.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from jupyter_client.blocking.client import BlockingKernelClient
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bridge_helpers.runs.workbook import FIRST_PORT

from ..sandbox_process import Account, Controls
from ..waiting import until

ROOT = Path(__file__).parents[2]
TOKEN = "browser-tests-only"
LAUNCH = """
import sys
from pathlib import Path
from bridge_helpers.runs import workbook
notebooks, token, base, first = sys.argv[1:]
workbook.FIRST_PORT = int(first)
where = {"notebooks": Path(notebooks), "base_url": base}
sys.exit(workbook.run(browser=False, token=token, scriptable=True, **where))
"""
PORTS = 200
"""For each worker of a session: two that look for a free port at once would find the same."""
STAND_IN = """
import json, os
from pathlib import Path
url = json.loads((Path(os.environ["BRIDGE_HOME"]) / "sandbox.json").read_text())["url"]
for service in ("CONVERSATIONS", "MEMORY", "API"):
    os.environ[f"TWILIO_{service}_URL"] = url
"""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
]
# Lab's own noise, by the words that identify it. Ours is never filtered.
NOISE = (
    "favicon",
    "ResizeObserver loop",
    "Failed to load resource: the server responded with a status of 404",
)


# The notebook that is in front; those behind it stay on the page.
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea"


class Lab:
    """The server process: where it is, and the folders that it works in."""

    def __init__(self, folder: Path, notebooks: Path, base_url: str = "/") -> None:
        self.folder = folder
        self.home = folder / "home"
        self.notebooks = folder / "notebooks"
        self._originals = notebooks
        self._copy_notebooks()
        self._log = (folder / "lab.log").open("wb+")
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        first = FIRST_PORT + PORTS * int(worker)
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(self.notebooks), TOKEN, base_url, str(first)],
            stderr=self._log,
            stdout=self._log,
            env=self._environment(),
            cwd=ROOT,
            start_new_session=True,
        )
        self.url = self._address()
        record = json.loads((self.home / "sandbox.json").read_text())
        self.sandbox = Controls(record["url"])
        self.account = Account.of(record)

    def stop(self) -> None:
        """Stop it as Ctrl-C would, and everything that it started."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._log.close()

    def stand_in_for_twilio(self, wanted: bool = True) -> None:
        """Whether kernels that start from now on have the sandbox at Twilio's addresses."""
        script = self.folder / "ipython" / "profile_default" / "startup" / "addresses.py"
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(STAND_IN if wanted else "")

    def kernel(self) -> BlockingKernelClient:
        """A kernel that belongs to no notebook; what it is asked, it does as soon as it can."""
        made = self._server("kernels", "POST")
        client = BlockingKernelClient()
        client.load_connection_file(str(self.folder / "runtime_dir" / f"kernel-{made['id']}.json"))
        client.start_channels()
        return client

    def end_kernels(self) -> None:
        """End every kernel, as closing Lab for the day does."""
        for session in self._server("sessions"):
            self._server(f"sessions/{session['id']}", "DELETE")

    def fresh(self) -> None:
        """As after an installation: no kernel, no output, no journal, the sandbox as it starts."""
        self.end_kernels()
        self.stand_in_for_twilio(False)
        self._copy_notebooks()
        for file in self.home.glob("journal.sqlite3*"):
            file.unlink()
        self.sandbox.control("reset")
        self.sandbox.forget("faults")
        self.sandbox.control("settings", lag=0.3, operation_seconds=1.0)

    def bridge(self, name: str = "classic-bridge-config") -> None:
        """Bridge the sandbox's first service behind the workbook's back, by plain HTTP."""
        body = {
            "displayName": name,
            "description": "made by a test",
            "conversationGroupingType": "GROUP_BY_PARTICIPANT_ADDRESSES",
            "memoryStoreId": self.account.memory_store_id,
            "conversationsV1Bridge": {"serviceId": self.account.service_sid},
        }
        with self.sandbox.client(self.account) as http:
            assert http.post("/v2/ControlPlane/Configurations", json=body).is_success
        self.sandbox.advance(5)

    def log(self) -> str:
        return (self.folder / "lab.log").read_text(errors="replace")

    def _copy_notebooks(self) -> None:
        shutil.copytree(
            self._originals,
            self.notebooks,
            ignore=shutil.ignore_patterns(".ipynb_checkpoints"),
            dirs_exist_ok=True,
        )

    def _server(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/{path}", headers={"Authorization": f"token {TOKEN}"}, method=method
        )
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.loads(answer.read() or "null")

    def _environment(self) -> dict[str, str]:
        mine = {k: v for k, v in os.environ.items() if not k.startswith(("TWILIO_", "JUPYTER"))}
        for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
            mine[f"JUPYTER_{name}"] = str(self.folder / name.lower())
        mine["JUPYTERLAB_SETTINGS_DIR"] = str(self.folder / "settings")
        mine["JUPYTERLAB_WORKSPACES_DIR"] = str(self.folder / "workspaces")
        mine["BRIDGE_HOME"] = str(self.home)
        mine["IPYTHONDIR"] = str(self.folder / "ipython")
        return mine

    def _address(self) -> str:
        """The address that it prints when it listens."""

        def said() -> str | None:
            assert self.process.poll() is None, f"JupyterLab did not start:\n{self.log()}"
            found = re.search(r"^The workbook is open at (.+)/lab/", self.log(), re.M)
            return found[1] if found else None

        try:
            return until(said, seconds=60, what="the start of JupyterLab")
        except AssertionError:
            self.stop()
            raise


class Notebook:
    """One notebook, open in a page of its own."""

    def __init__(self, page: Page, lab: Lab, name: str) -> None:
        self.page = page
        self.lab = lab
        self.name = name
        self._opened_just_now = False
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("console", self._console)
        self.open(name)

    def open(self, name: str) -> None:
        """
        Open a notebook, in a tab beside those that are open, and wait for its kernel:
        before that, "run all" opens a dialog.
        """
        self.name = name
        if self.page.url == "about:blank":
            self.page.goto(f"{self.lab.url}/lab/tree/{name}.ipynb?reset&token={TOKEN}")
            self._app("await window.jupyterapp.restored")
            self._app("await window.jupyterapp.commands.execute('application:toggle-left-area')")
        else:
            command = f"execute('docmanager:open', {{path: '{name}.ipynb'}})"
            self._app(f"await window.jupyterapp.commands.{command}")
        self.arrived(name)

    def arrived(self, name: str) -> None:
        """A link has led to another notebook: wait for its kernel."""
        self.name = name
        self._kernel()
        self._opened_just_now = True

    def run_all(self) -> None:
        """
        Start all cells, unless Lab has started them when the notebook was opened.

        Their outputs are waited for by what they show.
        """
        if self._opened_just_now:
            self._opened_just_now = False
            expect(self.page.locator(f"{SHOWN} .bw-card").nth(1)).to_be_attached(timeout=45_000)
            return
        self.ask_to_run()

    def ask_to_run(self) -> None:
        """*Run All Cells*, whatever Lab has done by itself."""
        self._app("window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def save(self) -> str:
        """Save the notebook as a person does, and answer what is in the file then."""
        self._app("await window.jupyterapp.commands.execute('docmanager:save')")
        return (self.lab.notebooks / f"{self.name}.ipynb").read_text()

    def restart_kernel(self) -> None:
        """Restart the kernel through Lab's own dialog."""
        self._app("window.jupyterapp.commands.execute('notebook:restart-kernel')")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self._kernel()
        # Lab runs a notebook when it is opened, and not when its kernel is restarted.
        self._opened_just_now = False

    def theme(self, name: str) -> None:
        """`JupyterLab Light` or `JupyterLab Dark`."""
        change = f"execute('apputils:change-theme', {{theme: '{name}'}})"
        self._app(f"await window.jupyterapp.commands.{change}")
        light = "true" if name.endswith("Light") else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")

    def card(self, title: str) -> Locator:
        """The panel with this title, in an output: source code matches text too."""
        return self.page.locator(f"{SHOWN} .bw-card").filter(
            has=self.page.locator(".bw-title h2").get_by_text(title, exact=True)
        )

    def button(self, title: str, name: str) -> Locator:
        """A button of a panel."""
        return self.card(title).get_by_role("button", name=name, exact=True)

    def state(self, title: str, words: str, timeout: float = 45) -> None:
        """Wait until a panel's title says a state."""
        expect(self.card(title).locator(".bw-title .bw-pill")).to_contain_text(
            words, timeout=timeout * 1000
        )

    def accessible(self) -> None:
        """axe finds no serious violation in any panel, in Lab's light and its dark theme."""
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            self.theme(theme)
            found = Axe().run(self.page, context=".jp-OutputArea .bw-card")
            bad = [
                (one["id"], [node["html"] for node in one["nodes"]])
                for one in found.response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            assert bad == [], theme

    def _console(self, message: Any) -> None:
        if message.type == "error" and not any(noise in message.text for noise in NOISE):
            self.errors.append(f"console error: {message.text}")

    def _kernel(self) -> None:
        self._app(
            """
            let context = null;
            while (context?.path !== '"""
            + f"{self.name}.ipynb"
            + """') {
              context = window.jupyterapp.shell.currentWidget?.sessionContext;
              await new Promise((resolve) => setTimeout(resolve, 50));
            }
            await context.ready;
            while (context.session?.kernel?.status !== 'idle') {
              await new Promise((resolve) => setTimeout(resolve, 50));
            }
            """
        )

    def _app(self, script: str) -> None:
        self.page.wait_for_function("() => window.jupyterapp", timeout=30_000)
        self.page.evaluate(f"async () => {{ {script} }}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def found() -> bool:
    """Whether there is a Chromium to drive."""
    return bool(shutil.which("chromium") or shutil.which("chromium-browser"))
