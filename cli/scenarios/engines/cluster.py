"""Cluster: scenarios on the workers of a Dask scheduler, here or on other machines.

Workers need no directory in common with this process: it sends the network, which each worker
receives once, and writes the files of results that workers send back. Dask replaces a worker that
dies, and gives its runs to others.
"""

from __future__ import annotations

import logging
import os
import pickle
import re
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from cli.scenarios.engines.engine import Ending, State
from geodata.errors import DataError, InputError, UnreachableError, VeredaError
from geodata.network.header import HEADER, VERSION, read_header
from geodata.publication.results.result_files import RESULT
from geodata.publication.runs import FAILED, Runs
from routes.studies.batch.run import Run

if TYPE_CHECKING:
    from distributed import Client, Future

    from cli.scenarios.engines.cluster_task import Outcome

LOCAL = "local"
"""In place of an address: a cluster of this machine, for this batch alone."""
INSTALL = "pip install 'vereda[dask]'"
CONNECT_SECONDS = 10.0
REPLY_SECONDS = 30.0
"""How long a scheduler may take to answer."""
WORKER_SECONDS = 60.0
"""How long a cluster may be without any worker."""
SEND_SECONDS = 600.0
"""How long the network may take to get to the first worker, and a result back from one."""
_POLL_SECONDS = 0.5
_ADDRESS = re.compile(r"((tcp|tls|ws|wss)://)?(\[[0-9a-fA-F:.]+\]|[^\s/:@\[\]]+):[0-9]{1,5}")
_LAST_PORT = 65535
_NO_ADDRESS = "It is no address of a scheduler, such as tcp://127.0.0.1:8786 or tls://HOST:PORT."
_AGAIN = "What is finished stays; begin the same batch again when it can be reached."


@dataclass(eq=False)
class _Flight:
    """A run that workers have, claimed until its outcome is written."""

    run: Run
    future: Future[Any]
    claim: ExitStack
    error: BaseException | None = None
    outcome: Outcome | None = None


