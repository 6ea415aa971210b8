"""Forks: processes of this machine, one a scenario, that share one copy of the network."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cli.scenarios.engines.attempt import run_and_publish
from cli.scenarios.engines.engine import Ending, State
from cli.shell.processes import run_in_forks
from cli.shell.streams import echo
from geodata.errors import DataError, VeredaError
from geodata.publication.runs import Runs
from routes.studies.batch.run import Run

if TYPE_CHECKING:
    from geodata.publication.results.result_files import Output
    from routes.router import Router

_BUSY, _DISK = 75, 100
"""Exit codes of a process: another batch is at it; a disk fails, with its number added."""
_WARM_SLACK = 0.05


class Forks:
    """Runs each scenario in a fork of this process.

    Parameters
    ----------
    store
        Where results go.
    processes
        Scenarios at a time.
    """

    def __init__(self, store: Runs, *, processes: int) -> None:
        self._store, self._processes = store, processes
        self._router: Router | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._router = None

    def read(self, network: str, runs: Sequence[Run]) -> None:
        """Read a network and all else that its runs need, before processes are forked.

        Raises
        ------
        DataError
            As `Engine.read`.
        """
        self._router = None
        self._router = shared_router(network, runs, processes=self._processes)

    def run(self, tasks: deque[Run]) -> Iterator[Ending]:
        """Compute runs, each in its own process.

        Raises
        ------
        OSError
            When the disk is full or fails.
        """
        parent, store = os.getpid(), self._store

        def work(run: Run) -> int:
            assert self._router is not None
            return _run_apart(self._router, run, store, parent=parent)

        def log(run: Run) -> Path:
            return store.log(run.address)

        with closing(run_in_forks(tasks, work, processes=self._processes, log=log)) as ended:
            for run, code in ended:
                if code >= _DISK:
                    number = code - _DISK
                    raise OSError(number, os.strerror(number), str(store.result(run.address)))
                if code == _BUSY:
                    yield Ending(run, State.BUSY)
                elif code and not store.done(run.address):
                    how = f"signal {-code}" if code < 0 else f"exit code {code}"
                    yield Ending(run, State.DIED, f"Its process ended with {how}", 1)
                else:
                    yield Ending(run, State.RECORDED)


def shared_router(network: str, runs: Sequence[Run], *, processes: int) -> Router:
    """A router with everything in memory that runs need, which processes share.

    Raises
    ------
    DataError
        When the network cannot be read, or was replaced since its scenarios were read.
    """
    from geodata.network.store import load_network
    from routes.router import Router

    router = Router(load_network(network), threads=max((os.cpu_count() or 1) // processes, 1))
    if router.network.digest != runs[0].digest:
        raise DataError("network", network, "It was replaced in this moment; begin again.")
    router.prepare()
    # When this fails, the first runs are only slower.
    with suppress(VeredaError, OSError):
        _warm_up(router, {name for run in runs for name in run.outputs})
    return router


def _warm_up(router: Router, outputs: set[Output]) -> None:
    """Answer one small scenario and write its result, before processes are forked.

    They then share all that is compiled or read at its first use.
    """
    from geodata.formats.files.temporary import Temporary
    from geodata.network.known_names import known_names
    from geodata.publication.results.publish import publish
    from routes.scenario.ends.end_text import parse_end
    from routes.scenario.keys.fields import PROFILE
    from routes.scenario.profiles import load_profile
    from routes.scenario.scenario import Scenario

    known = known_names(router.network)
    ends = [parse_end(known.origin)], [parse_end(known.destination)]
    small = Scenario(profile=load_profile(PROFILE).between(*ends), slack=_WARM_SLACK)
    with Temporary("vereda-warm-") as home:
        publish(router.run(small), Path(home, "warm"), overwrite=False, outputs=outputs)


def _run_apart(router: Router, run: Run, store: Runs, *, parent: int) -> int:
    """Compute a run in a process of its own, unless another one does or has done so; exit code."""

    def check() -> None:
        # Without its parent nobody records the outcome; the next batch begins the run again.
        if os.getppid() != parent:
            os._exit(1)

    address = run.address
    with store.claim(address) as free:
        if not free:
            return _BUSY
        if store.done(address):
            return 0
        try:
            run_and_publish(
                router, run, store.result(address), tell=partial(store.tell, address), say=echo,
                check=check,
            )  # fmt: skip
        except OSError as error:
            return _DISK + (error.errno or 0)
    return 0
