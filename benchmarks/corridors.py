"""Trees, corridors and ensembles beside scipy, igraph and networkx.

Run it with ``python -m benchmarks.corridors``. Every contestant gets the same graph with nodes
in the same order, is called once before it is timed, and takes turns with the others; a ratio
is of least times. Answers are compared first.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import igraph_tree, networkx_tree, scipy_corridor, scipy_draws, scipy_tree
from benchmarks.roads import CELLS, Roads, roads
from benchmarks.timing import Floor, heading, race, show
from geodata.computing.tasks import in_order
from geodata.network.store import load_network
from routes.scenario.costs.draws import Draw
from routes.scenario.costs.impedance import SCORES, Impedance
from routes.scenario.ends.endpoints import locate
from routes.scenario.profiles import load_profile
from routes.search.arcs import ArcWeights, lay_out_costs
from routes.search.band import Ends, find_band, find_corridor, to_destinations
from routes.search.network_arcs import network_arcs
from routes.search.trees import grow_tree

SIZES = (50_000, 500_000, 5_000_000)
SLACK = 0.15
SPREAD = 0.3
DRAWS = 12
LARGEST_FOR = {"igraph": 500_000, "networkx": 500_000}
"""Beyond this many nodes a peer is skipped: it would take minutes to build."""
TREE_FLOORS = {"scipy": Floor(least=2.5), "igraph": Floor(least=10), "networkx": Floor(least=80)}
CORRIDOR_FLOORS = {500_000: Floor(least=6), 5_000_000: Floor(least=4)}
ENSEMBLE_FLOOR = Floor(least=5)
DEFAULT_CEILING, FIRST_CEILING = Floor(least=1.5, at_most=True), Floor(least=1, at_most=True)
MEMORY_CEILING = Floor(least=1.3, at_most=True)


def main() -> None:
    """Run all of it; floors missed are named at the end by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("network"))
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    options = parser.parse_args()
    heading()
    for size in options.sizes:
        graph = roads(size)
        repeats = 9 if size < 1_000_000 else 3
        time_trees(graph, size, repeats)
        time_corridors(graph, size, repeats)
        if size == 500_000:
            time_ensemble(graph)
    time_default(options.network)
    for piece in (["first", str(options.network)], ["memory", str(max(options.sizes))]):
        subprocess.run([sys.executable, "-m", "benchmarks.fresh", *piece], check=True)


def time_trees(graph: Roads, size: int, repeats: int) -> None:
    """One tree from the middle, of which every peer gives the costs."""
    weights = graph.weights
    peers: dict[str, Callable[[Roads], Callable[[], Any]]] = {
        "scipy": scipy_tree, "igraph": igraph_tree, "networkx": networkx_tree
    }  # fmt: skip

    def ours() -> Any:
        return grow_tree(graph.arcs, weights, [graph.source]).cost

    def numbered() -> Any:
        return grow_tree(graph.arcs, weights, [graph.source]).arc

    np.testing.assert_allclose(ours(), scipy_tree(graph)(), rtol=1e-5)
    task = f"tree, {graph.arcs.n:,} nodes"
    mine = race({"ours": ours, "numbered": numbered}, repeats=repeats)
    show(task, "vereda (costs)", mine["ours"])
    show(task, "vereda (arcs)", mine["numbered"])
    for name, make in peers.items():
        if size > LARGEST_FOR.get(name, size):
            print(f"{task:<32}{name:<36}   skipped")
            continue
        call = make(graph)
        times = race({"ours": ours, name: call}, repeats=3 if name == "networkx" else repeats)
        floor = TREE_FLOORS[name] if size == 500_000 else None
        show(task, f"{name} (costs)", times[name], times[name] / times["ours"], floor)


def time_corridors(graph: Roads, size: int, repeats: int) -> None:
    """16 weighted origins to 16 weighted destinations: both trees and the band."""
    weights = graph.weights
    calls: dict[str, Callable[[], Any]] = {
        f"vereda, {number} thread{'s' * (number > 1)}": _corridor(graph, weights, number)
        for number in (1, 2)
    }
    ours = list(calls)
    calls["scipy min_only and numpy"] = scipy_corridor(graph, slack=SLACK, bounded=False)
    calls["the same, second tree bounded"] = scipy_corridor(graph, slack=SLACK, bounded=True)
    _compare(calls[ours[0]](), calls["scipy min_only and numpy"]())
    times = race(calls, repeats=repeats)
    task = f"corridor, {graph.arcs.n:,} nodes"
    for name in ours:
        show(task, name, times[name])
    floor = CORRIDOR_FLOORS.get(size)
    best = min((times[name] for name in ours), key=lambda time: time.least)
    for name in list(calls)[2:]:
        show(task, name, times[name], times[name] / best, floor)
        floor = None
    cut = race({"cut": lambda: calls[ours[0]]().arcs}, repeats=repeats)["cut"]
    show(task, "vereda, 1 thread, band cut out", cut)


