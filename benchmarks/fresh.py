"""What only a process of its own can tell: the first call, and the memory at its peak."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.corridors import FIRST_CEILING, MEMORY_CEILING, SLACK
from benchmarks.roads import roads
from benchmarks.timing import Time, show
from geodata.network.store import load_network
from routes.scenario.costs.impedance import Impedance
from routes.scenario.ends.endpoints import locate
from routes.scenario.profiles import load_profile
from routes.search.arcs import lay_out_costs
from routes.search.band import Ends, find_corridor
from routes.search.network_arcs import network_arcs

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def first_call(directory: Path) -> None:
    """Seconds that the first corridor takes more than the second, all preparation included."""
    network, profile = load_network(directory), load_profile("cocaine-north")
    arcs = network_arcs(network)
    cost = Impedance.of(network, arcs).cost(profile)
    start = locate(network, profile.origins[0], field="from").nodes
    end = locate(network, profile.destinations[0], field="to").nodes
    spent = []
    for _ in range(2):
        begun = perf_counter()
        find_corridor(
            arcs, lay_out_costs(arcs, cost), Ends(origins=start, destinations=end), slack=SLACK
        )
        spent.append(perf_counter() - begun)
    more = spent[0] - spent[1]
    task = "fresh process, warm caches"
    show(task, "second call", Time(least=spent[1], median=spent[1]))
    show(task, f"first call, {more:.2f} s more", Time(least=spent[0], median=spent[0]), more,
         FIRST_CEILING)  # fmt: skip


def memory(size: int) -> None:
    """Peak of a corridor over the arrays that it works on and gives back."""
    find_corridor(**_question(2500))
    before = _kilobytes("VmRSS")
    question = _question(size)
    CLEAR.write_text("5")
    begun = perf_counter()
    band = find_corridor(**question)
    spent = perf_counter() - begun
    time = Time(least=spent, median=spent)
    peak = (_kilobytes("VmHWM") - before) / 1024
    megabytes = sum(array.nbytes for array in _arrays([question, band])) / 2**20
    megabytes += 8 * question["arcs"].n / 2**20  # labels and arcs of the tree from the origins
    task = f"memory, {question['arcs'].n:,} nodes"
    show(
        task,
        f"peak {peak:,.0f} MiB, arrays {megabytes:,.0f} MiB",
        time,
        peak / megabytes,
        MEMORY_CEILING,
    )


def _question(size: int) -> dict[str, Any]:
    graph = roads(size)
    ends = Ends(origins=graph.origins, destinations=graph.destinations, entry=graph.entry,
                ending=graph.ending)  # fmt: skip
    return {"arcs": graph.arcs, "cost": graph.weights, "ends": ends, "slack": SLACK}


def _arrays(things: Iterable[Any]) -> list[np.ndarray[Any, Any]]:
    """Arrays that some objects hold, each once, whatever they are views of."""
    arrays: dict[int, np.ndarray[Any, Any]] = {}
    seen: set[int] = set()
    waiting = list(things)
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            base = thing.base if isinstance(thing.base, np.ndarray) else thing
            arrays[id(base)] = base
        elif isinstance(thing, dict):
            waiting.extend(thing.values())
        elif isinstance(thing, list | tuple):
            waiting.extend(thing)
        elif hasattr(thing, "__dict__"):
            waiting.extend(vars(thing).values())
    return list(arrays.values())


def _kilobytes(field: str) -> int:
    lines = STATUS.read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


if __name__ == "__main__":
    if sys.argv[1] == "first":
        first_call(Path(sys.argv[2]))
    else:
        memory(int(sys.argv[2]))
