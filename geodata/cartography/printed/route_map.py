"""The map of a few routes, or of gateways that cut them: lines, marks and one table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import PathPatch
from shapely.geometry.base import BaseGeometry

from geodata.area.box import Box
from geodata.area.study_area import StudyArea
from geodata.cartography.basemap import Basemap, fit_rectangle, project_basemap
from geodata.cartography.drawing import plain_drawing
from geodata.cartography.printed.background import draw_background, path, strokes
from geodata.cartography.printed.labels import Lettering, font, sample_lines, shorten, spots_along
from geodata.cartography.printed.legend import MARKERS, SEA_DASH, badge, marker_scale
from geodata.cartography.printed.page import (
    DPI,
    FOOT_STEP_IN,
    SOURCES,
    SUBTITLE,
    SUBTITLE_STEP_IN,
    Page,
    TextLines,
)
from geodata.cartography.styles.result_styles import ADMIN, GATEWAYS
from geodata.cartography.styles.style import INK, LAND, PAPER

COLOURS = ("#4477aa", "#ee6677", "#228833", "#aa3377", "#ccbb44", "#66ccee", "#7f7f7f")
"""P. Tol's bright set; a seventh route and those after it are grey."""

_MARGIN_IN, _TICKS_IN, _ROW_IN = 0.4, 0.2, 0.2
_FLATTEST, _TALLEST = 0.45, 1.6
"""Least and greatest ratio of a map's height to its width."""
_ROOM_KM = 25.0
_LEAST_KM = 150.0
_TOWNS, _CROWDED_PX = 24, 150.0
_NAMED_M2 = 1e9
# Units have no fill, because colours are reserved for the routes.
_PLAIN = replace(ADMIN, steps=(replace(ADMIN.steps[0], upper=math.inf, colour=LAND),))


