"""Styles as layers of MapLibre (Style Specification 8), for maps in browsers.

Sizes are those of `geodata.cartography.styles` in pixels of CSS, 96 to the inch, and grow a little
with the zoom. Dashes are multiples of the width there, so that a dash is exact in the middle class.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geodata.cartography.styles.network_styles import Mark, Stroke
from geodata.cartography.styles.style import INK, LAND, PAPER, Kind, Step, VectorStyle

PX_PER_MM = 96 / 25.4
GROWTH = ((4, 0.7), (8, 1.0), (12, 1.5))
"""Zooms, and the factors from sizes on paper to sizes at each zoom."""
SPRITE_PX = 24
"""Pixels across a marker of the sprite."""

Record = dict[str, Any]
Expression = list[Any]


def line_layers(style: VectorStyle, source: str, source_layer: str) -> list[Record]:
    """Layers for a style of lines: the casing, if any, then the strokes.

    Each dash has a layer of its own, because a dash cannot depend on the data.
    """
    base: Record = {"type": "line", "source": source, "source-layer": source_layer}
    sort = ["coalesce", ["get", style.measure], 0]
    layers: list[Record] = []
    if style.outline:
        layers.append({
            **base, "id": f"{style.layer}-casing",
            "layout": {"line-cap": "round", "line-join": "round", "line-sort-key": sort},
            "paint": {"line-color": style.outline, "line-width": _sized(style, 2 * PX_PER_MM)},
        })  # fmt: skip
    for name, kinds in _by_dash(style.kinds):
        layer: Record = {**base, "id": f"{style.layer}{name}"}
        dash = kinds[0].dash if kinds else ()
        if kinds:
            layer["filter"] = ["in", ["get", style.category], ["literal", _values(kinds)]]
        cap = "butt" if dash else "round"
        layer["layout"] = {"line-cap": cap, "line-join": "round", "line-sort-key": sort}
        colour = _kind_colour(style, kinds) if kinds else _step_colour(style)
        layer["paint"] = {"line-color": colour, "line-width": _sized(style, 0.0),
                          "line-opacity": style.opacity}  # fmt: skip
        if dash:
            middle = style.steps[len(style.steps) // 2].size
            layer["paint"]["line-dasharray"] = [round(length / middle, 3) for length in dash]
        layers.append(layer)
    return layers


def _by_dash(kinds: tuple[Kind, ...]) -> Iterable[tuple[str, list[Kind]]]:
    """Kinds of one dash together, with the end of their layer's name; no kinds are one group."""
    groups: dict[tuple[float, ...], list[Kind]] = {}
    for kind in kinds:
        groups.setdefault(kind.dash, []).append(kind)
    if not groups:
        return [("", [])]
    return [("-" + "-".join(_values(group)), group) for group in groups.values()]


def _values(kinds: Iterable[Kind]) -> list[str]:
    return [kind.value for kind in kinds]


def _sized(style: VectorStyle, casing: float) -> Expression:
    """Width in pixels by the classes of the measure; `casing` times the rim is added."""
    sizes = [step.size * PX_PER_MM + casing * style.rim(step.size) for step in style.steps]
    return sizes_by_zoom(sizes, lambda values: _stepped(style.measure, style.steps, values))


def sizes_by_zoom(sizes: list[float], by_class: Any) -> Expression:
    """Sizes that grow with the zoom; `by_class` makes an expression of the sizes at one zoom."""
    stops: Expression = []
    for zoom, factor in GROWTH:
        stops += [zoom, by_class([round(size * factor, 3) for size in sizes])]
    return ["interpolate", ["linear"], ["zoom"], *stops]


def _stepped(measure: str, steps: tuple[Step, ...], outputs: list[Any]) -> Expression:
    """An expression with one output a class; features without a value take the first."""
    value = ["coalesce", ["get", measure], steps[0].lower]
    rest = [item for step, output in zip(steps[1:], outputs[1:], strict=True)
            for item in (step.lower, output)]  # fmt: skip
    return ["step", value, outputs[0], *rest]


def _step_colour(style: VectorStyle) -> Expression:
    return _stepped(style.measure, style.steps, [step.colour for step in style.steps])


