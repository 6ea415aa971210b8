"""The printed map of a result: one figure that explains itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch
from shapely.geometry.base import BaseGeometry

from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.arrays import Float32Array
from geodata.cartography.basemap import (
    Basemap,
    ProjectedBasemap,
    detail_factor,
    fit_rectangle,
    project_basemap,
)
from geodata.cartography.drawing import plain_drawing
from geodata.cartography.printed.background import draw_background, path, strokes
from geodata.cartography.printed.labels import Lettering, font, sample_lines, spots_along
from geodata.cartography.printed.legend import (
    HEIGHT_PT,
    MARKERS,
    NUMBERED,
    PT_PER_MM,
    SEA_DASH,
    SPREAD_FROM,
    Panel,
    badge,
    draw_legend,
    marker_scale,
    percent,
)
from geodata.cartography.printed.page import (
    CAUTION,
    FOOT_STEP_IN,
    SOURCES,
    SUBTITLE,
    SUBTITLE_STEP_IN,
    Page,
    TextLines,
)
from geodata.cartography.styles.result_styles import ADMIN, CORRIDORS, DENSITY, GATEWAYS
from geodata.cartography.styles.style import INK, PAPER, VectorStyle

_MARGIN_IN, _TICKS_IN = 0.4, 0.2
_COUNTRY, _WATER = "#4a4f55", "#6f8fa3"
_NAMED_GATEWAYS = 14
_TOWNS, _LEADING = 30, 6


class MapLayers(Protocol):
    """Layers to draw: the frames of a result, in WGS 84, and its area."""

    @property
    def corridors(self) -> gpd.GeoDataFrame:
        """Families of paths."""

    @property
    def segments(self) -> gpd.GeoDataFrame:
        """Links within the slack."""

    @property
    def gateways(self) -> gpd.GeoDataFrame:
        """Crossings, ports and landings."""

    @property
    def density(self) -> Float32Array:
        """Share of flow per cell."""

    @property
    def admin(self) -> gpd.GeoDataFrame:
        """Administrative units with their scores."""

    @property
    def area(self) -> StudyArea:
        """Study area."""


@plain_drawing()
def draw_map(
    layers: MapLayers,
    basemap: Basemap,
    target: str | Path,
    *,
    title: str,
    subtitle: str,
    attribution: str,
    units: VectorStyle = ADMIN,
) -> None:
    """Draw a result as PNG, 2400 pixels wide, in the CRS of its area.

    Parameters
    ----------
    layers
        The result.
    basemap
        Land, water and towns.
    target
        The ``.png`` to write.
    title, subtitle
        Texts above the map; the subtitle has profile, slack and the like.
    attribution
        Holders of the data.
    units
        Style of the administrative units, with the score that fills them.
    """
    page = Page(_MARGIN_IN)
    left, bottom, right, top = fit_rectangle(layers.area).bounds
    foot = [
        TextLines(page.wrap(CAUTION, 7.2, bold=True), 7.2, bold=True, colour=INK),
        TextLines(page.wrap(attribution, SOURCES), SOURCES),
    ]
    head = page.wrap(subtitle, SUBTITLE)
    heights = {
        "foot": 0.2 + FOOT_STEP_IN * sum(len(block.texts) for block in foot),
        "panel": HEIGHT_PT / 72,
        "map": (top - bottom) / (right - left) * page.width,
        "head": 0.7 + SUBTITLE_STEP_IN * len(head),
    }
    page.height = sum(heights.values()) + 2 * _TICKS_IN + 0.1
    points = page.width * 72
    panel = page.sheet(heights["foot"], heights["panel"], (0, points), (0, HEIGHT_PT))
    above = heights["foot"] + heights["panel"] + _TICKS_IN + 0.1
    sheet = page.sheet(above, heights["map"], (left, right), (bottom, top))
    _draw_sheet(sheet, page.canvas, layers, basemap, units)
    draw_legend(
        Panel(axes=panel, canvas=page.canvas, width=points),
        layers.corridors.sort_values("rank"),
        layers.gateways,
        units=units,
        metres_per_point=(right - left) / points,
    )
    page.write_title(title, head, size=19.0, below=0.42)
    page.write_foot(foot, above=0.13)
    page.save(target)


def _draw_sheet(
    sheet: Axes,
    canvas: FigureCanvasAgg,
    layers: MapLayers,
    basemap: Basemap,
    units: VectorStyle,
) -> None:
    """Draw the map proper, from the sea up to the names."""
    crs = layers.area.crs
    projected = project_basemap(basemap, layers.area)
    corridors = layers.corridors.to_crs(crs).sort_values("rank")
    gateways = layers.gateways.to_crs(crs).sort_values("rank")
    draw_background(sheet, projected, layers.area, layers.admin.to_crs(crs), units)
    _draw_spread(sheet, layers.density, layers.area)
    _draw_lines(sheet, corridors.head(NUMBERED), layers.segments.to_crs(crs))
    frame = PathPatch(path(projected.outline), facecolor="none", edgecolor=INK, lw=0.9, zorder=20)
    frame.set_transform(sheet.transData)
    for artist in (*sheet.patches, *sheet.collections, *sheet.images):
        artist.set_clip_path(frame)
    sheet.add_artist(frame)
    letters = Lettering(
        axes=sheet,
        canvas=canvas,
        frame=shapely.transform(projected.outline, sheet.transData.transform).buffer(-5),
        lines=np.unique(
            sample_lines(corridors.geometry, sheet, every=2500.0 * projected.finer).round(-1),
            axis=0,
        ),
    )
    _draw_gateways(letters, gateways)
    _name_gateways(letters, gateways.head(_NAMED_GATEWAYS))
    name_countries(letters, projected, layers.area, basemap.titles)
    name_towns(letters, basemap.places.to_crs(crs), gateways, layers.area)
    _number_corridors(letters, corridors.head(NUMBERED), projected.finer)
    name_waters(letters, layers.area, basemap.titles)


@dataclass(frozen=True)
class _ResultMark:
    """A feature to draw."""

    name: str
    kind: str
    usage: float
    shape: BaseGeometry

    @property
    def x(self) -> float:
        return float(shapely.get_x(self.shape))

    @property
    def y(self) -> float:
        return float(shapely.get_y(self.shape))


def _marks(frame: gpd.GeoDataFrame) -> Iterator[_ResultMark]:
    """Yield the features of a frame, in order."""
    kinds = frame["kind"] if "kind" in frame.columns else [""] * len(frame)
    usage = frame["usage"].to_numpy(dtype=float)
    shapes = np.asarray(frame.geometry.array)
    for row in zip(frame["name"].astype(str), kinds, usage, shapes, strict=True):
        yield _ResultMark(*row)


def _draw_spread(sheet: Axes, density: Float32Array, area: StudyArea) -> None:
    """Shade the cells that flow passes, because over water and open ground it follows no line."""
    stops = DENSITY.stops
    values = [stop.value for stop in stops]
    colours = np.array([to_rgba(stop.colour, stop.opacity) for stop in stops])
    image = np.stack([np.interp(density, values, colours[:, band]) for band in range(4)], axis=-1)
    image[density < SPREAD_FROM] = 0.0
    rows, columns = area.shape
    left, top = area.transform @ (0, 0)
    right, bottom = area.transform @ (columns, rows)
    sheet.imshow(
        image, extent=(left, right, bottom, top), zorder=3.0, aspect="auto",
        interpolation="bilinear",
    )  # fmt: skip


def _draw_lines(sheet: Axes, corridors: gpd.GeoDataFrame, segments: gpd.GeoDataFrame) -> None:
    """Draw roads and rivers by all the flow they carry, and the paths of corridors elsewhere.

    Corridors share their roads, so a road is as wide as their sum. Across the sea and open
    ground the ways of the numbered corridors are broken lines; roads cover them elsewhere.
    """
    for level, mark in enumerate(_marks(corridors.iloc[::-1])):
        step = CORRIDORS.step(mark.usage)
        width, order = step.size * PT_PER_MM, 4.0 + level / 1000
        dash = tuple(length * max(width, 1.5) for length in SEA_DASH)
        strokes(sheet, [mark.shape], colour=step.colour, width=width, zorder=order, dash=dash,
                cap="butt")  # fmt: skip
    firm = segments[segments["mode"].isin(["road", "river"])]
    for level, step in enumerate(CORRIDORS.steps):
        inside = (firm["usage"] >= step.lower) & (firm["usage"] < step.upper + (step.upper == 1))
        width = step.size * PT_PER_MM
        casing = width + 2 * CORRIDORS.rim(step.size) * PT_PER_MM
        lines = firm.geometry[inside & (firm["usage"] >= SPREAD_FROM)]
        strokes(sheet, lines, colour=PAPER, width=casing, zorder=5.0 + level / 10)
        strokes(sheet, lines, colour=step.colour, width=width, zorder=5.05 + level / 10)


def _draw_gateways(letters: Lettering, gateways: gpd.GeoDataFrame) -> None:
    """Symbols, the most used on top, sized by usage."""
    for level, mark in enumerate(_marks(gateways.sort_values("usage", kind="stable"))):
        kind = GATEWAYS.kind(mark.kind) or GATEWAYS.kinds[0]
        size = GATEWAYS.step(mark.usage).size * PT_PER_MM
        letters.axes.plot(
            [mark.x],
            [mark.y],
            marker=MARKERS[kind.shape],
            markersize=size * marker_scale(kind.shape),
            markerfacecolor=kind.colour,
            markeredgecolor=INK,
            markeredgewidth=0.8,
            zorder=6 + level / 1000,
        )
        letters.block(mark.x, mark.y, size)


def _number_corridors(letters: Lettering, corridors: gpd.GeoDataFrame, fine: float) -> None:
    """Put a number on each corridor where it runs furthest from the others."""
    lines = np.asarray(corridors.geometry.array)
    for index, mark in enumerate(_marks(corridors)):
        others = shapely.union_all(np.delete(lines, index))
        best, furthest = None, 0.0
        for spot in spots_along(mark.shape):
            apart = min(shapely.distance(spot, others), 60_000.0 * fine) if len(lines) > 1 else 0.0
            if math.isinf(letters.free(spot.x, spot.y, 16)):
                continue
            if best is None or apart > furthest + 2000 * fine:
                best, furthest = spot, float(apart)
        if best:
            x, y = best.x, best.y
            badge(letters.axes, x, y, index + 1, CORRIDORS.step(mark.usage).colour, zorder=7)
            letters.block(x, y, 15)


def _name_gateways(letters: Lettering, gateways: gpd.GeoDataFrame) -> None:
    for mark in _marks(gateways):
        gap = GATEWAYS.step(mark.usage).size * PT_PER_MM / 2 + 2.5
        text = f"{mark.name} {percent(mark.usage)}"
        letters.beside(mark.x, mark.y, text, font(7.2, bold=True), gap=gap, far=True)


def name_countries(
    letters: Lettering, projected: ProjectedBasemap, area: StudyArea, titles: Titles
) -> None:
    """Write the name of each country where there is most room within it."""
    for country, land in projected.countries.items():
        name = "\u2009".join(titles.country(country).upper())
        visible = shapely.get_parts(shapely.intersection(land, projected.outline))
        visible = visible[shapely.area(visible) > 0]
        if len(visible):
            largest = max(visible, key=shapely.area)
            size = 12.0 if country in area.countries else 9.0
            letters.within(largest, name, font(size), colour=_COUNTRY)


def name_waters(letters: Lettering, area: StudyArea, titles: Titles) -> None:
    """Write the names of waters where they are said to stand."""
    west, south, east, north = area.bbox
    for name, x, y in titles.waters:
        if west < area.longitudes(x) < east and south < y < north:
            east_m, north_m = (float(value) for value in area.project(x, y))
            face = font(9, italic=True)
            letters.beside(east_m, north_m, name, face, gap=0, colour=_WATER, limit=6)


def name_towns(
    letters: Lettering, places: gpd.GeoDataFrame, gateways: gpd.GeoDataFrame, area: StudyArea
) -> None:
    """Name the largest towns that stand apart from each other and from named gateways."""
    inside = places[places["country"].isin(area.countries)]
    ranked = inside.sort_values(["population", "name"], ascending=[False, True])
    # The first towns of every country come before the suburbs of the largest.
    leading = ranked.groupby("country").cumcount() < _LEADING
    ranked = pd.concat([ranked[leading], ranked[~leading].head(120)])
    first = np.arange(len(ranked)) < leading.sum()
    limits = np.where(first, 60.0, 14.0)
    spacings = np.where(first, 15_000.0, 40_000.0) * detail_factor(area)
    kept = list(gateways.geometry.head(_NAMED_GATEWAYS))
    named = 0
    points = np.asarray(ranked.geometry.array)
    for name, point, limit, apart in zip(ranked["name"], points, limits, spacings, strict=True):
        crowded = (shapely.distance(point, kept) < apart).any()
        if named == _TOWNS or crowded or math.isinf(letters.free(point.x, point.y, 4)):
            continue
        if letters.beside(point.x, point.y, str(name), font(6.8), gap=2.6, limit=limit):
            _dot(letters, point)
            kept.append(point)
            named += 1


def _dot(letters: Lettering, point: shapely.Point) -> None:
    letters.axes.plot(
        [point.x],
        [point.y],
        marker="o",
        markersize=3.0,
        markerfacecolor=INK,
        markeredgecolor=PAPER,
        markeredgewidth=0.5,
        zorder=5.5,
    )
    letters.block(point.x, point.y, 3.4)
