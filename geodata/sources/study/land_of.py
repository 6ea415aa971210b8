"""Which country a point on the ground lies in, to the metre."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geodata.area.study_area import StudyArea
from geodata.arrays import ObjectArray

SHORE_M = 2000.0
"""A point this near to land is on it: bridges, piers, and differences between coastlines."""
_MOST_CORNERS = 200


class LandOf:
    """Countries by point.

    Parameters
    ----------
    countries
        Land by country, in degrees as the area has them.
    """

    def __init__(self, countries: gpd.GeoDataFrame, area: StudyArea) -> None:
        metric = countries.to_crs(area.crs)
        self._area = area
        pieces, owner = shapely.get_parts(np.asarray(metric.geometry), return_index=True)
        pieces, cut = small_pieces(pieces)
        self._codes = metric["country"].to_numpy(object)[owner][cut]
        self._index = shapely.STRtree(pieces)

    def country(self, x: npt.ArrayLike, y: npt.ArrayLike, *, off_m: float = SHORE_M) -> ObjectArray:
        """Code of each point's country; empty farther than `off_m` from all land."""
        points = np.asarray(shapely.points(np.c_[self._area.project(x, y)]), object)
        codes: ObjectArray = np.array([""] * len(points), object)
        point, piece = self._index.query(points, predicate="intersects")
        codes[point] = self._codes[piece]
        out = np.flatnonzero(codes == "")
        if len(out) and off_m > 0 and len(self._codes):
            row, near = self._index.query_nearest(
                points[out], max_distance=off_m, all_matches=False
            )
            codes[out[row]] = self._codes[near]
        return codes


def small_pieces(shapes: ObjectArray) -> tuple[ObjectArray, npt.NDArray[np.int64]]:
    """Polygons cut into pieces of few corners, for quick tests, and the row of each piece."""
    rows = np.arange(len(shapes))
    done: list[ObjectArray] = []
    done_rows: list[npt.NDArray[np.int64]] = []
    while len(shapes):
        large = shapely.get_num_coordinates(shapes) > _MOST_CORNERS
        done.append(shapes[~large])
        done_rows.append(rows[~large])
        west, south, east, north = shapely.bounds(shapes[large]).T
        wide = east - west > north - south
        x, y = np.where(wide, (west + east) / 2, east), np.where(wide, north, (south + north) / 2)
        left, bottom = np.where(wide, x, west), np.where(wide, south, y)
        halves = [
            _cut(shapes[large], np.c_[west, south, x, y]),
            _cut(shapes[large], np.c_[left, bottom, east, north]),
        ]
        parts, of = shapely.get_parts(np.concatenate(halves), return_index=True)
        flat = shapely.get_dimensions(parts) < 2
        shapes, rows = parts[~flat], np.tile(rows[large], 2)[of][~flat]
    if not done:
        return np.array([], object), np.array([], np.int64)
    return np.concatenate(done), np.concatenate(done_rows)


def _cut(shapes: ObjectArray, boxes: npt.NDArray[np.float64]) -> ObjectArray:
    return np.array(
        [shapely.clip_by_rect(shape, *box) for shape, box in zip(shapes, boxes, strict=True)],
        dtype=object,
    )