def _kind_colour(style: VectorStyle, kinds: list[Kind]) -> Expression | str:
    if len(kinds) == 1:
        return kinds[0].colour
    pairs = [item for kind in kinds for item in (kind.value, kind.colour)]
    return ["match", ["get", style.category], *pairs, kinds[0].colour]


def fill_layers(style: VectorStyle, source: str, source_layer: str) -> list[Record]:
    """Layers for units fitted to the land: the slivers, the units, their outlines.

    Units without a value have the colour of land.
    """
    base: Record = {"source": source, "source-layer": source_layer}
    colour = ["case", ["has", style.measure], _step_colour(style), LAND]
    layers: list[Record] = [
        {
            **base, "id": f"{style.measure}-{fit}", "type": "fill",
            "filter": ["==", ["get", "fit"], fit],
            "paint": {"fill-color": colour, "fill-antialias": False},
        }
        for fit in ("wide", "exact")
    ]  # fmt: skip
    outline = {"line-color": style.outline or PAPER, "line-opacity": 0.6,
               "line-width": style.outline_width * PX_PER_MM}  # fmt: skip
    layers.append({
        **base, "id": f"{style.measure}-outline", "type": "line",
        "filter": ["==", ["get", "fit"], "exact"], "paint": outline,
    })  # fmt: skip
    return layers


def marker_layer(style: VectorStyle, source: str, source_layer: str) -> Record:
    """The layer for a style of points by kind: a marker of the sprite, sized by the measure."""
    first = style.kinds[0]
    pairs = [item for kind in style.kinds[1:] for item in (kind.value, icon(kind))]
    sizes = [step.size * PX_PER_MM / SPRITE_PX for step in style.steps]
    return {
        "id": style.layer,
        "type": "symbol",
        "source": source,
        "source-layer": source_layer,
        "layout": {
            "icon-image": ["match", ["get", style.category], *pairs, icon(first)],
            "icon-size": sizes_by_zoom(sizes, lambda at: _stepped(style.measure, style.steps, at)),
            "icon-allow-overlap": True,
            "icon-ignore-placement": True,
            "symbol-sort-key": ["coalesce", ["get", style.measure], 0],
        },
    }


def stroke_layers(
    strokes: tuple[Stroke, ...], source: str, source_layer: str, category: str
) -> list[Record]:
    """One layer a category of lines, the most important on top."""
    return [
        {
            "id": f"{source_layer}-{stroke.value}",
            "type": "line",
            "source": source,
            "source-layer": source_layer,
            "filter": ["==", ["get", category], stroke.value],
            "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {
                "line-color": stroke.colour,
                "line-width": sizes_by_zoom([stroke.size * PX_PER_MM], lambda at: at[0]),
            },
        }
        for stroke in reversed(strokes)
    ]


def mark_layer(mark: Mark, source: str, source_layer: str) -> Record:
    """The layer of points that all look the same."""
    size = mark.size * PX_PER_MM / SPRITE_PX
    return {
        "id": source_layer,
        "type": "symbol",
        "source": source,
        "source-layer": source_layer,
        "layout": {
            "icon-image": icon(mark),
            "icon-size": sizes_by_zoom([size], lambda at: at[0]),
            "icon-allow-overlap": True,
            "icon-ignore-placement": True,
        },
    }


def icon(kind: Kind) -> str:
    """Name of the marker of a kind in the sprite."""
    return f"{kind.shape}-{kind.colour.removeprefix('#')}"


def legend_entries(style: VectorStyle) -> list[Record]:
    """Entries of a legend for a style: its kinds, then its classes, the highest first."""
    entries: list[Record] = []
    for kind in style.kinds:
        entry: Record = {"label": kind.label, "colour": kind.colour}
        if style.geometry == "point":
            entry |= {"shape": kind.shape, "outline": style.outline, "icon": icon(kind)}
        if kind.dash:
            entry["dash"] = [round(length * PX_PER_MM, 2) for length in kind.dash]
        entries.append(entry)
    size = {"point": "diameter", "line": "width"}.get(style.geometry)
    for step in reversed(style.steps):
        # If kinds have the colours, classes differ only by size.
        colour = INK if style.kinds else step.colour
        entry = {"label": step.label, "colour": colour}
        if size:
            entry[size] = round(step.size * PX_PER_MM, 2)
        entries.append(entry)
    return entries
