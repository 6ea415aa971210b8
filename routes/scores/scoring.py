"""Scoring: adds remoteness and weakness to a joined network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import ndimage

from geodata.area.grid import fill_nearest
from geodata.arrays import BoolArray, Float32Array, Float64Array
from geodata.network.network import Network
from routes.scores.composite import Composite, rank_intervals
from routes.scores.governance import land_weakness, sea_weakness
from routes.scores.remoteness import land_remoteness, people_by_cell, sea_remoteness
from routes.search.network_arcs import network_arcs

DRAWS = 500
CONCENTRATION = 12.0
"""Sum of the Dirichlet parameters: weights vary by about a third. Assumption."""
SEED = 20_260_101
SHORE_CELLS = 2.0
"""Largest distance from land of people of a grid: on islets, and where coastlines differ."""
NEUTRAL = 0.5
"""Score of land or water when no component is known."""

Progress = Callable[[str], None]


def score_network(
    network: Network,
    *,
    places: pd.DataFrame,
    posts: pd.DataFrame,
    indicators: pd.DataFrame,
    progress: Progress = lambda _: None,
) -> Network:
    """Score every node and link, every cell, and every administrative unit.

    Parameters
    ----------
    network
        The network, whose scores are replaced.
    places
        x, y, population, country.
    posts
        State posts: x, y, country, kind.
    indicators
        Long table: iso, indicator, value, year.
    progress
        Function called with a line for people before each step.

    Examples
    --------
    >>> from geodata import load_network
    >>> from geodata.borderlands.region import borderlands
    >>> from geodata.builder.build import all_places
    >>> from routes import score_network
    >>> bundle = borderlands()
    >>> network = score_network(
    ...     load_network("network"), places=all_places(bundle), posts=bundle.frame("posts"),
    ...     indicators=bundle.frame("indicators"),
    ... )
    >>> round(float(network.links["weakness"].mean()), 2)
    0.49
    """
    arcs = network_arcs(network)
    land, sea = _land_and_sea(network)
    progress("scoring remoteness")
    remote = {
        "land": land_remoteness(network, arcs, places, land),
        "sea": sea_remoteness(network, arcs, sea),
    }
    progress("scoring governance")
    tables = {"posts": posts, "places": places, "indicators": indicators}
    weak = {
        "land": land_weakness(network, arcs, land, **tables),
        "sea": sea_weakness(network, arcs, sea, posts),
    }
    surfaces = {
        **network.surfaces,
        "remoteness": _surface(network, land, sea, remote),
        "weakness": _surface(network, land, sea, weak),
    }
    progress("ranking administrative units")
    scored = _with_scores(network, surfaces, land, sea)
    admin = score_units(scored, land, remote["land"], weak["land"], places)
    return replace(scored, admin=admin, meta={**network.meta, "scores": _record(remote, weak)})


def _land_and_sea(network: Network) -> tuple[BoolArray, BoolArray]:
    """The nodes to score: those of the mesh in the countries of the area, and those at sea."""
    nodes = network.nodes
    studied = nodes["country"].isin(network.area.countries).to_numpy()
    land = (nodes["kind"] == "mesh").to_numpy() & studied
    return land, (nodes["kind"] == "sea").to_numpy()


def _surface(
    network: Network, land: BoolArray, sea: BoolArray, scores: dict[str, Composite]
) -> Float32Array:
    """Score by cell, NaN where neither land nor sea was scored."""
    grid = np.full(network.area.shape, np.nan, np.float32)
    for mask, composite in ((land, scores["land"]), (sea, scores["sea"])):
        at = network.area.cell_of(network.nodes["x"][mask], network.nodes["y"][mask])
        grid[at] = composite.score
    return grid


def _with_scores(
    network: Network, surfaces: dict[str, Float32Array], land: BoolArray, sea: BoolArray
) -> Network:
    """Nodes get the score of their cell or the nearest scored one; links the mean of both ends."""
    nodes, links = network.nodes.copy(), network.links.copy()
    neutral = np.full(network.area.shape, NEUTRAL, np.float32)
    row, column = network.area.cell_of(nodes["x"], nodes["y"])
    at_sea = (nodes["kind"] == "sea").to_numpy()
    u, v = links["u"].to_numpy(), links["v"].to_numpy()
    for name in ("remoteness", "weakness"):
        values = np.zeros(len(nodes), np.float32)
        for ranked, mine in ((sea, at_sea), (land, ~at_sea)):
            known = np.zeros(network.area.shape, bool)
            known[row[ranked], column[ranked]] = True
            known &= np.isfinite(surfaces[name])
            near = fill_nearest(surfaces[name], known) if known.any() else neutral
            values[mine] = near[row[mine], column[mine]]
        nodes[name] = values
        links[name] = (values[u] + values[v]) / 2
    return replace(network, nodes=nodes, links=links, surfaces=surfaces)


def score_units(
    network: Network, land: BoolArray, remote: Composite, weak: Composite, places: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Scores, components, ranks and their intervals by administrative unit.

    A unit's score is the mean over its cells, so it is weighted by area; its interval comes from
    500 draws of the weights. `people` are those of a population grid, or else of listed places.
    """
    admin = network.admin
    groups = pd.Index(admin["id"]).get_indexer(network.nodes["admin1"][land]).astype(np.int64)
    columns: dict[str, pd.Series] = {}
    for name, composite in (("remoteness", remote), ("weakness", weak)):
        table = rank_intervals(
            composite,
            groups,
            count=len(admin),
            draws=DRAWS,
            concentration=CONCENTRATION,
            seed=SEED,
        )
        table = _with_unknown(table)
        columns[name] = table["score"]
        for part in ("low", "high", "rank", "rank_low", "rank_high"):
            columns[f"{name}_{part}"] = table[part]
        means = composite.parts.groupby(groups).mean().reindex(range(len(admin)))
        columns |= {f"{name}_{part}": means[part] for part in means}
        present = composite.parts.notna().groupby(groups).any().sum(axis=1)
        columns[f"{name}_components"] = present.reindex(range(len(admin)), fill_value=0)
    return admin.assign(**columns, people=_people(network, places))[
        ["id", "name", "country", *columns, "people", "geometry"]
    ]


