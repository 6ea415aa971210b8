"""The task that a worker of a Dask cluster does: one run, on a network that it keeps."""

from __future__ import annotations

import pickle
import threading
import weakref
from collections.abc import Mapping
from errno import EIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cachetools import LRUCache

from cli.scenarios.engines.attempt import failure, run_and_publish
from cli.shell.compilation import place_compiled_code
from geodata.errors import DataError, VeredaError
from geodata.formats.files.temporary import Temporary
from geodata.network.header import VERSION
from geodata.publication.runs import FAILED
from routes.studies.batch.run import Run

if TYPE_CHECKING:
    from routes.router import Router

_KEPT = 2
"""Networks that a worker keeps, as several batches may use a cluster."""


class Withdrawn(BaseException):
    """The batch has gone, or no longer wants the run; no attempt counts it as a failure."""


class Outcome(NamedTuple):
    """What a worker sends back.

    Parameters
    ----------
    vereda
        Version of the worker; of another version than the batch, there is nothing else.
    worker
        Its address.
    record
        Record of the run.
    log
        Lines of the log.
    files
        Content of the files of the result by name.
    fault
        Number, words and file of an error of the worker's disk.
    """

    vereda: str
    worker: str
    record: Mapping[str, Any] = {}
    log: tuple[str, ...] = ()
    files: Mapping[str, bytes] = {}
    fault: tuple[int, str, str] | None = None


class _Routers:
    """Routers of a worker by the digest of their network."""

    def __init__(self) -> None:
        self._kept: LRUCache[str, Router] = LRUCache(_KEPT)
        self._lock = threading.Lock()

    def get(self, files: Mapping[str, bytes], run: Run, threads: int, log: list[str]) -> Router:
        """The router on a network, which is read at its first use.

        Raises
        ------
        DataError
            When the network cannot be read, or is not the one of the run.
        """
        with self._lock:
            router = self._kept.get(run.digest)
            if router is None:
                log.append("reading the network")
                router = self._kept[run.digest] = _read_router(files, run, threads)
            return router


_ROUTERS = _Routers()


def _read_router(files: Mapping[str, bytes], run: Run, threads: int) -> Router:
    """A router on a network from its files, which stay on the disk as long as the router does."""
    from geodata.network.store import load_network
    from routes.router import Router

    place_compiled_code()
    temporary = Temporary("vereda-network-")
    try:
        for name, content in files.items():
            path = temporary.path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        router = Router(load_network(temporary.path), threads=threads)
        if router.network.digest != run.digest:
            remedy = "It was replaced in this moment; begin again."
            raise DataError("network", run.network, remedy)
        router.prepare()
    except BaseException:
        temporary.remove()
        raise
    weakref.finalize(router, temporary.remove)
    return router


def compute_on_worker(
    version: str, packed: bytes, files: Mapping[str, bytes], *, threads: int
) -> Outcome:
    """Compute a run on a worker.

    Parameters
    ----------
    version
        Version of the batch; a worker of another one does nothing.
    packed
        The run, pickled: one of another version might not be read.
    files
        Content of the network's files by name.
    threads
        Threads of the router.
    """
    from distributed import get_worker

    worker = str(get_worker().address)
    if version != VERSION:
        return Outcome(VERSION, worker)
    log, records = list[str](), list[Mapping[str, Any]]()
    run: Run = pickle.loads(packed)
    try:
        with Temporary("vereda-run-") as home:
            place = Path(home, "result")
            try:
                router = _ROUTERS.get(files, run, threads, log)
            except VeredaError as error:
                records.append({"status": FAILED, **failure(error)})
            else:
                run_and_publish(
                    router, run, place, tell=records.append, say=log.append,
                    check=_withdrawal_check(),
                )  # fmt: skip
            content = {path.name: path.read_bytes() for path in sorted(place.glob("*"))}
    except OSError as error:
        fault = error.errno or EIO, error.strerror or str(error), str(error.filename)
        return Outcome(VERSION, worker, log=tuple(log), fault=fault)
    return Outcome(VERSION, worker, records[-1], tuple(log), content)


def _withdrawal_check() -> Any:
    """A check that ends the task of this thread after its batch has gone."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def check() -> None:
        task = worker.state.tasks.get(key)
        if task is None or task.state == "cancelled":
            raise Withdrawn

    return check
