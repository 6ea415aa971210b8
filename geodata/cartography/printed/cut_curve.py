"""The figure of chokepoints: how many gateways must be closed, against the slack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from geodata.cartography.drawing import plain_drawing
from geodata.cartography.printed.labels import font, shorten, wrap
from geodata.cartography.printed.page import (
    DPI,
    FOOT_STEP_IN,
    SOURCES,
    SUBTITLE,
    SUBTITLE_STEP_IN,
    WIDTH_IN,
    Page,
    TextLines,
)
from geodata.cartography.styles.result_styles import CORRIDORS
from geodata.cartography.styles.style import INK, MUTED

_MARGIN_IN, _PANEL_IN, _LEFT_IN = 0.45, 4.0, 4.6
_LINE_IN = 0.17
_NAMED_LINES = 12


@dataclass(frozen=True, kw_only=True)
class CutPoint:
    """One point of the curve.

    Parameters
    ----------
    slack
        As a share of the best cost.
    size
        Gateways in the smallest cut; None without a cut.
    names
        Their names.
    """

    slack: float
    size: int | None
    names: Sequence[str]


@plain_drawing()
def draw_cut_curve(
    points: Sequence[CutPoint],
    target: str | Path,
    *,
    title: str,
    subtitle: str,
    attribution: str,
) -> None:
    """Draw the curve beside the names of each cut, as PNG 2400 pixels wide.

    Parameters
    ----------
    points
        In order of slack.
    target
        The ``.png`` to write.
    """
    page = Page(_MARGIN_IN)
    head, foot = page.wrap(subtitle, SUBTITLE), page.wrap(attribution, SOURCES)
    entries = [_entry(page.canvas, point) for point in points]
    listed = _LINE_IN * sum(len(entry) + 0.5 for entry in entries)
    panel = max(_PANEL_IN, listed)
    under = 0.75 + FOOT_STEP_IN * len(foot)
    page.height = under + panel + 0.75 + SUBTITLE_STEP_IN * len(head)
    _draw_curve(page.axes(0.75, under, _LEFT_IN, panel), points)
    _list(page.figure, points, entries, top=under + panel)
    page.write_title(title, head, size=16.0, below=0.38, shrink=False)
    page.write_foot([TextLines(foot, SOURCES)], above=0.12)
    page.save(target)


def _draw_curve(axes: Axes, points: Sequence[CutPoint]) -> None:
    """Draw the curve as steps; each extends to the next slack, because the curve never falls."""
    known = [(point.slack, point.size) for point in points if point.size is not None]
    colour = CORRIDORS.steps[3].colour
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", color="#e4e6e8", linewidth=0.7)
    axes.set_axisbelow(True)
    if known:
        slacks, sizes = zip(*known, strict=True)
        axes.plot(slacks, sizes, drawstyle="steps-post", color=colour, linewidth=1.2, alpha=0.6)
        axes.plot(slacks, sizes, "o", color=colour, markersize=5.5)
        for slack, size in known:
            axes.annotate(str(size), (slack, size), xytext=(-3, 5), textcoords="offset points",
                          ha="right", fontproperties=font(8.0, bold=True), color=INK)  # fmt: skip
        axes.set_ylim(0, max(sizes) * 1.12 + 0.5)
    span = max(max(point.slack for point in points), 0.01)
    axes.set_xlim(-0.05 * span, 1.04 * span)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ticks = _ticks([point.slack for point in points], span)
    axes.set_xticks(ticks, [_percent(tick) for tick in ticks])
    axes.tick_params(colors=MUTED, labelcolor=INK, length=3)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font(8.0))
    axes.set_xlabel("Slack: how much dearer than the best a path may be",
                    fontproperties=font(8.6), color=INK)  # fmt: skip
    axes.set_ylabel("Gateways to close", fontproperties=font(8.6), color=INK)


def _percent(share: float) -> str:
    """A share with a decimal only where it needs one."""
    return f"{share:.0%}" if round(share * 100, 6) % 1 == 0 else f"{share:.1%}"


def _ticks(slacks: Sequence[float], span: float) -> list[float]:
    """Slacks that stand far enough apart to be written."""
    kept: list[float] = []
    for slack in slacks:
        if not kept or slack - kept[-1] >= 0.09 * span:
            kept.append(slack)
    return kept


def _entry(canvas: FigureCanvasAgg, point: CutPoint) -> list[str]:
    room = (WIDTH_IN - _MARGIN_IN - _LEFT_IN - 2.55) * DPI
    if point.size is None:
        text = "A path passes no gateway: nothing cuts it."
        return wrap(canvas, text, font(7.4), room)
    lines = wrap(canvas, ", ".join(point.names) or "No path.", font(7.4), room)
    if len(lines) > _NAMED_LINES:
        last = shorten(canvas, " ".join(lines[_NAMED_LINES - 1 :]), font(7.4), room)
        lines = [*lines[: _NAMED_LINES - 1], last]
    return lines


def _list(
    figure: Figure, points: Sequence[CutPoint], entries: Sequence[list[str]], *, top: float
) -> None:
    """The names of each cut, one entry a slack."""
    tall = figure.get_figheight()
    left = _LEFT_IN + 1.25
    y = top
    for point, lines in zip(points, entries, strict=True):
        size = "none" if point.size is None else str(point.size)
        text = _percent(point.slack)
        figure.text((left + 0.4) / WIDTH_IN, y / tall, text, fontproperties=font(7.6, bold=True),
                    color=INK, va="top", ha="right")  # fmt: skip
        figure.text((left + 0.85) / WIDTH_IN, y / tall, size, fontproperties=font(7.6, bold=True),
                    color=CORRIDORS.steps[3].colour, va="top", ha="right")  # fmt: skip
        for line in lines:
            figure.text((left + 1.0) / WIDTH_IN, y / tall, line, fontproperties=font(7.4),
                        color=INK, va="top")  # fmt: skip
            y -= _LINE_IN
        y -= 0.5 * _LINE_IN
