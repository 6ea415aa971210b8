"""``/qgis``: a project and layer definitions for QGIS that point to this service, styled."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, abort, request

from geodata.cartography.styles.style import SEA
from geodata.publication.results.reading import ServedResult
from service.features.collections import Collection, collections_of
from service.maps.qgis_layers import (
    LOOKS,
    USUAL,
    Element,
    area_system,
    child,
    credit,
    identity,
    layer,
    name,
    source,
)
from service.state import State, current
from service.web.operations import Record, content, in_path, readable
from service.web.replies.replies import text_reply
from service.web.requests.query import Query

PROJECT = "application/x-qgis-project"
DEFINITION = "application/x-qgis-layer-definition"
VERSION = "3.22.0"
"""Oldest QGIS that the files are written for."""
SHOWN = ("corridor-gateways", "segments", "lakes", "admin", "countries")
"""Layers that are drawn when the project opens; the others are a click away."""
CARRYING = ("corridor-gateways", "corridors", "segments", "near-gateways", "corridor-places")
"""Layers of a result that stand in its group; what covers others is below them all."""
SHOWN_ALONE = ("gateways", "roads", "lakes", "admin", "countries")
"""What is drawn at first where there is no result."""

_PROJECT_HEADER = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_DEFINITION_HEADER = "<!DOCTYPE qgis-layer-definition>\n"
_GROUPS = "Results, one at a time"
_READING = "Usage is a share of modelled flow, not a probability of trafficking."
# Of the area's longer side, for labels at its edge.
_MARGIN = 0.06
_CHECK = {True: "Qt::Checked", False: "Qt::Unchecked"}

blueprint = Blueprint("qgis", __name__)


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
    here = collections_of().get(name)
    if here is None:
        there = ", ".join(collections_of())
        abort(404, f"There is no layer {name!r}. There are: {there}.")
    return _file(
        _DEFINITION_HEADER + _text(_definition(here, current())), DEFINITION, f"{name}.qlr"
    )


def _file(text: str, media_type: str, name: str) -> Response:
    response = text_reply(text, media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _text(root: Element) -> str:
    ET.indent(root, space=" ")
    return ET.tostring(root, encoding="unicode") + "\n"


def _project(state: State) -> Element:
    root = ET.Element("qgis", projectname="Vereda", version=VERSION)
    child(root, "title", "Vereda")
    area_system(child(root, "projectCrs"), state.network.area)
    order = list(LOOKS)
    layers = sorted(collections_of().values(), key=lambda here: order.index(here.kind))
    _tree(root, state, layers)
    _canvas(root, state)
    _layers(root, "projectlayers", layers, state)
    _themes(root, state, layers)
    metadata = child(root, "projectMetadata")
    child(metadata, "title", "Vereda")
    child(metadata, "abstract", f"{_READING} {credit(state.network)}")
    properties = child(root, "properties")
    # Without this, QGIS does not read the system of the project.
    child(child(properties, "SpatialRefSys"), "ProjectionsEnabled", "1", type="int")
    gui = child(properties, "Gui")
    for part, start in (("Red", 1), ("Green", 3), ("Blue", 5)):
        child(gui, f"CanvasColor{part}Part", str(int(SEA[start : start + 2], 16)), type="int")
    return root


def _tree(root: Element, state: State, layers: Iterable[Collection]) -> None:
    """The list of layers: lines and points of results, those of the network, areas."""
    tree = child(root, "layer-tree-group")
    groups = tree
    if len(state.results) > 1:
        groups = _group(tree, _GROUPS, checked=True)
        groups.attrib |= {"mutually-exclusive": "1", "mutually-exclusive-child": "0"}
    for result in state.results.values():
        group = _group(groups, _title(result), checked=result.first)
        for here in layers:
            if _carries(result, here):
                _node(group, here, checked=here.kind in SHOWN)
    shown = SHOWN if state.results else SHOWN_ALONE
    for here in layers:
        if here.kind not in CARRYING:
            _node(tree, here, checked=here.name in shown)


def _themes(root: Element, state: State, layers: Iterable[Collection]) -> None:
    """A map theme for each result, so that one click, or a map beside, shows another."""
    if not state.results:
        return
    presets = child(root, "visibility-presets")
    for result in state.results.values():
        attributes = {"name": _title(result), "has-checked-group-info": "1"}
        preset = child(presets, "visibility-preset", **attributes)
        for here in layers:
            if here.name in SHOWN or (here.kind in SHOWN and here.kind in CARRYING):
                # Those of other results stay checked, in groups that are not.
                visible = here.layer.group in ("network", result.group)
                attributes = {"visible": str(int(visible)), "style": USUAL}
                child(preset, "layer", id=identity(here), **attributes)
        paths = [_title(result)]
        if len(state.results) > 1:
            paths = [_GROUPS, f"{_GROUPS}/{_title(result)}"]
        checked = child(preset, "checked-group-nodes")
        for path in paths:
            child(checked, "checked-group-node", id=path)


def _canvas(root: Element, state: State) -> None:
    """What the map shows at first, in the area's own system: in degrees the north is squashed."""
    area = state.network.area
    canvas = child(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    child(canvas, "units", "meters")
    west, south, east, north = area.extent
    margin = _MARGIN * max(east - west, north - south)
    texts = [
        f"{edge:.0f}" for edge in (west - margin, south - margin, east + margin, north + margin)
    ]
    edges = dict(zip(("xmin", "ymin", "xmax", "ymax"), texts, strict=True))
    extent = child(canvas, "extent")
    for which, edge in edges.items():
        child(extent, which, edge)
    child(canvas, "rotation", "0")
    area_system(child(canvas, "destinationsrs"), area)
    view = child(root, "ProjectViewSettings", UseProjectScales="0")
    area_system(child(view, "DefaultViewExtent", **edges), area)


def _definition(here: Collection, state: State) -> Element:
    root = ET.Element("qlr")
    _node(_group(root, "", checked=True), here, checked=True)
    _layers(root, "maplayers", [here], state)
    return root


def _carries(result: ServedResult, here: Collection) -> bool:
    """Whether a collection is a line or point layer of a result."""
    return here.layer.group == result.group and here.kind in CARRYING


def _title(result: ServedResult) -> str:
    """What the group and the theme of a result are called."""
    return f"{result.name}: {result.title}"


def _group(parent: Element, title: str, *, checked: bool) -> Element:
    shown = {"checked": _CHECK[checked], "expanded": str(int(checked))}
    return child(parent, "layer-tree-group", name=title, **shown)


def _node(parent: Element, here: Collection, *, checked: bool) -> None:
    """An entry of the list of layers."""
    child(
        parent, "layer-tree-layer", id=identity(here), name=name(here), providerKey="OAPIF",
        source=source(here), checked=_CHECK[checked], expanded=str(int(checked)),
    )  # fmt: skip


def _layers(root: Element, title: str, layers: Iterable[Collection], state: State) -> None:
    listed = child(root, title)
    for here in layers:
        listed.append(layer(here, state.network))


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    known = {"type": "string", "enum": list(collections_of())}
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
