"""``/styles``: MapLibre styles of what is served, their legends, and the sprite of markers.

Colours, classes and widths are those of `geodata.cartography.styles`, which the styles for QGIS and
the printed map are made of too. A style names addresses of this service only. It has no glyphs and
so no text: what its labels would say is told in its ``metadata``, for pages to draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from flask import Blueprint, Response, abort, request

from geodata.cartography.maplibre import (
    PX_PER_MM,
    Record,
    fill_layers,
    legend_entries,
    line_layers,
    mark_layer,
    marker_layer,
    stroke_layers,
)
from geodata.cartography.sprite import sprite_index, sprite_png
from geodata.cartography.styles.network_styles import MARKS, RIVER, ROADS
from geodata.cartography.styles.result_styles import (
    ADMIN,
    CORRIDORS,
    EXPOSURE,
    GATEWAYS,
    NEAR_UNITS,
    REMOTENESS,
    SEGMENTS,
)
from geodata.cartography.styles.style import BORDER, COAST, LAND, PAPER, SEA, VectorStyle
from geodata.publication.results.reading import ServedResult
from geodata.publication.tilesets import opening_view
from service.maps.tile_cache import tiles_of
from service.state import State, current
from service.web.operations import Record as Operations
from service.web.operations import content, in_path, readable
from service.web.replies.replies import JSON, address, json_reply, link, text_reply
from service.web.requests.query import Query

PNG = "image/png"
SPRITES = {"sprite": 1, "sprite@2x": 2}
"""The sprite and the same for dense screens: pixels to a pixel of CSS."""

blueprint = Blueprint("mapstyles", __name__)


@dataclass(frozen=True, kw_only=True)
class MapStyle:
    """A style as it is served.

    Parameters
    ----------
    title
        What it shows.
    units
        By which score the units are filled; None leaves the land plain.
    layers
        Styles of the result drawn on the land, from below to above.
    of_result
        Whether it needs a result.
    network
        Whether the network is drawn.
    result
        The result that it draws.
    """

    title: str
    units: VectorStyle | None = None
    layers: tuple[VectorStyle, ...] = ()
    of_result: bool = True
    network: bool = False
    result: ServedResult | None = None

    @property
    def group(self) -> str:
        """Source of the layers of the result."""
        return self.result.group if self.result else "result"

    def source_layer(self, style: VectorStyle) -> str:
        """Where a style of the result finds its features."""
        prefix = self.result.prefix if self.result else ""
        return prefix + _SOURCE_LAYERS.get(style.layer, style.layer)


STYLES: Mapping[str, MapStyle] = {
    "corridors": MapStyle(title="Corridors", units=ADMIN, layers=(CORRIDORS, GATEWAYS)),
    "segments": MapStyle(title="Segments of corridors by mode", layers=(SEGMENTS,)),
    "gateways": MapStyle(title="Gateways in use", layers=(GATEWAYS,)),
    "exposure": MapStyle(title="Exposure", units=EXPOSURE),
    "nearness": MapStyle(title="Nearness to the best path", units=NEAR_UNITS),
    "remoteness": MapStyle(title="Remoteness", units=REMOTENESS, of_result=False),
    "weakness": MapStyle(title="Weakness of governance", units=ADMIN, of_result=False),
    "network": MapStyle(title="Network", of_result=False, network=True),
}
"""Styles by name."""

_SOURCE_LAYERS = {"gateways": "corridor-gateways"}
"""Source layers that are not named as their style's layer is."""


@blueprint.get("/styles")
def styles() -> Response:
    """All styles."""
    Query(request.args)
    listed = [
        {
            "name": name,
            "title": style.title,
            "links": [
                link(address(f"/styles/{name}"), "stylesheet", f"{style.title}: style"),
                link(address(f"/styles/{name}/legend"), "describedby", f"{style.title}: legend"),
            ],
        }
        for name, style in _available(current()).items()
    ]
    links = [link(address("/styles"), "self", "These styles")]
    return json_reply({"links": links, "styles": listed}, links=links)


@blueprint.get("/styles/<name>")
def style(name: str) -> Response:
    """A MapLibre style."""
    Query(request.args)
    here = _style(name)
    x, y, zoom = opening_view(tiles_of().sets["basemap"])
    sources = [
        "basemap",
        *(["network"] if here.network else []),
        *([here.group] if here.layers else []),
    ]
    return json_reply(
        {
            "version": 8,
            "name": here.title,
            "metadata": {"vereda:labels": _labels(here)},
            "center": [x, y],
            "zoom": zoom,
            "sprite": address("/styles/sprite"),
            "sources": {
                each: {"type": "vector", "url": address(f"/tiles/{each}")} for each in sources
            },
            "layers": _layers(here),
        }
    )


@blueprint.get("/styles/<name>/legend")
def legend(name: str) -> Response:
    """What the colours, widths and markers of a style mean."""
    Query(request.args)
    here = _style(name)
    shown = [*([here.units] if here.units else []), *here.layers]
    groups = [{"title": each.title, "entries": legend_entries(each)} for each in reversed(shown)]
    if here.network:
        groups.append({"title": "Network", "entries": _network_entries()})
    entries = [entry for group in groups for entry in group["entries"]]
    return json_reply({"title": here.title, "entries": entries, "groups": groups})