def _corridor(graph: Roads, weights: ArcWeights, threads: int) -> Callable[[], Any]:
    ends = Ends(origins=graph.origins, destinations=graph.destinations, entry=graph.entry,
                ending=graph.ending)  # fmt: skip
    return lambda: find_corridor(graph.arcs, weights, ends, slack=SLACK, threads=threads)


def _compare(band: Any, expected: Any) -> None:
    """Ours has the same arcs as the other, but for some within rounding of the limit.

    A band also holds arcs in the margin beyond its slack, so that none within it is missed.
    """
    within = band.arc[band.total <= band.best * (1 + SLACK)]
    differ = np.setxor1d(within, expected[0])
    if len(differ) > 1e-3 * len(expected[0]):
        raise SystemExit(f"The bands differ in {len(differ)} of {len(expected[0])} arcs.")


def time_ensemble(graph: Roads) -> None:
    """Costs drawn anew and a tree on them: ours in compiled passes, on two threads."""
    draws = [_draw(number) for number in range(DRAWS)]
    theirs = scipy_draws(graph, draws)

    def one(draw: Draw) -> float:
        weights = lay_out_costs(graph.arcs, graph.impedance.cost(draw))
        return float(grow_tree(graph.arcs, weights, [graph.source]).cost[0])

    sure = [replace(draw, spread=0.0) for draw in draws]
    np.testing.assert_allclose(one(sure[0]), scipy_draws(graph, sure)(0)[0], rtol=1e-4)
    calls = {
        "scipy": lambda: [theirs(n) for n in range(DRAWS)],
        "ours": lambda: list(in_order(one, draws, threads=2)),
    }
    times = race(calls, repeats=7)
    rate = {name: f"{DRAWS / time.least:.1f} draws a second" for name, time in times.items()}
    task = f"{DRAWS} draws, {graph.arcs.n:,} nodes"
    show(task, f"vereda, 2 threads, {rate['ours']}", times["ours"])
    show(task, f"numpy and scipy, {rate['scipy']}", times["scipy"], times["scipy"] / times["ours"],
         ENSEMBLE_FLOOR)  # fmt: skip


def _draw(number: int) -> Draw:
    """A draw as an ensemble makes it."""
    rng = np.random.default_rng(number)
    profile = load_profile("migrants-north")
    return Draw(
        profile=replace(profile, rates={k: v * rng.lognormal(0, SPREAD) for k, v in
                                        profile.rates.items()}),
        pace={"local": rng.lognormal(0, SPREAD), "primary": rng.lognormal(0, SPREAD)},
        noise={name: 0.08 * rng.standard_normal(CELLS**2) for name in SCORES},
        spread=SPREAD,
        salt=number,
    )  # fmt: skip


def time_default(directory: Path) -> None:
    """Each origin of the profile on the built network, warm, against one unbounded tree.

    `Router` answers a lone question by both trees at once; asked again about the same
    destinations, it keeps the whole tree to them, and only the other has to be grown.
    """
    network = load_network(directory)
    profile = load_profile("cocaine-north")
    arcs = network_arcs(network)
    weights = lay_out_costs(arcs, Impedance.of(network, arcs).cost(profile))
    ends = [locate(network, end, field="to") for end in profile.destinations]
    destinations = np.concatenate([end.nodes for end in ends])
    ending = np.concatenate([np.full(len(end.nodes), end.entry) for end in ends])
    starts = [locate(network, origin, field="from") for origin in profile.origins]

    def corridor(nodes: Any, threads: int) -> Callable[[], Any]:
        return lambda: find_corridor(
            arcs,
            weights,
            Ends(origins=nodes, destinations=destinations, ending=ending),
            slack=SLACK,
            threads=threads,
        )

    home = to_destinations(arcs, weights, destinations, ending)

    def again(nodes: Any) -> Callable[[], Any]:
        return lambda: find_band(
            arcs, weights, Ends(origins=nodes, destinations=destinations), slack=SLACK, inbound=home
        )

    calls: dict[str, Callable[[], Any]] = {
        "tree": lambda: grow_tree(arcs, weights, starts[0].nodes)
    }
    for start in starts:
        for number in (1, 2):
            calls[f"{start.name}, {number} thread{'s' * (number > 1)}"] = corridor(
                start.nodes, number
            )
        calls[f"{start.name}, tree kept"] = again(start.nodes)
    times = race(calls, repeats=15)
    task = f"default network, {arcs.n:,} nodes"
    show(task, f"one tree over {len(arcs.head):,} arcs", times["tree"])
    for name in list(calls)[1:]:
        # The trees of a corridor may have two threads: the ceiling is theirs.
        ceiling = DEFAULT_CEILING if name.endswith("2 threads") else None
        show(task, name, times[name], times[name] / times["tree"], ceiling)


if __name__ == "__main__":
    main()
