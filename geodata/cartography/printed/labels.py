"""Placement of text on a printed map, so that no text covers a symbol, a name or much of a line.

Boxes are in pixels of the figure, tried in order of preference and taken
greedily: a placed text stays. The same input gives the same places.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import Normal, Stroke
from matplotlib.textpath import text_to_path
from shapely.geometry.base import BaseGeometry

from geodata.arrays import Float64Array
from geodata.cartography.basemap import WIDE_M
from geodata.cartography.drawing import FAMILY
from geodata.cartography.styles.style import INK, PAPER

# East first, as in print; then the corners; straight above and below last.
_DIRECTIONS = (0, 45, -45, 180, 135, -135, 90, -90)
_RINGS = (0.0, 10.0, 24.0, 42.0, 64.0)


def font(size: float, *, bold: bool = False, italic: bool = False) -> FontProperties:
    """Choose the map's type at a size in points."""
    return FontProperties(
        family=FAMILY,
        size=size,
        weight="bold" if bold else "normal",
        style="italic" if italic else "normal",
    )


class TextSize(NamedTuple):
    """Width and height of a line of text in pixels."""

    width: float
    height: float


def measure(canvas: FigureCanvasAgg, text: str, face: FontProperties) -> TextSize:
    """Size of a line of text on a canvas."""
    width, height, _ = text_to_path.get_text_width_height_descent(text, face, ismath=False)
    scale = canvas.figure.dpi / 72
    return TextSize(float(width) * scale, float(height) * scale)


def wrap(canvas: FigureCanvasAgg, text: str, face: FontProperties, width: float) -> list[str]:
    """Break a text between words into lines no wider than `width` pixels."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and measure(canvas, longer, face).width <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shorten(canvas: FigureCanvasAgg, text: str, face: FontProperties, width: float) -> str:
    """Cut a text with an ellipsis when it is wider than `width` pixels."""
    if measure(canvas, text, face).width <= width:
        return text
    kept = text
    while kept and measure(canvas, f"{kept}…", face).width > width:
        kept = kept[:-1].rstrip(" -–,")
    return f"{kept}…"


@dataclass(frozen=True)
class TextBox:
    """A rectangle in pixels."""

    left: float
    bottom: float
    right: float
    top: float

    @classmethod
    def around(cls, x: float, y: float, width: float, height: float) -> TextBox:
        """Centre a box of a size on a point."""
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def meets(self, other: TextBox) -> bool:
        """Whether two boxes share any area."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def grown(self, margin: float) -> TextBox:
        """Add a margin on every side."""
        return TextBox(
            self.left - margin, self.bottom - margin, self.right + margin, self.top + margin
        )


