"""The panel under a printed map: ranked corridors, classes, symbols and scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

from geodata.cartography.printed.labels import font, shorten
from geodata.cartography.styles.result_styles import CORRIDORS, DENSITY, GATEWAYS
from geodata.cartography.styles.style import INK, LAND, MUTED, PAPER, VectorStyle

HEIGHT_PT = 152.0
"""Height of the panel in points."""
NUMBERED = 7
"""Number of corridors that are numbered on the map and listed."""
PT_PER_MM = 72 / 25.4
MARKERS = {"circle": "o", "diamond": "D", "square": "s", "triangle": "^", "pentagon": "p"}
"""Shapes of `geodata.cartography.styles.style.Kind` as matplotlib names them."""
SPREAD_FROM = 0.002
"""Least flow through a cell or along a road that is drawn."""
SEA_DASH = (3.2, 1.4)
"""Sea passages are broken lines; in multiples of their width."""
_ROW, _HEAD = 16.0, 12.0
# Left edges of the columns as shares of the panel's width.
_COLUMNS = (0.0, 0.385, 0.55, 0.74, 0.88)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Where the legend is drawn: axes whose unit is the point, origin bottom left.

    Parameters
    ----------
    axes, canvas
        Of the figure.
    width
        Width of the panel in points.
    """

    axes: Axes
    canvas: FigureCanvasAgg
    width: float

    def column(self, index: int) -> float:
        """Left edge of a column."""
        return _COLUMNS[index] * self.width

    def row(self, index: int) -> float:
        """Middle of a row below the heading."""
        return HEIGHT_PT - _HEAD - 8 - _ROW * (index + 0.5)

    def heading(self, column: int, text: str) -> None:
        """Write the heading of a column."""
        face = font(8.2, bold=True)
        at = (self.column(column), HEIGHT_PT - _HEAD / 2)
        self.axes.text(*at, text, fontproperties=face, color=INK, va="center", ha="left")

    def text(
        self, x: float, y: float, text: str, *, size: float = 8.0, right: bool = False
    ) -> None:
        """Write a line of text."""
        self.axes.text(
            x,
            y,
            text,
            fontproperties=font(size),
            color=INK,
            va="center",
            ha="right" if right else "left",
        )


def draw_legend(
    panel: Panel,
    corridors: gpd.GeoDataFrame,
    gateways: gpd.GeoDataFrame,
    *,
    units: VectorStyle,
    metres_per_point: float,
) -> None:
    """Draw the whole panel.

    Parameters
    ----------
    panel
        Panel to draw into.
    corridors
        Corridors in order of rank; the first `NUMBERED` are listed.
    gateways
        Gateways of the map; the legend explains only the kinds that occur.
    units
        Style of the administrative units on the map.
    metres_per_point
        Scale of the map.
    """
    _ranking(panel, corridors)
    _usage(panel)
    _gateways(panel, {str(kind) for kind in gateways["kind"]})
    _scores(panel, units)
    draw_scale(panel, metres_per_point)


def percent(share: float) -> str:
    """Format a share in [0, 1] for people."""
    if share >= 0.01:
        return f"{100 * share:.0f}%"
    return "under 1%"


def badge(axes: Axes, x: float, y: float, number: int, colour: str, *, zorder: float = 5) -> None:
    """Draw a number in a disc."""
    axes.plot(
        [x],
        [y],
        marker="o",
        markersize=11.5,
        markerfacecolor=colour,
        markeredgecolor=PAPER,
        markeredgewidth=1.0,
        zorder=zorder,
    )
    face = font(7.4, bold=True)
    ink = PAPER if colour in {step.colour for step in CORRIDORS.steps[2:]} else INK
    axes.annotate(
        str(number),
        (x, y),
        xytext=(0, -0.3),
        textcoords="offset points",
        fontproperties=face,
        color=ink,
        ha="center",
        va="center_baseline",
        zorder=zorder + 0.1,
    )


def _ranking(panel: Panel, corridors: gpd.GeoDataFrame) -> None:
    panel.heading(0, "Corridors and their share of modelled flow")
    left, right = panel.column(0), panel.column(1) - 26
    room = (right - left - 56) * panel.canvas.figure.dpi / 72
    listed = corridors.head(NUMBERED)
    usages = listed["usage"].to_numpy(dtype=float)
    for index, (name, usage) in enumerate(zip(listed["name"], usages, strict=True)):
        y = panel.row(index)
        badge(panel.axes, left + 6, y, index + 1, CORRIDORS.step(usage).colour)
        panel.text(left + 18, y, shorten(panel.canvas, str(name), font(8.0), room))
        panel.text(right, y, percent(usage), right=True)
    if len(corridors) > len(listed):
        rest = corridors["usage"].iloc[NUMBERED:].sum()
        more = f"and {len(corridors) - len(listed)} more, {percent(rest)} together"
        panel.text(left + 18, panel.row(NUMBERED) + 1, more, size=7.2)


