"""Ensembles: the same scenario under many draws of what nobody knows exactly.

A draw changes weights, rates, speeds, fees and scores together. What comes back for every
corridor, gateway, link and administrative unit is the mean usage, its 5-95 % interval, and the
share of draws in which it is used at all or ranks among the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

from geodata.errors import InputError
from geodata.network import Network
from routes.corridors import Flow, sequence_shares
from routes.exposure import unit_usage
from routes.families import Check, unhindered
from routes.impedance import link_fees
from routes.profiles import Profile
from routes.remoteness import arc_hours, at_nodes
from routes.router import Router
from routes.scenario import Result, Scenario
from routes.search import Arcs
from routes.segments import SHOWN_USAGE

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]

DETAIL = 0.02
"""Families below this share are not spread over links in a draw: it saves most of the time."""
LEAST_DRAWS = 20
"""Convergence is not looked for earlier."""


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """How far the inputs may be off. All values are assumptions.

    Parameters
    ----------
    concentration
        Dirichlet concentration of the split between the weights of remoteness and weakness.
    weights, rates, fees, speeds
        Standard deviation of the logarithm of their factors; speeds by class of link.
    scores
        Standard deviation of the noise added to the scores.
    correlation_km
        Distance over which that noise is alike.
    """

    concentration: float = 10.0
    weights: float = 0.25
    rates: float = 0.2
    fees: float = 0.3
    speeds: float = 0.15
    scores: float = 0.08
    correlation_km: float = 40.0


@dataclass(frozen=True, kw_only=True)
class Draw:
    """One draw: a profile, factors of speed by class of link, and noise on the scores.

    Parameters
    ----------
    noise
        By score, what is added to it on the area's grid.
    """

    profile: Profile
    pace: dict[str, float]
    noise: dict[str, Floats]


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """What the draws say.

    Parameters
    ----------
    draws
        Number of draws made.
    converged
        Whether the standard error of every gateway's mean usage fell to the tolerance.
    error
        The largest of those standard errors.
    corridors, gateways, admin, links
        Index: gateway sequence, row of ``network.gateways``, unit id, row of the link. Columns
        mean, low, high, used, top; `admin` also exposure_low and exposure_high.
    """

    draws: int
    converged: bool
    error: float
    corridors: pd.DataFrame
    gateways: pd.DataFrame
    admin: pd.DataFrame
    links: pd.DataFrame
    settings: dict[str, float] = field(default_factory=dict)


def draw_inputs(network: Network, profile: Profile, spread: Uncertainty, *, seed: int) -> Draw:
    """One draw of the inputs; the same seed gives the same draw."""
    rng = np.random.default_rng(seed)
    total = sum(profile.weights.values())
    split = np.array([max(w, 1e-9) for w in profile.weights.values()])
    shares = rng.dirichlet(split / split.sum() * spread.concentration) if total else split
    total *= rng.lognormal(0, spread.weights)
    classes = network.links["class"].cat.categories
    return Draw(
        profile=replace(
            profile,
            weights={k: float(s * total) for k, s in zip(profile.weights, shares, strict=True)},
            rates={k: v * rng.lognormal(0, spread.rates) for k, v in profile.rates.items()},
            fees={k: v * rng.lognormal(0, spread.fees) for k, v in profile.fees.items()},
        ),
        pace={name: rng.lognormal(0, spread.speeds) for name in classes},
        noise={
            name: spread.scores * smooth_noise(network, spread.correlation_km, rng)
            for name in ("remoteness", "weakness")
        },
    )


def smooth_noise(network: Network, correlation_km: float, rng: np.random.Generator) -> Floats:
    """Noise of unit variance on the grid, alike over a distance."""
    reach = correlation_km * 1000 / network.area.cell_m
    rough = ndimage.gaussian_filter(rng.standard_normal(network.area.shape), reach / np.sqrt(2))
    return np.asarray(rough / rough.std(), np.float64)


def drawn_cost(network: Network, arcs: Arcs, draw: Draw) -> Floats:
    """Generalised cost of each arc under a draw; see `routes.impedance`."""
    links, profile = network.links, draw.profile
    categories = links["mode"].cat.categories
    rate = np.array([profile.rates.get(str(mode), np.inf) for mode in categories])
    pace = np.array([draw.pace[str(name)] for name in links["class"].cat.categories])
    presence = np.ones(len(links))
    ends = links["u"].to_numpy()
    for score, weight in profile.weights.items():
        noisy = links[score].to_numpy(float) + at_nodes(network, draw.noise[score])[ends]
        presence += weight * (1.0 - np.clip(noisy, 0.0, 1.0))
    factor = rate[links["mode"].cat.codes] * pace[links["class"].cat.codes] * presence
    fees = link_fees(network, profile)
    return np.asarray(arc_hours(network, arcs) * factor[arcs.link] + fees[arcs.link])


@dataclass
class _Tally:
    """Usage by draw of everything that is reported."""

    network: Network
    sequences: list[dict[tuple[int, ...], float]] = field(default_factory=list)
    gateways: list[Floats] = field(default_factory=list)
    admin: list[Floats] = field(default_factory=list)
    exposure: list[Floats] = field(default_factory=list)
    links: list[tuple[npt.NDArray[np.int64], Floats]] = field(default_factory=list)

    def add(self, flow: Flow, draw: Draw, arcs: Arcs) -> None:
        """Count one draw."""
        shares = sequence_shares(flow.corridors)
        gateways = np.zeros(len(self.network.gateways))
        for sequence, share in shares.items():
            gateways[list(sequence)] += share
        units = unit_usage(self.network, flow)
        used = np.flatnonzero(flow.link >= SHOWN_USAGE)
        self.sequences.append(shares)
        self.gateways.append(gateways)
        self.admin.append(units)
        self.exposure.append(units * self._weakness(draw) * self.network.admin["people"])
        self.links.append((used, flow.link[used]))

    def _weakness(self, draw: Draw) -> Floats:
        """Mean weakness of each unit under a draw."""
        network = self.network
        mesh = (network.nodes["kind"] == "mesh").to_numpy()
        unit = pd.Index(network.admin["id"]).get_indexer(network.nodes["admin1"][mesh])
        noise = at_nodes(network, draw.noise["weakness"])[mesh]
        noisy = np.clip(network.nodes["weakness"].to_numpy(float)[mesh] + noise, 0, 1)
        count = np.bincount(unit + 1, minlength=len(network.admin) + 1)
        total = np.bincount(unit + 1, noisy, len(network.admin) + 1)
        return np.asarray((total / np.maximum(count, 1))[1:])

    @property
    def error(self) -> float:
        """Largest standard error of a gateway's mean usage."""
        usage = np.stack(self.gateways)
        return float(usage.std(axis=0, ddof=1).max() / np.sqrt(len(usage)))


