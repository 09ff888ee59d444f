"""A cohort on Dask's scheduler, with workers started by hand."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import dask.config
import distributed  # noqa: F401 - a setting that is changed before it is imported takes all away
import psutil
import pytest

from bridge_helpers.errors import BridgeError, InvalidInput
from bridge_helpers.runs.cohort.executors import Dask

from ...waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Town

PLAIN = {"DASK_DISTRIBUTED__COMM__COMPRESSION": "None"}
"""So that what goes over the wire can be read."""


@contextmanager
def command(
    bin_: Path, *arguments: str, env: dict[str, str], log: Path
) -> Iterator[psutil.Process]:
    """A process of Dask's command line; ended, with all that it started, with the block."""
    with log.open("w") as stream:
        process = psutil.Popen(
            [bin_ / "python", "-m", "dask", *arguments],
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=env,
        )
        try:
            yield process
        finally:
            family = [process, *process.children(recursive=True)] if process.is_running() else []
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            process.wait()


@contextmanager
def relay(port: int) -> Iterator[tuple[str, list[bytes]]]:
    """The scheduler's address by way of somebody who keeps what goes over the wire."""
    kept: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    sockets = [listener]

    def pass_on(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                kept.append(data)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                sockets.extend((near, far))
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=pass_on, args=ends, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", kept
    finally:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("count", [4, pytest.param(50, marks=pytest.mark.soak)])
def test_a_cohort_on_two_workers_one_of_which_is_killed(
    settled: Callable[[int], Town], installed: Path, count: int
) -> None:
    """
    Scheduler and workers are started by hand, where the wheel is installed and no checkout is.
    Every customer ends verified, with one configuration, although the workers share no journal.
    Neither an order nor a result on the wire holds a secret, and this process needs none.
    """
    town = settled(count)
    town.sandbox.control("settings", operation_seconds=1.5)
    port = free_port()
    base = {**town.environment, **PLAIN}
    bare = {name: value for name, value in base.items() if "_TWILIO_" not in name}
    with (
        command(
            installed,
            *("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"),
            env=bare,
            log=town.folder / "scheduler.log",
        ),
        worker(installed, town, port, "one", base) as first,
        worker(installed, town, port, "two", base),
        relay(port) as (address, wire),
    ):
        until(lambda: (town.folder / "two.log").read_text().count("Registered to"), seconds=60)
        until(lambda: (town.folder / "one.log").read_text().count("Registered to"), seconds=60)
        town.environment = bare
        process = town.begin("--apply", "--scheduler", address, **PLAIN)
        until(lambda: runs_of(first) and posts(town), seconds=90)
        family = first.children(recursive=True)
        first.kill()
        _, stderr = process.communicate(timeout=100 + 10 * count)
    assert process.returncode == 0, stderr
    assert stderr.count("✓ verified") == count
    assert [row["status"] for row in town.summary().values()] == ["verified"] * count
    assert [len(found) for found in town.configurations().values()] == [1] * count
    assert not [one for one in family if one.is_running()]
    sent = b"".join(wire)
    assert b"service_sid" in sent
    assert b"result.json" in sent
    everything = sent + b"".join(path.read_bytes() for path in town.folder.glob("*.log"))
    for account in town.accounts.values():
        assert account.api_secret.encode() not in everything
        assert account.api_key.encode() not in everything


def test_the_workers_are_told_whenever_they_are_asked_for(settled: Callable[[int], Town]) -> None:
    """
    Not as Dask's client remembers them, which now and then remembers none; and where the
    scheduler does not answer, none rather than for ever.
    """
    town, port, here = settled(0), free_port(), Path(sys.executable).parent
    plain = ("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    often = dask.config.set({"distributed.client.scheduler-info-interval": "1ms"})
    with (
        command(here, *plain, env=town.environment, log=town.folder / "scheduler.log") as scheduler,
        worker(here, town, port, "one", town.environment),
        often,
    ):
        until(lambda: (town.folder / "one.log").read_text().count("Registered to"), seconds=60)
        with closing(Dask(f"tcp://127.0.0.1:{port}")) as crew:
            assert {tuple(crew.places().values()) for _ in range(300)} == {(1,)}
            scheduler.suspend()
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("bridge_helpers.runs.cohort.executors.CONNECTING", 1)
                assert crew.places() == {}
            scheduler.resume()
            assert tuple(crew.places().values()) == (1,)


LEFT = """
import sys
from bridge_helpers.runs.cohort import executors
from bridge_helpers.runs.cohort.customers import Customer

executors.CONNECTING = 1
crew = executors.Dask(sys.argv[1])
assert crew.places() == {}
order = Customer(2, "a", "").order("sandbox", False)
crew.submit("tcp://127.0.0.1:1", order, print)
print("there", flush=True)
sys.stdin.readline()
assert crew.places() == {}
while crew._client.scheduler is not None:
    crew.places()
crew.close()
"""


def test_a_scheduler_that_goes_is_no_traceback(town: Town) -> None:
    """Dask's client logs several; whoever runs a cohort reads one line of ours."""
    port = free_port()
    plain = ("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    log = town.folder / "scheduler.log"
    with command(Path(sys.executable).parent, *plain, env=town.environment, log=log) as scheduler:
        until(lambda: "Scheduler at:" in log.read_text(), seconds=60)
        with subprocess.Popen(
            [sys.executable, "-c", LEFT, f"tcp://127.0.0.1:{port}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=town.environment,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "there\n"
            scheduler.kill()
            _, stderr = process.communicate("\n", timeout=60)
    assert stderr == ""
    assert process.returncode == 0


def worker(
    bin_: Path, town: Town, port: int, name: str, env: dict[str, str]
) -> AbstractContextManager[psutil.Process]:
    """One as on a machine of its own: with a journal of its own."""
    return command(
        bin_,
        *("worker", f"tcp://127.0.0.1:{port}", "--host", "127.0.0.1", "--no-nanny"),
        *("--nthreads", "1", "--no-dashboard", "--local-directory", str(town.folder / name)),
        env={**env, "BRIDGE_HOME": str(town.folder / f"home-{name}")},
        log=town.folder / f"{name}.log",
    )


def posts(town: Town) -> list[str]:
    return [one for one in town.sandbox.writes() if one.endswith("/Configurations")]


def runs_of(process: psutil.Process) -> list[psutil.Process]:
    """The processes of the runs that a Dask worker is carrying out."""
    return [run for host in process.children() for run in host.children()]


@pytest.mark.parametrize("url", ["", "localhost:8786", "http://localhost:8786", "inproc://x"])
def test_an_address_that_is_no_schedulers_is_refused(url: str) -> None:
    """With the forms that it may have."""
    with pytest.raises(InvalidInput, match="tls://"):
        Dask(url)


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon, and with what to do."""
    monkeypatch.setattr("bridge_helpers.runs.cohort.executors.CONNECTING", 1)
    with pytest.raises(BridgeError, match="does not answer"):
        Dask(f"tcp://127.0.0.1:{free_port()}")


def test_encryption_without_certificates_is_told() -> None:
    """With the settings that name them."""
    with pytest.raises(BridgeError, match="TLS__CA_FILE"):
        Dask(f"tls://127.0.0.1:{free_port()}")


def test_without_dask_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And names the extra."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BridgeError, match=r"bridge-workbook\[cluster\]"):
        Dask("tcp://127.0.0.1:1")


def test_a_scheduler_goes_with_no_number_of_workers(settled: Callable[[int], Town]) -> None:
    """It has workers of its own."""
    done = settled(1).run("--workers", "2", "--scheduler", "tcp://127.0.0.1:1")
    assert done.returncode == 2
    assert "--scheduler" in done.stderr
