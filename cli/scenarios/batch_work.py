"""The work of a batch: which scenarios are out of date, and what becomes of each of them."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from cli.scenarios.engines.attempt import failure
from cli.scenarios.engines.engine import Engine, State
from cli.shell.exit_codes import FAULT
from geodata.errors import VeredaError
from geodata.network.header import VERSION
from geodata.publication.runs import FAILED, Runs
from routes.phrases import duration
from routes.studies.batch.figures import FIGURES
from routes.studies.batch.run import Run

if TYPE_CHECKING:
    from cli.shell.console import Session

COLUMNS = {
    "name": "str", "status": "str", "address": "str", "seconds": "float",
    "network": "str", "network_digest": "str", "vereda": "str", "profile": "str",
    "from": "str", "to": "str", "slack": "float", "slack_hours": "float",
    "via": "str", "avoid": "str", "close": "str", "strengthen": "str",
    "draws": "int", "seed": "int", "outputs": "str", **FIGURES,
    "error": "str", "code": "int", "result": "str",
}  # fmt: skip
"""Columns of the index, with their types."""
TRIES = 5
"""How often a scenario is begun whose process dies."""
_BUSY_SECONDS = 0.2
_INDEX_SECONDS = 30.0
_ALL = ()


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
        Scenarios at a time, by which the time of several is estimated.
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
            Due(run, self._reason(run, known.get(run.entry)), self._seconds(run))
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
    def _times(self) -> dict[tuple[object, ...], float]:
        """Mean seconds of the runs made before: of each kind, and of all."""
        times = defaultdict[tuple[object, ...], list[float]](list)
        for keys in self.store.scenarios().values():
            if seconds := self.store.record(keys["address"]).get("seconds"):
                for kind in ((keys.get("profile"), keys.get("draws")), _ALL):
                    times[kind].append(seconds)
        return {kind: fmean(several) for kind, several in times.items()}

    def _seconds(self, run: Run) -> float | None:
        """How long a run should take: as those of its flow with as many draws, or as all."""
        kind = (run.scenario.profile.name, run.form.draws)
        return self._times.get(kind, self._times.get(_ALL))

    def seconds(self, due: Sequence[Due]) -> float | None:
        """How long some runs should take together; None where that is not known."""
        times = [each.seconds for each in due if each.seconds is not None]
        return sum(times) / min(self.processes, len(times)) if times else None

    def rows(self) -> list[dict[str, Any]]:
        """Outcome of each scenario, from the records of runs, whatever the index has by now."""
        rows = [self.store.row(run.record()) for run in self.runs]
        return [{name: row.get(name) for name in (*COLUMNS, *run.varied)}
                for run, row in zip(self.runs, rows, strict=True)]  # fmt: skip

    def write_index(self) -> None:
        """Write the index; scenarios of another state of their network are outdated."""
        digests = cache(_digest)

        def outdated(keys: Mapping[str, Any]) -> bool:
            known = None, keys.get("network_digest")
            return keys.get("vereda") != VERSION or digests(str(keys.get("network"))) not in known

        self.store.write_index(COLUMNS, outdated=outdated)

    def run(self, session: Session, due: Sequence[Due], engine: Engine) -> None:
        """Compute some runs.

        Parameters
        ----------
        engine
            Where they run; it is not begun where there are none.

        Raises
        ------
        OSError
            When the disk is full or fails, or the engine cannot be reached; what is finished stays.
        """
        self.store.prepare()
        self.store.add({run.entry: run.record() for run in self.runs})
        self.write_index()
        if not due:
            return
        clock = _Progress(session, self, len(due))
        by_network = sorted((each.run for each in due), key=lambda run: run.network)
        with engine:
            for network, several in groupby(by_network, key=lambda run: run.network):
                self._compute(network, [*several], engine, clock)
        self.write_index()

    def _compute(self, network: str, runs: list[Run], engine: Engine, clock: _Progress) -> None:
        """Compute runs on one network."""
        clock.say(f"reading {network}")
        try:
            engine.read(network, runs)
        except (VeredaError, OSError) as error:
            # Runs on other networks do not depend on this one.
            for run in runs:
                self._fail(run, failure(error))
                clock.tell(run.name)
            return
        tasks, busy, died = deque(runs), list[Run](), Counter[str]()
        while tasks or busy:
            tasks.extend(self._free(clock, busy) if not tasks else ())
            for run, state, how, deaths in engine.run(tasks):
                died[run.address] += deaths
                if state is State.BUSY:
                    busy.append(run)
                elif state is State.DIED and died[run.address] < TRIES:
                    tasks.append(run)
                elif state is State.DIED and not self._give_up(run, how, died[run.address]):
                    busy.append(run)
                else:
                    clock.tell(run.name)

    def _give_up(self, run: Run, how: str, deaths: int) -> bool:
        """Take note that a run ends each process that computes it; as `_fail`."""
        log = self.store.log(run.address)
        words = f"{how}, {deaths} times; {log} may say why."
        return self._fail(run, {"error": words, "code": FAULT})

    def _free(self, clock: _Progress, busy: list[Run]) -> list[Run]:
        """Wait until other batches release some runs, which are returned and leave `busy`."""
        clock.say(f"waiting for another batch: {len(busy):,} scenarios")
        while True:
            free, still = list[Run](), list[Run]()
            for run in busy:
                # Checked in this process, since a new one would cost more than the check.
                with self.store.claim(run.address) as is_free:
                    (free if is_free else still).append(run)
            if free:
                busy[:] = still
                return free
            time.sleep(_BUSY_SECONDS)

    def _fail(self, run: Run, record: Mapping[str, Any]) -> bool:
        """Take note that a run has failed, if nobody has done it; false where another is at it."""
        address = run.address
        with self.store.claim(address) as free:
            if free and not self.store.done(address):
                self.store.tell(address, {"status": FAILED, **record})
        return free


class _Progress:
    """Tells how far a batch is, and keeps its index."""

    def __init__(self, session: Session, batch: Batch, total: int) -> None:
        self._session, self._batch, self._total = session, batch, total
        self._done, self._begun = 0, time.monotonic()
        self._indexed = self._begun

    def say(self, step: str) -> None:
        """Tell what comes next."""
        self._session.progress(step)

    def tell(self, name: str) -> None:
        """Take note that a run has ended."""
        now = time.monotonic()
        self._done += 1
        left = (now - self._begun) / self._done * (self._total - self._done)
        self._session.progress(
            f"{self._done} of {self._total}, about {duration(left)} left: {name}"
        )
        if now > self._indexed + _INDEX_SECONDS:
            self._batch.write_index()
            self._indexed = now


def _digest(network: str) -> str | None:
    """Hash of a network as it is now; None where there is none."""
    from geodata.network.header import read_header

    with suppress(VeredaError, OSError):
        return str(read_header(Path(network)).get("digest", ""))
    return None