def _with_unknown(table: pd.DataFrame) -> pd.DataFrame:
    """Give units without data or land cells a neutral score and an interval of all ranks."""
    unknown = table["score"].isna()
    if not unknown.any():
        return table
    any_rank = {"score": NEUTRAL, "low": 0.0, "high": 1.0, "rank_low": 1, "rank_high": len(table)}
    table = table.copy()
    for name, value in any_rank.items():
        table.loc[unknown, name] = value
    return table


def _people(network: Network, places: pd.DataFrame) -> Float64Array:
    """People by unit: those of a population grid, or else of listed places."""
    nodes = network.nodes
    land = (nodes["kind"] == "mesh").to_numpy()
    grid = np.full(network.area.shape, -1)
    codes = pd.Index(network.admin["id"]).get_indexer(nodes["admin1"])
    cells = network.area.cell_of(nodes["x"][land], nodes["y"][land])
    grid[cells] = codes[land]
    units = fill_nearest(grid, grid >= 0)
    if "population" in network.surfaces:
        everyone = people_by_cell(network, places)
        near = ndimage.distance_transform_edt(grid < 0) <= SHORE_CELLS
        meshed = np.zeros(network.area.shape, bool)
        meshed[cells] = True
        counted = (grid >= 0) | (near & ~meshed)
        people = np.bincount(units[counted], everyone[counted], len(network.admin))
        return np.asarray(people, np.float64)
    own = places[places["country"].isin(network.area.countries)]
    unit = units[network.area.cell_of(own["x"], own["y"])]
    people = np.bincount(unit, own["population"].to_numpy(float), len(network.admin))
    return np.asarray(people, np.float64)


def _record(remote: dict[str, Composite], weak: dict[str, Composite]) -> dict[str, object]:
    weights = {
        f"{score}_{ground}": {str(k): float(w) for k, w in composite.weights.items()}
        for score, group in (("remoteness", remote), ("weakness", weak))
        for ground, composite in group.items()
    }
    missing = {
        f"{score}_{ground}": absent
        for score, group in (("remoteness", remote), ("weakness", weak))
        for ground, composite in group.items()
        if len(composite.parts) and (absent := composite.missing)
    }
    record = {"weights": weights, "draws": DRAWS, "concentration": CONCENTRATION, "seed": SEED}
    return {**record, "missing": missing} if missing else record
