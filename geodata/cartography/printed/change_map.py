"""The printed map of a comparison: where flow is lost, and where it arrives instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import PathPatch, Rectangle

from geodata.area.study_area import StudyArea
from geodata.cartography.basemap import Basemap, fit_rectangle, project_basemap
from geodata.cartography.drawing import plain_drawing
from geodata.cartography.printed.background import draw_background, path, strokes
from geodata.cartography.printed.labels import Lettering, font, shorten
from geodata.cartography.printed.legend import HEIGHT_PT, PT_PER_MM, Panel, draw_scale
from geodata.cartography.printed.page import (
    CAUTION,
    FOOT_STEP_IN,
    SOURCES,
    SUBTITLE,
    SUBTITLE_STEP_IN,
    Page,
    TextLines,
)
from geodata.cartography.printed.result_map import name_countries, name_towns, name_waters
from geodata.cartography.styles.change_styles import (
    CHANGED_GATEWAYS,
    CHANGED_SEGMENTS,
    CHANGED_UNITS,
)
from geodata.cartography.styles.style import INK, LAND, MUTED, Step, VectorStyle

_MARGIN_IN, _TICKS_IN = 0.4, 0.2
_NAMED, _LISTED = 14, 7
_LEAST = CHANGED_GATEWAYS.steps[len(CHANGED_GATEWAYS.steps) // 2].upper
"""Gateways that change less are neither drawn nor listed."""
_COLUMN = 0.27
"""Share of the panel's width for each list of gateways."""


class ChangeLayers(Protocol):
    """What is drawn: tables of a comparison in WGS 84, largest changes first."""

    @property
    def segments(self) -> gpd.GeoDataFrame:
        """Links with ``change``."""

    @property
    def gateways(self) -> gpd.GeoDataFrame:
        """Gateways with ``name`` and ``change``."""

    @property
    def admin(self) -> gpd.GeoDataFrame:
        """Units with ``id`` and ``change``, those that flow passes."""

    @property
    def area(self) -> StudyArea:
        """Study area."""


@plain_drawing()
def draw_changes(
    layers: ChangeLayers,
    units: gpd.GeoDataFrame,
    basemap: Basemap,
    target: str | Path,
    *,
    title: str,
    subtitle: str,
) -> None:
    """Draw a comparison as PNG, 2400 pixels wide, in the CRS of its area.

    Parameters
    ----------
    units
        All units with ``id`` and ``country``.
    basemap
        Land, water and towns, and whose data all is.
    target
        The ``.png`` to write.
    title, subtitle
        What is compared.
    """
    page = Page(_MARGIN_IN)
    left, bottom, right, top = fit_rectangle(layers.area).bounds
    foot = [
        TextLines(page.wrap(CAUTION, 7.2, bold=True), 7.2, bold=True, colour=INK),
        TextLines(page.wrap(basemap.attribution, SOURCES), SOURCES),
    ]
    head = page.wrap(subtitle, SUBTITLE)
    under = 0.2 + FOOT_STEP_IN * sum(len(block.texts) for block in foot)
    high = (top - bottom) / (right - left) * page.width
    above = under + HEIGHT_PT / 72 + _TICKS_IN + 0.1
    page.height = above + high + _TICKS_IN + 0.7 + SUBTITLE_STEP_IN * len(head)
    points = page.width * 72
    panel = page.sheet(under, HEIGHT_PT / 72, (0, points), (0, HEIGHT_PT))
    sheet = page.sheet(above, high, (left, right), (bottom, top))
    _draw_sheet(sheet, page.canvas, layers, _scored(units, layers.admin), basemap)
    _draw_panel(
        Panel(axes=panel, canvas=page.canvas, width=points), layers.gateways,
        metres_per_point=(right - left) / points,
    )  # fmt: skip
    page.write_title(title, head, size=19.0, below=0.42)
    page.write_foot(foot, above=0.13)
    page.save(target)


