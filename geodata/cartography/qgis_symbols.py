"""Symbols of QGIS, and helpers to write the XML of a style."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from geodata.cartography.styles.style import Kind, Step, VectorStyle

Element = ET.Element

_SYMBOL_TYPE = {"point": "marker", "line": "line", "polygon": "fill"}
_SIZE_PROPERTY = {"point": "size", "line": "outlineWidth"}


def size_expression(measure: str, steps: tuple[Step, ...]) -> str:
    """Write a QGIS expression for the size of a feature's class in millimetres."""
    cases = " ".join(f'WHEN "{measure}" < {step.upper:g} THEN {step.size:g}' for step in steps)
    first, last = steps[0].size, steps[-1].size
    return f'CASE WHEN "{measure}" IS NULL THEN {first:g} {cases} ELSE {last:g} END'


def build_symbol(
    style: VectorStyle, name: str, look: Kind, size: float, expression: str | None = None
) -> Element:
    """Build the symbol of one kind of features.

    Parameters
    ----------
    style
        Geometry, opacity and outline.
    name
        Number of the symbol in its renderer.
    look
        Colour, shape and dashes.
    size
        Millimetres across a point or a line.
    expression
        QGIS expression for the size of each feature, in place of `size`.
    """
    symbol = ET.Element(
        "symbol",
        type=_SYMBOL_TYPE[style.geometry],
        name=name,
        alpha=f"{style.opacity:g}",
        clip_to_extent="1",
        force_rhr="0",
    )
    if style.geometry == "point":
        symbol.append(_marker(style, look, size, expression))
    elif style.geometry == "polygon":
        symbol.append(_fill(style, look))
    else:
        if style.outline:
            casing = Kind(value="", label="", colour=style.outline)
            symbol.append(_line(casing, size + 2 * style.rim(size), None))
        symbol.append(_line(look, size, expression))
    return symbol


def _marker(style: VectorStyle, look: Kind, size: float, expression: str | None) -> Element:
    options = {
        "name": look.shape,
        "color": rgba(look.colour),
        "size": f"{size:g}",
        "size_unit": "MM",
        "outline_color": rgba(style.outline or look.colour),
        "outline_style": "solid" if style.outline else "no",
        "outline_width": f"{style.outline_width:g}",
        "outline_width_unit": "MM",
        "joinstyle": "miter",
        "scale_method": "diameter",
    }
    return _layer("SimpleMarker", options, _driven("point", expression))


def _fill(style: VectorStyle, look: Kind) -> Element:
    options = {
        "color": rgba(look.colour),
        "style": "solid",
        "outline_color": rgba(style.outline or look.colour),
        "outline_style": "solid" if style.outline else "no",
        "outline_width": f"{style.outline_width:g}",
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }
    return _layer("SimpleFill", options, {})


def _line(look: Kind, width: float, expression: str | None) -> Element:
    options = {
        "line_color": rgba(look.colour),
        "line_style": "solid",
        "line_width": f"{width:g}",
        "line_width_unit": "MM",
        "capstyle": "flat" if look.dash else "round",
        "joinstyle": "round",
        "use_custom_dash": "1" if look.dash else "0",
        "customdash": ";".join(f"{length:g}" for length in look.dash or (5, 2)),
        "customdash_unit": "MM",
    }
    return _layer("SimpleLine", options, _driven("line", expression))


def _driven(geometry: str, expression: str | None) -> dict[str, str]:
    return {_SIZE_PROPERTY[geometry]: expression} if expression else {}


def _layer(kind: str, options: Mapping[str, str], driven: Mapping[str, str]) -> Element:
    """Build a symbol layer with its options and the properties that expressions drive."""
    layer = ET.Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    settings = ET.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        _option(settings, name, value)
    if driven:
        add_collection(ET.SubElement(layer, "data_defined_properties"), driven)
    return layer


def add_collection(parent: Element, driven: Mapping[str, str]) -> None:
    """Add a QgsPropertyCollection: expressions by the name of the property they drive."""
    collection = ET.SubElement(parent, "Option", type="Map")
    _option(collection, "name", "")
    properties = ET.SubElement(collection, "Option", name="properties", type="Map")
    for name, expression in driven.items():
        entry = ET.SubElement(properties, "Option", name=name, type="Map")
        add_child(entry, "Option", name="active", type="bool", value="true")
        _option(entry, "expression", expression)
        add_child(entry, "Option", name="type", type="int", value="3")
    _option(collection, "type", "collection")


def rgba(colour: str) -> str:
    """``#rrggbb`` as QGIS writes it, opaque."""
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def _option(parent: Element, name: str, value: str) -> None:
    add_child(parent, "Option", name=name, type="QString", value=value)


def add_child(parent: Element, tag: str, *, text: str | None = None, **attributes: str) -> None:
    """Add an element with its text and attributes."""
    child = ET.SubElement(parent, tag, attributes)
    child.text = text
