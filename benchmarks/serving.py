"""The service under clients: memory of processes together, and live corridors for several at once.

Run it with ``python -m benchmarks.serving``. Eight clients ask at once, and every question is one
that was not asked before: first as people at a map do, who look at an answer for a moment before
they move the origin on; then as programs do, without a pause. All is told beside the engine's
time, which is the median of the step ``compute`` of questions that are asked alone.

Eight clients that never pause keep eight answers in the making. Two processors that did nothing
but the engine's work would give ``processors / engine time`` answers a second, and each client
would wait ``clients / processors`` times the engine's time. How near the service comes to that is
what is measured: of the rate it has to reach three quarters, and 19 of 20 waits may not be longer
than 1.6 times the ideal one. All that an answer takes besides, from reading a request to what the
clients themselves take of the same processors, is counted against the service.

A processor that others share too may change its speed by a third from one second to the next.
Questions asked alone and the crowd therefore take turns, each turn of the crowd is held against
the engine's time just before and just after it, and the median of the turns is told.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import quote

from benchmarks.crowd import Crowd
from benchmarks.service import Client, Service
from benchmarks.timing import Floor, Time, heading, show

CLIENTS = 8
PROCESSORS = min(CLIENTS, len(os.sched_getaffinity(0)))
"""As many processes answer."""
TURNS = 9
ALONE, QUESTIONS, SATURATED = 40, 30, 60
"""Questions asked alone before and after a turn, by each client that pauses, and by each that does
not in a turn."""
THOUGHT_SECONDS = 0.5
RATE_FLOOR = Floor(least=0.75)
WAIT_CEILING = Floor(least=1.6, at_most=True)
LIVE_CEILING = Floor(least=3, at_most=True)
MEMORY_CEILING = Floor(least=1.5, at_most=True)
# Land between San Pedro Sula and Tela, well inside the network.
WEST, EAST, SOUTH, NORTH = -88.1, -87.5, 15.2, 15.6


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("network"))
    options = parser.parse_args()
    heading()
    chosen = ("--network", str(options.network))
    memory(chosen)
    with Service(*chosen, "--workers", str(PROCESSORS)) as service:
        live(service)


def memory(chosen: tuple[str, ...]) -> None:
    """All processes with four that answer against all with one, after the same work."""
    weights = {}
    for workers in (1, 4):
        with Service(*chosen, "--workers", str(workers)) as service:
            begun = time.perf_counter()
            paths = questions(40, seed=1) + ["/collections/roads/items?limit=1000"] * 40
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(lambda path: Client(service.address).get(path), paths))
            spent = time.perf_counter() - begun
            weights[workers] = service.megabytes()
        ratio = weights[workers] / weights[1] if workers > 1 else None
        floor = MEMORY_CEILING if workers > 1 else None
        show("memory of all processes", f"{workers} workers, {weights[workers]:,.0f} MiB",
             Time(least=spent, median=spent), ratio, floor)  # fmt: skip


def questions(count: int, *, seed: int) -> list[str]:
    """Questions from points all over some land to Tapachula, each another one."""
    chance = random.Random(seed)
    points = [(chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)) for _ in range(count)]
    return [
        f"/corridors?profile=migrants-north&slack=0.1&to=Tapachula&from={quote(f'{x:.4f},{y:.4f}')}"
        for x, y in points
    ]


def live(service: Service) -> None:
    """Answers by the clients' watch, against the engine's time."""
    # All at once, so that every process has answered some before the watch runs.
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda path: Client(service.address).get(path), questions(24, seed=2)))
    turns = [Turn.take(service, seed=10 * number) for number in range(1, TURNS + 1)]
    engine = median(turn.engine for turn in turns)
    show("live, asked alone", "engine", _between([turn.engine for turn in turns]))
    rates, waits = [turn.rate for turn in turns], [turn.wait for turn in turns]
    spent = _between([one for turn in turns for one in turn.crowd.spent])
    task = f"live, {CLIENTS} clients, no pause"
    show(task, f"rate of the ideal, {_range(rates)}", spent, median(rates), RATE_FLOOR)
    show(task, f"p95 of the ideal wait, {_range(waits)}", spent, median(waits), WAIT_CEILING)
    paths = questions(CLIENTS * QUESTIONS, seed=4)
    slow = Crowd.ask(service.address, paths, clients=CLIENTS, pause=THOUGHT_SECONDS)
    show(f"live, {CLIENTS} clients, {THOUGHT_SECONDS:g} s apart",
         f"p95 {_ms(slow.p95)}, engine {_ms(engine)}", _between(slow.spent), slow.p95 / engine,
         LIVE_CEILING)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A crowd without pause, and the engine just before and just after it.

    Parameters
    ----------
    engine
        Seconds of a question that is asked alone.
    """

    engine: float
    crowd: Crowd

    @classmethod
    def take(cls, service: Service, *, seed: int) -> Turn:
        """Ask alone, then all at once, then alone again."""
        before = engine_seconds(service, seed=seed)
        paths = questions(CLIENTS * SATURATED, seed=seed + 1)
        fast = Crowd.ask(service.address, paths, clients=CLIENTS)
        after = engine_seconds(service, seed=seed + 2)
        return cls(engine=median(before + after), crowd=fast)

    @property
    def rate(self) -> float:
        """Answers a second, of those that processors would give that did nothing else."""
        return self.crowd.rate * self.engine / PROCESSORS

    @property
    def wait(self) -> float:
        """What 19 of 20 answers took at most, in waits of a client of such processors."""
        return self.crowd.p95 / (self.engine * CLIENTS / PROCESSORS)


def engine_seconds(service: Service, *, seed: int) -> list[float]:
    """What the engine takes for each question that is asked alone."""
    alone = Client(service.address)
    spent = [_answered(alone, path)["compute"] / 1000 for path in questions(ALONE, seed=seed)]
    alone.close()
    return spent


def _between(spent: list[float]) -> Time:
    return Time(least=min(spent), median=median(spent))


def _range(ratios: list[float]) -> str:
    return f"{min(ratios):.2f} to {max(ratios):.2f}"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def _answered(client: Client, path: str) -> dict[str, float]:
    """Milliseconds of each step of an answer."""
    status, _, steps = client.get(path)
    if status != 200:
        raise SystemExit(f"{path} was answered with {status}")
    return steps


if __name__ == "__main__":
    main()