class Cluster:
    """Runs scenarios on the workers of a Dask scheduler.

    Parameters
    ----------
    store
        Where results go.
    address
        Address of the scheduler, such as ``tcp://127.0.0.1:8786``, or `LOCAL`.
    processes
        Scenarios at a time; by default one a thread of the workers, or one a processor of this
        machine.

    Raises
    ------
    InputError
        When the address is not one of a scheduler, or Dask is not installed.
    """

    def __init__(self, store: Runs, address: str, *, processes: int | None) -> None:
        self._field = "dask" if address == LOCAL else "scheduler"
        if address != LOCAL and not _ADDRESS.fullmatch(address):
            raise InputError(self._field, address, _NO_ADDRESS)
        if find_spec("distributed") is None:
            raise InputError(self._field, address, f"Dask is not installed: {INSTALL}")
        self._store, self._address, self._processes = store, address, processes
        # Of a cluster elsewhere each thread is one processor for one scenario.
        self._threads = max((os.cpu_count() or 1) // self._at_once, 1) if address == LOCAL else 1
        self._open = ExitStack()
        self._client: Client | None = None
        self._files: dict[str, bytes] = {}
        self._ended: SimpleQueue[_Flight] = SimpleQueue()

    @property
    def client(self) -> Client:
        """The connection to the scheduler."""
        assert self._client is not None, "A cluster is used in a with block."
        return self._client

    def __enter__(self) -> Self:
        """Connect, and refuse workers of other versions.

        Raises
        ------
        InputError
            When the address is not one of a scheduler.
        UnreachableError
            When there is no scheduler, or no worker.
        DataError
            When a worker is of another version.
        """
        _silence()
        with ExitStack() as stack:
            place = self._address
            if place == LOCAL:
                place = stack.enter_context(self._begun(partial(_local_cluster, self._at_once)))
            else:
                self._begun(partial(_listen, place))
            self._client = stack.enter_context(self._begun(partial(_connect, place)))
            self._wait_for_workers()
            self._check_versions()
            self._open = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.clear()
        self._open.close()
        self._client = None

    @property
    def _at_once(self) -> int:
        return self._processes or os.cpu_count() or 1

    def _begun(self, begin: Callable[[], Any]) -> Any:
        """A cluster or client, or the reason why there is none."""
        try:
            return begin()
        except ValueError as error:
            # A part of the address that only Dask knows, such as a protocol that is not installed.
            raise InputError(self._field, self._address, f"{_NO_ADDRESS} {error}") from error
        except (OSError, RuntimeError, ImportError) as error:
            raise self._unreachable("It cannot be reached.") from error

    def _unreachable(self, words: str) -> UnreachableError:
        return UnreachableError(self._field, self._address, f"{words} {_AGAIN}")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Translate errors of the connection."""
        try:
            yield
        except VeredaError:
            raise
        except TimeoutError as error:
            raise self._unreachable("It gives no answer.") from error
        except (OSError, RuntimeError, CancelledError) as error:
            raise self._unreachable("The connection was lost.") from error

    def _places(self) -> int:
        """How many scenarios may run at a time on the workers that are there now."""
        with self._asking():
            threads: int = sum(self.client.nthreads(callback_timeout=REPLY_SECONDS).values())
        return min(threads, self._processes or threads)

    def _wait_for_workers(self) -> None:
        with self._asking():
            try:
                self.client.wait_for_workers(1, timeout=WORKER_SECONDS)
            except TimeoutError as error:
                raise self._workerless() from error

    def _workerless(self) -> UnreachableError:
        return self._unreachable(f"It has had no worker for {WORKER_SECONDS:.0f} s.")

    def _check_versions(self) -> None:
        """Refuse a cluster with a worker of another version."""
        # This function of the standard library is there on workers without Vereda as well.
        ask = partial(self.client.run, version_of, "vereda", on_error="return")
        with self._asking():
            versions = self.client.sync(ask, callback_timeout=REPLY_SECONDS)
        for worker, version in sorted(versions.items()):
            if isinstance(version, str | PackageNotFoundError) and version != VERSION:
                raise self._other_version(worker, version if isinstance(version, str) else None)

    def _other_version(self, worker: str, version: str | None) -> DataError:
        has = f"has vereda {version}" if version else "has no vereda"
        remedy = f"Its worker {worker} {has}, this is {VERSION}: start all workers with {VERSION}."
        return DataError(self._field, self._address, remedy)

    def read(self, network: str, runs: Sequence[Run]) -> None:
        """Read the files of a network as they are; workers check them.

        Raises
        ------
        DataError
            As `Engine.read`.
        """
        home = Path(network)
        header = read_header(home)
        if header.get("digest") != runs[0].digest:
            raise DataError("network", network, "It was replaced in this moment; begin again.")
        names = [HEADER, *header["checksums"]]
        self._files = {name: (home / name).read_bytes() for name in names}

    def run(self, tasks: deque[Run]) -> Iterator[Ending]:
        """Compute runs, as many at a time as the cluster has threads.

        Raises
        ------
        OSError
            When a disk is full or fails, or the scheduler is lost.
        DataError
            When a worker is of another version.
        """
        flights: set[_Flight] = set()
        with self._asking():
            network = _send(self.client, self._files)
        begun_waiting = None
        try:
            while tasks or flights:
                ended = self._next_ended() if flights else None
                if ended:
                    self._receive(ended)
                places = self._places()
                # Its worker is to have the next run before this process writes a result.
                yield from self._fill(tasks, flights, network, places + (ended is not None))
                if ended:
                    flights.discard(ended)
                    yield self._ending(ended)
                begun_waiting = None if places else begun_waiting or monotonic()
                if begun_waiting and monotonic() > begun_waiting + WORKER_SECONDS:
                    raise self._workerless()
        finally:
            for flight in flights:
                flight.future.release()
                flight.claim.close()
            network.release()

    def _fill(
        self, tasks: deque[Run], flights: set[_Flight], network: Future[Any], places: int
    ) -> Iterator[Ending]:
        """Give runs to workers that have none; yield those that need no worker."""
        while tasks and len(flights) < places:
            run, claim = tasks.popleft(), ExitStack()
            if not claim.enter_context(self._store.claim(run.address)):
                claim.close()
                yield Ending(run, State.BUSY)
            elif self._store.done(run.address):
                claim.close()
                yield Ending(run, State.RECORDED)
            else:
                flights.add(self._submitted(run, claim, network))

    def _submitted(self, run: Run, claim: ExitStack, network: Future[Any]) -> _Flight:
        from cli.scenarios.engines.cluster_task import compute_on_worker

        with self._asking():
            future = self.client.submit(
                compute_on_worker, VERSION, pickle.dumps(run), network, threads=self._threads,
                key=f"vereda-run-{run.address}-{uuid4().hex}",
            )  # fmt: skip
        flight = _Flight(run, future, claim)
        future.add_done_callback(lambda _: self._ended.put(flight))
        return flight

    def _next_ended(self) -> _Flight | None:
        try:
            return self._ended.get(timeout=_POLL_SECONDS)
        except Empty:
            return None

    def _receive(self, flight: _Flight) -> None:
        """Take what a worker sends back, before another run could end that worker."""
        future = flight.future
        if future.status == "cancelled":
            raise self._unreachable("It has ended, or cancelled the runs of this batch.")
        with self._asking():
            flight.error = future.exception(timeout=SEND_SECONDS)
            flight.outcome = None if flight.error else future.result(timeout=SEND_SECONDS)
        future.release()

    def _ending(self, flight: _Flight) -> Ending:
        """Write what a worker has sent."""
        from distributed import KilledWorker

        run, error = flight.run, flight.error
        with flight.claim:
            if isinstance(error, KilledWorker):
                return Ending(run, State.DIED, "Its worker died", error.allowed_failures + 1)
            if flight.outcome is None:
                raise self._refusal(error)
            self._write(run, flight.outcome)
        return Ending(run, State.RECORDED)

    def _refusal(self, error: BaseException | None) -> DataError:
        """Why a worker could not even begin."""
        self._check_versions()
        fault = " ".join(f"{type(error).__name__}: {error}".split())
        remedy = f"A worker cannot begin a run: {fault}. Start all workers with vereda {VERSION}."
        return DataError(self._field, self._address, remedy)

    def _write(self, run: Run, outcome: Outcome) -> None:
        """Write the record, the result and the log of a run, as its own process would."""
        from geodata.formats.files.store import whole_directory

        if outcome.vereda != VERSION:
            raise self._other_version(outcome.worker, outcome.vereda)
        with self._store.log(run.address).open("a", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in (*outcome.log, f"on worker {outcome.worker}"))
        if outcome.fault:
            number, words, file = outcome.fault
            raise OSError(number, words, f"{file} of worker {outcome.worker}")
        self._store.tell(run.address, outcome.record)
        if outcome.record["status"] != FAILED:
            place = self._store.result(run.address)
            with whole_directory(place, RESULT, overwrite=True) as fresh:
                for name, content in outcome.files.items():
                    (fresh / name).write_bytes(content)


def _silence() -> None:
    """Leave it to this module to tell of workers and connections that end."""
    import distributed  # noqa: F401 - gives each of its loggers a level

    for name in [*logging.root.manager.loggerDict]:
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _listen(address: str) -> None:
    """Wait for a sign of life, for which Dask itself waits without end.

    Raises
    ------
    OSError
        When nobody is there, or one who says nothing.
    """
    protocol, _, place = address.rpartition("://")
    host, _, port = place.rpartition(":")
    end = host.strip("[]"), int(port)
    if end[1] > _LAST_PORT:
        raise ValueError(f"Ports end with {_LAST_PORT}.")
    with socket.create_connection(end, timeout=CONNECT_SECONDS) as connection:
        # Schedulers speak first, unless the connection is to be encrypted or of the web.
        if protocol in ("", "tcp") and not connection.recv(1):
            raise ConnectionError("It closed the connection.")


def _connect(place: Any) -> Client:
    from distributed import Client

    return Client(place, timeout=CONNECT_SECONDS, set_as_default=False)


def _local_cluster(processes: int) -> Any:
    """A cluster of this machine, whose scheduler leaves it to the batch to try again."""
    import dask
    from distributed import LocalCluster

    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        return LocalCluster(
            n_workers=processes, threads_per_worker=1, processes=True, host="127.0.0.1",
            dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=logging.CRITICAL,
        )  # fmt: skip


def _send(client: Client, files: dict[str, bytes]) -> Future[Any]:
    """Files of a network as a task, which Dask sends again when all workers that have it die."""
    import dask

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
        return client.submit(dict, files, key=f"vereda-network-{uuid4().hex}")
