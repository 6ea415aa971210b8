"""The service under clients: memory of processes together, and live corridors for several at once.

Run it with ``python -m benchmarks.serving``. The engine's time of a question is the step
``compute`` that the service tells of the question asked alone, by nobody else at the time. Eight
clients then ask at once, and every question is one that was not asked before: first as people at
a map do, who look at an answer for a moment before they move the origin on; then as programs
do, without a pause. Eight that never pause keep eight answers in the making: two processors give
each a quarter of one, so that the mean alone is four times the engine's time.
"""

from __future__ import annotations

import argparse
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

from benchmarks.service import Client, Service
from benchmarks.timing import Floor, Time, heading, show

CLIENTS = 8
QUESTIONS = 12
THOUGHT_SECONDS = 0.5
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
    with Service(*chosen, "--workers", "2") as service:
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
    """Time of an answer by the client's watch, for eight of them, against the engine's alone."""
    alone, asked = Client(service.address), questions(15, seed=3)
    # All at once, so that every process has answered some before the watch runs.
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda path: Client(service.address).get(path), questions(24, seed=2)))
    engine = [_compute(alone, path) for path in asked]
    show("live", "engine alone", Time(least=min(engine), median=median(engine)))
    for seed, pause in ((4, THOUGHT_SECONDS), (5, 0.0)):
        crowd(service, median(engine), seed=seed, pause=pause)


def crowd(service: Service, engine: float, *, seed: int, pause: float) -> None:
    """Eight clients at once, each with a pause after every answer, or with none."""
    paths = questions(CLIENTS * QUESTIONS, seed=seed)
    groups = [paths[k::CLIENTS] for k in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        pieces = list(
            pool.map(lambda k: _work(service.address, groups[k], pause, k), range(CLIENTS))
        )
    spent = [seconds for piece in pieces for seconds in piece]
    p95 = quantiles(spent, n=20)[-1]
    task = f"live, {CLIENTS} clients, {f'{pause:g} s apart' if pause else 'no pause'}"
    who = f"p95 {1000 * p95:.0f} ms against engine's median"
    show(task, who, Time(least=min(spent), median=median(spent)), p95 / engine, LIVE_CEILING)


def _compute(client: Client, path: str) -> float:
    status, _, steps = client.get(path)
    if status != 200:
        raise SystemExit(f"{path} was answered with {status}")
    return steps["compute"] / 1000


def _work(address: str, paths: list[str], pause: float, number: int) -> list[float]:
    """Seconds of each answer for one client."""
    client, spent = Client(address), []
    time.sleep(pause * number / CLIENTS)
    for path in paths:
        begun = time.perf_counter()
        status, _, _ = client.get(path)
        if status != 200:
            raise SystemExit(f"{path} was answered with {status}")
        spent.append(time.perf_counter() - begun)
        time.sleep(pause)
    client.close()
    return spent


if __name__ == "__main__":
    main()