@blueprint.get("/styles/<any('sprite','sprite@2x'):name>.json")
def sprite(name: str) -> Response:
    """Where each marker is in the sprite."""
    Query(request.args)
    return json_reply(sprite_index(_KINDS, ratio=SPRITES[name]))


@blueprint.get("/styles/<any('sprite','sprite@2x'):name>.png")
def sprite_picture(name: str) -> Response:
    """All markers in one picture."""
    Query(request.args)
    return text_reply(_drawn(_KINDS, ratio=SPRITES[name]), PNG)


_drawn = cache(sprite_png)
"""The sprite, drawn at first use."""
_KINDS = (*GATEWAYS.kinds, *MARKS.values())
"""All that the sprite holds a marker of."""


def _available(state: State) -> dict[str, MapStyle]:
    available = {name: each for name, each in STYLES.items() if state.results or not each.of_result}
    for result in state.results.values():
        # The ground has the exposure of the first result only.
        for name, each in STYLES.items():
            if each.layers and not result.first:
                title = f"{each.title} ({result.name})"
                available[result.prefix + name] = replace(each, title=title, result=result)
    return available


def _style(name: str) -> MapStyle:
    style = _available(current()).get(name)
    if style is None:
        there = ", ".join(_available(current()))
        abort(404, f"There is no style {name!r}. There are: {there}.")
    return style


def _layers(here: MapStyle) -> list[Record]:
    """From the sea up to the markers."""
    layers = [
        {"id": "sea", "type": "background", "paint": {"background-color": SEA}},
        _ground("land", "fill", {"fill-color": LAND}),
        *(fill_layers(here.units, "basemap", "units") if here.units else []),
        _ground("lakes", "fill", {"fill-color": SEA, "fill-outline-color": COAST}),
        _ground("coast", "line", {"line-color": COAST, "line-width": 0.7}),
        {
            **_ground("borders", "line", {
                "line-color": PAPER, "line-width": 3, "line-opacity": 0.7,
            }),
            "id": "borders-casing",
        },
        _ground("borders", "line", {
            "line-color": BORDER, "line-width": 1.2, "line-dasharray": [5, 1.6, 0.9, 1.6],
        }),
    ]  # fmt: skip
    if here.network:
        layers += _network_layers()
    for each in here.layers:
        if each.geometry == "point":
            layers.append(marker_layer(each, here.group, here.source_layer(each)))
        else:
            layers += line_layers(each, here.group, here.source_layer(each))
    return layers


def _ground(layer: str, kind: str, paint: Record) -> Record:
    return {"id": layer, "type": kind, "source": "basemap", "source-layer": layer, "paint": paint}


def _network_layers() -> list[Record]:
    rivers = stroke_layers((RIVER,), "network", "rivers", "class")
    return [
        *[{key: value for key, value in layer.items() if key != "filter"} for layer in rivers],
        *stroke_layers(ROADS, "network", "roads", "class"),
        *[mark_layer(mark, "network", layer) for layer, mark in MARKS.items()],
    ]


def _network_entries() -> list[Record]:
    strokes = [
        {"label": each.label, "colour": each.colour, "width": round(each.size * PX_PER_MM, 2)}
        for each in (*ROADS, RIVER)
    ]
    marks = [
        {"label": each.label, "colour": each.colour, "shape": each.shape,
         "diameter": round(each.size * PX_PER_MM, 2)}
        for each in reversed(list(MARKS.values()))
    ]  # fmt: skip
    return [*strokes, *marks]


def _labels(here: MapStyle) -> list[Record]:
    """What a page should write beside features: the column, and the least share to be named."""
    return [
        {
            "source-layer": here.source_layer(each),
            "field": each.label.field,
            "share": each.label.share,
            "minimum": each.label.minimum,
            "points": each.label.size,
            "colour": each.label.colour,
            "halo": each.label.halo,
        }
        for each in here.layers
        if each.label
    ]


def paths(state: State) -> Operations:
    """OpenAPI paths of this module."""
    names = {"type": "string", "enum": list(_available(state))}
    name = [in_path("name", "Name of the style", names)]
    more = {"refusals": (400, 404, 500)}
    record = {
        "/styles": readable("Maps", "styles", "All styles", content(JSON)),
        "/styles/{name}": readable(
            "Maps", "style", "A MapLibre style", content(JSON), parameters=name, **more
        ),
        "/styles/{name}/legend": readable(
            "Maps", "legend", "What a style's colours mean", content(JSON), parameters=name, **more
        ),
    }
    for each, ratio in SPRITES.items():
        dense = f", for {ratio} pixels to one" if ratio > 1 else ""
        slug = f"sprite{ratio}"
        record[f"/styles/{each}.json"] = readable(
            "Maps", f"{slug}_index", f"Where each marker is in the sprite{dense}", content(JSON)
        )
        picture = content(PNG, {"type": "string", "format": "binary"})
        record[f"/styles/{each}.png"] = readable(
            "Maps", f"{slug}_picture", f"All markers in one picture{dense}", picture
        )
    return record
