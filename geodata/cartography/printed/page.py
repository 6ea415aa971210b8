"""The frame of all printed figures: twelve inches wide, text above and below, axes between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from geodata.cartography.drawing import save_png
from geodata.cartography.printed.labels import font, measure, shorten, wrap
from geodata.cartography.styles.style import INK, MUTED, PAPER

WIDTH_IN, DPI = 12.0, 200
"""Twelve inches at 200 dots each: 2400 pixels."""
SUBTITLE, SOURCES = 9.5, 6.6
"""Sizes of the lines under the title and of those that name the sources, in points."""
SUBTITLE_STEP_IN, FOOT_STEP_IN = 0.19, 0.135
LEAST_TITLE = 9.0
CAUTION = (
    "Usage is a share of modelled flow under stated assumptions. It is not a probability "
    "of trafficking, and not evidence about any place or person."
)


@dataclass(frozen=True)
class TextLines:
    """Lines of one look.

    Parameters
    ----------
    texts
        One text a line, from the top down.
    size
        In points.
    """

    texts: Sequence[str]
    size: float
    bold: bool = False
    colour: str = MUTED


class Page:
    """A figure that is filled before its height is known.

    Parameters
    ----------
    margin
        Inches left free on both sides.
    """

    def __init__(self, margin: float) -> None:
        self.margin = margin
        self.figure = Figure(figsize=(WIDTH_IN, WIDTH_IN), dpi=DPI, facecolor=PAPER)
        self.canvas = FigureCanvasAgg(self.figure)

    @property
    def width(self) -> float:
        """Inches between the margins."""
        return WIDTH_IN - 2 * self.margin

    @property
    def height(self) -> float:
        """Inches from the bottom to the top."""
        return float(self.figure.get_figheight())

    @height.setter
    def height(self, inches: float) -> None:
        self.figure.set_size_inches(WIDTH_IN, inches)

    def wrap(self, text: str, size: float, *, bold: bool = False) -> list[str]:
        """A text in lines that fit between the margins."""
        return wrap(self.canvas, text, font(size, bold=bold), self.width * DPI)

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes placed in inches."""
        across, up = WIDTH_IN, self.height
        return self.figure.add_axes((left / across, bottom / up, width / across, height / up))

    def sheet(
        self, bottom: float, height: float, x: tuple[float, float], y: tuple[float, float]
    ) -> Axes:
        """Bare axes from margin to margin, with some limits."""
        left = self.margin / WIDTH_IN
        axes = self.figure.add_axes(
            (left, bottom / self.height, 1 - 2 * left, height / self.height)
        )
        axes.set_axis_off()
        axes.set(xlim=x, ylim=y)
        return axes

    def write_title(
        self, title: str, subtitle: Sequence[str], *, size: float, below: float, shrink: bool = True
    ) -> None:
        """Write the title, and the lines of the subtitle under it.

        Parameters
        ----------
        size
            Size of the title in points.
        below
            Inches from the top of the page to the middle of the title.
        shrink
            Whether a long title is made smaller before it is cut.
        """
        room = self.width * DPI
        while shrink and size > LEAST_TITLE:
            if measure(self.canvas, title, font(size, bold=True)).width <= room:
                break
            size -= 0.5
        title = shorten(self.canvas, title, font(size, bold=True), room)
        self._line(title, 1 - below / self.height, TextLines((), size, True, INK), "center")
        for number, line in enumerate(subtitle):
            y = 1 - (below + 0.3 + SUBTITLE_STEP_IN * number) / self.height
            self._line(line, y, TextLines((), SUBTITLE), "center")

    def write_foot(self, blocks: Sequence[TextLines], *, above: float) -> None:
        """Write lines at the foot of the page, the last one so many inches above its edge."""
        rows = [(line, block) for block in blocks for line in block.texts]
        for number, (line, block) in enumerate(reversed(rows)):
            self._line(line, (above + FOOT_STEP_IN * number) / self.height, block, "bottom")

    def write_down(self, block: TextLines, *, top: float, step: float) -> None:
        """Write lines downwards from a height in inches."""
        for number, line in enumerate(block.texts):
            self._line(line, (top - step * (number + 0.5)) / self.height, block, "center")

    def _line(self, text: str, y: float, look: TextLines, align: str) -> None:
        face = font(look.size, bold=look.bold)
        self.figure.text(self.margin / WIDTH_IN, y, text, fontproperties=face, color=look.colour,
                         va=align)  # fmt: skip

    def save(self, target: str | Path) -> None:
        """Write the figure as PNG."""
        save_png(self.figure, target, dpi=DPI)
