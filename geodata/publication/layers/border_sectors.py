"""Border sectors: the stretches of the border across which the links of each one pass."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from geodata.area.geodesy import LONG_DEGREE_M
from geodata.arrays import Float64Array, Int64Array, ObjectArray
from geodata.network.network import Network

STEP_M = 500.0
"""Longest piece of the border that belongs to one sector as a whole."""
REACH_M = 5000.0
"""A piece of the border belongs to the sector of the nearest link across it, within this."""


def find_sectors(network: Network) -> gpd.GeoDataFrame:
    """All sectors, with how many links pass and their mean scores.

    Where no border is near, or the network has no countries to say where borders run, a sector is
    drawn as the links across it.
    """
    gateways = network.gateways[network.gateways["kind"] == "informal"].reset_index(drop=True)
    links = network.links
    rows = np.flatnonzero(links["crossing"] == "informal")
    place = pd.Series(gateways.index, index=gateways["id"])
    sector = links["gateway"].iloc[rows].astype(str).map(place)
    listed = sector.notna().to_numpy()
    rows, of = rows[listed], sector[listed].to_numpy(np.int64)
    order = np.argsort(of, kind="stable")
    rows, of = rows[order], of[order]
    means = links.iloc[rows][["remoteness", "weakness"]].groupby(of).mean()
    columns = {name: gateways[name] for name in ("id", "name", "country_a", "country_b")}
    scores = {name: means[name].reindex(gateways.index) for name in means.columns}
    count = np.bincount(of, minlength=len(gateways))
    lines = network.lines(rows)
    shapes = np.full(len(gateways), None, dtype=object)
    shapely.multilinestrings(lines, indices=of, out=shapes)
    if "countries" in network.layers:
        _lay_along_borders(shapes, gateways, lines, of, network)
    return gpd.GeoDataFrame(
        {**columns, "crossings": count, **scores}, geometry=shapes, crs="OGC:CRS84"
    )


def _lay_along_borders(
    shapes: ObjectArray,
    gateways: gpd.GeoDataFrame,
    lines: ObjectArray,
    of: Int64Array,
    network: Network,
) -> None:
    """Put the stretch of the border in the place of each sector's links."""
    countries = gpd.GeoDataFrame(network.layers["countries"]).set_index("country").geometry
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    middles = np.column_stack(network.area.project(xy[:, 0], xy[:, 1]))
    for pair, group in gateways.groupby(["country_a", "country_b"]):
        one, other = (countries[str(code)] for code in pair)
        pieces, spots = _pieces(shapely.intersection(one.boundary, other.boundary), network)
        own = np.flatnonzero(np.isin(of, group.index))
        away, nearest = cKDTree(middles[own]).query(spots, distance_upper_bound=REACH_M)
        near = np.isfinite(away)
        pieces, belongs = pieces[near], of[own[np.asarray(nearest)[near]]]
        for number in np.unique(belongs):
            merged = shapely.line_merge(shapely.multilinestrings(pieces[belongs == number]))
            shapes[number] = shapely.multilinestrings(shapely.get_parts(merged))


def _pieces(border: shapely.Geometry, network: Network) -> tuple[ObjectArray, Float64Array]:
    """Short pieces of a border in degrees, and the middle of each in metres."""
    lines = shapely.get_parts(shapely.line_merge(border))
    xy, line = shapely.get_coordinates(
        shapely.segmentize(lines, STEP_M / LONG_DEGREE_M), return_index=True
    )
    follows = line[1:] == line[:-1]
    ends = np.stack([xy[:-1][follows], xy[1:][follows]], axis=1)
    middle = ends.mean(axis=1)
    spots = np.column_stack(network.area.project(middle[:, 0], middle[:, 1]))
    return np.asarray(shapely.linestrings(ends)), spots
