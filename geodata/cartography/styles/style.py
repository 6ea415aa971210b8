"""Styles as data: classes, symbols and labels, for every kind of map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Geometry = Literal["point", "line", "polygon"]

INK = "#22262b"
"""Text and outlines."""
MUTED = "#5f656b"
"""Secondary text: subtitles, sources, ticks."""
PAPER = "#ffffff"
"""Halos and casings."""
SEA = "#e3edf2"
"""Sea, lakes and lagoons."""
LAND = "#fafaf8"
"""Land that is not scored."""
COAST, BORDER, GRATICULE = "#7f98a5", "#4d535a", "#c3d3dc"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One class of a number, from `lower` (included) to `upper` (excluded).

    Parameters
    ----------
    lower, upper
        Bounds in the unit of the column.
    label
        Text in the legend.
    colour
        Fill or stroke, ``#rrggbb``.
    size
        Line width or diameter of a marker in millimetres; polygons have none.
    """

    lower: float
    upper: float
    label: str
    colour: str
    size: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One category of a column.

    Parameters
    ----------
    value
        The value in the column.
    label
        What the legend says.
    colour
        Fill or stroke, ``#rrggbb``.
    dash
        Lengths of strokes and gaps in millimetres, empty for a solid line.
    shape
        Marker of a point: circle, diamond, square, triangle or pentagon.
    """

    value: str
    label: str
    colour: str
    dash: tuple[float, ...] = ()
    shape: str = "circle"


@dataclass(frozen=True, kw_only=True)
class LabelStyle:
    """Text beside, along or on a feature.

    Parameters
    ----------
    field
        Column with the text.
    share
        Column with a share in [0, 1] that is appended as a percentage.
    minimum
        Features whose share is lower stay unlabelled.
    size
        Height in points.
    bold
        Weight of the type.
    colour, halo
        Colours of the letters and of the rim around them.
    """

    field: str
    share: str | None = None
    minimum: float = 0.0
    size: float = 8.0
    bold: bool = False
    colour: str = INK
    halo: str = PAPER


@dataclass(frozen=True, kw_only=True)
class VectorStyle:
    """Symbology of one layer of features.

    `steps` of `measure` give the size, and without `kinds` also the colour; `kinds` of `category`
    give colour, dash and shape. Features with a higher measure are drawn on top.

    Parameters
    ----------
    layer, title
        Name of the layer, and its name for readers.
    geometry
        Type of geometry of the features.
    measure, steps
        Numeric column and its classes, ascending and without gaps.
    category, kinds
        Text column and its values, when it decides the colour.
    opacity
        From 0 to 1.
    outline, outline_width
        Rim of points and polygons, casing of lines; empty for none. Millimetres.
    label
        Text of the features, if any.
    diverging
        Whether the measure is a change, with classes on both sides of zero: then what is
        furthest from zero is drawn on top, and labels show the sign of a share.
    """

    layer: str
    title: str
    geometry: Geometry
    measure: str
    steps: tuple[Step, ...]
    category: str | None = None
    kinds: tuple[Kind, ...] = ()
    opacity: float = 1.0
    outline: str = ""
    outline_width: float = 0.0
    label: LabelStyle | None = None
    diverging: bool = False

    def step(self, value: float) -> Step:
        """Find the class of a value; values beyond either end take the end's class."""
        return next((step for step in self.steps if value < step.upper), self.steps[-1])

    def rim(self, size: float) -> float:
        """Width of the rim of a feature of a size: thin lines have a thin one."""
        return min(self.outline_width, size / 2)

    def kind(self, value: object) -> Kind | None:
        """Find the category of a value, None when the style does not know it."""
        return next((kind for kind in self.kinds if kind.value == value), None)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A colour and an opacity at one value of a raster; between stops they blend."""

    value: float
    label: str
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True)
class RasterStyle:
    """Symbology of a raster of one band: `stops` in ascending order of value."""

    layer: str
    title: str
    stops: tuple[Stop, ...]
