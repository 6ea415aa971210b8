"""Styles of results, defined once as data for QGIS, printed maps and web maps.

Sizes are millimetres on paper and colours are ``#rrggbb``. The usage breaks are
fixed, not fitted to each result, so that two maps can be laid side by side.
Colours follow P. Tol's and Okabe and Ito's colour-blind-safe sets; where a class matters, width,
dash or shape shows the same class as the colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from geodata.cartography.styles.style import (
    INK,
    PAPER,
    Kind,
    LabelStyle,
    RasterStyle,
    Step,
    Stop,
    VectorStyle,
)

_USAGE_BREAKS = (0.0, 0.01, 0.05, 0.10, 0.25, 1.0)
_USAGE_LABELS = ("under 1%", "1 – 5%", "5 – 10%", "10 – 25%", "over 25%")
_USAGE_COLOURS = ("#e8b48e", "#dc7c55", "#bf4251", "#8a2160", "#4a1458")
_NEAR_BREAKS = (0.0, 0.1, 0.3, 0.5, 0.7, 1.0)
_NEAR_LABELS = ("under 0.1, far", "0.1 – 0.3", "0.3 – 0.5", "0.5 – 0.7", "0.7 – 1, near the best")
_NEAR_COLOURS = ("#eef3f0", "#c7e0da", "#8dc2bd", "#4893a0", "#1d5c80")
_SCORE_LABELS = ("0 – 0.2, lowest", "0.2 – 0.4", "0.4 – 0.6", "0.6 – 0.8", "0.8 – 1, highest")
_SCORE_COLOURS = ("#eff0e8", "#e2e3d8", "#d2d3c6", "#bfc1b2", "#a9ac9b")


def _usage_steps(sizes: tuple[float, ...]) -> tuple[Step, ...]:
    """Make the usage classes with a size for each."""
    return tuple(
        Step(lower=lower, upper=upper, label=label, colour=colour, size=size)
        for lower, upper, label, colour, size in zip(
            _USAGE_BREAKS, _USAGE_BREAKS[1:], _USAGE_LABELS, _USAGE_COLOURS, sizes, strict=False
        )
    )


def _near_steps(sizes: tuple[float, ...] = (0.0,) * 5) -> tuple[Step, ...]:
    """Five classes of nearness, pale to dark: the middle ones end at premiums of 29 to 4 %."""
    return tuple(
        Step(lower=lower, upper=upper, label=label, colour=colour, size=size)
        for lower, upper, label, colour, size in zip(
            _NEAR_BREAKS, _NEAR_BREAKS[1:], _NEAR_LABELS, _NEAR_COLOURS, sizes, strict=False
        )
    )


def _score_steps() -> tuple[Step, ...]:
    """Five equal classes of a score in [0, 1], pale to dark."""
    return tuple(
        Step(lower=index / 5, upper=(index + 1) / 5, label=label, colour=colour)
        for index, (label, colour) in enumerate(zip(_SCORE_LABELS, _SCORE_COLOURS, strict=True))
    )


CORRIDORS = VectorStyle(
    layer="corridors",
    title="Corridors, share of modelled flow",
    geometry="line",
    measure="usage",
    steps=_usage_steps((0.35, 0.6, 1.0, 1.5, 2.2)),
    outline=PAPER,
    outline_width=0.3,
    label=LabelStyle(field="name", share="usage", minimum=0.02, size=8.0, bold=True),
)

SEGMENTS = VectorStyle(
    layer="segments",
    title="Segments, by mode; width is the share of modelled flow",
    geometry="line",
    measure="usage",
    steps=_usage_steps((0.15, 0.35, 0.65, 1.1, 1.8)),
    category="mode",
    kinds=(
        Kind(value="road", label="Road", colour="#882255"),
        Kind(value="trail", label="Trail or track", colour="#a8741a", dash=(1.4, 0.7)),
        Kind(value="river", label="River", colour="#2f8f7f"),
        Kind(value="sea", label="Sea", colour="#2a6fa8", dash=(3.0, 1.4)),
        Kind(value="transfer", label="Landing or port", colour="#5b6066", dash=(0.4, 0.6)),
    ),
)

FLOW = replace(
    SEGMENTS,
    title="Segments, share of modelled flow through each",
    category=None,
    kinds=(),
)
"""Segments by the flow of all corridors that they carry: an alternative to `SEGMENTS`."""

BANDS = VectorStyle(
    layer="bands",
    title="Bands of corridors, share of modelled flow",
    geometry="line",
    measure="usage",
    steps=_usage_steps((0.12, 0.15, 0.2, 0.25, 0.3)),
    opacity=0.5,
)
"""All links that carry a corridor's flow; only in the GeoPackage."""

