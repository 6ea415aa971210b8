"""Ways that keep to the land of their country: round lakes, bays and corners of its border."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra

from geodata.area.geodesy import length
from geodata.area.grid import burn
from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array, Int64Array, ObjectArray
from geodata.builder.roads.graphs import chain_to, weighted_graph
from geodata.builder.study_grid import REFINE, land_pieces

BRIDGED_M = 150.0
"""Metres off its land up to which a way crosses a bridge, or a differently drawn coast.

Assumption.
"""
WATER, ABROAD = 10.0, 5.0
"""Number of metres that a metre over water or foreign land counts as. Assumption."""
INLAND = 0.001
"""Degrees, ~110 m."""
MARGIN_M = 8000.0
MARGIN = 0.4
"""A detour is searched within this distance of the straight way, or this share of its length."""


class OwnLand:
    """Land by country, over which ways are led.

    Parameters
    ----------
    countries
        Land by country, without its lakes.
    area
        Study area; detours are searched on its grid, `REFINE` times as fine.
    """

    def __init__(self, countries: gpd.GeoDataFrame, area: StudyArea) -> None:
        self._area = area
        self._codes = [str(code) for code in countries["country"]]
        shapes = countries.geometry.to_crs(area.crs)
        self._country = burn(shapes, np.arange(len(shapes)), area, refine=REFINE)
        self._land: dict[str, tuple[ObjectArray, shapely.STRtree]] = {}
        for code, shape in zip(self._codes, countries.geometry, strict=True):
            pieces = land_pieces(gpd.GeoSeries([shape]))
            self._land[code] = (pieces, shapely.STRtree(pieces))

    def off_metres(self, lines: ObjectArray, code: str) -> Float64Array:
        """Metres of each line that are not on the land of a country."""
        pieces, tree = self._land[code]
        line, piece = tree.query(lines, predicate="intersects")
        on = shapely.length(shapely.intersection(lines[line], pieces[piece]))
        drawn = np.maximum(shapely.length(lines), 1e-12)
        share = 1.0 - np.bincount(line, on, minlength=len(lines)) / drawn
        metres = np.array([length(shapely.get_coordinates(each)) for each in lines])
        return np.asarray(np.maximum(share, 0.0) * metres)

    def ashore(self, x: Float64Array, y: Float64Array, code: str) -> Float64Array:
        """Points (n, 2), those off the land of a country brought to it: `INLAND` behind its edge.

        Gazetteers round to a minute, which puts a village on a beach into the sea.
        """
        points = np.column_stack([x, y]).astype(float)
        if code not in self._land:
            return points
        pieces, tree = self._land[code]
        off = np.ones(len(points), bool)
        on_land, _ = tree.query(shapely.points(points), predicate="intersects")
        off[on_land] = False
        for row in np.flatnonzero(off):
            point = shapely.Point(points[row])
            land = pieces[int(tree.nearest(point))]
            inland = land.buffer(-INLAND)
            edge = shapely.shortest_line(point, land if inland.is_empty else inland)
            points[row] = shapely.get_coordinates(edge)[-1]
        return points

    def along(self, line: Float64Array, code: str) -> Float64Array:
        """Lead a way over the land of its country.

        Parameters
        ----------
        line
            Vertices (n, 2) in degrees.
        code
            Code of a country; for an unknown country the way is not changed.

        Returns
        -------
        array of shape (m, 2) with the same ends. A straight stretch with more than `BRIDGED_M` off
        the land of the country is replaced by the shortest detour around water and foreign land, if
        the detour adds less than `WATER` times the width of the water that it avoids.
        """
        if code not in self._land:
            return line
        line = self._without_swimmers(line, code)
        straight = shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1))
        off = self.off_metres(np.asarray(straight), code)
        pieces = [
            self._round(start, end, code)[:-1] if metres > BRIDGED_M else start[None]
            for (start, end), metres in zip(pairwise(line), off, strict=True)
        ]
        return np.vstack([*pieces, line[-1:]])

    def _without_swimmers(self, line: Float64Array, code: str) -> Float64Array:
        """A way without the vertices between its ends that are off its land."""
        _, tree = self._land[code]
        dry = np.zeros(len(line), bool)
        on_land, _ = tree.query(shapely.points(line), predicate="intersects")
        dry[on_land] = True
        dry[[0, -1]] = True
        return line[dry]

    def _round(self, start: Float64Array, end: Float64Array, code: str) -> Float64Array:
        """Shortest way between two points, with as few corners as it has on dry land."""
        way = self._by_cells(start, end, code)
        parts = shapely.linestrings(np.stack([way[:-1], way[1:]], axis=1))
        wet = np.r_[0.0, np.cumsum(self.off_metres(np.asarray(parts), code))]
        at, corners = 0, [0]
        while at < len(way) - 1:
            ahead = np.arange(at + 1, len(way))
            chords = shapely.linestrings(
                np.stack([np.broadcast_to(way[at], (len(ahead), 2)), way[ahead]], axis=1)
            )
            fits = self.off_metres(np.asarray(chords), code) <= wet[ahead] - wet[at] + 1.0
            fits[0] = True
            at = int(ahead[np.flatnonzero(fits)[-1]])
            corners.append(at)
        return way[corners]

    def _by_cells(self, start: Float64Array, end: Float64Array, code: str) -> Float64Array:
        """Shortest way from centre to centre of the fine cells, in degrees."""
        rows, columns = self._fine(np.array([start, end]))
        cell = self._area.cell_m / REFINE
        straight = float(np.hypot(np.diff(rows)[0], np.diff(columns)[0]))
        margin = int(max(MARGIN_M / cell, MARGIN * straight))
        top, left = max(rows.min() - margin, 0), max(columns.min() - margin, 0)
        window = self._country[top : rows.max() + margin, left : columns.max() + margin]
        dear = np.where(window < 0, WATER, ABROAD)
        dear[window == self._codes.index(code)] = 1.0
        size = window.shape[1]
        first, last = (rows - top) * size + (columns - left)
        chain = np.array(_shortest(dear, int(first), int(last)))
        row, column = np.divmod(chain[1:-1], size)
        return np.vstack([start, self._centres(row + top, column + left), end])

    def _fine(self, points: Float64Array) -> tuple[Int64Array, Int64Array]:
        """Rows and columns of the fine cells that points lie in."""
        x, y = self._area.project(points[:, 0], points[:, 1])
        column, row = ~self._area.transform @ (np.asarray(x), np.asarray(y))
        rows, columns = self._country.shape
        return (
            np.clip((np.asarray(row) * REFINE).astype(np.int64), 0, rows - 1),
            np.clip((np.asarray(column) * REFINE).astype(np.int64), 0, columns - 1),
        )

    def _centres(self, row: Int64Array, column: Int64Array) -> Float64Array:
        origin = self._area.transform
        x = origin.c + origin.a * (column + 0.5) / REFINE
        y = origin.f + origin.e * (row + 0.5) / REFINE
        return np.column_stack(self._area.unproject(x, y))


def _shortest(dear: Float64Array, first: int, last: int) -> list[int]:
    """Cheapest chain of cells, each eight neighbours' step at the mean price of its ends."""
    rows, columns = dear.shape
    number = np.arange(dear.size).reshape(dear.shape)
    tails, heads, costs = [], [], []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        here = (slice(0, rows - down), slice(max(0, -right), columns - max(0, right)))
        there = (slice(down, rows), slice(max(0, right), columns - max(0, -right)))
        tails.append(number[here].ravel())
        heads.append(number[there].ravel())
        costs.append((np.hypot(down, right) * (dear[here] + dear[there]) / 2).ravel())
    graph = weighted_graph(
        np.concatenate(costs), np.concatenate(tails), np.concatenate(heads), dear.size
    )
    _, before = dijkstra(graph, directed=False, indices=np.array([first]), return_predecessors=True)
    return chain_to(before[0], first, last)
