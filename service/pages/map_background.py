"""The ground under the corridors on the map page: land, units, water, borders and names."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from flask import Flask, current_app

from geodata.area.crs import turn_to_area
from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.arrays import ObjectArray
from geodata.cartography.basemap import (
    Basemap,
    ProjectedBasemap,
    basemap_of,
    borders,
    fit_units,
    project_basemap,
)
from geodata.formats.geojson.features import SEPARATOR, encode_features, envelope
from geodata.network.network import Network
from service.state import State, make_once

DETAIL_M = 250.0
"""Metres by which outlines are simplified: a pixel at the largest zoom that is of use."""
NAMED = 160
LEADING = 6
"""The first towns of each country are named before the suburbs of the largest."""
SCORES = ("remoteness", "weakness")


def ground_text(network: Network, basemap: Basemap) -> bytes:
    """The ground of a network as GeoJSON text in UTF-8.

    Features say in ``layer`` what they are: country, wide (a unit with the slivers along its
    border), unit, lake, border; or, as points to be named, nation, water and town.
    """
    projected = project_basemap(basemap, network.area)
    frames = [_areas(projected, network), _names(projected, network.area, basemap)]
    placed = [turn_to_area(part.to_crs("OGC:CRS84"), network.area) for part in frames]
    frame = pd.concat(placed, ignore_index=True)
    frame.insert(0, "id", np.arange(len(frame)))
    # Not cut at the antimeridian: the page goes on there, and a cut would be drawn as a shore.
    head, foot = envelope()
    return b"".join((head, encode_features(frame).letters.data[: -len(SEPARATOR)], foot))


def _areas(projected: ProjectedBasemap, network: Network) -> gpd.GeoDataFrame:
    """Polygons and lines, simplified together so that neighbours stay joined."""
    units = network.admin.to_crs(network.area.crs)
    wide, exact = fit_units(projected, units)
    _, limits = borders(projected)
    about = units[["name", "country", *SCORES]].assign(unit=units["id"])
    parts = [
        _frame("country", _simple(list(projected.countries.values()), projected), network.area),
        _frame("wide", _simple(list(wide), projected), network.area, about),
        _frame("unit", _simple(list(exact), projected), network.area, about),
        _frame("lake", _simple([projected.lakes], projected), network.area),
        _frame("border", _simple([limits], projected), network.area),
    ]
    frame: gpd.GeoDataFrame = pd.concat(parts, ignore_index=True)
    # Some areas have no lake, or no border.
    return frame[~frame.geometry.is_empty]


def _simple(shapes: list[shapely.Geometry], projected: ProjectedBasemap) -> ObjectArray:
    """Shapes with less detail; the ends of their lines and small islands stay."""
    detail = DETAIL_M * projected.finer
    return np.asarray(shapely.simplify(np.array(shapes, dtype=object), detail))


def _frame(
    layer: str, shapes: ObjectArray, area: StudyArea, about: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    table = pd.DataFrame(index=range(len(shapes))) if about is None else about.reset_index()
    columns = table.drop(columns=["index", "geometry"], errors="ignore").assign(layer=layer)
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=area.crs)


def _names(projected: ProjectedBasemap, area: StudyArea, basemap: Basemap) -> gpd.GeoDataFrame:
    """Points to be named, the most important first."""
    frame = gpd.GeoDataFrame(
        [*_nations(projected), *_waters(area, basemap.titles)],
        columns=["layer", "name", "geometry"],
        crs=area.crs,
    )
    places = basemap.places
    towns = _towns(places[places["country"].isin(area.countries)]).to_crs(area.crs)
    joined: gpd.GeoDataFrame = pd.concat([frame, towns], ignore_index=True)
    return joined.assign(order=np.arange(len(joined)))


def _nations(projected: ProjectedBasemap) -> Iterator[tuple[str, str, shapely.Point]]:
    """Where each country has most room for its name."""
    for country, land in projected.countries.items():
        visible = shapely.get_parts(shapely.intersection(land, projected.outline))
        visible = visible[shapely.area(visible) > 0]
        if not len(visible):
            continue
        largest = max(visible, key=shapely.area)
        circle = shapely.maximum_inscribed_circle(largest, tolerance=2000.0 * projected.finer)
        yield "nation", country, shapely.get_point(circle, 0)


def _waters(area: StudyArea, titles: Titles) -> Iterator[tuple[str, str, shapely.Point]]:
    west, south, east, north = area.bbox
    for name, x, y in titles.waters:
        if west < area.longitudes(x) < east and south < y < north:
            yield "water", name, shapely.Point(*(float(value) for value in area.project(x, y)))


def _towns(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ranked = places.sort_values(["population", "name"], ascending=[False, True])
    leading = ranked.groupby("country").cumcount() < LEADING
    chosen = pd.concat([ranked[leading], ranked[~leading]]).head(NAMED)
    return chosen[["name", "country", "geometry"]].assign(layer="town")


def background_of(app: Flask = current_app) -> bytes:
    """What lies under the corridors on the map page of an application, as GeoJSON."""
    return make_once(app, "background", _background)


def _background(state: State) -> bytes:
    return ground_text(state.network, basemap_of(state.network))