GATEWAYS = VectorStyle(
    layer="gateways",
    title="Gateways, by kind; size is the share of modelled flow",
    geometry="point",
    measure="usage",
    steps=_usage_steps((1.6, 2.2, 2.9, 3.7, 4.6)),
    category="kind",
    kinds=(
        Kind(value="formal", label="Formal crossing", colour="#ffffff", shape="circle"),
        Kind(value="informal", label="Informal crossings", colour="#e69f00", shape="diamond"),
        Kind(value="port", label="Port", colour="#0072b2", shape="square"),
        Kind(value="landing", label="Beach landing", colour="#56b4e9", shape="triangle"),
        Kind(value="river mouth", label="River mouth", colour="#009e73", shape="pentagon"),
    ),
    outline=INK,
    outline_width=0.3,
    label=LabelStyle(field="name", share="usage", minimum=0.05, size=7.5),
)

ADMIN = VectorStyle(
    layer="admin",
    title="Weakness of governance, 0 to 1",
    geometry="polygon",
    measure="weakness",
    steps=_score_steps(),
    opacity=0.75,
    outline="#8b8f92",
    outline_width=0.15,
    label=LabelStyle(field="name", size=7.0, colour="#5b6066"),
)

REMOTENESS = replace(ADMIN, title="Remoteness, 0 to 1", measure="remoteness")
"""The same units by remoteness: an alternative to `ADMIN`, not one of the files."""

EXPOSURE = replace(
    ADMIN,
    title="Exposure: usage × weakness × people",
    measure="exposure",
    steps=tuple(
        Step(lower=lower, upper=upper, label=label, colour=colour)
        for lower, upper, label, colour in (
            (0.0, 1.0, "none", "#f6f3ea"),
            (1.0, 1e3, "under 1,000", "#fde0a6"),
            (1e3, 1e4, "1,000 – 10,000", "#f5ae52"),
            (1e4, 5e4, "10,000 – 50,000", "#c9681c"),
            (5e4, 1e9, "over 50,000", "#72300c"),
        )
    ),
)
"""The units of a result by exposure, in people: read with a score below 1, not as a head count."""

NEAR_UNITS = replace(
    ADMIN, title="Nearness to the best path, 0 to 1", measure="nearness", steps=_near_steps()
)
"""The units of a result by nearness: an alternative to `EXPOSURE`."""

PLACES = VectorStyle(
    layer="places",
    title="Places, nearness to the best path",
    geometry="point",
    measure="nearness",
    steps=_near_steps((0.9, 1.1, 1.4, 1.7, 2.1)),
    outline=INK,
    outline_width=0.1,
)

NEAR_GATEWAYS = replace(PLACES, layer="near_gateways", title="Gateways, nearness to the best path")

DENSITY = RasterStyle(
    layer="density",
    title="Share of modelled flow through a cell",
    stops=(
        Stop(value=0.0, label="none", colour="#fbe3cf", opacity=0.0),
        Stop(value=0.001, label="0.1%", colour="#f3cfb3", opacity=0.55),
        Stop(value=0.01, label="1%", colour=_USAGE_COLOURS[0], opacity=0.75),
        Stop(value=0.05, label="5%", colour=_USAGE_COLOURS[1], opacity=0.85),
        Stop(value=0.10, label="10%", colour=_USAGE_COLOURS[2], opacity=0.9),
        Stop(value=0.25, label="25%", colour=_USAGE_COLOURS[3], opacity=0.95),
        Stop(value=1.0, label="100%", colour=_USAGE_COLOURS[4]),
    ),
)

NEARNESS = RasterStyle(
    layer="nearness",
    title="Nearness of a cell to the best path",
    stops=(
        Stop(value=0.0, label="0", colour=_NEAR_COLOURS[0], opacity=0.0),
        *(
            Stop(value=value, label=f"{value:g}", colour=colour, opacity=0.85)
            for value, colour in zip(_NEAR_BREAKS[1:], _NEAR_COLOURS, strict=True)
        ),
    ),
)

VECTOR_STYLES: Mapping[str, VectorStyle] = MappingProxyType(
    {style.layer: style for style in (CORRIDORS, SEGMENTS, GATEWAYS, NEAR_GATEWAYS, PLACES, ADMIN)}
)
"""The style of each vector layer of a result, topmost first but for gateways."""
