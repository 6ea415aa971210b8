"""Sensitivity: which parameter of a profile moves which corridor and which gateway most.

First-order and total Sobol indices by Saltelli's scheme (Saltelli et al. 2010), from SALib
(Iwanaga et al. 2022). A first-order index is the share of variance that a parameter explains
alone, a total index the share to which it contributes, alone or with others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from SALib.analyze import sobol as sobol_indices
from SALib.sample import sobol as sobol_sample

from geodata.arrays import Float64Array
from geodata.errors import InputError
from routes.corridors.corridor import CorridorKey, corridor_shares, gateway_shares
from routes.router import Router, require_question
from routes.scenario.costs.draws import draws_theta
from routes.scenario.keys.ranges import PROFILE_RANGES
from routes.scenario.profiles import Profile
from routes.scenario.scenario import Scenario

Progress = Callable[[str], None]
SWING = 1.5
"""Each parameter runs from its value divided by this to its value times this, within the range
that it may have at all. Assumption."""
LEAST_VARIANCE = 1e-6
"""A corridor or gateway whose usage varies less than this has no indices."""
COLUMNS = (
    "kind", "name", "gateways", "parameter", "first", "first_interval", "total", "total_interval",
)  # fmt: skip


class _Thing(NamedTuple):
    """A corridor or gateway, and the ids of its gateways."""

    kind: str
    name: str
    gateways: str


def parameters(profile: Profile) -> list[tuple[str, str]]:
    """Section and key of every parameter that is not zero.

    Two rates are left out: the rate of roads, to which all others are relative, and that of
    transfers, whose cost is their fees. So is the theta of a logit, per hour a convention, but not
    that of a choice that is free of scale.
    """
    groups = (("rates", profile.rates), ("weights", profile.weights), ("fees", profile.fees))
    return [
        (section, key)
        for section, values in groups
        for key, value in values.items()
        if value > 0 and key not in ("road", "transfer")
    ] + [("choice", "theta")] * draws_theta(profile)


def scale_parameters(
    profile: Profile, names: list[tuple[str, str]], factors: Float64Array
) -> Profile:
    """A profile whose named parameters are multiplied by factors, within their ranges."""
    tables = {name: dict(getattr(profile, name)) for name in ("rates", "weights", "fees")}
    tables["choice"] = {"theta": profile.theta}
    for (section, key), factor in zip(names, factors, strict=True):
        value = tables[section][key] * float(factor)
        tables[section][key] = PROFILE_RANGES[section].nearest(value)
    return replace(profile, rates=tables["rates"], weights=tables["weights"], fees=tables["fees"],
                   theta=tables["choice"]["theta"])  # fmt: skip


def sobol(
    router: Router,
    scenario: Scenario,
    *,
    samples: int,
    seed: int,
    most: int = 8,
    progress: Progress = lambda _: None,
) -> pd.DataFrame:
    """Sobol indices of the usage of the most used corridors and gateways.

    Parameters
    ----------
    router, scenario
        The network and the question; only values of the profile are varied.
    samples
        Base samples, a power of two; the model runs ``samples * (parameters + 2)`` times.
    seed
        The same seed gives the same samples.
    most
        Number of corridors, and of gateways, to analyse.
    progress
        Function called with a line for people before each run.

    Returns
    -------
    frame with `COLUMNS`: kind is corridor or gateway, gateways are ids, intervals are half-widths
    at 95 %. The parameter that moves a thing most comes first; the frame is empty when nothing
    varies. Its attribute `cut_off` counts the runs in which a search was cut off.

    Raises
    ------
    InputError
        When the number of samples is not a power of two.

    Examples
    --------
    >>> from routes import Router, Scenario, load_network, load_profile, sobol
    >>> router = Router(load_network("network"))
    >>> scenario = Scenario(profile=load_profile("cocaine-north"))
    >>> indices = sobol(router, scenario, samples=4, seed=1, most=1)
    >>> sorted(set(indices["kind"]))
    ['corridor', 'gateway']
    """
    require_question(router, scenario)
    if samples < 4 or samples & (samples - 1):
        raise InputError("samples", samples, "Give a power of two from 4 up; 64 is fair.")
    names = parameters(scenario.profile)
    if not names:
        return _table([], cut_off=0)
    problem = _problem(names)
    points = np.exp(sobol_sample.sample(problem, samples, calc_second_order=False, seed=seed))
    profiles = [scale_parameters(scenario.profile, names, point) for point in points]
    usage, cut_off = _usage_by_run(router, scenario, profiles, progress)
    tables = [
        _indices(problem, usage[thing].to_numpy(float), thing, seed)
        for thing in _most_used(usage, most)
        if usage[thing].var() > LEAST_VARIANCE
    ]
    return _table(tables, cut_off=cut_off)


def _problem(names: list[tuple[str, str]]) -> dict[str, Any]:
    """Parameters as SALib takes them, each on a logarithmic scale."""
    return {
        "num_vars": len(names),
        "names": [".".join(name) for name in names],
        "bounds": [[-np.log(SWING), np.log(SWING)]] * len(names),
    }


def _usage_by_run(
    router: Router, scenario: Scenario, profiles: list[Profile], progress: Progress
) -> tuple[pd.DataFrame, int]:
    """Usage under each profile, as from `_usage`, and the number of runs that were cut off."""
    runs, cut_off = [], 0
    for number, profile in enumerate(profiles):
        progress(f"run {number + 1} of {len(profiles)}")
        varied = replace(scenario, profile=replace(scenario.profile, theta=profile.theta))
        flow, _ = router.flow(varied, cost=router.cost(profile), detail=np.inf)
        cut_off += bool(flow.cut)
        runs.append(corridor_shares(flow.corridors))
    return _usage(router, runs), cut_off


def _most_used(usage: pd.DataFrame, most: int) -> list[_Thing]:
    """Kind, name and ids of the most used corridors, then of the most used gateways."""
    order = usage.mean().sort_values(ascending=False, kind="stable").index
    things = [_Thing(*key) for key in order]
    return [thing for kind in ("corridor", "gateway")
            for thing in [each for each in things if each.kind == kind][:most]]  # fmt: skip


def _table(tables: list[pd.DataFrame], *, cut_off: int) -> pd.DataFrame:
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))
    table.attrs["cut_off"] = cut_off
    return table


def _usage(router: Router, runs: list[dict[CorridorKey, float]]) -> pd.DataFrame:
    """Usage by run (rows) and by kind, name and ids of corridors and gateways (columns)."""
    ids, names = (router.network.gateway_columns[name] for name in ("id", "name"))
    rows = []
    for shares in runs:
        row: dict[_Thing, float] = {}
        for key, share in shares.items():
            row[_Thing("corridor", key.name(names), key.ids(ids))] = share
        usage = gateway_shares(router.network, shares)
        for gateway in np.flatnonzero(usage).tolist():
            row[_Thing("gateway", names[gateway], ids[gateway])] = float(usage[gateway])
        rows.append(row)
    return pd.DataFrame(rows).fillna(0.0)


def _indices(
    problem: dict[str, Any], usage: Float64Array, thing: _Thing, seed: int
) -> pd.DataFrame:
    indices = sobol_indices.analyze(problem, usage, calc_second_order=False, seed=seed)
    table = pd.DataFrame(
        {
            "kind": thing.kind,
            "name": thing.name,
            "gateways": thing.gateways,
            "parameter": problem["names"],
            "first": indices["S1"],
            "first_interval": indices["S1_conf"],
            "total": indices["ST"],
            "total_interval": indices["ST_conf"],
        }
    )
    return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)
