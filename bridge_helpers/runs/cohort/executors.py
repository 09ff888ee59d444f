"""
Who carries out the orders: worker processes of this machine, or of others by Dask.

Both are behind `concurrent.futures.Executor`. A place is where runs share a journal, and so
exclude each other on the same service: this machine, or one Dask worker.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from ...errors import BridgeError, InvalidInput
from ...settings import is_loopback
from ..cohort import worker
from .customers import Identity
from .messages import Delivered, Order

HERE: Final = "this machine"
CONNECTING: Final = 15
"""Seconds in which a scheduler has to answer."""
ASKING: Final = 60
"""Seconds in which a Dask worker has to say whose credentials it has."""


class Crew(Protocol):
    """Those who carry out orders."""

    def places(self) -> Mapping[str, int]:
        """Where runs can go now, and how many at the same time; none if nobody can tell."""

    def identify(self, target: str, prefixes: list[str]) -> Mapping[str, Identity | str]:
        """Whose credentials each prefix names, wherever a run may go; or what is wrong with it."""

    def submit(self, place: str, order: Order, say: Callable[[str], None]) -> Future[Delivered]:
        """Begin a run."""

    def close(self) -> None:
        """End what is running, and whatever was started for it."""


class Local:
    """
    Worker processes of this machine, each with a thread here that waits for it.

    Not `ProcessPoolExecutor`: there the death of one process fails all the others' runs.

    Args:
        workers: How many; default: two for each processor and at most eight, as a run waits
            for Twilio most of its time.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._count = workers or min(8, 2 * (os.cpu_count() or 1))
        self._executor: Executor = ThreadPoolExecutor(self._count)

    def places(self) -> Mapping[str, int]:
        """This machine."""
        return {HERE: self._count}

    def identify(self, target: str, prefixes: list[str]) -> Mapping[str, Identity | str]:
        """From the environment or `.env`, which the workers read too."""
        return worker.identify(target, prefixes)

    def submit(self, place: str, order: Order, say: Callable[[str], None]) -> Future[Delivered]:
        """Begin a run in a worker that is idle, or a new one."""
        return self._executor.submit(worker.carry_out, order, say)

    def close(self) -> None:
        """End the workers."""
        worker.stop_all()
        self._executor.shutdown(cancel_futures=True)
        worker.stop_all()


class Dask:
    """
    The workers of a Dask cluster. Each needs this package and the customers' variables.

    What goes through the scheduler are orders and artefacts; neither holds a secret.

    Args:
        url: Of the scheduler: `tls://host:8786`, or `tcp://` on networks of one's own. Dask's
            own settings (`distributed.comm.tls`) name the certificates.

    Raises:
        BridgeError: The extra is not installed, or the scheduler does not answer.
    """

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in ("tls", "tcp"):
            raise InvalidInput("scheduler", url, "it has to be tls://HOST:PORT or tcp://HOST:PORT")
        self.encrypted = url.startswith("tls:") or is_loopback(url)
        try:
            import dask.config
            from distributed import Client
        except ImportError:
            raise BridgeError(
                "Dask is not installed.",
                "Only --scheduler needs it.",
                "Install it with: pip install 'bridge-workbook[cluster]'",
            ) from None
        for name in ("distributed", "distributed.client", "tornado.application"):
            # Their tracebacks of a scheduler that has gone; the cohort says it in a line.
            logging.getLogger(name).setLevel(logging.CRITICAL)
        if url.startswith("tls:") and not dask.config.get("distributed.comm.tls.ca-file", None):
            # Asked here: Dask itself would say so after half a minute, and in other words.
            raise BridgeError(
                "tls:// needs certificates.",
                "Dask's settings name none.",
                "Set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__TLS__CLIENT__CERT and "
                "…__TLS__CLIENT__KEY.",
            )
        try:
            self._client: Any = Client(url, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise BridgeError(
                f"The scheduler {url} does not answer.",
                f"{error}.",
                "Start it with `dask scheduler`, or look at the address and its certificates.",
            ) from None
        self._executors: dict[str, Executor] = {}

    def places(self) -> Mapping[str, int]:
        """The workers that the scheduler knows now, each with its threads."""
        scheduler = self._client.scheduler
        if scheduler is None:
            # The client gave up connecting again.
            return {}
        try:
            # Not `scheduler_info`: the client refreshes what that returns every two seconds
            # without the workers, and whoever asks at that moment is told that there is none.
            asked = self._client.sync(scheduler.identity, n_workers=-1, callback_timeout=CONNECTING)
        except (OSError, RuntimeError):
            # It does not answer; or the client is giving up just now, and has closed its pool.
            return {}
        return {address: int(one["nthreads"]) for address, one in asked["workers"].items()}

    def identify(self, target: str, prefixes: list[str]) -> Mapping[str, Identity | str]:
        """Ask every worker: they have to agree, as a run may go to any of them."""
        answers = {place: self._asked(place, target, prefixes) for place in self.places()}
        if not answers:
            return dict.fromkeys(prefixes, "The scheduler has no worker.")
        found: dict[str, Identity | str] = {}
        for prefix in prefixes:
            told = {place: one if isinstance(one, str) else one[prefix] for place, one in
                    answers.items()}  # fmt: skip
            wrong = [f"On {place}: {one}" for place, one in told.items() if isinstance(one, str)]
            several = len(set(told.values())) > 1
            if wrong or several:
                found[prefix] = " ".join(wrong) or "The workers have different accounts for it."
            else:
                found[prefix] = next(iter(told.values()))
        return found

    def submit(self, place: str, order: Order, say: Callable[[str], None]) -> Future[Delivered]:
        """Begin a run on this worker and no other."""
        executor = self._executors.get(place)
        if executor is None:
            executor = self._client.get_executor(
                workers=[place], allow_other_workers=False, pure=False, retries=0
            )
            self._executors[place] = executor
        return executor.submit(worker.carry_out, order)

    def close(self) -> None:
        """Let go of the scheduler; a run that is going on comes to its end there, unseen."""
        for executor in self._executors.values():
            # A client that has given up its scheduler has nothing to let go of, and refuses in
            # ways of its own; what the cohort came to is told nevertheless.
            with suppress(Exception):
                executor.shutdown(wait=False)
        with suppress(OSError):
            self._client.close(timeout=5)

    def _asked(self, place: str, target: str, prefixes: list[str]) -> Any:
        future = self._client.submit(
            worker.identify, target, prefixes, workers=[place], pure=False, retries=0
        )
        try:
            return future.result(timeout=ASKING)
        except Exception as error:
            # Whatever the worker ran into: a package that it lacks, for instance.
            return f"{type(error).__name__}: {error}"
