"""Missing layers derived from others: land by country, units, and countries of points."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.area.study_area import StudyArea
from geodata.arrays import ObjectArray
from geodata.computing.tasks import Notice
from geodata.errors import DataError
from geodata.sources.layers.lakes import polygons_of
from geodata.sources.study.land_of import LandOf, small_pieces

STRIP_DEGREES, ISLAND_DEGREES = 0.03, 0.3
"""Degrees from the units of a country within which strips of land, and islands, belong to it."""
_UNIT = r"^([A-Z]{2})(?:-[A-Z0-9]{1,3})?$"


def country_land(
    area: StudyArea,
    coast: gpd.GeoDataFrame | None,
    units: gpd.GeoDataFrame | None,
    outlines: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Land by country: that within the coast, each piece to the country that it lies in.

    Parameters
    ----------
    coast
        Land without countries; the units end at their own outlines when left out.
    units
        Administrative units with ``country``; all land is of the area's one country when left
        out.
    outlines
        Countries with ``country``: land that is in one of them and in no unit is its own.
    """
    box = shapely.box(*area.bbox)
    if units is not None:
        # Files are read to some cells beyond the box; units only there do not count.
        units = units[units.geometry.intersects(box)]
        if units.empty:
            _require_one(area)
            units = None
    if coast is None and units is None:
        return _land(list(area.countries[:1]), [box])
    if coast is None:
        assert units is not None
        merged = units.dissolve("country", sort=True)
        return _land(list(merged.index), np.asarray(merged.geometry))
    land = shapely.intersection(polygons_of(np.asarray(coast.geometry)), box)
    if units is None:
        return _land(list(area.countries[:1]), [shapely.union_all(land)])
    return _shared(land, units, outlines, area)


def _require_one(area: StudyArea) -> None:
    """Refuse several countries without a unit in the area."""
    if len(area.countries) != 1:
        remedy = (
            "None lies in the area, so nothing parts its countries: give units that do (those of "
            "OpenStreetMap have ISO3166-2), or one country."
        )
        raise DataError("layer admin", ", ".join(area.countries) or None, remedy)


def _shared(
    land: ObjectArray,
    units: gpd.GeoDataFrame,
    outlines: gpd.GeoDataFrame | None,
    area: StudyArea,
) -> gpd.GeoDataFrame:
    """Land by the country of the units on it, or of the outline around it.

    What no unit covers and reaches the edge of the area is of the one country that the area names
    and that has no unit, as beyond the border of a city. Else it is of the country beside it
    where it is a strip or an island near by, and of none that is known elsewhere, as land beyond
    the borders that an extract holds.
    """
    merged = units.dissolve("country", sort=True)
    codes = [*(str(code) for code in merged.index), ""]
    named = [*area.countries, *area.neighbours]
    without = [code for code in named if code not in codes]
    edge = shapely.box(*area.bbox).exterior if len(without) == 1 else shapely.LineString()
    codes[-1] = without[0] if len(without) == 1 else ""
    shapes = shapely.make_valid(np.asarray(merged.geometry))
    if outlines is not None:
        shapes = _filled(shapes, codes, outlines)
    shapely.prepare(shapes)
    around = shapely.buffer(shapely.simplify(shapes, STRIP_DEGREES / 8), STRIP_DEGREES)
    # The nearest is found quickly among pieces of few corners, but not along a whole coast.
    small, owner = small_pieces(shapes)
    tree = shapely.STRtree(small)
    pieces: list[list[BaseGeometry]] = [[] for _ in codes]
    for part in polygons_of(land):
        within = [row for row, shape in enumerate(shapes) if shapely.contains(shape, part)]
        if within:
            pieces[within[0]].append(part)
            continue
        touched = np.flatnonzero(shapely.intersects(shapes, part))
        if not len(touched):
            near = int(tree.nearest(part))
            own = shapely.distance(small[near], part) <= ISLAND_DEGREES
            own &= not shapely.intersects(part, edge)
            pieces[int(owner[near]) if own else -1].append(part)
            continue
        rest = part
        for row in touched.tolist():
            pieces[row].extend(
                polygons_of(np.array([shapely.intersection(rest, shapes[row])], object))
            )
            rest = shapely.difference(rest, shapes[row])
        for strip in polygons_of(np.array([rest], object)):
            if shapely.intersects(strip, edge):
                pieces[-1].append(strip)
                continue
            row = int(owner[int(tree.nearest(strip))])
            beside = shapely.intersection(strip, around[row])
            pieces[row].extend(polygons_of(np.array([beside], object)))
            pieces[-1].extend(polygons_of(np.array([shapely.difference(strip, beside)], object)))
    return _land(codes, [shapely.union_all(np.array(several, object)) for several in pieces])


