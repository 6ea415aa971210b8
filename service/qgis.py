"""``/qgis``: a project and layer definitions for QGIS that point to this service, styled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, abort, request

from geodata.network_styles import (
    GATES,
    MARKS,
    MODES,
    NODES,
    POST,
    RIVER,
    ROADS,
    SECTOR,
    Mark,
    Stroke,
)
from geodata.qml import kinds_qml, qml
from geodata.styles import (
    ADMIN,
    CORRIDORS,
    EXPOSURE,
    GATEWAYS,
    INK,
    SEA,
    SEGMENTS,
    Geometry,
    Label,
    VectorStyle,
)
from service.collections import Collection
from service.operations import Record, content, in_path, readable
from service.query import Query
from service.replies import address, text_reply
from service.results import Served
from service.state import State, current

PROJECT = "application/x-qgis-project"
DEFINITION = "application/x-qgis-layer-definition"
VERSION = "3.22.0"
"""Oldest QGIS that the files are written for."""
SHOWN = ("corridor-gateways", "corridors", "admin")
"""Layers that are drawn when the project opens; the others are a click away."""
SHOWN_ALONE = ("gateways", "roads", "admin")
"""The same where there is no result."""

_PROJECT_HEADER = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_DEFINITION_HEADER = "<!DOCTYPE qgis-layer-definition>\n"
_SYSTEM, _SYSTEM_NUMBER = "EPSG:4326", "3452"
_GEOMETRIES = {"point": "Point", "line": "Line", "polygon": "Polygon"}
# Degrees around the area, for labels at its edge.
_MARGIN = 0.9
_CHECK = {True: "Qt::Checked", False: "Qt::Unchecked"}

Element = ET.Element

blueprint = Blueprint("qgis", __name__)


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a collection is drawn: by classes of a measure, or by kinds of a size each."""

    style: VectorStyle
    kinds: Sequence[Stroke | Mark] = field(default=())

    def document(self) -> Element:
        """The style as QGIS has it."""
        text = kinds_qml(self.style, self.kinds) if self.kinds else qml(self.style)
        return ET.fromstring(text)


def _kinds(
    geometry: Geometry, kinds: Sequence[Stroke | Mark], category: str | None = None,
    label: Label | None = None,
) -> Look:  # fmt: skip
    """Kinds in a column, or a single one."""
    outline = INK if geometry == "point" else ""
    style = VectorStyle(
        layer="", title="", geometry=geometry, measure="", steps=(), category=category,
        outline=outline, outline_width=0.2, label=label,
    )  # fmt: skip
    return Look(style=style, kinds=kinds)


_NAMED = Label(field="name", size=7.0)

LOOKS: Mapping[str, Look] = {
    "corridor-gateways": Look(style=GATEWAYS),
    "corridors": Look(style=CORRIDORS),
    "segments": Look(style=SEGMENTS),
    "corridor-admin": Look(style=EXPOSURE),
    "crossings": _kinds("point", (MARKS["crossings"],), label=_NAMED),
    "ports": _kinds("point", (MARKS["ports"],), label=_NAMED),
    "posts": _kinds("point", (POST,)),
    "airstrips": _kinds("point", (MARKS["airstrips"],)),
    "places": _kinds("point", (MARKS["places"],)),
    "gateways": _kinds("point", GATES, "kind"),
    "nodes": _kinds("point", NODES, "kind"),
    "sectors": _kinds("line", (SECTOR,)),
    "roads": _kinds("line", ROADS, "class"),
    "rivers": _kinds("line", (RIVER,)),
    "links": _kinds("line", MODES, "mode"),
    "admin": Look(style=ADMIN),
}
"""Styles of collections, from the one on top to the one below all."""


@blueprint.get("/qgis/vereda.qgs")
def project() -> Response:
    """All collections as a QGIS project."""
    Query(request.args)
    text = _PROJECT_HEADER + _text(_project(current()))
    return _file(text, PROJECT, "vereda.qgs")


@blueprint.get("/qgis/<name>.qlr")
def definition(name: str) -> Response:
    """One collection as a QGIS layer definition."""
    Query(request.args)
    here = current().collections.get(name)
    if here is None:
        there = ", ".join(current().collections)
        abort(404, f"There is no layer {name!r}. There are: {there}.")
    return _file(_DEFINITION_HEADER + _text(_definition(here)), DEFINITION, f"{name}.qlr")


