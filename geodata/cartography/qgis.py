"""Styles as QML, the style format of QGIS (3.22 and newer)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from geodata.cartography.qgis_symbols import (
    Element,
    add_child,
    add_collection,
    build_symbol,
    rgba,
    size_expression,
)
from geodata.cartography.styles.network_styles import Mark, Stroke
from geodata.cartography.styles.style import Kind, LabelStyle, RasterStyle, VectorStyle

_HEADER = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.22.0"
_GEOMETRY_CODE = {"point": "0", "line": "1", "polygon": "2"}
# QGIS codes of label placement: around a point by preference, along a line, inside a polygon.
_PLACEMENT = {"point": "6", "line": "2", "polygon": "4"}


def qml(style: VectorStyle | RasterStyle) -> str:
    """Render a style as a QML document.

    Parameters
    ----------
    style
        Style to render.

    Returns
    -------
    str
        The text of a ``.qml`` file; the same style gives the same text.
    """
    return _document(_raster(style) if isinstance(style, RasterStyle) else _vector(style))


def _document(root: Element) -> str:
    ET.indent(root, space=" ")
    return _HEADER + ET.tostring(root, encoding="unicode") + "\n"


def _vector(style: VectorStyle) -> Element:
    renderer = _categorised(style) if style.kinds else _graduated(style)
    return _finished(_root(style), style, renderer)


def _root(style: VectorStyle) -> Element:
    return ET.Element(
        "qgis",
        version=_VERSION,
        styleCategories="Symbology|Labeling",
        labelsEnabled="1" if style.label or _blocks(style) else "0",
    )


def _finished(root: Element, style: VectorStyle, renderer: Element) -> Element:
    root.append(renderer)
    if style.label:
        root.append(_labelling(style, style.label))
    elif _blocks(style):
        root.append(_blocking(style))
    add_child(root, "blendMode", text="0")
    add_child(root, "layerGeometryType", text=_GEOMETRY_CODE[style.geometry])
    return root


def kinds_qml(style: VectorStyle, kinds: Sequence[Stroke | Mark]) -> str:
    """Render lines or points whose kinds have sizes of their own as a QML document.

    Parameters
    ----------
    style
        Geometry, outline, label, and the category that distinguishes the kinds; without a category
        there is one kind.
    kinds
        Values of the category.
    """
    root = _root(style)
    if style.category:
        renderer = _renderer("categorizedSymbol", style.category)
        categories = ET.SubElement(renderer, "categories")
        for index, kind in enumerate(kinds):
            entry = {"value": kind.value, "label": kind.label, "type": "string", "render": "true"}
            add_child(categories, "category", symbol=str(index), **entry)
    else:
        renderer = _renderer("singleSymbol", "")
    renderer.set("enableorderby", "0")
    symbols = ET.SubElement(renderer, "symbols")
    for index, kind in enumerate(kinds):
        symbols.append(build_symbol(style, str(index), kind, kind.size))
    return _document(_finished(root, style, renderer))


def _graduated(style: VectorStyle) -> Element:
    """One symbol a class of the measure."""
    renderer = _renderer("graduatedSymbol", style.measure)
    renderer.set("graduatedMethod", "GraduatedColor")
    ranges, symbols = ET.SubElement(renderer, "ranges"), ET.SubElement(renderer, "symbols")
    for index, step in enumerate(style.steps):
        add_child(
            ranges,
            "range",
            symbol=str(index),
            lower=f"{step.lower:.15f}",
            upper=f"{step.upper:.15f}",
            label=step.label,
            render="true",
        )
        look = Kind(value="", label=step.label, colour=step.colour)
        symbols.append(build_symbol(style, str(index), look, step.size))
    renderer.append(_order(style))
    return renderer


def _categorised(style: VectorStyle) -> Element:
    """One symbol a category, its size following the classes of the measure."""
    renderer = _renderer("categorizedSymbol", style.category or "")
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    middle = style.steps[len(style.steps) // 2].size
    for index, kind in enumerate(style.kinds):
        add_child(
            categories,
            "category",
            symbol=str(index),
            value=kind.value,
            label=kind.label,
            type="string",
            render="true",
        )
        expression = size_expression(style.measure, style.steps)
        symbols.append(build_symbol(style, str(index), kind, middle, expression))
    renderer.append(_order(style))
    return renderer


def _renderer(kind: str, column: str) -> Element:
    return ET.Element(
        "renderer-v2",
        type=kind,
        attr=column,
        symbollevels="0",
        enableorderby="1",
        forceraster="0",
    )


def _order(style: VectorStyle) -> Element:
    """Draw what is used most, or changes most, last, so that it lies on top."""
    order = ET.Element("orderby")
    measure = _extent(style, style.measure)
    add_child(order, "orderByClause", asc="1", nullsFirst="1", text=measure)
    return order


def _extent(style: VectorStyle, column: str) -> str:
    """A QGIS expression for how large a column is, whichever its sign."""
    return f'abs("{column}")' if style.diverging else f'"{column}"'


def label_expression(style: VectorStyle, label: LabelStyle) -> str:
    """Write a QGIS expression for the text of a label, NULL where there is to be none."""
    if label.share is None:
        return f'"{label.field}"'
    sign = f"if(\"{label.share}\" > 0, '+', '') || " if style.diverging else ""
    percent = f"{sign}round(100 * \"{label.share}\") || '%'"
    text = f"\"{label.field}\" || '  ' || {percent}"
    return f"CASE WHEN {_extent(style, label.share)} >= {label.minimum:g} THEN {text} END"


def _blocks(style: VectorStyle) -> bool:
    """Whether features are lines of a measure, which no label of another layer may cover."""
    return style.geometry == "line" and bool(style.steps)


def _blocking(style: VectorStyle) -> Element:
    """Labelling without text, which keeps labels of other layers off the most used lines."""
    labelling = ET.Element("labeling", type="simple")
    settings = ET.SubElement(labelling, "settings", calloutType="simple")
    add_child(settings, "rendering", drawLabels="0", obstacle="1")
    # If all lines blocked labels, many little used ones, as at sea, would leave no room for any
    # label.
    middle = style.steps[len(style.steps) // 2]
    least = middle.upper if style.diverging else middle.lower
    driven = {"IsObstacle": f"{_extent(style, style.measure)} >= {least:g}"}
    add_collection(ET.SubElement(settings, "dd_properties"), driven)
    return labelling


def _labelling(style: VectorStyle, label: LabelStyle) -> Element:
    labelling = ET.Element("labeling", type="simple")
    settings = ET.SubElement(labelling, "settings", calloutType="simple")
    settings.append(_text(style, label))
    add_child(
        settings,
        "placement",
        placement=_PLACEMENT[style.geometry],
        placementFlags="10",
        dist="1",
        distUnits="MM",
        offsetType="1",
        predefinedPositionOrder="TR,TL,BR,BL,R,L,TSR,BSR",
        maxCurvedCharAngleIn="25",
        maxCurvedCharAngleOut="-25",
    )
    add_child(
        settings,
        "rendering",
        drawLabels="1",
        mergeLines="1",
        obstacle="1",
        fontMinPixelSize="3",
        fontMaxPixelSize="10000",
        zIndex={"point": "2", "line": "1", "polygon": "0"}[style.geometry],
    )
    if label.share:
        priority = {"Priority": f"min(10, 3 + 20 * {_extent(style, label.share)})"}
        add_collection(ET.SubElement(settings, "dd_properties"), priority)
    return labelling


def _text(style: VectorStyle, label: LabelStyle) -> Element:
    text = ET.Element(
        "text-style",
        fieldName=label_expression(style, label),
        isExpression="1",
        fontFamily="Arial",
        fontSize=f"{label.size:g}",
        fontSizeUnit="Point",
        fontWeight="75" if label.bold else "50",
        textColor=rgba(label.colour),
        textOpacity="1",
    )
    add_child(
        text,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor=rgba(label.halo),
        bufferOpacity="0.9",
        bufferJoinStyle="128",
    )
    return text


def _raster(style: RasterStyle) -> Element:
    root = ET.Element("qgis", version=_VERSION, styleCategories="Symbology")
    pipe = ET.SubElement(root, "pipe")
    low, high = (f"{style.stops[index].value:g}" for index in (0, -1))
    renderer = ET.SubElement(
        pipe,
        "rasterrenderer",
        type="singlebandpseudocolor",
        band="1",
        opacity="1",
        alphaBand="-1",
        nodataColor="",
        classificationMin=low,
        classificationMax=high,
    )
    origin = ET.SubElement(renderer, "minMaxOrigin")
    add_child(origin, "limits", text="None")
    add_child(origin, "extent", text="WholeRaster")
    shader = ET.SubElement(
        ET.SubElement(renderer, "rastershader"),
        "colorrampshader",
        colorRampType="INTERPOLATED",
        classificationMode="1",
        clip="0",
        minimumValue=low,
        maximumValue=high,
        labelPrecision="4",
    )
    for stop in style.stops:
        add_child(
            shader,
            "item",
            value=f"{stop.value:g}",
            label=stop.label,
            color=stop.colour,
            alpha=str(math.floor(255 * stop.opacity)),
        )
    add_child(pipe, "rasterresampler", maxOversampling="2")
    add_child(root, "blendMode", text="0")
    return root
