"""Ensembles: the same scenario under many draws of its uncertain inputs.

A draw changes weights, rates, speeds, fees and scores together. For every corridor, gateway, link
and administrative unit, an ensemble gives the mean usage, its 5-95 % interval, and the share of
draws in which it is used at all or ranks among the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.arrays import Float64Array, Int64Array
from geodata.computing.tasks import Check, in_order, unhindered
from geodata.errors import InputError, require_kind
from geodata.network.network import Network
from routes.corridors.corridor import (
    CorridorKey,
    corridor_shares,
    gateway_shares,
    read_keys,
)
from routes.corridors.loading import Flow
from routes.phrases import number
from routes.results.exposure import unit_usage
from routes.results.result import Result
from routes.results.segment_table import SHOWN_USAGE
from routes.router import Router, require_question
from routes.scenario.costs.draws import Draw, Uncertainty, draw_inputs
from routes.scenario.scenario import Scenario
from routes.search.network_arcs import at_nodes

Progress = Callable[[str], None]

DETAIL = 0.02
"""Families below this share are not spread over links in a draw, which saves most of the time."""
LEAST_DRAWS = 20
"""Number of draws before the first check of convergence."""
TOP = 5
"""Number of ranks that count as among the first."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Ensemble:
    """Results of the draws.

    Parameters
    ----------
    draws
        Number of draws computed.
    converged
        Whether the standard error of every gateway's mean usage fell to the tolerance.
    error
        The largest of those standard errors.
    cut_off
        Draws in which a search for corridors was cut off.
    corridors, gateways, admin, links
        Index: key of the corridor, row of ``network.gateways``, unit id, row of the link. Columns
        mean, low, high, used, top; `admin` also exposure_low and exposure_high.
    """

    draws: int
    converged: bool
    error: float
    cut_off: int
    corridors: pd.DataFrame
    gateways: pd.DataFrame
    admin: pd.DataFrame
    links: pd.DataFrame
    settings: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        """How many draws there are: the tables in full would fill a notebook."""
        state = "converged" if self.converged else "not converged"
        return f"<Ensemble of {number(self.draws, 'draw')}, {state}: error {self.error:.3f}>"


@dataclass(frozen=True, kw_only=True)
class Count:
    """Usage of everything that is reported, in one draw.

    Parameters
    ----------
    corridors
        Usage by corridor.
    gateways, admin, exposure
        Usage by row of ``network.gateways``, and usage and exposure by row of ``network.admin``.
    links, usage
        Links that are used, and the usage of each.
    cut_off
        Whether a search for corridors was cut off.
    """

    corridors: dict[CorridorKey, float]
    gateways: Float64Array
    admin: Float64Array
    exposure: Float64Array
    links: Int64Array
    usage: Float64Array
    cut_off: bool


def count_draw(router: Router, scenario: Scenario, draw: Draw, *, check: Check) -> Count:
    """Answer a scenario under one draw."""
    network, flow = router.network, drawn_flow(router, scenario, draw, check=check)
    shares = corridor_shares(flow.corridors)
    units = unit_usage(network, flow)
    used = np.flatnonzero(flow.link >= SHOWN_USAGE)
    exposure = units * _weakness(network, draw) * network.admin["people"].to_numpy(float)
    return Count(
        corridors=shares, gateways=gateway_shares(network, shares), admin=units,
        exposure=exposure, links=used, usage=flow.link[used], cut_off=bool(flow.cut),
    )  # fmt: skip


def drawn_flow(router: Router, scenario: Scenario, draw: Draw, *, check: Check) -> Flow:
    """Flow of a scenario under one draw, its dispersion as it is drawn."""
    scenario = replace(scenario, profile=replace(scenario.profile, theta=draw.profile.theta))
    flow, _ = router.flow(scenario, cost=router.cost(draw), detail=DETAIL, threads=1, check=check)
    return flow


def _weakness(network: Network, draw: Draw) -> Float64Array:
    """Mean weakness of each unit under a draw."""
    mesh = (network.nodes["kind"] == "mesh").to_numpy()
    unit = pd.Index(network.admin["id"]).get_indexer(network.nodes["admin1"][mesh])
    noise = at_nodes(network, draw.noise["weakness"])[mesh]
    noisy = np.clip(network.nodes["weakness"].to_numpy(float)[mesh] + noise, 0, 1)
    count = np.bincount(unit + 1, minlength=len(network.admin) + 1)
    total = np.bincount(unit + 1, noisy, len(network.admin) + 1)
    return np.asarray((total / np.maximum(count, 1))[1:])


