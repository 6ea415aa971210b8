"""The figure of a validation: three panels and a few sentences.

The figure is drawn from the record in ``validation.json`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.ticker import FixedLocator, PercentFormatter

from geodata.area.titles import Titles
from geodata.arrays import Float64Array
from geodata.cartography.drawing import plain_drawing
from geodata.cartography.printed.labels import font, shorten, wrap
from geodata.cartography.printed.page import DPI, SOURCES, Page, TextLines
from geodata.cartography.styles.result_styles import CORRIDORS
from geodata.cartography.styles.style import INK, MUTED, PAPER

_MARGIN_IN, _GAP_IN, _INDENT_IN = 0.45, 0.62, 0.3
_PANEL_IN, _TABLE_IN = 3.3, 1.2
_HEAD, _TEXT, _SMALL = 14.5, 8.2, 7.4
_KEY_IN, _TEXT_IN, _SOURCES_IN = 0.23, 0.18, 0.14
_MODEL = CORRIDORS.steps[3].colour
_NULLS = (("#0072b2", (4.5, 1.6)), ("#b06a00", (1.4, 1.2)), ("#6b7076", (6.0, 1.4, 1.2, 1.4)))
_RULE = "#c9ccce"


@plain_drawing()
def draw_validation(
    record: Mapping[str, Any],
    target: str | Path,
    *,
    subtitle: str,
    attribution: str,
    titles: Titles,
) -> None:
    """Draw a validation as PNG, 2400 pixels wide.

    Parameters
    ----------
    record
        As in ``validation.json``: ``headline words sample captures findings boyce countries``.
    target
        The ``.png`` to write.
    subtitle
        Text that names the result and the events.
    attribution
        Holders of the data.
    titles
        Names of the countries.
    """
    page = Page(_MARGIN_IN)
    head = TextLines(page.wrap(record["headline"], _HEAD, bold=True), _HEAD, bold=True, colour=INK)
    below = TextLines(page.wrap(subtitle, 9.0), 9.0)
    wrapped = [line for text in record["words"] for line in page.wrap(text, _TEXT)]
    words, holders = (
        TextLines(wrapped, _TEXT, colour=INK),
        TextLines(page.wrap(attribution, SOURCES), SOURCES),
    )
    foot = 0.25 + _TEXT_IN * len(words.texts) + _SOURCES_IN * len(holders.texts)
    bottom = foot + _TABLE_IN + 0.45
    top = bottom + _PANEL_IN + 0.6
    under, over = top + 0.2 * len(below.texts), 0.28 * len(head.texts)
    page.height = under + over + 0.25
    page.write_down(head, top=under + over, step=0.28)
    page.write_down(below, top=under, step=0.2)
    page.write_down(words, top=foot - 0.08, step=_TEXT_IN)
    page.write_down(holders, top=foot - 0.08 - _TEXT_IN * len(words.texts), step=_SOURCES_IN)
    width = (page.width - 2 * _GAP_IN - _INDENT_IN) / 3
    panels: tuple[Callable[..., None], ...] = (
        _captures,
        _boyce,
        partial(_countries, titles=titles),
    )
    for number, draw in enumerate(panels):
        left = _MARGIN_IN + _INDENT_IN + number * (width + _GAP_IN)
        panel = page.axes(left, bottom, width, _PANEL_IN)
        notes = page.axes(left, foot, width, _TABLE_IN)
        notes.set_axis_off()
        notes.set(xlim=(0, width), ylim=(0, _TABLE_IN))
        _plain(panel)
        draw(panel, notes, page.canvas, record)
    page.save(target)


def _plain(panel: Axes) -> None:
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color(MUTED)
    panel.tick_params(colors=MUTED, labelcolor=INK, length=3)
    panel.grid(color=_RULE, lw=0.5)
    panel.set_axisbelow(True)


def _finish(panel: Axes, title: str, under: str, x: str, y: str) -> None:
    for label in (*panel.get_xticklabels(), *panel.get_yticklabels()):
        label.set_fontproperties(font(_SMALL))
    panel.set_xlabel(x, fontproperties=font(_TEXT), color=INK)
    panel.set_ylabel(y, fontproperties=font(_TEXT), color=INK)
    for text, height, size, colour in ((title, 1.095, 10.0, INK), (under, 1.035, _TEXT, MUTED)):
        panel.text(0, height, text, transform=panel.transAxes, color=colour, va="center",
                   fontproperties=font(size, bold=size > _TEXT))  # fmt: skip


def _numbers(values: list[float | None] | None) -> Float64Array:
    return np.array([np.nan if value is None else value for value in values or []], float)


def _captures(panel: Axes, notes: Axes, canvas: FigureCanvasAgg, record: Mapping[str, Any]) -> None:
    """Capture curves by usage: the model with its band, the nulls as broken lines."""
    curves = [curve for curve in record["captures"] if curve["measure"] == "usage"]
    share = _numbers(curves[0]["share_of_area"])
    panel.plot([0, 1], [0, 1], color=MUTED, lw=0.7)
    for curve, (colour, dashes) in zip(curves[1:], _NULLS, strict=False):
        if curve["captured"] is not None:
            panel.plot(share, _numbers(curve["captured"]), color=colour, lw=1.5, dashes=dashes)
    model = curves[0]
    panel.fill_between(share, _numbers(model["low"]), _numbers(model["high"]), color=_MODEL,
                       alpha=0.18, lw=0)  # fmt: skip
    if model["captured"] is not None:
        panel.plot(share, _numbers(model["captured"]), color=_MODEL, lw=2.4)
    panel.set(xlim=(0, 1), ylim=(0, 1.005))
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, 1]))
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    under = record["sample"]["words"] or "95% band; gain is the area between two curves"
    _finish(panel, "Events caught by the area ranked first", under,
            "Share of area, most used first", "Share of events")  # fmt: skip
    _gains(notes, canvas, record)


def _gains(notes: Axes, canvas: FigureCanvasAgg, record: Mapping[str, Any]) -> None:
    """Key of the lines, with the gain over each null; no line where there is no estimate."""
    firm = not record["sample"]["words"]
    rows = [row for row in record["findings"]
            if row["statistic"] == "gain" and row["measure"] == "usage"]  # fmt: skip
    height = _TABLE_IN - 0.12
    _, width = notes.get_xlim()
    face = font(_SMALL, bold=True)
    notes.plot([0, _KEY_IN], [height, height], color=_MODEL, lw=2.4 if firm else 7.0,
               alpha=1.0 if firm else 0.18, solid_capstyle="butt")  # fmt: skip
    notes.text(_KEY_IN + 0.07, height, "model", fontproperties=face, color=INK, va="center")
    notes.text(width, height, "gain and 95% interval", fontproperties=face,
               color=INK, va="center", ha="right")  # fmt: skip
    for index, (row, (colour, dashes)) in enumerate(zip(rows, _NULLS, strict=False), 1):
        y = height - 0.2 * index
        if firm:
            notes.plot([0, _KEY_IN], [y, y], color=colour, lw=1.5, dashes=dashes)
        text = shorten(canvas, row["against"], font(_SMALL), (width - 1.6) * DPI)
        notes.text(_KEY_IN + 0.07, y, text, fontproperties=font(_SMALL), color=INK, va="center")
        notes.text(width, y, _worded(row, signed=True), fontproperties=font(_SMALL), color=INK,
                   va="center", ha="right")  # fmt: skip
    y = height - 0.2 * (len(rows) + 1)
    notes.plot([0, _KEY_IN], [y, y], color=MUTED, lw=0.7)
    notes.text(_KEY_IN + 0.07, y, "chance", fontproperties=font(_SMALL), color=INK, va="center")


def _worded(row: Mapping[str, Any], *, signed: bool = False) -> str:
    """Estimate and interval, as far as there are any."""
    form = "{:+.2f}" if signed else "{:.2f}"
    if row["low"] is None:
        return "no interval"
    bounds = f"{form.format(row['low'])} to {form.format(row['high'])}"
    return bounds if row["estimate"] is None else f"{form.format(row['estimate'])} ({bounds})"


def _boyce(panel: Axes, notes: Axes, canvas: FigureCanvasAgg, record: Mapping[str, Any]) -> None:
    """Ratio of events to area along the score, with its band."""
    curve = record["boyce"]
    score = _numbers(curve["score"])
    low, high, ratio = (_numbers(curve[key]) for key in ("ratio_low", "ratio_high", "ratio"))
    panel.axhline(1, color=MUTED, lw=0.7)
    panel.fill_between(score, low, high, color=_MODEL, alpha=0.18, lw=0)
    if len(ratio):
        panel.plot(score, ratio, color=_MODEL, lw=2.4)
    top = max(2.0, *(float(part.max()) for part in (high[np.isfinite(high)], ratio) if len(part)))
    panel.set(xlim=(0, 1), ylim=(0, 1.05 * top))
    panel.xaxis.set_major_locator(FixedLocator([0, 0.2, 0.4, 0.6, 0.8, 1]))
    panel.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    under = curve["words"] or "should rise to the right; 1 is chance"
    _finish(panel, "More events where more usage is modelled?", under,
            "Share of area with less modelled usage", "Events over those by chance")  # fmt: skip
    _note(notes, canvas, [
        (f"Boyce index {_worded(curve)}", True),
        ("1 rises all the way, 0 is chance, below 0 is worse than chance. "
         "Moving window over a tenth of the area.", False),
    ])  # fmt: skip


def _countries(
    panel: Axes,
    notes: Axes,
    canvas: FigureCanvasAgg,
    record: Mapping[str, Any],
    *,
    titles: Titles,
) -> None:
    """AUC by country: a dot with its interval, or the interval alone."""
    rows = record["countries"]
    panel.axvline(0.5, color=MUTED, lw=0.7)
    for level, row in enumerate(reversed(rows)):
        firm = row["estimate"] is not None
        if row["low"] is not None:
            panel.plot([row["low"], row["high"]], [level, level], solid_capstyle="butt",
                       color=_MODEL if firm else MUTED, lw=3.0 if firm else 1.4)  # fmt: skip
        if firm:
            panel.plot([row["estimate"]], [level], marker="o", markersize=6.5, color=_MODEL,
                       markeredgecolor=PAPER)  # fmt: skip
        _country_text(panel, row, level, titles.country(row["country"]))
    panel.set(xlim=(0, 1), ylim=(-0.6, len(rows) - 0.3))
    panel.yaxis.set_major_locator(FixedLocator([]))
    panel.xaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    _finish(panel, "Within each country", "AUC with 95% interval; 0.5 is chance",
            "Chance that an event outranks a random place", "")  # fmt: skip
    _note(notes, canvas, [
        ("Each block of events counts once, so that one town with many records does not "
         "decide. Thin grey lines: too few events, intervals only.", False),
    ])  # fmt: skip


def _country_text(panel: Axes, row: Mapping[str, Any], level: int, name: str) -> None:
    panel.text(0.01, level + 0.33, name, fontproperties=font(_TEXT, bold=True), color=INK,
               va="center")  # fmt: skip
    text = row["words"] or f"{_worded(row)}, {row['events']} events in {row['blocks']} blocks"
    if row["words"] and row["low"] is not None:
        text = f"{_worded(row)}; {text}"
    panel.text(0.01, level + 0.17, text, fontproperties=font(_SMALL), color=MUTED, va="center",
               bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6})  # fmt: skip


def _note(notes: Axes, canvas: FigureCanvasAgg, texts: list[tuple[str, bool]]) -> None:
    y, (_, right) = _TABLE_IN - 0.12, notes.get_xlim()
    for text, bold in texts:
        face = font(_TEXT if bold else _SMALL, bold=bold)
        for line in wrap(canvas, text, face, right * DPI):
            notes.text(0, y, line, fontproperties=face, color=INK if bold else MUTED, va="center")
            y -= 0.18
