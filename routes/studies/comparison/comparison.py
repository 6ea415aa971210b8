"""Comparison: a scenario beside a base, as tables of what gains and what loses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.area.study_area import StudyArea
from geodata.arrays import Int64Array
from geodata.computing.tasks import Check, unhindered
from geodata.network.network import Network
from geodata.publication.layers.border_sectors import find_sectors
from routes.results.segment_table import SHOWN_USAGE
from routes.router import Router
from routes.scenario.scenario import Scenario
from routes.studies.comparison.displacement import (
    Books,
    Change,
    Displacement,
    check_books,
    check_elasticity,
)
from routes.studies.comparison.paired_draws import (
    Changes,
    PairedChanges,
    Rows,
    SharedDraws,
    certainty,
    paired_changes,
)
from routes.studies.comparison.passage import LEVELS, Passage, countries_of, imbalance
from routes.studies.ensemble import Progress

READING = (
    "Usage is a share of the modelled flow of the base, not a probability of trafficking. What a "
    "thing gains need not come from what lies beside it: flow passes many things on its way."
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison:
    """A scenario beside a base; each table has the largest changes first.

    Parameters
    ----------
    segments, gateways, sectors, admin, countries
        Links, gateways, border sectors, units and countries that flow passes in either, with
        columns ``base other change lost gained deterred cost_added``, shares of flow and
        risk-adjusted hours, and where there are draws ``change_mean change_low
        change_high sign_share``.
    books
        What leaves and what arrives, which balances.
    demands
        Costs and flow by origin, and by destination where demand is by pair.
    network
        What both were computed on.
    cut_off
        Draws that are left out, as `PairedChanges` counts them.
    """

    segments: gpd.GeoDataFrame
    gateways: gpd.GeoDataFrame
    sectors: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    countries: gpd.GeoDataFrame
    books: Books
    demands: list[dict[str, Any]]
    network: Network
    cut_off: int = 0

    @property
    def area(self) -> StudyArea:
        """Study area."""
        return self.network.area

    def record(self) -> dict[str, Any]:
        """Books and demands as JSON."""
        return {"books": self.books.record(), "demands": self.demands, "reading": READING}


def compare_scenarios(
    router: Router,
    base: Scenario,
    others: Mapping[str, Scenario],
    draws: SharedDraws,
    *,
    elasticity: float = 0.0,
    progress: Progress = lambda _: None,
    check: Check = unhindered,
) -> list[Comparison]:
    """Compare scenarios of one flow with a base, which is answered once.

    Parameters
    ----------
    others
        By name, for progress and errors.
    draws
        Those that all share; without any there are no intervals.
    elasticity
        As `Displacement` takes it.
    check
        Function called every few milliseconds; an exception that it raises ends the work.

    Raises
    ------
    InputError
        When the elasticity is not valid.
    DataError
        When flows differ, or books do not balance.
    NoPathError
        When an origin reaches no destination.
    """
    check_elasticity(elasticity)
    progress("computing the base")
    before, off = _passage(router, base, check)
    moves, books = list[Displacement](), list[Books]()
    for name, scenario in others.items():
        progress(f"computing {name}")
        after, other_off = _passage(router, scenario, check)
        move = Displacement(base=before, other=after, elasticity=elasticity)
        books.append(check_books(move, name=name, off=max(off, other_off)))
        moves.append(move)
    rows = [{level: shown_rows(level, move.at(level)) for level in LEVELS} for move in moves]
    paired = PairedChanges(others=[{level: [] for level in LEVELS} for _ in moves], cut_off=0)
    if draws.count:
        paired = paired_changes(
            router, base, list(others.values()), draws, rows=rows, elasticity=elasticity,
            progress=progress, check=check,
        )  # fmt: skip
    return [
        _comparison(router.network, *each, cut_off=paired.cut_off)
        for each in zip(moves, rows, paired.others, books, strict=True)
    ]  # fmt: skip


def _passage(router: Router, scenario: Scenario, check: Check) -> tuple[Passage, float]:
    """How a flow passes, and by how much its nodes are off."""
    flow, _ = router.flow(scenario, check=check)
    ends = [end.nodes for side in router.ends(scenario, check=check) for end in side]
    network = router.network
    return Passage.of(network, flow), imbalance(network, flow, np.concatenate(ends))


def shown_rows(level: str, change: Change) -> Int64Array:
    """Things that a table lists, the largest changes first: segments as those of a result."""
    most = np.maximum(change.base, change.other)
    rows = np.flatnonzero(most >= SHOWN_USAGE if level == "segments" else most > 0)
    return rows[np.argsort(-np.abs(change.change[rows]), kind="stable")]


def compared(network: Network, move: Displacement, books: Books) -> Comparison:
    """One displacement as tables, without draws.

    Parameters
    ----------
    network
        What both scenarios were computed on.
    move, books
        What moves, and its books as `check_books` returns them.
    """
    rows = {level: shown_rows(level, move.at(level)) for level in LEVELS}
    return _comparison(network, move, rows, {level: [] for level in LEVELS}, books, cut_off=0)


def _comparison(
    network: Network,
    move: Displacement,
    rows: Rows,
    drawn: Changes,
    books: Books,
    *,
    cut_off: int,
) -> Comparison:
    """Tables of the things in `rows`."""
    numbers = {level: _numbers(move.at(level), rows[level], drawn[level]) for level in LEVELS}
    frames = {level: _things(network, level, rows[level]) for level in LEVELS}
    tables = {
        level: gpd.GeoDataFrame(
            frame.drop(columns="geometry").assign(**numbers[level]),
            geometry=frame.geometry.to_numpy(), crs="OGC:CRS84",
        )
        for level, frame in frames.items()
    }  # fmt: skip
    return Comparison(
        **tables, sectors=_sector_table(network, tables["gateways"]), books=books,
        demands=move.demands(), network=network, cut_off=cut_off,
    )  # fmt: skip


def _numbers(change: Change, rows: Int64Array, drawn: Sequence[Any]) -> pd.DataFrame:
    """Columns that all tables have."""
    moved = change.change[rows]
    columns = pd.DataFrame(
        {
            "base": change.base[rows],
            "other": change.other[rows],
            "change": moved,
            "lost": np.maximum(-moved, 0.0),
            "gained": np.maximum(moved, 0.0),
            "deterred": change.deterred[rows],
            "cost_added": change.cost_added[rows],
        }
    )
    return columns.join(certainty(moved, drawn)) if len(drawn) else columns


def _things(network: Network, level: str, rows: Int64Array) -> gpd.GeoDataFrame:
    """What the things of a level are, and where."""
    tables: Mapping[str, Callable[[Network, Int64Array], gpd.GeoDataFrame]] = {
        "segments": _links, "gateways": _gateways, "admin": _units, "countries": _countries,
    }  # fmt: skip
    return tables[level](network, rows).reset_index(drop=True)


def _links(network: Network, rows: Int64Array) -> gpd.GeoDataFrame:
    links = network.links.iloc[rows]
    text = ("name", "ref", "mode", "class", "country", "admin1", "crossing", "gateway")
    columns = {column: links[column].astype(str).to_numpy() for column in text}
    return gpd.GeoDataFrame(
        {"id": [f"L{row}" for row in rows], **columns,
         "km": links["length_m"].to_numpy(float) / 1000},
        geometry=network.lines(rows), crs="OGC:CRS84",
    )  # fmt: skip


def _gateways(network: Network, rows: Int64Array) -> gpd.GeoDataFrame:
    columns = ["id", "name", "kind", "country_a", "country_b", "geometry"]
    return gpd.GeoDataFrame(network.gateways.iloc[rows][columns])


def _units(network: Network, rows: Int64Array) -> gpd.GeoDataFrame:
    columns = ["id", "name", "country", "weakness", "people", "geometry"]
    return gpd.GeoDataFrame(network.admin.iloc[rows][columns])


def _countries(network: Network, rows: Int64Array) -> gpd.GeoDataFrame:
    """Countries as all their units together."""
    codes = np.array(countries_of(network))[rows]
    units = network.admin[["country", "people", "geometry"]]
    joined = units.dissolve("country", aggfunc="sum").loc[codes]
    names = [network.titles.country(code) for code in codes]
    return gpd.GeoDataFrame(
        {"id": codes, "name": names, "people": joined["people"].to_numpy()},
        geometry=joined.geometry.to_numpy(), crs="OGC:CRS84",
    )  # fmt: skip


def _sector_table(network: Network, gateways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Those of the gateways that are stretches of a border, as lines."""
    informal = gateways[gateways["kind"] == "informal"].drop(columns=["kind", "geometry"])
    lines = find_sectors(network).set_index("id").loc[informal["id"].tolist()]
    return gpd.GeoDataFrame(
        informal.reset_index(drop=True), geometry=lines.geometry.array, crs="OGC:CRS84"
    )