def run_ensemble(
    router: Router,
    scenario: Scenario,
    *,
    draws: int,
    seed: int,
    tolerance: float = 0.03,
    spread: Uncertainty | None = None,
    progress: Progress = lambda _: None,
    check: Check = unhindered,
) -> Ensemble:
    """Answer a scenario under many draws, on all threads of the router.

    Parameters
    ----------
    router, scenario
        The network and the question.
    draws
        Largest number of draws; fewer are computed once the means have converged.
    seed
        The same seed gives the same draws.
    tolerance
        Standard error of the mean usage of every gateway at which the run stops.
    spread
        How far the inputs may be off; by default as in `Uncertainty`.
    progress
        Function called with a line for people after each draw.
    check
        Function called every few milliseconds; an exception that it raises ends the run.

    Raises
    ------
    InputError
        When there are fewer than two draws, or the tolerance is not above zero.

    Examples
    --------
    >>> from routes import Router, Scenario, load_network, load_profile, run_ensemble
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("cocaine-north"))
    >>> ensemble = run_ensemble(router, scenario, draws=4, seed=1)
    >>> ensemble.draws
    4
    """
    require_question(router, scenario)
    check_draws(draws)
    if not tolerance > 0:
        raise InputError("tolerance", tolerance, "It must be above zero, such as 0.03.")
    chosen = spread or Uncertainty()
    counts: list[Count] = []
    for count in _counts(router, scenario, chosen, draws=draws, seed=seed, check=check):
        counts.append(count)
        progress(f"draw {len(counts)} of at most {draws}")
        if len(counts) >= LEAST_DRAWS and _error(counts) <= tolerance:
            break
    settings = {"seed": seed, "tolerance": tolerance, "top": TOP,
                **chosen.record(scenario.profile)}  # fmt: skip
    return _summary(router.network, counts, tolerance, settings)


def _counts(
    router: Router, scenario: Scenario, spread: Uncertainty, *, draws: int, seed: int, check: Check
) -> Iterator[Count]:
    """The counts of the draws of a seed, in order, on all threads of the router."""
    router.prepare()

    def answer(number: int) -> Count:
        draw = draw_of(router, scenario, spread, seed=seed, number=number)
        return count_draw(router, scenario, draw, check=check)

    return in_order(answer, range(draws), threads=router.threads)


def draw_of(
    router: Router, scenario: Scenario, spread: Uncertainty, *, seed: int, number: int
) -> Draw:
    """A draw of those of a seed: scenarios of one network and profile share it."""
    return draw_inputs(router.network, scenario.profile, spread, seed=seed * 100_003 + number)


def check_draws(draws: int) -> None:
    """Refuse a number of draws that gives no interval.

    Raises
    ------
    InputError
        When there are fewer than two.
    """
    remedy = "Give two at least; 100 make a fair interval."
    require_kind(draws, Integral, field="draws", remedy=remedy)
    if draws < 2:
        raise InputError("draws", draws, remedy)


def _error(counts: list[Count]) -> float:
    """Largest standard error of a gateway's mean usage."""
    usage = np.stack([count.gateways for count in counts])
    return float(usage.std(axis=0, ddof=1).max(initial=0.0) / np.sqrt(len(usage)))


def _summary(
    network: Network, counts: list[Count], tolerance: float, settings: dict[str, float]
) -> Ensemble:
    keys = sorted({key for count in counts for key in count.corridors})
    usage = np.array([[count.corridors.get(key, 0.0) for key in keys] for count in counts])
    rows = np.unique(np.concatenate([count.links for count in counts]))
    links = np.zeros((len(counts), len(rows)))
    for row, count in zip(links, counts, strict=True):
        row[np.searchsorted(rows, count.links)] = count.usage
    corridors = _table(usage)
    corridors.index = pd.Index(keys, tupleize_cols=False)
    exposure = np.stack([count.exposure for count in counts])
    admin = _table(np.stack([count.admin for count in counts])).assign(
        exposure_low=np.quantile(exposure, 0.05, axis=0),
        exposure_high=np.quantile(exposure, 0.95, axis=0),
    )
    admin.index = pd.Index(network.admin["id"])
    error = _error(counts)
    return Ensemble(
        draws=len(counts),
        converged=error <= tolerance,
        error=error,
        cut_off=sum(count.cut_off for count in counts),
        corridors=corridors,
        gateways=_table(np.stack([count.gateways for count in counts])),
        admin=admin,
        links=_table(links).set_index(rows),
        settings=settings,
    )


