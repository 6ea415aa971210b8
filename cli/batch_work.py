"""The work of a batch: which scenarios are out of date, and each of them in its own process."""

from __future__ import annotations

import os
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from cli.processes import apart
from cli.streams import echo
from geodata.errors import DataError, InputError, NoPathError, VeredaError
from geodata.formats.files.disks import FAILING
from geodata.publication.runs import DONE, FAILED, Runs
from routes.phrases import duration
from routes.results.provenance import VERSION
from routes.studies.batch.figures import FIGURES, headline
from routes.studies.batch.run import Run

if TYPE_CHECKING:
    from cli.console import Session
    from routes.router import Router

COLUMNS = {
    "name": "str", "status": "str", "address": "str", "seconds": "float",
    "network": "str", "profile": "str", "from": "str", "to": "str", "slack": "float",
    "slack_hours": "float", "via": "str", "avoid": "str", "close": "str", "strengthen": "str",
    "draws": "int", "seed": "int", **FIGURES, "error": "str", "code": "int", "result": "str",
}  # fmt: skip
"""Columns of the index, with their types."""
TRIES = 5
"""How often a scenario is begun whose process dies."""
_BUSY, _DISK = 75, 100
"""Exit codes of a process: another batch is at it; a disk fails, with its number added."""
_BUSY_SECONDS = 0.2
_INDEX_SECONDS = 30.0
_WARM_SLACK = 0.05


@dataclass(frozen=True)
class Due:
    """A run that is out of date.

    Parameters
    ----------
    reason
        Why it is.
    seconds
        How long it should take, from those before it; None where there were none.
    """

    run: Run
    reason: str
    seconds: float | None


class Batch:
    """Some scenarios and the directory of their results.

    Parameters
    ----------
    runs
        All scenarios.
    store
        Where results are and go.
    processes
        Scenarios at a time.
    """

    def __init__(self, runs: Sequence[Run], store: Runs, *, processes: int) -> None:
        self.runs, self.store, self.processes = runs, store, processes

    def due(self) -> list[Due]:
        """Runs without a result, each once, whatever scenarios it is of."""
        known = self.store.scenarios()
        first: dict[str, Run] = {}
        for run in self.runs:
            first.setdefault(run.address, run)
        return [
            Due(run, self._reason(run, known.get(run.name)), self._seconds(run))
            for address, run in first.items()
            if not self.store.done(address)
        ]

    def _reason(self, run: Run, before: dict[str, Any] | None) -> str:
        if self.store.record(run.address).get("status") == FAILED:
            return "it failed"
        if before is None:
            return "it is new"
        if before["address"] == run.address:
            return "it was not computed yet"
        if before.get("vereda") != VERSION:
            return f"it is of version {before.get('vereda')}"
        same = before.get("network_digest") == run.digest
        return "its scenario changed" if same else "its network changed"

    @cached_property
    def _times(self) -> list[tuple[tuple[object, ...], float]]:
        """Kind of each run that was made before, and its seconds."""
        return [
            ((keys.get("profile"), keys.get("draws")), seconds)
            for keys in self.store.scenarios().values()
            if (seconds := self.store.record(keys["address"]).get("seconds"))
        ]

    def _seconds(self, run: Run) -> float | None:
        """How long a run should take: as those of its flow with as many draws, or as all."""
        kind = (run.scenario.profile.name, run.form.draws)
        like = [seconds for each, seconds in self._times if each == kind]
        times = like or [seconds for _, seconds in self._times]
        return fmean(times) if times else None

    def seconds(self, due: Sequence[Due]) -> float | None:
        """How long some runs should take together; None where that is not known."""
        times = [each.seconds for each in due if each.seconds is not None]
        return sum(times) / min(self.processes, len(times)) if times else None

    def run(self, session: Session, due: Sequence[Due]) -> list[dict[str, Any]]:
        """Compute some runs; the rows of the index.

        Raises
        ------
        DataError
            When a network cannot be read.
        OSError
            When the disk is full or fails; what is finished stays.
        """
        self.store.prepare()
        self.store.add({run.name: run.record() for run in self.runs})
        self.store.write_index(COLUMNS)
        clock = _Progress(session, self, len(due))
        by_network = sorted(due, key=lambda each: each.run.network)
        for network, several in groupby(by_network, key=lambda each: each.run.network):
            self._compute(session, network, [*several], clock)
        return self.store.write_index(COLUMNS)

    def _compute(self, session: Session, network: str, due: list[Due], clock: _Progress) -> None:
        """Compute runs on one network, of which all processes share one copy."""
        session.progress(f"reading {network}")
        router = shared_router(network, due, processes=self.processes)
        parent = os.getpid()
        tasks, died = deque(due), Counter[str]()

        def work(each: Due) -> int:
            return _run_apart(router, each.run, self.store, parent=parent)

        def log(each: Due) -> Path:
            return self.store.log(each.run.address)

        for each, code in apart(tasks, work, processes=self.processes, log=log):
            address = each.run.address
            if code == _BUSY:
                tasks.append(each)
                time.sleep(_BUSY_SECONDS)
            elif code >= _DISK:
                number = code - _DISK
                raise OSError(number, os.strerror(number), str(self.store.result(address)))
            elif code == 0 or self.store.done(address):
                clock.tell(each.run.name)
            elif died[address] < TRIES - 1:
                died[address] += 1
                tasks.append(each)
            else:
                how = f"signal {-code}" if code < 0 else f"exit code {code}"
                error = f"Its process ended with {how}, {TRIES} times; {log(each)} may say why."
                self.store.tell(address, {"status": FAILED, "error": error, "code": 70})
                clock.tell(each.run.name)