def _scored(units: gpd.GeoDataFrame, changed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """All units with their change; none where no flow passes."""
    change = changed.set_index("id")["change"].reindex(units["id"])
    return gpd.GeoDataFrame(units.assign(change=change.to_numpy()))


def _pale() -> VectorStyle:
    """The style of units as their opacity leaves it over land, since nothing is under them."""
    share = CHANGED_UNITS.opacity

    def mixed(step: Step) -> Step:
        parts = [(int(step.colour[at : at + 2], 16), int(LAND[at : at + 2], 16))
                 for at in (1, 3, 5)]  # fmt: skip
        colour = "".join(f"{round(share * own + (1 - share) * land):02x}" for own, land in parts)
        return Step(lower=step.lower, upper=step.upper, label=step.label, colour=f"#{colour}")

    return VectorStyle(
        layer=CHANGED_UNITS.layer, title=CHANGED_UNITS.title, geometry="polygon",
        measure=CHANGED_UNITS.measure, steps=tuple(map(mixed, CHANGED_UNITS.steps)),
    )  # fmt: skip


def _draw_sheet(
    sheet: Axes,
    canvas: FigureCanvasAgg,
    layers: ChangeLayers,
    units: gpd.GeoDataFrame,
    basemap: Basemap,
) -> None:
    """Draw the map proper, from the sea up to the names."""
    area = layers.area
    projected = project_basemap(basemap, area)
    gateways = layers.gateways.to_crs(area.crs)
    draw_background(sheet, projected, area, units.to_crs(area.crs), _pale())
    _draw_lines(sheet, layers.segments.to_crs(area.crs))
    frame = PathPatch(path(projected.outline), facecolor="none", edgecolor=INK, lw=0.9, zorder=20)
    frame.set_transform(sheet.transData)
    for artist in (*sheet.patches, *sheet.collections):
        artist.set_clip_path(frame)
    sheet.add_artist(frame)
    letters = Lettering(
        axes=sheet,
        canvas=canvas,
        frame=shapely.transform(projected.outline, sheet.transData.transform).buffer(-5),
        lines=np.empty((0, 2)),
    )
    changed = gateways[np.abs(gateways["change"]) >= _LEAST]
    _draw_gateways(letters, changed)
    name_countries(letters, projected, area, basemap.titles)
    name_towns(letters, basemap.places.to_crs(area.crs), changed, area)
    name_waters(letters, area, basemap.titles)


def _draw_lines(sheet: Axes, segments: gpd.GeoDataFrame) -> None:
    """Draw links by their change, what changes most on top."""
    for step in CHANGED_SEGMENTS.steps:
        inside = (segments["change"] >= step.lower) & (segments["change"] < step.upper)
        order = 4.0 + step.size / 10
        width = step.size * PT_PER_MM
        lines = segments.geometry[inside]
        strokes(sheet, lines, colour=step.colour, width=width, zorder=order)


def _draw_gateways(letters: Lettering, gateways: gpd.GeoDataFrame) -> None:
    """Symbols by their change, and the names of those that change most."""
    spots = shapely.get_coordinates(gateways.geometry.to_numpy()).tolist()
    columns = (gateways["name"].astype(str), gateways["change"].to_numpy(float).tolist())
    drawn = [(name, change, x, y) for name, change, (x, y) in zip(*columns, spots, strict=True)]
    for level, (_, change, x, y) in enumerate(reversed(drawn)):
        step = CHANGED_GATEWAYS.step(change)
        size = step.size * PT_PER_MM
        letters.axes.plot(
            [x], [y], marker="o", markersize=size, markerfacecolor=step.colour,
            markeredgecolor=INK, markeredgewidth=0.8, zorder=6 + level / 1000,
        )  # fmt: skip
        letters.block(x, y, size)
    for name, change, x, y in drawn[:_NAMED]:
        gap = CHANGED_GATEWAYS.step(change).size * PT_PER_MM / 2 + 2.5
        letters.beside(
            x, y, f"{name} {signed_percent(change)}", font(7.2, bold=True), gap=gap, far=True
        )


def signed_percent(change: float) -> str:
    """A change of share for people, with its sign."""
    return f"{100 * change:+.0f}%".replace("-", "−")


def _draw_panel(panel: Panel, gateways: gpd.GeoDataFrame, *, metres_per_point: float) -> None:
    """Draw gateways that lose and that gain most, the classes, and the scale."""
    for column, (text, rows) in enumerate(_lists(gateways)):
        left = column * _COLUMN * panel.width
        _heading(panel, left, text)
        room = (_COLUMN * panel.width - 60) * panel.canvas.figure.dpi / 72
        for index, (name, change) in enumerate(zip(rows["name"], rows["change"], strict=True)):
            y = panel.row(index)
            _swatch(panel, left, y, CHANGED_GATEWAYS.step(float(change)).colour)
            panel.text(left + 18, y, shorten(panel.canvas, str(name), font(8.0), room))
            panel.text(
                left + _COLUMN * panel.width - 14, y, signed_percent(float(change)), right=True
            )
    left = 2 * _COLUMN * panel.width + 10
    _heading(panel, left, "Change of usage, share of flow")
    steps = CHANGED_GATEWAYS.steps
    half = len(steps) // 2
    for index, step in enumerate(steps[: half + 1]):
        _swatch(panel, left, panel.row(index), step.colour)
        panel.text(left + 18, panel.row(index), step.label)
    for index, step in enumerate(reversed(steps[half + 1 :])):
        _swatch(panel, left + 105, panel.row(index), step.colour)
        panel.text(left + 123, panel.row(index), step.label)
    _swatch(panel, left, panel.row(half + 1), LAND)
    panel.text(left + 18, panel.row(half + 1), "district without flow")
    panel.text(left, panel.row(half + 2), "Districts are paler than lines and symbols.", size=7.2)
    draw_scale(panel, metres_per_point)


def _lists(gateways: gpd.GeoDataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    change = gateways["change"]
    yield "Gateways that lose most", gateways[change <= -_LEAST].head(_LISTED)
    yield "Gateways that gain most", gateways[change >= _LEAST].head(_LISTED)


def _heading(panel: Panel, x: float, text: str) -> None:
    face = font(8.2, bold=True)
    panel.axes.text(x, HEIGHT_PT - 6, text, fontproperties=face, color=INK, va="center")


def _swatch(panel: Panel, x: float, y: float, colour: str) -> None:
    box = Rectangle((x, y - 5), 12, 10, facecolor=colour, edgecolor=MUTED, linewidth=0.4)
    panel.axes.add_patch(box)
