"""How comparisons look: what gains and what loses, on one scale centred on zero.

Blue loses and red gains, in a set that the colour-blind tell apart (P. Tol's *BuRd*); what is
further from zero is darker and larger as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from geodata.cartography.styles.style import INK, PAPER, LabelStyle, Step, VectorStyle

_BREAKS = (0.01, 0.05, 0.10, 0.25, 10.0)
"""Bounds of classes on either side of zero; flow that comes by twice may change by more than 1."""
_LABELS = ("1 – 5%", "5 – 10%", "10 – 25%", "over 25%")
_LOSING = ("#92c5de", "#4393c3", "#2166ac", "#0b3a75")
_GAINING = ("#f4a582", "#d6604d", "#b2182b", "#6b0a1c")
_ALIKE = "#c8c8c4"


def _steps(sizes: tuple[float, ...]) -> tuple[Step, ...]:
    """Classes from the largest loss to the largest gain.

    Parameters
    ----------
    sizes
        Of the class about zero, and of each class further out.
    """
    middle, *outer = sizes
    bounds = list(pairwise(_BREAKS))
    rows = [*zip(bounds, _LABELS, _LOSING, _GAINING, outer, strict=True)]
    losing = [
        Step(lower=-upper, upper=-lower, label=f"loses {label}", colour=colour, size=size)
        for (lower, upper), label, colour, _, size in reversed(rows)
    ]
    alike = Step(lower=-_BREAKS[0], upper=_BREAKS[0], label="under 1% either way", colour=_ALIKE,
                 size=middle)  # fmt: skip
    gaining = [
        Step(lower=lower, upper=upper, label=f"gains {label}", colour=colour, size=size)
        for (lower, upper), label, _, colour, size in rows
    ]
    return (*losing, alike, *gaining)


_NAMED = LabelStyle(field="name", share="change", minimum=0.05, size=7.5)

CHANGED_SEGMENTS = VectorStyle(
    layer="segments",
    title="Segments, change of usage",
    geometry="line",
    measure="change",
    steps=_steps((0.15, 0.35, 0.65, 1.1, 1.8)),
    diverging=True,
)

CHANGED_GATEWAYS = VectorStyle(
    layer="gateways",
    title="Gateways, change of usage",
    geometry="point",
    measure="change",
    steps=_steps((1.4, 2.2, 2.9, 3.7, 4.6)),
    outline=INK,
    outline_width=0.3,
    label=_NAMED,
    diverging=True,
)

CHANGED_SECTORS = replace(
    CHANGED_SEGMENTS,
    layer="sectors",
    title="Border sectors, change of usage",
    steps=_steps((0.5, 0.8, 1.2, 1.7, 2.3)),
    outline=PAPER,
    outline_width=0.3,
)

CHANGED_UNITS = VectorStyle(
    layer="admin",
    title="Districts, change of usage",
    geometry="polygon",
    measure="change",
    steps=_steps((0.0,) * 5),
    opacity=0.45,
    outline="#8b8f92",
    outline_width=0.15,
    label=replace(_NAMED, size=7.0),
    diverging=True,
)

CHANGED_COUNTRIES = replace(
    CHANGED_UNITS, layer="countries", title="Countries, change of usage", outline_width=0.4
)

CHANGE_STYLES: Mapping[str, VectorStyle] = MappingProxyType(
    {
        style.layer: style
        for style in (
            CHANGED_SEGMENTS, CHANGED_GATEWAYS, CHANGED_SECTORS, CHANGED_UNITS, CHANGED_COUNTRIES,
        )
    }
)  # fmt: skip
"""The style of each layer of a comparison."""