def _file(text: str, media_type: str, name: str) -> Response:
    response = text_reply(text, media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _text(root: Element) -> str:
    ET.indent(root, space=" ")
    return ET.tostring(root, encoding="unicode") + "\n"


def _project(state: State) -> Element:
    root = ET.Element("qgis", projectname="Vereda", version=VERSION)
    _child(root, "title", "Vereda")
    _system(_child(root, "projectCrs"))
    order = list(LOOKS)
    layers = sorted(state.collections.values(), key=lambda here: order.index(here.kind))
    shown = SHOWN if state.results else SHOWN_ALONE
    tree = _child(root, "layer-tree-group")
    for result in state.results.values():
        if not result.first:
            _group(tree, result, [here for here in layers if here.layer.group == result.group])
    for here in layers:
        if here.layer.group in ("network", "result"):
            _node(tree, here, checked=here.name in shown)
    canvas = _child(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    _child(canvas, "units", "degrees")
    outward = zip(state.network.area.bbox, (-1, -1, 1, 1), strict=True)
    texts = [f"{edge + side * _MARGIN:g}" for edge, side in outward]
    edges = dict(zip(("xmin", "ymin", "xmax", "ymax"), texts, strict=True))
    extent = _child(canvas, "extent")
    for name, edge in edges.items():
        _child(extent, name, edge)
    _child(canvas, "rotation", "0")
    _system(_child(canvas, "destinationsrs"))
    _layers(root, "projectlayers", layers)
    view = _child(root, "ProjectViewSettings", UseProjectScales="0")
    _system(_child(view, "DefaultViewExtent", **edges))
    properties = _child(root, "properties")
    # Without this, QGIS does not read the system of the project.
    _child(_child(properties, "SpatialRefSys"), "ProjectionsEnabled", "1", type="int")
    gui = _child(properties, "Gui")
    for part, start in (("Red", 1), ("Green", 3), ("Blue", 5)):
        _child(gui, f"CanvasColor{part}Part", str(int(SEA[start : start + 2], 16)), type="int")
    return root


def _definition(here: Collection) -> Element:
    root = ET.Element("qlr")
    group = _child(root, "layer-tree-group", name="", checked=_CHECK[True], expanded="1")
    _node(group, here, checked=True)
    _layers(root, "maplayers", [here])
    return root


def _group(tree: Element, result: Served, layers: Iterable[Collection]) -> None:
    """Layers of a further result, which show when their group is checked."""
    group = _child(
        tree, "layer-tree-group", name=f"{result.name}: {result.title}", checked=_CHECK[False],
        expanded="0",
    )  # fmt: skip
    for here in layers:
        _node(group, here, checked=here.kind in SHOWN)


def _node(parent: Element, here: Collection, *, checked: bool) -> None:
    """An entry of the list of layers."""
    _child(
        parent, "layer-tree-layer", id=_identity(here), name=here.title, providerKey="OAPIF",
        source=_source(here), checked=_CHECK[checked], expanded="1" if checked else "0",
    )  # fmt: skip


def _layers(root: Element, name: str, layers: Iterable[Collection]) -> None:
    listed = _child(root, name)
    for here in layers:
        listed.append(_layer(here))


def _layer(here: Collection) -> Element:
    """A layer of the OGC API provider with its style."""
    look = LOOKS[here.kind]
    style = look.document()
    layer = ET.Element(
        "maplayer", type="vector", geometry=_GEOMETRIES[look.style.geometry], readOnly="1",
        styleCategories="AllStyleCategories", labelsEnabled=style.get("labelsEnabled", "0"),
        minScale="100000000", maxScale="0", hasScaleBasedVisibilityFlag="0",
    )  # fmt: skip
    _child(layer, "id", _identity(here))
    _child(layer, "datasource", _source(here))
    _child(layer, "layername", here.title)
    _child(layer, "title", here.title)
    _child(layer, "abstract", here.description)
    _system(_child(layer, "srs"))
    _child(layer, "provider", "OAPIF", encoding="UTF-8")
    layer.extend(style)
    return layer


def _identity(here: Collection) -> str:
    return f"vereda_{here.slug}"


def _source(here: Collection) -> str:
    # The address is the client's own word for us: quotes in it must not end the text.
    return f"url='{quote(address('/'), safe=':/[]%')}' typename='{here.name}'"


def _system(parent: Element) -> None:
    told = _child(parent, "spatialrefsys")
    # Without its own number for the system, QGIS does not look at the code.
    _child(told, "srsid", _SYSTEM_NUMBER)
    _child(told, "authid", _SYSTEM)


def _child(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    child = ET.SubElement(parent, tag, attributes)
    child.text = text
    return child


def paths(state: State) -> Record:
    """What this part serves."""
    known = {"type": "string", "enum": list(state.collections)}
    return {
        "/qgis/vereda.qgs": readable(
            "Maps", "qgis_project", "QGIS project of all collections, styled",
            content(PROJECT, {"type": "string"}),
        ),
        "/qgis/{name}.qlr": readable(
            "Maps", "qgis_layer", "QGIS layer definition of a collection, styled",
            content(DEFINITION, {"type": "string"}),
            parameters=[in_path("name", "Name of the collection", known)],
            refusals=(400, 404, 500),
        ),
    }  # fmt: skip