def run_ensemble(
    router: Router,
    scenario: Scenario,
    *,
    draws: int,
    seed: int,
    tolerance: float = 0.03,
    top: int = 5,
    spread: Uncertainty | None = None,
    progress: Progress = lambda _: None,
    check: Check = unhindered,
) -> Ensemble:
    """Answer a scenario under many draws.

    Parameters
    ----------
    draws
        At most so many; fewer when the means have converged.
    seed
        The same seed gives the same draws.
    tolerance
        Standard error of the mean usage of every gateway at which the run stops.
    top
        Ranks that count as among the first.

    check
        Called every few milliseconds; what it raises ends the run.

    Raises
    ------
    InputError
        When there are fewer than two draws, or the tolerance is not above zero.
    """
    if draws < 2:
        raise InputError("draws", draws, "Give two at least; 100 make a fair interval.")
    if not tolerance > 0:
        raise InputError("tolerance", tolerance, "It must be above zero, such as 0.03.")
    chosen = spread or Uncertainty()
    tally = _Tally(router.network)
    for number in range(draws):
        progress(f"draw {number + 1} of at most {draws}")
        draw = draw_inputs(router.network, scenario.profile, chosen, seed=seed * 100_003 + number)
        cost = drawn_cost(router.network, router.arcs, draw)
        flow, _ = router.flow(scenario, cost=cost, detail=DETAIL, check=check)
        tally.add(flow, draw, router.arcs)
        if number + 1 >= LEAST_DRAWS and tally.error <= tolerance:
            break
    return _summary(tally, tolerance, top, {"seed": seed, "tolerance": tolerance, "top": top,
                                            **vars(chosen)})  # fmt: skip


def _summary(tally: _Tally, tolerance: float, top: int, settings: dict[str, float]) -> Ensemble:
    draws = len(tally.gateways)
    names = sorted({sequence for shares in tally.sequences for sequence in shares})
    sequences = np.array([[s.get(name, 0.0) for name in names] for s in tally.sequences])
    rows = np.unique(np.concatenate([used for used, _ in tally.links]))
    links = np.zeros((draws, len(rows)))
    for draw, (used, usage) in enumerate(tally.links):
        links[draw, np.searchsorted(rows, used)] = usage
    corridors = _table(sequences, top)
    corridors.index = pd.Index(names, tupleize_cols=False)
    exposure = np.stack(tally.exposure)
    admin = _table(np.stack(tally.admin), top).assign(
        exposure_low=np.quantile(exposure, 0.05, axis=0),
        exposure_high=np.quantile(exposure, 0.95, axis=0),
    )
    admin.index = pd.Index(tally.network.admin["id"])
    return Ensemble(
        draws=draws,
        converged=tally.error <= tolerance,
        error=tally.error,
        corridors=corridors,
        gateways=_table(np.stack(tally.gateways), top),
        admin=admin,
        links=_table(links, top).set_index(rows),
        settings=settings,
    )


def _table(usage: Floats, top: int) -> pd.DataFrame:
    """Mean, interval and shares of draws of usage by draw (rows) and thing (columns)."""
    rank = (-usage).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    low, high = np.quantile(usage, [0.05, 0.95], axis=0)
    return pd.DataFrame(
        {
            "mean": usage.mean(axis=0),
            "low": low,
            "high": high,
            "used": (usage >= SHOWN_USAGE).mean(axis=0),
            "top": ((rank < top) & (usage > 0)).mean(axis=0),
        }
    )


def with_intervals(network: Network, result: Result, ensemble: Ensemble) -> Result:
    """A result whose tables also say how sure they are."""
    rows = pd.Series(np.arange(len(network.gateways)), network.gateways["id"])
    sequences = [
        tuple(int(rows[part]) for part in text.split("; ") if part)
        for text in result.corridors["gateways"]
    ]
    links = result.segments["id"].str.removeprefix("L").astype(int)
    admin = _joined(result.admin, ensemble.admin, list(result.admin["id"]))
    exposure = ensemble.admin.loc[list(result.admin["id"])]
    return replace(
        result,
        corridors=_joined(result.corridors, ensemble.corridors, sequences),
        gateways=_joined(result.gateways, ensemble.gateways, list(rows[result.gateways["id"]])),
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
                **ensemble.settings,
            },
        },
    )


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
