"""The work of a batch: which scenarios are out of date, and each of them in its own process."""

from __future__ import annotations

import os
import time
import traceback
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from cli.shell.exit_codes import FAULT, exit_code
from cli.shell.processes import run_in_forks
from cli.shell.streams import echo
from geodata.errors import DataError, VeredaError
from geodata.formats.files.disks import FAILING
from geodata.network.header import VERSION
from geodata.publication.runs import DONE, FAILED, Runs
from routes.phrases import duration
from routes.studies.batch.figures import FIGURES, headline
from routes.studies.batch.run import Run

if TYPE_CHECKING:
    from cli.shell.console import Session
    from geodata.publication.results.result_files import Output
    from routes.router import Router

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
_BUSY, _DISK = 75, 100
"""Exit codes of a process: another batch is at it; a disk fails, with its number added."""
_BUSY_SECONDS = 0.2
_INDEX_SECONDS = 30.0
_WARM_SLACK = 0.05
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

    def run(self, session: Session, due: Sequence[Due]) -> None:
        """Compute some runs.

        Raises
        ------
        OSError
            When the disk is full or fails; what is finished stays.
        """
        self.store.prepare()
        self.store.add({run.entry: run.record() for run in self.runs})
        self.write_index()
        if not due:
            return
        clock = _Progress(session, self, len(due))
        by_network = sorted(due, key=lambda each: each.run.network)
        for network, several in groupby(by_network, key=lambda each: each.run.network):
            self._compute(session, network, [*several], clock)
        self.write_index()

    def _compute(self, session: Session, network: str, due: list[Due], clock: _Progress) -> None:
        """Compute runs on one network, of which all processes share one copy."""
        session.progress(f"reading {network}")
        try:
            router = shared_router(network, due, processes=self.processes)
        except (VeredaError, OSError) as error:
            # Runs on other networks do not depend on this one.
            for each in due:
                self._fail(each, failure(error))
                clock.tell(each.run.name)
            return
        parent = os.getpid()
        tasks, busy, died = deque(due), list[Due](), Counter[str]()

        def work(each: Due) -> int:
            return _run_apart(router, each.run, self.store, parent=parent)

        def log(each: Due) -> Path:
            return self.store.log(each.run.address)

        while tasks or busy:
            tasks.extend(self._free(session, busy) if not tasks else ())
            for each, code in run_in_forks(tasks, work, processes=self.processes, log=log):
                address = each.run.address
                if code == _BUSY:
                    busy.append(each)
                    continue
                if code >= _DISK:
                    number = code - _DISK
                    raise OSError(number, os.strerror(number), str(self.store.result(address)))
                if code and not self.store.done(address):
                    died[address] += 1
                    if died[address] < TRIES:
                        tasks.append(each)
                        continue
                    how = f"signal {-code}" if code < 0 else f"exit code {code}"
                    words = f"Its process ended with {how}, {TRIES} times; {log(each)} may say why."
                    if not self._fail(each, {"error": words, "code": FAULT}):
                        busy.append(each)
                        continue
                clock.tell(each.run.name)

    def _free(self, session: Session, busy: list[Due]) -> list[Due]:
        """Wait until other batches release some runs, which are returned and leave `busy`."""
        session.progress(f"waiting for another batch: {len(busy):,} scenarios")
        while True:
            free, still = list[Due](), list[Due]()
            for each in busy:
                # Checked in this process, since a new one would cost more than the check.
                with self.store.claim(each.run.address) as is_free:
                    (free if is_free else still).append(each)
            if free:
                busy[:] = still
                return free
            time.sleep(_BUSY_SECONDS)

    def _fail(self, each: Due, record: Mapping[str, Any]) -> bool:
        """Take note that a run has failed, if nobody has done it; false where another is at it."""
        address = each.run.address
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


def shared_router(network: str, due: Sequence[Due], *, processes: int) -> Router:
    """A router with everything in memory that runs need, which processes share.

    Raises
    ------
    DataError
        When the network cannot be read, or was replaced since its scenarios were read.
    """
    from geodata.network.store import load_network
    from routes.router import Router

    router = Router(load_network(network), threads=max((os.cpu_count() or 1) // processes, 1))
    if router.network.digest != due[0].run.digest:
        raise DataError("network", network, "It was replaced in this moment; begin again.")
    router.prepare()
    # When this fails, the first runs are only slower.
    with suppress(VeredaError, OSError):
        _warm_up(router, {name for each in due for name in each.run.outputs})
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
            if not isinstance(error, VeredaError):
                traceback.print_exc()
            record = failure(error)
            echo(record["error"])
            store.tell(run.address, {"status": FAILED, **record})
    return 0


def _publish(router: Router, run: Run, store: Runs, *, check: Any) -> None:
    """Compute a run and write its result, its record first."""
    from geodata.publication.results.publish import publish
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


def failure(error: Exception) -> dict[str, Any]:
    """Columns of the index for a run that failed; its log has the traceback of a fault."""
    kind = "" if isinstance(error, VeredaError) else f"{type(error).__name__}: "
    return {"error": " ".join(f"{kind}{error}".split()), "code": exit_code(error)}