def _usage(panel: Panel) -> None:
    panel.heading(1, "Share of flow, summed")
    left = panel.column(1)
    for index, step in enumerate(reversed(CORRIDORS.steps)):
        y = panel.row(index)
        width = step.size * PT_PER_MM
        _sample(panel, left, y, color=step.colour, linewidth=width, solid_capstyle="butt")
        panel.text(left + 38, y, step.label)
    y = panel.row(len(CORRIDORS.steps))
    step = CORRIDORS.steps[2]
    width = step.size * PT_PER_MM
    _sample(panel, left, y, color=step.colour, linewidth=width, dashes=SEA_DASH)
    panel.text(left + 38, y, "numbered, off road")
    y = panel.row(len(CORRIDORS.steps) + 1)
    for index, stop in enumerate(DENSITY.stops[1:-1]):
        patch = (left + 6 * index, y - 4)
        panel.axes.add_patch(
            Rectangle(patch, 6, 8, facecolor=stop.colour, alpha=stop.opacity, linewidth=0)
        )
    panel.text(left + 38, y, "spread, off road")


def _sample(panel: Panel, left: float, y: float, **look: Any) -> None:
    """Draw a short piece of a line."""
    panel.axes.plot([left, left + 30], [y, y], **look)


def _gateways(panel: Panel, kinds: set[str]) -> None:
    shown = [kind for kind in GATEWAYS.kinds if kind.value in kinds]
    if not shown:
        return
    panel.heading(2, "Gateways, by share of flow")
    left = panel.column(2)
    for index, kind in enumerate(shown):
        y = panel.row(index)
        _marker(panel.axes, left + 8, y, kind.shape, kind.colour, 3.0)
        panel.text(left + 22, y, kind.label)
    y = panel.row(max(len(shown), 5))
    x = left + 8
    for step in GATEWAYS.steps:
        _marker(panel.axes, x, y, "circle", PAPER, step.size)
        x += 4 + 2.1 * step.size * PT_PER_MM
    panel.text(left + 2, panel.row(max(len(shown), 5) + 1), "under 1%   to   over 25%", size=7.2)


def _marker(axes: Axes, x: float, y: float, shape: str, colour: str, size: float) -> None:
    axes.plot(
        [x],
        [y],
        marker=MARKERS[shape],
        markersize=size * PT_PER_MM * marker_scale(shape),
        markerfacecolor=colour,
        markeredgecolor=INK,
        markeredgewidth=0.8,
    )


def marker_scale(shape: str) -> float:
    """Evens out the areas of shapes of one diameter."""
    return {"diamond": 0.8, "square": 0.86, "triangle": 1.08}.get(shape, 1.0)


def _scores(panel: Panel, units: VectorStyle) -> None:
    panel.heading(3, units.title.split(",")[0])
    left = panel.column(3)
    swatches = [(step.colour, step.label) for step in reversed(units.steps)]
    for index, (colour, label) in enumerate([*swatches, (LAND, "not scored")]):
        y = panel.row(index)
        panel.axes.add_patch(
            Rectangle((left, y - 5), 22, 10, facecolor=colour, edgecolor=MUTED, linewidth=0.4)
        )
        panel.text(left + 30, y, label)


def draw_scale(panel: Panel, metres_per_point: float) -> None:
    """Draw a bar of a round number of kilometres and an arrow to the north."""
    left, room = panel.column(4), panel.width - panel.column(4) - 16
    kilometres = round_length(room * metres_per_point / 1000)
    length = kilometres * 1000 / metres_per_point
    y = panel.row(6)
    for index in range(4):
        box = (left + index * length / 4, y - 2.2)
        fill = INK if index % 2 == 0 else PAPER
        panel.axes.add_patch(
            Rectangle(box, length / 4, 4.4, facecolor=fill, edgecolor=INK, linewidth=0.6)
        )
    size, unit = (kilometres, "km") if kilometres >= 1 else (kilometres * 1000, "m")
    # A short bar has no room for a label in its middle.
    for share in (0.0, 0.5, 1.0) if length >= _SHORT_BAR_PT else (0.0, 1.0):
        label = f"{size * share:g}" + (f" {unit}" if share == 1 else "")
        panel.axes.text(
            left + share * length,
            y + 9,
            label,
            fontproperties=font(7.2),
            color=INK,
            ha="center",
            va="center",
        )
    middle, foot = left + length / 2, panel.row(3) - 4
    panel.axes.annotate(
        "",
        xy=(middle, foot + 42),
        xytext=(middle, foot),
        arrowprops={"arrowstyle": "-|>,head_width=0.35,head_length=0.7", "color": INK, "lw": 1.1},
    )
    panel.axes.text(
        middle, foot + 50, "N", fontproperties=font(9, bold=True), color=INK, ha="center"
    )


_SHORT_BAR_PT = 55.0


def round_length(longest: float) -> float:
    """Find the longest of 1, 2, 5, 10, 20, 50 ... that is not longer than `longest`."""
    power = 10 ** math.floor(math.log10(longest))
    return float(next(step * power for step in (5, 2, 1) if step * power <= longest))
