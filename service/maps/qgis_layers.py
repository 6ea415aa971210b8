"""Collections as layers of QGIS: styles, meanings of fields, and credits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote
from xml.etree import ElementTree as ET

from geodata.area.study_area import StudyArea
from geodata.cartography.qgis import kinds_qml, qml
from geodata.cartography.styles.network_styles import (
    COUNT,
    EVENT,
    GATES,
    MARKS,
    MODES,
    NODES,
    POST,
    RIVER,
    ROADS,
    SECTOR,
    UNSCORED_LAND,
    WATER,
    Mark,
    Stroke,
)
from geodata.cartography.styles.result_styles import (
    ADMIN,
    CORRIDORS,
    EXPOSURE,
    FLOW,
    GATEWAYS,
    NEAR_GATEWAYS,
    NEAR_UNITS,
    PLACES,
    SEGMENTS,
)
from geodata.cartography.styles.style import COAST, INK, Geometry, LabelStyle, VectorStyle
from geodata.network.credit import Sources, credit_line, holders
from geodata.network.network import Network
from geodata.publication.layers.licences import sources
from geodata.publication.layers.properties import END, START, meaning
from service.features.collections import Collection
from service.features.coordinate_systems import own_system
from service.web.replies.replies import address

USUAL = "default"
"""QGIS's name for the style that a layer opens with."""

CALLED = ("name", "what", "measure", "id")
"""Fields that name a feature; the first that it has is used."""

_SYSTEM, _SYSTEM_NUMBER = "EPSG:4326", "3452"
_GEOMETRIES = {"point": "Point", "line": "Line", "polygon": "Polygon"}
# QGIS's code for times that stand in two fields, a first and a last one.
_FROM_TWO_FIELDS = "2"

Element = ET.Element


@dataclass(frozen=True, kw_only=True)
class Look:
    """Style of a collection: by classes of a measure, or by kinds with sizes of their own.

    Parameters
    ----------
    others
        Further styles that its menu in QGIS offers, by name.
    """

    style: VectorStyle
    kinds: Sequence[Stroke | Mark] = field(default=())
    others: Mapping[str, VectorStyle] = field(default_factory=dict)

    def document(self) -> Element:
        """The style as QGIS has it."""
        text = kinds_qml(self.style, self.kinds) if self.kinds else qml(self.style)
        return ET.fromstring(text)


def _kinds(
    geometry: Geometry, kinds: Sequence[Stroke | Mark], category: str | None = None,
    label: LabelStyle | None = None,
) -> Look:  # fmt: skip
    """Kinds in a column, or a single one."""
    outline = {"point": INK, "polygon": COAST}.get(geometry, "")
    style = VectorStyle(
        layer="", title="", geometry=geometry, measure="", steps=(), category=category,
        outline=outline, outline_width=0.2, label=label,
    )  # fmt: skip
    return Look(style=style, kinds=kinds)


_NAMED = LabelStyle(field="name", size=7.0)

LOOKS: Mapping[str, Look] = {
    "corridor-gateways": Look(style=GATEWAYS),
    "corridors": Look(style=CORRIDORS),
    "segments": Look(style=FLOW, others={"by mode": SEGMENTS}),
    "near-gateways": Look(style=NEAR_GATEWAYS),
    "corridor-places": Look(style=PLACES),
    "crossings": _kinds("point", (MARKS["crossings"],), label=_NAMED),
    "ports": _kinds("point", (MARKS["ports"],), label=_NAMED),
    "posts": _kinds("point", (POST,)),
    "events": _kinds("point", (EVENT,)),
    "counts": _kinds("point", (COUNT,)),
    "airstrips": _kinds("point", (MARKS["airstrips"],)),
    "places": _kinds("point", (MARKS["places"],)),
    "gateways": _kinds("point", GATES, "kind"),
    "nodes": _kinds("point", NODES, "kind"),
    "sectors": _kinds("line", (SECTOR,)),
    "roads": _kinds("line", ROADS, "class"),
    "rivers": _kinds("line", (RIVER,)),
    "links": _kinds("line", MODES, "mode"),
    "lakes": _kinds("polygon", (WATER,)),
    "corridor-admin": Look(style=EXPOSURE, others={"by nearness": NEAR_UNITS}),
    "admin": Look(style=ADMIN),
    # Without names: the labels of areas so large leave no room for those of units.
    "countries": _kinds("polygon", (UNSCORED_LAND,)),
}
"""Styles of collections, from the one on top to the one below all."""