def _table(usage: Float64Array) -> pd.DataFrame:
    """Mean, interval and shares of draws of usage by draw (rows) and thing (columns)."""
    rank = (-usage).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    low, high = np.quantile(usage, [0.05, 0.95], axis=0)
    return pd.DataFrame(
        {
            "mean": usage.mean(axis=0),
            "low": low,
            "high": high,
            "used": (usage >= SHOWN_USAGE).mean(axis=0),
            "top": ((rank < TOP) & (usage > 0)).mean(axis=0),
        }
    )


def with_intervals(network: Network, result: Result, ensemble: Ensemble) -> Result:
    """A copy of a result whose tables have columns with means and intervals.

    Parameters
    ----------
    network
        The network of both.
    result
        The result of a scenario.
    ensemble
        The draws of the same scenario.

    Examples
    --------
    >>> from routes import Router, Scenario, load_network, load_profile
    >>> from routes import run_ensemble, with_intervals
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("cocaine-north"))
    >>> ensemble = run_ensemble(router, scenario, draws=4, seed=1)
    >>> result = with_intervals(router.network, router.run(scenario), ensemble)
    >>> [name for name in result.corridors if name.startswith("usage")]
    ['usage', 'usage_mean', 'usage_low', 'usage_high']
    """
    keys = read_keys(network, result.corridors)
    gateways = pd.Index(network.gateways["id"]).get_indexer(result.gateways["id"])
    links = result.segments["id"].str.removeprefix("L").astype(int)
    admin = _joined(result.admin, ensemble.admin, list(result.admin["id"]))
    exposure = ensemble.admin.loc[list(result.admin["id"])]
    return replace(
        result,
        corridors=_joined(result.corridors, ensemble.corridors, keys),
        gateways=_joined(result.gateways, ensemble.gateways, gateways.tolist()),
        segments=_joined(result.segments, ensemble.links, list(links)),
        admin=admin.assign(
            exposure_low=exposure["exposure_low"].to_numpy(),
            exposure_high=exposure["exposure_high"].to_numpy(),
        ),
        provenance={
            **result.provenance,
            "ensemble": {
                "draws": ensemble.draws,
                "converged": ensemble.converged,
                "standard_error": ensemble.error,
                "cut_off": ensemble.cut_off,
                **ensemble.settings,
            },
        },
    )


def run_with_draws(
    router: Router,
    scenario: Scenario,
    *,
    draws: int,
    seed: int,
    progress: Progress = lambda _: None,
    check: Check = unhindered,
) -> Result:
    """The result of a scenario, with intervals unless `draws` is 0; see `run_ensemble`.

    Examples
    --------
    >>> from routes import Router, Scenario, load_network, load_profile
    >>> from routes.studies import run_with_draws
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("contraband-west"))
    >>> "ensemble" in run_with_draws(router, scenario, draws=0, seed=1).provenance
    False
    """
    result = router.run(scenario, check=check)
    if not draws:
        return result
    ensemble = run_ensemble(
        router, scenario, draws=draws, seed=seed, progress=progress, check=check
    )
    return with_intervals(router.network, result, ensemble)


def _joined(
    frame: gpd.GeoDataFrame, table: pd.DataFrame, keys: Sequence[object]
) -> gpd.GeoDataFrame:
    """Columns usage_mean, usage_low, usage_high, used_share, top_share beside usage."""
    names = {"mean": "usage_mean", "low": "usage_low", "high": "usage_high",
             "used": "used_share", "top": "top_share"}  # fmt: skip
    place = {key: row for row, key in enumerate(table.index)}
    rows = np.array([place.get(key, -1) for key in keys], int)
    padded = np.vstack([table[list(names)].to_numpy(float), np.zeros(len(names))])
    values = {new: padded[rows, k] for k, new in enumerate(names.values())}
    wider = frame.drop(columns="geometry").assign(**values)
    return gpd.GeoDataFrame(wider, geometry=frame.geometry, crs=frame.crs)
