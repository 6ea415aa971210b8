"""Markers as one picture, from which MapLibre takes its icons."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geodata.cartography.drawing import plain_drawing, save_png
from geodata.cartography.maplibre import SPRITE_PX, icon
from geodata.cartography.printed.legend import MARKERS, marker_scale
from geodata.cartography.styles.style import INK, Kind

_RIM_PX = 2.0


def sprite_index(kinds: Sequence[Kind], *, ratio: int = 1) -> dict[str, dict[str, int]]:
    """Position of the marker of each kind in the picture.

    Parameters
    ----------
    ratio
        Pixels of the picture to a pixel of CSS.
    """
    side = SPRITE_PX * ratio
    return {
        name: {"x": place * side, "y": 0, "width": side, "height": side, "pixelRatio": ratio}
        for place, name in enumerate(_icons(kinds))
    }


@plain_drawing()
def sprite_png(kinds: Sequence[Kind], *, ratio: int = 1) -> bytes:
    """Draw the markers side by side; the same kinds give the same bytes."""
    icons = _icons(kinds)
    dpi = 72 * ratio
    wide = SPRITE_PX * len(icons)
    figure = Figure(figsize=(wide / 72, SPRITE_PX / 72), dpi=dpi)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, wide), ylim=(0, SPRITE_PX))
    axes.set_axis_off()
    for place, kind in enumerate(icons.values()):
        axes.plot(
            [SPRITE_PX * (place + 0.5)],
            [SPRITE_PX / 2],
            marker=MARKERS[kind.shape],
            markersize=(SPRITE_PX - 2 * _RIM_PX) * min(marker_scale(kind.shape), 1.0),
            markerfacecolor=kind.colour,
            markeredgecolor=INK,
            markeredgewidth=_RIM_PX,
        )
    picture = io.BytesIO()
    save_png(figure, picture, dpi=dpi, transparent=True)
    return picture.getvalue()


def _icons(kinds: Sequence[Kind]) -> dict[str, Kind]:
    """Kinds by the name of their marker, each marker once."""
    return {icon(kind): kind for kind in kinds}
