"""Lakes, and the land without them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geodata.arrays import Int64Array, ObjectArray

ON_LAND = 0.05
"""Least share of a lake on land from which the lake is cut out of the land."""


def land_without_lakes(countries: gpd.GeoDataFrame, lakes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Land without the lakes on it; the same frame if there are none.

    A lake on a border is cut out of all countries around it.
    """
    if lakes.empty or countries.empty:
        return countries
    shapes = np.asarray(countries.geometry)
    water = polygons_of(np.asarray(lakes.geometry))
    wet = _on_land(shapes, water)
    cut = shapes.copy()
    for row, lakes_there in enumerate(wet):
        if len(lakes_there):
            rest = shapely.difference(shapes[row], shapely.union_all(water[lakes_there]))
            cut[row] = shapely.MultiPolygon(list(polygons_of(np.array([rest], object))))
    if not any(len(lakes_there) for lakes_there in wet):
        return countries
    return countries.set_geometry(gpd.GeoSeries(cut, index=countries.index, crs=countries.crs))


def _on_land(shapes: ObjectArray, water: ObjectArray) -> list[Int64Array]:
    """By country, rows of lakes that meet it and have enough of their area on land."""
    tree, points = shapely.STRtree(water), shapely.point_on_surface(water)
    inside = np.zeros(len(water), bool)
    wholly, partly = [], []
    for shape in shapes:
        near = np.sort(tree.query(shape, predicate="intersects"))
        shapely.prepare(shape)
        # Nearly all lie wholly on land, which is quickly tested with a prepared shape.
        within = shapely.contains_properly(shape, water[near])
        wholly.append(near[within])
        partly.append(near[~within])
        inside[partly[-1]] |= shapely.contains_properly(shape, points[partly[-1]])
    share = np.zeros(len(water))
    for shape, near in zip(shapes, partly, strict=True):
        some = near[inside[near]]
        share[some] += shapely.area(shapely.intersection(water[some], shape))
    enough = inside & (share > ON_LAND * shapely.area(water))
    return [
        np.concatenate([all_of, part[enough[part]]])
        for all_of, part in zip(wholly, partly, strict=True)
    ]


def polygons_of(shapes: ObjectArray) -> ObjectArray:
    """All polygons of some shapes, made valid; parts without an area are left out."""
    parts = shapely.get_parts(shapely.make_valid(shapes))
    return np.asarray(parts[shapely.area(parts) > 0], object)