def layer(here: Collection, network: Network) -> Element:
    """A layer of the OGC API provider with its styles.

    Parameters
    ----------
    here
        The collection that it shows.
    network
        Its sources are those of all layers.
    """
    look = LOOKS[here.kind]
    style = look.document()
    root = ET.Element(
        "maplayer", type="vector", geometry=_GEOMETRIES[look.style.geometry], readOnly="1",
        styleCategories="AllStyleCategories", labelsEnabled=style.get("labelsEnabled", "0"),
        minScale="100000000", maxScale="0", hasScaleBasedVisibilityFlag="0",
    )  # fmt: skip
    child(root, "id", identity(here))
    child(root, "datasource", source(here))
    child(root, "layername", name(here))
    child(root, "title", here.title)
    child(root, "abstract", here.description)
    system(child(root, "srs"))
    root.append(_metadata(here, network))
    child(root, "provider", "OAPIF", encoding="UTF-8")
    styles = child(root, "map-layer-style-manager", current=USUAL)
    child(styles, "map-layer-style", name=USUAL)
    for title, other in look.others.items():
        base = ET.fromstring(qml(other))
        # QGIS forgets what a style does not say when it changes to it.
        base.extend(_explained(here))
        child(styles, "map-layer-style", name=title).append(base)
    root.extend(style)
    root.extend(_explained(here))
    return root


def name(here: Collection) -> str:
    """What the list of layers and the legend call it: what is drawn, and of which result."""
    result = here.name.rpartition(".")[0]
    title = LOOKS[here.kind].style.title
    if not title:
        return here.title
    return f"{title} ({result})" if result else title


def identity(here: Collection) -> str:
    """Its id within a project."""
    return f"vereda_{here.slug}"


def source(here: Collection) -> str:
    """Where QGIS reads it."""
    # The address is as the client wrote it: quotes in it must not end the text.
    return f"url='{quote(address('/'), safe=':/[]%')}' typename='{here.name}'"


def credit(network: Network) -> str:
    """Who made the data, and on what terms, in words."""
    listed = sources(network)
    made, licences = credit_line(listed), ", ".join(_licences(listed))
    return f"Data: {made}. Licences: {licences}."


def _licences(listed: Sources) -> list[str]:
    return list(dict.fromkeys(str(each["licence"]) for each in listed))


def _metadata(here: Collection, network: Network) -> Element:
    root = ET.Element("resourceMetadata")
    child(root, "identifier", address(f"/collections/{here.name}"))
    child(root, "type", "dataset")
    child(root, "title", here.title)
    child(root, "abstract", here.description)
    listed = sources(network, here.layer)
    for right in holders(listed):
        child(root, "rights", right)
    for licence in _licences(listed):
        child(root, "license", licence)
    return root


def _explained(here: Collection) -> list[Element]:
    """Names of fields, what a feature is called, what it says under the pointer, and its times."""
    aliases = ET.Element("aliases")
    for each in here.types:
        child(aliases, "alias", field=each, name=_alias(each))
    preview = ET.Element("previewExpression")
    called = ", ".join(f'"{each}"' for each in CALLED if each in here.types)
    preview.text = f"coalesce({called})"
    tip = ET.Element("mapTip")
    tip.text = f"<b>[% {preview.text} %]</b>"
    if "usage" in here.types:
        tip.text += '<br>[% round(100 * "usage", 1) %]% of modelled flow'
    elements = [aliases, preview, tip]
    if START in here.types:
        # Off: what a source of one year names may well be there in another.
        times = {"mode": _FROM_TWO_FIELDS, "enabled": "0", "startField": START, "endField": END}
        elements.append(ET.Element("temporal", times))
    return elements


def _alias(name: str) -> str:
    """Title of a property with its unit, unless that only says what is counted."""
    title, _, unit = meaning(name)
    return f"{title} ({unit})" if unit.isalpha() else title


def system(parent: Element) -> None:
    """The system of coordinates of all layers."""
    element = child(parent, "spatialrefsys")
    # Without its own number for the system, QGIS does not look at the code.
    child(element, "srsid", _SYSTEM_NUMBER)
    child(element, "authid", _SYSTEM)


def area_system(parent: Element, area: StudyArea) -> None:
    """The area's own equal-area system, which no register has a code for."""
    element = child(parent, "spatialrefsys")
    child(element, "wkt", own_system(area).to_wkt())
    child(element, "srsid", "0")


def child(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """A new last child of an element."""
    made = ET.SubElement(parent, tag, attributes)
    made.text = text
    return made