@dataclass(frozen=True, kw_only=True)
class MapTable:
    """Table under the map.

    Parameters
    ----------
    header
        Names of the columns.
    rows
        Cells as texts; the first cell is the number of the route or mark.
    widths
        Share of the width that each column takes.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class RouteLayers:
    """Layers to draw, in WGS 84.

    Parameters
    ----------
    routes
        One line a stretch of one mode, with ``rank`` from 1 and ``mode``; may be empty.
    marks
        Gateways, points with ``name`` and ``kind``; may be empty.
    ends
        Origins and destinations, points with ``name``.
    units
        Administrative units with ``country`` and ``weakness``; only their borders are drawn.
    area
        The study area; the map shows the part of it that holds routes, marks and ends.
    """

    routes: gpd.GeoDataFrame
    marks: gpd.GeoDataFrame
    ends: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    area: StudyArea


@plain_drawing()
def draw_routes(
    layers: RouteLayers,
    basemap: Basemap,
    target: str | Path,
    *,
    title: str,
    subtitle: str,
    attribution: str,
    table: MapTable,
) -> None:
    """Draw routes as PNG, 2400 pixels wide; the same layers give the same bytes.

    Parameters
    ----------
    target
        The ``.png`` to write; an existing file is replaced.
    title, subtitle
        Above the map; the subtitle is wrapped.
    attribution
        Text below the map: the holders of the data.
    table
        Under the map, a row a route.
    """
    area = _close_up(layers)
    page = Page(_MARGIN_IN)
    left, bottom, right, top = fit_rectangle(area).bounds
    head, foot = page.wrap(subtitle, SUBTITLE), page.wrap(attribution, SOURCES)
    high = (top - bottom) / (right - left) * page.width
    under = 0.2 + FOOT_STEP_IN * len(foot)
    panel = _ROW_IN * (len(table.rows) + 1.5)
    over = 0.7 + SUBTITLE_STEP_IN * len(head)
    page.height = under + panel + 2 * _TICKS_IN + high + over
    legend = page.sheet(under, panel, (0, page.width), (0, panel))
    sheet = page.sheet(under + panel + _TICKS_IN, high, (left, right), (bottom, top))
    _draw_sheet(sheet, page.canvas, layers, basemap, area)
    _write_table(legend, page.canvas, table, page.width, numbered=len(layers.routes) > 0)
    page.write_title(title, head, size=19.0, below=0.42, shrink=False)
    page.write_foot([TextLines(foot, SOURCES)], above=0.13)
    page.save(target)


def _close_up(layers: RouteLayers) -> StudyArea:
    """The part of the area around everything drawn, with a margin and limited proportions."""
    shapes = np.concatenate(
        [np.asarray(frame.geometry.array) for frame in (layers.routes, layers.marks, layers.ends)]
    )
    west, south, east, north = map(float, shapely.total_bounds(shapes))
    degree = 111.3 * math.cos(math.radians((south + north) / 2))
    across = max((east - west) * degree + 2 * _ROOM_KM, _LEAST_KM)
    up = max((north - south) * 110.6 + 2 * _ROOM_KM, _LEAST_KM)
    across, up = max(across, up / _TALLEST), max(up, across * _FLATTEST)
    x, y = (west + east) / 2, (south + north) / 2
    full = layers.area.box
    kept = Box(
        max(x - across / 2 / degree, full.west), max(y - up / 2 / 110.6, full.south),
        min(x + across / 2 / degree, full.east), min(y + up / 2 / 110.6, full.north),
    )  # fmt: skip
    return replace(layers.area, bbox=kept)


def _draw_sheet(
    sheet: Axes, canvas: FigureCanvasAgg, layers: RouteLayers, basemap: Basemap, area: StudyArea
) -> None:
    """Draw the map proper, from the sea up to the names."""
    projected = project_basemap(basemap, area)
    routes, marks, ends = (
        frame.to_crs(area.crs) for frame in (layers.routes, layers.marks, layers.ends)
    )
    draw_background(sheet, projected, area, layers.units.to_crs(area.crs), _PLAIN)
    _draw_lines(sheet, routes)
    frame = PathPatch(path(projected.outline), facecolor="none", edgecolor=INK, lw=0.9, zorder=20)
    frame.set_transform(sheet.transData)
    for artist in (*sheet.patches, *sheet.collections):
        artist.set_clip_path(frame)
    sheet.add_artist(frame)
    letters = Lettering(
        axes=sheet,
        canvas=canvas,
        frame=shapely.transform(projected.outline, sheet.transData.transform).buffer(-5),
        lines=sample_lines(routes.geometry, sheet, every=2500.0 * projected.finer),
    )
    _draw_points(letters, marks, ends)
    _number(letters, routes)
    for country, land in projected.countries.items():
        visible = shapely.get_parts(shapely.intersection(land, projected.outline))
        visible = visible[shapely.area(visible) > _NAMED_M2]
        if len(visible):
            name = "\u2009".join(basemap.titles.country(country).upper())
            largest = max(visible, key=shapely.area)
            letters.within(largest, name, font(11.0), colour="#4a4f55")
    _name_towns(letters, basemap.places.to_crs(area.crs), [*marks.geometry, *ends.geometry])


def colour_of(rank: int) -> str:
    """Colour of a route by its rank from 1."""
    return COLOURS[min(rank, len(COLOURS)) - 1]


def _draw_lines(sheet: Axes, routes: gpd.GeoDataFrame) -> None:
    """Draw the best route narrow and on top, so that shared stretches show as bands."""
    ranks = sorted(set(routes["rank"]), reverse=True)
    for rank in ranks:
        width, order = 2.0 + 2.8 * (rank - 1), 5.0 - rank / 100
        mine = routes[routes["rank"] == rank]
        off = mine["mode"].isin(["sea", "trail"])
        strokes(sheet, mine.geometry, colour=PAPER, width=width + 0.9, zorder=order)
        strokes(sheet, mine.geometry[~off], colour=colour_of(rank), width=width,
                zorder=order + 0.002)  # fmt: skip
        dash = tuple(length * max(width, 1.5) for length in SEA_DASH)
        strokes(sheet, mine.geometry[off], colour=colour_of(rank), width=width,
                zorder=order + 0.001, dash=dash, cap="butt")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _RouteMark:
    """A named symbol in map coordinates."""

    name: str
    x: float
    y: float
    shape: str
    colour: str
    size: float
    lettering: float


def _draw_points(letters: Lettering, marks: gpd.GeoDataFrame, ends: gpd.GeoDataFrame) -> None:
    """Symbols first, so that no name covers one; then the names, ends before gateways."""
    drawn = [_mark(*row) for row in zip(marks["name"], marks.geometry, marks["kind"], strict=True)]
    drawn += [_mark(*row) for row in zip(ends["name"], ends.geometry, strict=True)]
    for mark in drawn:
        letters.axes.plot([mark.x], [mark.y], marker=MARKERS[mark.shape], zorder=6,
                          markersize=mark.size * marker_scale(mark.shape),
                          markerfacecolor=mark.colour, markeredgecolor=INK,
                          markeredgewidth=0.8)  # fmt: skip
        letters.block(mark.x, mark.y, mark.size)
    for mark in reversed(drawn):
        face = font(mark.lettering, bold=True)
        letters.beside(mark.x, mark.y, mark.name, face, gap=mark.size / 2 + 2.5, far=True)


def _mark(name: object, point: BaseGeometry, kind: str | None = None) -> _RouteMark:
    """A mark for a gateway of a kind, or for an end without a kind."""
    x, y = float(shapely.get_x(point)), float(shapely.get_y(point))
    if kind is None:
        return _RouteMark(
            name=str(name), x=x, y=y, shape="square", colour=INK, size=8, lettering=8.6
        )
    look = GATEWAYS.kind(kind) or GATEWAYS.kinds[0]
    return _RouteMark(name=str(name), x=x, y=y, shape=look.shape, colour=look.colour, size=8.5,
                 lettering=7.2)  # fmt: skip


def _number(letters: Lettering, routes: gpd.GeoDataFrame) -> None:
    """Put the number of each route where it runs furthest from the others."""
    ranks = routes["rank"].to_numpy(int)
    shapes = np.asarray(routes.geometry.array)
    for rank in sorted(set(ranks.tolist())):
        rest = shapely.union_all(shapes[ranks != rank])
        spot = _apart(letters, shapely.union_all(shapes[ranks == rank]), rest)
        if spot:
            badge(letters.axes, *spot, rank, colour_of(rank), zorder=7)
            letters.block(*spot, 15)


def _apart(
    letters: Lettering, line: BaseGeometry, rest: BaseGeometry
) -> tuple[float, float] | None:
    """The spot on the longest part of a line that lies furthest from the rest and is free."""
    best, furthest = None, -np.inf
    for spot in spots_along(shapely.line_merge(line)):
        x, y = float(spot.x), float(spot.y)
        apart = 0.0 if rest.is_empty else float(shapely.distance(spot, rest))
        if apart > furthest + 2000 and not math.isinf(letters.free(x, y, 16)):
            best, furthest = (x, y), apart
    return best


def _name_towns(
    letters: Lettering, places: gpd.GeoDataFrame, named: Sequence[BaseGeometry]
) -> None:
    """Name the largest towns at some distance from each other and from other names."""
    ranked = places.sort_values(["population", "name"], ascending=[False, True])
    spots = shapely.get_coordinates(np.asarray(ranked.geometry.array))
    pixels = letters.axes.transData.transform(spots)
    inside = np.flatnonzero(shapely.contains_xy(letters.frame, pixels[:, 0], pixels[:, 1]))
    taken = letters.axes.transData.transform(shapely.get_coordinates(np.asarray(named)))
    names = ranked["name"].astype(str).to_numpy(object)
    kept: list[int] = []
    for row in inside[: 10 * _TOWNS].tolist():
        x, y = map(float, spots[row])
        near = np.hypot(*(taken - pixels[row]).T).min(initial=np.inf) < _CROWDED_PX / 3
        near |= np.hypot(*(pixels[kept] - pixels[row]).T).min(initial=np.inf) < _CROWDED_PX
        if near or math.isinf(letters.free(x, y, 4)):
            continue
        if letters.beside(x, y, names[row], font(6.8), gap=2.6, limit=20.0):
            letters.axes.plot([x], [y], marker="o", markersize=3.0, zorder=5.5,
                              markerfacecolor=INK, markeredgecolor=PAPER,
                              markeredgewidth=0.5)  # fmt: skip
            letters.block(x, y, 3.4)
            kept.append(row)
        if len(kept) == _TOWNS:
            return


def _write_table(
    legend: Axes, canvas: FigureCanvasAgg, table: MapTable, width: float, *, numbered: bool
) -> None:
    """Write the table under the map, with the badge of each route before its row."""
    lefts = np.concatenate([[0.0], np.cumsum(table.widths)]) / sum(table.widths) * width
    top = _ROW_IN * (len(table.rows) + 1)
    for line, cells in enumerate([table.header, *table.rows]):
        for column, cell in enumerate(cells):
            face = font(8.0, bold=line == 0)
            y = top - _ROW_IN * line
            if numbered and column == 0 and line:
                badge(legend, 0.12, y, int(cell), colour_of(int(cell)))
                continue
            room = (lefts[column + 1] - lefts[column] - 0.1) * DPI
            legend.text(lefts[column], y, shorten(canvas, cell, face, room), fontproperties=face,
                        color=INK, va="center", ha="left")  # fmt: skip
