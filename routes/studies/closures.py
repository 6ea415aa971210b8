"""Closures: effects of closing one gateway on a flow, and the smallest cuts that stop it.

Each demand, an origin with its possible destinations, is answered separately. When the flow of a
demand does not pass the gateway, its answer cannot change and is reused; the other demands are
answered again, from the band on, with the gateway's links closed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np

from geodata.arrays import Float32Array, Float64Array
from geodata.errors import InputError, NoPathError, require_all
from geodata.network.network import Network
from routes.alternatives.itineraries import arc_gateways
from routes.corridors.corridor import corridor_shares, gateway_shares
from routes.router import Router, require_question
from routes.scenario.edited_costs import edited
from routes.scenario.edits import close
from routes.scenario.ends.endpoints import locate, pin_end, require_distinct, seek, split_origin
from routes.scenario.ends.usable_nodes import Footing
from routes.scenario.scenario import Scenario
from routes.search.arcs import Arcs
from routes.search.trees import grow_tree
from routes.search.unreachable import explain_no_path
from routes.studies.cuts import Cut, Trip, cut_curve
from routes.studies.defaults import LEAST_SHARE


@dataclass(frozen=True, kw_only=True)
class Closure:
    """Effects of closing one gateway.

    Parameters
    ----------
    gateway
        Row of ``network.gateways``.
    usage
        Share of flow that passes it while it is open.
    lost
        Share of flow without any path within the slack of the best path before the closure.
    added
        Rise of the least cost in risk-adjusted hours, mean over the flow that keeps a path. Zero
        when an equally good path avoids the gateway.
    cut
        Share of flow that keeps no path at all.
    gains
        Rise of the share through each other gateway, by its row, largest first.
    cut_off
        Whether a search for corridors, before or after the closure, was cut off; shares are then
        those of the corridors proven cheapest.
    """

    gateway: int
    usage: float
    lost: float
    added: float
    cut: float
    gains: tuple[tuple[int, float], ...]
    cut_off: bool = False


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """Least cost of a demand, its share through each gateway, and whether a search was cut off."""

    best: float
    usage: Float64Array
    cut_off: bool = False


def check_least(least: float) -> None:
    """Refuse a number that is not a share of flow.

    Raises
    ------
    InputError
        When the number is not above 0 and at most 1.
    """
    if not 0 < least <= 1:
        raise InputError("least", least, "Give a share of flow above 0 and up to 1, such as 0.02.")


def close_gateways(
    router: Router,
    scenario: Scenario,
    *,
    least: float = LEAST_SHARE,
    progress: Callable[[str], None] | None = None,
) -> list[Closure]:
    """Close in turn each gateway that carries a share of flow, the hardest closure first.

    Parameters
    ----------
    router, scenario
        The network and the question; things that the scenario closes stay closed.
    least
        Gateways that carry less are not closed.
    progress
        Called with the name of each gateway before it is closed.

    Raises
    ------
    InputError
        When `least` is not a share, or the scenario is wrong.
    NoPathError
        When an origin reaches no destination while all is open.

    Examples
    --------
    >>> from routes import Router, Scenario, close_gateways, load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("cocaine-north"))
    >>> closures = close_gateways(router, scenario, least=0.3)
    >>> [(round(closure.usage, 2), round(closure.added, 2)) for closure in closures]
    [(0.76, 1.34), (0.34, 0.22)]
    """
    require_question(router, scenario)
    check_least(least)
    demands, shares = split_demands(router.network, scenario, router.footing(scenario))
    before = [_answer(router, demand) for demand in demands]
    usage = shares @ np.array([answer.usage for answer in before])
    rows = np.flatnonzero(usage >= least)
    names = router.network.gateways["name"]
    closures = []
    for row in rows.tolist():
        if progress is not None:
            progress(f"closing {names.iloc[row]}")
        after = [
            _closed(router, demand, answer, row)
            for demand, answer in zip(demands, before, strict=True)
        ]
        closures.append(_compare(row, shares, before, after, scenario))
    return sorted(closures, key=lambda c: (-c.cut, -c.lost, -c.added, -c.usage, c.gateway))


def cut_flow(router: Router, scenario: Scenario, *, slacks: Sequence[float]) -> list[Cut]:
    """Smallest cuts of a flow; gateways are rows of ``network.gateways``.

    Parameters
    ----------
    router, scenario
        The network and the question; the slack of the scenario is not used.
    slacks
        Slacks of the cuts, each as a share of the least cost of an origin.

    Raises
    ------
    InputError
        When a slack or an end is wrong, or the scenario has stops: a cut concerns all paths.
    NoPathError
        When an origin reaches no destination; the message says which part is cut off.

    Examples
    --------
    >>> from routes import Router, Scenario, cut_flow, load_network, load_profile
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("cocaine-north"))
    >>> cuts = cut_flow(router, scenario, slacks=[0.0, 0.05])
    >>> [(cut.slack, len(cut.gateways)) for cut in cuts]
    [(0.0, 2), (0.05, 6)]
    """
    require_question(router, scenario)
    slacks = require_all(
        slacks, Real, field="slacks", remedy="Give shares in a list, such as [0.1]."
    )
    if scenario.via:
        remedy = "A cut is of all paths: leave out what they must pass."
        raise InputError("via", list(scenario.via), remedy)
    network, arcs = router.network, router.arcs
    cost = edited(network, arcs, router.cost(scenario.profile), scenario.edits)
    demands, _ = split_demands(network, scenario, router.footing(scenario))
    trips = [_trip(network, demand) for demand in demands]
    gateway = arc_gateways(network, arcs)
    try:
        return cut_curve(arcs, cost, gateway, trips, slacks=slacks)
    except NoPathError as error:
        # Several places of one origin share its name; only one of them is cut off.
        trip = next(
            trip for trip in trips if trip.name == error.value and not _joined(arcs, cost, trip)
        )
        remedy = explain_no_path(network, arcs, cost, trip.origins, trip.destinations)
        raise NoPathError("from", trip.name, remedy) from error


def _joined(arcs: Arcs, cost: Float32Array, trip: Trip) -> bool:
    """Whether a trip has a path."""
    return bool(np.isfinite(grow_tree(arcs, cost, trip.origins).cost[trip.destinations]).any())


def _trip(network: Network, demand: Scenario) -> Trip:
    start = locate(network, demand.profile.origins[0], field="from")
    ends = [locate(network, end, field="to") for end in demand.profile.destinations]
    return Trip(
        name=start.name,
        origins=start.nodes,
        destinations=np.concatenate([end.nodes for end in ends]),
        entry=np.concatenate([np.full(len(end.nodes), end.entry) for end in ends]),
    )


def split_demands(
    network: Network, scenario: Scenario, footing: Footing | None = None
) -> tuple[list[Scenario], Float64Array]:
    """A scenario for each place where flow begins, the ends of each, and their shares.

    Parameters
    ----------
    footing
        Nodes where the flow may begin and end while all gateways are open: the ends stay at these
        nodes when gateways are closed. By default, each scenario looks for its own nodes.
    """
    profile = scenario.profile
    for field, sides in (("from", profile.origins), ("to", profile.destinations)):
        named = [seek(network, end, field=field) for end in sides if "name" in end.at]
        require_distinct(named, field=field)
    origins = {origin.name: origin for origin in profile.origins}
    all_ends = profile.destinations
    if footing is not None:
        located = [
            locate(network, end, field="to", footing=footing, arriving=True) for end in all_ends
        ]
        all_ends = tuple(pin_end(end) for end in located)
    ends = {end.name: end for end in all_ends}
    parts, demand = [], []
    for sending in profile.demands():
        places = tuple(ends[name] for name in sending.destinations)
        undivided = replace(origins[sending.origin], demand=sending.demand)
        for origin in split_origin(network, undivided, footing):
            part = replace(profile, origins=(origin,), destinations=places, pairs=(), shares=())
            parts.append(replace(scenario, profile=part))
            demand.append(origin.demand)
    return parts, np.array(demand) / sum(demand)


def _answer(router: Router, demand: Scenario) -> _Answer:
    flow, _ = router.flow(demand, detail=np.inf)
    usage = gateway_shares(router.network, corridor_shares(flow.corridors))
    return _Answer(best=min(flow.best), usage=usage, cut_off=bool(flow.cut))


def _closed(router: Router, demand: Scenario, before: _Answer, row: int) -> _Answer:
    """The answer to a demand with a gateway closed; its cost is infinite without a path."""
    if not before.usage[row]:
        return before
    identity = str(router.network.gateways["id"].iloc[row])
    try:
        return _answer(router, replace(demand, edits=(*demand.edits, close(identity))))
    except NoPathError:
        return _Answer(best=np.inf, usage=np.zeros(len(before.usage)))


def _compare(
    row: int, shares: Float64Array, before: list[_Answer], after: list[_Answer], scenario: Scenario
) -> Closure:
    old = np.array([answer.best for answer in before])
    new = np.array([answer.best for answer in after])
    hours = scenario.slack_hours
    within = old * (1 + scenario.slack) if hours is None else old + hours
    kept = np.isfinite(new)
    usage = shares @ np.array([answer.usage for answer in before])
    rise = shares @ np.array([answer.usage for answer in after]) - usage
    rise[row] = 0.0
    order = np.lexsort((np.arange(len(rise)), -rise))
    dearer = np.maximum(new[kept] - old[kept], 0.0)
    return Closure(
        gateway=row,
        usage=float(usage[row]),
        lost=float(shares[new > within].sum()),
        added=float(np.average(dearer, weights=shares[kept])) if kept.any() else np.inf,
        cut=float(shares[~kept].sum()),
        gains=tuple((int(g), float(rise[g])) for g in order if rise[g] > 1e-9),
        cut_off=any(answer.cut_off for answer in (*before, *after)),
    )