class _Progress:
    """Tells how far a batch is, and keeps its index."""

    def __init__(self, session: Session, batch: Batch, total: int) -> None:
        self._session, self._batch, self._total = session, batch, total
        self._done, self._begun = 0, time.monotonic()
        self._indexed = self._begun

    def tell(self, name: str) -> None:
        """Take note that a run has ended."""
        now = time.monotonic()
        self._done += 1
        left = (now - self._begun) / self._done * (self._total - self._done)
        self._session.progress(
            f"{self._done} of {self._total}, about {duration(left)} left: {name}"
        )
        if now > self._indexed + _INDEX_SECONDS:
            self._batch.store.write_index(COLUMNS)
            self._indexed = now


def shared_router(network: str, due: Sequence[Due], *, processes: int) -> Router:
    """A router with all in memory that runs need, for processes to share it.

    It answers one small question and writes its result, for once: what is compiled or read at first
    use is there from then on.

    Raises
    ------
    DataError
        When the network cannot be read, or was replaced since its scenarios were read.
    """
    from geodata.network.known_names import known_names
    from geodata.network.store import load_network
    from geodata.publication.publish import publish
    from routes.router import Router
    from routes.scenario.ends.end_text import parse_end
    from routes.scenario.fields import PROFILE
    from routes.scenario.profiles import load_profile
    from routes.scenario.scenario import Scenario

    router = Router(load_network(network), threads=max((os.cpu_count() or 1) // processes, 1))
    if router.network.digest != due[0].run.digest:
        raise DataError("network", network, "It was replaced in this moment; begin again.")
    router.prepare()
    known = known_names(router.network)
    ends = [parse_end(known.origin)], [parse_end(known.destination)]
    small = Scenario(profile=load_profile(PROFILE).between(*ends), slack=_WARM_SLACK)
    outputs = {name for each in due for name in each.run.outputs}
    with suppress(InputError, NoPathError), tempfile.TemporaryDirectory() as home:
        publish(router.run(small), Path(home, "warm"), overwrite=False, outputs=outputs)
    return router


def _run_apart(router: Router, run: Run, store: Runs, *, parent: int) -> int:
    """Compute a run in a process of its own, unless another one does or has done so; exit code."""

    def check() -> None:
        # Nobody would take note of what becomes of it; the next batch begins it again.
        if os.getppid() != parent:
            os._exit(1)

    with store.claim(run.address) as free:
        if not free:
            return _BUSY
        if store.done(run.address):
            return 0
        echo(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {run.name}")
        try:
            _publish(router, run, store, check=check)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in FAILING:
                return _DISK + error.errno
            store.tell(run.address, _failure(error))
    return 0


def _publish(router: Router, run: Run, store: Runs, *, check: Any) -> None:
    """Compute a run and write its result, its record first."""
    from geodata.publication.publish import publish
    from routes.studies.ensemble import run_with_draws

    begun = time.monotonic()

    def seconds() -> float:
        return round(time.monotonic() - begun, 3)

    def progress(step: str) -> None:
        echo(f"{seconds():9.1f} s  {step}")

    progress("computing corridors")
    result = run_with_draws(
        router, run.scenario, draws=run.form.draws, seed=run.form.seed, progress=progress,
        check=check,
    )  # fmt: skip
    check()
    progress("writing the result")
    record = {"status": DONE, **headline(result)}
    store.tell(run.address, {**record, "seconds": seconds()})
    publish(result, store.result(run.address), overwrite=True, outputs=run.outputs)
    store.tell(run.address, {**record, "seconds": seconds()})
    progress("done")


def _failure(error: Exception) -> dict[str, Any]:
    """What is told of a run that failed; of a fault the log says more."""
    from cli.main import EXIT_CODES, FAULT

    code = next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), FAULT)
    text = str(error)
    if not isinstance(error, VeredaError):
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}"
    echo(text)
    return {"status": FAILED, "error": " ".join(text.split()), "code": code}
