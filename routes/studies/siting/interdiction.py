"""Shortest-path interdiction on families: which places, made dearer, raise the least cost most.

Choose at most K places; each passing of a chosen place costs more. The cost of a choice is the mean
over demands of the least cost that is left, which no path of any family undercuts:

    max  sum over d of share_d z_d    such that
    z_d <= cost_f + sum over p of hours_p passes_fp x_p   for each family f of demand d,
    sum over p of x_p <= K,  x_p in {0, 1}

This is the master problem of Israeli and Wood. Its optimum bounds the true one from above, since
only known families bind it; the choice is then answered on the whole network, which gives a value
that is reached, and families not yet known. The two meet, or the gap between them is reported.

References
----------
Israeli and Wood 2002, Shortest-path network interdiction, Networks 40(2) (the decomposition).
Nemhauser, Wolsey and Fisher 1978, Mathematical Programming 14 (greedy reaches 1 - 1/e of a monotone
submodular function). The cost of a choice is monotone but not submodular in general: of two
parallel ways neither place alone gains what both do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from geodata.arrays import Float64Array, Int64Array
from geodata.errors import DataError

TOLERANCE_HOURS = 1e-3
"""A gap below this is none: costs are single precision."""
MOST_ROUNDS = 40
"""Choices answered on the whole network before the search stops with a gap."""

Ways = Mapping[tuple[int, tuple[int, ...]], float]
"""Least cost by demand and places passed in order, while nothing is chosen."""


@dataclass(frozen=True, kw_only=True)
class KnownFamilies:
    """Known families of some demands.

    Parameters
    ----------
    ways
        Their costs.
    share
        Share of flow of each demand; each has a family.
    hours
        What each passing of a place costs more when it is chosen.
    """

    ways: Ways
    share: Float64Array
    hours: Float64Array

    @cached_property
    def demand(self) -> Int64Array:
        """Demand of each family."""
        return np.array([demand for demand, _ in self.ways], np.int64)

    @cached_property
    def cost(self) -> Float64Array:
        """Cost of each family."""
        return np.array(list(self.ways.values()), np.float64)

    @cached_property
    def delay(self) -> csr_array:
        """Hours that each place adds to each family when it is chosen."""
        rows = np.repeat(np.arange(len(self.ways)), [len(places) for _, places in self.ways])
        places = np.array([place for _, way in self.ways for place in way], np.int64)
        shape = (len(self.ways), len(self.hours))
        return coo_array((self.hours[places], (rows, places)), shape).tocsr()

    def value(self, chosen: tuple[int, ...]) -> float:
        """Mean least cost when some places are chosen."""
        picked = np.zeros(len(self.hours))
        picked[list(chosen)] = 1.0
        cost = self.cost + self.delay @ picked
        least = np.full(len(self.share), np.inf)
        np.minimum.at(least, self.demand, cost)
        return float(self.share @ least)

    def joined(self, ways: Ways) -> KnownFamilies:
        """These and further families, each at its least cost."""
        every = dict(self.ways)
        for way, cost in ways.items():
            every[way] = min(cost, every.get(way, np.inf))
        return KnownFamilies(ways=every, share=self.share, hours=self.hours)


@dataclass(frozen=True, kw_only=True)
class Site:
    """Places for a budget.

    Parameters
    ----------
    places
        The places chosen, ascending.
    value
        Mean least cost that they lead to.
    bound
        No choice leads to more.
    """

    places: tuple[int, ...]
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """By how much another choice might do better."""
        return max(self.bound - self.value, 0.0)


Answer = Callable[[tuple[int, ...]], Ways]
"""The families of least cost of each demand on the whole network when some places are chosen, at
their costs without the choice."""


def choose_best(families: KnownFamilies, budget: int) -> tuple[tuple[int, ...], float]:
    """The best choice as far as the known families say, and its value; exact, by HiGHS.

    Raises
    ------
    DataError
        When the solver ends without an optimum.
    """
    places, demands = len(families.hours), len(families.share)
    least = csr_array((np.ones(len(families.ways)), (np.arange(len(families.ways)),
                       families.demand)), (len(families.ways), demands))  # fmt: skip
    spent = csr_array(np.append(np.ones(places), np.zeros(demands))[None, :])
    rows = vstack([hstack([-families.delay, least]), spent], format="csr")
    passed = np.asarray(families.delay.sum(axis=0)).ravel() > 0
    optimum = milp(
        np.concatenate([np.zeros(places), -families.share]),
        constraints=LinearConstraint(rows, ub=np.append(families.cost, budget)),
        integrality=np.concatenate([np.ones(places), np.zeros(demands)]),
        bounds=Bounds(np.zeros(places + demands), np.append(passed, np.full(demands, np.inf))),
        options={"mip_rel_gap": 1e-9},
    )
    if optimum.x is None or optimum.status != 0:
        raise DataError("budget", budget, f"The solver found no optimum: {optimum.message}")
    chosen = tuple(np.flatnonzero(optimum.x[:places] > 0.5).tolist())
    return chosen, -float(optimum.mip_dual_bound)


def choose_greedily(families: KnownFamilies, budget: int) -> list[int]:
    """Places one after the other, each the one that adds most to those before it.

    Ends early when no place adds anything. Of equal places the first is taken.
    """
    chosen: list[int] = []
    candidates = np.unique(families.delay.indices).tolist()
    value = families.value(())
    while len(chosen) < budget:
        left = [place for place in candidates if place not in chosen]
        values = [families.value((*chosen, place)) for place in left]
        if not values or max(values) <= value + TOLERANCE_HOURS:
            break
        value = max(values)
        chosen.append(left[int(np.argmax(values))])
    return chosen


def breaks_submodularity(families: KnownFamilies, places: tuple[int, ...]) -> bool:
    """Whether two of some places together add more than each alone: no guarantee then holds.

    False proves nothing about sets that were not looked at.
    """
    none = families.value(())
    alone = {place: families.value((place,)) - none for place in places}
    return any(
        families.value(pair) - none > alone[pair[0]] + alone[pair[1]] + TOLERANCE_HOURS
        for pair in combinations(places, 2)
    )


def interdict(
    families: KnownFamilies, budget: int, answer: Answer, *, rounds: int = MOST_ROUNDS
) -> tuple[Site, KnownFamilies]:
    """The best choice on the whole network, or the best found and how much better one may be.

    Parameters
    ----------
    families
        Those known at first, the least costly of each demand among them.
    budget
        Number of places at most.
    answer
        Called with a choice, once each round.
    rounds
        Largest number of rounds.

    Returns
    -------
    Site, KnownFamilies
        The choice, and all families that are known by then.
    """
    best = Site(places=(), value=families.value(()), bound=np.inf)
    for _ in range(rounds):
        chosen, bound = choose_best(families, budget)
        families = families.joined(answer(chosen))
        value = families.value(chosen)
        places, value = max((best.places, best.value), (chosen, value), key=lambda each: each[1])
        best = Site(places=places, value=value, bound=min(best.bound, bound))
        if best.gap <= TOLERANCE_HOURS:
            break
    return best, families
