"""Siting: places of a network for each budget, greedily and exactly, and how stable they are.

Places are gateways: crossings, border sectors, ports, landings and river mouths. A chosen one adds
hours at each passing, as the edit that strengthens it does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geodata.arrays import Float64Array
from geodata.computing.tasks import Check, unhindered
from geodata.errors import InputError
from routes.corridors.loading import Flow
from routes.router import Router, require_question
from routes.scenario.costs.draws import Uncertainty
from routes.scenario.edits import Edit
from routes.scenario.scenario import Scenario
from routes.studies.ensemble import Progress, draw_of, drawn_flow
from routes.studies.siting.interdiction import (
    KnownFamilies,
    Site,
    Ways,
    breaks_submodularity,
    choose_best,
    choose_greedily,
    interdict,
)

MOST_BUDGET = 20
"""More places than this are no choice of a few."""


@dataclass(frozen=True, kw_only=True)
class Siting:
    """Places for each budget.

    Parameters
    ----------
    best
        The exact choice for each budget from 1, as far as its gap says.
    greedy
        Places in the order in which greedy takes them.
    greedy_values
        Mean least cost that each budget leads to when they are taken so.
    before
        Mean least cost while nothing is chosen.
    unguaranteed
        Whether two of the places add more together than each alone, so that greedy has no
        guarantee; where not, none was found, which proves none.
    chosen
        Share of draws in which each place is chosen for the largest budget; empty without draws.
    """

    best: list[Site]
    greedy: list[int]
    greedy_values: list[float]
    before: float
    unguaranteed: bool
    chosen: dict[int, float]


def site(
    router: Router,
    scenario: Scenario,
    *,
    budget: int,
    hours: float,
    draws: int = 0,
    seed: int = 1,
    progress: Progress = lambda _: None,
    check: Check = unhindered,
) -> Siting:
    """Choose gateways to strengthen, for each budget up to one.

    Parameters
    ----------
    router, scenario
        The network and the flow.
    budget
        Number of places at most.
    hours
        What each passing of a chosen place costs more, in risk-adjusted hours.
    draws, seed
        Draws of uncertain inputs, in each of which the places of the largest budget are chosen
        among the families within the slack; and what they follow from.
    progress
        Called with a line for people before each step.
    check
        Function called every few milliseconds; an exception that it raises ends the work.

    Raises
    ------
    InputError
        When budget or hours are out of range, the scenario is wrong, or no path passes a gateway.
    NoPathError
        When an origin reaches no destination.

    Examples
    --------
    >>> from routes import Router, Scenario, load_network, load_profile
    >>> from routes.studies.siting import site
    >>> scenario = Scenario(profile=load_profile("contraband-west"))
    >>> siting = site(Router(load_network("network")), scenario, budget=1, hours=2.0)
    >>> siting.best[0].gap < 0.01
    True
    """
    require_question(router, scenario)
    _check(budget, hours)
    sites = _Sites(router, scenario, hours, progress, check)
    families = sites.families()
    if not families.delay.nnz:
        remedy = "The flow passes no gateway: there is no place to strengthen."
        raise InputError("from", [end.name for end in scenario.profile.origins], remedy)
    before, best = families.value(()), list[Site]()
    for size in range(1, budget + 1):
        sited, families = interdict(families, size, sites.answer)
        best.append(sited)
    greedy = choose_greedily(families, budget)
    values = list[float]()
    for size in range(1, budget + 1):
        taken = tuple(sorted(greedy[:size]))
        families = families.joined(sites.answer(taken))
        values.append(families.value(taken))
    looked_at = tuple(sorted({*greedy, *(place for each in best for place in each.places)}))
    return Siting(
        best=best, greedy=greedy, greedy_values=values, before=before,
        unguaranteed=breaks_submodularity(families, looked_at),
        chosen=sites.stability(budget, draws, seed),
    )  # fmt: skip


def _check(budget: int, hours: float) -> None:
    if not 1 <= budget <= MOST_BUDGET:
        remedy = f"Give a number of places from 1 to {MOST_BUDGET}."
        raise InputError("budget", budget, remedy)
    if not 0 < hours < np.inf:
        remedy = "Give hours above zero that each passing of a place costs more, such as 6."
        raise InputError("hours", hours, remedy)


class _Sites:
    """Answers on the whole network, each choice once."""

    def __init__(
        self, router: Router, scenario: Scenario, hours: float, progress: Progress, check: Check
    ) -> None:
        self._router, self._scenario, self._check = router, scenario, check
        self._progress = progress
        self._ids = router.network.gateways["id"].astype(str).tolist()
        self._hours = np.full(len(self._ids), hours)
        self._known: dict[tuple[int, ...], Ways] = {}

    def families(self) -> KnownFamilies:
        """Those of the flow while nothing is chosen."""
        self._progress("computing the flow")
        flow, _ = self._router.flow(self._scenario, detail=np.inf, check=self._check)
        self._known[()] = self._ways(flow, ())
        share = np.array([demand.share for demand in flow.demands])
        return KnownFamilies(ways=self._known[()], share=share, hours=self._hours)

    def answer(self, chosen: tuple[int, ...]) -> Ways:
        """The families of the flow under a choice, at their costs without it."""
        if chosen not in self._known:
            self._progress(f"trying {len(chosen)} places: {', '.join(self._named(chosen))}")
            edits = [Edit(target=self._ids[place], hours=float(self._hours[place]))
                     for place in chosen]  # fmt: skip
            scenario = replace(self._scenario, edits=(*self._scenario.edits, *edits))
            flow, _ = self._router.flow(scenario, detail=np.inf, check=self._check)
            self._known[chosen] = self._ways(flow, chosen)
        return self._known[chosen]

    def _named(self, chosen: Sequence[int]) -> list[str]:
        return self._router.network.gateways["name"].iloc[list(chosen)].astype(str).tolist()

    def _ways(self, flow: Flow, chosen: tuple[int, ...]) -> Ways:
        counts = np.diff([*flow.begins, len(flow.corridors)])
        demand = np.repeat(np.arange(len(counts)), counts).tolist()
        ways: dict[tuple[int, tuple[int, ...]], float] = {}
        for number, corridor in zip(demand, flow.corridors, strict=True):
            added = sum(self._hours[place] for place in corridor.gateways if place in chosen)
            way = (number, tuple(corridor.gateways))
            ways[way] = min(ways.get(way, np.inf), float(corridor.cost - added))
        return ways

    def _beyond(self, flow: Flow) -> Ways:
        """Ways beyond the slack, which may avoid every place: none of them costs less than it."""
        hours = self._scenario.slack_hours
        limits = [
            best * (1 + self._scenario.slack) if hours is None else best + hours
            for best in flow.best
        ]
        ways = self._ways(flow, ())
        return {(number, ()): min(limit, ways.get((number, ()), np.inf))
                for number, limit in enumerate(limits)}  # fmt: skip

    def stability(self, budget: int, draws: int, seed: int) -> dict[int, float]:
        """Share of draws in which each place is chosen."""
        counts = Counter[int]()
        for number in range(draws):
            self._progress(f"draw {number + 1} of {draws}")
            draw = draw_of(self._router, self._scenario, Uncertainty(), seed=seed, number=number)
            flow = drawn_flow(self._router, self._scenario, draw, check=self._check)
            share: Float64Array = np.array([demand.share for demand in flow.demands])
            ways = {**self._ways(flow, ()), **self._beyond(flow)}
            counts.update(
                choose_best(KnownFamilies(ways=ways, share=share, hours=self._hours), budget)[0]
            )
        return {place: count / draws for place, count in counts.most_common()}


def siting_table(router: Router, siting: Siting) -> pd.DataFrame:
    """A row for each budget: places and hours added, exact and greedy, with the gap.

    Columns: ``budget places hours_added bound gap greedy_places greedy_hours_added
    greedy_share``, the last being what greedy reaches of the exact choice.
    """
    gateways = router.network.gateways
    names = gateways["name"].astype(str)
    rows = []
    for place, best in enumerate(siting.best):
        exact = best.value - siting.before
        greedy = siting.greedy_values[place] - siting.before
        rows.append(
            {
                "budget": place + 1,
                "places": "; ".join(names.iloc[list(best.places)]),
                "hours_added": exact,
                "bound": best.bound - siting.before,
                "gap": best.gap,
                "greedy_places": "; ".join(names.iloc[siting.greedy[: place + 1]]),
                "greedy_hours_added": greedy,
                "greedy_share": greedy / exact if exact > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows)


def stability_table(router: Router, siting: Siting) -> pd.DataFrame:
    """Gateways by the share of draws in which they are chosen: ``id name kind share``."""
    rows = list(siting.chosen)
    chosen = router.network.gateways.iloc[rows][["id", "name", "kind"]].reset_index(drop=True)
    return pd.DataFrame(chosen).assign(share=list(siting.chosen.values()))
