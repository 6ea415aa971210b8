"""The background of a printed map: land, water, units, borders and the graticule."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from shapely.geometry.base import BaseGeometry

from geodata.area.antimeridian import longitude
from geodata.area.study_area import StudyArea
from geodata.arrays import Float64Array
from geodata.cartography.basemap import ProjectedBasemap, borders, fit_units
from geodata.cartography.printed.labels import font
from geodata.cartography.styles.style import (
    BORDER,
    COAST,
    GRATICULE,
    INK,
    LAND,
    PAPER,
    SEA,
    VectorStyle,
)

_GRATICULE = ((0.1, 0.01), (0.5, 0.05), (2.0, 0.25), (12.0 + 1e-9, 1.0))
"""Spacing of the graticule in degrees, by the width of the map in degrees."""


def draw_background(
    sheet: Axes,
    projected: ProjectedBasemap,
    area: StudyArea,
    units: gpd.GeoDataFrame,
    style: VectorStyle,
) -> None:
    """Draw everything under the corridors.

    Parameters
    ----------
    sheet
        Axes in metres of the area.
    projected
        Land and water.
    area
        Gives the graticule.
    units
        Administrative units in metres with ``country`` and the style's measure.
    style
        Fills the units.
    """
    fill(sheet, projected.outline, SEA, zorder=0)
    _draw_graticule(sheet, projected, area)
    fill(sheet, projected.land, LAND, zorder=1)
    _draw_units(sheet, projected, units, style)
    fill(sheet, projected.lakes, SEA, zorder=2.4, edge=COAST)
    _draw_borders(sheet, projected)


def fill(
    sheet: Axes, shape: BaseGeometry, colour: str, *, zorder: float, edge: str = "none"
) -> None:
    """Fill an area."""
    if not shape.is_empty:
        patch = PathPatch(
            path(shape), facecolor=colour, edgecolor=edge, linewidth=0.5, zorder=zorder
        )
        # add_patch would measure every vertex for limits that are already set.
        sheet.add_artist(patch)


def path(shape: BaseGeometry) -> Outline:
    """Turn an area into one matplotlib path, holes included."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    counts = shapely.get_num_coordinates(rings)
    codes = np.full(int(counts.sum()), Outline.LINETO, dtype=np.uint8)
    ends = np.cumsum(counts)
    codes[ends - counts] = Outline.MOVETO
    codes[ends - 1] = Outline.CLOSEPOLY
    return Outline(shapely.get_coordinates(rings), codes)


def strokes(
    sheet: Axes,
    shapes: Iterable[BaseGeometry],
    *,
    colour: str,
    width: float,
    zorder: float,
    dash: tuple[float, ...] = (),
    cap: str = "round",
    alpha: float = 1.0,
) -> None:
    """Draw lines of one look; `dash` is in points."""
    parts = shapely.get_parts(list(shapes))
    lines = [shapely.get_coordinates(part) for part in parts[~shapely.is_empty(parts)]]
    sheet.add_collection(
        LineCollection(
            lines,
            colors=colour,
            linewidths=width,
            linestyles=[(0, tuple(length / width for length in dash) or None)],
            capstyle=cap,
            joinstyle="round",
            alpha=alpha,
            zorder=zorder,
        ),
        autolim=False,
    )


def _draw_units(
    sheet: Axes, projected: ProjectedBasemap, units: gpd.GeoDataFrame, style: VectorStyle
) -> None:
    """Fill the units, and the slivers between them and the border with their neighbour's fill."""
    wide, exact = fit_units(projected, units)
    values = units[style.measure].to_numpy(dtype=float)
    for order, parts in enumerate((wide, exact)):
        for value, part in zip(values, parts, strict=True):
            colour = style.step(value).colour if np.isfinite(value) else LAND
            fill(sheet, part, colour, zorder=1.5 + order / 10)
    strokes(sheet, shapely.boundary(exact), colour=PAPER, width=0.5, zorder=2.0, alpha=0.9)


def _draw_borders(sheet: Axes, projected: ProjectedBasemap) -> None:
    """Coast, and the borders between countries."""
    shore, limits = borders(projected)
    strokes(sheet, [shore], colour=COAST, width=0.5, zorder=2.5)
    strokes(sheet, [limits], colour=PAPER, width=2.4, zorder=2.6, alpha=0.7)
    dash = (5.0, 1.6, 0.9, 1.6)
    strokes(sheet, [limits], colour=BORDER, width=0.9, zorder=2.7, dash=dash, cap="butt")


def _draw_graticule(sheet: Axes, projected: ProjectedBasemap, area: StudyArea) -> None:
    """Meridians and parallels at round degrees, with their degrees outside the frame."""
    west, south, east, north = area.bbox
    spacing = next((step for most, step in _GRATICULE if east - west < most), 5.0)
    meridians = np.arange(np.ceil(west / spacing), np.floor(east / spacing) + 1) * spacing
    parallels = np.arange(np.ceil(south / spacing), np.floor(north / spacing) + 1) * spacing
    lines = []
    for x in meridians:
        line = _inside(projected, area, np.full(60, x), np.linspace(south, north, 60))
        at = longitude(float(x))
        _degrees(sheet, line, f"{abs(at):g}°{'W' if at < 0 else 'E'}", (0, 8))
        lines.append(line)
    for y in parallels:
        line = _inside(projected, area, np.linspace(west, east, 60), np.full(60, y))
        _degrees(sheet, line, f"{abs(y):g}°{'S' if y < 0 else 'N'}", (8, 0))
        lines.append(line)
    strokes(sheet, lines, colour=GRATICULE, width=0.5, zorder=0.5)


def _inside(
    projected: ProjectedBasemap, area: StudyArea, x: Float64Array, y: Float64Array
) -> BaseGeometry:
    """Clip a meridian or parallel to the frame."""
    line = shapely.LineString(np.column_stack(area.project(x, y)))
    return shapely.intersection(line, projected.outline)


def _degrees(sheet: Axes, line: BaseGeometry, text: str, offset: tuple[float, float]) -> None:
    """Write the degrees of a line at both of its ends, outside the frame."""
    if line.is_empty:
        return
    ends = shapely.get_coordinates(line)[[0, -1]]
    for end, away in zip(ends, (-1, 1), strict=True):
        sheet.annotate(
            text,
            (float(end[0]), float(end[1])),
            xytext=(offset[0] * away, offset[1] * away),
            textcoords="offset points",
            rotation=90 if offset[0] else 0,
            fontproperties=font(6.2),
            color=INK,
            ha="center",
            va="center",
            alpha=0.75,
            annotation_clip=False,
        )
