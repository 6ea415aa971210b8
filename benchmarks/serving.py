"""The service under clients: memory of processes together, and live corridors for several at once.

Run it with ``python -m benchmarks.serving``. Eight clients ask at once, and every question is one
that was not asked before: first as people at a map do, who look at an answer for a moment before
they move the origin on; then as programs do, without a pause. The engine's time of a question is
told twice. With nothing kept it is what `Router.flow` takes here from the costs on, on two threads
and with nobody else at the processor. The step ``compute`` that the service tells of a question
asked alone is shorter, because a service keeps costs and the tree to the destinations; the ceiling
is held against that. Eight clients that never pause keep eight answers in the making: two
processors give each a quarter of one, so that answers worked out one by one take four times what is
left to compute on average. Two clients that never pause, one for each processor, show what is left
when that wait is taken away.
"""

from __future__ import annotations

import argparse
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np

from benchmarks.service import Client, Service
from benchmarks.timing import Floor, Time, heading, show
from geodata.network import Network
from routes.endpoints import parse_end
from routes.profiles import load_profile
from routes.router import Router
from routes.scenario import Scenario

CLIENTS = 8
WORKERS = 2
"""Processes that answer, one a processor."""
QUESTIONS = 30
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
    with Service(*chosen, "--workers", str(WORKERS)) as service:
        live(service, options.network)


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


def live(service: Service, network: Path) -> None:
    """Time of an answer by the clients' watch, against the engine's alone."""
    # All at once, so that every process has answered some before the watch runs.
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda path: Client(service.address).get(path), questions(24, seed=2)))
    asked, alone = questions(15, seed=3), Client(service.address)
    kept = _told("engine alone, costs and tree kept", [_compute(alone, path) for path in asked])
    bare = _told("engine alone, nothing kept", _bare(network, asked))
    alone.close()
    slow = crowd(service, seed=4, pause=THOUGHT_SECONDS)
    _against(slow, "costs and tree kept", kept, LIVE_CEILING)
    few = crowd(service, seed=6, clients=WORKERS)
    _against(few, "costs and tree kept", kept)
    fast = crowd(service, seed=5)
    _against(fast, "costs and tree kept", kept, LIVE_CEILING)
    _against(fast, "nothing kept", bare)


def crowd(
    service: Service, *, seed: int, clients: int = CLIENTS, pause: float = 0.0
) -> tuple[str, list[float]]:
    """Seconds of each answer to clients at once, who pause after every one or do not."""
    paths = questions(clients * QUESTIONS, seed=seed)

    def work(client: int) -> list[float]:
        return _work(service.address, paths[client::clients], pause, client / clients)

    with ThreadPoolExecutor(clients) as pool:
        pieces = list(pool.map(work, range(clients)))
    task = f"live, {clients} clients, {f'{pause:g} s apart' if pause else 'no pause'}"
    return task, [seconds for piece in pieces for seconds in piece]


def _told(who: str, spent: list[float]) -> float:
    show("live", who, Time(least=min(spent), median=median(spent)))
    return median(spent)


def _against(
    found: tuple[str, list[float]], whose: str, engine: float, floor: Floor | None = None
) -> None:
    task, spent = found
    p95 = quantiles(spent, n=20)[-1]
    time = Time(least=min(spent), median=median(spent))
    show(task, f"p95 {1000 * p95:.0f} ms, engine with {whose}", time, p95 / engine, floor)


def _bare(network: Path, paths: list[str]) -> list[float]:
    """Seconds that the engine takes from the costs on."""
    router, spent = Router(Network.load(network)), []
    router.prepare()
    for path in paths:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        ends = [(parse_end(asked[name], field=name),) for name in ("from", "to")]
        profile = load_profile(asked["profile"]).between(*ends)
        scenario = Scenario(profile=profile, slack=float(asked["slack"]))
        begun = time.perf_counter()
        router.flow(scenario, cost=router.cost(profile), detail=np.inf)
        spent.append(time.perf_counter() - begun)
    return spent[1:]


def _compute(client: Client, path: str) -> float:
    status, _, steps = client.get(path)
    if status != 200:
        raise SystemExit(f"{path} was answered with {status}")
    return steps["compute"] / 1000


def _work(address: str, paths: list[str], pause: float, late: float) -> list[float]:
    """Seconds of each answer for one client, who begins late by a share of a pause."""
    client, spent = Client(address), []
    time.sleep(pause * late)
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