@dataclass(frozen=True, kw_only=True)
class Lettering:
    """The texts of one map and the space that is free for more.

    Parameters
    ----------
    axes
        Where to write; its limits must not change afterwards.
    canvas
        Canvas of the same figure, for measuring.
    frame
        Outline of the map in pixels; letters stay inside.
    lines
        Points along lines that letters should avoid, (n, 2) in pixels.
    """

    axes: Axes
    canvas: FigureCanvasAgg
    frame: shapely.Polygon
    lines: Float64Array
    taken: list[TextBox] = field(default_factory=list)

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """Map coordinates in pixels."""
        right, up = self.axes.transData.transform((x, y))
        return float(right), float(up)

    def block(self, x: float, y: float, diameter: float) -> None:
        """Keep letters off a symbol at map coordinates; its diameter is in points."""
        size = diameter * self._dpi / 72
        self.taken.append(TextBox.around(*self.pixels(x, y), size, size))

    def beside(
        self,
        x: float,
        y: float,
        text: str,
        face: FontProperties,
        *,
        gap: float,
        colour: str = INK,
        far: bool = False,
        limit: float = math.inf,
    ) -> bool:
        """Write a text near a point.

        Parameters
        ----------
        x, y
            The point in map coordinates.
        text, face
            Text to write and its type.
        gap
            Distance from the point in points.
        colour
            Colour of the letters.
        far
            Whether the text may stand away from the point, with a leader line.
        limit
            Cost above which the text is left out; a point of a line under it costs 1.

        Returns
        -------
        bool
            Whether there was room.
        """
        width, height = measure(self.canvas, text, face)
        gap = gap * self._dpi / 72
        best: tuple[TextBox, float] | None = None
        for ring in _RINGS if far else _RINGS[:1]:
            boxes = _around(*self.pixels(x, y), width, height, gap + ring)
            for order, box in enumerate(boxes):
                cost = self._cost(box) + 0.6 * order + 0.35 * ring
                if cost < limit:
                    best, limit = (box, ring), cost
        if best is None:
            return False
        box, ring = best
        if ring:
            self._leader(x, y, box, gap)
        self._write(box, text, face, colour, rim=2.2)
        return True

    def within(
        self,
        shape: shapely.Polygon,
        text: str,
        face: FontProperties,
        *,
        colour: str,
        spread: int = 15,
    ) -> bool:
        """Write the name of an area inside it, at a place with few lines near its middle."""
        width, height = measure(self.canvas, text, face)
        radius = shapely.maximum_inscribed_circle(shape, tolerance=2000.0 * self._finer)
        middle = shapely.Point(radius.coords[0])
        home = np.array(self.pixels(middle.x, middle.y))
        left, bottom, right, top = shape.bounds
        grid = np.meshgrid(np.linspace(left, right, spread), np.linspace(bottom, top, spread))
        candidates = np.column_stack([part.ravel() for part in grid])
        inside = shapely.contains_xy(shape, candidates[:, 0], candidates[:, 1])
        places = np.vstack([home, self.axes.transData.transform(candidates[inside])])
        best, least = None, math.inf
        for place in places:
            x, y = place.tolist()
            box = TextBox.around(x, y, width, height)
            cost = self._cost(box.grown(4.0)) + float(np.hypot(*(place - home))) / 25
            cost += 40.0 * (1.0 - self._share_inside(box, shape))
            if cost < least:
                best, least = box, cost
        if best:
            self._write(best, text, face, colour, rim=0.0)
        return best is not None

    def free(self, x: float, y: float, diameter: float) -> float:
        """Cost of a round symbol at map coordinates, infinite when there is no room."""
        size = diameter * self._dpi / 72
        return self._cost(TextBox.around(*self.pixels(x, y), size, size), lines=False)

    @property
    def _dpi(self) -> float:
        return float(self.canvas.figure.dpi)

    @property
    def _finer(self) -> float:
        left, right = self.axes.get_xlim()
        return float(min(1.0, (right - left) / WIDE_M))

    def _cost(self, box: TextBox, *, lines: bool = True) -> float:
        """Points of lines under a box; infinite when it covers something or sticks out."""
        across, up = (box.left, box.right), (box.bottom, box.top)
        if not all(shapely.contains_xy(self.frame, x, y) for x in across for y in up):
            return math.inf
        if any(box.meets(other) for other in self.taken):
            return math.inf
        if not lines or not len(self.lines):
            return 0.0
        x, y = self.lines.T
        under = (x > box.left) & (x < box.right) & (y > box.bottom) & (y < box.top)
        return float(under.sum())

    def _share_inside(self, box: TextBox, shape: shapely.Polygon) -> float:
        """Share of sample points of a box that lie inside an area."""
        x = np.repeat(np.linspace(box.left, box.right, 9), 3)
        y = np.tile(np.linspace(box.bottom, box.top, 3), 9)
        places = self.axes.transData.inverted().transform(np.column_stack([x, y]))
        return float(shapely.contains_xy(shape, places[:, 0], places[:, 1]).mean())

    def _leader(self, x: float, y: float, box: TextBox, gap: float) -> None:
        """Draw a hairline from the rim of a symbol to the nearest spot of the box."""
        start = np.array(self.pixels(x, y))
        end = np.clip(start, (box.left, box.bottom), (box.right, box.top))
        rim = start + (end - start) * gap * 0.85 / max(float(np.hypot(*(end - start))), 1.0)
        ends = self.axes.transData.inverted().transform(np.array([rim, end]))
        self.axes.plot(*ends.T, color=INK, linewidth=0.5, zorder=8.5)

    def _write(
        self, box: TextBox, text: str, face: FontProperties, colour: str, *, rim: float
    ) -> None:
        """Set a text into a box, with a rim of paper `rim` points wide."""
        middle = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
        x, y = self.axes.transData.inverted().transform(middle)
        halo = [Stroke(linewidth=rim, foreground=PAPER, alpha=0.85), Normal()]
        self.axes.text(
            x,
            y,
            text,
            fontproperties=face,
            color=colour,
            ha="center",
            va="center",
            zorder=9,
            path_effects=halo if rim else [],
        )
        self.taken.append(box.grown(3.0))


def _around(x: float, y: float, width: float, height: float, gap: float) -> Iterator[TextBox]:
    """Boxes round a point in order of preference, their near edge `gap` away."""
    for degrees in _DIRECTIONS:
        across, up = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        if degrees in (90, -90):
            across = 0.0
        centre_x = x + gap * across + np.sign(round(across, 6)) * width / 2
        centre_y = y + gap * up + np.sign(round(up, 6)) * height / 2
        yield TextBox.around(float(centre_x), float(centre_y), width, height)


def sample_lines(lines: Iterable[BaseGeometry], axes: Axes, *, every: float) -> Float64Array:
    """Points along lines in map coordinates, `every` so many of their units, in pixels."""
    dense = [shapely.segmentize(line, every) for line in lines]
    coordinates = shapely.get_coordinates(dense)
    if not len(coordinates):
        return np.empty((0, 2))
    return np.asarray(axes.transData.transform(coordinates), dtype=float)


def spots_along(line: BaseGeometry) -> Iterator[shapely.Point]:
    """Spots along the longest part of a line, from its middle outwards."""
    longest = max(shapely.get_parts(line), key=shapely.length)
    for share in sorted(np.linspace(0.04, 0.96, 47), key=lambda share: abs(share - 0.5)):
        yield shapely.line_interpolate_point(longest, share, normalized=True)