def _filled(shapes: ObjectArray, codes: list[str], outlines: gpd.GeoDataFrame) -> ObjectArray:
    """Units of each country and the rest of its outline, without the units of others."""
    filled = shapes.copy()
    for code, outline in zip(outlines["country"], outlines.geometry, strict=True):
        if code in codes:
            row = codes.index(code)
            others = shapely.union_all(np.delete(shapes, row))
            more = shapely.difference(shapely.make_valid(outline), others)
            filled[row] = shapely.union(shapes[row], more)
    return filled


def _land(codes: list[str], shapes: list[object] | ObjectArray) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame({"country": codes}, geometry=list(shapes), crs="OGC:CRS84")
    frame = frame[~frame.geometry.is_empty].reset_index(drop=True)
    frame.geometry = [
        shapely.MultiPolygon(list(polygons_of(np.array([shape], object))))
        for shape in frame.geometry
    ]
    return frame


def country_codes(countries: gpd.GeoDataFrame, area: StudyArea) -> tuple[str, ...]:
    """Codes of the countries that have land in the box of an area, in order."""
    box = shapely.box(*area.bbox)
    there = countries[countries.geometry.intersects(box)]
    return tuple(sorted({str(code) for code in there["country"] if code}))


def one_row_a_country(countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Land by country, where files have several rows of one, such as a row for each island."""
    if countries["country"].is_unique:
        return countries
    merged = countries.dissolve("country", as_index=False, sort=False)
    return gpd.GeoDataFrame(merged[list(countries.columns)])


def one_unit_a_country(countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Each country as one unit, for studies without units."""
    return gpd.GeoDataFrame(
        {
            "iso": countries["country"],
            "name": countries["country"],
            "country": countries["country"],
        },
        geometry=countries.geometry,
        crs=countries.crs,
    )


def with_undivided_countries(
    units: gpd.GeoDataFrame,
    named: Sequence[str],
    land: Callable[[], gpd.GeoDataFrame],
    notice: Notice,
) -> gpd.GeoDataFrame:
    """Units, and each country of an area without any as one unit.

    Parameters
    ----------
    land
        Returns land by country; called only if it is needed.
    notice
        Gets a sentence on each such country.
    """
    known = set(units["country"])
    if not (lacking := [code for code in named if code not in known]):
        return units
    countries = land()
    undivided = one_unit_a_country(countries[countries["country"].isin(lacking)])
    for code in undivided["country"]:
        notice(f"{code} has no administrative unit in the layer admin, and is one unit.")
    frames: list[pd.DataFrame] = [units, undivided.to_crs(units.crs or "OGC:CRS84")]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))


def units_of_countries(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Units whose codes begin with that of their country: scores compare within it."""
    iso, country = units["iso"].astype(str), units["country"].astype(str)
    known = country.where(country != "", iso.str.extract(_UNIT, expand=False).fillna(""))
    if not known.equals(country):
        units, country = units.assign(country=known), known
    own = np.array([code.startswith(of) for code, of in zip(iso, country, strict=True)], bool)
    if own.all():
        return units
    return units.assign(iso=np.where(own, iso, country + "-" + iso))


def locate_points(
    frame: gpd.GeoDataFrame | pd.DataFrame, land: LandOf, units: gpd.GeoDataFrame
) -> gpd.GeoDataFrame | pd.DataFrame:
    """Points with the country and unit in which they lie, where their row has none.

    The unit is one of the country in the row.
    """
    x, y = (
        (frame.geometry.x, frame.geometry.y)
        if isinstance(frame, gpd.GeoDataFrame)
        else (frame["x"], frame["y"])
    )
    country = frame["country"].to_numpy(object, copy=True)
    unknown = country == ""
    country[unknown] = land.country(x.to_numpy()[unknown], y.to_numpy()[unknown])
    frame = frame.assign(country=country)
    if "admin1" not in frame:
        return frame
    admin1 = frame["admin1"].to_numpy(object, copy=True)
    blank = np.flatnonzero(admin1 == "")
    points = shapely.points(x.to_numpy()[blank], y.to_numpy()[blank])
    point, unit = shapely.STRtree(np.asarray(units.geometry)).query(points, predicate="intersects")
    own = country[blank[point]] == units["country"].to_numpy(object)[unit]
    admin1[blank[point[own]]] = units["iso"].to_numpy(object)[unit[own]]
    return frame.assign(admin1=admin1)
