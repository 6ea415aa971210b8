"""The engine against what it is to give, by definition; run it for as long as you like.

``python -m tests.properties.engine --runs 1000000`` asks on two threads so many times and prints
how many answers were wrong. With ``--bounds`` numba looks at every index.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

AGAIN = 20
"""Times that one question is asked on two threads."""
SEEDS = 1 << 40


@dataclass
class Tally:
    """What a campaign has seen: runs, and what was wrong by kind."""

    runs: int = 0
    questions: int = 0
    wrong: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        outside = sum(n for what, n in self.wrong.items() if "out of range" in what)
        wrong = sum(self.wrong.values()) - outside
        faults = "".join(f"\n  {what}: {n}" for what, n in self.wrong.most_common(20))
        return (
            f"{self.runs:,} runs on two threads over {self.questions:,} questions: "
            f"{wrong} wrong, {outside} out of range{faults}"
        )


def fixed_point(arcs, cost, sources, entry, *, reverse):
    """Labels by Bellman and Ford in single precision: what is to come out, bit by bit."""
    near, far = (arcs.head, arcs.tail) if reverse else (arcs.tail, arcs.head)
    label = np.full(arcs.n, np.inf, np.float32)
    np.minimum.at(label, sources, entry)
    while True:
        before = label.copy()
        with np.errstate(over="ignore"):
            np.minimum.at(label, far, label[near] + cost)
        if np.array_equal(before, label):
            return label


def least_costs(arcs, cost, sources, entry, *, reverse):
    """Labels by scipy in double precision; zeros, which mean no arc to it, are shifted."""
    near, far = (arcs.head, arcs.tail) if reverse else (arcs.tail, arcs.head)
    usable = np.isfinite(cost) & (near != far)
    tails = np.concatenate([near[usable], np.full(len(sources), arcs.n)])
    heads = np.concatenate([far[usable], sources])
    values = np.concatenate([cost[usable], entry]).astype(float)
    order = np.lexsort((values, heads, tails))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(tails[order]) != 0) | (np.diff(heads[order]) != 0)
    rows = order[first]
    shape = (arcs.n + 1, arcs.n + 1)
    graph = coo_array((np.maximum(values[rows], 1e-300), (tails[rows], heads[rows])), shape)
    return dijkstra(graph.tocsr(), indices=arcs.n)[: arcs.n]


def leads_on(arcs, case, out, home, ending):
    """Per arc, least cost of a path over it that does not turn straight back, or ends at it."""
    beyond = out[arcs.tail] + case.cost + ending[arcs.head]
    for arc in range(len(case.cost)):
        node, behind = arcs.head[arc], arcs.tail[arc]
        ways = np.arange(arcs.start[node], arcs.start[node + 1])
        ways = ways[(arcs.head[ways] != behind) & (arcs.head[ways] != node)]
        onward = case.cost[ways] + home[arcs.head[ways]]
        least = (out[behind] + case.cost[arc] + onward).min(initial=np.inf)
        beyond[arc] = min(beyond[arc], least)
    return beyond


def faults_of(case, band) -> list[str]:
    """What is wrong with a band, by its definition in single and in double precision."""
    arcs, cost = case.arcs, case.cost
    ends = (case.origins, case.entry), (case.destinations, case.ending)
    faults = []
    for labels, exact in ((fixed_point, True), (least_costs, False)):
        out = labels(arcs, cost, *ends[0], reverse=False)
        home = labels(arcs, cost, *ends[1], reverse=True)
        ending = np.full(arcs.n, np.inf, out.dtype)
        np.minimum.at(ending, *ends[1])
        with np.errstate(over="ignore"):
            total = out[arcs.tail] + cost + home[arcs.head]
            leads = leads_on(arcs, case, out, home, ending)
            nodes = out + home
        best = (home[case.origins] + case.entry).min()
        through = np.maximum(total, leads)
        if exact:
            limit = np.float32(band.limit)
            inside = (nodes[arcs.tail] <= limit) & (nodes[arcs.head] <= limit)
            kept = np.flatnonzero((through <= limit) & inside)
            same = np.array_equal(np.sort(band.arc), kept) and band.best == best
            if not same or not np.array_equal(band.total, total[band.arc]):
                faults.append("not the band of endless trees")
            continue
        limit = best * (1 + case.slack)
        sure = np.flatnonzero(through <= limit)
        perhaps = np.flatnonzero(through <= limit * (1 + 3 * band.margin) + 1e-45)
        if len(np.setdiff1d(sure, band.arc)):
            faults.append("an arc within the slack is lost")
        if len(np.setdiff1d(band.arc, perhaps)):
            faults.append("an arc beyond the slack is kept")
        if abs(band.best - best) > band.margin * best + 1e-45:
            faults.append("the best cost is wrong")
    return faults


def answer(case, weights, threads: int) -> tuple[object, ...]:
    """All of a band that is to be the same, bit by bit."""
    from geodata.errors import NoPathError
    from routes.search.band import find_corridor

    try:
        band = find_corridor(case.arcs, weights, **case.arguments, threads=threads)
    except NoPathError:
        return ("no path",)
    return (
        band.best, band.limit, band.position.tobytes(), band.total.tobytes(),
        band.number.tobytes(),
    )  # fmt: skip


def ask(kind: str, seed: int, again: int, tally: Tally) -> None:
    """One question: by definition on one thread, and again and again on two."""
    from geodata.errors import NoPathError
    from routes.search.arcs import lay_out_costs
    from routes.search.band import find_corridor
    from tests.properties.questions import question

    case = question(kind, seed)
    name = f"{kind} {seed}"
    tally.questions += 1
    weights = lay_out_costs(case.arcs, case.cost)
    try:
        try:
            band = find_corridor(case.arcs, weights, **case.arguments)
            tally.wrong.update(f"{name}: {fault}" for fault in faults_of(case, band))
            assert len(band.arcs.head) == len(band.arc)
        except NoPathError:
            home = least_costs(case.arcs, case.cost, case.destinations, case.ending,
                               reverse=True)  # fmt: skip
            if np.isfinite(home[case.origins] + case.entry).any():
                tally.wrong[f"{name}: no path, though there is one"] += 1
        alone = answer(case, weights, 1)
        for _ in range(again):
            tally.runs += 1
            if answer(case, weights, 2) != alone:
                tally.wrong[f"{name}: two threads answer otherwise"] += 1
    except IndexError as error:
        tally.wrong[f"{name}: out of range: {error}"] += 1


def main() -> None:
    """Ask as often as is wanted; the exit code tells whether all was right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bounds", action="store_true", help="look at every index")
    options = parser.parse_args()
    if options.bounds and os.environ.get("NUMBA_BOUNDSCHECK") != "1":
        cache = Path(tempfile.gettempdir()) / "vereda-bounds"
        os.environ |= {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(cache)}
        os.execv(sys.executable, [sys.executable, "-m", "tests.properties.engine", *sys.argv[1:]])
    from tests.properties.questions import KINDS

    tally, begun = Tally(), time.monotonic()
    chance = np.random.default_rng(options.seed)
    while tally.runs < options.runs:
        for kind in KINDS:
            ask(kind, int(chance.integers(SEEDS)), AGAIN, tally)
    print(f"{tally}\n{time.monotonic() - begun:.0f} s, seed {options.seed}")
    sys.exit(bool(tally.wrong))


if __name__ == "__main__":
    main()
